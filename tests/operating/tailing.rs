//! tail: live, resumed, and to its end.

use std::process::Stdio;

use reqwest::Client;
use serde_json::Value;

use super::{Running, deliver, ids};
use crate::{
    http::app::{body, sign_with},
    program::Setup,
};

const NOON: &str = "2025-01-15T12:00:00Z";

#[tokio::test]
async fn a_message_is_shown_when_it_arrives() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let url = server.url("");
    let mut tail = Running::start(&setup, &["tail", "--url", &url, "--after-seq", "0"]);
    deliver(&server, "m1", NOON, "one\n\u{1b}[2J").await;
    let line = tail.line();
    assert!(
        line.ends_with("Z  +919876543210 → +14155550100  m1  one\\n\\u{1b}[2J"),
        "{line}"
    );
    deliver(&server, "m2", NOON, "two").await;
    deliver(&server, "m2", NOON, "two").await;
    deliver(&server, "m3", NOON, "three").await;
    assert!(tail.line().ends_with("  m2  two"));
    assert!(
        tail.line().ends_with("  m3  three"),
        "a duplicate is no message"
    );
    tail.signal("INT");
    assert_eq!(tail.ended().code(), Some(0));
    assert_eq!(tail.said(), Vec::<String>::new());

    let filtered = [
        "tail",
        "--url",
        &url,
        "--after-seq",
        "0",
        "--q",
        "THREE",
        "--json",
    ];
    let mut filtered = Running::start(&setup, &filtered);
    let message = filtered.object();
    assert_eq!(
        (&message["message_id"], &message["seq"]),
        (&"m3".into(), &3.into())
    );
    filtered.signal("TERM");
    assert_eq!(filtered.ended().code(), Some(0));
}

#[tokio::test]
async fn over_a_restart_nothing_is_missing_and_nothing_comes_twice() {
    let setup = Setup::new();
    let mut server = setup.serve();
    let (url, address) = (server.url(""), server.address.clone());
    let tail = ["tail", "--url", &url, "--after-seq", "0", "--json"];
    let mut tail = Running::start(&setup, &tail);
    deliver(&server, "m1", NOON, "").await;
    let mut seen = vec![tail.object()];
    for round in 0..2 {
        server.signal("TERM");
        server.ended();
        tail.wait_for("trying again in");
        server = Setup::start(setup.command(&["serve", "--bind", &address]));
        // Before it is back, or after: who knows.
        for number in 0..3 {
            deliver(&server, &format!("r{round}-{number}"), NOON, "").await;
            if number == 1 {
                tail.wait_for("connected again");
            }
        }
        seen.extend((0..3).map(|_| tail.object()));
    }
    assert_eq!(
        ids(&seen),
        ["m1", "r0-0", "r0-1", "r0-2", "r1-0", "r1-1", "r1-2"]
    );
    let in_order = seen
        .windows(2)
        .all(|two| two[0]["seq"].as_u64() < two[1]["seq"].as_u64());
    assert!(in_order, "{seen:?}");
    tail.signal("INT");
    assert_eq!(tail.ended().code(), Some(0));
    assert!(tail.out.try_iter().next().is_none(), "nothing came twice");
}

#[tokio::test]
async fn it_begins_with_the_newest() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let url = server.url("");
    for (id, ts) in [
        ("m1", "2025-01-15T10:00:00Z"),
        ("m2", NOON),
        ("m3", "2025-01-15T11:00:00Z"),
    ] {
        deliver(&server, id, ts, "").await;
    }
    let tail = Running::start(&setup, &["tail", "--url", &url, "-n", "2", "--json"]);
    let begun = [tail.object(), tail.object()];
    assert_eq!(ids(&begun), ["m3", "m2"]);
    deliver(&server, "m4", "2025-01-15T09:00:00Z", "").await;
    assert_eq!(ids(&[tail.object()]), ["m4"]);
}

#[tokio::test]
async fn it_ends_when_nobody_reads_any_more() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    deliver(&server, "m1", NOON, "").await;
    let mut child = setup
        .command(&["tail", "--url", &server.url(""), "--after-seq", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Nothing more arrives, so it can only notice by looking.
    drop(child.stdout.take());
    let stderr = child.stderr.take().expect("piped");
    let status = child.wait().expect("a child");
    assert_eq!(status.code(), Some(0));
    assert_eq!(std::io::read_to_string(stderr).expect("UTF-8"), "");
}

#[tokio::test]
async fn refused_requests_are_shown_with_why() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let url = server.url("");
    let post = |signature: Option<String>, body: String| {
        let request = Client::new().post(server.url("/webhook")).body(body);
        let request = match signature {
            Some(signature) => request.header("X-Signature", signature),
            None => request,
        };
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    let message = body("m1", NOON, "Hello").to_string();
    assert_eq!(post(None, message.clone()).await, 401);
    let tail = Running::start(&setup, &["tail", "--refused", "--url", &url, "-n", "5"]);
    let line = tail.line();
    assert!(
        line.contains("Z  401  it has no signature  (/webhook from 127.0.0.1, "),
        "{line}"
    );

    // Signed with the newline that is not sent: a mistake that is found a moment later.
    let wrong = sign_with(crate::http::app::SECRET, format!("{message}\n").as_bytes());
    assert_eq!(post(Some(wrong), message).await, 401);
    let line = tail.line();
    assert!(
        line.contains("its signature does not fit the body"),
        "{line}"
    );
    let found = tail.line();
    assert!(found.starts_with("    ") && found.contains(": "), "{found}");

    let invalid = r#"{"message_id":"","from":"1"}"#.to_owned();
    let signature = sign_with(crate::http::app::SECRET, invalid.as_bytes());
    assert_eq!(post(Some(signature), invalid).await, 422);
    let line = tail.line();
    assert!(
        line.contains("422  fields of the message are missing or wrong"),
        "{line}"
    );
    let fault = tail.line();
    assert!(fault.contains("message_id"), "{fault}");

    let json = [
        "tail",
        "--refused",
        "--url",
        &url,
        "-n",
        "9",
        "--json",
        "--reason",
        "missing_signature",
    ];
    let json = Running::start(&setup, &json);
    let refused: Value = json.object();
    assert_eq!(refused["reason"], "missing_signature");

    let (status, _, err) = setup.run(&["tail", "--refused", "--url", &url, "--reason", "mood"]);
    assert_eq!(status, Some(78));
    assert!(
        err.contains("--reason must be one of missing_signature"),
        "{err}"
    );
}

#[test]
fn a_server_that_is_not_there_is_not_waited_for() {
    let setup = Setup::new().in_memory();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    for refused in [&["tail"][..], &["tail", "--refused"]] {
        let (status, out, err) = setup.run(&[refused, &["--url", &url]].concat());
        assert_eq!((status, out.as_str()), (Some(69), ""));
        assert!(
            err.contains("cannot be reached") && err.contains("help: "),
            "{err}"
        );
    }
}

//! ls, get, stats and health, and what they say where they are not let in.

use serde_json::Value;

use super::{TOKEN, deliver, ids, objects};
use crate::{http::app::SECRET, program::Setup};

#[tokio::test]
async fn ls_finds_what_the_filters_say() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let url = server.url("");
    for (id, ts, text) in [
        ("m1", "2025-01-15T10:00:00Z", "an invoice"),
        (
            "m2",
            "2025-01-15T11:00:00.5Z",
            "two\nlines \u{1b}[31mred\u{9b}2J",
        ),
        ("m3", "2025-01-16T10:00:00Z", "another INVOICE"),
    ] {
        deliver(&server, id, ts, text).await;
    }
    let ls = |arguments: &[&str]| {
        let all = [&["ls", "--url", &url], arguments].concat();
        let (status, out, err) = setup.run(&all);
        assert_eq!((status, err.as_str()), (Some(0), ""), "{arguments:?}");
        out
    };
    assert_eq!(
        ls(&[]),
        "SENT                    FROM           TO            ID  TEXT\n\
         2025-01-16T10:00:00Z    +919876543210  +14155550100  m3  another INVOICE\n\
         2025-01-15T11:00:00.5Z  +919876543210  +14155550100  m2  two\\nlines \\u{1b}[31mred\\u{9b}2J\n\
         2025-01-15T10:00:00Z    +919876543210  +14155550100  m1  an invoice\n"
    );
    for (arguments, found) in [
        (&["--order", "asc"][..], &["m1", "m2", "m3"][..]),
        (&["--limit", "2"], &["m3", "m2"]),
        (&["-q", "invoice"], &["m3", "m1"]),
        (&["--q", "invoice", "--until", "2025-01-16"], &["m1"]),
        (
            &[
                "--since",
                "2025-01-15 11:00",
                "--until",
                "2025-01-16T10:00:00Z",
            ],
            &["m2"],
        ),
        (&["--since", "2h"], &[]),
        (&["--received-since", "2h"], &["m3", "m2", "m1"]),
        (&["--received-before", "yesterday"], &[]),
        (&["--from", "+919876543210"], &["m3", "m2", "m1"]),
        (&["--from", "+14155550100"], &[]),
        (&["--to", "+14155550100", "--limit", "1"], &["m3"]),
        (&["--source", "default"], &["m3", "m2", "m1"]),
        (&["--verified-by", "nobody"], &[]),
    ] {
        let out = ls(&[&["--json"], arguments].concat());
        let found_here = objects(&out);
        assert_eq!(ids(&found_here), found, "{arguments:?}");
        assert!(!out.contains(['\u{1b}', '\u{9b}']), "{out}");
    }
    // As the API has it, to the member.
    let page: Value = server
        .get("/messages?order=desc")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(Value::from(objects(&ls(&["--json"]))), page["data"]);

    for (arguments, word) in [
        (&["--since", "soon"][..], "--since is no instant: \"soon\""),
        (&["--q", ""], "--q is empty"),
        (&["--source", "NOT A NAME"], "--source"),
        (&["--url", "localhost:8000"], "http://"),
    ] {
        let all = if arguments[0] == "--url" {
            [&["ls"], arguments].concat()
        } else {
            [&["ls", "--url", &url], arguments].concat()
        };
        let (status, out, err) = setup.run(&all);
        assert_eq!((status, out.as_str()), (Some(78), ""), "{err}");
        assert!(err.contains(word) && err.contains("\nhelp: "), "{err}");
    }
}

#[test]
fn all_pages_are_read_and_a_reader_that_leaves_is_no_error() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let url = server.url("");
    let webhook = server.url("/webhook");
    let (status, ..) = setup.run(&["send", "--url", &webhook, "--count", "230"]);
    assert_eq!(status, Some(0));
    let (_, out, _) = setup.run(&["ls", "--url", &url, "--all", "--json"]);
    let all = objects(&out);
    let mut different = ids(&all);
    different.sort_unstable();
    different.dedup();
    assert_eq!((all.len(), different.len()), (230, 230));
    let (_, out, _) = setup.run(&["ls", "--url", &url, "--limit", "150", "--json"]);
    assert_eq!(objects(&out), all[..150]);
    let (_, out, _) = setup.run(&["ls", "--url", &url]);
    assert_eq!(out.lines().count(), 51, "50 by default, and the heading");

    let script =
        format!("\"$0\" ls --url {url} --all --json | head -n 1 >&2; echo ${{PIPESTATUS:-}}");
    let output = setup.shell(&script).output().expect("a shell");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(err.lines().count(), 1, "one line, and no complaint: {err}");
}

#[tokio::test]
async fn get_shows_all_that_is_known_of_a_message() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let url = server.url("");
    for text in ["first", "first", "second\u{1b}"] {
        deliver(&server, "a/b ?#%m1", "2025-01-15T10:00:00Z", text).await;
    }
    let get = |arguments: &[&str]| setup.run(&[&["get", "--url", &url], arguments].concat());
    let (status, out, err) = get(&["a/b ?#%m1", "--json"]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    let message = &objects(&out)[0];
    assert_eq!(message["text"], "first");
    assert_eq!(message["conflicts"][0]["text"], "second\u{1b}");
    assert_eq!(message["deliveries"].as_array().map(Vec::len), Some(3));
    let (status, out, _) = get(&["a/b ?#%m1"]);
    assert_eq!(status, Some(0));
    for part in [
        "id          a/b ?#%m1\n",
        "text        first\n",
        "1 other message under this id\n",
        "    second\\u{1b}\n",
        "created    in ",
        "duplicate  in ",
        "conflict   in ",
        "generic, key current, from 127.0.0.1",
    ] {
        assert!(out.contains(part), "{part:?} in {out}");
    }
    for arguments in [&["nothing"][..], &["a/b ?#%m1", "--source", "shop"]] {
        let (status, out, err) = get(arguments);
        assert_eq!((status, out.as_str()), (Some(66), ""), "{err}");
        assert!(
            err.contains("no message of this id") && err.contains("help: "),
            "{err}"
        );
    }
    for id in ["live", "..", "."] {
        assert_eq!(get(&[id]).0, Some(78), "{id}");
    }
}

#[tokio::test]
async fn stats_are_totals_senders_a_chart_and_outcomes() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let url = server.url("");
    let webhook = server.url("/webhook");
    let send = ["send", "--url", &webhook, "--count", "12", "--senders", "3"];
    assert_eq!(setup.run(&send).0, Some(0));
    deliver(&server, "old", "2025-01-15T10:00:00Z", "").await;
    let (status, out, err) = setup.run(&["stats", "--url", &url]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    for part in [
        "messages    13\n",
        "senders     4\n",
        "first sent  2025-01-15T10:00:00Z\n",
        "  +15550000000   4  ██████████████████████████████\n",
        "by the hour in UTC: 12\n",
        "created     13\n",
        "refused     0\n",
        "(13 in the last ",
        "not durable",
    ] {
        assert!(out.contains(part), "{part:?} in {out}");
    }
    let (_, out, _) = setup.run(&["stats", "--url", &url, "--json"]);
    let all = &objects(&out)[0];
    assert_eq!(all["stats"]["total_messages"], 13);
    assert_eq!(all["timeline"]["data"].as_array().map(Vec::len), Some(24));
    assert_eq!(all["timeline"]["total"], 12);
    assert_eq!(all["server"]["outcomes"]["width_seconds"], 3600);
}

#[test]
fn health_is_asked_by_address_or_url() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let url = server.url("/");
    let (status, out, _) = setup.run(&["health", "--url", &url]);
    assert_eq!((status, out.as_str()), (Some(0), "ready\n"));
    let (status, out, _) = setup.run(&["health", "--bind", &server.address, "--json"]);
    assert_eq!(status, Some(0));
    assert_eq!(objects(&out)[0]["checks"]["writer"]["status"], "ok");
    drop(server);
    let (status, out, err) = setup.run(&["health", "--url", &url, "--json"]);
    assert_eq!((status, out.as_str()), (Some(69), ""));
    assert!(
        err.contains("does not answer") && err.contains("help: "),
        "{err}"
    );
}

#[tokio::test]
async fn the_token_is_shown_to_the_server_and_to_nobody_else() {
    let mut protected = Setup::new().in_memory();
    protected.set("READ_TOKEN", TOKEN);
    let server = protected.serve();
    deliver(&server, "m1", "2025-01-15T10:00:00Z", "Hello").await;
    let url = server.url("");

    let mut without = Setup::without_secret();
    without.set("WEBHOOK_SECRET", SECRET);
    let mut wrong = Setup::without_secret();
    wrong.set("READ_TOKEN", "another token");
    wrong.set("WEBHOOK_SECRET", SECRET);
    let to = server.url("/webhook");
    for arguments in [
        &["ls", "--url", &url][..],
        &["get", "m1", "--url", &url],
        &["stats", "--url", &url],
        &["tail", "--url", &url],
        &["tail", "--refused", "--url", &url],
        &["replay", "--url", &url, "--to", &to],
    ] {
        for (setup, said) in [
            (&without, "wants to see a token (401)"),
            (&wrong, "does not take the token (401)"),
        ] {
            let (status, _, err) = setup.run(arguments);
            assert_eq!(status, Some(77), "{arguments:?}: {err}");
            assert!(
                err.contains(said) && err.contains("READ_TOKEN_FILE"),
                "{err}"
            );
            assert!(!err.contains("another token"), "{err}");
        }
    }
    let (status, out, _) = protected.run(&["ls", "--url", &url]);
    assert_eq!((status, out.contains("Hello")), (Some(0), true));
    let file = without.write("token", &format!("{TOKEN}\n"));
    let (status, out, err) = without.run(&["ls", "--url", &url, "--read-token-file", &file]);
    assert_eq!((status, out.contains("Hello")), (Some(0), true), "{err}");
    without.set("READ_TOKEN_FILE", &file);
    let (status, out, _) = without.run(&["get", "m1", "--url", &url]);
    assert_eq!((status, out.contains("Hello")), (Some(0), true));
    // Who is to be ready for probes, asks for no token.
    let (status, ..) = wrong.run(&["health", "--url", &url]);
    assert_eq!(status, Some(0));
}

#[test]
fn what_is_no_countersign_is_said() {
    let setup = Setup::new().in_memory();
    let server = setup.serve();
    let (webhook, tls) = (
        server.url("/webhook"),
        format!("https://{}", server.address),
    );
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let other = super::replaying::Stub::start(vec![("200 OK", ""), ("401 Unauthorized", "")]);
    let other = other.url();
    for (url, code, said) in [
        (
            &webhook,
            78,
            "give --url the server's address without /webhook",
        ),
        (&tls, 69, "does not speak TLS"),
        (&silent, 69, "cannot be reached"),
        (&other, 69, "as countersign does not"),
        (&other, 69, "answered 401"),
    ] {
        let (status, out, err) = setup.run(&["ls", "--url", url]);
        assert_eq!((status, out.as_str()), (Some(code), ""), "{err}");
        assert!(err.contains(said) && err.contains("help: "), "{url}: {err}");
    }
    // Who answers nothing, is not waited for without an end.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", mute.local_addr().expect("an address"));
    let (status, _, err) = setup.run(&["ls", "--url", &url, "--timeout", "1"]);
    assert_eq!(status, Some(69));
    assert!(err.contains("does not answer in time"), "{err}");
}

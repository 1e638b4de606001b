//! The program as its operator meets it: a process, its log, its exit code.

use std::{
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use reqwest::Client;
use serde_json::Value;

use crate::{
    http::app::{SECRET, body, sign},
    program::{Setup, parse},
};

#[tokio::test]
async fn it_starts_takes_a_message_stops_and_still_has_it() {
    let setup = Setup::new();
    let mut server = setup.serve();
    assert_eq!(server.get("/health/ready").await.status(), 200);
    let answer = server.deliver(&Client::new(), "m1", "Hello").await.unwrap();
    assert_eq!(answer.text().await.unwrap(), r#"{"status":"ok"}"#);

    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0), "{:#?}", server.log);
    let opened = server.log.iter().map(|line| parse(line));
    let opened = opened.filter_map(|line| line["path"].as_str().map(str::to_owned));
    let database = setup.folder.path().join("data/app.db");
    assert!(
        opened
            .into_iter()
            .any(|path| Path::new(&path).ends_with("data/app.db"))
    );
    assert!(database.is_file());
    assert!(
        !database.with_extension("db-wal").exists(),
        "the log was not folded in"
    );

    let mut again = setup.serve();
    let kept: Value = again.get("/messages/m1").await.json().await.unwrap();
    assert_eq!(kept["text"], "Hello");
    again.signal("INT");
    assert_eq!(again.ended().code(), Some(0));
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9_under_load() {
    let setup = Setup::new();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut server = setup.serve();
        let (id, client) = (server.id().to_string(), Client::new());
        let enough = acknowledged.len() + 64;
        let mut killer = None;
        let mut next = 0;
        loop {
            if killer.is_none() && acknowledged.len() >= enough {
                let id = id.clone();
                killer = Some(thread::spawn(move || {
                    // Into the midst of what the load goes on to send.
                    thread::sleep(Duration::from_millis(7 + 5 * round));
                    Command::new("kill").args(["-KILL", &id]).status()
                }));
            }
            let ids: Vec<String> = (next..next + 8).map(|n| format!("{round}-{n}")).collect();
            next += 8;
            let deliveries = ids.iter().map(|id| server.deliver(&client, id, "load"));
            let answers = futures_util::future::join_all(deliveries).await;
            let mut dead = false;
            for (id, answer) in ids.into_iter().zip(answers) {
                match answer {
                    Ok(answer) if answer.status() == 200 => acknowledged.push(id),
                    _ => dead = true,
                }
            }
            if dead {
                break;
            }
        }
        let kill = killer
            .expect("it died before it was killed")
            .join()
            .unwrap();
        assert!(kill.expect("kill runs").success());
        server.ended();
    }
    let server = setup.serve();
    for id in &acknowledged {
        let kept = server.get(&format!("/messages/{id}")).await;
        assert_eq!(kept.status(), 200, "{id} was acknowledged and is lost");
    }
    let stats: Value = server.get("/stats").await.json().await.unwrap();
    // Some may have been stored without their answer getting through; none twice.
    assert!(stats["total_messages"].as_u64() >= Some(acknowledged.len() as u64));
}

#[tokio::test]
async fn beyond_the_rate_limit_is_429_and_no_alarm() {
    let mut setup = Setup::new();
    setup.set("RATE_LIMIT", "1/86400");
    let mut server = setup.serve();
    assert_eq!(server.get("/stats").await.status(), 200);
    let client = Client::new();
    let refused = client.post(server.url("/webhook")).body("{}").send();
    assert_eq!(refused.await.unwrap().status(), 429);
    assert_eq!(server.get("/health/live").await.status(), 200);
    server.signal("TERM");
    server.ended();
    let mut lines = server.log.iter().map(|line| parse(line));
    let line = lines.find(|line| line["status"] == 429).expect("a line");
    assert_eq!(line["level"], "INFO", "{line}");
    assert_eq!(line["result"], "rate_limited", "{line}");
    assert_eq!(line["reason"], "rate_limited", "{line}");
}

#[tokio::test]
async fn the_log_says_what_happened_and_nothing_private() {
    let setup = Setup::new();
    let mut server = setup.serve();
    let client = Client::new();
    let text = "CANARY-TEXT \u{2028} \u{1b}[31m \"quoted\" \\n";
    let signature = sign(
        body("m\"1", "2025-01-15T10:00:00Z", text)
            .to_string()
            .as_bytes(),
    );
    for _ in 0..2 {
        server.deliver(&client, "m\"1", text).await.unwrap();
    }
    server
        .deliver(&client, "m\"1", "CANARY-OTHER")
        .await
        .unwrap();
    let unsigned = client
        .post(server.url("/webhook"))
        .body("CANARY-UNSIGNED")
        .send();
    assert_eq!(unsigned.await.unwrap().status(), 401);
    server.deliver(&client, "", "CANARY-INVALID").await.unwrap();
    let too_long = "CANARY".repeat(1000);
    server
        .deliver(&client, "too long", &too_long)
        .await
        .unwrap();
    server
        .get("/messages?q=CANARY-QUERY&from=%2B14155550100")
        .await;
    server.signal("TERM");
    server.ended();

    let requests: Vec<Value> = server
        .log
        .iter()
        .map(|line| parse(line))
        .filter(|line| line["message"] == "request")
        .collect();
    let told: Vec<_> = requests
        .iter()
        .map(|line| {
            assert!(
                line["request_id"].is_string() && line["latency_ms"].is_number(),
                "{line}"
            );
            (
                line["method"].as_str().unwrap(),
                line["path"].as_str().unwrap(),
                line["status"].as_u64().unwrap(),
                line["result"].as_str(),
                line["dup"].as_bool(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("POST", "/webhook", 200, Some("created"), Some(false)),
            ("POST", "/webhook", 200, Some("duplicate"), Some(true)),
            ("POST", "/webhook", 200, Some("conflict"), Some(true)),
            ("POST", "/webhook", 401, Some("invalid_signature"), None),
            ("POST", "/webhook", 422, Some("validation_error"), None),
            ("POST", "/webhook", 422, Some("validation_error"), None),
            ("GET", "/messages", 200, None, None),
        ]
    );
    assert_eq!(requests[0]["message_id"], "m\"1");
    assert_eq!(requests[3]["cause"], "the signature header is missing");
    assert_eq!(requests[5]["message_id"], "too long");
    let log = server.log.join("\n");
    for private in ["CANARY", SECRET, &signature, "+919876543210", "14155550100"] {
        assert!(!log.contains(private), "{private} in {log}");
    }
}

#[test]
fn it_refuses_to_start_with_a_reason_and_a_remedy() {
    let mut blank = Setup::without_secret();
    blank.set("WEBHOOK_SECRET", "  ");
    let with = |name: &'static str, value: &str| {
        let mut setup = Setup::new();
        setup.unset(name);
        setup.set(name, value);
        setup
    };
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let occupied = occupied.local_addr().expect("an address").to_string();
    let _listening = std::net::TcpListener::bind(&occupied);
    for (setup, code, word) in [
        (Setup::without_secret(), 78, "WEBHOOK_SECRET is not set"),
        (blank, 78, "WEBHOOK_SECRET is blank"),
        (with("LOG_LEVEL", "LOUD"), 78, "LOG_LEVEL"),
        (with("LOG_FORMAT", "xml"), 78, "LOG_FORMAT"),
        (with("BIND", "nowhere"), 78, "BIND"),
        (with("MAX_BODY_BYTES", "many"), 78, "MAX_BODY_BYTES"),
        (with("RATE_LIMIT", "600"), 78, "RATE_LIMIT"),
        (with("DATABASE_URL", "mysql://u:CANARY@h/d"), 78, "mysql"),
        (
            with("DATABASE_URL", "sqlite:////proc/nope/app.db"),
            78,
            "/proc/nope",
        ),
        (with("BIND", &occupied), 69, &occupied),
    ] {
        let (status, out, err) = setup.run(&["serve"]);
        assert_eq!(status, Some(code), "{out}{err}");
        let last = parse(out.lines().last().expect("a line"));
        assert_eq!(last["level"], "ERROR");
        assert!(
            last["message"]
                .as_str()
                .is_some_and(|text| text.contains(word)),
            "{last}"
        );
        assert!(
            last["help"].as_str().is_some_and(|text| !text.is_empty()),
            "{last}"
        );
        assert!(!out.contains("CANARY"), "{out}");
        assert_eq!(err, "");
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let setup = Setup::new();
    for arguments in [&["--nonsense"][..], &["nonsense"], &["serve", "--bind"]] {
        let (status, out, err) = setup.run(arguments);
        assert_eq!((status, out.as_str()), (Some(2), ""));
        assert!(
            err.starts_with("error: ") && err.contains("--help"),
            "{err}"
        );
    }
    let mut with_password = Setup::new();
    with_password.set("DATABASE_URL", "postgres://u:CANARY@h/d");
    let (status, out, _) = with_password.run(&["serve", "--help"]);
    assert_eq!(status, Some(0));
    assert!(
        out.contains("DATABASE_URL") && !out.contains("CANARY"),
        "{out}"
    );
    for arguments in [&["--help"][..], &["serve", "--help"], &["send", "--help"]] {
        let (_, out, _) = setup.run(arguments);
        assert!(out.contains("WEBHOOK_SECRET"), "{arguments:?}: {out}");
    }
    let (status, out, _) = setup.run(&["--version"]);
    assert_eq!(status, Some(0));
    assert_eq!(
        out.trim(),
        concat!("countersign ", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn settings_come_from_flag_then_environment_then_dotenv() {
    let mut setup = Setup::without_secret();
    std::fs::write(
        setup.folder.path().join(".env"),
        format!("WEBHOOK_SECRET={SECRET}\nDATABASE_URL=sqlite://dotenv.db\nLOG_LEVEL=ERROR\n"),
    )
    .expect("a file");
    setup.set("LOG_LEVEL", "INFO");
    let mut server = setup.serve();
    server.deliver(&Client::new(), "m", "").await.unwrap();
    server.wait_for_line("request");
    server.signal("TERM");
    server.ended();
    assert!(setup.folder.path().join("dotenv.db").is_file());

    let flag = ["serve", "--database-url", "nonsense:"];
    let (status, out, _) = setup.run(&flag);
    assert_eq!(status, Some(78), "the flag was not taken");
    assert!(out.contains("nonsense"));

    for broken in ["'CANARY", "two CANARY words", "CANARY$HOME", "CANARY\\n"] {
        let file = format!("# a comment\nWEBHOOK_SECRET={broken}\n");
        std::fs::write(setup.folder.path().join(".env"), file).expect("a file");
        let (status, out, _) = setup.run(&[]);
        assert_eq!(status, Some(78), "{broken}");
        assert!(
            out.contains(".env") && out.contains("line 2"),
            "{broken}: {out}"
        );
        assert!(!out.contains("CANARY"), "{out}");
    }
}

#[test]
fn the_printed_specification_is_the_committed_one() {
    let (status, out, err) = Setup::without_secret().run(&["openapi"]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert!(out == include_str!("../openapi/openapi.json"));
}

#[tokio::test]
async fn send_signs_and_tells_how_it_went() {
    let setup = Setup::new();
    let server = setup.serve();
    let url = server.url("/webhook");
    let (status, out, err) = setup.run(&["send", "--url", &url, "--text", "tried"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("200  1\n"), "{out}");
    let page: Value = server.get("/messages").await.json().await.unwrap();
    assert_eq!(page["data"][0]["text"], "tried");

    let (status, out, _) = setup.run(&["send", "--bind", &server.address, "--count", "2"]);
    assert_eq!(status, Some(0));
    assert!(out.contains("p99"), "{out}");

    let load = [
        "send",
        "--url",
        &url,
        "--count",
        "300",
        "--connections",
        "8",
    ];
    let more = [
        "--senders",
        "7",
        "--duplicates",
        "20",
        "--ids",
        "random",
        "--json",
    ];
    let (status, out, err) = setup.run(&[&load[..], &more[..]].concat());
    assert_eq!(status, Some(0), "{err}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["by_status"], serde_json::json!({"200": 300}));
    let summary: Value = server.get("/stats").await.json().await.unwrap();
    let stored = summary["total_messages"].as_u64().unwrap_or_default();
    assert!(
        (203..303).contains(&stored),
        "{stored} of 303, with repeats"
    );

    let file = setup.folder.path().join("acknowledged");
    let path = file.to_str().expect("a path");
    let (status, out, err) = setup.run(&[
        "send",
        "--url",
        &url,
        "--duration",
        "1",
        "--rate",
        "100",
        "--connections",
        "3",
        "--acknowledged",
        path,
        "--json",
    ]);
    assert_eq!(status, Some(0), "{err}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let ids = std::fs::read_to_string(&file).expect("the ids");
    let answered = report["by_status"]["200"].as_u64().unwrap_or_default();
    assert!((1..=101).contains(&answered), "{report}");
    assert_eq!(ids.lines().count() as u64, answered);
    for id in ids.lines() {
        let found: Value = server
            .get(&format!("/messages/{id}"))
            .await
            .json()
            .await
            .unwrap();
        let text = found["text"].as_str().unwrap_or_default();
        assert!(text.contains(" ref-"), "{found}");
    }

    let mut other = Setup::without_secret();
    other.set("WEBHOOK_SECRET", "another");
    let (status, out, err) = other.run(&["send", "--url", &url]);
    assert_eq!(status, Some(69));
    assert!(
        out.contains("401") && out.contains("invalid signature") && err.contains("another secret"),
        "{out}{err}"
    );
    let (status, _, err) = Setup::without_secret().run(&["send", "--url", &url]);
    assert_eq!(status, Some(78), "{err}");
}

#[tokio::test]
async fn migrate_brings_a_database_up_to_date_and_a_server_says_how_far_its_index_is() {
    let setup = Setup::new();
    let mut server = setup.serve();
    for id in ["m1", "m2"] {
        server.deliver(&Client::new(), id, "hello").await.unwrap();
    }
    let metrics = server.get("/metrics").await.text().await.unwrap();
    for series in ["db_fold_lag_messages", "db_fold_lag_seconds"] {
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix(series)?.trim().parse::<f64>().ok());
        assert!(
            value.is_some_and(|value| value >= 0.0),
            "{series} in {metrics}"
        );
    }
    server.signal("TERM");
    server.ended();

    let index = setup.folder.path().join("data/app.db-index");
    std::fs::remove_file(&index).expect("the index");
    for _ in 0..2 {
        let (status, out, err) = setup.run(&["migrate"]);
        assert_eq!(status, Some(0), "{out}{err}");
        assert!(out.ends_with("is up to date: 2 messages\n"), "{out}");
        assert!(index.is_file());
    }
    // All connections are closed properly, so nothing waits to be brought home.
    assert!(!setup.folder.path().join("data/app.db-wal").exists());

    for (url, code) in [("memory:", 78), ("nonsense:", 78)] {
        let (status, _, err) = setup.run(&["migrate", "--database-url", url]);
        assert_eq!(status, Some(code));
        assert!(err.contains("help: "), "{err}");
    }
}

#[tokio::test]
async fn the_probe_tells_a_ready_server_from_none() {
    let setup = Setup::new();
    let server = setup.serve();
    let (status, out, _) = setup.run(&["health", "--bind", &server.address]);
    assert_eq!((status, out.trim()), (Some(0), "ready"));
    let address = server.address.clone();
    drop(server);
    let (status, _, err) = setup.run(&["health", "--bind", &address]);
    assert_eq!(status, Some(69));
    assert!(err.contains("does not answer"), "{err}");
}

#[test]
fn lines_are_to_be_read_where_that_is_asked_for() {
    let mut setup = Setup::new();
    setup.set("LOG_FORMAT", "text");
    setup.set("BIND", "nowhere");
    let (code, output, _) = setup.run(&[]);
    assert_eq!(code, Some(78));
    let last = output.lines().last().expect("a line");
    let (time, rest) = last.split_once(' ').expect("a time");
    countersign_core::Timestamp::parse_rfc3339(time).expect("RFC 3339");
    assert!(rest.starts_with("ERROR BIND is no address"), "{last}");
    assert!(
        rest.contains(" help=\"set BIND") && !last.contains('\x1b'),
        "{last}"
    );
}

/// On a terminal of its own, which is a part of `script`.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_lines_are_to_be_read_and_coloured_unless_nobody_wants_that() {
    let mut setup = Setup::new();
    setup.set("BIND", "nowhere");
    let program = setup.command(&[]).get_program().to_owned();
    for (name, value, text, coloured) in [
        ("NO_COLOR", "", true, true),
        ("NO_COLOR", "1", true, false),
        ("LOG_FORMAT", "json", false, false),
    ] {
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command"]);
        script.arg(&program).arg("/dev/null").stdin(Stdio::null());
        script.current_dir(setup.folder.path()).env_clear();
        let own = setup.command(&[]);
        script.envs(
            own.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let output = script.env(name, value).output().expect("script runs");
        let output = String::from_utf8(output.stdout).expect("UTF-8");
        let last = output.lines().last().expect("a line");
        assert_eq!(last.contains('\x1b'), coloured, "{last:?}");
        assert_eq!(!last.starts_with('{'), text, "{last:?}");
        assert!(last.contains("BIND is no address"), "{last:?}");
    }
}

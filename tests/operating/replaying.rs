//! replay: between servers, from files, and to whoever answers otherwise.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

use super::{deliver, ids, objects};
use crate::{http::app::SECRET, program::Setup};

/// A webhook that answers so, one request a connection, and keeps what it was sent; the last answer
/// stays.
pub struct Stub {
    address: String,
    requests: Arc<Mutex<Vec<(String, String)>>>,
}

impl Stub {
    /// Status line and one more header each.
    pub fn start(answers: Vec<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = BufReader::new(stream.expect("a client"));
                let (mut head, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).expect("a line");
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().expect("a length");
                    }
                    if line.trim().is_empty() {
                        break;
                    }
                    head.push_str(&line);
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).expect("a body");
                let body = String::from_utf8(body).expect("UTF-8");
                kept.lock().expect("a list").push((head, body));
                let (status, header) = answers[number.min(answers.len() - 1)];
                let answer = format!(
                    "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 2\r\n{header}\r\n{{}}"
                );
                let _ = stream.get_mut().write_all(answer.as_bytes());
            }
        });
        Self { address, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn requests(&self) -> Vec<(String, String)> {
        self.requests.lock().expect("a list").clone()
    }
}

fn all(setup: &Setup, url: &str) -> Vec<Value> {
    let (status, out, err) = setup.run(&["ls", "--url", url, "--all", "--json", "--order", "asc"]);
    assert_eq!(status, Some(0), "{err}");
    let mut all = objects(&out);
    for message in &mut all {
        // When it was received, is another time.
        message
            .as_object_mut()
            .expect("an object")
            .remove("created_at");
    }
    all
}

#[tokio::test]
async fn every_message_comes_once_and_as_it_was() {
    let (from, mut to) = (Setup::new().in_memory(), Setup::new().in_memory());
    to.set("WEBHOOK_SECRET", "the other one's");
    let (source, target) = (from.serve(), to.serve());
    let (url, goal) = (source.url(""), target.url("/webhook"));
    let webhook = source.url("/webhook");
    let send = [
        "send",
        "--url",
        &webhook,
        "--count",
        "230",
        "--senders",
        "7",
    ];
    assert_eq!(from.run(&send).0, Some(0));
    for id in ["a.b", "ü\"\\ /?", "no.text"] {
        deliver(&source, id, "2025-01-15T10:00:00.123456Z", "ünï\n\u{1b}").await;
    }
    let secret = from.write("secret", "the other one's\n");
    let base = ["replay", "--url", &url, "--to", &goal];
    let signed = [&base[..], &["--secret-file", &secret]].concat();

    let (status, out, err) = from.run(&[&signed[..], &["--dry-run", "--limit", "2"]].concat());
    assert_eq!(status, Some(0), "{err}");
    assert_eq!(out.lines().count(), 3, "{out}");
    assert!(
        err.contains("2 messages would be sent to") && err.contains("generic"),
        "{err}"
    );
    let (_, out, _) = from.run(&[&signed[..], &["--dry-run", "--json"]].concat());
    assert_eq!(objects(&out)[0]["messages"], 233);

    // With the secret of another server nothing is taken, and the first refusal ends it.
    let (status, out, err) = from.run(&base);
    assert_eq!(status, Some(69));
    assert!(out.starts_with("0 messages were taken"), "{out}");
    assert!(
        err.contains("401") && err.contains("--scheme") && !err.contains(SECRET),
        "{err}"
    );
    assert_eq!(all(&to, &target.url("")), Vec::<Value>::new());

    for connections in ["1", "8"] {
        let more = ["--json", "--connections", connections];
        let (status, out, err) = from.run(&[&signed[..], &more].concat());
        assert_eq!((status, err.as_str()), (Some(0), ""));
        let report = &objects(&out)[0];
        assert_eq!(report["accepted"], 233);
        assert_eq!(report["by_status"], json!({"200": 233}));
        assert_eq!(all(&to, &target.url("")), all(&from, &url), "{connections}");
    }
}

#[tokio::test]
async fn some_messages_by_id_by_filter_and_from_a_file() {
    let (from, to) = (Setup::new().in_memory(), Setup::new().in_memory());
    let (source, target) = (from.serve(), to.serve());
    let (url, goal) = (source.url(""), target.url(""));
    for (id, text) in [("m1", "an invoice"), ("m2", "x"), ("m3", "y"), ("m4", "y")] {
        deliver(&source, id, "2025-01-15T10:00:00Z", text).await;
    }
    let replay = |arguments: &[&str]| {
        let all = [&["replay", "--to", &goal], arguments].concat();
        let (status, out, err) = from.run(&all);
        assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    };
    replay(&[
        "--url",
        &url,
        "--q",
        "INVOICE",
        "--receiver",
        "+14155550100",
    ]);
    assert_eq!(ids(&all(&to, &goal)), ["m1"]);
    replay(&["--url", &url, "m3", "m1"]);
    assert_eq!(ids(&all(&to, &goal)), ["m1", "m3"]);
    let (_, lines, _) = from.run(&["ls", "--url", &url, "--json", "--q", "x"]);
    let file = from.write("messages.ndjson", &lines);
    replay(&["--file", &file]);
    assert_eq!(ids(&all(&to, &goal)), ["m1", "m2", "m3"]);
    let (_, lines, _) = from.run(&["ls", "--url", &url, "--all", "--json"]);
    let stdin = ["replay", "--to", &goal, "--file", "-"];
    let (status, out, _) = from.run_with(&stdin, lines.as_bytes());
    assert_eq!(status, Some(0));
    assert!(out.starts_with("4 messages were taken"), "{out}");
    assert_eq!(all(&to, &goal), all(&from, &url));

    // What it cannot take from where it is told to.
    let bad = from.write("bad.ndjson", "{\"message_id\":\"b1\"}\n");
    for (arguments, code, word) in [
        (
            &["--url", &url, "m1", "nothing"][..],
            66,
            "no message of this id",
        ),
        (&["--file", "/nowhere"], 66, "/nowhere cannot be read"),
        (&["--file", &bad], 65, "line 1: from_msisdn is missing"),
        (&["--url", &url, "--since", "soon"], 78, "--since"),
        (&["--file", &bad, "--q", "x"], 2, "cannot be used with"),
    ] {
        let (status, _, err) = from.run(&[&["replay", "--to", &goal], arguments].concat());
        assert_eq!(status, Some(code), "{err}");
        assert!(err.contains(word), "{err}");
    }
    // To itself: harmless, and said.
    let (status, _, err) = from.run(&["replay", "--url", &url, "--to", &url]);
    assert_eq!(status, Some(0));
    assert!(err.contains("note: ") && err.contains("duplicate"), "{err}");
}

#[tokio::test]
async fn it_comes_back_when_it_is_told_to_and_stops_where_it_is_refused() {
    let from = Setup::new().in_memory();
    let source = from.serve();
    let url = source.url("");
    for id in ["m1", "m2", "m3"] {
        deliver(&source, id, "2025-01-15T10:00:00Z", "x").await;
    }
    let replay = |to: &Stub, arguments: &[&str]| {
        let to = to.url();
        from.run(&[&["replay", "--url", &url, "--to", &to, "--json"], arguments].concat())
    };
    let busy = Stub::start(vec![
        ("503 Service Unavailable", "Retry-After: 0\r\n"),
        ("429 Too Many Requests", "Retry-After: 0\r\n"),
        ("200 OK", ""),
    ]);
    let (status, out, err) = replay(&busy, &["--rate", "20"]);
    assert_eq!(status, Some(0), "{err}");
    let report = &objects(&out)[0];
    assert_eq!(
        (&report["accepted"], &report["retries"]),
        (&3.into(), &2.into())
    );
    // Five attempts, with a twentieth of a second between each two.
    assert!(report["elapsed_s"].as_f64() >= Some(0.2), "{report}");
    let requests = busy.requests();
    let bodies: Vec<_> = requests.iter().map(|(_, body)| body.as_str()).collect();
    let body = |id| {
        format!(
            r#"{{"message_id":"{id}","from":"+919876543210","to":"+14155550100","ts":"2025-01-15T10:00:00Z","text":"x"}}"#
        )
    };
    assert_eq!(
        bodies,
        [body("m1"), body("m1"), body("m1"), body("m2"), body("m3")]
    );
    assert!(
        requests[0].0.starts_with("POST /webhook HTTP/1.1"),
        "{requests:?}"
    );

    let picky = || {
        Stub::start(vec![
            ("200 OK", ""),
            ("422 Unprocessable Content", ""),
            ("200 OK", ""),
        ])
    };
    let stopped = picky();
    let (status, out, err) = replay(&stopped, &[]);
    assert_eq!(status, Some(69));
    assert_eq!(objects(&out)[0]["accepted"], 1);
    assert!(
        err.contains("m2: ") && err.contains("422") && err.contains("--keep-going"),
        "{err}"
    );
    assert_eq!(stopped.requests().len(), 2);
    let (status, out, err) = replay(&picky(), &["--keep-going"]);
    assert_eq!(status, Some(69));
    let report = &objects(&out)[0];
    assert_eq!(
        (&report["accepted"], &report["refused"]),
        (&2.into(), &1.into())
    );
    assert!(
        err.contains("m2: ") && err.contains("1 message was refused"),
        "{err}"
    );

    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let (status, _, err) = from.run(&["replay", "--url", &url, "--to", &nobody]);
    assert_eq!(status, Some(69));
    assert!(err.contains("cannot be reached"), "{err}");
}

//! Secrets as their operator meets them: configured, rotated, tried, and never shown.

use std::{
    fs,
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Client;
use serde_json::Value;

use crate::{
    binary::{Server, Setup},
    http::app::{body, sign_with},
};

const OLD: &str = "CANARY-old-secret-0123456789";
const NEW: &str = "CANARY-new-secret-0123456789";
const NOON: &str = "2025-01-15T10:00:00Z";

/// A folder with nothing configured, and nothing stored on a disk.
fn setup() -> Setup {
    let mut setup = Setup::without_secret();
    setup.set("DATABASE_URL", "memory:");
    setup
}

fn write(setup: &Setup, name: &str, text: &str) -> String {
    let path = setup.folder.path().join(name);
    fs::write(&path, text).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

/// Posts a message that is signed as the generic scheme signs, and says what was answered.
async fn post(client: &Client, url: &str, id: &str, secret: &str) -> u16 {
    let body = body(id, NOON, "rotated").to_string();
    let request = client
        .post(url)
        .header("X-Signature", sign_with(secret, body.as_bytes()))
        .body(body);
    request.send().await.expect("an answer").status().as_u16()
}

/// Runs it with this on standard input.
fn run_with(setup: &Setup, arguments: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    use std::io::Write as _;

    let mut child = setup
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    // It may have ended without reading.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Clients that go on sending, each request with the secret that is the provider's then.
struct Load {
    provider: Arc<Mutex<&'static str>>,
    answered: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
    senders: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn on(server: &Server) -> Self {
        let mut load = Self {
            provider: Arc::new(Mutex::new(OLD)),
            answered: Arc::default(),
            refused: Arc::default(),
            stopped: Arc::default(),
            senders: Vec::new(),
        };
        for sender in 0..8 {
            let (provider, answered) = (Arc::clone(&load.provider), Arc::clone(&load.answered));
            let (refused, stopped) = (Arc::clone(&load.refused), Arc::clone(&load.stopped));
            let (url, client) = (server.url("/webhook"), Client::new());
            load.senders.push(tokio::spawn(async move {
                let mut number = 0;
                while !stopped.load(Ordering::Relaxed) {
                    number += 1;
                    let secret = *provider.lock().expect("nobody panics");
                    let status = post(&client, &url, &format!("{sender}-{number}"), secret).await;
                    if status != 200 {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        load
    }

    /// Waits until so many more were answered.
    async fn more(&self, count: usize) {
        let enough = self.answered.load(Ordering::Relaxed) + count;
        while self.answered.load(Ordering::Relaxed) < enough {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn stop(self) -> (usize, usize) {
        self.stopped.store(true, Ordering::Relaxed);
        for sender in self.senders {
            sender.await.expect("no panic");
        }
        (
            self.answered.load(Ordering::Relaxed),
            self.refused.load(Ordering::Relaxed),
        )
    }
}

/// Has the files read again.
fn reload(server: &mut Server) {
    server.signal("HUP");
    server.wait_for_line("the keys were read again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_rotated_under_load_without_one_refusal() {
    let mut setup = setup();
    let current = write(&setup, "current", &format!("{OLD}\n"));
    let previous = write(&setup, "previous", "");
    setup.set("WEBHOOK_SECRET_FILE", &current);
    setup.set("WEBHOOK_SECRET_PREVIOUS_FILE", &previous);
    let mut server = setup.serve();
    let load = Load::on(&server);
    load.more(500).await;

    // Both are valid, and the provider does not know it yet.
    write(&setup, "current", &format!("{NEW}\n"));
    write(&setup, "previous", &format!("{OLD}\n"));
    reload(&mut server);
    let live = server.wait_for_line("a source is live");
    assert_eq!(live["keys"], "current, previous");
    load.more(500).await;
    // The provider changes; what it signed before is still on its way.
    *load.provider.lock().expect("nobody panics") = NEW;
    load.more(500).await;
    // Nobody uses the old one any more.
    write(&setup, "previous", "");
    reload(&mut server);
    load.more(500).await;
    // Reading again and again changes nothing.
    for _ in 0..5 {
        reload(&mut server);
        load.more(100).await;
    }
    let (answered, refused) = load.stop().await;
    assert!(answered >= 2_500, "{answered}");
    assert_eq!(refused, 0, "of {answered}");
    let (client, url) = (Client::new(), server.url("/webhook"));
    assert_eq!(post(&client, &url, "late", OLD).await, 401);
    assert_eq!(post(&client, &url, "late", NEW).await, 200);
    server.signal("TERM");
    server.ended();
    assert!(!server.log.join("\n").contains("CANARY"));
}

#[tokio::test]
async fn what_is_wrong_at_a_hangup_changes_nothing() {
    let mut setup = setup();
    let config = |keys: &str| format!("[[source]]\nname = \"default\"\nsecrets = [{keys}]\n");
    let good = config(&format!("{{ label = \"a\", secret = \"{OLD}\" }}"));
    let path = write(&setup, "countersign.toml", &good);
    setup.set("CONFIG_FILE", &path);
    let mut server = setup.serve();
    let (client, url) = (Client::new(), server.url("/webhook"));
    for (bad, said) in [
        ("nonsense CANARY".to_owned(), "line 1"),
        (config(""), "source default: it has no secret"),
        (config("{ label = \"a\", file = \"gone\" }"), "key a"),
    ] {
        write(&setup, "countersign.toml", &bad);
        server.signal("HUP");
        let line = server.wait_for_line("the keys were not read again, and those from before stay");
        assert_eq!(line["level"], "ERROR");
        assert!(
            line["cause"]
                .as_str()
                .is_some_and(|cause| cause.contains(said)),
            "{line}"
        );
        assert!(line["help"].as_str().is_some_and(|help| !help.is_empty()));
        assert_eq!(post(&client, &url, "m", OLD).await, 200);
    }
    fs::remove_file(&path).expect("the file");
    server.signal("HUP");
    server.wait_for_line("the keys were not read again, and those from before stay");
    let two = config(&format!(
        "{{ label = \"b\", secret = \"{NEW}\" }}, {{ label = \"a\", secret = \"{OLD}\", expires_at = 2020-01-01T00:00:00Z }}"
    ));
    write(&setup, "countersign.toml", &two);
    reload(&mut server);
    let live = server.wait_for_line("a source is live");
    assert_eq!(live["keys"], "b, a (until 2020-01-01T00:00:00Z)");
    let expired = server.wait_for_line("a key has expired, and vouches for nothing");
    assert_eq!(
        (&expired["level"], &expired["key"]),
        (&"WARN".into(), &"a".into())
    );
    assert_eq!(post(&client, &url, "m", OLD).await, 401);
    assert_eq!(post(&client, &url, "m", NEW).await, 200);
    server.signal("TERM");
    server.ended();
    assert!(!server.log.join("\n").contains("CANARY"));
}

#[test]
fn it_refuses_to_start_with_keys_that_are_wrong() {
    let with = |variables: &[(&'static str, &str)]| {
        let mut setup = setup();
        for (name, value) in variables {
            setup.set(name, value);
        }
        setup
    };
    let one = ("WEBHOOK_SECRET", OLD);
    for (variables, said) in [
        (
            &[("WEBHOOK_SECRET_PREVIOUS", OLD)][..],
            "WEBHOOK_SECRET is not set",
        ),
        (&[one, ("WEBHOOK_SECRET_FILE", "/nowhere")], "are both set"),
        (
            &[("WEBHOOK_SECRET_FILE", "/nowhere")],
            "WEBHOOK_SECRET_FILE cannot be read",
        ),
        (&[one, ("SIGNATURE_SCHEME", "none")], "SIGNATURE_SCHEME"),
        (
            &[one, ("SIGNATURE_SCHEME", "standard-webhooks")],
            "source default, key current: the secret is not base64",
        ),
        (
            &[one, ("SIGNATURE_TOLERANCE_SECONDS", "0")],
            "SIGNATURE_TOLERANCE_SECONDS",
        ),
        (
            &[one, ("CONFIG_FILE", "/nowhere")],
            "CONFIG_FILE cannot be read: /nowhere",
        ),
    ] {
        let (status, out, err) = with(variables).run(&["serve"]);
        assert_eq!(status, Some(78), "{out}{err}");
        let last: Value = serde_json::from_str(out.lines().last().expect("a line")).expect("JSON");
        assert_eq!(last["level"], "ERROR");
        let text = last["message"].as_str().unwrap_or_default();
        assert!(text.contains(said), "{said:?} in {last}");
        assert!(last["help"].as_str().is_some_and(|help| !help.is_empty()));
        assert!(!out.contains("CANARY") && err.is_empty(), "{out}{err}");
    }
}

#[tokio::test]
async fn every_scheme_is_sent_verified_and_told_apart() {
    let mut setup = setup();
    let schemes = [
        "generic",
        "github",
        "stripe",
        "slack",
        "shopify",
        "standard-webhooks",
    ];
    let mut config = String::new();
    for scheme in schemes {
        let (status, secret, err) = setup.run(&["gen-secret", "--scheme", scheme]);
        assert_eq!(
            (status, err.as_str(), secret.lines().count()),
            (Some(0), "", 1)
        );
        write(&setup, scheme, &secret);
        config += &format!(
            "[[source]]\nname = \"{scheme}s\"\nscheme = \"{scheme}\"\nsecrets = [{{ label = \"{scheme}-key\", file = \"{scheme}\" }}]\n"
        );
    }
    let (status, pair, _) = setup.run(&["gen-secret", "--ed25519"]);
    assert_eq!(status, Some(0));
    let (private, public) = pair.trim_end().split_once('\n').expect("two lines");
    assert!(private.starts_with("whsk_") && public.starts_with("whpk_"));
    write(&setup, "private", private);
    write(&setup, "public", public);
    config += "[[source]]\nname = \"ed25519\"\nscheme = \"standard-webhooks\"\nsecrets = [{ label = \"pk\", file = \"public\" }]\n";
    let path = write(&setup, "countersign.toml", &config);
    setup.set("CONFIG_FILE", &path);
    let mut server = setup.serve();
    let url = server.url("");
    let send = |source: &str, scheme: &str, file: &str| {
        let arguments = [
            "send",
            "--url",
            &url,
            "--source",
            source,
            "--scheme",
            scheme,
            "--secret-file",
            file,
            "--count",
            "3",
        ];
        setup.run(&arguments).0
    };
    for scheme in schemes {
        assert_eq!(
            send(&format!("{scheme}s"), scheme, scheme),
            Some(0),
            "{scheme}"
        );
        // The private key of nobody here.
        assert_eq!(
            send(&format!("{scheme}s"), scheme, "private"),
            Some(69),
            "{scheme}"
        );
    }
    assert_eq!(send("ed25519", "standard-webhooks", "private"), Some(0));
    assert_eq!(
        send("githubs", "generic", "github"),
        Some(69),
        "unstamped is not enough"
    );
    let live: Vec<_> = server
        .log
        .iter()
        .filter(|line| line.contains("a source is live"))
        .collect();
    assert_eq!(live.len(), 7);
    server.signal("TERM");
    server.ended();
    let log = server.log.join("\n");
    for name in schemes.into_iter().chain(["private", "public"]) {
        let secret = fs::read_to_string(setup.folder.path().join(name)).expect("a file");
        assert!(!log.contains(secret.trim()), "{name}");
    }
}

/// A request to verify, signed at noon with `--scheme slack`'s way.
const SLACK: [&str; 3] = ["--at", NOON, "--signature-scheme=slack"];

#[test]
fn verify_says_by_which_key_or_why_not() {
    let mut setup = setup();
    setup.set("WEBHOOK_SECRET", NEW);
    setup.set("WEBHOOK_SECRET_PREVIOUS", OLD);
    setup.set("WEBHOOK_SECRET_LABEL", "2026-11");
    let body = br#"{"message_id":"m1"}"#;
    let signed = |secret: &str, body: &[u8]| format!("X-Signature: {}", sign_with(secret, body));
    let verify =
        |header: &str, body: &[u8]| run_with(&setup, &["verify", "--header", header], body);

    let (status, out, err) = verify(&signed(NEW, body), body);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert_eq!(out, "source default: the signature is right, key 2026-11\n");
    let (_, out, _) = verify(&signed(OLD, body), body);
    assert_eq!(
        out,
        "source default: the signature is right, key previous\n"
    );

    let with_newline = [&body[..], b"\n"].concat();
    let right = sign_with(NEW, &with_newline);
    for (header, said) in [
        (signed(NEW, body), "trailing_newline"),
        (
            signed("CANARY-nobodys-secret", body),
            "under any configured secret",
        ),
        (
            format!("X-Hub-Signature-256: sha256={right}"),
            "other_scheme",
        ),
        ("X-Signature: CANARY".to_owned(), "the form of a signature"),
        ("Host: here".to_owned(), "the signature header is missing"),
    ] {
        let (status, out, err) = verify(&header, &with_newline);
        assert_eq!((status, out.as_str()), (Some(65), ""), "{err}");
        assert!(
            err.contains(said) && err.contains("help: "),
            "{said:?} in {err}"
        );
        assert!(!err.contains("CANARY") && !err.contains(&right), "{err}");
    }

    // From files, with a stamp.
    let at = 1_736_935_200;
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, NEW.as_bytes());
    let content = [format!("v0:{at}:").as_bytes(), body].concat();
    let digest = ring::hmac::sign(&key, &content);
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    write(
        &setup,
        "headers",
        &format!(
            "POST /webhook HTTP/1.1\r\nX-Slack-Signature: v0={hex}\r\nx-slack-request-timestamp: {at}\r\n"
        ),
    );
    let path = setup.folder.path().join("body");
    fs::write(&path, body).expect("a file");
    let files = ["verify", "body", "--headers-file", "headers"];
    let (status, out, err) = setup.run(&[&files[..], &SLACK].concat());
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    let (status, _, err) = setup.run(&[&files[..], &SLACK[2..]].concat());
    assert_eq!(status, Some(65));
    assert!(err.contains("seconds off") && err.contains("--at"), "{err}");

    for (arguments, code) in [
        (&["verify", "nowhere"][..], 66),
        (&["verify", "body", "--headers-file", "nowhere"], 66),
        (&["verify", "body", "--header", "CANARY"], 78),
        (&["verify", "body", "--source", "nobody"], 78),
        (&["verify", "body", "--at", "noon"], 78),
    ] {
        let (status, out, err) = setup.run(arguments);
        assert_eq!((status, out.as_str()), (Some(code), ""), "{err}");
        assert!(err.contains("help: ") && !err.contains("CANARY"), "{err}");
    }
}

#[test]
fn fresh_secrets_are_printed_and_nothing_else() {
    let setup = setup();
    let mut seen = std::collections::BTreeSet::new();
    for arguments in [&["gen-secret"][..], &["gen-secret", "--scheme", "github"]] {
        let (status, out, err) = setup.run(arguments);
        assert_eq!((status, err.as_str()), (Some(0), ""));
        let secret = out.strip_suffix('\n').expect("a line");
        assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(seen.insert(secret.to_owned()));
    }
    let (_, out, _) = setup.run(&["gen-secret", "--scheme", "standard-webhooks"]);
    assert!(
        out.starts_with("whsec_") && out.trim_end().len() == 50,
        "{out}"
    );
    let (status, out, _) = setup.run(&["gen-secret", "--scheme", "none"]);
    assert_eq!((status, out.as_str()), (Some(78), ""));
    let (status, _, _) = setup.run(&["gen-secret", "--ed25519", "--scheme", "github"]);
    assert_eq!(status, Some(2));
}

#[tokio::test]
async fn refusals_are_explained_and_no_secret_is_anywhere_to_be_read() {
    let mut setup = setup();
    setup.set("WEBHOOK_SECRET", NEW);
    setup.set("WEBHOOK_SECRET_PREVIOUS", "CANARY-short");
    setup.set("WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT", "2020-01-01T00:00:00Z");
    let mut server = setup.serve();
    let client = Client::new();
    let body = body("m1", NOON, "x").to_string();
    for (secret, sent) in [
        (NEW, format!("{body}\n")),
        (&format!("{NEW}\n"), body.clone()),
        ("CANARY-short", body.clone()),
    ] {
        let answer = client
            .post(server.url("/webhook"))
            .header("X-Signature", sign_with(secret, body.as_bytes()))
            .body(sent)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 401);
        let text = answer.text().await.expect("a text");
        assert!(
            !text.contains("newline") && !text.contains("secret"),
            "{text}"
        );
    }
    let rejections: Value = server.get("/rejections").await.json().await.expect("JSON");
    let near: Vec<_> = rejections["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["near_miss"].clone())
        .collect();
    assert_eq!(
        near,
        ["expired_secret", "trimmed_secret", "trailing_newline"]
    );
    let metrics = server.get("/metrics").await.text().await.expect("a text");

    let process = format!("/proc/{}/cmdline", server.id());
    if Path::new(&process).exists() {
        let line = fs::read(&process).expect("a command line");
        assert!(!String::from_utf8_lossy(&line).contains("CANARY"));
    }
    server.signal("TERM");
    server.ended();
    let log = server.log.join("\n");
    for warning in [
        "a secret has fewer than 16 bytes",
        "a key has expired, and vouches for nothing",
    ] {
        assert!(log.contains(warning), "{log}");
    }
    for text in [log, metrics, rejections.to_string()] {
        assert!(!text.contains("CANARY"), "{text}");
    }
}

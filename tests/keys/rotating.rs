//! Secrets are changed while messages arrive.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Client;

use super::{NEW, NOON, OLD, setup};
use crate::{
    http::app::{body, sign_with},
    program::Server,
};

/// Posts a message that is signed as the generic scheme signs, and says what was answered.
async fn post(client: &Client, url: &str, id: &str, secret: &str) -> u16 {
    let body = body(id, NOON, "rotated").to_string();
    let request = client
        .post(url)
        .header("X-Signature", sign_with(secret, body.as_bytes()))
        .body(body);
    request.send().await.expect("an answer").status().as_u16()
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
    let current = setup.write("current", &format!("{OLD}\n"));
    let previous = setup.write("previous", "");
    setup.set("WEBHOOK_SECRET_FILE", &current);
    setup.set("WEBHOOK_SECRET_PREVIOUS_FILE", &previous);
    let mut server = setup.serve();
    let load = Load::on(&server);
    load.more(500).await;

    // Both are valid, and the provider does not know it yet.
    setup.write("current", &format!("{NEW}\n"));
    setup.write("previous", &format!("{OLD}\n"));
    reload(&mut server);
    let live = server.wait_for_line("a source is live");
    assert_eq!(live["keys"], "current, previous");
    load.more(500).await;
    // The provider changes; what it signed before is still on its way.
    *load.provider.lock().expect("nobody panics") = NEW;
    load.more(500).await;
    // Nobody uses the old one any more.
    setup.write("previous", "");
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
    let path = setup.write("countersign.toml", &good);
    setup.set("CONFIG_FILE", &path);
    let mut server = setup.serve();
    let (client, url) = (Client::new(), server.url("/webhook"));
    for (bad, said) in [
        ("nonsense CANARY".to_owned(), "line 1"),
        (config(""), "source default: it has no secret"),
        (config("{ label = \"a\", file = \"gone\" }"), "key a"),
    ] {
        setup.write("countersign.toml", &bad);
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
    setup.write("countersign.toml", &two);
    reload(&mut server);
    let live = server.wait_for_line("a source is live");
    assert_eq!(live["keys"], "b, a (until 2020-01-01T00:00:00Z)");
    let expired = server.wait_for_line("a key has expired, and vouches for nothing");
    assert_eq!(
        (&expired["level"], &expired["key"]),
        (&"WARN".into(), &"a".into())
    );
    // Its first message will be an increase of what is there.
    let metrics = server.get("/metrics").await.text().await.expect("text");
    assert!(
        metrics.contains("webhook_signature_key_total{key=\"b\",source=\"default\"} 0"),
        "{metrics}"
    );
    assert_eq!(post(&client, &url, "m", OLD).await, 401);
    assert_eq!(post(&client, &url, "m", NEW).await, 200);
    let listed = server.get("/sources").await;
    let listed: serde_json::Value = listed.json().await.expect("JSON");
    assert_eq!(
        listed["data"][0]["keys"],
        serde_json::json!([
            {"label": "b", "until": null, "state": "active"},
            {"label": "a", "until": "2020-01-01T00:00:00Z", "state": "expired"},
        ])
    );
    server.signal("TERM");
    server.ended();
    assert!(!server.log.join("\n").contains("CANARY"));
}

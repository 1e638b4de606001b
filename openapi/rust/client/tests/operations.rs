//! Every operation of the API, through the generated client, on the real program (`COUNTERSIGN_BIN`).
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    time::Duration,
};

use countersign_client::{Access, ByteStream, Client, connect, problem, types};
use futures_util::TryStreamExt as _;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::Value;
use tempfile::TempDir;

const SECRET: &str = "of-the-generated-client-0123456789";
const TOKEN: &str = "of-its-readers-0123456789";
const SENDER: &str = "+919876543210";
const RECEIVER: &str = "+14155550100";
const SOURCE: &str = "[[source]]\nname = \"partner\"\nscheme = \"github\"\n\
     secrets = [{ label = \"2026-11\", secret = \"of-the-partner-0123456789\" }]\n";

struct Server {
    child: Child,
    base: String,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Command {
    let path = env::var("COUNTERSIGN_BIN")
        .expect("COUNTERSIGN_BIN names the program; `just client` sets it");
    Command::new(path)
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("sources.toml"), SOURCE).unwrap();
        let mut child = program()
            .current_dir(folder.path())
            .env_clear()
            .envs([
                ("WEBHOOK_SECRET", SECRET),
                ("READ_TOKEN", TOKEN),
                ("CONFIG_FILE", "sources.toml"),
                ("BIND", "127.0.0.1:0"),
                ("DATABASE_URL", "memory:"),
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            Some(line["address"].as_str()?.to_owned())
        });
        // What it says later has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            base: format!("http://{}", address.expect("it listens")),
            folder,
        }
    }

    /// Who signs what this source sends, as the program itself would.
    fn signs(&self, source: &'static str) -> impl Fn(&[u8]) -> HeaderMap + Send + Sync + use<> {
        let config = self.folder.path().join("sources.toml");
        move |body| {
            let mut sign = program()
                .args(["sign", "--json", "--source", source])
                .env_clear()
                .env("WEBHOOK_SECRET", SECRET)
                .env("CONFIG_FILE", &config)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            sign.stdin.take().unwrap().write_all(body).unwrap();
            let output = sign.wait_with_output().unwrap();
            let headers: std::collections::BTreeMap<String, String> =
                serde_json::from_slice(&output.stdout).unwrap();
            let headers = headers.iter();
            headers
                .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
                .collect()
        }
    }

    fn client(&self, source: &'static str) -> Client {
        let access = Access::new().token(TOKEN).unwrap().sign(self.signs(source));
        assert!(!format!("{access:?}").contains(TOKEN));
        connect(&self.base, access).unwrap()
    }
}

fn message(id: &str, text: &str) -> types::WebhookMessage {
    let message = types::WebhookMessage::builder()
        .message_id(id)
        .from(SENDER)
        .to(RECEIVER)
        .ts("2026-11-25T10:30:00Z"
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap())
        .text(Some(text.parse().unwrap()));
    message.try_into().unwrap()
}

/// What a stream says until it has this in it.
async fn until(mut stream: ByteStream, part: &str) -> String {
    let mut said = String::new();
    while !said.contains(part) {
        let chunk = tokio::time::timeout(Duration::from_secs(30), stream.try_next()).await;
        let chunk = chunk
            .expect("it says it in time")
            .unwrap()
            .expect("it goes on");
        said += std::str::from_utf8(&chunk).unwrap();
    }
    said
}

#[tokio::test]
async fn a_message_is_sent_found_and_followed() {
    let server = Server::start();
    let client = server.client("default");
    for _ in 0..2 {
        let sent = client
            .receive_message()
            .body(message("m1", "an invoice"))
            .send();
        assert_eq!(sent.await.unwrap().status, types::AcknowledgementStatus::Ok);
    }
    let other = client
        .receive_message()
        .body(message("m1", "something else"));
    other.send().await.unwrap();
    let partner = server.client("partner");
    let sent = partner
        .receive_message_of_source()
        .source("partner")
        .body(message("p1", "from the partner"));
    sent.send().await.unwrap();

    let page = client
        .list_messages()
        .from(SENDER)
        .since("2026-11-25T10:00:00Z")
        .q("INVOICE")
        .limit(10)
        .send()
        .await
        .unwrap();
    assert_eq!((page.total, page.data.len()), (1, 1));
    assert_eq!(page.data[0].message_id, "m1");
    assert_eq!(page.data[0].ts.to_rfc3339(), "2026-11-25T10:30:00+00:00");
    let of_partner = client
        .list_messages()
        .source("partner")
        .send()
        .await
        .unwrap();
    assert_eq!(of_partner.data[0].source.as_deref(), Some("partner"));

    let detail = client.read_message().message_id("m1").send().await.unwrap();
    assert_eq!((detail.duplicates.count, detail.conflicts.len()), (1, 1));
    assert_eq!(detail.deliveries.len(), 3);
    assert_eq!(client.list_conflicts().send().await.unwrap().total, 1);

    let stream = client.follow_messages().after_seq(0).send().await.unwrap();
    let said = until(stream.into_inner(), "from the partner").await;
    assert!(said.contains("an invoice"), "{said}");

    let stats = client.read_stats().send().await.unwrap();
    assert_eq!((stats.total_messages, stats.senders_count), (2, 1));
    let timeline = client
        .read_timeline()
        .width(3600)
        .since("2026-11-25T00:00:00Z")
        .until("2026-11-26T00:00:00Z")
        .send();
    let timeline = timeline.await.unwrap();
    assert_eq!((timeline.total, timeline.data.len()), (2, 24));
    let of_process = client.read_server_stats().send().await.unwrap();
    assert_eq!(of_process.acknowledgement.count, 4);
    let sources = client.list_sources().send().await.unwrap();
    let names: Vec<_> = sources
        .data
        .iter()
        .map(|source| source.name.as_str())
        .collect();
    assert_eq!(names, ["default", "partner"]);
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let server = Server::start();
    let client = server.client("default");
    let unsigned = connect(&server.base, Access::new().token(TOKEN).unwrap()).unwrap();
    let refused = unsigned
        .receive_message()
        .body(message("m1", "x"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.status().unwrap(), 401);
    let rejections = client.list_rejections().send().await.unwrap();
    assert_eq!(
        (rejections.total, rejections.data[0].reason.as_str()),
        (1, "missing_signature")
    );
    let stream = client.follow_rejections().send().await.unwrap();
    unsigned
        .receive_message()
        .body(message("m2", "x"))
        .send()
        .await
        .unwrap_err();
    until(stream.into_inner(), "missing_signature").await;

    let unknown = client
        .read_message()
        .message_id("nobody")
        .send()
        .await
        .unwrap_err();
    let found = problem(unknown).await.unwrap();
    assert_eq!(
        (found.status, found.instance.as_str()),
        (404, "/messages/nobody")
    );
    let stranger = connect(&server.base, Access::new()).unwrap();
    let refused = stranger.read_stats().send().await.unwrap_err();
    assert_eq!(problem(refused).await.unwrap().status, 401);
    // What the specification forbids is not sent.
    let sideways = client.list_messages().order("sideways").send();
    let unsent = sideways.await.unwrap_err();
    assert!(unsent.status().is_none(), "{unsent}");
}

#[tokio::test]
async fn the_service_says_how_it_is() {
    let server = Server::start();
    let client = server.client("default");
    let ready = client.read_readiness().send().await.unwrap();
    assert_eq!(ready.status, types::HealthStatus::Ready);
    assert_eq!(
        client.read_liveness().send().await.unwrap().status,
        types::HealthStatus::Alive
    );
    assert_eq!(
        client.read_health().send().await.unwrap().status,
        types::HealthStatus::Healthy
    );
    let service = client.read_service().send().await.unwrap();
    assert_eq!(
        service.version,
        client.read_server_stats().send().await.unwrap().version
    );
    let metrics = client.read_metrics().send().await.unwrap();
    until(metrics.into_inner(), "countersign_ready 1").await;

    let stranger = connect(&server.base, Access::new()).unwrap();
    let session = stranger.read_session().send().await.unwrap();
    assert_eq!((session.token_required, session.signed_in), (true, false));
    let opened = stranger
        .open_session()
        .body_map(|body| body.token(TOKEN))
        .send()
        .await
        .unwrap();
    let cookie = opened.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    stranger.close_session().send().await.unwrap();
}

/// As long as the server lets one wait, and as a stream goes on beside it.
#[tokio::test]
async fn who_waits_is_not_cut_off() {
    let server = Server::start();
    let client = server.client("default");
    let stream = client.follow_messages().after_seq(0).send().await.unwrap();
    let waited = client
        .list_messages()
        .after_seq(0)
        .wait(20)
        .send()
        .await
        .unwrap();
    assert_eq!((waited.data.len(), waited.next_after_seq), (0, Some(0)));
    client
        .receive_message()
        .body(message("m1", "at last"))
        .send()
        .await
        .unwrap();
    until(stream.into_inner(), "at last").await;
}

/// None of the operations is left out above.
#[test]
fn every_operation_is_called() {
    let specification: Value = serde_json::from_str(include_str!("../../../openapi.json")).unwrap();
    let paths = specification["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    assert_eq!(specification["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut count = 0;
    for id in operations.filter_map(|operation| operation["operationId"].as_str()) {
        let mut method = String::new();
        for c in id.chars() {
            if c.is_ascii_uppercase() {
                method.push('_');
            }
            method.push(c.to_ascii_lowercase());
        }
        assert!(
            include_str!("operations.rs").contains(&format!(".{method}()")),
            "{method}"
        );
        count += 1;
    }
    assert!(count >= 20, "{count}");
}

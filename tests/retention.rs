//! Messages are taken away: by their age, and by an operator.

use std::{fs, time::Duration};

use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::{
    http::app::sign,
    program::{Server, Setup},
};

const SENDER: &str = "+14155552671";

fn message(id: &str, from: &str) -> Value {
    json!({
        "message_id": id,
        "from": from,
        "to": "+14155552672",
        "ts": "2020-01-01T00:00:00Z",
        "text": format!("what {id} says"),
    })
}

/// A line of a file to import.
fn line(id: &str, from: &str, ts: &str, received: &str) -> String {
    let line = json!({
        "message_id": id,
        "from_msisdn": from,
        "to_msisdn": "+14155552672",
        "ts": ts,
        "text": format!("what {id} says"),
        "created_at": received,
    });
    format!("{line}\n")
}

async fn deliver(server: &Server, body: &Value) -> Response {
    let bytes = body.to_string();
    let request = Client::new()
        .post(server.url("/webhook"))
        .header("X-Signature", sign(bytes.as_bytes()))
        .body(bytes);
    request.send().await.unwrap()
}

async fn ids(server: &Server) -> Vec<String> {
    let page: Value = server.get("/messages").await.json().await.unwrap();
    let data = page["data"].as_array().unwrap().iter();
    let ids: Vec<String> = data
        .map(|message| message["message_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(page["total"], ids.len());
    ids
}

#[tokio::test]
async fn what_is_too_old_is_taken_away_and_still_known() {
    let mut setup = Setup::new();
    let old = "2020-01-01T00:00:00Z";
    // One that claims to be old, and was received just now, stays.
    let far = "2099-01-01T00:00:00Z";
    let lines = [
        line("old1", SENDER, old, old),
        line("old2", "+14155559999", old, old),
        line("claims", SENDER, old, far),
        line("young", SENDER, far, far),
    ];
    let file = setup.folder.path().join("messages.ndjson");
    fs::write(&file, lines.concat()).unwrap();
    let (code, _, errors) = setup.run(&["import", file.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{errors}");

    setup.set("RETENTION_DAYS", "30");
    let server = setup.serve();
    while ids(&server).await.len() > 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(ids(&server).await, ["claims", "young"]);
    let metrics = server.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("messages_purged_total 2"), "{metrics}");

    // Its sender tries once more, years later.
    let again = deliver(&server, &message("old1", SENDER)).await;
    assert_eq!(again.status(), 200);
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(ids(&server).await, ["claims", "young"]);
    assert_eq!(server.get("/messages/old1").await.status(), 404);
    // And somebody else something else under its id.
    let other = deliver(&server, &message("old1", "+14155550000")).await;
    assert_eq!(other.status(), 200);
    let conflicts: Value = server.get("/conflicts").await.json().await.unwrap();
    assert_eq!(conflicts["total"], 1);
}

#[tokio::test]
async fn one_senders_messages_go_at_once_beside_a_running_server() {
    let setup = Setup::new();
    let server = setup.serve();
    for (id, from) in [("a", SENDER), ("b", "+14155559999"), ("c", SENDER)] {
        assert_eq!(deliver(&server, &message(id, from)).await.status(), 200);
    }
    let purge = |arguments: &[&str]| setup.run(&[&["purge"], arguments].concat());
    let (code, said, _) = purge(&["--from", SENDER]);
    assert_eq!(code, Some(0));
    assert!(said.starts_with("2 messages would be purged"), "{said}");
    assert_eq!(ids(&server).await, ["a", "b", "c"]);

    // What would take everything, or more than was meant.
    for arguments in [
        &["--yes"][..],
        &["--from", SENDER, "--older-than-days", "", "--yes"],
        &["--from", "", "--yes"],
        &["--from", SENDER, "--source", "", "--yes"],
        &["--received-before", "yesterday", "--yes"],
    ] {
        let (code, said, errors) = purge(arguments);
        assert_eq!(code, Some(78), "{arguments:?}: {said}{errors}");
    }
    assert_eq!(ids(&server).await, ["a", "b", "c"]);

    let (code, said, errors) = purge(&["--from", SENDER, "--yes"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(said.starts_with("2 messages purged"), "{said}");
    assert_eq!(ids(&server).await, ["b"]);
    let stats: Value = server.get("/stats").await.json().await.unwrap();
    assert_eq!(stats["total_messages"], 1);
    assert_eq!(stats["senders_count"], 1);
    let again = deliver(&server, &message("a", SENDER)).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(ids(&server).await, ["b"]);
}

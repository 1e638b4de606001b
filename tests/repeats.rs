//! How often messages came again: written while it serves, and at the stop.

use reqwest::Client;
use serde_json::Value;

use crate::program::{Server, Setup};

async fn deliver(server: &Server, id: &str, times: usize) {
    let client = Client::new();
    for _ in 0..times {
        let answer = server.deliver(&client, id, "Hello").await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

async fn duplicates(server: &Server, id: &str) -> Value {
    let found = server.get(&format!("/messages/{id}")).await;
    let found: Value = found.json().await.unwrap();
    found["duplicates"].clone()
}

async fn metric(server: &Server, name: &str) -> String {
    let text = server.get("/metrics").await.text().await.unwrap();
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(&format!("{name} ")));
    value
        .unwrap_or_else(|| panic!("no {name} in {text}"))
        .to_owned()
}

#[tokio::test]
async fn what_came_again_is_written_at_the_stop() {
    let setup = Setup::new();
    let mut server = setup.serve();
    deliver(&server, "m1", 3).await;
    deliver(&server, "m2", 1).await;
    let before = duplicates(&server, "m1").await;
    assert_eq!(before["count"], 2);
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0), "{:#?}", server.log);

    let server = setup.serve();
    assert_eq!(duplicates(&server, "m1").await, before);
    assert_eq!(duplicates(&server, "m2").await["count"], 0);
    deliver(&server, "m1", 1).await;
    assert_eq!(duplicates(&server, "m1").await["count"], 3);
}

#[tokio::test]
async fn what_has_been_written_outlives_a_crash() {
    let setup = Setup::new();
    let mut server = setup.serve();
    deliver(&server, "m1", 6).await;
    while metric(&server, "webhook_duplicates_waiting").await != "0" {
        tokio::task::yield_now().await;
    }
    let not_counted = metric(&server, "webhook_duplicates_not_counted_total");
    assert_eq!(not_counted.await, "0");
    let before = duplicates(&server, "m1").await;
    assert_eq!(before["count"], 5);
    server.signal("KILL");
    server.ended();

    let server = setup.serve();
    assert_eq!(duplicates(&server, "m1").await, before);
}

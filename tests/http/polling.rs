//! Messages are waited for: the long poll.

use std::{sync::Arc, time::Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    app::{Answer, App, body},
    following::Watched,
    scenarios,
};
use crate::store::Store;

const NOON: &str = "2025-01-01T12:00:00Z";

fn sequences(answer: &Answer) -> Vec<i64> {
    let page = answer.json();
    let items = page["data"].as_array().expect("a page").iter();
    items
        .map(|item| item["seq"].as_i64().expect("a sequence"))
        .collect()
}

fn next(answer: &Answer) -> i64 {
    answer.json()["next_after_seq"].as_i64().expect("a place")
}

fn link(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?.strip_prefix('<').expect("a link");
    Some(
        link.strip_suffix(">; rel=\"next\"")
            .expect("a link")
            .to_owned(),
    )
}

async fn messages_come_in_the_order_in_which_they_arrived(store: Store) {
    let app = App::on(store).await;
    let empty = app.get("/messages?after_seq=0").await;
    assert_eq!(
        (empty.ids().len(), next(&empty), link(&empty)),
        (0, 0, None)
    );
    for (n, ts) in [5, 3, 4, 1, 2].into_iter().enumerate() {
        let text = ["odd", "even"][n % 2];
        app.delivered(&body(
            &format!("m{n}"),
            &format!("2025-01-0{ts}T00:00:00Z"),
            text,
        ))
        .await;
    }
    let mut met = Vec::new();
    let mut at = 0;
    let mut path = Some("/messages?after_seq=0&limit=2&wait=1&q=&unknown=x".to_owned());
    while let Some(here) = path {
        let page = app.get(&here).await;
        let (sizes, seqs) = (page.json(), sequences(&page));
        assert_eq!(
            (
                &sizes["total"],
                &sizes["limit"],
                &sizes["offset"],
                &sizes["next_cursor"]
            ),
            (&json!(5), &json!(2), &json!(0), &Value::Null)
        );
        assert!(seqs.is_sorted() && seqs[0] > at, "{seqs:?} after {at}");
        met.extend(page.ids());
        at = next(&page);
        path = link(&page);
        if let Some(next) = &path {
            assert!(
                next.contains("wait=1&") && next.ends_with(&format!("after_seq={at}")),
                "{next}"
            );
        }
    }
    assert_eq!(met, ["m0", "m1", "m2", "m3", "m4"]);
    let even = app.get("/messages?after_seq=0&q=even").await;
    assert_eq!(
        (even.ids(), even.json()["total"].clone()),
        (vec!["m1".to_owned(), "m3".to_owned()], json!(2))
    );
    // Elsewhere there are no sequences.
    let plain = app.get("/messages").await.json();
    assert_eq!(
        (&plain["next_after_seq"], &plain["data"][0]["seq"]),
        (&Value::Null, &Value::Null)
    );
}

async fn what_is_there_is_answered_at_once(store: Store) {
    let app = App::on(store).await;
    app.delivered(&body("m", NOON, "")).await;
    let begun = Instant::now();
    let page = app.get("/messages?after_seq=0&wait=30").await;
    assert_eq!((page.ids(), link(&page)), (vec!["m".to_owned()], None));
    assert!(begun.elapsed().as_secs() < 30);
}

async fn what_arrives_ends_the_wait(store: Store) {
    let watched = Arc::new(Watched::new(Arc::clone(&store.repository)));
    let app = App::over(watched.clone()).await;
    app.delivered(&body("before", NOON, "")).await;
    let end = next(&app.get("/messages?after_seq=0").await);
    let ask = |query: &str| {
        let path = format!("/messages?after_seq={end}&wait=30{query}");
        tokio::spawn(app.request(Method::GET, &path).send())
    };
    let (any, one) = (ask(""), ask("&q=wanted"));
    for _ in 0..2 {
        watched.waiting.notified().await;
    }
    app.delivered(&body("other", NOON, "")).await;
    let any: Value = any.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(any["data"][0]["message_id"], "other");
    assert!(!one.is_finished(), "that was not for it");
    app.delivered(&body("this", NOON, "wanted")).await;
    let one: Value = one.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(one["data"][0]["message_id"], "this");
    assert_eq!(one["next_after_seq"], one["data"][0]["seq"]);
}

async fn a_wait_in_vain_ends_with_an_empty_page_and_goes_on(store: Store) {
    let app = App::on(store).await;
    for n in 0..3 {
        app.delivered(&body(&format!("m{n}"), NOON, "")).await;
    }
    let end = next(&app.get("/messages?after_seq=0").await);
    for query in ["from=nobody&wait=1", "from=nobody"] {
        let page = app.get(&format!("/messages?after_seq=0&{query}")).await;
        assert_eq!((page.ids().len(), next(&page), link(&page)), (0, end, None));
        assert_eq!(page.json()["total"], 0);
    }
    // One beyond the end must be from another database.
    let beyond = app.get("/messages?after_seq=9223372036854775807").await;
    assert_eq!((beyond.ids().len(), next(&beyond)), (0, end));
}

async fn what_does_not_go_together_is_named_at_once(store: Store) {
    let app = App::on(store).await;
    app.delivered(&body("m0", NOON, "")).await;
    app.delivered(&body("m1", NOON, "")).await;
    let page = app.get("/messages?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    for (query, expected) in [
        (
            format!("after_seq=0&offset=1&order=asc&cursor={cursor}"),
            vec!["#/offset", "#/order", "#/cursor"],
        ),
        ("after_seq=-1".to_owned(), vec!["#/after_seq"]),
        ("after_seq=".to_owned(), vec!["#/after_seq"]),
        (
            "after_seq=9223372036854775808".to_owned(),
            vec!["#/after_seq"],
        ),
        ("after_seq=0&wait=31".to_owned(), vec!["#/wait"]),
        ("after_seq=0&wait=-1".to_owned(), vec!["#/wait"]),
        ("after_seq=0&wait=1.5".to_owned(), vec!["#/wait"]),
        ("wait=1".to_owned(), vec!["#/wait"]),
        ("wait=0".to_owned(), vec!["#/wait"]),
        (
            "after_seq=x&wait=x&limit=0".to_owned(),
            vec!["#/limit", "#/after_seq", "#/wait"],
        ),
    ] {
        let faults = app.get(&format!("/messages?{query}")).await.faults();
        let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, expected, "{query}");
    }
    let none = app.get("/messages?after_seq=0&offset=0&cursor=").await;
    assert_eq!(none.ids(), ["m0", "m1"]);
}

scenarios! {
    over stores:
    messages_come_in_the_order_in_which_they_arrived
    what_is_there_is_answered_at_once
    what_arrives_ends_the_wait
    a_wait_in_vain_ends_with_an_empty_page_and_goes_on
    what_does_not_go_together_is_named_at_once
}

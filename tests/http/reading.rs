//! People and programs read back.

use serde_json::json;

use super::{
    app::{App, body},
    scenarios,
};

/// Five messages from three senders.
async fn some_messages(app: &App) {
    for (id, from, ts, text) in [
        (
            "m3",
            "+14155550100",
            "2025-01-03T00:00:00Z",
            "Order 3 shipped",
        ),
        (
            "m1",
            "+14155550100",
            "2025-01-01T00:00:00Z",
            "order 1: 100% done",
        ),
        ("m2b", "+919876543210", "2025-01-02T00:00:00Z", "Привет"),
        ("m2a", "+919876543210", "2025-01-02T00:00:00Z", ""),
        (
            "m2.5",
            "+4915112345678",
            "2025-01-02T00:00:00.5Z",
            "snake_case",
        ),
    ] {
        let mut message = body(id, ts, text);
        message["from"] = json!(from);
        app.delivered(&message).await;
    }
}

async fn lists_are_in_order_and_in_pages(app: App) {
    some_messages(&app).await;
    let ascending = ["m1", "m2a", "m2b", "m2.5", "m3"];
    assert_eq!(app.get("/messages").await.ids(), ascending);
    assert_eq!(app.get("/messages?order=asc").await.ids(), ascending);
    let descending = ["m3", "m2.5", "m2b", "m2a", "m1"];
    assert_eq!(app.get("/messages?order=desc").await.ids(), descending);

    let page = app.get("/messages?limit=2&offset=1").await;
    assert_eq!(page.ids(), ["m2a", "m2b"]);
    let page = page.json();
    assert_eq!(
        (&page["total"], &page["limit"], &page["offset"]),
        (&json!(5), &json!(2), &json!(1))
    );
    let beyond = app.get("/messages?offset=9223372036854775807").await;
    assert!(beyond.ids().is_empty());
    assert_eq!(beyond.json()["total"], 5);
}

async fn filters_hold_together(app: App) {
    some_messages(&app).await;
    for (query, found) in [
        ("from=%2B14155550100", vec!["m1", "m3"]),
        ("from=+14155550100", vec!["m1", "m3"]),
        ("from=14155550100", vec![]),
        ("from=nobody", vec![]),
        ("since=2025-01-02T00:00:00.5Z", vec!["m2.5", "m3"]),
        (
            "since=2025-01-02T05:30:00+05:30",
            vec!["m2a", "m2b", "m2.5", "m3"],
        ),
        ("since=2025-01-02T05:30:00%2B05:30&limit=1", vec!["m2a"]),
        ("q=ORDER", vec!["m1", "m3"]),
        ("q=%D0%BF%D0%A0%D0%98", vec!["m2b"]),
        ("q=%25", vec!["m1"]),
        ("q=_", vec!["m2.5"]),
        ("q=order+1", vec!["m1"]),
        (
            "q=order&from=+14155550100&since=2025-01-02T00:00:00Z",
            vec!["m3"],
        ),
        ("from=&since=&q=", vec!["m1", "m2a", "m2b", "m2.5", "m3"]),
        ("unknown=x", vec!["m1", "m2a", "m2b", "m2.5", "m3"]),
    ] {
        assert_eq!(
            app.get(&format!("/messages?{query}")).await.ids(),
            found,
            "{query}"
        );
    }
    let total = app.get("/messages?q=order&limit=1").await.json()["total"].clone();
    assert_eq!(total, 2);
}

async fn every_parameter_that_is_out_of_range_is_named_at_once(app: App) {
    let answer = app
        .get("/messages?limit=0&offset=-1&since=yesterday&order=up&q=%00&from=%00")
        .await;
    let pointers: Vec<String> = answer
        .faults()
        .into_iter()
        .map(|(pointer, _)| pointer)
        .collect();
    assert_eq!(
        pointers,
        ["#/limit", "#/offset", "#/from", "#/since", "#/q", "#/order"]
    );
    for query in [
        "limit=101",
        "limit=-1",
        "limit=ten",
        "limit=",
        "limit=1.0",
        "limit=1&limit=2",
        "limit=%2B5",
        "order=",
        "limit=9223372036854775808",
        "offset=9223372036854775808",
        "offset=99999999999999999999999999",
        "offset=-9223372036854775809",
        "offset=0x10",
        "since=2025-01-02",
        "since=2025-01-02T00:00:00",
        "since=1735776000",
    ] {
        let answer = app.get(&format!("/messages?{query}")).await;
        assert_eq!(answer.faults().len(), 1, "{query}");
    }
}

async fn one_message_is_found_by_its_id_whatever_that_is(app: App) {
    let ids = [
        ("plain", "plain"),
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("?q=#x", "%3Fq%3D%23x"),
        ("é😀", "%C3%A9%F0%9F%98%80"),
        (
            "<script>alert(1)</script>",
            "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        ),
        (
            "'; DROP TABLE messages; --",
            "'%3B%20DROP%20TABLE%20messages%3B%20--",
        ),
        ("a+b", "a+b"),
        ("a+c", "a%2Bc"),
        ("a:b", "a:b"),
        ("{message_id}", "%7Bmessage_id%7D"),
    ];
    for (id, _) in ids {
        app.delivered(&body(id, "2025-01-01T00:00:00Z", id)).await;
    }
    for (id, path) in ids {
        let found = app.get(&format!("/messages/{path}")).await;
        assert_eq!(found.status, 200, "{id}: {found:?}");
        assert_eq!(found.json()["message_id"], id);
    }
    for path in ["Plain", "plain%20", "nobody", "%00", "plain%0A"] {
        let missing = app.get(&format!("/messages/{path}")).await;
        assert_eq!(missing.status, 404, "{path}");
    }
    let not_utf8 = app.get("/messages/%FF").await;
    assert_eq!(not_utf8.status, 400);
}

async fn stats_summarise(app: App) {
    let empty = app.get("/stats").await;
    assert_eq!(
        empty.json(),
        json!({
            "total_messages": 0,
            "senders_count": 0,
            "messages_per_sender": [],
            "first_message_ts": null,
            "last_message_ts": null,
        })
    );
    some_messages(&app).await;
    assert_eq!(
        app.get("/stats").await.json(),
        json!({
            "total_messages": 5,
            "senders_count": 3,
            "messages_per_sender": [
                {"from_msisdn": "+14155550100", "count": 2},
                {"from_msisdn": "+919876543210", "count": 2},
                {"from_msisdn": "+4915112345678", "count": 1},
            ],
            "first_message_ts": "2025-01-01T00:00:00Z",
            "last_message_ts": "2025-01-03T00:00:00Z",
        })
    );
}

async fn conflicts_are_limited_like_every_list(app: App) {
    for n in 0..3 {
        app.delivered(&body("m", "2025-01-01T00:00:00Z", &n.to_string()))
            .await;
    }
    let page = app.get("/conflicts?limit=1").await.json();
    assert_eq!(
        (page["data"].as_array().map(Vec::len), &page["total"]),
        (Some(1), &json!(2))
    );
    assert_eq!(page["data"][0]["text"], "2", "the last seen comes first");
    assert_eq!(app.get("/conflicts?limit=0").await.status, 422);
}

scenarios! {
    lists_are_in_order_and_in_pages
    filters_hold_together
    every_parameter_that_is_out_of_range_is_named_at_once
    one_message_is_found_by_its_id_whatever_that_is
    stats_summarise
    conflicts_are_limited_like_every_list
}

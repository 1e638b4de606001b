//! People and programs read back.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    app::{Answer, App, body},
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

async fn a_span_and_a_receiver_are_filters_like_the_others(app: App) {
    some_messages(&app).await;
    let mut elsewhere = body("elsewhere", "2025-01-02T00:00:00Z", "order 2");
    elsewhere["to"] = json!("+12");
    app.delivered(&elsewhere).await;
    for (query, found) in [
        ("to=%2B12", vec!["elsewhere"]),
        ("to=+12", vec!["elsewhere"]),
        ("to=12", vec![]),
        ("to=nobody", vec![]),
        ("to=+14155550100&from=+14155550100", vec!["m1", "m3"]),
        ("until=2025-01-02T00:00:00Z", vec!["m1"]),
        (
            "until=2025-01-02T05:30:00.000001+05:30",
            vec!["m1", "elsewhere", "m2a", "m2b"],
        ),
        (
            "since=2025-01-02T00:00:00.5Z&until=2025-01-03T00:00:00Z",
            vec!["m2.5"],
        ),
        (
            "since=2025-01-02T00:00:00Z&until=2025-01-02T00:00:00Z",
            vec![],
        ),
        ("until=0000-01-01T00:00:00Z", vec![]),
        ("since=9999-12-31T23:59:59.999999Z", vec![]),
        (
            "to=&until=&cursor=&limit=2&order=desc&offset=1",
            vec!["m2.5", "m2b"],
        ),
    ] {
        let answer = app.get(&format!("/messages?{query}")).await;
        assert_eq!(answer.ids(), found, "{query}");
    }
}

/// What `Link` points to, if the answer has it; and it has it if there is a cursor.
fn next(answer: &Answer) -> Option<String> {
    let cursor = answer.json()["next_cursor"].clone();
    let Some(link) = answer.header("link") else {
        assert_eq!(cursor, Value::Null);
        return None;
    };
    let next = link.strip_prefix('<').expect("a link");
    let next = next.strip_suffix(">; rel=\"next\"").expect("a link");
    let cursor = cursor.as_str().expect("a cursor");
    assert!(next.ends_with(&format!("cursor={cursor}")), "{next}");
    Some(next.to_owned())
}

async fn a_walk_by_cursor_meets_every_message_once(app: App) {
    // Three at each instant, delivered in disorder, and ids that have to be encoded well.
    let id = |n: u32| match n % 4 {
        0 => format!("{n}/\u{10ffff}?&=+ %"),
        1 => format!("{n:3}{}", "😀".repeat(252)),
        _ => n.to_string(),
    };
    let at = |n: u32| format!("2025-01-01T00:00:{:02}Z", n / 3);
    let mut all = Vec::new();
    for n in (0..20).map(|n| n * 7 % 20) {
        app.delivered(&body(&id(n), &at(n), "")).await;
        all.push((at(n), id(n)));
    }
    all.sort();
    let mut expected: Vec<String> = all.into_iter().map(|(_, id)| id).collect();
    for order in ["asc", "desc"] {
        for limit in [1, 3, 7, 20, 100] {
            let mut met = Vec::new();
            let mut path = Some(format!("/messages?order={order}&limit={limit}"));
            while let Some(here) = path {
                let page = app.get(&here).await;
                let sizes = page.json();
                assert_eq!(
                    (&sizes["total"], &sizes["limit"], &sizes["offset"]),
                    (&json!(20), &json!(limit), &json!(0))
                );
                met.extend(page.ids());
                path = next(&page);
            }
            assert_eq!(met, expected, "{order}, {limit} at once");
        }
        expected.reverse();
    }
}

async fn what_arrives_during_a_walk_neither_repeats_nor_hides_a_message(app: App) {
    for order in ["asc", "desc"] {
        let (earlier, later) = ("2024-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
        let (behind, ahead) = match order {
            "asc" => (earlier, later),
            _ => (later, earlier),
        };
        for n in 0..6 {
            let id = format!("{order}{n}");
            app.delivered(&body(&id, "2025-01-01T00:00:00Z", order))
                .await;
        }
        let mut met = Vec::new();
        let mut path = Some(format!("/messages?limit=2&q={order}&order={order}"));
        while let Some(here) = path {
            let page = app.get(&here).await;
            met.extend(page.ids());
            let step = met.len();
            if step <= 4 {
                let passed = format!("{order}-passed{step}");
                app.delivered(&body(&passed, behind, order)).await;
                let coming = format!("{order}-coming{step}");
                app.delivered(&body(&coming, ahead, order)).await;
            }
            path = next(&page);
        }
        let mut expected: Vec<String> = (0..6).map(|n| format!("{order}{n}")).collect();
        let mut coming = vec![format!("{order}-coming2"), format!("{order}-coming4")];
        if order == "desc" {
            expected.reverse();
            coming.reverse();
        }
        expected.extend(coming);
        assert_eq!(met, expected);
    }
}

async fn the_next_page_is_asked_for_like_the_one_before(app: App) {
    for n in 0..4 {
        app.delivered(&body(&format!("m{n}"), "2025-01-01T00:00:00Z", "100% é&=#"))
            .await;
    }
    for query in [
        "q=100%25+%C3%A9%26%3D%23",
        "q=100%25%20%c3%a9%26%3d%23&unknown=%0D%0A%3E&offset=0&cursor=",
        "from=+919876543210&to=%2B14155550100&since=2025-01-01T05:30:00+05:30&until=2025-01-02T00:00:00Z",
    ] {
        let first = app.get(&format!("/messages?limit=3&{query}")).await;
        let path = next(&first).expect("a second page");
        assert!(
            !path.contains("offset") && !path.contains("unknown"),
            "{path}"
        );
        let second = app.get(&path).await;
        assert_eq!(
            (first.ids().len(), second.ids()),
            (3, vec!["m3".to_owned()])
        );
        assert_eq!(second.json()["total"], 4);
        assert_eq!(next(&second), None);
    }
    // An offset that comes first is not repeated.
    let first = app.get("/messages?offset=1&limit=2").await;
    let second = app.get(&next(&first).expect("a second page")).await;
    assert_eq!(
        (first.ids(), second.ids()),
        (
            vec!["m1".to_owned(), "m2".to_owned()],
            vec!["m3".to_owned()]
        )
    );
    // A page that is just full is the last one.
    assert_eq!(next(&app.get("/messages?limit=4").await), None);
    let head = app.request(Method::HEAD, "/messages?limit=1");
    assert!(app.send(head).await.header("link").is_some());
}

async fn a_cursor_reaches_the_ends_of_time(app: App) {
    let ends = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"];
    for (end, ts) in ends.into_iter().enumerate() {
        for n in 0..2 {
            app.delivered(&body(&format!("m{end}{n}"), ts, "")).await;
        }
    }
    let mut met = Vec::new();
    let mut path = Some("/messages?limit=1".to_owned());
    while let Some(here) = path {
        let page = app.get(&here).await;
        met.extend(page.ids());
        path = next(&page);
    }
    assert_eq!(met, ["m00", "m01", "m10", "m11"]);
}

async fn a_cursor_that_was_not_given_is_refused(app: App) {
    for n in 0..2 {
        app.delivered(&body(&format!("m{n}"), "2025-01-01T00:00:00Z", ""))
            .await;
    }
    let page = app.get("/messages?limit=1").await.json();
    let good = page["next_cursor"].as_str().expect("a cursor");
    let mut spoiled: Vec<String> = (1..good.len()).map(|end| good[..end].to_owned()).collect();
    spoiled.extend((1..good.len()).map(|start| good[start..].to_owned()));
    for tail in ["=", "A", "AA", "_w", "%00", "%20", "+", "%FF", "😀", ",x"] {
        spoiled.push(format!("{good}{tail}"));
        spoiled.push(tail.to_owned());
    }
    spoiled.push(good.repeat(2));
    spoiled.push("A".repeat(4_000));
    spoiled.push(format!("{good}&cursor={good}"));
    for cursor in spoiled {
        let answer = app.get(&format!("/messages?cursor={cursor}")).await;
        let faults = answer.faults();
        assert_eq!(
            (faults.len(), faults[0].0.as_str()),
            (1, "#/cursor"),
            "{cursor}"
        );
        assert!(!answer.text.contains(good), "{}", answer.text);
    }
    let both = app.get(&format!("/messages?cursor={good}&offset=1")).await;
    assert_eq!(both.faults()[0].0, "#/offset");
    let none = app.get(&format!("/messages?cursor={good}&offset=0")).await;
    assert_eq!(none.ids(), ["m1"]);
}

async fn every_parameter_that_is_out_of_range_is_named_at_once(app: App) {
    let answer = app
        .get("/messages?limit=0&offset=-1&since=yesterday&order=up&q=%00&from=%00&to=%00&until=x&cursor=x")
        .await;
    let pointers: Vec<String> = answer
        .faults()
        .into_iter()
        .map(|(pointer, _)| pointer)
        .collect();
    assert_eq!(
        pointers,
        [
            "#/limit", "#/offset", "#/from", "#/to", "#/since", "#/until", "#/q", "#/order",
            "#/cursor"
        ]
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
        "until=2025-01-02",
        "until=10000-01-01T00:00:00Z",
        "until=0000-01-01T00:00:00%2B00:01",
        "to=+12&to=+12",
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
    a_span_and_a_receiver_are_filters_like_the_others
    a_walk_by_cursor_meets_every_message_once
    what_arrives_during_a_walk_neither_repeats_nor_hides_a_message
    the_next_page_is_asked_for_like_the_one_before
    a_cursor_reaches_the_ends_of_time
    a_cursor_that_was_not_given_is_refused
    every_parameter_that_is_out_of_range_is_named_at_once
    one_message_is_found_by_its_id_whatever_that_is
    stats_summarise
    conflicts_are_limited_like_every_list
}

//! Messages counted by time.

use serde_json::{Value, json};

use super::{
    app::{App, body},
    scenarios,
};

async fn some_messages(app: &App) {
    for (id, from, ts) in [
        ("m1", "+14155550100", "2025-06-01T09:59:59.999999Z"),
        ("m2", "+14155550100", "2025-06-01T10:00:00Z"),
        ("m3", "+919876543210", "2025-06-01T10:59:59.5Z"),
        ("m4", "+919876543210", "2025-06-01T12:00:00Z"),
    ] {
        let mut message = body(id, ts, "hello");
        message["from"] = json!(from);
        app.delivered(&message).await;
    }
}

/// The counts of the buckets; each is the `total` of the list that a bucket's ends ask for.
async fn counts(app: &App, query: &str, filter: &str) -> Vec<u64> {
    let timeline = app.get(&format!("/stats/timeline?{query}{filter}")).await;
    assert_eq!(timeline.status, 200, "{timeline:?}");
    let timeline = timeline.json();
    let buckets = timeline["data"].as_array().expect("buckets");
    let start = |bucket: &Value| bucket["start"].as_str().expect("a start").to_owned();
    let starts: Vec<String> = buckets.iter().map(start).collect();
    assert_eq!(timeline["since"], json!(starts[0]));
    let until = timeline["until"].as_str().expect("an end");
    let ends = starts.iter().skip(1).map(String::as_str).chain([until]);
    let mut counts = Vec::new();
    for ((start, end), bucket) in starts.iter().zip(ends).zip(buckets) {
        let list = format!("/messages?since={start}&until={end}{filter}");
        assert_eq!(app.get(&list).await.json()["total"], bucket["count"]);
        counts.push(bucket["count"].as_u64().expect("a count"));
    }
    assert_eq!(timeline["total"], json!(counts.iter().sum::<u64>()));
    counts
}

async fn every_bucket_is_in_it_the_empty_ones_too(app: App) {
    some_messages(&app).await;
    let asked = "width=3600&since=2025-06-01T09:00:00Z&until=2025-06-01T13:00:00Z";
    let answer = app.get(&format!("/stats/timeline?{asked}")).await;
    assert_eq!(
        answer.json(),
        json!({
            "width": 3600,
            "since": "2025-06-01T09:00:00Z",
            "until": "2025-06-01T13:00:00Z",
            "total": 4,
            "data": [
                {"start": "2025-06-01T09:00:00Z", "count": 1},
                {"start": "2025-06-01T10:00:00Z", "count": 2},
                {"start": "2025-06-01T11:00:00Z", "count": 0},
                {"start": "2025-06-01T12:00:00Z", "count": 1},
            ],
        })
    );
    assert_eq!(counts(&app, asked, "").await, [1, 2, 0, 1]);
    for (filter, expected) in [
        ("&from=%2B14155550100", [1, 1, 0, 0]),
        // A `+` that was not percent-encoded.
        ("&from=+919876543210", [0, 1, 0, 1]),
        ("&to=%2B14155550100", [1, 2, 0, 1]),
        ("&to=%2B919876543210", [0; 4]),
        ("&from=nobody", [0; 4]),
        ("&from=&to=", [1, 2, 0, 1]),
    ] {
        assert_eq!(counts(&app, asked, filter).await, expected, "{filter}");
    }
}

/// It is noon.
async fn without_a_span_it_shows_what_was_last(app: App) {
    some_messages(&app).await;
    let answer = app.get("/stats/timeline").await.json();
    assert_eq!(
        (&answer["width"], &answer["since"], &answer["until"]),
        (
            &json!(3600),
            &json!("2025-05-30T13:00:00Z"),
            &json!("2025-06-01T13:00:00Z")
        )
    );
    assert_eq!(counts(&app, "", "").await[44..], [1, 2, 0, 1]);
    // Without one end of it: from the minute on, up to the end of a bucket.
    let since = "since=2025-06-01T10:59:59.75Z";
    assert_eq!(counts(&app, since, "").await, [1, 1]);
    let answer = app.get(&format!("/stats/timeline?{since}")).await.json();
    assert_eq!(
        (&answer["since"], &answer["until"]),
        (
            &json!("2025-06-01T10:59:00Z"),
            &json!("2025-06-01T12:59:00Z")
        )
    );
    let until = "width=86400&until=2025-06-01T10:00:00Z";
    assert_eq!(counts(&app, until, "").await[46..], [0, 4]);
    let answer = app.get(&format!("/stats/timeline?{until}")).await.json();
    assert_eq!(
        (&answer["since"], &answer["until"]),
        (
            &json!("2025-04-15T00:00:00Z"),
            &json!("2025-06-02T00:00:00Z")
        )
    );
}

async fn what_makes_no_row_of_buckets_is_refused(app: App) {
    let width = "must be a multiple of 60 between 60 and 2678400";
    let day = "since=2025-06-01T00:00:00Z";
    for (query, field, rule) in [
        ("width=0".to_owned(), "width", width),
        ("width=90".to_owned(), "width", width),
        ("width=2678460".to_owned(), "width", width),
        ("width=99999999999999999999".to_owned(), "width", width),
        (
            "width=1h".to_owned(),
            "width",
            "must be a whole number (it is 2 characters long)",
        ),
        (
            format!("{day}&until=2025-06-01T00:00:00Z"),
            "until",
            "must be later than since",
        ),
        (
            "since=2025-06-01T12:00:00.000001Z".to_owned(),
            "since",
            "must not be later than now, where there is no until",
        ),
        (
            format!("{day}&until=2025-06-01T16:41:00Z&width=60"),
            "width",
            "must be so large that since and until are at most 1000 buckets apart",
        ),
        (
            "until=0000-01-01T00:00:00Z".to_owned(),
            "since",
            "must be given here: 48 buckets would begin before the year 0000",
        ),
        (
            "until=9999-12-31T23:59:59Z".to_owned(),
            "until",
            "must lie in a bucket that ends within the year 9999",
        ),
        (
            format!("{day}&from=%2B12&to=%2B13"),
            "to",
            "cannot be combined with from",
        ),
    ] {
        let refused = app.get(&format!("/stats/timeline?{query}")).await;
        assert_eq!(refused.status, 422, "{query}");
        let faults = json!([{"pointer": format!("#/{field}"), "detail": rule}]);
        assert_eq!(refused.json()["errors"], faults, "{query}");
    }
    let most = format!("/stats/timeline?{day}&until=2025-06-01T16:40:00Z&width=60");
    let most = app.get(&most).await.json();
    assert_eq!(most["data"].as_array().map(Vec::len), Some(1000));
    // All at once.
    let all = "width=1&since=yesterday&until=2025-06-01&from=a%00&to=b";
    let refused = app.get(&format!("/stats/timeline?{all}")).await.json();
    let faults = refused["errors"].as_array().expect("faults");
    let pointers: Vec<&Value> = faults.iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(pointers, ["#/width", "#/since", "#/until", "#/from"]);
}

scenarios! {
    every_bucket_is_in_it_the_empty_ones_too
    without_a_span_it_shows_what_was_last
    what_makes_no_row_of_buckets_is_refused
}

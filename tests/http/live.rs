//! Messages are followed as they arrive.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use countersign_core::Message;
use countersign_http::LiveOptions;
use reqwest::{Method, header::HeaderValue};
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpSocket};

use super::{
    app::{App, body},
    following::{Following, Watched},
    scenarios,
    wire::Wire,
};
use crate::{
    fixture::{from, message},
    store::Store,
};

const NOON: &str = "2025-01-01T12:00:00Z";

/// Waits until a metric has a value.
async fn metric_is(app: &App, series: &str, value: u64) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while app.metric(series).await != value {
        assert!(Instant::now() < deadline, "{series} does not get {value}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|n| format!("m{n}")).collect()
}

fn messages(ids: &[String]) -> Vec<Message> {
    ids.iter().map(|id| message(id, NOON, "Hello")).collect()
}

async fn a_message_is_sent_as_it_is_in_the_list(store: Store) {
    let app = App::on(store).await;
    let mut stream = Following::open(&app, "").await;
    assert_eq!(stream.retry, Some(2000));
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),
    ] {
        assert_eq!(stream.response.headers()[name], value);
    }
    let begin = stream.last_id;
    app.delivered(&body("m1", NOON, "one\r\ntwo\n\nthree"))
        .await;
    // A repeat is no arrival.
    app.delivered(&body("m1", NOON, "one\r\ntwo\n\nthree"))
        .await;
    app.delivered(&body("m2", NOON, "Привет 😀\u{2028}")).await;
    let (first, data) = stream.message().await.unwrap();
    let (second, more) = stream.message().await.unwrap();
    assert!(begin < first && first < second);
    assert_eq!(
        app.get("/messages").await.json()["data"],
        json!([data, more])
    );
}

async fn a_stream_begins_where_it_says(store: Store) {
    let app = App::on(store).await;
    app.delivered(&body("before", NOON, "")).await;
    let mut stream = Following::open(&app, "").await;
    let begin = stream.last_id;
    app.delivered(&body("after", NOON, "")).await;
    assert_eq!(stream.ids(1).await, ["after"]);
    drop(stream);
    // Who is disconnected before the first message resumes from the beginning.
    let mut again = Following::resume(&app, "", Some(begin)).await;
    assert_eq!(
        (again.last_id, again.ids(1).await),
        (begin, vec!["after".to_owned()])
    );
    // The header is before the parameter: an EventSource asks for the same URL again.
    let mut both = Following::resume(&app, "after_seq=0", Some(begin)).await;
    assert_eq!(both.ids(1).await, ["after"]);
    let mut all = Following::open(&app, "after_seq=0").await;
    assert_eq!(all.ids(2).await, ["before", "after"]);
    // One beyond the end must be from another database.
    let mut beyond = Following::open(&app, "after_seq=9223372036854775807").await;
    assert_eq!(beyond.last_id, all.last_id);
    app.delivered(&body("later", NOON, "")).await;
    assert_eq!(beyond.ids(1).await, ["later"]);
}

async fn who_was_away_misses_nothing_and_gets_nothing_twice(store: Store) {
    let app = App::on(store).await;
    let all = numbered(0..2600);
    let (there, to_come) = all.split_at(2000);
    app.repository.append(&messages(there)).await.unwrap();
    let repository = Arc::clone(&app.repository);
    let rest = messages(to_come);
    let writer = tokio::spawn(async move {
        for some in rest.chunks(3) {
            repository.append(some).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(Following::open(&app, "after_seq=0").await);
    }
    for stream in &mut streams {
        assert_eq!(stream.ids(1500).await, all[..1500]);
    }
    // One goes on, and two come again.
    let resumed = streams[1].last_id;
    streams[1] = Following::resume(&app, "", Some(resumed)).await;
    streams[2] = Following::open(&app, &format!("after_seq={resumed}")).await;
    for stream in &mut streams {
        assert_eq!(stream.ids(1100).await, all[1500..]);
    }
    writer.await.unwrap();
    app.delivered(&body("last", NOON, "")).await;
    for stream in &mut streams {
        assert_eq!(stream.ids(1).await, ["last"]);
    }
}

async fn streams_are_filtered_as_lists_are(store: Store) {
    let app = App::on(store).await;
    let queries = [
        "",
        "from=+14155550100",
        "to=%2B12",
        "from=+14155550100&to=+12",
        "q=HELLO",
        "since=2025-01-02T00:00:00Z",
        "until=2025-01-03T00:00:00Z",
        "from=+14155550100&q=hello&since=2025-01-02T00:00:00Z&until=2025-01-03T00:00:00Z",
    ];
    let mut live = Vec::new();
    for query in queries {
        live.push(Following::open(&app, query).await);
    }
    let begin = live[0].last_id;
    for n in 0..24_u32 {
        let day = n % 4 + 1;
        let mut message = body(
            &format!("m{n:02}"),
            &format!("2025-01-0{day}T00:00:00Z"),
            "",
        );
        message["from"] = json!(["+14155550100", "+13"][n as usize % 2]);
        message["to"] = json!(["+12", "+14"][n as usize / 2 % 2]);
        message["text"] = json!(["Hello", "Good bye", "hello again"][n as usize % 3]);
        app.delivered(&message).await;
    }
    // It is in each of them, so that nothing else can be before it unseen.
    let mut last = body("m99", "2025-01-02T00:00:00Z", "Hello");
    last["from"] = json!("+14155550100");
    last["to"] = json!("+12");
    app.delivered(&last).await;
    for (query, mut live) in queries.into_iter().zip(live) {
        // The ids sort as they arrived, the list by `ts`.
        let mut expected = app.get(&format!("/messages?limit=100&{query}")).await.ids();
        expected.sort();
        assert_eq!(expected.last().map(String::as_str), Some("m99"), "{query}");
        assert_eq!(live.ids(expected.len()).await, expected, "{query}");
        let mut resumed = Following::resume(&app, query, Some(begin)).await;
        assert_eq!(resumed.ids(expected.len()).await, expected, "{query}");
        assert_eq!(resumed.last_id, live.last_id);
    }
}

async fn every_parameter_that_is_wrong_is_named_at_once(store: Store) {
    let app = App::on(store).await;
    let path = "/messages/live?from=%00&to=%00&since=x&until=x&q=%00&after_seq=-1";
    let request = app.request(Method::GET, path).header("Last-Event-ID", "x");
    let faults = app.send(request).await.faults();
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "#/from",
            "#/to",
            "#/since",
            "#/until",
            "#/q",
            "#/after_seq",
            "#/Last-Event-ID"
        ]
    );
    for query in [
        "after_seq=",
        "after_seq=1.0",
        "after_seq=9223372036854775808",
        "after_seq=1&after_seq=2",
    ] {
        let answer = app.get(&format!("/messages/live?{query}")).await;
        assert_eq!(answer.faults()[0].0, "#/after_seq", "{query}");
    }
    for id in ["", "-1", "0x1", "9223372036854775808", "1, 2"] {
        let request = app
            .request(Method::GET, "/messages/live")
            .header("Last-Event-ID", id);
        assert_eq!(
            app.send(request).await.faults()[0].0,
            "#/Last-Event-ID",
            "{id}"
        );
    }
    let request = app
        .request(Method::GET, "/messages/live")
        .header("Last-Event-ID", HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(app.send(request).await.faults()[0].0, "#/Last-Event-ID");
}

async fn other_methods_are_answered_as_elsewhere(store: Store) {
    let app = App::on(store).await;
    let head = app.send(app.request(Method::HEAD, "/messages/live")).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    for method in [Method::POST, Method::OPTIONS] {
        let refused = app.send(app.request(method, "/messages/live")).await;
        assert_eq!(refused.status, 405);
        assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    }
    metric_is(&app, "http_live_streams", 0).await;
    let requests = "http_requests_total{path=\"/messages/live\",status=\"200\"}";
    assert_eq!(app.metric(requests).await, 1);
    // Nobody can read it by itself, but it is there.
    app.delivered(&body("live", NOON, "")).await;
    assert_eq!(app.get("/messages").await.ids(), ["live"]);
}

async fn a_quiet_stream_gives_signs_of_life(store: Store) {
    let options = LiveOptions {
        ping: Duration::from_millis(50),
        ..LiveOptions::default()
    };
    let app = App::with(store, options).await;
    let mut stream = Following::open(&app, "from=nobody").await;
    let begin = stream.last_id;
    let ping = stream.block().await.unwrap();
    assert!(ping.comment && ping.id.is_none() && ping.data.is_none());
    // What does not match moves the place to resume from.
    app.delivered(&body("m", NOON, "")).await;
    while stream.last_id == begin {
        let ping = stream.block().await.unwrap();
        assert!(ping.comment && ping.data.is_none());
    }
    let end = app.get("/messages?after_seq=0").await.json()["next_after_seq"].clone();
    assert_eq!(end, stream.last_id);
}

async fn a_reader_that_takes_nothing_is_cut_off(store: Store) {
    let app = App::configured(store, |config, _| {
        config.connections.patience = Duration::from_secs(2);
    })
    .await;
    let mut good = Following::open(&app, "").await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut bad = socket.connect(app.address.parse().unwrap()).await.unwrap();
    bad.write_all(b"GET /messages/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    metric_is(&app, "http_live_streams", 2).await;

    // More than all buffers between the two can hold.
    let all = numbered(0..600);
    let text = "😀".repeat(4096);
    let repository = Arc::clone(&app.repository);
    let large: Vec<Message> = all.iter().map(|id| message(id, NOON, &text)).collect();
    let writer = tokio::spawn(async move {
        for some in large.chunks(40) {
            repository.append(some).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(good.ids(600).await, all);
    writer.await.unwrap();
    metric_is(&app, "http_live_streams_dropped_total", 1).await;
    metric_is(&app, "http_live_streams", 1).await;
    app.delivered(&body("last", NOON, "")).await;
    assert_eq!(good.ids(1).await, ["last"]);
    drop(bad);
}

/// What streams have for themselves is bounded for all of them; who takes nothing of it keeps
/// nobody from going on, with less at a time.
async fn streams_that_catch_up_share_a_bounded_memory(store: Store) {
    let options = LiveOptions {
        // Room for one piece, and for one chunk.
        memory: 2 * 256 * 1024,
        ..LiveOptions::default()
    };
    let app = App::with(store, options).await;
    let all = numbered(0..300);
    let text = "😀".repeat(4096);
    let large: Vec<Message> = all.iter().map(|id| message(id, NOON, &text)).collect();
    for some in large.chunks(50) {
        app.repository.append(some).await.unwrap();
    }
    let mut silent = Vec::new();
    for query in ["", "&q=😀"] {
        let mut wire = Wire::narrow(&app.address).await;
        wire.send(format!(
            "GET /messages/live?after_seq=0{query} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        ))
        .await;
        silent.push(wire);
    }
    metric_is(&app, "http_live_streams", 2).await;
    let mut plain = Following::open(&app, "after_seq=0").await;
    let mut filtered = Following::open(&app, "after_seq=0&from=+14155550100").await;
    assert_eq!(plain.ids(300).await, all);
    assert_eq!(filtered.ids(300).await, all);
    // And what arrives now, comes from the hub.
    let late = numbered(300..360);
    let large: Vec<Message> = late.iter().map(|id| message(id, NOON, &text)).collect();
    app.repository.append(&large).await.unwrap();
    assert_eq!(plain.ids(60).await, late);
    assert_eq!(filtered.ids(60).await, late);
    drop(silent);
}

async fn there_are_so_many_streams_and_no_more(store: Store) {
    let options = LiveOptions {
        max_streams: 2,
        ..LiveOptions::default()
    };
    let app = App::with(store, options).await;
    let mut first = Following::open(&app, "").await;
    let second = Following::open(&app, "").await;
    let refused = app.get("/messages/live").await;
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(app.metric("http_live_streams").await, 2);
    drop(second);
    metric_is(&app, "http_live_streams", 1).await;
    let mut third = Following::open(&app, "").await;
    app.delivered(&body("m", NOON, "")).await;
    assert_eq!(
        (first.ids(1).await, third.ids(1).await),
        (vec!["m".to_owned()], vec!["m".to_owned()])
    );
    // Who left was not slow.
    assert_eq!(app.metric("http_live_streams_dropped_total").await, 0);
    // The hub begins again after the last one has left.
    drop((first, third));
    metric_is(&app, "http_live_streams", 0).await;
    app.delivered(&body("unseen", NOON, "")).await;
    let mut next = Following::open(&app, "").await;
    app.delivered(&body("seen", NOON, "")).await;
    assert_eq!(next.ids(1).await, ["seen"]);
}

async fn streams_and_polls_end_with_the_server(store: Store) {
    let watched = Arc::new(Watched::new(Arc::clone(&store.repository)));
    let app = App::over(watched.clone()).await;
    let mut stream = Following::open(&app, "").await;
    // That is the hub.
    watched.waiting.notified().await;
    let poll = app.request(Method::GET, "/messages?after_seq=0&wait=30");
    let poll = tokio::spawn(poll.send());
    watched.waiting.notified().await;
    // Not their 30 seconds, and not the server's 60.
    let stopped = tokio::time::timeout(Duration::from_secs(10), app.stopped());
    stopped.await.expect("it stops at once");
    assert_eq!(stream.block().await, None);
    let answer = poll.await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    let page: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(
        (&page["data"], &page["next_after_seq"]),
        (&json!([]), &json!(0))
    );
}

async fn a_stream_outlives_a_failure_of_the_store(store: Store) {
    let watched = Arc::new(Watched::new(Arc::clone(&store.repository)));
    let app = App::over(watched.clone()).await;
    let mut stream = Following::open(&app, "").await;
    watched.waiting.notified().await;
    watched.fails.store(true, Ordering::SeqCst);
    app.delivered(&body("m1", NOON, "")).await;
    watched.failed.notified().await;
    let mut late = Following::open(&app, "after_seq=0").await;
    watched.failed.notified().await;
    watched.fails.store(false, Ordering::SeqCst);
    app.delivered(&body("m2", NOON, "")).await;
    assert_eq!(stream.ids(2).await, ["m1", "m2"]);
    assert_eq!(late.ids(2).await, ["m1", "m2"]);
}

async fn many_writers_make_one_order(store: Store) {
    let app = App::on(store).await;
    let mut streams = Vec::new();
    for query in ["", "from=+14155550100", "from=+12"] {
        streams.push(Following::open(&app, query).await);
    }
    let writers = (0..4).map(|writer| {
        let repository = Arc::clone(&app.repository);
        tokio::spawn(async move {
            for n in 0..50 {
                let sender = ["+14155550100", "+12"][n % 2];
                let message = message(&format!("{writer}-{n}"), NOON, "");
                repository.append(&[from(sender, message)]).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let path = "/messages?after_seq=0&limit=100";
    let mut expected = app.get(path).await;
    let mut order = expected.ids();
    let next = expected.json()["next_after_seq"].clone();
    expected = app
        .get(&format!("/messages?after_seq={next}&limit=100"))
        .await;
    order.extend(expected.ids());
    assert_eq!(order.len(), 200);
    assert_eq!(streams[0].ids(200).await, order);
    for (stream, odd) in [(1, 0), (2, 1)] {
        let of_sender = |id: &&String| {
            let number = id.split_once('-').map(|(_, n)| n.parse::<usize>());
            number.is_some_and(|n| n.unwrap() % 2 == odd)
        };
        let expected: Vec<String> = order.iter().filter(of_sender).cloned().collect();
        assert_eq!(streams[stream].ids(100).await, expected);
    }
}

scenarios! {
    over stores:
    a_message_is_sent_as_it_is_in_the_list
    a_stream_begins_where_it_says
    who_was_away_misses_nothing_and_gets_nothing_twice
    streams_are_filtered_as_lists_are
    every_parameter_that_is_wrong_is_named_at_once
    other_methods_are_answered_as_elsewhere
    a_quiet_stream_gives_signs_of_life
    a_reader_that_takes_nothing_is_cut_off
    streams_that_catch_up_share_a_bounded_memory
    there_are_so_many_streams_and_no_more
    streams_and_polls_end_with_the_server
    a_stream_outlives_a_failure_of_the_store
    many_writers_make_one_order
}

//! Every metric that the catalogue knows is shown by a server, as it says, and no other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use countersign_telemetry::catalogue::{self, Kind, Metric, Shown};
use reqwest::Client;

use crate::{
    program::{Server, Setup},
    store::server::Database,
};

/// What is said of a metric, and its series, each with its labels in order.
#[derive(Debug, Default)]
struct Family {
    help: String,
    kind: String,
    series: Vec<(Vec<String>, String)>,
}

/// Prometheus' text, taken apart. Values of labels have neither a comma nor a quotation mark here.
fn families(text: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, help)) = rest(line, "# HELP ") {
            families.entry(name).or_default().help = help;
        } else if let Some((name, kind)) = rest(line, "# TYPE ") {
            families.entry(name).or_default().kind = kind;
        } else {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let parts = ["_bucket", "_sum", "_count"];
            let family = parts.iter().find_map(|part| {
                let family = name.strip_suffix(part)?;
                (families.get(family)?.kind == "histogram").then_some(family)
            });
            let labels = labels.trim_end_matches('}').split(',');
            let labels = labels.filter_map(|label| label.split_once('='));
            // The bounds of buckets are no label of the histogram.
            let labels = labels.filter(|(label, _)| *label != "le");
            let labels = labels.map(|(label, _)| label.to_owned()).collect();
            let family = families.get_mut(family.unwrap_or(name));
            let family = family.unwrap_or_else(|| panic!("nothing is said of {line}"));
            family.series.push((labels, value.to_owned()));
        }
    }
    families
}

fn rest(line: &str, what: &str) -> Option<(String, String)> {
    let (name, rest) = line.strip_prefix(what)?.split_once(' ')?;
    Some((name.to_owned(), rest.to_owned()))
}

async fn scrape(server: &Server) -> String {
    server.get("/metrics").await.text().await.expect("a text")
}

/// A message, the same again, and one that is refused; then metrics that say so, once what is found
/// out now and then has been.
async fn after_some_traffic(server: &Server, sampled: &str) -> String {
    let client = Client::new();
    for _ in 0..2 {
        let answer = server.deliver(&client, "m1", "Hello").await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    let refused = client.post(server.url("/webhook")).body("{}").send().await;
    assert_eq!(refused.unwrap().status(), 401);
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        let text = scrape(server).await;
        if text.contains(sampled) {
            return text;
        }
        assert!(Instant::now() < patience, "no {sampled} in {text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Holds a scrape against the catalogue; `absent` says which conditions do not hold here.
fn check(text: &str, absent: &[&str]) {
    let families = families(text);
    let shown: BTreeSet<&str> = families.keys().map(String::as_str).collect();
    let there = catalogue::ALL.iter().filter(|metric| match metric.shown {
        Shown::Always | Shown::Since(_) => true,
        Shown::Where(what) => !absent.contains(&what),
    });
    let expected: BTreeSet<&str> = there.clone().map(|metric| metric.name).collect();
    assert_eq!(shown, expected, "{text}");
    for Metric {
        name,
        kind,
        labels,
        help,
        ..
    } in there
    {
        let family = &families[*name];
        assert_eq!(
            (family.kind.as_str(), family.help.as_str()),
            (kind.name(), *help),
            "{name}"
        );
        assert!(!family.series.is_empty(), "{name}");
        for (shown, _) in &family.series {
            assert_eq!(shown, labels, "{name}");
        }
        if let Kind::Histogram(bounds) = kind {
            // One more without a bound, the sum and the count.
            assert_eq!(family.series.len() % (bounds.len() + 3), 0, "{name}");
        }
    }
}

/// The value of one series.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series));
    let value = line.and_then(|rest| rest.strip_prefix(' '));
    let value = value.unwrap_or_else(|| panic!("no {series} in {text}"));
    value.parse().expect("a number")
}

#[tokio::test]
async fn a_server_shows_every_metric_of_the_catalogue_and_no_other() {
    let setup = Setup::new();
    let server = setup.serve();
    // Before anything has come.
    let at_first = scrape(&server).await;
    let since = catalogue::ALL.iter().filter(|metric| {
        // This scrape is the first request, and counted when it is over.
        matches!(metric.shown, Shown::Since(_))
    });
    for metric in since {
        assert!(!at_first.contains(metric.name), "{}", metric.name);
    }
    for series in [
        "webhook_acknowledgement_duration_seconds_count",
        "db_append_batch_size_count",
        "db_append_commit_duration_seconds_count",
        "webhook_signature_key_total{key=\"current\",source=\"default\"}",
        "signature_near_misses_total{cause=\"trailing_newline\"}",
        "messages_purged_total",
        "db_append_queue_messages",
        "db_append_queue_bytes",
    ] {
        assert_eq!(value(&at_first, series).to_bits(), 0, "{series}");
    }
    assert!((value(&at_first, "http_server_active_requests") - 1.0).abs() < 0.1);

    let text = after_some_traffic(&server, "\ndb_storage_free_bytes ").await;
    check(&text, &[]);
    for (series, expected) in [
        ("webhook_acknowledgement_duration_seconds_count", 2.0),
        ("db_append_batch_size_count", 2.0),
        ("db_append_batch_size_sum", 2.0),
        ("db_append_commit_duration_seconds_count", 2.0),
        ("db_append_queue_capacity_messages", 4096.0),
        ("countersign_ready", 1.0),
        (
            concat!(
                "countersign_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\"}"
            ),
            1.0,
        ),
        (
            "http_server_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"200\",http_route=\"/webhook\"}",
            2.0,
        ),
        (
            "http_server_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"401\",http_route=\"/webhook\"}",
            1.0,
        ),
    ] {
        assert!(
            (value(&text, series) - expected).abs() < 1e-9,
            "{series}: {text}"
        );
    }
    for (series, at_least) in [
        ("db_storage_bytes", 4096.0),
        ("db_wal_bytes", 0.0),
        ("db_storage_free_bytes", 1.0),
        ("db_append_queue_capacity_bytes", 1024.0),
        ("webhook_acknowledgement_duration_seconds_sum", 1e-6),
        ("db_append_commit_duration_seconds_sum", 1e-6),
    ] {
        assert!(value(&text, series) >= at_least, "{series}: {text}");
    }
    #[expect(clippy::disallowed_methods, reason = "the program's is this clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let created = value(
        &text,
        "webhook_last_created_timestamp_seconds{source=\"default\"}",
    );
    assert!((created - now.as_secs_f64()).abs() < 60.0, "{created}");
}

#[tokio::test]
async fn what_a_store_in_memory_does_not_have_is_not_shown() {
    let mut setup = Setup::new();
    setup.set("DATABASE_URL", "memory:");
    let text = after_some_traffic(&setup.serve(), "\ncountersign_ready 1").await;
    check(
        &text,
        &["the store is not in memory", "the store is SQLite"],
    );
}

#[tokio::test]
async fn of_a_server_of_databases_it_is_shown_how_large_the_database_is() {
    let Some(database) = Database::new().await else {
        return;
    };
    let mut setup = Setup::new();
    setup.set("DATABASE_URL", &database.url);
    let text = after_some_traffic(&setup.serve(), "\ndb_storage_bytes ").await;
    check(&text, &["the store is SQLite"]);
}

#[tokio::test]
async fn nobody_makes_new_series_by_inventing_methods_and_paths() {
    let server = Setup::new().serve();
    let client = Client::new();
    for number in 0..20 {
        let method = format!("INVENTED{number}").parse().unwrap();
        let request = client.request(method, server.url(&format!("/nowhere/{number}")));
        assert_eq!(request.send().await.unwrap().status(), 404);
    }
    let text = scrape(&server).await;
    let unmatched = "http_server_request_duration_seconds_count{http_request_method=\"_OTHER\",http_response_status_code=\"404\",http_route=\"unmatched\"}";
    assert!((value(&text, unmatched) - 20.0).abs() < 1e-9, "{text}");
    assert!(
        !text.contains("INVENTED") && !text.contains("nowhere"),
        "{text}"
    );
}

#[test]
fn the_page_of_metrics_is_the_programs() {
    let (code, printed, _) = Setup::without_secret().run(&["reference", "metrics"]);
    assert_eq!(code, Some(0));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/metrics.md");
    let page = fs::read_to_string(page).expect("a page");
    assert_eq!(
        printed, page,
        "countersign reference metrics > docs/reference/metrics.md"
    );
}

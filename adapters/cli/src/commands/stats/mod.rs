//! `countersign stats`: a running server in figures.

mod chart;

use std::{fmt::Write as _, time::Duration};

use clap::Args as ClapArgs;
use countersign_core::{Clock as _, Timestamp};
use indicatif::HumanBytes;

use crate::{
    api::{self, Api, ServerArgs, ServerStats, Stats, Timeline},
    clock::SystemClock,
    stop::Stop,
    terminal::{BAD, BOLD, DIM, Halt, Output, columns, json_line, number, one_line, padded},
};

/// Of the chart.
const HOURS: i64 = 24;

const HOUR: i64 = 3600;

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign stats\n  \
    countersign stats --url https://inbox.example.com --json | jq .stats.total_messages\n\n\
    Exit codes: 0 done, 69 the server is not there, 77 it wants a token, 78 configuration.")]
pub struct StatsArgs {
    /// One JSON object: `stats`, `timeline` (24 hours) and `server`, as the API has each of them.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Shows totals, the busiest senders, the last day, and what became of webhooks.
pub fn run(args: &StatsArgs) -> Result<(), Stop> {
    Halt::settle(start(args))
}

fn start(args: &StatsArgs) -> Result<(), Halt> {
    let api = Api::new(&args.server)?;
    api::run(stats(args, &api))
}

async fn stats(args: &StatsArgs, api: &Api) -> Result<(), Halt> {
    let stats = api.get(&["stats"], &[]).await?;
    let span = [
        ("width", HOUR.to_string()),
        ("since", first_hour(SystemClock.now()).to_string()),
    ];
    let timeline = api.get(&["stats", "timeline"], &span).await?;
    let width = [("width", HOUR.to_string())];
    let server = api.get(&["stats", "server"], &width).await?;
    let output = Output::new();
    if args.json {
        let object = format!(
            r#"{{"stats":{},"timeline":{},"server":{}}}"#,
            stats.get(),
            timeline.get(),
            server.get()
        );
        return output.line(&json_line(&object));
    }
    let shown = Shown {
        output: &output,
        server: api.name(),
    };
    let text = shown.all(
        &api.read(&stats)?,
        &api.read(&timeline)?,
        &api.read(&server)?,
    );
    output.text(&text)
}

/// Where the first of the last 24 hours begins; the last is the present one.
fn first_hour(now: Timestamp) -> Timestamp {
    let hour = HOUR * 1_000_000;
    let first = (now.micros().div_euclid(hour) - (HOURS - 1)) * hour;
    Timestamp::from_micros(first).unwrap_or(Timestamp::MIN)
}

struct Shown<'a> {
    output: &'a Output,
    server: &'a str,
}

impl Shown<'_> {
    fn all(&self, stats: &Stats, timeline: &Timeline, server: &ServerStats) -> String {
        let mut text = String::new();
        let none = "none yet";
        self.heading(&mut text, self.server);
        for (name, value) in [
            ("messages", number(stats.total_messages)),
            ("senders", number(stats.senders_count)),
            (
                "first sent",
                stats.first_message_ts.clone().unwrap_or(none.to_owned()),
            ),
            (
                "last sent",
                stats.last_message_ts.clone().unwrap_or(none.to_owned()),
            ),
        ] {
            self.line(&mut text, name, &value);
        }
        if !stats.messages_per_sender.is_empty() {
            self.heading(&mut text, "\nBusiest senders");
            senders(&mut text, stats);
        }
        self.heading(
            &mut text,
            &format!(
                "\nSent in the last 24 hours, by the hour in UTC: {}",
                number(timeline.total)
            ),
        );
        for line in chart::columns(timeline) {
            let _ = writeln!(text, "  {}", line.trim_end());
        }
        self.server(&mut text, server);
        text
    }

    fn server(&self, text: &mut String, server: &ServerStats) {
        let outcomes = &server.outcomes.data;
        let day = &outcomes[outcomes.len().saturating_sub(24)..];
        let up = humantime::format_duration(Duration::from_secs(server.uptime_seconds));
        let heading = format!(
            "\nThis server (version {}, up {up}): webhooks of its last 24 hours",
            one_line(&server.version)
        );
        self.heading(text, &heading);
        for (name, sum) in [
            ("created", day.iter().map(|hour| hour.created).sum::<u64>()),
            ("duplicates", day.iter().map(|hour| hour.duplicate).sum()),
            ("conflicts", day.iter().map(|hour| hour.conflict).sum()),
            ("refused", day.iter().map(|hour| hour.refused).sum()),
        ] {
            self.line(text, name, &number(sum));
        }
        let latency = &server.acknowledgement;
        if let (Some(p50), Some(p95), Some(p99)) = (latency.p50_ms, latency.p95_ms, latency.p99_ms)
        {
            let figures = format!(
                "p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms ({} in the last {})",
                number(latency.count),
                humantime::format_duration(Duration::from_secs(latency.window_seconds)),
            );
            self.line(text, "answered in", &figures);
        }
        let storage = &server.storage;
        let engine = storage.engine.as_deref().unwrap_or("unknown");
        self.line(text, "stored in", &one_line(engine));
        if let Some(durability) = &storage.durability {
            let durability = one_line(durability);
            let durability = match storage.durable {
                Some(false) => self
                    .output
                    .styled(BAD, &format!("{durability} (not durable)")),
                _ => durability.into_owned(),
            };
            self.line(text, "durability", &durability);
        }
        let sizes = [
            ("database", storage.database_bytes),
            ("index", storage.index_bytes),
            ("logs", storage.wal_bytes),
            ("free", storage.free_bytes),
        ];
        let sizes: Vec<_> = sizes
            .into_iter()
            .filter_map(|(name, bytes)| Some(format!("{name} {}", HumanBytes(bytes?))))
            .collect();
        if !sizes.is_empty() {
            self.line(text, "bytes", &sizes.join(", "));
        }
    }

    fn heading(&self, text: &mut String, heading: &str) {
        let words = heading.trim_start_matches('\n');
        let blank = &heading[..heading.len() - words.len()];
        let _ = writeln!(text, "{blank}{}", self.output.styled(BOLD, words));
    }

    fn line(&self, text: &mut String, name: &str, value: &str) {
        let name = self.output.styled(DIM, &format!("{name:<12}"));
        let _ = writeln!(text, "  {name}{value}");
    }
}

/// Each with how many, and a bar.
fn senders(text: &mut String, stats: &Stats) {
    let senders: Vec<_> = stats
        .messages_per_sender
        .iter()
        .map(|sender| {
            (
                one_line(&sender.from_msisdn),
                number(sender.count),
                sender.count,
            )
        })
        .collect();
    let widest = |of: &dyn Fn(&(_, _, _)) -> usize| senders.iter().map(of).max().unwrap_or(0);
    let name_width =
        widest(&|(name, _, _): &(std::borrow::Cow<'_, str>, String, u64)| columns(name));
    let count_width = widest(&|(_, count, _)| count.len());
    let most = senders
        .iter()
        .map(|(_, _, count)| *count)
        .max()
        .unwrap_or(0);
    for (name, shown, count) in &senders {
        let _ = writeln!(
            text,
            "  {}  {shown:>count_width$}  {}",
            padded(name, name_width),
            chart::bar(*count, most)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_24_hours() {
        let at = |text| first_hour(Timestamp::parse_rfc3339(text).expect("an instant")).to_string();
        assert_eq!(at("2026-11-29T19:10:51Z"), "2026-11-28T20:00:00Z");
        assert_eq!(at("2026-11-29T19:00:00Z"), "2026-11-28T20:00:00Z");
    }

    #[test]
    fn figures_of_an_empty_server_and_of_a_busy_one() {
        let server = r#"{"version":"1","started_at":"T","uptime_seconds":3661,
            "outcomes":{"data":[{"created":2,"duplicate":1,"conflict":0,"refused":3},
                                {"created":1,"duplicate":0,"conflict":0,"refused":0}]},
            "acknowledgement":{"count":3,"p50_ms":1.0,"p95_ms":2.0,"p99_ms":3.04,"window_seconds":300},
            "storage":{"engine":"SQLite 3","durability":"fsync","durable":true,"database_bytes":4096,
                       "index_bytes":null,"wal_bytes":0,"free_bytes":null}}"#;
        let server = serde_json::from_str(server).expect("a server's");
        let stats = r#"{"total_messages":1203,"senders_count":2,"first_message_ts":"A","last_message_ts":"B",
            "messages_per_sender":[{"from_msisdn":"+1555","count":1200},{"from_msisdn":"+1","count":3}]}"#;
        let stats = serde_json::from_str(stats).expect("a summary");
        let timeline = r#"{"total":3,"data":[{"start":"2026-11-28T20:00:00Z","count":1},{"start":"2026-11-28T21:00:00Z","count":2}]}"#;
        let timeline = serde_json::from_str(timeline).expect("a timeline");
        let output = Output::plain(None);
        let shown = Shown {
            output: &output,
            server: "http://h",
        };
        let text = shown.all(&stats, &timeline, &server);
        for part in [
            "http://h\n  messages    1,203\n",
            "  +1555  1,200  ██",
            "  +1         3  ▏\n",
            "by the hour in UTC: 3\n",
            "up 1h 1m 1s",
            "created     3\n",
            "refused     3\n",
            "p50 1.0 ms, p95 2.0 ms, p99 3.0 ms (3 in the last 5m)",
            "database 4.00 KiB, logs 0 B\n",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
        let empty = r#"{"total_messages":0,"senders_count":0,"first_message_ts":null,"last_message_ts":null,
            "messages_per_sender":[]}"#;
        let text = shown.all(
            &serde_json::from_str(empty).expect("a summary"),
            &Timeline {
                data: Vec::new(),
                total: 0,
            },
            &server,
        );
        assert!(
            text.contains("last sent   none yet\n") && !text.contains("Busiest"),
            "{text}"
        );
    }
}

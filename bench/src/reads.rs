//! `countersign-bench reads`: does a read cost more the more there is?

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::json;

use crate::{
    Outcome,
    messages::{BIG_SENDER, Messages, small_sender},
    process::{Kind, Place, Server, copy_database},
    scrape::Http,
    send::{Extent, Ids, Load, Sending},
    table::{figure, median, table},
};

/// Answers before the counted ones.
pub const WARM_UP: u64 = 5;

/// Microseconds in a minute.
const MINUTE: i64 = 60_000_000;

/// How long a server has nothing to do before it is looked at.
const IDLE: Duration = Duration::from_secs(3);

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// A generated database of few messages.
    #[arg(long, value_name = "FILE")]
    small: PathBuf,
    /// A generated database of many.
    #[arg(long, value_name = "FILE")]
    large: PathBuf,
    /// The ids that both were generated with.
    #[arg(long, default_value = "ordered")]
    ids: Ids,
    /// How often each read is asked, of each.
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    requests: u64,
    /// A read that has taken so long in all is not asked again.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    patience: u64,
    /// How long to read while messages arrive, a thousand a second; 0 leaves that out. It goes on a
    /// copy of the large one.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    beside: u32,
    /// How often the start is measured.
    #[arg(long, default_value_t = 5, value_name = "N")]
    starts: u32,
    /// Write the figures to this file, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    Stats,
    TimelineOfHours,
    TimelineOfMinutes,
    FirstPage,
    NewestFirst,
    CursorAtTheEnd,
    BigSender,
    SmallSender,
    SinceTheMiddle,
    BigSenderSinceTheMiddle,
    OffsetAtNinety,
    RareTerm,
    CommonTerm,
    TwoLetters,
    AbsentTerm,
    OneMessage,
}

pub const ALL: [(Read, &str); 16] = [
    (Read::Stats, "`/stats`"),
    (Read::TimelineOfHours, "`/stats/timeline`, 48 hours"),
    (Read::TimelineOfMinutes, "`/stats/timeline`, 1000 minutes"),
    (Read::FirstPage, "first page"),
    (Read::NewestFirst, "first page, newest first"),
    (Read::CursorAtTheEnd, "by `cursor`, at the far end"),
    (Read::BigSender, "`from=` big sender"),
    (Read::SmallSender, "`from=` small sender"),
    (Read::SinceTheMiddle, "`since=` middle"),
    (
        Read::BigSenderSinceTheMiddle,
        "`from=` big, `since=` middle",
    ),
    (Read::OffsetAtNinety, "`offset=` at 90 %"),
    (Read::RareTerm, "`q=` rare, five letters"),
    (Read::CommonTerm, "`q=` common, five letters"),
    (Read::TwoLetters, "`q=` two letters"),
    (Read::AbsentTerm, "`q=` in no text"),
    (Read::OneMessage, "`/messages/{id}`"),
];

/// A server on one of the databases.
pub struct Side {
    pub server: Server,
    http: Http,
    rows: u64,
    messages: Messages,
    /// Places near the end, if the server has cursors.
    cursors: Vec<String>,
}

impl Side {
    fn start(args: &Args, folder: &Path, database: &Path) -> Outcome<Self> {
        let server = Server::start(Kind::Sqlite, &args.place, folder, database)?;
        Self::of(server, args.ids)
    }

    /// A server on a database that was generated with these ids.
    pub fn of(server: Server, ids: Ids) -> Outcome<Self> {
        let mut http = Http::connect(server.address)?;
        http.folded()?;
        let rows = http.total()?;
        let cursors = cursors(&mut http, rows)?;
        Ok(Self {
            server,
            http,
            rows,
            messages: Messages::new(rows, ids),
            cursors,
        })
    }

    /// The nth request of this kind, another one each time where there is a choice.
    fn path(&self, read: Read, n: u64) -> Option<String> {
        let list = |parameters: &str| Some(format!("/messages?limit=50&{parameters}"));
        let ts = self
            .messages
            .ts(self.rows / 2 + n % (self.rows / 10).max(1));
        let middle = || instant(ts);
        let big = encoded(BIG_SENDER);
        match read {
            Read::Stats => Some("/stats".to_owned()),
            Read::TimelineOfHours => Some(format!("/stats/timeline?until={}", middle())),
            Read::TimelineOfMinutes => Some(format!(
                "/stats/timeline?width=60&since={}&until={}",
                middle(),
                instant(ts / MINUTE * MINUTE + 1000 * MINUTE)
            )),
            Read::FirstPage => list("order=asc"),
            Read::NewestFirst => list("order=desc"),
            Read::CursorAtTheEnd => {
                let index = usize::try_from(n).ok()? % self.cursors.len().max(1);
                list(&format!("cursor={}", encoded(self.cursors.get(index)?)))
            }
            Read::BigSender => list(&format!("from={big}")),
            Read::SmallSender => list(&format!("from={}", encoded(&small_sender(n * 37)))),
            Read::SinceTheMiddle => list(&format!("since={}", middle())),
            Read::BigSenderSinceTheMiddle => list(&format!("from={big}&since={}", middle())),
            Read::OffsetAtNinety => list(&format!(
                "offset={}",
                (self.rows * 9 / 10).saturating_sub(n)
            )),
            Read::RareTerm => {
                let reference = self.reference(n.wrapping_mul(7_368_787) % self.rows);
                let from = 4 + usize::try_from(n % 4).ok()?;
                list(&format!("q={}", &reference[from..from + 5]))
            }
            Read::CommonTerm => {
                // Of the three hundred most common words, those of five letters.
                let words = self.messages.texts().words()[..300].iter();
                let words: Vec<_> = words.filter(|word| word.len() == 5).collect();
                let index = usize::try_from(n).ok()? % words.len();
                list(&format!("q={}", words[index]))
            }
            Read::TwoLetters => {
                let of = |letters: &str, n: u64| letters.chars().nth(usize::try_from(n).ok()?);
                let (first, second) = (of("bdfgklmnprstvz", n % 14)?, of("aeiou", n / 14 % 5)?);
                list(&format!("q={first}{second}"))
            }
            Read::AbsentTerm => {
                let reference = self.reference(self.rows + 1_000_000_000 + n);
                list(&format!("q={}", &reference[4..]))
            }
            Read::OneMessage => {
                let id = self.messages.id(n.wrapping_mul(7_368_787) % self.rows);
                Some(format!("/messages/{id}"))
            }
        }
    }

    fn reference(&self, number: u64) -> String {
        let mut reference = String::new();
        self.messages.texts().push_reference(number, &mut reference);
        reference
    }

    /// How long the answer took, in milliseconds; `None` if the server cannot be asked this.
    pub fn ask(&mut self, read: Read, n: u64) -> Outcome<Option<f64>> {
        let Some(path) = self.path(read, n) else {
            return Ok(None);
        };
        let (status, body, took) = self.http.timed(&path)?;
        if status != 200 {
            let body = String::from_utf8_lossy(&body);
            return Err(format!("{path} was answered {status}: {body}").into());
        }
        Ok(Some(took.as_secs_f64() * 1e3))
    }
}

/// The cursors of some pages near the end: there by `offset`, and on by `next_cursor`.
fn cursors(http: &mut Http, rows: u64) -> Outcome<Vec<String>> {
    let mut cursors: Vec<String> = Vec::new();
    let mut path = format!("/messages?limit=50&offset={}", rows * 95 / 100);
    for _ in 0..20 {
        let page = http.json(&path)?;
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/messages?limit=50&cursor={}", encoded(cursor));
        cursors.push(cursor.to_owned());
    }
    Ok(cursors)
}

/// As a timestamp in a query.
fn instant(micros: i64) -> String {
    let instant = countersign_core::Timestamp::from_micros(micros);
    instant.map_or_else(String::new, |instant| encoded(&instant.to_string()))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Milliseconds.
#[derive(Debug, Clone, Default)]
pub struct Times(pub Vec<f64>);

impl Times {
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "an index of a small list"
        )]
        let index = (sorted.len() as f64 * quantile) as usize;
        let last = sorted.len().checked_sub(1)?;
        sorted.get(index.min(last)).copied()
    }

    fn tired(&self, args: &Args) -> bool {
        self.0.iter().sum::<f64>() > Duration::from_secs(args.patience).as_secs_f64() * 1e3
    }
}

pub fn run(args: &Args) -> Outcome {
    let folder = args.place.folder()?;
    let small_file = std::path::absolute(&args.small)?;
    let large_file = std::path::absolute(&args.large)?;

    let (small_folder, large_folder) = (folder.path().join("small"), folder.path().join("large"));
    fs::create_dir(&small_folder)?;
    fs::create_dir(&large_folder)?;
    let mut small = Side::start(args, &small_folder, &small_file)?;
    let mut large = Side::start(args, &large_folder, &large_file)?;
    let rows = (small.rows, large.rows);
    let times = side_by_side(args, &mut small, &mut large)?;
    small.server.stop()?;
    large.server.stop()?;
    let reads = report(rows, &times);

    let small_start = starts(args, &small_folder, &small_file)?;
    let large_start = starts(args, &large_folder, &large_file)?;
    println!(
        "{}",
        table(
            &["", &rows.0.to_string(), &rows.1.to_string()],
            1,
            [
                vec![
                    "start to ready, ms (median)".to_owned(),
                    figure(small_start.0, 1),
                    figure(large_start.0, 1),
                ],
                vec![
                    "idle, MiB resident".to_owned(),
                    figure(Some(small_start.1), 1),
                    figure(Some(large_start.1), 1),
                ],
            ],
        )
    );

    let beside = if args.beside > 0 {
        Some(beside(args, folder.path(), &large_file)?)
    } else {
        None
    };
    if let Some(file) = &args.json {
        let figures = json!({
            "rows": rows,
            "reads": reads,
            "start_ms": [small_start.0, large_start.0],
            "idle_mib": [small_start.1, large_start.1],
            "beside_ingest": beside,
        });
        fs::write(file, format!("{figures:#}\n"))?;
    }
    Ok(())
}

/// For each read, the times of both.
fn side_by_side(args: &Args, small: &mut Side, large: &mut Side) -> Outcome<Vec<(Times, Times)>> {
    let mut times = vec![(Times::default(), Times::default()); ALL.len()];
    for n in 0..WARM_UP + args.requests {
        for ((read, _), (of_small, of_large)) in ALL.into_iter().zip(&mut times) {
            if of_large.tired(args) {
                continue;
            }
            let (one, other) = (small.ask(read, n)?, large.ask(read, n)?);
            if n >= WARM_UP {
                of_small.0.extend(one);
                of_large.0.extend(other);
            }
        }
    }
    Ok(times)
}

/// Prints them, and gives them back for a file.
fn report(rows: (u64, u64), times: &[(Times, Times)]) -> serde_json::Value {
    let head = ["", "p50", "p99", "p50", "p99", "× p50", "requests"];
    let lines = ALL.iter().zip(times).map(|((_, name), (small, large))| {
        let ratio = large.quantile(0.5).zip(small.quantile(0.5));
        vec![
            (*name).to_owned(),
            figure(small.quantile(0.5), 3),
            figure(small.quantile(0.99), 3),
            figure(large.quantile(0.5), 3),
            figure(large.quantile(0.99), 3),
            figure(ratio.map(|(large, small)| large / small), 2),
            large.0.len().to_string(),
        ]
    });
    println!(
        "Milliseconds; first two columns {} messages, next two {}",
        rows.0, rows.1
    );
    println!("{}\n", table(&head, 1, lines));
    let of = |times: &Times| json!({ "p50": times.quantile(0.5), "p99": times.quantile(0.99) });
    ALL.iter()
        .zip(times)
        .map(|((read, _), (small, large))| {
            json!({ "read": read, "small": of(small), "large": of(large), "requests": large.0.len() })
        })
        .collect()
}

/// The median time to get ready in milliseconds, and the memory when there is nothing to do.
fn starts(args: &Args, folder: &Path, database: &Path) -> Outcome<(Option<f64>, f64)> {
    let mut times = Vec::new();
    let mut idle = 0.0;
    for n in 0..args.starts {
        let server = Server::start(Kind::Sqlite, &args.place, folder, database)?;
        times.push(server.ready_after.as_secs_f64() * 1e3);
        if n + 1 == args.starts {
            thread::sleep(IDLE);
            idle = server.memory()?.0;
        }
        server.stop()?;
    }
    Ok((median(times), idle))
}

/// Reads while messages arrive, and how both fared.
fn beside(args: &Args, folder: &Path, database: &Path) -> Outcome<serde_json::Value> {
    let place = folder.join("beside");
    fs::create_dir(&place)?;
    let copy = place.join("app.db");
    copy_database(database, &copy)?;
    let mut side = Side::start(args, &place, &copy)?;
    let load = Load {
        connections: 16,
        ids: args.ids,
        extent: Extent::Seconds(args.beside),
        rate: Some(1_000),
        prepare: 1_000,
        senders: 20_000,
    };
    let mut times = vec![Times::default(); ALL.len()];
    let address = side.server.address;
    let mut sending = Sending::start(&args.place, address, &load, &place.join("acknowledged"))?;
    let began = Instant::now();
    let mut n = 0;
    while sending.running()? {
        for ((read, _), times) in ALL.into_iter().zip(&mut times) {
            // A slow one shall not take all of the time.
            let share = began.elapsed().as_secs_f64() * 1e3 / 4.0;
            if times.0.iter().sum::<f64>() <= share {
                times.0.extend(side.ask(read, n)?);
            }
        }
        n += 1;
    }
    let sent = sending.finish()?;
    side.server.stop()?;
    let head = ["", "p50", "p99", "requests"];
    let line = |name: &str, p50: Option<f64>, p99: Option<f64>, requests: u64| {
        vec![
            name.to_owned(),
            figure(p50, 3),
            figure(p99, 3),
            requests.to_string(),
        ]
    };
    let mut lines = vec![line(
        "ingest",
        Some(sent.p50_ms),
        Some(sent.p99_ms),
        sent.accepted,
    )];
    lines.extend(ALL.iter().zip(&times).map(|((_, name), times)| {
        line(
            name,
            times.quantile(0.5),
            times.quantile(0.99),
            times.0.len() as u64,
        )
    }));
    println!(
        "\nMilliseconds, {} messages, while 1,000 a second arrive ({} not 200)",
        side.rows, sent.refused
    );
    println!("{}", table(&head, 1, lines));
    let reads = ALL.iter().zip(&times).map(|((read, _), times)| {
        json!({ "read": read, "p50": times.quantile(0.5), "p99": times.quantile(0.99) })
    });
    Ok(json!({ "ingest": sent, "reads": reads.collect::<Vec<_>>() }))
}

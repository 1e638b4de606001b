//! What many live streams cost those who send.

use std::{path::Path, time::Duration};

use serde::Serialize;

use super::{
    Args,
    database::{Database, Postgres},
};
use crate::{
    Outcome,
    live::follow::{Followed, Following},
    process::{Kind, Server},
    send::{self, Extent, Ids, Load, Sent},
    table::{figure, median, table},
    verify,
};

const CONNECTIONS: u16 = 64;

/// A filter by a number from which nothing comes.
const SILENT: &str = "from=%2B19990000000";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Store {
    Sqlite,
    Postgres,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Streams {
    None,
    /// (a) Each waits for a sender who sends nothing.
    Filtered,
    /// (b) Each gets everything.
    All,
}

impl Store {
    fn label(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

impl Streams {
    fn label(self) -> &'static str {
        match self {
            Self::None => "without",
            Self::Filtered => "a of a silent sender",
            Self::All => "b of everything",
        }
    }
}

const CASES: [(Store, Streams); 6] = [
    (Store::Sqlite, Streams::None),
    (Store::Sqlite, Streams::Filtered),
    (Store::Sqlite, Streams::All),
    (Store::Postgres, Streams::None),
    (Store::Postgres, Streams::Filtered),
    (Store::Postgres, Streams::All),
];

/// One case, one time.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    store: Store,
    streams: Streams,
    round: u32,
    #[serde(flatten)]
    sent: Sent,
    /// Of the server, until the last answer, for each acknowledged message.
    cpu_us: f64,
    /// Of the process that follows, the same.
    cpu_following_us: Option<f64>,
    followed: Option<Followed>,
    pub missing: u64,
}

pub fn measure(args: &Args, postgres: &Postgres, streams: u32) -> Outcome<Vec<Run>> {
    let mut runs = Vec::new();
    for round in 0..args.rounds {
        for case in CASES {
            let run = once(args, postgres, streams, case, round)?;
            eprintln!(
                "{}, streams: {}, round {}: {:.0} messages a second",
                case.0.label(),
                case.1.label(),
                round + 1,
                run.sent.per_second
            );
            runs.push(run);
        }
    }
    Ok(runs)
}

fn once(
    args: &Args,
    postgres: &Postgres,
    count: u32,
    (store, streams): (Store, Streams),
    round: u32,
) -> Outcome<Run> {
    let folder = args.place.folder()?;
    let file = folder.path().join("app.db");
    let database = match store {
        Store::Sqlite => None,
        Store::Postgres => Some(postgres.database()?),
    };
    let server = match &database {
        None => Server::start(Kind::Sqlite, &args.place, folder.path(), &file)?,
        Some(database) => Server::serve(&args.place, &database.url, folder.path())?,
    };
    database.iter().for_each(Database::settle);
    let following = match streams {
        Streams::None => None,
        Streams::Filtered => Some(Following::start(server.address, count, SILENT)?),
        Streams::All => Some(Following::start(server.address, count, "")?),
    };
    let following_cpu = || following.as_ref().map(Following::cpu).transpose();
    let (before, following_before) = (server.cpu()?, following_cpu()?);
    let acknowledged = folder.path().join("acknowledged");
    let load = Load {
        connections: CONNECTIONS,
        ids: Ids::Random,
        extent: Extent::Seconds(args.seconds),
        rate: None,
        prepare: (u64::from(args.seconds) * 50_000).min(500_000),
        senders: 20_000,
    };
    let sent = send::send(&args.place, server.address, &load, &acknowledged)?;
    let per_message = |cpu: Duration| {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 messages")]
        let accepted = sent.accepted.max(1) as f64;
        cpu.as_secs_f64() * 1e6 / accepted
    };
    let cpu_us = per_message(server.cpu()?.saturating_sub(before));
    let used = following_cpu()?.zip(following_before);
    let cpu_following_us = used.map(|(now, before)| per_message(now.saturating_sub(before)));
    let followed = following.map(Following::finish).transpose()?;
    let missing = missing(&acknowledged, &file, database.as_ref())?;
    server.stop()?;
    Ok(Run {
        store,
        streams,
        round,
        sent,
        cpu_us,
        cpu_following_us,
        followed,
        missing,
    })
}

/// How many were acknowledged and are not there.
fn missing(acknowledged: &Path, file: &Path, database: Option<&Database<'_>>) -> Outcome<u64> {
    Ok(match database {
        Some(database) => database.kept(&[acknowledged.to_owned()])?.missing,
        None => verify::kept(acknowledged, file)?.missing,
    })
}

pub fn summary(all: &[Run]) -> comfy_table::Table {
    let rows = CASES.into_iter().map(|(store, streams)| {
        let of = |streams: Streams| {
            let runs = all.iter();
            runs.filter(move |run| (run.store, run.streams) == (store, streams))
        };
        let middle = |value: fn(&Run) -> f64| median(of(streams).map(value));
        // Of the same round, because the machine is another one a minute later.
        let ratio = median(of(streams).filter_map(|run| {
            let without = of(Streams::None).find(|other| other.round == run.round)?;
            Some(run.sent.per_second / without.sent.per_second)
        }));
        let sum = |value: fn(&Run) -> u64| of(streams).map(value).sum::<u64>().to_string();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
        let mebibytes =
            of(streams).filter_map(|run| Some(run.followed?.bytes as f64 / f64::from(1 << 20)));
        let ended: Option<u64> = of(streams).map(|run| Some(run.followed?.ended)).sum();
        vec![
            store.label().to_owned(),
            streams.label().to_owned(),
            figure(middle(|run| run.sent.per_second), 0),
            figure(ratio, 2),
            figure(middle(|run| run.sent.p50_ms), 3),
            figure(middle(|run| run.sent.p99_ms), 2),
            figure(middle(|run| run.cpu_us), 1),
            figure(
                median(of(streams).filter_map(|run| run.cpu_following_us)),
                1,
            ),
            figure(median(mebibytes), 1),
            ended.map_or_else(String::new, |ended| ended.to_string()),
            sum(|run| run.sent.refused),
            sum(|run| run.missing),
        ]
    });
    table(
        &[
            "store",
            "streams",
            "messages/s",
            "× without",
            "p50 ms",
            "p99 ms",
            "CPU µs",
            "… of readers",
            "read MiB",
            "ended",
            "not 200",
            "missing",
        ],
        2,
        rows,
    )
}

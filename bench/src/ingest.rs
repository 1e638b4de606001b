//! `countersign-bench ingest`: messages a second, in turns.

use std::{fs, path::PathBuf, time::Duration};

use serde::Serialize;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    Outcome,
    process::{Kind, Place, Server, copy_database},
    scrape::Http,
    send::{self, Extent, Ids, Load, Sent},
    table::{figure, median, table},
    verify,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// How often each is measured.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each time.
    #[arg(long, default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How many messages each time, instead of a time.
    #[arg(long, value_name = "N", conflicts_with = "seconds", value_parser = clap::value_parser!(u64).range(1..))]
    messages: Option<u64>,
    /// How many connections, one after the other. With 1, only the durable ones are measured.
    #[arg(long, default_values_t = [64, 256, 1], value_delimiter = ',', value_name = "N")]
    connections: Vec<u16>,
    /// In which order ids come, one after the other.
    #[arg(long, default_values = ["ordered", "random"], value_delimiter = ',')]
    ids: Vec<Ids>,
    /// Only these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Kind>,
    /// Also measure (c) on copies of this database, which no server may have open.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// How many different senders.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    senders: u32,
    /// Write every single figure to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One store, one time.
#[derive(Debug, Clone, Serialize)]
struct Run {
    store: Kind,
    connections: u16,
    ids: Ids,
    round: u32,
    #[serde(flatten)]
    sent: Sent,
    /// Of the server, until the last answer, for each acknowledged message.
    cpu_us: f64,
    /// The same until everything is folded.
    cpu_folded_us: Option<f64>,
    /// How long after the last answer that was.
    folded_after_s: Option<f64>,
    memory_mib: f64,
    memory_peak_mib: f64,
    /// Acknowledged, and not in the database.
    missing: Option<u64>,
    /// How many more messages `/stats` counts than were acknowledged.
    surplus: Option<i64>,
}

/// What is the same in the rounds of a comparison.
#[derive(Debug, Clone, Copy)]
struct Setting {
    connections: u16,
    ids: Ids,
}

pub fn run(args: &Args) -> Outcome {
    let settings = args.connections.iter().flat_map(|&connections| {
        args.ids
            .iter()
            // To a lone client the order of ids is nothing.
            .take(if connections == 1 { 1 } else { usize::MAX })
            .map(move |&ids| Setting { connections, ids })
    });
    let mut all = Vec::new();
    for setting in settings {
        let large = Large::copy(args)?;
        let mut runs = Vec::new();
        for round in 0..args.rounds {
            for store in stores(args, setting) {
                let run = measure(args, setting, store, round, &large)?;
                eprintln!(
                    "{} connections, {} ids, round {}, {}: {:.0} messages a second",
                    setting.connections,
                    setting.ids.name(),
                    round + 1,
                    store.label(),
                    run.sent.per_second
                );
                runs.push(run);
            }
        }
        all.extend(runs);
    }
    println!("{}", summary(&all));
    if let Some(file) = &args.json {
        fs::write(file, format!("{:#}\n", json!({ "runs": all })))?;
    }
    let broken = all.iter().filter(|run| run.missing > Some(0)).count();
    if broken > 0 {
        return Err(format!("in {broken} runs, acknowledged messages were missing").into());
    }
    Ok(())
}

fn stores(args: &Args, setting: Setting) -> impl Iterator<Item = Kind> {
    [
        Kind::Null,
        Kind::Memory,
        Kind::Sqlite,
        Kind::SqliteSingle,
        Kind::SqliteOnto,
    ]
    .into_iter()
    .filter(move |kind| args.only.is_empty() || args.only.contains(kind))
    .filter(move |kind| *kind != Kind::SqliteOnto || args.database.is_some())
    .filter(move |kind| setting.connections > 1 || kind.durable())
}

/// A copy of the large database, the same in all rounds of a setting: it grows a little.
struct Large(Option<(TempDir, PathBuf)>);

impl Large {
    fn copy(args: &Args) -> Outcome<Self> {
        let Some(original) = &args.database else {
            return Ok(Self(None));
        };
        let log = PathBuf::from(format!("{}-wal", original.display()));
        if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
            let file = original.display();
            return Err(format!("{file} is open in a server, or was not closed").into());
        }
        let folder = args.place.folder()?;
        let copy = folder.path().join("app.db");
        copy_database(original, &copy)?;
        Ok(Self(Some((folder, copy))))
    }
}

fn measure(args: &Args, setting: Setting, store: Kind, round: u32, large: &Large) -> Outcome<Run> {
    let folder = args.place.folder()?;
    let database = match (&large.0, store) {
        (Some((_, copy)), Kind::SqliteOnto) => copy.clone(),
        _ => folder.path().join("app.db"),
    };
    let acknowledged = folder.path().join("acknowledged");
    let server = Server::start(store, &args.place, folder.path(), &database)?;
    let mut http = Http::connect(server.address)?;
    // What a round before has left, or an older version.
    http.folded()?;
    let before = http.total()?;
    let cpu_before = server.cpu()?;
    let extent = args
        .messages
        .map_or(Extent::Seconds(args.seconds), Extent::Messages);
    let load = Load {
        connections: setting.connections,
        ids: setting.ids,
        extent,
        rate: None,
        prepare: prepare(extent, setting, store),
        senders: args.senders,
    };
    let sent = send::send(&args.place, server.address, &load, &acknowledged)?;
    let per_message = |cpu: Duration| {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 messages")]
        let accepted = sent.accepted.max(1) as f64;
        cpu.as_secs_f64() * 1e6 / accepted
    };
    let cpu_us = per_message(server.cpu()?.saturating_sub(cpu_before));
    let caught_up = if matches!(store, Kind::Sqlite | Kind::SqliteOnto) {
        let after = http.folded()?;
        Some((after, server.cpu()?.saturating_sub(cpu_before)))
    } else {
        None
    };
    let (memory_mib, memory_peak_mib) = server.memory()?;
    let kept = if store.durable() {
        let kept = verify::kept(&acknowledged, &database)?;
        let more = http.total()?.cast_signed() - before.cast_signed();
        Some((kept, more - kept.acknowledged.cast_signed()))
    } else {
        None
    };
    server.stop()?;
    Ok(Run {
        store,
        connections: setting.connections,
        ids: setting.ids,
        round,
        sent,
        cpu_us,
        cpu_folded_us: caught_up.map(|(_, cpu)| per_message(cpu)),
        folded_after_s: caught_up.map(|(after, _)| after.as_secs_f64()),
        memory_mib,
        memory_peak_mib,
        missing: kept.map(|(kept, _)| kept.missing),
        surplus: kept.map(|(_, surplus)| surplus),
    })
}

/// More than are sent in the time, so that none has to be made while the clock runs.
fn prepare(extent: Extent, setting: Setting, store: Kind) -> u64 {
    let seconds = match extent {
        Extent::Messages(count) => return count.min(1_000_000),
        Extent::Seconds(seconds) => u64::from(seconds),
    };
    let per_second = match store {
        _ if setting.connections == 1 => 20_000,
        Kind::SqliteSingle => 20_000,
        _ => 100_000,
    };
    (seconds * per_second).min(1_000_000)
}

fn summary(all: &[Run]) -> comfy_table::Table {
    let mut groups: Vec<(u16, Ids, Kind)> = Vec::new();
    for run in all {
        let group = (run.connections, run.ids, run.store);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    let rows = groups.into_iter().map(|(connections, ids, store)| {
        let of = |kind: Kind| {
            all.iter().filter(move |run| {
                (run.connections, run.ids, run.store) == (connections, ids, kind)
            })
        };
        let middle = |value: fn(&Run) -> f64| median(of(store).map(value));
        // Of the same round, because the machine is another one a minute later.
        let ratio = |kind: Kind| {
            median(of(store).filter_map(|run| {
                let other = of(kind).find(|other| other.round == run.round)?;
                Some(run.sent.per_second / other.sent.per_second)
            }))
        };
        let sum = |value: fn(&Run) -> Option<i64>| {
            let values: Option<Vec<i64>> = of(store).map(value).collect();
            values.map_or_else(String::new, |values| values.iter().sum::<i64>().to_string())
        };
        vec![
            connections.to_string(),
            ids.name().to_owned(),
            store.label().to_owned(),
            figure(middle(|run| run.sent.per_second), 0),
            figure(ratio(Kind::Null), 2),
            figure(ratio(Kind::Sqlite), 2),
            figure(ratio(Kind::SqliteSingle), 2),
            figure(middle(|run| run.sent.p50_ms), 3),
            figure(middle(|run| run.sent.p99_ms), 2),
            figure(middle(|run| run.sent.p999_ms), 2),
            figure(middle(|run| run.cpu_us), 1),
            figure(median(of(store).filter_map(|run| run.cpu_folded_us)), 1),
            figure(middle(|run| run.memory_mib), 0),
            figure(middle(|run| run.memory_peak_mib), 0),
            sum(|run| Some(run.sent.refused.cast_signed())),
            sum(|run| run.missing.map(u64::cast_signed)),
            sum(|run| run.surplus),
        ]
    });
    table(
        &[
            "connections",
            "ids",
            "store",
            "messages/s",
            "× a",
            "× c",
            "× d",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "CPU µs",
            "… folded",
            "MiB",
            "peak MiB",
            "not 200",
            "missing",
            "surplus",
        ],
        3,
        rows,
    )
}

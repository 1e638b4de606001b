//! `countersign-bench sustained`: SQLite for minutes, the fold included.

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Outcome,
    process::{Kind, Place, Server},
    scrape::{Http, LAG_MESSAGES, LAG_SECONDS},
    send::{Extent, Ids, Load, Sending},
    table::{figure, table},
    verify,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// How long to send.
    #[arg(long, default_value_t = 300, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How many messages a second; without it, as many as it takes.
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    #[arg(long, default_value_t = 64, value_name = "N")]
    connections: u16,
    #[arg(long, default_value = "ordered")]
    ids: Ids,
    /// How many different senders.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    senders: u32,
    /// Begin with this database, which is changed by it; without it, with an empty one.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// How far the fold was behind at its worst.
#[derive(Debug, Default)]
struct Lag {
    messages: f64,
    seconds: f64,
}

impl Lag {
    fn look(&mut self, http: &mut Http) -> Outcome {
        self.messages = self.messages.max(http.metric(LAG_MESSAGES)?);
        self.seconds = self.seconds.max(http.metric(LAG_SECONDS)?);
        Ok(())
    }
}

pub fn run(args: &Args) -> Outcome {
    let folder = args.place.folder()?;
    let database = match &args.database {
        Some(database) => std::path::absolute(database)?,
        None => folder.path().join("app.db"),
    };
    let acknowledged = folder.path().join("acknowledged");
    let server = Server::start(Kind::Sqlite, &args.place, folder.path(), &database)?;
    let mut http = Http::connect(server.address)?;
    http.folded()?;
    let load = Load {
        connections: args.connections,
        ids: args.ids,
        extent: Extent::Seconds(args.seconds),
        rate: args.rate,
        // The rest is made while it runs: minutes of messages do not fit into memory.
        prepare: 100_000,
        senders: args.senders,
    };
    let cpu_before = server.cpu()?;
    let mut sending = Sending::start(&args.place, server.address, &load, &acknowledged)?;
    let mut lag = Lag::default();
    let mut next_look = Instant::now();
    while sending.running()? {
        if next_look <= Instant::now() {
            lag.look(&mut http)?;
            next_look += Duration::from_secs(1);
        }
        thread::sleep(Duration::from_millis(10));
    }
    let ended = Instant::now();
    lag.look(&mut http)?;
    let sent = sending.finish()?;
    let mut behind = Duration::ZERO;
    // Not `folded()` at once: the worst lag may be yet to come.
    while http.metric(LAG_MESSAGES)? > 0.0 {
        lag.look(&mut http)?;
        thread::sleep(Duration::from_millis(200));
        behind = ended.elapsed();
    }
    let cpu = server.cpu()?.saturating_sub(cpu_before);
    let (memory, peak) = server.memory()?;
    let kept = verify::kept(&acknowledged, &database)?;
    server.stop()?;

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 messages")]
    let accepted = sent.accepted as f64;
    let rows = [
        ("messages", figure(Some(accepted), 0)),
        ("seconds sending", figure(Some(sent.elapsed_s), 1)),
        ("… until folded", figure(Some(behind.as_secs_f64()), 1)),
        (
            "messages/s, all folded",
            figure(Some(accepted / (sent.elapsed_s + behind.as_secs_f64())), 0),
        ),
        ("messages/s, sending", figure(Some(sent.per_second), 0)),
        ("worst lag, messages", figure(Some(lag.messages), 0)),
        ("worst lag, seconds", figure(Some(lag.seconds), 2)),
        ("p50 ms", figure(Some(sent.p50_ms), 3)),
        ("p99 ms", figure(Some(sent.p99_ms), 2)),
        ("p99.9 ms", figure(Some(sent.p999_ms), 2)),
        ("max ms", figure(Some(sent.max_ms), 1)),
        (
            "CPU µs a message, folded",
            figure(Some(cpu.as_secs_f64() * 1e6 / accepted.max(1.0)), 1),
        ),
        ("MiB", figure(Some(memory), 0)),
        ("peak MiB", figure(Some(peak), 0)),
        ("not 200", sent.refused.to_string()),
        ("acknowledged and missing", kept.missing.to_string()),
    ];
    let what = match args.rate {
        Some(rate) => format!("{rate} messages a second"),
        None => "at full speed".to_owned(),
    };
    println!(
        "{what}, {} connections, {} ids",
        args.connections,
        args.ids.name()
    );
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    println!("{}", table(&["", "figure"], 1, rows));
    if kept.missing > 0 {
        return Err("acknowledged messages were missing".into());
    }
    Ok(())
}

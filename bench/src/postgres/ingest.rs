//! Messages a second: group commit, one transaction a request, and two instances, in turns.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use serde::Serialize;

use super::{
    Args,
    database::{Database, Postgres},
};
use crate::{
    Outcome,
    process::Server,
    scrape::Http,
    send::{Extent, Ids, Load, Sending, Sent},
    table::{figure, median, table},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Case {
    /// (g) What an operator runs.
    Grouped,
    /// (1) Every request is an append of its own.
    Single,
    /// (2) What an operator runs, twice.
    Two,
}

const CASES: [Case; 3] = [Case::Grouped, Case::Single, Case::Two];

impl Case {
    fn label(self) -> &'static str {
        match self {
            Self::Grouped => "g group commit",
            Self::Single => "1 a transaction a request",
            Self::Two => "2 two instances of g",
        }
    }

    fn instances(self) -> u16 {
        match self {
            Self::Grouped | Self::Single => 1,
            Self::Two => 2,
        }
    }

    /// More than any machine takes, so that none has to be made while the clock runs.
    fn per_second(self) -> u64 {
        match self {
            Self::Single => 10_000,
            Self::Grouped | Self::Two => 50_000,
        }
    }
}

/// One case, one time.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    case: Case,
    connections: u16,
    round: u32,
    /// Of all instances.
    per_second: f64,
    accepted: u64,
    refused: u64,
    /// Of the slower instance.
    p50_ms: f64,
    p99_ms: f64,
    /// Of the instances, until the last answer, for each acknowledged message.
    cpu_us: f64,
    /// Of PostgreSQL, the same.
    cpu_postgres_us: Option<f64>,
    cpu_postgres_by_process_us: BTreeMap<&'static str, f64>,
    /// Of both together, until everything is folded.
    cpu_folded_us: Option<f64>,
    missing: u64,
    twice: u64,
    /// Rows that nobody was told of.
    surplus: i64,
}

impl Run {
    /// Whether anything was lost, or is there twice.
    pub fn broken(&self) -> bool {
        self.missing > 0 || self.twice > 0
    }
}

pub fn measure(args: &Args, postgres: &Postgres) -> Outcome<Vec<Run>> {
    let mut runs = Vec::new();
    for &connections in &args.connections {
        for round in 0..args.rounds {
            for case in CASES {
                let run = once(args, postgres, connections, case, round)?;
                eprintln!(
                    "{connections} connections, round {}, {}: {:.0} messages a second",
                    round + 1,
                    case.label(),
                    run.per_second
                );
                runs.push(run);
            }
        }
    }
    Ok(runs)
}

fn once(
    args: &Args,
    postgres: &Postgres,
    connections: u16,
    case: Case,
    round: u32,
) -> Outcome<Run> {
    let folder = args.place.folder()?;
    let database = postgres.database()?;
    let mut instances = Instances::start(args, case, &database, &folder.path().join("instance"))?;
    database.settle();
    let before = instances.cpu()?;
    let postgres_before = database.processor();

    let sent = instances.send(args, connections, case)?;
    let accepted = sent.iter().map(|sent| sent.accepted).sum::<u64>();
    let per_message = |cpu: Duration| {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 messages")]
        let accepted = accepted.max(1) as f64;
        cpu.as_secs_f64() * 1e6 / accepted
    };
    let cpu = instances.cpu()?.saturating_sub(before);
    let used = || Some(&database.processor()? - postgres_before.as_ref()?);
    let postgres_cpu = used();

    let until_folded = if instances.folded()? {
        let cpu = instances.cpu()?.saturating_sub(before);
        used().map(|postgres| cpu + postgres.total())
    } else {
        None
    };
    let kept = database.kept(&instances.acknowledged)?;
    instances.stop()?;

    let slowest = |of: fn(&Sent) -> f64| sent.iter().map(of).fold(0.0, f64::max);
    let by_process = postgres_cpu.iter().flat_map(|used| &used.0);
    Ok(Run {
        case,
        connections,
        round,
        per_second: sent.iter().map(|sent| sent.per_second).sum(),
        accepted,
        refused: sent.iter().map(|sent| sent.refused).sum(),
        p50_ms: slowest(|sent| sent.p50_ms),
        p99_ms: slowest(|sent| sent.p99_ms),
        cpu_us: per_message(cpu),
        cpu_postgres_by_process_us: by_process
            .map(|(purpose, time)| (*purpose, per_message(*time)))
            .collect(),
        cpu_postgres_us: postgres_cpu.map(|used| per_message(used.total())),
        cpu_folded_us: until_folded.map(per_message),
        missing: kept.missing,
        twice: kept.twice,
        surplus: kept.rows.cast_signed() - kept.acknowledged.cast_signed(),
    })
}

/// Servers on one database.
struct Instances {
    servers: Vec<Server>,
    acknowledged: Vec<PathBuf>,
    /// Whether they say how far the fold is.
    telling: bool,
}

impl Instances {
    fn start(
        args: &Args,
        case: Case,
        database: &Database<'_>,
        folder: &std::path::Path,
    ) -> Outcome<Self> {
        let mut instances = Self {
            servers: Vec::new(),
            acknowledged: Vec::new(),
            telling: case != Case::Single,
        };
        for number in 0..case.instances() {
            let folder = folder.join(number.to_string());
            fs::create_dir_all(&folder)?;
            instances.servers.push(match case {
                Case::Single => Server::stand("postgres-single", Some(&database.url), &folder)?,
                Case::Grouped | Case::Two => Server::serve(&args.place, &database.url, &folder)?,
            });
            instances.acknowledged.push(folder.join("acknowledged"));
        }
        Ok(instances)
    }

    fn cpu(&self) -> Outcome<Duration> {
        let mut all = Duration::ZERO;
        for server in &self.servers {
            all += server.cpu()?;
        }
        Ok(all)
    }

    /// Loads all of them at once.
    fn send(&self, args: &Args, connections: u16, case: Case) -> Outcome<Vec<Sent>> {
        let seconds = args.seconds;
        let load = Load {
            connections: (connections / case.instances()).max(1),
            ids: Ids::Random,
            extent: Extent::Seconds(seconds),
            rate: None,
            prepare: (u64::from(seconds) * case.per_second()).min(500_000)
                / u64::from(case.instances()),
            senders: 20_000,
        };
        let mut sending = Vec::new();
        for (server, acknowledged) in self.servers.iter().zip(&self.acknowledged) {
            let to = server.address;
            sending.push(Sending::start(&args.place, to, &load, acknowledged)?);
        }
        sending.into_iter().map(Sending::finish).collect()
    }

    /// Waits until nothing is left to be folded; not if they do not tell.
    fn folded(&mut self) -> Outcome<bool> {
        for server in self.servers.iter().filter(|_| self.telling) {
            Http::connect(server.address)?.folded()?;
        }
        Ok(self.telling)
    }

    fn stop(self) -> Outcome {
        self.servers.into_iter().try_for_each(Server::stop)
    }
}

pub fn summary(all: &[Run]) -> comfy_table::Table {
    let mut groups: Vec<(u16, Case)> = Vec::new();
    for run in all {
        if !groups.contains(&(run.connections, run.case)) {
            groups.push((run.connections, run.case));
        }
    }
    let rows = groups.into_iter().map(|(connections, case)| {
        let of = |case: Case| {
            let runs = all.iter();
            runs.filter(move |run| (run.connections, run.case) == (connections, case))
        };
        let middle = |value: fn(&Run) -> f64| median(of(case).map(value));
        // Of the same round, because the machine is another one a minute later.
        let ratio = |to: Case| {
            median(of(case).filter_map(|run| {
                let other = of(to).find(|other| other.round == run.round)?;
                Some(run.per_second / other.per_second)
            }))
        };
        let sum = |value: fn(&Run) -> i64| of(case).map(value).sum::<i64>().to_string();
        vec![
            connections.to_string(),
            case.label().to_owned(),
            figure(middle(|run| run.per_second), 0),
            figure(ratio(Case::Single), 2),
            figure(ratio(Case::Grouped), 2),
            figure(middle(|run| run.p50_ms), 3),
            figure(middle(|run| run.p99_ms), 2),
            figure(middle(|run| run.cpu_us), 1),
            figure(median(of(case).filter_map(|run| run.cpu_postgres_us)), 1),
            figure(median(of(case).filter_map(|run| run.cpu_folded_us)), 1),
            sum(|run| run.refused.cast_signed()),
            sum(|run| run.missing.cast_signed()),
            sum(|run| run.twice.cast_signed()),
            sum(|run| run.surplus),
        ]
    });
    table(
        &[
            "connections",
            "case",
            "messages/s",
            "× 1",
            "× g",
            "p50 ms",
            "p99 ms",
            "CPU µs",
            "… of PostgreSQL",
            "… both, folded",
            "not 200",
            "missing",
            "twice",
            "surplus",
        ],
        2,
        rows,
    )
}

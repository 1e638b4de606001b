//! The servers that are measured: processes of their own.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use clap::ValueEnum;
use serde::Serialize;
use tempfile::TempDir;

use crate::{Outcome, scrape::Http};

/// What everything here signs with.
pub const SECRET: &str = "benchmark";

/// How long a server may take to start: a large database may have to be migrated.
const START: Duration = Duration::from_mins(30);

/// How long a server may take to stop.
const STOP: Duration = Duration::from_mins(1);

/// Linux counts processor time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// A file beside another, of the same name with something at its end.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Copies a database that nobody uses, with the index that is derived from it; all the way to the
/// disk, which would otherwise be busy with it while something else is measured.
pub fn copy_database(from: &Path, to: &Path) -> Outcome {
    for part in ["", "-index"] {
        let (from, to) = (with_suffix(from, part), with_suffix(to, part));
        if part.is_empty() || from.exists() {
            fs::copy(from, &to)?;
            File::open(to)?.sync_all()?;
        }
    }
    Ok(())
}

/// A program with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// (a) Keeps nothing.
    Null,
    /// (b) Keeps everything in memory.
    Memory,
    /// (c) SQLite with group commit: what an operator runs.
    Sqlite,
    /// (d) SQLite, one transaction a request.
    SqliteSingle,
    /// (c) on a copy of a large database.
    SqliteOnto,
}

impl Kind {
    /// As it stands in tables.
    pub fn label(self) -> &'static str {
        match self {
            Self::Null => "a null",
            Self::Memory => "b memory",
            Self::Sqlite => "c sqlite",
            Self::SqliteSingle => "d sqlite, single",
            Self::SqliteOnto => "c onto the large one",
        }
    }

    /// Whether there is a database afterwards.
    pub fn durable(self) -> bool {
        matches!(self, Self::Sqlite | Self::SqliteSingle | Self::SqliteOnto)
    }
}

/// Where the programs are and where files go.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// The program to measure; by default, the one beside this one.
    #[arg(long, value_name = "FILE")]
    pub countersign: Option<PathBuf>,
    /// Where databases and logs are kept while it runs. Not a tmpfs: a database there is not durable.
    #[arg(long, default_value = "target/bench", value_name = "FOLDER")]
    pub folder: PathBuf,
}

impl Place {
    /// `countersign` itself.
    pub fn program(&self) -> Outcome<PathBuf> {
        let program = match &self.countersign {
            Some(program) => program.clone(),
            None => std::env::current_exe()?.with_file_name("countersign"),
        };
        if !program.is_file() {
            return Err(format!(
                "{} is not there: build it (cargo build --release), or name it with --countersign",
                program.display()
            )
            .into());
        }
        Ok(std::path::absolute(program)?)
    }

    /// A new folder, removed in the end.
    pub fn folder(&self) -> Outcome<TempDir> {
        fs::create_dir_all(&self.folder)?;
        Ok(tempfile::tempdir_in(std::path::absolute(&self.folder)?)?)
    }
}

/// A running server. It is killed if it is not [stopped](Self::stop).
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to the first answer that it is ready.
    pub ready_after: Duration,
}

impl Server {
    /// Starts it, with its log in `folder`, and waits until it is ready.
    pub fn start(kind: Kind, place: &Place, folder: &Path, database: &Path) -> Outcome<Self> {
        let sqlite = format!("sqlite://{}", database.display());
        match kind {
            Kind::Null => Self::stand("null", None, folder),
            Kind::SqliteSingle => Self::stand("sqlite-single", Some(&sqlite), folder),
            Kind::Memory => Self::serve(place, "memory:", folder),
            Kind::Sqlite | Kind::SqliteOnto => Self::serve(place, &sqlite, folder),
        }
    }

    /// What an operator runs, on the database of this URL.
    pub fn serve(place: &Place, url: &str, folder: &Path) -> Outcome<Self> {
        let address = free_address()?;
        let mut command = Command::new(place.program()?);
        command.args(["serve", "--bind", &address.to_string()]);
        command.args(["--log-level", "INFO"]);
        // Not as a flag: it may have a password in it.
        command.env("DATABASE_URL", url);
        Self::launch(command, address, folder)
    }

    /// This program as a server, with another store, on the database of this URL.
    pub fn stand(store: &str, url: Option<&str>, folder: &Path) -> Outcome<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["stand", "--store", store, "--bind", &address.to_string()]);
        if let Some(url) = url {
            command.env("DATABASE_URL", url);
        }
        Self::launch(command, address, folder)
    }

    fn launch(mut command: Command, address: SocketAddr, folder: &Path) -> Outcome<Self> {
        let log = folder.join("log");
        let began = Instant::now();
        let child = command
            // Where there is no .env.
            .current_dir(folder)
            .env("WEBHOOK_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .spawn()?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        while began.elapsed() < START {
            if let Some(status) = server.child.try_wait()? {
                let log = fs::read_to_string(&log).unwrap_or_default();
                let last = log.lines().next_back().unwrap_or_default();
                return Err(format!("the server ended ({status}): {last}").into());
            }
            if let Ok(mut http) = Http::connect(address)
                && http
                    .get("/health/ready")
                    .is_ok_and(|(status, _)| status == 200)
            {
                server.ready_after = began.elapsed();
                return Ok(server);
            }
            thread::sleep(Duration::from_micros(500));
        }
        Err("the server does not become ready".into())
    }

    /// Processor time that it has used since its start.
    pub fn cpu(&self) -> Outcome<Duration> {
        cpu_of(self.child.id())
    }

    /// Resident memory now and at its highest, in mebibytes.
    pub fn memory(&self) -> Outcome<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
            Some(kibibytes / 1024.0)
        };
        let both = mebibytes("VmRSS:").zip(mebibytes("VmHWM:"));
        both.ok_or_else(|| "/proc has changed".into())
    }

    /// Stops it as an operator would.
    pub fn stop(mut self) -> Outcome {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let began = Instant::now();
        while began.elapsed() < STOP {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err("the server does not stop".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time, user and system, that a process has used since its start.
pub fn cpu_of(pid: u32) -> Outcome<Duration> {
    Ok(Times::of(pid)?.own)
}

/// What `/proc` knows of a process.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub parent: u32,
    /// Processor time, user and system.
    pub own: Duration,
    /// That of its children that have ended.
    pub ended_children: Duration,
}

impl Times {
    pub fn of(pid: u32) -> Outcome<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        Self::parse(&stat).ok_or_else(|| "/proc has changed".into())
    }

    fn parse(stat: &str) -> Option<Self> {
        // The second field is the program's name in parentheses, whatever is in it.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u32>().ok();
        Some(Self {
            parent: number(1)?,
            own: TICK * (number(11)? + number(12)?),
            ended_children: TICK * (number(13)? + number(14)?),
        })
    }
}

/// An address on which nobody listens, most likely also in a moment.
fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_whatever_the_name_is() {
        let stat = "7 (a) b (c) S 3 7 7 0 -1 4194304 9 8 7 6 150 50 30 20 20 0 1 0";
        let times = Times::parse(stat).expect("times");
        assert_eq!(times.parent, 3);
        assert_eq!(times.own, Duration::from_secs(2));
        assert_eq!(times.ended_children, Duration::from_millis(500));
        assert!(Times::parse("7 (a").is_none());
    }
}

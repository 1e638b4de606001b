//! A PostgreSQL server of one's own, and how it goes away and comes back.

use std::{
    env,
    ffi::OsStr,
    fmt::Write as _,
    fs,
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    str::FromStr as _,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use sea_orm::sqlx::{self, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::time::sleep;

use super::Blow;

/// Whom it runs as where this is root, as whom it does not run.
const USER: &str = "postgres";

/// Where Debian puts it, a folder for each version, and not into the PATH.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Below the ports that outgoing connections get: while the server is down, one that looks for it
/// must not be given its port.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// How long it may take until it is back.
const PATIENCE: Duration = Duration::from_mins(1);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// A server, stopped and removed when it is dropped.
pub struct Cluster {
    folder: TempDir,
    binaries: PathBuf,
    as_user: bool,
    pub url: String,
    options: PgConnectOptions,
}

impl Cluster {
    /// Makes one, and starts it.
    pub async fn start(folder: TempDir, random: &mut fastrand::Rng) -> anyhow::Result<Self> {
        let as_user = rustix::process::geteuid().is_root();
        if as_user {
            let (user, group) = (number_of("-u")?, number_of("-g")?);
            chown(folder.path(), Some(user), Some(group))?;
        }
        let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let port = std::iter::repeat_with(|| random.u16(PORTS)).find(free);
        let port = port.context("no port is free")?;
        let url = format!("postgres://countersign@127.0.0.1:{port}/postgres?sslmode=disable");
        let cluster = Self {
            options: PgConnectOptions::from_str(&url)?,
            binaries: binaries()?,
            folder,
            as_user,
            url,
        };
        // What is made is not torn down before it is used: it need not be on the disk.
        let make = ["--auth=trust", "--username=countersign", "--encoding=UTF8"];
        let mut initdb = cluster.command("initdb", make);
        initdb.args(["--no-locale", "--no-sync"]);
        run(initdb).await.context("no cluster could be made")?;
        let mut settings = fs::read_to_string(cluster.data().join("postgresql.conf"))?;
        write!(
            settings,
            "\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\nfsync = on\n",
            cluster.folder.path().display(),
        )?;
        fs::write(cluster.data().join("postgresql.conf"), settings)?;
        run(cluster.control(["start"])).await?;
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("cluster")
    }

    /// A program of PostgreSQL's on this cluster.
    fn command<S: AsRef<OsStr>>(
        &self,
        name: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let program = self.binaries.join(name);
        let mut command = if self.as_user {
            let mut setpriv = Command::new("setpriv");
            setpriv.arg(format!("--reuid={USER}"));
            setpriv.arg(format!("--regid={USER}"));
            setpriv.arg("--clear-groups").arg(program);
            setpriv
        } else {
            Command::new(program)
        };
        command
            .arg("--pgdata")
            .arg(self.data())
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        command
    }

    /// `pg_ctl`, which waits until it is done.
    fn control<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = self.command("pg_ctl", arguments);
        command.arg("--log").arg(self.folder.path().join("log"));
        command.args(["--wait", "--timeout=60"]);
        command
    }

    /// The process that all others of it come from.
    fn postmaster(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        Pid::from_raw(file.lines().next()?.trim().parse().ok()?)
    }

    /// A connection, if it takes one.
    pub async fn connect(&self) -> anyhow::Result<PgConnection> {
        use sea_orm::sqlx::Connection as _;
        Ok(PgConnection::connect_with(&self.options).await?)
    }

    /// Takes it away, and brings it back; says when it took connections again.
    pub async fn suffer(&self, blow: Blow) -> anyhow::Result<Instant> {
        match blow {
            Blow::Frozen(time) => {
                self.signal_all(Signal::STOP)?;
                sleep(time).await;
                self.signal_all(Signal::CONT)?;
                return Ok(Instant::now());
            }
            Blow::Disconnected => {
                let mut connection = self.connect().await?;
                sqlx::query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
                )
                .execute(&mut connection)
                .await?;
                return Ok(Instant::now());
            }
            _ => {}
        }
        let before = self.postmaster();
        let suffering = async {
            match blow {
                Blow::Immediate => run(self.control(["restart", "--mode=immediate"])).await,
                Blow::Fast => run(self.control(["restart", "--mode=fast"])).await,
                Blow::Away(away) => {
                    run(self.control(["stop", "--mode=fast"])).await?;
                    sleep(away).await;
                    run(self.control(["start"])).await
                }
                Blow::Postmaster => {
                    kill_process(before.context("it does not run")?, Signal::KILL)?;
                    self.start_again().await
                }
                other => bail!("{other:?} is not its to suffer"),
            }
        };
        let back = async {
            loop {
                if self.postmaster() != before && self.connect().await.is_ok() {
                    return Ok(Instant::now());
                }
                sleep(PAUSE).await;
            }
        };
        let done = async { tokio::try_join!(suffering, back) };
        let done = tokio::time::timeout(PATIENCE, done).await;
        let ((), back) = done.with_context(|| format!("{blow:?}: the database is not back"))??;
        Ok(back)
    }

    /// Sends a signal to each of its processes; to the first one first, which makes the others.
    fn signal_all(&self, signal: Signal) -> anyhow::Result<()> {
        let first = self.postmaster().context("it does not run")?;
        kill_process(first, signal)?;
        let first = first.as_raw_nonzero();
        let children = fs::read_to_string(format!("/proc/{first}/task/{first}/children"))?;
        for child in children.split_whitespace() {
            let child = Pid::from_raw(child.parse()?).context("no process id")?;
            // It may have ended.
            let _ = kill_process(child, signal);
        }
        Ok(())
    }

    /// It refuses to start for as long as one of the processes of before is there.
    async fn start_again(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let started = run(self.control(["start"])).await;
            if started.is_ok() || began.elapsed() > PATIENCE {
                return started;
            }
            sleep(PAUSE).await;
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It was never started, perhaps.
        let _ = self.control(["stop", "--mode=immediate"]).output();
    }
}

/// Runs it to its end.
async fn run(mut command: Command) -> anyhow::Result<()> {
    // Not through a pipe: the server would inherit it, and keep it open.
    let said = tempfile::tempfile()?;
    command.stdout(said.try_clone()?).stderr(said.try_clone()?);
    let name = format!("{command:?}");
    let status = tokio::task::spawn_blocking(move || command.status()).await?;
    let status = status.with_context(|| format!("{name} cannot be run"))?;
    if !status.success() {
        use std::io::{Read as _, Seek as _};
        let (mut said, mut text) = (said, String::new());
        said.rewind()?;
        said.read_to_string(&mut text)?;
        bail!("{name} ended with {status}: {}", text.trim());
    }
    Ok(())
}

/// Where the server's programs are.
fn binaries() -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    let complete = |bin: &PathBuf| {
        let programs = ["initdb", "pg_ctl", "postgres"];
        programs.iter().all(|name| Path::is_file(&bin.join(name)))
    };
    env::split_paths(&path)
        .chain(versions.into_iter().map(|(_, bin)| bin))
        .find(complete)
        .with_context(|| {
            format!(
                "PostgreSQL's server is neither in the PATH nor in {DEBIAN}: install it \
                 (apt-get install postgresql)"
            )
        })
}

/// What `id` says of the user.
fn number_of(option: &str) -> anyhow::Result<u32> {
    let output = Command::new("id").args([option, USER]).output()?;
    ensure!(
        output.status.success(),
        "PostgreSQL does not run as root, and there is no user {USER}: install it \
         (apt-get install postgresql), or be somebody else"
    );
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

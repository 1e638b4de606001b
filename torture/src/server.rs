//! The program as a process: how it starts, what it logs, how it ends.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Read},
    net::TcpListener,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::task::block_in_place;

use crate::{api::Api, findings::Findings, message::SECRET};

/// How long a start or an end may take, with room for a busy machine and for strace.
const PATIENCE: Duration = Duration::from_mins(1);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(2);

/// How many of the last lines are kept.
const KEPT: usize = 40;

/// How to start it.
#[derive(Debug, Clone)]
pub struct Launch {
    /// A command in front, such as strace, and whether it is the program's parent.
    pub wrapper: Vec<OsString>,
    pub wrapper_is_parent: bool,
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub database: PathBuf,
    /// The database, where it is none that is in a file.
    pub url: Option<String>,
    /// Other settings.
    pub settings: Vec<(&'static str, String)>,
    /// A socket that it gets as its standard input, instead of nothing.
    pub socket: Option<Arc<TcpListener>>,
}

impl Launch {
    /// The program on this database.
    pub fn new(program: &Path, database: &Path) -> Self {
        Self {
            wrapper: Vec::new(),
            wrapper_is_parent: false,
            program: program.to_owned(),
            arguments: Vec::new(),
            database: database.to_owned(),
            url: None,
            settings: Vec::new(),
            socket: None,
        }
    }

    /// The program on the database with this URL.
    pub fn on_server(program: &Path, url: &str) -> Self {
        Self {
            url: Some(url.to_owned()),
            ..Self::new(program, Path::new(""))
        }
    }

    /// The same with another setting.
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.settings.push((name, value.to_string()));
        self
    }

    /// The same, run by a shell that does something first and then becomes the program.
    pub fn after(mut self, shell: &str) -> Self {
        let script = format!("{shell}; exec \"$@\"");
        self.wrapper = ["sh", "-c", &script, "sh"].map(Into::into).into();
        self
    }

    /// The same, with a socket that somebody else listens on, as systemd passes one.
    pub fn activated_by(self, socket: Arc<TcpListener>) -> Self {
        let mut launch = self.after("exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$");
        launch.socket = Some(socket);
        launch
    }

    /// The same, ending as soon as it is told to: where nobody new comes, nobody has to learn that
    /// it is about to.
    pub fn ending_at_once(self) -> Self {
        self.with("SHUTDOWN_DELAY_SECONDS", 0)
    }

    /// The same under strace, which needs `-o` among its arguments.
    pub fn under_strace<S: Into<OsString>>(
        mut self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        self.wrapper = std::iter::once("strace".into())
            .chain(arguments.into_iter().map(Into::into))
            .collect();
        self.wrapper_is_parent = true;
        self
    }

    /// The same, on a disk that takes so much longer for every sync.
    pub fn with_slow_syncs(self, delay: Duration) -> Self {
        let delay = delay.as_micros();
        self.under_strace([
            "-f".to_owned(),
            "--seccomp-bpf".to_owned(),
            "-qq".to_owned(),
            "-e".to_owned(),
            "trace=fdatasync,fsync".to_owned(),
            "-e".to_owned(),
            format!("inject=fdatasync,fsync:delay_exit={delay}"),
            "-o".to_owned(),
            "/dev/null".to_owned(),
        ])
    }

    /// Starts it, and waits until it listens or has ended.
    pub fn start(&self) -> anyhow::Result<Started> {
        // What else is to be done meanwhile, another thread does.
        block_in_place(|| self.start_here())
    }

    fn start_here(&self) -> anyhow::Result<Started> {
        let mut words = self
            .wrapper
            .iter()
            .map(OsString::as_os_str)
            .collect::<Vec<_>>();
        words.push(self.program.as_os_str());
        words.extend(self.arguments.iter().map(OsString::as_os_str));
        let (first, rest) = words.split_first().context("nothing to start")?;
        let folder = self.database.parent().and_then(Path::parent);
        let file = || format!("sqlite://{}", self.database.display());
        let url = self.url.clone().unwrap_or_else(file);
        let began = Instant::now();
        let mut child = Command::new(first)
            .args(rest)
            .current_dir(folder.unwrap_or(Path::new("/")))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("WEBHOOK_SECRET", SECRET)
            .env("BIND", "127.0.0.1:0")
            .env("DATABASE_URL", url)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(self.stdin()?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", first.display()))?;
        let log = Arc::new(Mutex::new(Log::default()));
        let (sender, listening) = mpsc::channel();
        let output = child.stdout.take().context("no output")?;
        let errors = child.stderr.take().context("no error output")?;
        let readers = vec![
            thread::spawn({
                let log = Arc::clone(&log);
                move || read_log(output, &log, &sender)
            }),
            thread::spawn({
                let log = Arc::clone(&log);
                move || read_errors(errors, &log)
            }),
        ];
        let mut server = Server {
            pid: Pid::from_child(&child),
            child,
            readers,
            log,
            address: String::new(),
            began,
        };
        // The sender goes with the end of the output.
        match listening.recv_timeout(PATIENCE) {
            Ok(address) => {
                server.address = address;
                if self.wrapper_is_parent {
                    server.pid = child_of(server.pid)?;
                }
                Ok(Started::Listening(server))
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Ok(Started::Ended(server.ended()?)),
            Err(mpsc::RecvTimeoutError::Timeout) => bail!("it neither listens nor ends"),
        }
    }

    fn stdin(&self) -> anyhow::Result<Stdio> {
        Ok(match &self.socket {
            Some(socket) => OwnedFd::from(socket.try_clone()?).into(),
            None => Stdio::null(),
        })
    }

    /// Starts it where it has to start.
    pub fn serve(&self) -> anyhow::Result<Server> {
        match self.start()? {
            Started::Listening(server) => Ok(server),
            Started::Ended(ended) => bail!(
                "it ended with {} instead of listening: {:#?}",
                ended.status,
                ended.log.last
            ),
        }
    }
}

/// The only child of a process.
fn child_of(parent: Pid) -> anyhow::Result<Pid> {
    let parent = parent.as_raw_nonzero();
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
    let pid = children.split_whitespace().next().context("no child")?;
    Pid::from_raw(pid.parse()?).context("no process id")
}

/// What a start came to.
pub enum Started {
    Listening(Server),
    Ended(Ended),
}

/// A process that has ended.
pub struct Ended {
    pub status: ExitStatus,
    pub log: Log,
}

impl Ended {
    /// It said what is wrong with the database, and how to mend it, and ended with a code that says
    /// so too.
    pub fn check_refusal(&self, place: &str, database: &Path, findings: &mut Findings) {
        self.log.check(place, findings);
        let code = self.status.code();
        findings.check(matches!(code, Some(69 | 78)), || {
            format!(
                "{place}: it ended with {} and not with 69 or 78",
                self.status
            )
        });
        let last = self.log.last.back().cloned().unwrap_or_default();
        let says = |name: &str| last[name].as_str().unwrap_or_default();
        // The folder, if it is what's wrong.
        let path = database.parent().unwrap_or(database).to_string_lossy();
        let clear = says("level") == "ERROR"
            && says("message").contains(&*path)
            && !says("help").is_empty();
        findings.check(clear, || {
            format!("{place}: it did not say what is wrong: {last}")
        });
    }
}

/// What a process wrote.
#[derive(Debug, Default)]
pub struct Log {
    /// Complete lines that are no flat JSON objects.
    pub malformed: Vec<String>,
    /// Lines about panics, and whatever went to standard error of the kind.
    pub panics: Vec<String>,
    /// Whether the secret was in it.
    pub leaked: bool,
    /// Lines of level ERROR.
    pub errors: u64,
    /// Ids that were logged as newly stored.
    pub created: Vec<String>,
    /// The last lines.
    pub last: VecDeque<Value>,
}

impl Log {
    /// Every line was JSON, nobody panicked, the secret was kept.
    pub fn check(&self, place: &str, findings: &mut Findings) {
        for line in &self.malformed {
            findings.add(format!("{place}: a log line is no JSON object: {line}"));
        }
        for line in &self.panics {
            findings.add(format!("{place}: it panicked: {line}"));
        }
        findings.check(!self.leaked, || {
            format!("{place}: the secret is in the log")
        });
    }

    fn line(&mut self, line: &str) -> Option<Value> {
        self.leaked |= line.contains(SECRET);
        let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(line) else {
            self.malformed.push(line.to_owned());
            return None;
        };
        if value["message"] == "panic" {
            self.panics.push(line.to_owned());
        }
        if value["level"] == "ERROR" {
            self.errors += 1;
        }
        if value["result"] == "created"
            && let Some(id) = value["message_id"].as_str()
        {
            self.created.push(id.to_owned());
        }
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(value.clone());
        Some(value)
    }
}

fn read_log(output: impl Read, log: &Mutex<Log>, listening: &mpsc::Sender<String>) {
    let mut output = BufReader::new(output);
    let mut bytes = Vec::new();
    while let Ok(1..) = output.read_until(b'\n', &mut bytes) {
        // The last line of a process that was killed may be cut off.
        let Some(line) = bytes.strip_suffix(b"\n") else {
            return;
        };
        let line = String::from_utf8_lossy(line);
        let value = log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .line(&line);
        let value = value.unwrap_or_default();
        if value["message"] == "listening"
            && let Some(address) = value["address"].as_str()
        {
            // Nobody waits a second time.
            let _ = listening.send(address.to_owned());
        }
        bytes.clear();
    }
}

fn read_errors(errors: impl Read, log: &Mutex<Log>) {
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        // strace has things to say here too.
        if line.contains("panicked") {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.panics.push(line);
        }
    }
}

/// A process, as the system sees it.
#[derive(Debug, Clone, Copy)]
pub struct Process(Pid);

impl Process {
    /// How much memory it has that is not shared with others, in bytes.
    pub fn memory(self) -> anyhow::Result<u64> {
        let status = self.file("status")?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .context("no RssAnon")?;
        let kib = line.trim().trim_end_matches("kB").trim().parse::<u64>()?;
        Ok(kib * 1024)
    }

    /// How much processor time it has used.
    pub fn processor(self) -> anyhow::Result<Duration> {
        // The second field, the program's name, may have blanks; it ends with a parenthesis.
        let stat = self.file("stat")?;
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let mut times = fields.split_whitespace().skip(11);
        let mut ticks = || anyhow::Ok(times.next().context("no time")?.parse::<u64>()?);
        let ticks = ticks()? + ticks()?;
        // A tick is a hundredth of a second, whatever the kernel counts in itself (proc(5)).
        Ok(Duration::from_millis(ticks * 10))
    }

    /// How many files and sockets it has open.
    pub fn descriptors(self) -> anyhow::Result<usize> {
        Ok(fs::read_dir(self.path("fd"))?.count())
    }

    fn file(self, name: &str) -> anyhow::Result<String> {
        let path = self.path(name);
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
    }

    fn path(self, name: &str) -> PathBuf {
        format!("/proc/{}/{name}", self.0.as_raw_nonzero()).into()
    }
}

/// A process that listens. It is killed when it is dropped.
pub struct Server {
    child: Child,
    pid: Pid,
    readers: Vec<JoinHandle<()>>,
    log: Arc<Mutex<Log>>,
    pub address: String,
    began: Instant,
}

impl Server {
    /// How to talk to it.
    pub fn api(&self) -> anyhow::Result<Api> {
        Api::new(&self.address)
    }

    /// Waits until it is ready; says how long that took since it was started.
    pub async fn ready(&self, api: &Api) -> anyhow::Result<Duration> {
        while !api.is_ready().await {
            if self.began.elapsed() > PATIENCE {
                bail!("it does not become ready");
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(self.began.elapsed())
    }

    /// What the system says of the process.
    pub fn process(&self) -> Process {
        Process(self.pid)
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Sends SIGKILL, now.
    pub fn kill(&self) -> anyhow::Result<()> {
        Ok(kill_process(self.pid, Signal::KILL)?)
    }

    /// Sends SIGTERM, and waits for the end.
    pub fn terminate(self) -> anyhow::Result<Ended> {
        kill_process(self.pid, Signal::TERM)?;
        self.ended()
    }

    /// Waits for the end. All of the log is read then.
    pub fn ended(self) -> anyhow::Result<Ended> {
        block_in_place(|| self.ended_here())
    }

    fn ended_here(mut self) -> anyhow::Result<Ended> {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if Instant::now() > deadline {
                bail!("it does not end");
            }
            thread::sleep(PAUSE);
        };
        for reader in self.readers.drain(..) {
            reader.join().map_err(|_| anyhow!("a reader panicked"))?;
        }
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Ended {
            status,
            log: std::mem::take(&mut log),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both do nothing to what has ended: it was waited for.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.kill();
            if Pid::from_child(&self.child) != self.pid {
                thread::sleep(PAUSE);
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

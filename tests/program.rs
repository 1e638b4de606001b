//! The program as a process: where it runs, what it is told, and what it says.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{LazyLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use cargo_metadata::Message;
use reqwest::{Client, Response};
use serde_json::Value;
use tempfile::TempDir;

use crate::http::app::{SECRET, body, sign};

/// The program, built as these tests were.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let release = !cfg!(debug_assertions);
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo tells this test of its own package: some build scripts (ring's) look at it, and would
    // have half of everything built again each time.
    let of_this_package =
        |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars() {
        if of_this_package(&name) {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .args(["build", "--package", "countersign", "--message-format=json"])
        .args(release.then_some("--release"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo build failed");
    Message::parse_stream(output.stdout.as_slice())
        .filter_map(|message| match message {
            Ok(Message::CompilerArtifact(artifact)) => artifact.executable,
            _ => None,
        })
        .last()
        .expect("an executable")
        .into()
});

/// How long anything may take here, with room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder to run in, and what the program's environment says.
pub struct Setup {
    pub folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Setup {
    /// A secret, a free port, and the default database.
    pub fn new() -> Self {
        let mut setup = Self::without_secret();
        setup.set("WEBHOOK_SECRET", SECRET);
        setup
    }

    pub fn without_secret() -> Self {
        let mut setup = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            environment: Vec::new(),
        };
        setup.set("BIND", "127.0.0.1:0");
        // Nobody sends it connections who would have to notice.
        setup.set("SHUTDOWN_DELAY_SECONDS", "0");
        setup
    }

    /// The same, and nothing is stored on a disk.
    pub fn in_memory(mut self) -> Self {
        self.set("DATABASE_URL", "memory:");
        self
    }

    pub fn set(&mut self, name: &'static str, value: &str) {
        self.environment.push((name, value.to_owned()));
    }

    pub fn unset(&mut self, name: &str) {
        self.environment.retain(|(other, _)| *other != name);
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&*PROGRAM);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs to its end, which must come by itself.
    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        said(&self.command(arguments).output().expect("the program runs"))
    }

    /// The same, with this on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("piped");
        // It may have ended without reading.
        let _ = stdin.write_all(input);
        drop(stdin);
        said(&child.wait_with_output().expect("the program runs"))
    }

    /// Writes a file into its folder; the path.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// Starts serving, and waits until it listens.
    pub fn serve(&self) -> Server {
        Self::start(self.command(&[]))
    }

    /// What a shell says before it becomes the program, which is its `$0`.
    pub fn shell(&self, script: &str) -> Command {
        let program = self.command(&[]);
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", script])
            .arg(program.get_program())
            .current_dir(self.folder.path())
            .env_clear();
        for (name, value) in program.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        shell
    }

    /// Waits until the program listens that a command becomes.
    pub fn start(mut command: Command) -> Server {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        thread::spawn(move || {
            for line in output.lines() {
                let _ = sender.send(line.expect("UTF-8"));
            }
        });
        let mut server = Server {
            child,
            lines,
            log: Vec::new(),
            address: String::new(),
        };
        let listening = server.wait_for_line("listening");
        let address = listening["address"].as_str().expect("an address");
        address.clone_into(&mut server.address);
        server
    }
}

/// How it ended, and what it said on standard output and standard error.
fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

pub struct Server {
    child: Child,
    lines: mpsc::Receiver<String>,
    pub log: Vec<String>,
    pub address: String,
}

impl Server {
    /// The next line with this message. Every line up to it must be one flat JSON object.
    pub fn wait_for_line(&mut self, message: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {message:?} in {:#?}", self.log));
            let value = parse(&line);
            self.log.push(line);
            if value["message"] == message {
                return value;
            }
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> Response {
        reqwest::get(self.url(path)).await.expect("an answer")
    }

    pub async fn deliver(
        &self,
        client: &Client,
        id: &str,
        text: &str,
    ) -> reqwest::Result<Response> {
        let body = body(id, "2025-01-15T10:00:00Z", text).to_string();
        client
            .post(self.url("/webhook"))
            .header("X-Signature", sign(body.as_bytes()))
            .body(body)
            .send()
            .await
    }

    /// The process' id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for the end; the rest of the log is read.
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end: {:#?}",
                self.log
            );
            thread::sleep(Duration::from_millis(5));
        };
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            parse(&line);
            self.log.push(line);
        }
        status
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line of the log: one JSON object, nothing nested, with when and how grave.
pub fn parse(line: &str) -> Value {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    let members = value.as_object().expect("an object");
    assert!(
        members
            .values()
            .all(|value| !value.is_object() && !value.is_array()),
        "{line}"
    );
    let ts = value["ts"].as_str().expect("a time");
    countersign_core::Timestamp::parse_rfc3339(ts).expect("RFC 3339");
    assert!(value["level"].is_string(), "{line}");
    value
}

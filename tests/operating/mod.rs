//! The operator's commands that talk to a running server, as an operator types them.

mod listing;
mod replaying;
mod signing;
mod tailing;

use std::{
    io::{BufRead as _, BufReader, Read},
    process::{Child, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;

use crate::{
    http::app::{body, sign},
    program::{Server, Setup},
};

/// How long anything may take here, with room for a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

const TOKEN: &str = "CANARY-token-of-readers-71c2";

/// Delivers a message that was sent at this instant.
async fn deliver(server: &Server, id: &str, ts: &str, text: &str) {
    let body = body(id, ts, text).to_string();
    let request = Client::new()
        .post(server.url("/webhook"))
        .header("X-Signature", sign(body.as_bytes()))
        .body(body);
    assert_eq!(request.send().await.expect("an answer").status(), 200);
}

/// The lines of JSON.
fn objects(output: &str) -> Vec<Value> {
    let lines = output.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

fn ids(objects: &[Value]) -> Vec<&str> {
    let ids = objects.iter().map(|object| object["message_id"].as_str());
    ids.map(|id| id.expect("an id")).collect()
}

/// A command that goes on, and what it says meanwhile.
struct Running {
    child: Child,
    out: mpsc::Receiver<String>,
    err: mpsc::Receiver<String>,
}

impl Running {
    fn start(setup: &Setup, arguments: &[&str]) -> Self {
        let mut child = setup
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Self {
            out: lines(child.stdout.take().expect("piped")),
            err: lines(child.stderr.take().expect("piped")),
            child,
        }
    }

    /// The next line of its output.
    fn line(&self) -> String {
        let line = self.out.recv_timeout(PATIENCE);
        line.unwrap_or_else(|_| panic!("it says nothing, but: {:?}", self.said()))
    }

    fn object(&self) -> Value {
        objects(&self.line()).remove(0)
    }

    /// Waits until its standard error has a line with this.
    fn wait_for(&self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.err.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("nothing with {part:?}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    fn said(&self) -> Vec<String> {
        self.err.try_iter().collect()
    }

    fn signal(&self, name: &str) {
        let status = std::process::Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for the end, which must come by itself.
    fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(output: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let _ = sender.send(line.expect("UTF-8"));
        }
    });
    lines
}

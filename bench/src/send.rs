//! Load, by the program's own generator in a process of its own.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Outcome,
    process::{Place, SECRET},
};

/// In which order ids come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// As UUIDs of version 7 and providers' sequences do.
    Ordered,
    /// As UUIDs of version 4 do.
    Random,
}

impl Ids {
    /// As it stands on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Random => "random",
        }
    }
}

/// For how long.
#[derive(Debug, Clone, Copy)]
pub enum Extent {
    Seconds(u32),
    Messages(u64),
}

/// How to send.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub connections: u16,
    pub ids: Ids,
    pub extent: Extent,
    pub rate: Option<u32>,
    /// How many messages to make before the clock starts.
    pub prepare: u64,
    pub senders: u32,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Sent {
    pub elapsed_s: f64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub max_ms: f64,
    /// Answered 200.
    pub accepted: u64,
    /// Answered something else, or nothing.
    pub refused: u64,
}

/// A generator at work.
pub struct Sending(Child);

impl Sending {
    /// Starts it; the ids that are answered 200 go to `acknowledged`.
    pub fn start(place: &Place, to: SocketAddr, load: &Load, acknowledged: &Path) -> Outcome<Self> {
        let mut command = Command::new(place.program()?);
        command
            .args(["send", "--json", "--url", &format!("http://{to}/webhook")])
            .args(["--connections", &load.connections.to_string()])
            .args(["--ids", load.ids.name()])
            .args(["--senders", &load.senders.to_string()])
            .args(["--prepare", &load.prepare.to_string()])
            .arg("--acknowledged")
            .arg(acknowledged);
        match load.extent {
            Extent::Seconds(seconds) => command.args(["--duration", &seconds.to_string()]),
            Extent::Messages(count) => command.args(["--count", &count.to_string()]),
        };
        if let Some(rate) = load.rate {
            command.args(["--rate", &rate.to_string()]);
        }
        if let Some(folder) = acknowledged.parent() {
            command.current_dir(folder);
        }
        let child = command
            .env("WEBHOOK_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self(child))
    }

    /// Whether it is still at it.
    pub fn running(&mut self) -> Outcome<bool> {
        Ok(self.0.try_wait()?.is_none())
    }

    /// Waits for its end.
    pub fn finish(self) -> Outcome<Sent> {
        let output = self.0.wait_with_output()?;
        // It also fails if one message was not answered 200, and that is for the caller to judge.
        let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) else {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("countersign send failed: {said}").into());
        };
        Sent::read(&report).ok_or_else(|| format!("countersign send said {report}").into())
    }
}

/// Sends, and waits for its end.
pub fn send(place: &Place, to: SocketAddr, load: &Load, acknowledged: &Path) -> Outcome<Sent> {
    Sending::start(place, to, load, acknowledged)?.finish()
}

impl Sent {
    fn read(report: &Value) -> Option<Self> {
        let latency = |name: &str| report["latency_ms"][name].as_f64();
        let answered: u64 = report["by_status"]
            .as_object()?
            .values()
            .filter_map(Value::as_u64)
            .sum();
        let accepted = report["by_status"]["200"].as_u64().unwrap_or_default();
        Some(Self {
            elapsed_s: report["elapsed_s"].as_f64()?,
            per_second: report["per_second"].as_f64()?,
            p50_ms: latency("p50")?,
            p99_ms: latency("p99")?,
            p999_ms: latency("p99.9")?,
            max_ms: latency("max")?,
            accepted,
            refused: answered - accepted + report["unanswered"].as_u64()?,
        })
    }
}

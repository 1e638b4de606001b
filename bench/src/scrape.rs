//! What a server says when it is asked.

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use countersign_load::HttpClient;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::Outcome;

/// How long the fold may take to catch up.
const FOLD: Duration = Duration::from_hours(1);

/// One connection, kept alive, for callers that are not asynchronous.
pub struct Http {
    runtime: Runtime,
    client: HttpClient,
    address: SocketAddr,
}

impl Http {
    pub fn connect(address: SocketAddr) -> Outcome<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(HttpClient::connect(&address.to_string()))?;
        Ok(Self {
            runtime,
            client,
            address,
        })
    }

    /// Status and body.
    pub fn get(&mut self, path: &str) -> Outcome<(u16, Vec<u8>)> {
        let (status, body, _) = self.timed(path)?;
        Ok((status, body))
    }

    /// Status and body, and how long it took from the first byte sent to the last one received.
    pub fn timed(&mut self, path: &str) -> Outcome<(u16, Vec<u8>, Duration)> {
        let address = self.address;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let client = &mut self.client;
        self.runtime.block_on(async {
            if client.must_close() {
                *client = HttpClient::connect(&address.to_string()).await?;
            }
            let began = Instant::now();
            let answer = client.exchange(request.as_bytes()).await?;
            let took = began.elapsed();
            Ok((answer.status, answer.body.to_vec(), took))
        })
    }

    pub fn json(&mut self, path: &str) -> Outcome<Value> {
        let (status, body) = self.get(path)?;
        if status != 200 {
            let body = String::from_utf8_lossy(&body);
            return Err(format!("{path} was answered {status}: {body}").into());
        }
        Ok(serde_json::from_slice(&body)?)
    }

    /// How many messages the server has, as it says.
    pub fn total(&mut self) -> Outcome<u64> {
        let total = self.json("/stats")?["total_messages"].as_u64();
        total.ok_or_else(|| "/stats has no total".into())
    }

    /// A metric without labels, or the sum of all with this name; 0 if there is none.
    pub fn metric(&mut self, name: &str) -> Outcome<f64> {
        let (_, text) = self.get("/metrics")?;
        let text = String::from_utf8(text)?;
        Ok(text.lines().filter_map(|line| value(line, name)).sum())
    }

    /// Waits until nothing is left to fold, and says how long that took.
    pub fn folded(&mut self) -> Outcome<Duration> {
        let began = Instant::now();
        while began.elapsed() < FOLD {
            if self.metric(LAG_MESSAGES)? <= 0.0 {
                return Ok(began.elapsed());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err("the fold does not catch up".into())
    }
}

/// How many stored messages are not folded yet.
pub const LAG_MESSAGES: &str = "db_fold_lag_messages";

/// How long the oldest of them has been waiting.
pub const LAG_SECONDS: &str = "db_fold_lag_seconds";

/// The value in a line of Prometheus' text format, if it is one of this name.
fn value(line: &str, name: &str) -> Option<f64> {
    let rest = line.strip_prefix(name)?;
    let rest = match rest.strip_prefix('{') {
        Some(labels) => labels.split_once('}')?.1,
        None => rest,
    };
    rest.strip_prefix(' ')?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn metrics_are_found_by_their_whole_name() {
        assert_eq!(value("lag 3", "lag"), Some(3.0));
        assert_eq!(value("lag{a=\"b c\"} 2.5", "lag"), Some(2.5));
        assert_eq!(value("lag_seconds 3", "lag"), None);
        assert_eq!(value("# TYPE lag gauge", "lag"), None);
    }
}

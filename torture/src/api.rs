//! A server, seen through HTTP.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context as _, ensure};
use reqwest::{Client, StatusCode, header};
use serde_json::Value;

use crate::{
    database::Stored,
    findings::Findings,
    message::{Content, Message},
};

/// How long an answer may take before it counts as none.
const PATIENCE: Duration = Duration::from_secs(30);

/// For how long what was seen of readiness is told to others who ask, and a little more.
pub const SHARED: Duration = Duration::from_millis(250);

/// In how many seconds those may be told to come back who are refused.
const RETRY_AFTER: std::ops::RangeInclusive<u64> = 1..=5;

/// The largest page.
const PAGE: usize = 100;

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 200.
    Stored,
    /// 503. It may be stored all the same. Whether it says when to come back, in 1 to 5 seconds.
    Unavailable { retry_after: bool },
    /// Any other answer.
    Other(StatusCode),
    /// No answer.
    Nothing,
}

/// One server, over one connection that is kept open.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    base: String,
}

impl Api {
    /// The server at this address.
    pub fn new(address: &str) -> anyhow::Result<Self> {
        Ok(Self {
            client: Client::builder()
                .timeout(PATIENCE)
                .tcp_nodelay(true)
                .no_proxy()
                .build()?,
            base: format!("http://{address}"),
        })
    }

    /// Sends a message.
    pub async fn deliver(&self, message: &Message) -> Answer {
        self.deliver_as(message, &message.id).await
    }

    /// Sends a message under a request id.
    pub async fn deliver_as(&self, message: &Message, request_id: &str) -> Answer {
        let headers = [
            ("X-Signature", message.signature.clone()),
            ("X-Request-Id", request_id.to_owned()),
        ];
        self.post("/webhook", &headers, &message.body).await
    }

    /// Sends a body.
    pub async fn post(&self, path: &str, headers: &[(&str, String)], body: &str) -> Answer {
        let mut request = self
            .client
            .post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let Ok(response) = request.send().await else {
            return Answer::Nothing;
        };
        let (status, headers) = (response.status(), response.headers().clone());
        // An answer that breaks off is none.
        if response.bytes().await.is_err() {
            return Answer::Nothing;
        }
        match status {
            StatusCode::OK => Answer::Stored,
            StatusCode::SERVICE_UNAVAILABLE => Answer::Unavailable {
                retry_after: headers
                    .get(header::RETRY_AFTER)
                    .and_then(|seconds| seconds.to_str().ok()?.parse().ok())
                    .is_some_and(|seconds: u64| RETRY_AFTER.contains(&seconds)),
            },
            other => Answer::Other(other),
        }
    }

    /// The status that a path answers with.
    pub async fn status(&self, path: &str) -> anyhow::Result<StatusCode> {
        let response = self.client.get(self.base.clone() + path).send().await?;
        let status = response.status();
        response.bytes().await?;
        Ok(status)
    }

    /// Whether it says that it can take messages.
    pub async fn is_ready(&self) -> bool {
        matches!(self.status("/health/ready").await, Ok(StatusCode::OK))
    }

    /// Whether it says so of this moment, and not of one that somebody has asked about before.
    pub async fn is_ready_now(&self) -> bool {
        tokio::time::sleep(SHARED).await;
        self.is_ready().await
    }

    /// What it says of its readiness, and with which status.
    pub async fn readiness(&self) -> anyhow::Result<(StatusCode, Value)> {
        let path = format!("{}/health/ready", self.base);
        let response = self.client.get(path).send().await?;
        Ok((response.status(), response.json().await?))
    }

    /// A document.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let response = self.client.get(self.base.clone() + path).send().await?;
        ensure!(
            response.status().is_success(),
            "GET {path}: {}",
            response.status()
        );
        response.json().await.with_context(|| format!("GET {path}"))
    }

    /// The message under this id, if there is one.
    pub async fn find(&self, id: &str) -> anyhow::Result<Option<Content>> {
        let path = format!("{}/messages/{id}", self.base);
        let response = self.client.get(path).send().await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        ensure!(
            response.status().is_success(),
            "GET /messages/{id}: {}",
            response.status()
        );
        let message: Value = response.json().await?;
        let (found, content) = Content::from_api(&message).context("not a message")?;
        ensure!(found == id, "asked for {id}, got {found}");
        Ok(Some(content))
    }

    /// Every message, page by page.
    pub async fn all(&self) -> anyhow::Result<Stored> {
        let mut stored = Stored::default();
        loop {
            let path = format!("/messages?limit={PAGE}&offset={}", stored.count);
            let page = self.get(&path).await?;
            let data = page["data"].as_array().context("a page without data")?;
            for message in data {
                let (id, content) = Content::from_api(message).context("not a message")?;
                stored.messages.insert(id, content);
            }
            stored.count += data.len() as u64;
            if data.len() < PAGE {
                return Ok(stored);
            }
        }
    }

    /// Every message, each page from where the one before it ended.
    pub async fn walk(&self) -> anyhow::Result<Stored> {
        let mut stored = Stored::default();
        let mut path = format!("/messages?limit={PAGE}");
        loop {
            let page = self.get(&path).await?;
            let data = page["data"].as_array().context("a page without data")?;
            for message in data {
                let (id, content) = Content::from_api(message).context("not a message")?;
                stored.messages.insert(id, content);
            }
            stored.count += data.len() as u64;
            let Some(cursor) = page["next_cursor"].as_str() else {
                return Ok(stored);
            };
            path = format!("/messages?limit={PAGE}&cursor={cursor}");
        }
    }

    /// The metrics, by name and labels as they are written.
    pub async fn metrics(&self) -> anyhow::Result<HashMap<String, f64>> {
        let path = format!("{}/metrics", self.base);
        let text = self.client.get(path).send().await?.text().await?;
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.rsplit_once(' '))
            .map(|(name, value)| Ok((name.to_owned(), value.parse()?)))
            .collect()
    }

    /// Totals, and the sums of senders, are those of the rows.
    pub async fn check_totals(
        &self,
        stored: &Stored,
        place: &str,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        let mut senders: HashMap<&str, u64> = HashMap::new();
        for content in stored.messages.values() {
            *senders.entry(&content.from).or_default() += 1;
        }
        let mut busiest: Vec<(&str, u64)> = senders.iter().map(|(from, n)| (*from, *n)).collect();
        busiest.sort_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));

        let stats = self.get("/stats").await?;
        let total = self.get("/messages?limit=1").await?["total"].clone();
        for (name, actual, wanted) in [
            ("total_messages", &stats["total_messages"], stored.count),
            ("total", &total, stored.count),
            (
                "senders_count",
                &stats["senders_count"],
                senders.len() as u64,
            ),
        ] {
            findings.check(actual.as_u64() == Some(wanted), || {
                format!("{place}: {name} is {actual}, but {wanted} by the rows")
            });
        }
        let top = stats["messages_per_sender"].as_array();
        let top: Vec<(&str, u64)> = top
            .into_iter()
            .flatten()
            .filter_map(|s| Some((s["from_msisdn"].as_str()?, s["count"].as_u64()?)))
            .collect();
        findings.check(top == busiest[..busiest.len().min(10)], || {
            format!("{place}: messages_per_sender is {top:?}, but {busiest:?} by the rows")
        });
        if let Some((from, wanted)) = busiest.first() {
            let path = format!("/messages?limit=1&from={}", from.replace('+', "%2B"));
            let total = self.get(&path).await?["total"].clone();
            findings.check(total.as_u64() == Some(*wanted), || {
                format!("{place}: {from} has {total} messages, but {wanted} by the rows")
            });
        }
        Ok(())
    }
}

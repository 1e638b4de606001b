//! `GET /stats/server`: what this process has done since it started, and what it keeps messages on.
//!
//! - `activity`: what is counted, and by whom
//! - `outcomes`: what became of webhooks, by time
//! - `latencies`: how long acknowledgements took

mod activity;
mod latencies;
mod outcomes;

use std::{sync::Arc, time::Duration};

use countersign_core::{Inbox, Storage, Timestamp};
use poem_openapi::{Object, OpenApi, param::Query, registry::MetaSchema};
use serde::Serialize;
use serde_json::json;
use tokio::time;

pub use self::activity::Activity;
use self::{
    latencies::{Summary, WINDOW},
    outcomes::{Counts, Width},
};
use crate::{
    ApiTag,
    limits::Desk,
    params::{Faults, Param, ParamValue, integer},
    problem::Kind,
    reply::{JsonBody, Problems, Reply},
};

/// How long the store may take to say what it is; by itself it takes no more than two seconds.
const STORAGE: Duration = Duration::from_millis(2500);

pub struct ServerStatsApi {
    pub inbox: Arc<Inbox>,
    pub desk: Arc<Desk>,
    pub activity: Arc<Activity>,
}

/// What this process has done since it started. Another process on the same database has its own.
#[derive(Debug, Serialize, Object)]
pub struct ServerStats {
    version: String,
    /// By the clock, when it started, in UTC.
    started_at: String,
    /// For how long it has run; measured, whatever the clock has done meanwhile.
    #[oai(validator(minimum(value = "0")))]
    uptime_seconds: u64,
    outcomes: OutcomesBody,
    acknowledgement: AcknowledgementLatency,
    storage: StorageBody,
}

/// What became of webhooks, by when they were answered.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Outcomes")]
pub struct OutcomesBody {
    /// How long each bucket is.
    #[oai(validator(minimum(value = "60"), maximum(value = "3600")))]
    width_seconds: u32,
    /// Every bucket up to now, also where nothing came, the oldest first: sixty minutes, or 48 hours.
    /// The last one is not over yet.
    data: Vec<OutcomeBucket>,
}

/// What became of the webhooks that were answered within a bucket.
#[derive(Debug, Serialize, Object)]
pub struct OutcomeBucket {
    /// When it begins, in UTC; a multiple of its width since 1970.
    start: String,
    /// Stored.
    #[oai(validator(minimum(value = "0")))]
    created: u64,
    /// Were there already.
    #[oai(validator(minimum(value = "0")))]
    duplicate: u64,
    /// Came with other content under an id that was taken, however they were answered.
    #[oai(validator(minimum(value = "0")))]
    conflict: u64,
    /// Answered otherwise than with 200.
    #[oai(validator(minimum(value = "0")))]
    refused: u64,
}

/// How long it took from a webhook's beginning to its acknowledgement (200), in milliseconds, to
/// within 3 %.
#[derive(Debug, Serialize, Object)]
pub struct AcknowledgementLatency {
    /// Of the last so many seconds, to within a minute.
    #[oai(validator(minimum(value = "1")))]
    window_seconds: u64,
    /// How many there were.
    #[oai(validator(minimum(value = "0")))]
    count: u64,
    /// Half of them took no longer. `null` if there were none, and so are the others.
    p50_ms: Option<f64>,
    /// Of 95 in a hundred.
    p95_ms: Option<f64>,
    /// Of 99 in a hundred.
    p99_ms: Option<f64>,
}

/// What messages are kept on; `null` is what could not be found out now, or is not this server's to
/// know.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Storage")]
pub struct StorageBody {
    /// What it is: a name and a version.
    engine: Option<String>,
    /// What it does before a message is acknowledged.
    durability: Option<String>,
    /// Whether what was acknowledged survives a power cut.
    durable: Option<bool>,
    /// The size of the database.
    #[oai(validator(minimum(value = "0")))]
    database_bytes: Option<u64>,
    /// The size of what is derived from it, where that is a file of its own.
    #[oai(validator(minimum(value = "0")))]
    index_bytes: Option<u64>,
    /// The size of the write-ahead logs of both, where they are files beside them.
    #[oai(validator(minimum(value = "0")))]
    wal_bytes: Option<u64>,
    /// What may still be written to the file system that it is on.
    #[oai(validator(minimum(value = "0")))]
    free_bytes: Option<u64>,
}

pub struct ServerStatsProblems;

impl Problems for ServerStatsProblems {
    const KINDS: &'static [Kind] = &[Kind::ValidationError];
}

#[OpenApi(tag = "ApiTag::Service")]
impl ServerStatsApi {
    /// What has this process done?
    ///
    /// Since it started: webhooks by outcome and time, how long acknowledgements took, and what
    /// messages are kept on. Where the store does not answer, the rest is answered all the same.
    #[oai(
        path = "/stats/server",
        method = "get",
        operation_id = "readServerStats"
    )]
    async fn read(
        &self,
        /// How many seconds a bucket of `outcomes` has: a minute, for the last sixty, or an hour, for
        /// the last 48.
        width: Query<Param<Width>>,
    ) -> Reply<JsonBody<ServerStats>, ServerStatsProblems> {
        let mut faults = Faults::default();
        let width = faults.take("width", width.0).unwrap_or_default();
        async {
            let width = faults.or(width)?;
            let storage = self.storage().await;
            Ok(JsonBody(ServerStats {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                started_at: self.activity.started_at().to_string(),
                uptime_seconds: self.activity.uptime().as_secs(),
                outcomes: OutcomesBody {
                    width_seconds: width.seconds(),
                    data: self
                        .activity
                        .outcomes(width)
                        .into_iter()
                        .map(Into::into)
                        .collect(),
                },
                acknowledgement: self.activity.latencies().into(),
                storage: storage.into(),
            }))
        }
        .await
        .into()
    }
}

impl ServerStatsApi {
    /// Nothing, where there is no place at the store, or it does not answer: it may be for just that
    /// that somebody asks.
    async fn storage(&self) -> Storage {
        let look = async { Ok(self.inbox.storage().await) };
        let looked = time::timeout(STORAGE, self.desk.read(look)).await;
        looked.ok().and_then(Result::ok).unwrap_or_default()
    }
}

impl ParamValue for Width {
    fn schema() -> MetaSchema {
        MetaSchema {
            enum_items: Self::ALL.map(|width| json!(width.seconds())).into(),
            default: Some(json!(Self::default().seconds())),
            ..MetaSchema::new_with_format("integer", "int32")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        const CHOICE: &str = "must be 60 or 3600";
        let number = integer(text, &CHOICE)?;
        let mut all = Self::ALL.into_iter();
        let width = all.find(|width| i64::from(width.seconds()) == number);
        width.map(Some).ok_or_else(|| CHOICE.to_owned())
    }
}

impl From<(Timestamp, Counts)> for OutcomeBucket {
    fn from((start, counts): (Timestamp, Counts)) -> Self {
        let Counts {
            created,
            duplicate,
            conflict,
            refused,
        } = counts;
        Self {
            start: start.to_string(),
            created,
            duplicate,
            conflict,
            refused,
        }
    }
}

impl From<Summary> for AcknowledgementLatency {
    fn from(summary: Summary) -> Self {
        let [p50_ms, p95_ms, p99_ms] = match summary.quantiles {
            Some(quantiles) => quantiles.map(|micros| Some(milliseconds(micros))),
            None => [None; 3],
        };
        Self {
            window_seconds: WINDOW.as_secs(),
            count: summary.count,
            p50_ms,
            p95_ms,
            p99_ms,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is at most 67 seconds")]
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1e3
}

impl From<Storage> for StorageBody {
    fn from(storage: Storage) -> Self {
        let Storage {
            engine,
            durability,
            durable,
            database_bytes,
            index_bytes,
            wal_bytes,
            free_bytes,
        } = storage;
        Self {
            engine,
            durability,
            durable,
            database_bytes,
            index_bytes,
            wal_bytes,
            free_bytes,
        }
    }
}

//! `GET /health`, `/health/live` and `/health/ready`.
#![expect(clippy::unused_async, reason = "poem-openapi's operations are async")]

use std::sync::Arc;

use countersign_core::{CauseChain, Inbox, NotReady};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;

use crate::{
    ApiTag,
    problem::{Kind, Problem},
    reply::{JsonBody, NoProblems, Problems, Reply},
    server::Lifecycle,
};

pub struct HealthApi {
    pub inbox: Arc<Inbox>,
    pub lifecycle: Arc<Lifecycle>,
}

/// How the service is.
#[derive(Debug, Serialize, Object)]
pub struct Health {
    status: HealthStatus,
}

#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
enum HealthStatus {
    Alive,
    Ready,
    Healthy,
}

pub struct ReadyProblems;

impl Problems for ReadyProblems {
    const KINDS: &'static [Kind] = &[Kind::Unavailable];
}

fn health(status: HealthStatus) -> JsonBody<Health> {
    JsonBody(Health { status })
}

#[OpenApi(tag = "ApiTag::Service")]
impl HealthApi {
    /// Is the process there?
    #[oai(path = "/health/live", method = "get", operation_id = "readLiveness")]
    async fn live(&self) -> Reply<JsonBody<Health>, NoProblems> {
        Ok(health(HealthStatus::Alive)).into()
    }

    /// Can it take in messages?
    ///
    /// 503 unless the database answers, has its schema, and can be written to; and as soon as the
    /// server stops.
    #[oai(path = "/health/ready", method = "get", operation_id = "readReadiness")]
    async fn ready(&self) -> Reply<JsonBody<Health>, ReadyProblems> {
        if self.lifecycle.is_stopping() {
            return Err(stopping()).into();
        }
        let ready = self.inbox.ready().await;
        ready
            .map(|()| health(HealthStatus::Ready))
            .map_err(|error| not_ready(&error))
            .into()
    }

    /// Is the process there? (the original service's third way to ask)
    #[oai(path = "/health", method = "get", operation_id = "readHealth")]
    async fn healthy(&self) -> Reply<JsonBody<Health>, NoProblems> {
        Ok(health(HealthStatus::Healthy)).into()
    }
}

fn stopping() -> Problem {
    Problem::unavailable(
        "the server is stopping",
        "the server is stopping".to_owned(),
    )
}

/// Who asks is told what is the matter; the log, the whole chain of causes.
fn not_ready(error: &NotReady) -> Problem {
    Problem::unavailable(error.what, CauseChain(error).to_string())
}

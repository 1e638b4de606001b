//! `GET /health`, `/health/live` and `/health/ready`.
#![expect(clippy::unused_async, reason = "poem-openapi's operations are async")]

mod checks;
mod probe;

use std::sync::Arc;

use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;

pub use self::{checks::Checks, probe::Probe};
use crate::{
    ApiTag,
    problem::{Kind, Problem},
    reply::{JsonBody, NoProblems, Problems, Reply},
};

pub struct HealthApi(pub Arc<Probe>);

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

/// That the service can take in messages.
#[derive(Debug, Serialize, Object)]
pub struct Ready {
    status: HealthStatus,
    /// What was looked at.
    checks: Checks,
}

pub struct ReadyProblems;

impl Problems for ReadyProblems {
    const KINDS: &'static [Kind] = &[Kind::NotReady];
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
    /// 503 unless the database answers, has its schema and can be written to, its disk has room, and
    /// the server is not about to stop. `checks` says what of that was found.
    #[oai(path = "/health/ready", method = "get", operation_id = "readReadiness")]
    async fn ready(&self) -> Reply<JsonBody<Ready>, ReadyProblems> {
        let checks = self.0.checks().await;
        if !checks.are_ok() {
            return Err(Problem::not_ready(checks)).into();
        }
        let status = HealthStatus::Ready;
        Ok(JsonBody(Ready { status, checks })).into()
    }

    /// Is the process there? (the original service's third way to ask)
    #[oai(path = "/health", method = "get", operation_id = "readHealth")]
    async fn healthy(&self) -> Reply<JsonBody<Health>, NoProblems> {
        Ok(health(HealthStatus::Healthy)).into()
    }
}

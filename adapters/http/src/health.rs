//! `GET /health`, `/health/live` and `/health/ready`.
#![expect(clippy::unused_async, reason = "poem-openapi's operations are async")]

use std::sync::Arc;

use countersign_core::{CauseChain, Inbox, RepositoryError};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;

use crate::{
    ApiTag,
    problem::{Kind, Problem},
    reply::{JsonBody, NoProblems, Problems, Reply},
};

pub struct HealthApi(pub Arc<Inbox>);

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
    /// 503 unless the database answers, has its schema, and can be written to.
    #[oai(path = "/health/ready", method = "get", operation_id = "readReadiness")]
    async fn ready(&self) -> Reply<JsonBody<Health>, ReadyProblems> {
        let ready = self.0.ready().await;
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

/// Whatever the reason, to who asks for readiness it is one answer.
fn not_ready(error: &RepositoryError) -> Problem {
    Problem::unavailable(
        "the message store does not answer, lacks its schema, or cannot be written to",
        CauseChain(error).to_string(),
    )
}

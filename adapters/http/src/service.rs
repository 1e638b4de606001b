//! `GET /` and `GET /metrics`.
#![expect(clippy::unused_async, reason = "poem-openapi's operations are async")]

use std::sync::Arc;

use countersign_core::{CauseChain, Inbox};
use poem::{IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use serde::Serialize;

use crate::{
    ApiTag, RenderMetrics,
    metrics::KeyCounter,
    problem::{Kind, Problem},
    reply::{JsonBody, NoProblems, Problems, Reply},
};

pub struct ServiceApi {
    pub inbox: Arc<Inbox>,
    pub keys: KeyCounter,
    pub render_metrics: RenderMetrics,
}

/// What answers here.
#[derive(Debug, Serialize, Object)]
pub struct ServiceInfo {
    /// The program.
    name: String,
    /// Its version (Semantic Versioning).
    version: String,
    /// `ok` whenever it answers.
    status: String,
}

/// With many series they are long.
pub struct MetricsProblems;

impl Problems for MetricsProblems {
    const KINDS: &'static [Kind] = &[Kind::Unavailable];
}

#[OpenApi(tag = "ApiTag::Service")]
impl ServiceApi {
    /// What is this?
    #[oai(path = "/", method = "get", operation_id = "readService")]
    async fn info(&self) -> Reply<JsonBody<ServiceInfo>, NoProblems> {
        Ok(JsonBody(ServiceInfo {
            name: "countersign".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            status: "ok".to_owned(),
        }))
        .into()
    }

    /// Metrics
    ///
    /// In Prometheus' text format.
    #[oai(path = "/metrics", method = "get", operation_id = "readMetrics")]
    async fn metrics(&self) -> Reply<PrometheusText, MetricsProblems> {
        // Those of now: they may have been read again since the last time.
        self.keys.show(&self.inbox.sources());
        (self.render_metrics)()
            .map(PrometheusText)
            .map_err(|error| Problem::internal(CauseChain(error.as_ref()).to_string()))
            .into()
    }
}

/// Prometheus' text exposition format 0.0.4.
struct PrometheusText(String);

impl IntoResponse for PrometheusText {
    fn into_response(self) -> Response {
        Response::builder()
            .header(
                header::CONTENT_TYPE,
                "text/plain; version=0.0.4; charset=utf-8",
            )
            .body(self.0)
    }
}

impl ApiResponse for PrometheusText {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "All metrics.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "text/plain",
                    schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

//! `POST /webhook`.

use std::{sync::Arc, time::Duration};

use countersign_core::Appended;
use poem::{IntoResponse, Response, http::HeaderName};
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    param::Path,
    registry::{MetaHeader, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use serde::Serialize;
use tokio::time;

use crate::{
    ApiTag,
    observe::WebhookNote,
    problem::{Kind, Problem},
    rejections::Refused,
    reply::{JsonBody, Problems, Reply},
    signed::{Gate, Signed},
};

pub struct WebhookApi {
    pub gate: Gate,
    /// Whether different content under a known id is refused.
    pub refuse_conflicts: bool,
    /// How long a verified message may take to be stored.
    pub deadline: Duration,
}

/// `{"status":"ok"}`
#[derive(Debug, Serialize, Object)]
pub struct Acknowledgement {
    status: AcknowledgementStatus,
}

#[derive(Debug, Serialize, Enum)]
enum AcknowledgementStatus {
    #[oai(rename = "ok")]
    #[serde(rename = "ok")]
    Ok,
}

pub struct WebhookProblems;

impl Problems for WebhookProblems {
    const KINDS: &'static [Kind] = &[
        Kind::BadRequest,
        Kind::InvalidSignature,
        Kind::NotFound,
        Kind::BodyTimeout,
        Kind::PayloadTooLarge,
        Kind::UnsupportedMediaType,
        Kind::ValidationError,
        Kind::Conflict,
        Kind::Unavailable,
    ];
}

#[OpenApi(tag = "ApiTag::Webhook")]
impl WebhookApi {
    /// Deliver a message
    ///
    /// Stores the message exactly once and answers when it is durable. The same `message_id`
    /// again is answered 200 as well and stores nothing; if its content differs, the first is
    /// kept and the difference is recorded as a conflict (and answered 409, if this server is set
    /// up so). After any other answer, or none, sending the message again is safe.
    #[oai(path = "/webhook", method = "post", operation_id = "receiveMessage")]
    async fn receive(&self, message: Signed) -> Reply<Accepted, WebhookProblems> {
        self.accept(message).await.into()
    }

    /// Deliver a message of a named source
    ///
    /// As `POST /webhook`, which is the source `default`. Another source signs with its own secrets,
    /// in the way of its own scheme, and its ids are its own: the same `message_id` of two sources
    /// is two messages.
    #[oai(
        path = "/webhook/:source",
        method = "post",
        operation_id = "receiveMessageOfSource"
    )]
    async fn receive_of(
        &self,
        /// The source's name, as it is configured.
        source: Path<String>,
        message: Signed,
    ) -> Reply<Accepted, WebhookProblems> {
        // It is the gate that reads it, before it reads anything else.
        drop(source);
        self.accept(message).await.into()
    }
}

impl WebhookApi {
    async fn accept(&self, signed: Signed) -> Result<Accepted, Problem> {
        let Signed { message, scheme } = signed;
        let note = WebhookNote {
            message_id: message.id.to_string(),
            source: message.source().clone(),
            key: message.key().clone(),
            scheme,
            at: self.gate.inbox.now(),
            appended: Appended::Created,
        };
        // What is dropped here while it waits is not written any more; what is being written may be
        // stored, and is a duplicate when it comes again.
        let storing = time::timeout(self.deadline, self.gate.inbox.accept(message));
        let stored = self
            .gate
            .tracing
            .wait("store", storing, |stored| match stored {
                Ok(Ok(_)) => None,
                Ok(Err(_)) => Some("failed"),
                Err(_) => Some("timeout"),
            });
        let problem = match stored.await {
            Ok(Ok(Appended::Conflict)) if self.refuse_conflicts => Problem::new(
                Kind::Conflict,
                "another message has this message_id already",
            ),
            Ok(Ok(appended)) => return Ok(Accepted(WebhookNote { appended, ..note })),
            Ok(Err(error)) => error.into(),
            Err(_) => late(),
        };
        Err(Problem {
            refused: Some(Arc::new(Refused {
                source: Some(note.source),
                message_id: Some(note.message_id),
                ..Refused::default()
            })),
            ..problem
        })
    }
}

fn late() -> Problem {
    Problem::unavailable(
        "the message could not be stored in time; it may be stored or not, and sending it again is \
         safe",
        "the deadline for storing a message has passed".to_owned(),
    )
}

/// The message is stored, now or before.
struct Accepted(WebhookNote);

const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let mut response = JsonBody(Acknowledgement {
            status: AcknowledgementStatus::Ok,
        })
        .into_response();
        let repeat = self.0.appended != Appended::Created;
        if repeat {
            response.headers_mut().insert(
                IDEMPOTENT_REPLAYED,
                poem::http::HeaderValue::from_static("true"),
            );
        }
        response.set_data(self.0);
        response
    }
}

impl ApiResponse for Accepted {
    fn meta() -> MetaResponses {
        let mut meta = JsonBody::<Acknowledgement>::meta();
        for response in &mut meta.responses {
            response.description = "The message is stored durably, now or by an earlier request.";
            response.headers.push(MetaHeader {
                name: "Idempotent-Replayed".to_owned(),
                description: Some("`true` if the message was there before.".to_owned()),
                required: false,
                deprecated: false,
                schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                    enum_items: vec!["true".into()],
                    ..MetaSchema::new("string")
                })),
            });
        }
        meta
    }

    fn register(registry: &mut Registry) {
        <JsonBody<Acknowledgement> as ApiResponse>::register(registry);
    }
}

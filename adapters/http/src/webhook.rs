//! `POST /webhook`.

use countersign_core::Appended;
use poem::{IntoResponse, Response, http::HeaderName};
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    registry::{MetaHeader, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use serde::Serialize;

use crate::{
    ApiTag,
    observe::WebhookNote,
    problem::{Kind, Problem},
    reply::{JsonBody, Problems, Reply},
    signed::{Gate, Signed},
};

pub struct WebhookApi(pub Gate);

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
        Kind::PayloadTooLarge,
        Kind::UnsupportedMediaType,
        Kind::ValidationError,
        Kind::Unavailable,
    ];
}

#[OpenApi(tag = "ApiTag::Webhook")]
impl WebhookApi {
    /// Deliver a message
    ///
    /// Stores the message exactly once and answers when it is durable. The same `message_id`
    /// again is answered 200 as well and stores nothing; if its content differs, the first is
    /// kept and the difference is recorded as a conflict. After any other answer, or none,
    /// sending the message again is safe.
    #[oai(path = "/webhook", method = "post", operation_id = "receiveMessage")]
    async fn receive(&self, message: Signed) -> Reply<Accepted, WebhookProblems> {
        let id = message.0.id.to_string();
        let appended = self.0.inbox.accept(message.0).await;
        match appended {
            Ok(appended) => Ok(Accepted { id, appended }),
            Err(error) => Err(Problem {
                message_id: Some(id.into()),
                ..error.into()
            }),
        }
        .into()
    }
}

/// The message is stored, now or before.
struct Accepted {
    id: String,
    appended: Appended,
}

const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let mut response = JsonBody(Acknowledgement {
            status: AcknowledgementStatus::Ok,
        })
        .into_response();
        let repeat = self.appended != Appended::Created;
        if repeat {
            response.headers_mut().insert(
                IDEMPOTENT_REPLAYED,
                poem::http::HeaderValue::from_static("true"),
            );
        }
        response.set_data(WebhookNote {
            message_id: self.id,
            appended: self.appended,
        });
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

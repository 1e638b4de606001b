//! What every operation answers: a value, or one of the problems that the operation names.

use std::marker::PhantomData;

use poem::{IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{
        MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
    },
    types::Type,
};
use serde::Serialize;

use crate::problem::{InvalidSignature, Kind, PROBLEM_JSON, Problem, ProblemDocument};

/// A JSON body, written by serde in one go; poem-openapi's own goes through a tree of values.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<T: Type> Payload for JsonBody<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type> ApiResponse for JsonBody<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "What was asked for.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Self::CONTENT_TYPE,
                    schema: Self::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        <Self as Payload>::register(registry);
    }
}

impl<T: Type + Serialize> IntoResponse for JsonBody<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => Response::builder()
                .header(header::CONTENT_TYPE, Self::CONTENT_TYPE)
                .body(body),
            Err(error) => Problem::internal(format!("the answer could not be written: {error}"))
                .into_response(),
        }
    }
}

/// The problems that an operation may answer. Every operation may also answer 500.
pub trait Problems: Send {
    const KINDS: &'static [Kind];
}

/// An operation that fails only by its own fault.
pub struct NoProblems;

impl Problems for NoProblems {
    const KINDS: &'static [Kind] = &[];
}

/// The answer of an operation: `T`, or one of the problems `P`.
pub struct Reply<T, P> {
    result: Result<T, Problem>,
    problems: PhantomData<P>,
}

impl<T, P> From<Result<T, Problem>> for Reply<T, P> {
    fn from(result: Result<T, Problem>) -> Self {
        Self {
            result,
            problems: PhantomData,
        }
    }
}

impl<T: IntoResponse, P: Problems> IntoResponse for Reply<T, P> {
    fn into_response(self) -> Response {
        match self.result {
            Ok(value) => value.into_response(),
            Err(problem) => {
                debug_assert!(
                    P::KINDS.contains(&problem.kind)
                        || matches!(problem.kind, Kind::Internal | Kind::Overload),
                    "{:?} is not among the operation's declared problems",
                    problem.kind
                );
                problem.into_response()
            }
        }
    }
}

impl<T: ApiResponse, P: Problems> ApiResponse for Reply<T, P> {
    const BAD_REQUEST_HANDLER: bool = true;

    fn meta() -> MetaResponses {
        let mut meta = T::meta();
        let kinds = P::KINDS.iter().chain(&[Kind::Internal]);
        meta.responses.extend(kinds.map(|kind| meta_of(*kind)));
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        ProblemDocument::register(registry);
        if P::KINDS.contains(&Kind::InvalidSignature) {
            InvalidSignature::register(registry);
        }
    }

    /// Extractors of this crate fail with a [`Problem`]; anything else is poem's own, which quotes.
    fn from_parse_request_error(error: poem::Error) -> Self {
        Err(error.downcast::<Problem>().unwrap_or_else(|error| {
            if error.status().is_client_error() {
                Problem::new(Kind::BadRequest, "the request could not be understood")
            } else {
                Problem::internal(format!("an extractor failed: {error}"))
            }
        }))
        .into()
    }
}

/// What `WWW-Authenticate` says to readers.
pub const CHALLENGE: &str = "The schemes to show the token by.";

fn meta_of(kind: Kind) -> MetaResponse {
    let schema = if kind == Kind::InvalidSignature {
        InvalidSignature::schema_ref()
    } else {
        ProblemDocument::schema_ref()
    };
    let headers = match kind {
        Kind::InvalidSignature => vec![header_meta("WWW-Authenticate", "The scheme to sign by.")],
        Kind::ReadUnauthorized => {
            vec![header_meta("WWW-Authenticate", CHALLENGE)]
        }
        Kind::Unavailable | Kind::NotReady => vec![header_meta("Retry-After", "Seconds to wait.")],
        _ => vec![],
    };
    MetaResponse {
        description: kind.description(),
        status: Some(kind.status().as_u16()),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: PROBLEM_JSON,
            schema,
        }],
        headers,
    }
}

/// A header that every such answer has.
pub fn header_meta(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
    }
}

//! The answer that a stream is.

use std::marker::PhantomData;

use bytes::Bytes;
use futures_util::{Stream, stream::BoxStream};
use poem::{Body, IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

use crate::reply::header_meta;

/// What a stream tells, for the specification.
pub trait Events: Send {
    /// Of the answer.
    const DESCRIPTION: &'static str;
    /// Which events there are.
    const FORMAT: &'static str;

    /// Registers what events hold.
    fn register(registry: &mut Registry);
}

/// Server-sent events, as WHATWG's HTML standard has them.
pub struct EventStream<E> {
    pieces: BoxStream<'static, std::io::Result<Bytes>>,
    events: PhantomData<E>,
}

impl<E> EventStream<E> {
    const CONTENT_TYPE: &str = "text/event-stream";

    pub fn new(pieces: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static) -> Self {
        Self {
            pieces: Box::pin(pieces),
            events: PhantomData,
        }
    }
}

impl<E: Events> IntoResponse for EventStream<E> {
    fn into_response(self) -> Response {
        Response::builder()
            .header(header::CONTENT_TYPE, Self::CONTENT_TYPE)
            .header(header::CACHE_CONTROL, "no-store")
            // nginx would gather events until it has a buffer full of them.
            .header("X-Accel-Buffering", "no")
            .body(Body::from_bytes_stream(self.pieces))
    }
}

impl<E: Events> ApiResponse for EventStream<E> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: E::DESCRIPTION,
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Self::CONTENT_TYPE,
                    schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                        description: Some(E::FORMAT),
                        ..MetaSchema::new("string")
                    })),
                }],
                headers: vec![
                    header_meta("Cache-Control", "`no-store`."),
                    header_meta(
                        "X-Accel-Buffering",
                        "`no`: proxies should not gather events.",
                    ),
                ],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        E::register(registry);
    }
}

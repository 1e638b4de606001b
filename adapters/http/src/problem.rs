//! Every error answer: a problem document (RFC 9457) for the client, and a line for the operator.

use std::{borrow::Cow, error::Error, ops::RangeInclusive, sync::Arc};

use countersign_core::{CauseChain, Refusal, RepositoryError};
use poem::{
    IntoResponse, Response,
    error::ResponseError,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use poem_openapi::Object;
use serde::Serialize;

use crate::{health::Checks, rejections::Refused};

/// The media type of every error answer (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// After how many seconds who is answered 503 should come back.
const RETRY_AFTER: RangeInclusive<u16> = 1..=5;

/// The kinds of error answers. A kind is a status, and a word by which metrics and logs call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BadRequest,
    /// No `Host`, several, or none that can be one.
    InvalidHost,
    InvalidSignature,
    /// A read without the token that reads need.
    ReadUnauthorized,
    /// A read that the protected mode does not answer.
    ProtectedRead,
    /// A page of another site asks.
    ForeignOrigin,
    NotFound,
    MethodNotAllowed,
    /// The body did not arrive in time.
    BodyTimeout,
    PayloadTooLarge,
    UriTooLong,
    UnsupportedMediaType,
    ValidationError,
    Conflict,
    /// More requests come from one address than are taken from one.
    RateLimited,
    Internal,
    Unavailable,
    /// Of the readiness check.
    NotReady,
    /// There is more to do than may wait; nothing was tried.
    Overload,
}

impl Kind {
    pub const ALL: [Self; 19] = [
        Self::BadRequest,
        Self::InvalidHost,
        Self::InvalidSignature,
        Self::ReadUnauthorized,
        Self::ProtectedRead,
        Self::ForeignOrigin,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::BodyTimeout,
        Self::PayloadTooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::ValidationError,
        Self::Conflict,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
        Self::NotReady,
        Self::Overload,
    ];

    /// Whether the answer has `Retry-After`.
    pub const fn says_when(self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Unavailable | Self::NotReady | Self::Overload
        )
    }

    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::InvalidHost => StatusCode::BAD_REQUEST,
            Self::InvalidSignature | Self::ReadUnauthorized => StatusCode::UNAUTHORIZED,
            Self::ProtectedRead | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationError => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict => StatusCode::CONFLICT,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable | Self::NotReady | Self::Overload => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The `result` of a webhook that was answered so, in metrics and logs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::InvalidSignature => "invalid_signature",
            Self::ReadUnauthorized => "read_unauthorized",
            Self::ProtectedRead => "protected_read",
            Self::ForeignOrigin => "foreign_origin",
            Self::BodyTimeout => "request_timeout",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::ValidationError => "validation_error",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Unavailable | Self::NotReady | Self::Overload => "unavailable",
            Self::Internal => "error",
            Self::BadRequest
            | Self::InvalidHost
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::UriTooLong => "bad_request",
        }
    }

    /// `about:blank` says: no more than the status says. Only a kind with members of its own has
    /// a type of its own.
    pub const fn type_uri(self) -> &'static str {
        match self {
            Self::ValidationError => "urn:countersign:problem:validation-error",
            Self::NotReady => "urn:countersign:problem:not-ready",
            _ => "about:blank",
        }
    }

    /// What the specification says of an answer of this kind.
    pub const fn description(self) -> &'static str {
        match self {
            Self::BadRequest => "The request could not be read.",
            Self::InvalidHost => {
                "The request has no `Host`, several, or one that cannot be one; or it could not be \
                 read."
            }
            Self::InvalidSignature => {
                "The signature is missing or wrong; which of the two, is for the operator's log."
            }
            Self::ReadUnauthorized => {
                "Reading needs the token that the server was started with; it is missing or wrong."
            }
            Self::ProtectedRead => {
                "The server has no token for reads, so that it answers them only to this machine \
                 and private networks; `detail` says what can be done."
            }
            Self::ForeignOrigin => "A page of another origin asks for this.",
            Self::NotFound => "There is nothing here.",
            Self::MethodNotAllowed => "The resource does not know this method.",
            Self::BodyTimeout => "The body did not arrive in time.",
            Self::PayloadTooLarge => "The body is larger than this server takes.",
            Self::UriTooLong => "The request's target is longer than this server takes.",
            Self::UnsupportedMediaType => {
                "The body is declared to be something other than plain JSON."
            }
            Self::ValidationError => "Every fault that was found, at once.",
            Self::Internal => "The server failed; its log says why, under the request id.",
            Self::Conflict => "Another message has this id already. It was kept.",
            Self::RateLimited => {
                "More requests come from this address than the server was told to take from one \
                 (`RATE_LIMIT`). Trying again later is safe."
            }
            Self::NotReady => "Not now; `checks` says what is wrong.",
            Self::Unavailable | Self::Overload => {
                "Not now. Trying again later is safe and may succeed."
            }
        }
    }
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
pub struct FieldError {
    /// Where: a JSON Pointer (RFC 6901) as a URI fragment. A parameter of the query or the path is
    /// pointed at as if the parameters were the members of one object; `#` is the whole.
    pub pointer: String,
    /// Which rule is broken. Names lengths and positions, not the value.
    pub detail: String,
}

/// Why a request was not served. Filled in where the reason is known, turned into an answer at the
/// edge (`observe`), where the path and the request id are known.
#[derive(Debug, Clone)]
pub struct Problem {
    pub kind: Kind,
    pub detail: Cow<'static, str>,
    pub errors: Vec<FieldError>,
    /// With [`Kind::NotReady`].
    pub checks: Option<Box<Checks>>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// For the operator's log only.
    pub cause: Option<String>,
    /// Of a webhook: what is known of it, for the operator only.
    pub refused: Option<Arc<Refused>>,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            checks: None,
            headers: Vec::new(),
            cause: None,
            refused: None,
        }
    }

    /// 422 with every fault.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.pointer, only.detail),
            all => format!("{} fields are invalid", all.len()),
        };
        Self {
            errors,
            ..Self::new(Kind::ValidationError, detail)
        }
    }

    /// 500; `cause` is for the log.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(
                Kind::Internal,
                "the server failed; its log says why, under this request's X-Request-Id",
            )
        }
    }

    /// 503 with `Retry-After`: what is needed for it does not serve now; `cause` is for the log.
    pub fn unavailable(detail: &'static str, cause: String) -> Self {
        Self::not_now(Kind::Unavailable, detail, cause)
    }

    /// 503 with `Retry-After`: there is too much to do; `cause` is for the log.
    pub fn overloaded(detail: &'static str, cause: String) -> Self {
        Self::not_now(Kind::Overload, detail, cause)
    }

    /// 503 with `Retry-After`, and what the readiness check has found. Its cause is logged where it
    /// is found, once and not at every question.
    pub fn not_ready(checks: Checks) -> Self {
        let failure = checks.failure().map(str::to_owned);
        Self {
            cause: None,
            checks: Some(Box::new(checks)),
            detail: failure.map_or("not everything was looked at".into(), Cow::Owned),
            ..Self::not_now(Kind::NotReady, "", String::new())
        }
    }

    fn not_now(kind: Kind, detail: &'static str, cause: String) -> Self {
        // Not the same for all: who is refused at the same moment should not come back at the same.
        let seconds = fastrand::u16(RETRY_AFTER);
        Self {
            cause: Some(cause),
            ..Self::new(kind, detail)
        }
        .with_header(header::RETRY_AFTER, seconds.into())
    }

    /// The connection ends with the answer: because what else comes on it is not read, or because
    /// it cannot be known where the next request begins.
    pub fn closing(self) -> Self {
        self.with_header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// Whether what is wrong is not a field, but the document as such.
    pub fn is_about_the_whole(&self) -> bool {
        self.errors.iter().any(|error| error.pointer == "#")
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The document that the client reads.
    pub fn document(&self, instance: &str) -> Vec<u8> {
        // The original service's answer, to the byte: it must not tell missing from wrong.
        if self.kind == Kind::InvalidSignature {
            return br#"{"detail":"invalid signature"}"#.to_vec();
        }
        let status = self.kind.status();
        let document = ProblemDocument {
            r#type: self.kind.type_uri().to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone().into_owned(),
            instance: instance.to_owned(),
            errors: (self.kind == Kind::ValidationError).then(|| self.errors.clone()),
            checks: self.checks.as_deref().cloned(),
        };
        serde_json::to_vec(&document).unwrap_or_default()
    }
}

/// An error answer (RFC 9457).
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Problem")]
pub struct ProblemDocument {
    /// What kind of problem; `about:blank` where the status says it all.
    r#type: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// The path of the request; the header `X-Request-Id` names the single request.
    instance: String,
    /// With 422: every fault that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    errors: Option<Vec<FieldError>>,
    /// Of the readiness check: what it has found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    checks: Option<Checks>,
}

/// The answer to a missing or wrong signature, exactly as the original service gave it.
#[derive(Debug, Serialize, Object)]
pub struct InvalidSignature {
    detail: InvalidSignatureDetail,
}

#[derive(Debug, Serialize, poem_openapi::Enum)]
enum InvalidSignatureDetail {
    #[oai(rename = "invalid signature")]
    #[serde(rename = "invalid signature")]
    InvalidSignature,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let cause = Some(refusal.to_string());
        if refusal == Refusal::UnknownSource {
            return Self {
                cause,
                ..Self::new(Kind::NotFound, "no source of this name is configured here")
            };
        }
        Self {
            cause,
            ..Self::new(Kind::InvalidSignature, "invalid signature")
        }
        .with_header(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("HMAC-SHA256 realm=\"webhook\", header=\"X-Signature\""),
        )
    }
}

impl From<RepositoryError> for Problem {
    fn from(error: RepositoryError) -> Self {
        let chain = CauseChain(&error).to_string();
        match error {
            RepositoryError::Unavailable(_) => Self::unavailable(
                "the message store cannot serve now; trying again later is safe",
                chain,
            ),
            RepositoryError::Overloaded(_) => Self::overloaded(
                "more messages are waiting than may wait; trying again later is safe",
                chain,
            ),
            RepositoryError::Failed(_) => Self::internal(chain),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for Problem {}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.kind.status()
    }

    fn as_response(&self) -> Response {
        self.clone().into_response()
    }
}

/// Status and headers; the document follows at the edge.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.kind.status()).finish();
        for (name, value) in &self.headers {
            // A name may come twice: a challenge has a header of its own.
            response.headers_mut().append(name, value.clone());
        }
        response.set_data(self);
        response
    }
}

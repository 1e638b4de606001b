//! Why requests are refused: a closed list.

use countersign_core::Refusal;
use poem_openapi::registry::MetaSchema;
use serde_json::json;

use crate::{
    params::ParamValue,
    problem::{Kind, Problem},
};

/// Why a request was refused, in a word that metrics, logs and the API share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    MissingSignature,
    MalformedSignature,
    SeveralSignatures,
    SignatureMismatch,
    StaleTimestamp,
    UnknownSource,
    BodyTooLarge,
    BodyTimeout,
    BodyUnreadable,
    InvalidHost,
    UriTooLong,
    UnsupportedMediaType,
    InvalidJson,
    ValidationError,
    Conflict,
    RateLimited,
    Overload,
    Unavailable,
    Error,
    MethodNotAllowed,
    ProtectedRead,
    ReadUnauthorized,
    ForeignOrigin,
}

impl Reason {
    pub const ALL: [Self; 23] = [
        Self::MissingSignature,
        Self::MalformedSignature,
        Self::SeveralSignatures,
        Self::SignatureMismatch,
        Self::StaleTimestamp,
        Self::UnknownSource,
        Self::BodyTooLarge,
        Self::BodyTimeout,
        Self::BodyUnreadable,
        Self::InvalidHost,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::InvalidJson,
        Self::ValidationError,
        Self::Conflict,
        Self::RateLimited,
        Self::Overload,
        Self::Unavailable,
        Self::Error,
        Self::MethodNotAllowed,
        Self::ProtectedRead,
        Self::ReadUnauthorized,
        Self::ForeignOrigin,
    ];

    pub const fn label(self) -> &'static str {
        match self {
            Self::MissingSignature => "missing_signature",
            Self::MalformedSignature => "malformed_signature",
            Self::SeveralSignatures => "several_signatures",
            Self::SignatureMismatch => "signature_mismatch",
            Self::StaleTimestamp => "stale_timestamp",
            Self::UnknownSource => "unknown_source",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyTimeout => "body_timeout",
            Self::BodyUnreadable => "body_unreadable",
            Self::InvalidHost => "invalid_host",
            Self::UriTooLong => "uri_too_long",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::InvalidJson => "invalid_json",
            Self::ValidationError => "validation_error",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Overload => "overload",
            Self::Unavailable => "unavailable",
            Self::Error => "error",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::ProtectedRead => "protected_read",
            Self::ReadUnauthorized => "read_unauthorized",
            Self::ForeignOrigin => "foreign_origin",
        }
    }

    /// What is answered for this reason.
    pub const fn kind(self) -> Kind {
        match self {
            Self::MissingSignature
            | Self::MalformedSignature
            | Self::SeveralSignatures
            | Self::SignatureMismatch
            | Self::StaleTimestamp => Kind::InvalidSignature,
            Self::UnknownSource => Kind::NotFound,
            Self::BodyTooLarge => Kind::PayloadTooLarge,
            Self::BodyTimeout => Kind::BodyTimeout,
            Self::BodyUnreadable => Kind::BadRequest,
            Self::InvalidHost => Kind::InvalidHost,
            Self::UriTooLong => Kind::UriTooLong,
            Self::UnsupportedMediaType => Kind::UnsupportedMediaType,
            Self::InvalidJson | Self::ValidationError => Kind::ValidationError,
            Self::Conflict => Kind::Conflict,
            Self::RateLimited => Kind::RateLimited,
            Self::Overload => Kind::Overload,
            Self::Unavailable => Kind::Unavailable,
            Self::Error => Kind::Internal,
            Self::MethodNotAllowed => Kind::MethodNotAllowed,
            Self::ProtectedRead => Kind::ProtectedRead,
            Self::ReadUnauthorized => Kind::ReadUnauthorized,
            Self::ForeignOrigin => Kind::ForeignOrigin,
        }
    }

    /// What has happened, and what to do about it, for the reference.
    pub const fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::MissingSignature => (
                "The header with the signature is not there.",
                "See that it is sent under the name that the source's scheme has, and handed on by the proxy.",
            ),
            Self::MalformedSignature => (
                "The header is there, and is no signature of the source's scheme.",
                "Compare it with the form in Signatures; it may be another scheme's.",
            ),
            Self::SeveralSignatures => (
                "The header with the signature is there more than once.",
                "Send it once; a proxy may add a second one.",
            ),
            Self::SignatureMismatch => (
                "The signature has the right form, and fits the body under no secret of the source.",
                "The near miss, if there is one, says why; otherwise it is another secret or another \
                 body than was signed.",
            ),
            Self::StaleTimestamp => (
                "The signature is right, and its timestamp is too far off.",
                "Set both clocks; a provider that sends again must sign again. SIGNATURE_TOLERANCE_SECONDS \
                 says how far it may be.",
            ),
            Self::UnknownSource => (
                "No source has the name in the URL.",
                "Configure the source, or correct the URL at the provider.",
            ),
            Self::BodyTooLarge => (
                "The body is longer than MAX_BODY_BYTES.",
                "See whether it is a message at all: the default holds every valid one.",
            ),
            Self::BodyTimeout => (
                "The body did not arrive within ten seconds.",
                "Look at the network between the two; sending it again is safe.",
            ),
            Self::BodyUnreadable => (
                "The body broke off, or could not be read as HTTP.",
                "Look at the client or the proxy in front; sending it again is safe.",
            ),
            Self::InvalidHost => (
                "The request has no Host, several, or one that cannot be one.",
                "Send exactly one, as HTTP/1.1 demands.",
            ),
            Self::UriTooLong => (
                "The target of the request is longer than is taken.",
                "Send what is long in the body.",
            ),
            Self::UnsupportedMediaType => (
                "The body is declared to be something other than plain JSON.",
                "Send it as Content-Type: application/json.",
            ),
            Self::InvalidJson => (
                "The signature is right, and the body is no JSON object.",
                "Look at what the provider sends.",
            ),
            Self::ValidationError => (
                "The signature is right, and the message breaks a rule.",
                "The answer and the list of refusals name every field and rule.",
            ),
            Self::Conflict => (
                "Another message has this id, and REFUSE_CONFLICTS is set.",
                "The provider must give each message an id of its own; GET /conflicts has both.",
            ),
            Self::RateLimited => (
                "More requests came from this address than RATE_LIMIT allows.",
                "Raise it if it is the provider, catching up; behind a proxy, set TRUSTED_PROXIES.",
            ),
            Self::Overload => (
                "More came than may wait to be written; nothing was tried.",
                "The sender tries again. If it lasts, the disk is too slow for what comes.",
            ),
            Self::Unavailable => (
                "The message could not be stored now.",
                "The log says why (a full disk, a lock, a server that is away); the sender tries again.",
            ),
            Self::Error => (
                "The server failed.",
                "The log says why, under the request's id; please report it.",
            ),
            Self::MethodNotAllowed => (
                "The path is a webhook's, and the method is not POST.",
                "Let the provider POST.",
            ),
            Self::ProtectedRead => (
                "No READ_TOKEN is set, and the read does not come from this machine or a private \
                 network, by a known name and not through a proxy.",
                "Set READ_TOKEN; or ALLOWED_HOSTS and TRUSTED_PROXIES, if it is a name or a proxy of yours.",
            ),
            Self::ReadUnauthorized => (
                "READ_TOKEN is set, and was not shown, or another was.",
                "Send it as Authorization: Bearer, or sign in to the dashboard.",
            ),
            Self::ForeignOrigin => (
                "A page of another site makes a browser ask.",
                "Open the dashboard itself; no page of another origin may read.",
            ),
        }
    }

    /// Whether a read was refused, and not a webhook.
    pub const fn is_of_a_read(self) -> bool {
        matches!(
            self,
            Self::ProtectedRead | Self::ReadUnauthorized | Self::ForeignOrigin
        )
    }

    /// Why a request was answered so, if it is one of those that are kept: every webhook, every read
    /// that was refused to who asked, and everything that was too much of one client.
    pub fn of(problem: &Problem, is_webhook: bool) -> Option<Self> {
        let reason = Self::of_problem(problem);
        let kept = is_webhook || reason.is_of_a_read() || reason == Self::RateLimited;
        kept.then_some(reason)
    }

    fn of_problem(problem: &Problem) -> Self {
        if let Some(refused) = &problem.refused
            && let Some(refusal) = refused.refusal
        {
            return refusal.into();
        }
        match problem.kind {
            Kind::InvalidSignature => Self::MissingSignature,
            Kind::NotFound => Self::UnknownSource,
            Kind::MethodNotAllowed => Self::MethodNotAllowed,
            Kind::PayloadTooLarge => Self::BodyTooLarge,
            Kind::BodyTimeout => Self::BodyTimeout,
            Kind::InvalidHost => Self::InvalidHost,
            Kind::UriTooLong => Self::UriTooLong,
            Kind::UnsupportedMediaType => Self::UnsupportedMediaType,
            Kind::ValidationError if problem.is_about_the_whole() => Self::InvalidJson,
            Kind::ValidationError => Self::ValidationError,
            Kind::Conflict => Self::Conflict,
            Kind::RateLimited => Self::RateLimited,
            Kind::Overload => Self::Overload,
            Kind::Unavailable | Kind::NotReady => Self::Unavailable,
            Kind::Internal => Self::Error,
            Kind::BadRequest => Self::BodyUnreadable,
            Kind::ProtectedRead => Self::ProtectedRead,
            Kind::ReadUnauthorized => Self::ReadUnauthorized,
            Kind::ForeignOrigin => Self::ForeignOrigin,
        }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing => Self::MissingSignature,
            Refusal::Repeated => Self::SeveralSignatures,
            Refusal::Malformed => Self::MalformedSignature,
            Refusal::Mismatch => Self::SignatureMismatch,
            Refusal::Stale { .. } => Self::StaleTimestamp,
            Refusal::UnknownSource => Self::UnknownSource,
        }
    }
}

impl ParamValue for Reason {
    fn schema() -> MetaSchema {
        let labels = Self::ALL.map(|reason| json!(reason.label()));
        MetaSchema {
            // An empty filter is none.
            enum_items: labels.into_iter().chain([json!("")]).collect(),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let known = Self::ALL.into_iter().find(|reason| reason.label() == text);
        known.map(Some).ok_or_else(|| {
            let labels = Self::ALL.map(Self::label);
            format!("must be one of {}", labels.join(", "))
        })
    }
}

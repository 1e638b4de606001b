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

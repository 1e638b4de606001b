//! The body of a webhook: read within limits, verified, and only then parsed.

use std::sync::Arc;

use countersign_core::{Authentic, Digest, Inbox, NewMessage, Refusal, SourceName};
use poem::{
    Request, RequestBody,
    http::{HeaderMap, HeaderValue, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSecurityScheme, Registry},
    types::Type,
};

use crate::{
    limits::Bodies,
    problem::{Kind, Problem},
    rejections::{Evidence, Refused, Sent},
    trace::Tracing,
    wire::{self, WebhookMessage},
};

/// A message whose signature was verified.
///
/// An extractor of its own kind: to the specification it is a request body *and* a security
/// scheme, because the signature covers the raw bytes and nothing may be parsed before.
pub struct Signed {
    pub message: Authentic<NewMessage>,
    /// The scheme that it is signed by, by its name.
    pub scheme: &'static str,
}

/// What [`Signed`] needs to know, as data of the application.
#[derive(Clone)]
pub struct Gate {
    pub inbox: Arc<Inbox>,
    pub bodies: Bodies,
    pub tracing: Arc<Tracing>,
    pub max_body_bytes: usize,
}

const SCHEME: &str = "WebhookSignature";

impl<'a> ApiExtractor<'a> for Signed {
    const TYPES: &'static [ApiExtractorType] = &[
        ApiExtractorType::RequestObject,
        ApiExtractorType::SecurityScheme,
    ];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        WebhookMessage::register(registry);
        registry.create_security_scheme(
            SCHEME,
            MetaSecurityScheme {
                ty: "apiKey",
                name: Some("X-Signature"),
                key_in: Some("header"),
                description: Some(
                    "Hex HMAC-SHA256 of the raw body under the shared secret. Lower or upper \
                     case, with or without the prefix `sha256=`. A source may be configured to \
                     sign by another scheme, in the headers of that scheme.",
                ),
                scheme: None,
                bearer_format: None,
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: Some("The message. The signature is over exactly these bytes."),
            required: true,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: WebhookMessage::schema_ref(),
            }],
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let Some(gate) = request.data::<Gate>() else {
            return Err(Problem::internal("the application has no gate").into());
        };
        let mut refused = Refused::default();
        let signed = gate.take(request, body, &mut refused).await;
        let signed = signed.map_err(|problem| {
            // The parser knows the id, and nothing else of the request.
            let parsed = problem.refused.as_ref();
            refused.message_id = parsed.and_then(|parsed| parsed.message_id.clone());
            Problem {
                refused: Some(Arc::new(refused)),
                ..problem
            }
        });
        let (message, scheme) = signed?;
        Ok(Self { message, scheme })
    }
}

impl Gate {
    /// The message, if its signature is right and it is one; `refused` gets what is known of it in
    /// any case.
    async fn take(
        &self,
        request: &Request,
        body: &mut RequestBody,
        refused: &mut Refused,
    ) -> Result<(Authentic<NewMessage>, &'static str), Problem> {
        // poem-openapi gives the router other names of parameters than those in the path.
        let name = source_of(request.uri().path()).ok_or(Refusal::UnknownSource)?;
        refused.source = Some(name.clone());
        let source = self.inbox.source(name)?;
        let scheme = source.scheme();
        let headers = request.headers();
        let bytes = self.bodies.read(headers, body, self.max_body_bytes).await?;
        let authentic = self
            .tracing
            .step(
                "verify",
                || source.authenticate(&Sent(headers), bytes.clone()),
                |_| Kind::InvalidSignature.label(),
            )
            .map_err(|refusal| {
                refused.body = Some((bytes.len(), Digest::of(&bytes)));
                refused.refusal = Some(refusal);
                refused.evidence = has_near_misses(refusal).then(|| {
                    Arc::new(Evidence {
                        headers: headers.clone(),
                        body: bytes.clone(),
                    })
                });
                Problem::from(refusal)
            })?;
        let parsed = self.tracing.step(
            "validate",
            || plain_json(headers).and_then(|()| authentic.parse(|bytes| wire::parse(&bytes))),
            |problem| problem.kind.label(),
        );
        parsed
            .map(|message| (message, scheme))
            .inspect_err(|_| refused.body = Some((bytes.len(), Digest::of(&bytes))))
    }
}

/// The source that a webhook is sent to: the one that its path names, if there could be one of that
/// name.
pub fn source_of(path: &str) -> Option<SourceName> {
    match path.strip_prefix("/webhook")? {
        "" => Some(SourceName::default()),
        // A name has no character that would be written in another way.
        named => SourceName::try_from(named.strip_prefix('/')?).ok(),
    }
}

/// Whether a mistake may be recognised behind this.
const fn has_near_misses(refusal: Refusal) -> bool {
    match refusal {
        Refusal::Missing | Refusal::Malformed | Refusal::Mismatch => true,
        Refusal::Repeated | Refusal::Stale { .. } | Refusal::UnknownSource => false,
    }
}

/// Refuses a body that is *declared* to be something else than JSON. Where nothing is declared,
/// the signature already vouches for the bytes.
fn plain_json(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            Kind::UnsupportedMediaType,
            "the body must be sent without a Content-Encoding",
        )
        .with_header(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        ));
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let json = match (types.next(), types.next()) {
        (None, _) => true,
        (Some(only), None) => only.to_str().is_ok_and(is_json),
        (Some(_), Some(_)) => false,
    };
    if json {
        return Ok(());
    }
    Err(Problem::new(
        Kind::UnsupportedMediaType,
        "the Content-Type must be application/json",
    )
    .with_header(header::ACCEPT, HeaderValue::from_static("application/json")))
}

/// A JSON MIME type, as WHATWG's MIME Sniffing names them; no statement at all will do, too.
fn is_json(content_type: &str) -> bool {
    // Parameters say nothing about JSON, which is UTF-8.
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.is_empty()
        || essence.parse::<mime::Mime>().is_ok_and(|mime| {
            mime.suffix() == Some(mime::JSON)
                || (mime.subtype() == mime::JSON
                    && (mime.type_() == mime::APPLICATION || mime.type_() == mime::TEXT))
        })
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_types() {
        for yes in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json ;charset=utf-8",
            "application/json;",
            "application/cloudevents+json",
            "text/json",
            "",
        ] {
            assert!(is_json(yes), "{yes}");
        }
        for no in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "application/json5",
            "application/xml+jsonx",
            "json",
            "multipart/json",
        ] {
            assert!(!is_json(no), "{no}");
        }
    }
}

//! `/session`: the token once, and then a cookie that scripts cannot read.
//!
//! For the dashboard, whose event stream cannot send headers, and which must not keep the token. A
//! session is signed, not stored: it ends after a week, or when the token changes. Signing out
//! takes the cookie away from the browser that asks for it.
#![expect(clippy::unused_async, reason = "poem-openapi's operations are async")]

use std::sync::Arc;

use countersign_core::Timestamp;
use poem::{
    IntoResponse, Request, RequestBody, Response,
    http::{HeaderMap, StatusCode, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object, OpenApi,
    registry::{MetaMediaType, MetaRequest, MetaResponse, MetaResponses, Registry},
    types::Type,
};
use serde::{Deserialize, Serialize};

use super::{
    Reads, credentials,
    credentials::Shown,
    origin::{self, Navigation},
    peer, peer_of, unauthorized,
};
use crate::{
    ApiTag,
    limits::Bodies,
    problem::{FieldError, Kind, Problem},
    reply::{JsonBody, NoProblems, Problems, Reply, header_meta},
    signed::Gate,
};

/// The cookie's name.
pub const COOKIE: &str = "countersign_session";

/// How long a session lasts: a week.
const SECONDS: i64 = 7 * 24 * 60 * 60;

/// The longest body: a token is a line.
const MAX_BODY_BYTES: usize = 16 * 1024;

pub struct SessionApi(pub Arc<Reads>);

/// What reading needs here.
#[derive(Debug, Serialize, Object)]
pub struct Session {
    /// Whether the server was started with a token; without one there is nothing to sign in to.
    token_required: bool,
    /// Whether this request has shown a session.
    signed_in: bool,
}

pub struct OpenProblems;

impl Problems for OpenProblems {
    const KINDS: &'static [Kind] = &[
        Kind::BadRequest,
        Kind::ReadUnauthorized,
        Kind::ForeignOrigin,
        Kind::NotFound,
        Kind::BodyTimeout,
        Kind::PayloadTooLarge,
        Kind::UnsupportedMediaType,
        Kind::ValidationError,
        Kind::Unavailable,
    ];
}

pub struct CloseProblems;

impl Problems for CloseProblems {
    const KINDS: &'static [Kind] = &[Kind::ForeignOrigin];
}

#[OpenApi(tag = "ApiTag::Service")]
impl SessionApi {
    /// Does reading need a token?
    ///
    /// And is this browser signed in? The dashboard asks, because its scripts cannot see the cookie.
    #[oai(path = "/session", method = "get", operation_id = "readSession")]
    async fn read(&self, request: &Request) -> Reply<JsonBody<Session>, NoProblems> {
        let guard = self.0.guard.as_ref();
        Ok(JsonBody(Session {
            token_required: guard.is_some(),
            signed_in: guard.is_some_and(|guard| guard.session(request.headers()) == Shown::Right),
        }))
        .into()
    }

    /// Sign in
    ///
    /// Takes the token once, and answers with a cookie that lets this browser read for a week.
    /// Programs need none: they send the token with every request.
    #[oai(path = "/session", method = "post", operation_id = "openSession")]
    async fn open(&self, request: &Request, body: Login) -> Reply<SetCookie, OpenProblems> {
        self.opened(request, body).into()
    }

    /// Sign out
    ///
    /// Takes the cookie away.
    #[oai(path = "/session", method = "delete", operation_id = "closeSession")]
    async fn close(&self, request: &Request) -> Reply<SetCookie, CloseProblems> {
        own_page(request.headers())
            .map(|()| SetCookie(self.cookie(request, "", 0)))
            .into()
    }
}

impl SessionApi {
    fn opened(&self, request: &Request, Login(body): Login) -> Result<SetCookie, Problem> {
        let Some(guard) = &self.0.guard else {
            return Err(Problem::new(
                Kind::NotFound,
                "there is nothing to sign in to: the server was started without READ_TOKEN, so \
                 that reads need no token",
            ));
        };
        own_page(request.headers())?;
        if !guard.token.admits(body?.as_bytes()) {
            let dialog = credentials::may_open_dialog(request.headers());
            return Err(Problem {
                detail: "this is not the token that the server was started with (READ_TOKEN)"
                    .into(),
                ..unauthorized(true, dialog)
            });
        }
        let until = guard.clock.now().micros() + SECONDS * 1_000_000;
        let until = Timestamp::from_micros(until).unwrap_or(Timestamp::MAX);
        let session = guard.token.issue(until);
        Ok(SetCookie(self.cookie(request, &session, SECONDS)))
    }

    fn cookie(&self, request: &Request, session: &str, seconds: i64) -> String {
        let proxies = &self.0.trusted_proxies;
        // Where the browser speaks plain HTTP, it would not send a cookie that is only for TLS.
        let by_tls = request
            .headers()
            .get(header::ORIGIN)
            .is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
        let secure = if by_tls || peer::is_https(peer_of(request), request.headers(), proxies) {
            "; Secure"
        } else {
            ""
        };
        format!("{COOKIE}={session}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
    }
}

/// Refuses what a page of another site makes a browser ask.
fn own_page(headers: &HeaderMap) -> Result<(), Problem> {
    if origin::is_own(headers, Navigation::Refused) {
        return Ok(());
    }
    Err(super::Refused::ForeignPage.into())
}

/// The token of a body, or what is wrong with the body: which of the answers counts is up to the
/// operation.
struct Login(Result<String, Problem>);

/// The token that the server was started with.
#[derive(Deserialize, Object)]
struct SessionRequest {
    /// `READ_TOKEN`.
    #[oai(validator(min_length = 1, max_length = 4096))]
    token: String,
}

impl<'a> ApiExtractor<'a> for Login {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        SessionRequest::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: Some("The token, which no answer and no log repeats."),
            required: true,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: SessionRequest::schema_ref(),
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
        Ok(Self(token(request.headers(), &gate.bodies, body).await))
    }
}

async fn token(
    headers: &HeaderMap,
    bodies: &Bodies,
    body: &mut RequestBody,
) -> Result<String, Problem> {
    // A form of another site cannot be sent as JSON.
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|declared| {
        let declared = declared.to_str().unwrap_or_default();
        let essence = declared.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    });
    if !json {
        return Err(Problem::new(
            Kind::UnsupportedMediaType,
            "the Content-Type must be application/json",
        ));
    }
    let bytes = bodies.read(headers, body, MAX_BODY_BYTES).await?;
    let request = serde_json::from_slice::<SessionRequest>(&bytes);
    // serde's own words would quote what was sent.
    let request = request.map_err(|_| {
        Problem::invalid(vec![FieldError {
            pointer: "#/token".to_owned(),
            detail: "must be a text, in one JSON object".to_owned(),
        }])
    })?;
    let chars = request.token.chars().count();
    if (1..=4096).contains(&chars) {
        Ok(request.token)
    } else {
        Err(Problem::invalid(vec![FieldError {
            pointer: "#/token".to_owned(),
            detail: format!("must be 1 to 4096 characters long (it is {chars})"),
        }]))
    }
}

/// 204 with a cookie.
struct SetCookie(String);

impl IntoResponse for SetCookie {
    fn into_response(self) -> Response {
        Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(header::SET_COOKIE, self.0)
            .finish()
    }
}

impl ApiResponse for SetCookie {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "Done.",
                status: Some(204),
                status_range: None,
                content: vec![],
                headers: vec![header_meta(
                    "Set-Cookie",
                    "The session, for this site only and out of reach of scripts; or its end.",
                )],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

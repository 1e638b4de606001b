//! Who may read.
//!
//! Webhooks and probes are open to anyone. Everything that shows messages is a read, and protected
//! one way or the other. With a token, whoever reads shows it: `Authorization: Bearer`, `Basic` with
//! the token as the password, or a session that began with it (`session`). Without one, the
//! *protected mode* holds, as Redis has it: only this machine and private networks are answered, by
//! a name that is known, and only if they ask by themselves and not through a proxy or a tunnel.
//! Whoever is refused is told what to do about it.
//!
//! [`Reads::check`] decides (`policy`), from what can be seen of a request ([`Asked`]); `peer` says
//! from where it comes, `credentials` what it shows.

mod credentials;
mod described;
mod origin;
mod outside;
mod peer;
mod policy;
mod session;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use countersign_core::{Clock, ReadToken};
use poem::{
    Endpoint, IntoResponse, PathPattern, Request, Response,
    http::{HeaderValue, Version, header, uri::Authority},
};

use self::credentials::Guard;
pub(crate) use self::{described::describe, policy::without_port, session::SessionApi};
pub use self::{
    outside::Visitor,
    peer::{InvalidTrustedProxy, TrustedProxy},
    policy::{AllowedHost, Asked, Class, InvalidAllowedHost, Refused, Rule},
};
use crate::{
    problem::{Kind, Problem},
    spec::Methods,
};

/// How reads are protected. By default: without a token, in the protected mode.
#[derive(Debug, Clone, Default)]
pub struct Reads {
    guard: Option<Guard>,
    allowed_hosts: Vec<AllowedHost>,
    trusted_proxies: Vec<TrustedProxy>,
}

impl Reads {
    /// Only for those who show the token, from wherever; sessions end by the clock.
    #[must_use]
    pub fn with_token(mut self, token: Arc<dyn ReadToken>, clock: Arc<dyn Clock>) -> Self {
        self.guard = Some(Guard { token, clock });
        self
    }

    /// In the protected mode, also by these names.
    #[must_use]
    pub fn with_allowed_hosts(mut self, hosts: Vec<AllowedHost>) -> Self {
        self.allowed_hosts = hosts;
        self
    }

    /// These are believed when they say who their client is.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: Vec<TrustedProxy>) -> Self {
        self.trusted_proxies = proxies;
        self
    }

    /// The client's address: the connection's, or what a trusted proxy says; `None` if it cannot be
    /// known.
    #[must_use]
    pub fn client_address(&self, request: &Request) -> Option<IpAddr> {
        peer::client(peer_of(request), request.headers(), &self.trusted_proxies)
    }

    /// Under which address a request is counted: its client's, or the connection's, where a trusted
    /// proxy does not say for whom it asks.
    pub(crate) fn counted_address(&self, request: &Request) -> Option<IpAddr> {
        self.client_address(request).or_else(|| peer_of(request))
    }
}

fn peer_of(request: &Request) -> Option<IpAddr> {
    request.remote_addr().as_socket_addr().map(SocketAddr::ip)
}

/// Serves what may be served.
pub(crate) struct Guarded<E> {
    pub reads: Arc<Reads>,
    pub methods: Arc<Methods>,
    pub endpoint: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let asked = Asked {
            path: request.uri().path(),
            authority: request.uri().authority().map(Authority::as_str),
            is_http2: request.version() == Version::HTTP_2,
            peer: peer_of(&request),
            headers: request.headers(),
        };
        if let Err(refused) = self.reads.check(&asked) {
            // Counted under its route, though no router has seen it.
            let pattern = PathPattern(Arc::clone(self.methods.of(asked.path)));
            let mut response = Problem::from(refused).into_response();
            response.set_data(pattern);
            return Ok(response);
        }
        self.endpoint.call(request).await
    }
}

impl Rule {
    /// What is the matter, for the client and the log. The request's own words are not repeated.
    const fn broken(self) -> &'static str {
        match self {
            Self::Forwarded => {
                "this request came through a proxy or a tunnel (it has a forwarding header) that \
                 is not in TRUSTED_PROXIES"
            }
            Self::Address => "this request comes from an address that is not private, or not known",
            Self::Host => {
                "the Host of this request is not localhost, 127.0.0.1, [::1] or one of \
                 ALLOWED_HOSTS"
            }
        }
    }
}

const MODE: &str = "Reads are protected, because no READ_TOKEN is set: they are answered only to \
    this machine and private networks, by a known name, and not through a proxy. Refused:";

const WAYS: &str = "To read, do one of these. (1) Set READ_TOKEN (or READ_TOKEN_FILE) where the \
    server runs, for instance to the output of `openssl rand -hex 32`, restart it, and send \
    `Authorization: Bearer <token>`; then neither address nor name matters. (2) Ask from the \
    server's own machine, as http://localhost or http://127.0.0.1 (from afar: `ssh -L`). (3) On a \
    private network, add the name that you ask by to ALLOWED_HOSTS. (4) Behind a proxy of your \
    own, put its address into TRUSTED_PROXIES.";

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::ForeignPage => Self::new(
                Kind::ForeignOrigin,
                "a page of another origin asks for this; only this server's own pages may, and \
                 programs",
            ),
            Refused::Protected(rule) => Self {
                cause: Some(rule.broken().to_owned()),
                ..Self::new(
                    Kind::ProtectedRead,
                    format!("{MODE} {}. {WAYS}", rule.broken()),
                )
            },
            Refused::Unauthorized { wrong, dialog } => unauthorized(wrong, dialog),
        }
    }
}

const BEARER: &str = "Bearer realm=\"countersign\"";
const BASIC: &str = "Basic realm=\"countersign\", charset=\"UTF-8\"";

fn unauthorized(wrong: bool, dialog: bool) -> Problem {
    let cause = if wrong {
        "what was shown is not the token that reads need, or a session that has ended"
    } else {
        "reads need the token, and none was shown"
    };
    let problem = Problem {
        cause: Some(cause.to_owned()),
        ..Problem::new(
            Kind::ReadUnauthorized,
            "reading needs the token that the server was started with (READ_TOKEN): send it as \
             `Authorization: Bearer <token>`, or as the password of `Basic`, or sign in at /ui",
        )
    };
    // A header each: browsers do not take a list apart.
    let challenges = [BEARER, BASIC].into_iter().take(if dialog { 2 } else { 1 });
    challenges.fold(problem, |problem, challenge| {
        problem.with_header(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(challenge),
        )
    })
}

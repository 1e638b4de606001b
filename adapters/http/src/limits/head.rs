//! What can be refused by its head: before it is routed, and before its body is read.

use std::{net::Ipv6Addr, sync::Arc};

use poem::{
    Endpoint, IntoResponse, PathPattern, Request, Response,
    http::{HeaderMap, Uri, Version, header},
};

use super::{Peers, peers::Allowance};
use crate::{
    access::{self, Reads},
    problem::{Kind, Problem},
    rejections::Refused,
    signed,
    spec::Methods,
};

/// Whoever asks these must know whatever happens: they are never too many.
pub const PROBES: [&str; 3] = ["/health", "/health/live", "/health/ready"];

/// How much of a path is shown or repeated, where that need not be all of it.
const SHOWN: usize = 512;

/// The beginning of a path.
pub fn cut(path: &str) -> &str {
    &path[..path.floor_char_boundary(SHOWN)]
}

/// Serves what has a head that may be served.
pub struct Admitted<E> {
    pub max_uri_bytes: usize,
    /// Where requests are counted by their clients, if they are.
    pub peers: Option<Peers>,
    pub reads: Arc<Reads>,
    pub methods: Arc<Methods>,
    pub endpoint: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Admitted<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        // Before anything else: what is wrong with a request may be wrong with thousands.
        let allowance = match self.count(&request) {
            Ok(allowance) => allowance,
            Err(problem) => return Ok(self.refuse(&request, problem)),
        };
        let answer = match self.check(&request) {
            Ok(()) => self.endpoint.call(request).await,
            Err(problem) => Ok(self.refuse(&request, problem)),
        };
        let Some((peers, allowance)) = allowance else {
            return answer;
        };
        let mut response = answer.unwrap_or_else(poem::Error::into_response);
        peers.tell(allowance, &mut response);
        Ok(response)
    }
}

fn is_probe(request: &Request) -> bool {
    PROBES.contains(&request.uri().path())
}

impl<E> Admitted<E> {
    /// Counted under its route, though no router has seen it.
    fn refuse(&self, request: &Request, problem: Problem) -> Response {
        let pattern = PathPattern(Arc::clone(self.methods.of(request.uri().path())));
        let mut response = problem.into_response();
        response.set_data(pattern);
        response
    }

    /// Counts the request, if requests are counted, and this one.
    fn count(&self, request: &Request) -> Result<Option<(&Peers, Allowance)>, Problem> {
        let counting = self.peers.as_ref().filter(|_| !is_probe(request));
        let Some(peers) = counting else {
            return Ok(None);
        };
        let counted = peers.count(self.reads.counted_address(request));
        let allowance = counted.map_err(|none| {
            // Of a webhook, it can be seen from afar where it was sent.
            let source = signed::source_of(request.uri().path());
            Problem {
                refused: source.map(|source| {
                    Arc::new(Refused {
                        source: Some(source),
                        ..Refused::default()
                    })
                }),
                ..peers.refuse(none)
            }
        })?;
        Ok(Some((peers, allowance)))
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        if length(request.uri()) > self.max_uri_bytes {
            let detail = format!(
                "the request's target must be at most {} bytes long",
                self.max_uri_bytes
            );
            return Err(Problem::new(Kind::UriTooLong, detail).closing());
        }
        if !is_framed_plainly(request.headers()) {
            let detail = "the only transfer coding that is understood is chunked, once";
            // Where it ends is what two readers may disagree about.
            return Err(Problem::new(Kind::BadRequest, detail).closing());
        }
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let detail = match (hosts.next(), hosts.next(), request.version()) {
            (None, ..) if request.version() == Version::HTTP_11 => {
                "an HTTP/1.1 request must have the header Host"
            }
            (_, Some(_), _) => "the header Host must not come more than once",
            (Some(host), None, _) if !is_host(host.as_bytes()) => {
                "the header Host must be a host's name or address, perhaps with a port"
            }
            _ => return Ok(()),
        };
        // Who disagrees about where a request goes may disagree about where it ends, too.
        Err(Problem::new(Kind::InvalidHost, detail).closing())
    }
}

/// Whether there is one way only to tell where the body ends, and what its bytes are: hyper takes
/// every list of codings that ends with `chunked`, decodes that one, and would hand on the rest.
/// (Where there is a length, too, it hides that, and closes the connection with the answer.)
fn is_framed_plainly(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let Some(coding) = codings.next() else {
        return true;
    };
    codings.next().is_none() && coding.as_bytes().eq_ignore_ascii_case(b"chunked")
}

/// As it was sent, or at most a few bytes more.
fn length(target: &Uri) -> usize {
    let scheme = target.scheme_str().map_or(0, |scheme| scheme.len() + 3);
    let authority = target.authority().map_or(0, |named| named.as_str().len());
    let path = target
        .path_and_query()
        .map_or(0, |path| path.as_str().len());
    scheme + authority + path
}

/// `uri-host [ ":" port ]` (RFC 9110, 7.2). It may be empty: so says who asks for a target without
/// an authority.
fn is_host(value: &[u8]) -> bool {
    let name = std::str::from_utf8(value)
        .ok()
        .and_then(access::without_port);
    let Some(name) = name else { return false };
    if let Some(address) = name.strip_prefix('[') {
        let address = address.strip_suffix(']');
        return address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    // reg-name (RFC 3986, 3.2.2), which an IPv4 address is, too.
    let mut bytes = name.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => (bytes.next().zip(bytes.next()))
                .is_some_and(|(high, low)| high.is_ascii_hexdigit() && low.is_ascii_hexdigit()),
            byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in [
            "",
            "localhost",
            "localhost:8000",
            "localhost:",
            "my_api.internal",
            "a%2Db",
            "127.0.0.1:80",
            "[::1]",
            "[fd00::1]:8000",
            "xn--bcher-kva.example",
        ] {
            assert!(is_host(good.as_bytes()), "{good:?}");
        }
        for bad in [
            "a b",
            "user@host",
            "host/path",
            "host?",
            "host#",
            "http://host",
            "a:b",
            "a:80:80",
            "a:-1",
            "[::1",
            "::1",
            "[::1]x",
            "[v1.x]",
            "a%2",
            "a%zz",
            "a\\b",
            "a\"b",
            "büche.example",
            "a\tb",
        ] {
            assert!(!is_host(bad.as_bytes()), "{bad:?}");
        }
        assert!(!is_host(b"\xff"));
    }

    #[test]
    fn a_target_is_as_long_as_it_was_sent() {
        for target in ["/", "/a?b=c", "*", "http://host/path?q", "/%C3%A4"] {
            let uri = target.parse::<Uri>().map(|uri| length(&uri));
            assert_eq!(uri.ok(), Some(target.len()), "{target}");
        }
    }
}

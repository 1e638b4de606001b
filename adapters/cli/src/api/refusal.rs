//! Why a server did not answer what was asked, in plain words, and what to do about it.

use std::{error::Error, time::Duration};

use reqwest::{
    Response, StatusCode,
    header::{HeaderMap, LOCATION, RETRY_AFTER},
};

use super::{Api, Problem};
use crate::{
    stop::Stop,
    terminal::{Halt, one_line},
};

/// What is read of an answer that is none.
const LONGEST: usize = 64 * 1024;

/// Longer than anybody waits for a server.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Whether asking again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nobody is there, or the connection broke.
    Unreachable,
    /// It says itself that it will pass.
    Later,
    NotFound,
    /// Asking again would be answered the same.
    Final,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    kind: Kind,
    stop: Stop,
    retry_after: Option<Duration>,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        refusal.stop
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        refusal.stop.into()
    }
}

impl Refusal {
    /// Whether nobody is there.
    pub fn is_unreachable(&self) -> bool {
        self.kind == Kind::Unreachable
    }

    /// Whether there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }

    /// Whether asking later may help.
    pub fn may_pass(&self) -> bool {
        matches!(self.kind, Kind::Unreachable | Kind::Later)
    }

    /// How long the server wants to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What happened, without the remedy.
    pub fn what(&self) -> String {
        let text = self.stop.to_string();
        text.split("\nhelp: ").next().unwrap_or_default().to_owned()
    }

    /// Of an answer that is not a good one.
    pub async fn read(api: &Api, mut response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while body.len() < LONGEST
            && let Ok(Some(piece)) = response.chunk().await
        {
            body.extend_from_slice(&piece);
        }
        let problem = serde_json::from_slice::<Problem>(&body).ok();
        // What a proxy answers in its place has no such thing.
        let problem = problem.filter(|problem| problem.status == Some(status.as_u16()));
        Self::of(api.name(), api.has_token(), status, &headers, problem)
    }

    fn of(
        name: &str,
        has_token: bool,
        status: StatusCode,
        headers: &HeaderMap,
        problem: Option<Problem>,
    ) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let code = status.as_u16();
        let retry_after = retry_after(headers);
        let refusal = |kind, stop| Self {
            kind,
            stop,
            retry_after,
        };
        if status.is_redirection() {
            let to = header(LOCATION.as_str()).unwrap_or_default();
            return refusal(
                Kind::Final,
                Stop::configuration(
                    format!("{name} redirects to {}", one_line(to)),
                    "give --url the address that it redirects to, without the path of the API",
                ),
            );
        }
        let Some(problem) = problem else {
            return match code {
                429 | 502..=504 => refusal(
                    Kind::Later,
                    Stop::unavailable(
                        format!("{name} answered {status}, and not as countersign does"),
                        "a proxy in front may have answered: is the server behind it running?",
                    ),
                ),
                _ => Self {
                    retry_after,
                    ..no_countersign(name, &status.to_string())
                },
            };
        };
        let said = said(&problem);
        match code {
            401 => refusal(Kind::Final, unauthorized(name, has_token)),
            403 => refusal(
                Kind::Final,
                Stop::not_permitted(
                    format!("{name} does not answer reads to this machine (403): {said}"),
                    "without a token, a server answers reads only to its own machine and private \
                     networks: ask from there, or set READ_TOKEN for the server, and the same one \
                     here in READ_TOKEN or READ_TOKEN_FILE",
                ),
            ),
            404 | 405 => refusal(
                Kind::NotFound,
                Stop::configuration(
                    format!("{name} does not know what was asked for ({code}): {said}"),
                    "give --url the server's address without /webhook or another path of the API; \
                     its version may also be older than this program's",
                ),
            ),
            429 => refusal(
                Kind::Later,
                Stop::unavailable(
                    format!("{name} takes no more requests from here for now (429): {said}"),
                    wait(
                        retry_after,
                        "ask less often, or raise the server's RATE_LIMIT",
                    ),
                ),
            ),
            503 => refusal(
                Kind::Later,
                Stop::unavailable(
                    format!("{name} is not available now (503): {said}"),
                    wait(retry_after, "the server's log says why"),
                ),
            ),
            400..=499 => refusal(
                Kind::Final,
                Stop::configuration(
                    format!("{name} refused what was asked for ({code}): {said}"),
                    "give the filter that it names another value",
                ),
            ),
            _ => refusal(
                Kind::Later,
                Stop::unavailable(
                    format!("{name} failed ({code}): {said}"),
                    format!(
                        "the server's log says why, under the request_id {}",
                        one_line(header("x-request-id").unwrap_or("of this time"))
                    ),
                ),
            ),
        }
    }
}

fn unauthorized(name: &str, has_token: bool) -> Stop {
    if has_token {
        return Stop::not_permitted(
            format!("{name} does not take the token (401)"),
            "READ_TOKEN or READ_TOKEN_FILE must be what the server has there",
        );
    }
    Stop::not_permitted(
        format!("{name} wants to see a token (401)"),
        "set READ_TOKEN, or name a file in READ_TOKEN_FILE, with the token that the server has there",
    )
}

fn wait(retry_after: Option<Duration>, help: &str) -> String {
    match retry_after {
        Some(wait) => format!("try again in {} s; {help}", wait.as_secs()),
        None => format!("try again later; {help}"),
    }
}

/// What a problem says, on one line; of a faulty parameter by the name of its flag.
fn said(problem: &Problem) -> String {
    let faults: Vec<_> = problem
        .errors
        .iter()
        .map(|fault| {
            let name = fault.pointer.trim_start_matches(['#', '/']);
            format!("--{} {}", name.replace('_', "-"), fault.detail)
        })
        .collect();
    let text = if faults.is_empty() {
        let said = problem.detail.as_deref().or(problem.title.as_deref());
        said.unwrap_or("it did not say why").to_owned()
    } else {
        faults.join("; ")
    };
    one_line(&text).into_owned()
}

/// Something answers, and it is another program.
pub fn no_countersign(name: &str, what: &str) -> Refusal {
    Refusal {
        kind: Kind::Final,
        stop: Stop::unavailable(
            format!("{name} answered {what}, as countersign does not"),
            "is --url (or BIND) the address of a countersign, and the port its own?",
        ),
        retry_after: None,
    }
}

/// No answer has come.
pub fn unreachable(name: &str, error: &reqwest::Error) -> Refusal {
    let chain = chain(error);
    let (what, help) = if error.is_timeout() {
        (
            "does not answer in time".to_owned(),
            "is it overloaded, or is a firewall in between? To wait longer: --timeout",
        )
    } else if chain.contains("certificate") {
        (
            format!("is not trusted: {chain}"),
            "name a file with the authority that has signed its certificate in SSL_CERT_FILE, and \
             see whether --url has the name that the certificate is for",
        )
    } else if chain.contains("InvalidContentType") || chain.contains("corrupt message") {
        (
            "does not speak TLS".to_owned(),
            "does --url begin with https:// where the server has plain http://?",
        )
    } else {
        (
            format!("cannot be reached: {chain}"),
            "is the server running, and is --url (or BIND) its address?",
        )
    };
    Refusal {
        kind: Kind::Unreachable,
        stop: Stop::unavailable(format!("{name} {what}"), help),
        retry_after: None,
    }
}

/// The last causes of an error, on one line; the first only says that there was one, and where.
pub fn chain(error: &dyn Error) -> String {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    let said = causes.pop().unwrap_or_else(|| error.to_string());
    one_line(&said).into_owned()
}

/// After how long to come back, if it is said in seconds.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
    let seconds = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use std::process::ExitCode;

    use reqwest::header::HeaderValue;

    use super::*;

    fn refusal(status: u16, has_token: bool, problem: Option<&str>) -> Refusal {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("3"));
        let problem = problem.map(|text| serde_json::from_str(text).expect("a problem"));
        let status = StatusCode::from_u16(status).expect("a status");
        Refusal::of("http://h", has_token, status, &headers, problem)
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let problem = r#"{"status": 1, "title": "T", "detail": "why\u001b[2J"}"#;
        let faults =
            r##"{"detail":"d","errors":[{"pointer":"#/received_since","detail":"must be x"}]}"##;
        for (status, has_token, problem, code, words) in [
            (
                401,
                false,
                Some(problem),
                77,
                ["wants to see a token", "READ_TOKEN_FILE"],
            ),
            (
                401,
                true,
                Some(problem),
                77,
                ["does not take the token", "READ_TOKEN"],
            ),
            (
                403,
                false,
                Some(problem),
                77,
                ["(403): why\\u{1b}", "private networks"],
            ),
            (404, false, Some(problem), 78, ["(404)", "/webhook"]),
            (
                422,
                false,
                Some(faults),
                78,
                ["--received-since must be x", "filter"],
            ),
            (429, false, Some(problem), 69, ["(429)", "in 3 s"]),
            (500, false, Some(problem), 69, ["(500)", "log"]),
            (503, false, Some(problem), 69, ["not available", "in 3 s"]),
            (502, false, None, 69, ["502", "proxy"]),
            (404, false, None, 69, ["404", "is --url"]),
            (401, false, None, 69, ["401", "countersign"]),
            (301, false, None, 78, ["redirects", "--url"]),
        ] {
            let refusal = refusal(status, has_token, problem);
            let may_pass = matches!(status, 429 | 500 | 502 | 503);
            assert_eq!(refusal.may_pass(), may_pass, "{status}");
            let stop = Stop::from(refusal);
            assert_eq!(stop.exit_code(), ExitCode::from(code), "{status}: {stop}");
            for word in words {
                assert!(stop.to_string().contains(word), "{status}: {stop}");
            }
        }
        assert_eq!(
            refusal(503, false, None).retry_after(),
            Some(Duration::from_secs(3))
        );
    }
}

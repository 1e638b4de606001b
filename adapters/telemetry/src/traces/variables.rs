//! What the environment says of traces.

use std::{fs, time::Duration};

use opentelemetry_http::Request;
use ureq::tls::{Certificate, PemItem, parse_pem};

use super::InvalidVariable;

/// How long a collector may take, if nothing else is said: what OpenTelemetry says.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A collector, and how it is reached.
#[derive(Debug)]
pub struct Variables {
    /// Where spans are sent to.
    pub endpoint: String,
    /// How long it may take.
    pub timeout: Duration,
    /// Who may vouch for it, if not those who do for everybody.
    pub authorities: Option<Vec<Certificate<'static>>>,
}

impl Variables {
    /// `None` if no collector is named, or traces are switched off.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn read(
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, InvalidVariable> {
        let get = |name: &'static str| {
            let value = environment(name)?;
            let value = value.trim();
            (!value.is_empty()).then(|| (name, value.to_owned()))
        };
        let is =
            |name, off: &str| get(name).is_some_and(|(_, value)| value.eq_ignore_ascii_case(off));
        if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
            return Ok(None);
        }
        // What is said of traces wins over what is said of everything.
        let endpoint = match (
            get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
            get("OTEL_EXPORTER_OTLP_ENDPOINT"),
        ) {
            (Some(own), _) => own,
            (None, Some((name, of_all))) => {
                (name, format!("{}/v1/traces", of_all.trim_end_matches('/')))
            }
            (None, None) => return Ok(None),
        };
        let protocol = get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
            .or_else(|| get("OTEL_EXPORTER_OTLP_PROTOCOL"));
        if let Some((variable, protocol)) = protocol
            && protocol != "http/protobuf"
        {
            return Err(InvalidVariable {
                variable,
                why: format!("must be http/protobuf (it is {protocol:?})"),
                help: "leave it out, and name the port of the collector that takes HTTP (4318)",
            });
        }
        let compression = get("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION")
            .or_else(|| get("OTEL_EXPORTER_OTLP_COMPRESSION"));
        if let Some((variable, compression)) = compression {
            return Err(InvalidVariable {
                variable,
                why: format!("is not supported (it is {compression:?})"),
                help: "leave it out: spans are sent as they are",
            });
        }
        let timeout =
            get("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT").or_else(|| get("OTEL_EXPORTER_OTLP_TIMEOUT"));
        let certificate = get("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE")
            .or_else(|| get("OTEL_EXPORTER_OTLP_CERTIFICATE"));
        Ok(Some(Self {
            endpoint: checked(endpoint)?,
            timeout: timeout.map_or(Ok(TIMEOUT), milliseconds)?,
            authorities: certificate.map(authorities).transpose()?,
        }))
    }

    /// The endpoint without what is private in it.
    pub fn shown(&self) -> String {
        let uri = self.endpoint.parse::<ureq::http::Uri>().unwrap_or_default();
        let scheme = uri.scheme_str().unwrap_or_default();
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().map(|port| format!(":{port}"));
        format!("{scheme}://{host}{}", port.unwrap_or_default())
    }
}

/// An address that can be sent to. It may have a password in it, so it is never quoted.
fn checked((variable, endpoint): (&'static str, String)) -> Result<String, InvalidVariable> {
    let is_one = Request::post(&endpoint).body(()).is_ok_and(|request| {
        let uri = request.uri();
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    if is_one {
        return Ok(endpoint);
    }
    Err(InvalidVariable {
        variable,
        why: format!(
            "is no address of a collector (it has {} characters)",
            endpoint.chars().count()
        ),
        help: "set it to a URL such as http://localhost:4318, or leave it out to send no traces",
    })
}

fn milliseconds((variable, text): (&'static str, String)) -> Result<Duration, InvalidVariable> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=600_000).contains(number));
    number
        .map(Duration::from_millis)
        .ok_or_else(|| InvalidVariable {
            variable,
            why: format!("must be a number of milliseconds from 1 to 600000 (it is {text:?})"),
            help: "leave it out for 10000",
        })
}

fn authorities(
    (variable, path): (&'static str, String),
) -> Result<Vec<Certificate<'static>>, InvalidVariable> {
    let wrong = |why: String| InvalidVariable {
        variable,
        why,
        help: "name a file of certificates in PEM form, of whoever vouches for the collector",
    };
    let text = fs::read(&path).map_err(|error| {
        wrong(format!(
            "names a file that cannot be read ({path}): {error}"
        ))
    })?;
    let certificates: Vec<_> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(wrong(format!(
            "names a file without a certificate ({path})"
        )));
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Variables>, InvalidVariable> {
        Variables::read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn endpoint(variables: &[(&str, &str)]) -> Option<String> {
        read(variables).ok().flatten().map(|read| read.endpoint)
    }

    #[test]
    fn nothing_is_sent_unless_a_collector_is_named() {
        let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318");
        assert_eq!(endpoint(&[]), None);
        assert_eq!(endpoint(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), None);
        assert_eq!(endpoint(&[collector, ("OTEL_SDK_DISABLED", "TRUE")]), None);
        assert_eq!(
            endpoint(&[collector, ("OTEL_TRACES_EXPORTER", "none")]),
            None
        );
        assert_eq!(
            endpoint(&[collector, ("OTEL_SDK_DISABLED", "")]).as_deref(),
            Some("http://c:4318/v1/traces")
        );
    }

    #[test]
    fn what_is_said_of_traces_wins_and_is_taken_as_it_is() {
        for (variables, expected) in [
            (
                &[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/otlp/")][..],
                "https://c/otlp/v1/traces",
            ),
            (
                &[
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"),
                    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/x"),
                ],
                "http://t/x",
            ),
        ] {
            assert_eq!(endpoint(variables).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_private_is_shown() {
        let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@c:4318");
        for (name, value) in [
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "user:hunter2@c"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://user:hunter2@c"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/dev/null"),
        ] {
            let refused = read(&[collector, (name, value)]).map(|_| ());
            assert!(
                refused.is_err_and(|error| {
                    error.variable == name && !error.to_string().contains("hunter2")
                }),
                "{name}={value}"
            );
        }
        let shown = read(&[collector]).ok().flatten().map(|read| read.shown());
        assert_eq!(shown.as_deref(), Some("http://c:4318"));
    }
}

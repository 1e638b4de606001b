//! Where messages go.

use std::net::SocketAddr;

use reqwest::Url;

use crate::stop::Stop;

const WEBHOOK: &str = "/webhook";

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host and port, as a connection and the header `Host` need them.
    pub authority: String,
    /// With the query, if there is one.
    pub path: String,
}

impl Target {
    /// The webhook of the server at this address.
    pub fn at(address: SocketAddr) -> Self {
        Self {
            authority: address.to_string(),
            path: WEBHOOK.to_owned(),
        }
    }

    /// # Errors
    /// If it is no `http://` URL.
    pub fn parse(text: &str) -> Result<Self, Stop> {
        let wrong = |what: &str| {
            Stop::configuration(
                format!("--url {what}: {text:?}"),
                "give it as http://127.0.0.1:8000/webhook; TLS is not supported here",
            )
        };
        let url = Url::parse(text).map_err(|_| wrong("is no URL"))?;
        if url.scheme() != "http" {
            return Err(wrong("must begin with http://"));
        }
        let host = url.host_str().ok_or_else(|| wrong("names no host"))?;
        let port = url.port().unwrap_or(80);
        let path = match (url.path(), url.query()) {
            ("/", None) => WEBHOOK.to_owned(),
            (path, None) => path.to_owned(),
            (path, Some(query)) => format!("{path}?{query}"),
        };
        Ok(Self {
            authority: format!("{host}:{port}"),
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        for (url, authority, path) in [
            (
                "http://127.0.0.1:8000/webhook",
                "127.0.0.1:8000",
                "/webhook",
            ),
            ("http://localhost:8000", "localhost:8000", "/webhook"),
            ("http://[::1]:1/x?y=z", "[::1]:1", "/x?y=z"),
            ("http://example.com/webhook", "example.com:80", "/webhook"),
            ("http://h/a\r\nb c", "h:80", "/ab%20c"),
        ] {
            let target = Target {
                authority: authority.to_owned(),
                path: path.to_owned(),
            };
            assert_eq!(Target::parse(url), Ok(target), "{url}");
        }
        for url in [
            "https://example.com/webhook",
            "127.0.0.1:8000",
            "localhost:8000",
            "/webhook",
            "",
        ] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }
}

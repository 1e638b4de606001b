//! Where messages go.

use std::net::SocketAddr;

use countersign_core::SourceName;
use reqwest::Url;

use crate::{
    api::{source_at, webhook_path},
    stop::Stop,
};

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host and port, as a connection and the header `Host` need them.
    pub authority: String,
    /// With the query, if there is one.
    pub path: String,
}

impl Target {
    /// The webhook of this source, of the server at this address.
    pub fn at(address: SocketAddr, source: &SourceName) -> Self {
        Self {
            authority: address.to_string(),
            path: webhook_path(source),
        }
    }

    /// # Errors
    /// If it is no `http://` URL, or has a path though a source is named, too.
    pub fn parse(text: &str, source: &SourceName) -> Result<Self, Stop> {
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
            ("/", None) => webhook_path(source),
            _ if !source.is_default() => {
                return Err(wrong("must have no path if there is --source"));
            }
            (path, None) => path.to_owned(),
            (path, Some(query)) => format!("{path}?{query}"),
        };
        Ok(Self {
            authority: format!("{host}:{port}"),
            path,
        })
    }

    /// The source that messages to it are of.
    pub fn source(&self) -> SourceName {
        source_at(self.path.split('?').next().unwrap_or_default())
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
            assert_eq!(
                Target::parse(url, &SourceName::default()),
                Ok(target),
                "{url}"
            );
        }
        for url in [
            "https://example.com/webhook",
            "127.0.0.1:8000",
            "localhost:8000",
            "/webhook",
            "",
        ] {
            assert!(Target::parse(url, &SourceName::default()).is_err(), "{url}");
        }
    }

    #[test]
    fn sources_have_paths() {
        let source = SourceName::try_from("shop").expect("a name");
        let target = Target::parse("http://h:1", &source);
        assert_eq!(
            target.map(|target| target.path),
            Ok("/webhook/shop".to_owned())
        );
        assert!(Target::parse("http://h:1/webhook", &source).is_err());
    }
}

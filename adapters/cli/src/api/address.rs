//! Where servers and webhooks are.

use std::net::{IpAddr, SocketAddr};

use countersign_core::SourceName;
use reqwest::Url;

use crate::stop::Stop;

/// The server at this address of this machine.
pub fn local(address: SocketAddr) -> Result<Url, Stop> {
    server("BIND", &format!("http://{address}"))
}

/// # Errors
/// If it is no URL of a server.
pub fn server(flag: &str, text: &str) -> Result<Url, Stop> {
    let mut url = parse(flag, text, "https://inbox.example.com")?;
    if url.query().is_some() {
        return Err(wrong(
            flag,
            "must have no query",
            "https://inbox.example.com",
        ));
    }
    // A path before the API's own, behind a proxy that adds one.
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn parse(flag: &str, text: &str, example: &str) -> Result<Url, Stop> {
    let url = Url::parse(text).map_err(|_| {
        let missing = if text.contains("://") {
            ""
        } else {
            " (http:// or https:// is missing)"
        };
        wrong(flag, &format!("is no URL{missing}"), example)
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(flag, "must begin with http:// or https://", example));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            flag,
            "must have no user and no password: every process on this machine can read it",
            example,
        ));
    }
    if url.fragment().is_some() {
        return Err(wrong(flag, "must have no #", example));
    }
    Ok(url)
}

/// The text is not repeated, as it may hold a password.
fn wrong(flag: &str, rule: &str, example: &str) -> Stop {
    Stop::configuration(format!("{flag} {rule}"), format!("write it as {example}"))
}

/// A webhook that messages are posted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook(pub Url);

impl Webhook {
    /// # Errors
    /// If it is no URL. One without a path is a countersign's, and the source's.
    pub fn parse(flag: &str, text: &str, source: &SourceName) -> Result<Self, Stop> {
        const EXAMPLE: &str = "https://inbox.example.com/webhook";
        let mut url = parse(flag, text, EXAMPLE)?;
        if url.path() == "/" && url.query().is_none() {
            url.set_path(&webhook_path(source));
        } else if !source.is_default() {
            return Err(wrong(
                flag,
                "must have no path if a source is named, too",
                "https://inbox.example.com",
            ));
        }
        Ok(Self(url))
    }

    /// The webhook of the server at this address of this machine.
    pub fn local(address: SocketAddr, source: &SourceName) -> Result<Self, Stop> {
        let mut url = local(address)?;
        url.set_path(&webhook_path(source));
        Ok(Self(url))
    }

    /// The source that messages to it are of, as a countersign has it.
    pub fn source(&self) -> SourceName {
        source_at(self.0.path())
    }
}

const WEBHOOK: &str = "/webhook";

/// The path that this source's messages are posted to.
pub fn webhook_path(source: &SourceName) -> String {
    if source.is_default() {
        WEBHOOK.to_owned()
    } else {
        format!("{WEBHOOK}/{source}")
    }
}

/// Whose messages are posted to a path, which may stand behind another one.
pub fn source_at(path: &str) -> SourceName {
    let (webhook, name) = path.rsplit_once('/').unwrap_or_default();
    if webhook.ends_with(WEBHOOK) {
        name.try_into().unwrap_or_default()
    } else {
        SourceName::default()
    }
}

/// Whether it is reached without a network.
pub fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether both are at the same address.
pub fn is_same_server(one: &Url, other: &Url) -> bool {
    let same_host =
        one.host_str() == other.host_str() || (is_this_machine(one) && is_this_machine(other));
    same_host && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers() {
        for (text, url) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
            ("https://inbox.example.com/", "https://inbox.example.com/"),
            ("https://h/countersign/", "https://h/countersign"),
            ("http://[::1]:1", "http://[::1]:1/"),
        ] {
            let server = server("--url", text).map(|url| url.to_string());
            assert_eq!(server, Ok(url.to_owned()), "{text}");
        }
        for text in [
            "127.0.0.1:8000",
            "localhost:8000",
            "ftp://h",
            "http://",
            "http://u:CANARY@h",
            "http://h/?q=CANARY",
            "http://h/#CANARY",
            "",
        ] {
            let stop = server("--url", text).expect_err(text).to_string();
            assert!(
                stop.starts_with("--url ") && stop.contains("https://"),
                "{stop}"
            );
            assert!(!stop.contains("CANARY"), "{stop}");
        }
    }

    #[test]
    fn a_source_is_the_last_part_of_the_path() {
        for (path, source) in [
            ("/webhook", "default"),
            ("/webhook/", "default"),
            ("/webhook/partner", "partner"),
            ("/webhook/webhook", "webhook"),
            ("/webhook/webhook-shop", "webhook-shop"),
            ("/behind/a/proxy/webhook/partner", "partner"),
            ("/hooks/partner", "default"),
            ("/webhooks/partner", "default"),
            ("", "default"),
        ] {
            assert_eq!(source_at(path).as_str(), source, "{path}");
            let url = Url::parse("http://h").and_then(|url| url.join(path));
            assert_eq!(Webhook(url.expect("a URL")).source().as_str(), source);
        }
    }

    #[test]
    fn webhooks() {
        let webhook = |text: &str, source: &str| {
            let source = SourceName::try_from(source).expect("a name");
            Webhook::parse("--to", text, &source).map(|webhook| webhook.0.to_string())
        };
        for (text, source, url) in [
            ("http://h:1", "default", "http://h:1/webhook"),
            ("https://h/", "shop", "https://h/webhook/shop"),
            ("https://h/x?y=z", "default", "https://h/x?y=z"),
        ] {
            assert_eq!(webhook(text, source), Ok(url.to_owned()));
        }
        assert!(webhook("https://h/webhook", "shop").is_err());
    }

    #[test]
    fn the_same_server_is_known_by_its_address() {
        let url = |text: &str| Url::parse(text).expect("a URL");
        for (one, other, same) in [
            (
                "http://localhost:8000/",
                "http://127.0.0.1:8000/webhook",
                true,
            ),
            ("http://[::1]:8000/", "http://127.0.0.1:8000/webhook", true),
            ("http://localhost:8000/", "http://localhost:8001/", false),
            ("https://a/", "https://a:443/x", true),
            ("https://a/", "https://b/", false),
        ] {
            assert_eq!(
                is_same_server(&url(one), &url(other)),
                same,
                "{one} {other}"
            );
        }
    }
}

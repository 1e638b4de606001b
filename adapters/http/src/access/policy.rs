//! Who may ask for what: a function of the settings and of what can be seen of a request.

use std::{fmt, net::IpAddr, str::FromStr};

use poem::http::{HeaderMap, header};

use super::{
    Reads,
    credentials::{self, Shown},
    origin::{self, Navigation},
    peer,
};
use crate::spec::fits;

/// How a route is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Anyone may ask: what is there is public, or protects itself, as webhooks do.
    Open,
    /// Numbers only: also for a scraper on a private network, by whatever name it asks.
    Metrics,
    /// Messages, and what is made of them.
    Read,
}

/// Every route. What is not among them is guarded as a read: a route that somebody forgot is
/// closed, not open.
const ROUTES: &[(&str, Class)] = &[
    ("/webhook", Class::Open),
    ("/webhook/{source}", Class::Open),
    ("/health", Class::Open),
    ("/health/live", Class::Open),
    ("/health/ready", Class::Open),
    ("/", Class::Open),
    ("/session", Class::Open),
    ("/docs", Class::Open),
    ("/openapi.json", Class::Open),
    ("/ui", Class::Open),
    ("/ui/*", Class::Open),
    ("/metrics", Class::Metrics),
    ("/messages", Class::Read),
    ("/messages/live", Class::Read),
    ("/messages/{message_id}", Class::Read),
    ("/conflicts", Class::Read),
    ("/rejections", Class::Read),
    ("/rejections/live", Class::Read),
    ("/sources", Class::Read),
    ("/stats", Class::Read),
    ("/stats/server", Class::Read),
    ("/stats/timeline", Class::Read),
];

impl Class {
    /// The class of the route with this path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        Self::named(path).unwrap_or(Self::Read)
    }

    /// The class that somebody has chosen for this route, if anybody has.
    #[must_use]
    pub fn named(path: &str) -> Option<Self> {
        let mut routes = ROUTES.iter();
        let found = routes.find(|(route, _)| *route == path || fits(route, path));
        found.map(|(_, class)| *class)
    }
}

/// What can be seen of a request before it is served.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The path.
    pub path: &'a str,
    /// The authority of a target in absolute form, `GET http://host/path`.
    pub authority: Option<&'a str>,
    /// The address at the connection's other end.
    pub peer: Option<IpAddr>,
    /// Of HTTP/2, where the authority stands in place of a Host.
    pub is_http2: bool,
    /// The headers.
    pub headers: &'a HeaderMap,
}

/// Which rule of the protected mode a request breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// It has passed a proxy or a tunnel that is not among the trusted ones.
    Forwarded,
    /// It comes from a public address, or from one that cannot be known.
    Address,
    /// It names no host, several, or one that is not allowed: a page of another site may have made
    /// the browser ask, by a name that it has pointed at this machine (DNS rebinding).
    Host,
}

/// Why a request is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// A page of another site makes a browser ask. It could not read the answer, but it could see how
    /// long that takes, and so find out letter by letter what is there.
    ForeignPage,
    /// No token is set, and this rule is broken.
    Protected(Rule),
    /// A token is set, and was not shown.
    Unauthorized {
        /// Something was shown, and it was not the token.
        wrong: bool,
        /// Whether to let a browser ask for the token in its own dialog.
        dialog: bool,
    },
}

impl Reads {
    /// Whether the request may be served.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, asked: &Asked<'_>) -> Result<(), Refused> {
        let class = Class::of(asked.path);
        if class == Class::Open {
            return Ok(());
        }
        // Before everything else: a browser sends what it has, whoever makes it ask.
        if !origin::is_own(asked.headers, Navigation::Allowed) {
            return Err(Refused::ForeignPage);
        }
        if let Some(guard) = &self.guard {
            let shown = guard.shown(asked.headers);
            if shown == Shown::Right {
                return Ok(());
            }
            if class == Class::Metrics && self.broken(class, asked).is_none() {
                return Ok(());
            }
            return Err(Refused::Unauthorized {
                wrong: shown == Shown::Wrong,
                dialog: credentials::may_open_dialog(asked.headers),
            });
        }
        match self.broken(class, asked) {
            Some(rule) => Err(Refused::Protected(rule)),
            None => Ok(()),
        }
    }

    /// The first rule of the protected mode that the request breaks.
    fn broken(&self, class: Class, asked: &Asked<'_>) -> Option<Rule> {
        let trusted = asked
            .peer
            .is_some_and(|peer| peer::is_trusted(peer, &self.trusted_proxies));
        if !trusted && peer::is_forwarded(asked.headers) {
            return Some(Rule::Forwarded);
        }
        let client = peer::client(asked.peer, asked.headers, &self.trusted_proxies);
        if !client.is_some_and(peer::is_private) {
            return Some(Rule::Address);
        }
        let knows_host = match class {
            Class::Metrics => self.knows_host(asked) || !could_be_rebound(asked),
            Class::Open | Class::Read => self.knows_host(asked),
        };
        (!knows_host).then_some(Rule::Host)
    }

    /// Whether the request names one host, and one that is allowed. A target in absolute form
    /// names it twice; which of the two counts, not everyone agrees on.
    fn knows_host(&self, asked: &Asked<'_>) -> bool {
        let mut hosts = asked.headers.get_all(header::HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host,
            (None, _) if asked.is_http2 => {
                return asked.authority.is_some_and(|named| self.allows(named));
            }
            _ => return false,
        };
        let host = host.to_str().ok();
        host.is_some_and(|host| self.allows(host))
            && asked.authority.is_none_or(|named| self.allows(named))
    }

    fn allows(&self, host: &str) -> bool {
        let Some(name) = without_port(host) else {
            return false;
        };
        ["localhost", "127.0.0.1", "[::1]"]
            .into_iter()
            .chain(self.allowed_hosts.iter().map(|host| host.0.as_str()))
            .any(|allowed| allowed.eq_ignore_ascii_case(name))
    }
}

/// Whether the request may have been made by a page whose name was pointed at this machine: that is
/// a name in the public tree, with a dot. Scrapers ask for `api:8000` or by address.
fn could_be_rebound(asked: &Asked<'_>) -> bool {
    let hosts = asked.headers.get_all(header::HOST).iter();
    hosts
        .map(|host| host.to_str().unwrap_or("."))
        .chain(asked.authority)
        .any(|host| {
            let name = without_port(host).unwrap_or(".");
            name.contains('.') && name.parse::<IpAddr>().is_err()
        })
}

/// The host of `host[:port]`; `None` if what follows it is no port.
pub fn without_port(host: &str) -> Option<&str> {
    // In an IPv6 address, colons are no end.
    let end = match host.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at(end);
    let is_port = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_port.then_some(name)
}

/// A name by which this server may be asked for messages: a host name or an IP address, without a
/// port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost(String);

/// No name of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAllowedHost;

impl fmt::Display for InvalidAllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be a host name such as inbox.example.com or an IP address, without scheme, \
             port, path or *",
        )
    }
}

impl std::error::Error for InvalidAllowedHost {}

impl FromStr for AllowedHost {
    type Err = InvalidAllowedHost;

    fn from_str(text: &str) -> Result<Self, InvalidAllowedHost> {
        let bare = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        match bare.unwrap_or(text).parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => return Ok(Self(format!("[{address}]"))),
            Ok(IpAddr::V4(_)) if bare.is_none() => return Ok(Self(text.to_owned())),
            _ => {}
        }
        // RFC 1123, and the underscore, which Docker's names have.
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if text.len() <= 253 && text.split('.').all(is_label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidAllowedHost)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_route_is_a_read() {
        for path in [
            "/nowhere",
            "/webhooks",
            "/healthy",
            "/uix",
            "/docs/",
            "//",
            "",
            "*",
        ] {
            assert_eq!(Class::named(path), None, "{path}");
            assert_eq!(Class::of(path), Class::Read, "{path}");
        }
        assert_eq!(Class::of("/ui/assets/a.js"), Class::Open);
        assert_eq!(Class::of("/metrics"), Class::Metrics);
        assert_eq!(Class::of("/messages/m"), Class::Read);
    }

    #[test]
    fn the_port_of_a_host() {
        for (host, name) in [
            ("localhost", Some("localhost")),
            ("localhost:8000", Some("localhost")),
            ("localhost:", Some("localhost")),
            ("[::1]", Some("[::1]")),
            ("[::1]:8000", Some("[::1]")),
            ("[::1", None),
            ("[::1]8000", None),
            ("localhost:80@evil", None),
            ("localhost:80:80", None),
            ("", Some("")),
        ] {
            assert_eq!(without_port(host), name, "{host}");
        }
    }

    #[test]
    fn hosts_are_names_or_addresses() {
        for text in [
            "a",
            "api",
            "my_api",
            "Inbox.Example.com",
            "192.168.1.5",
            "::1",
            "[fd00::1]",
        ] {
            assert!(text.parse::<AllowedHost>().is_ok(), "{text}");
        }
        for text in [
            "",
            "*",
            "*.example.com",
            "a:80",
            "http://a",
            "a/b",
            "a.",
            ".a",
            "-a",
            "a b",
            "ä",
            "[a]",
            "[127.0.0.1]",
            "[::1]:80",
            "::1]",
        ] {
            assert!(text.parse::<AllowedHost>().is_err(), "{text}");
        }
    }
}

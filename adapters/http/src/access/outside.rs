//! What the protected mode answers to whom, said before anybody asks.

use std::net::{IpAddr, Ipv4Addr};

use poem::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{Asked, Reads, Refused};

/// Somebody who may ask, for a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    /// A program on another machine of a private network, by this machine's address.
    PrivateNetwork,
    /// Somebody with a public address.
    Internet,
    /// Somebody behind a proxy on this machine that says so in a header.
    Proxy,
}

impl Visitor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PrivateNetwork, Self::Internet, Self::Proxy];

    /// Who it is, in words.
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::PrivateNetwork => "a private network (Host: localhost)",
            Self::Internet => "a public address",
            Self::Proxy => "a proxy on this machine",
        }
    }
}

impl Reads {
    /// Whether this visitor, who shows no token, would be answered `GET /messages`, by the rules that
    /// hold for requests.
    ///
    /// # Errors
    /// Why not.
    pub fn would_answer(&self, visitor: Visitor) -> Result<(), Refused> {
        // RFC 5737: an address that is nobody's.
        let public = Ipv4Addr::new(203, 0, 113, 7);
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        let peer = match visitor {
            Visitor::PrivateNetwork => Ipv4Addr::new(10, 0, 0, 7),
            Visitor::Internet => public,
            Visitor::Proxy => {
                headers.insert(
                    HeaderName::from_static("x-forwarded-for"),
                    HeaderValue::from_static("203.0.113.7"),
                );
                Ipv4Addr::LOCALHOST
            }
        };
        self.check(&Asked {
            path: "/messages",
            authority: None,
            peer: Some(IpAddr::V4(peer)),
            is_http2: false,
            headers: &headers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Rule;

    #[test]
    fn without_a_token_only_who_is_near_is_answered() {
        let reads = Reads::default();
        assert_eq!(reads.would_answer(Visitor::PrivateNetwork), Ok(()));
        let refused = |visitor| reads.would_answer(visitor).err();
        let address = Some(Refused::Protected(Rule::Address));
        assert_eq!(refused(Visitor::Internet), address);
        let forwarded = Some(Refused::Protected(Rule::Forwarded));
        assert_eq!(refused(Visitor::Proxy), forwarded);
    }
}

//! Where a request comes from: the address of the connection, or what a trusted proxy says.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use ipnet::IpNet;
use poem::http::{HeaderMap, HeaderName, header};

/// The one header in which a trusted proxy names its client.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Proxies and tunnels leave these behind. (`X-Forwarded-*` is a prefix, and looked for as one.)
const FORWARDING: [HeaderName; 9] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("x-cluster-client-ip"),
    HeaderName::from_static("fastly-client-ip"),
    HeaderName::from_static("x-envoy-external-address"),
];

/// An address, or a network in CIDR notation, whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

/// Neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTrustedProxy;

impl fmt::Display for InvalidTrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be an IP address or a network such as 10.0.0.0/8 or fd00::/8, and not everything",
        )
    }
}

impl std::error::Error for InvalidTrustedProxy {}

impl FromStr for TrustedProxy {
    type Err = InvalidTrustedProxy;

    fn from_str(text: &str) -> Result<Self, InvalidTrustedProxy> {
        let network = text.parse::<IpNet>().ok();
        let address = || text.parse::<IpAddr>().ok();
        network
            .or_else(|| Some(IpNet::from(address()?.to_canonical())))
            // Who trusts everyone lets everyone say where they come from.
            .filter(|network| network.prefix_len() > 0)
            .map(Self)
            .ok_or(InvalidTrustedProxy)
    }
}

/// Whether the address is this machine's or a private network's: loopback, RFC 1918, link-local,
/// or unique local (RFC 4193), also written as an IPv4-mapped IPv6 address.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Whether something on the way has passed this request on.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(name))
        || headers
            .keys()
            .any(|name| name.as_str().starts_with("x-forwarded-"))
}

pub fn is_trusted(address: IpAddr, proxies: &[TrustedProxy]) -> bool {
    let address = address.to_canonical();
    proxies.iter().any(|proxy| proxy.0.contains(&address))
}

/// The client's address, as far as it can be known.
///
/// `X-Forwarded-For` counts only if a trusted proxy sent it, and is read from its end: what stands
/// left of the first address that is no trusted proxy, anyone may have written.
pub fn client(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    proxies: &[TrustedProxy],
) -> Option<IpAddr> {
    let peer = peer?.to_canonical();
    if !is_trusted(peer, proxies) || !is_forwarded(headers) {
        return Some(peer);
    }
    let mut last = None;
    for value in headers.get_all(FORWARDED_FOR).iter().rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            let hop = address(hop.trim())?;
            if !is_trusted(hop, proxies) {
                return Some(hop);
            }
            last = Some(hop);
        }
    }
    // Proxies all the way: the first of them asks by itself. None: who it asks for, it doesn't say.
    last
}

/// Some proxies add the port.
fn address(hop: &str) -> Option<IpAddr> {
    let address = hop.parse::<IpAddr>().ok();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|hop| hop.ip());
    address.or_else(with_port).map(|hop| hop.to_canonical())
}

/// Whether the client speaks TLS with a proxy that is trusted to say so.
pub fn is_https(peer: Option<IpAddr>, headers: &HeaderMap, proxies: &[TrustedProxy]) -> bool {
    peer.is_some_and(|peer| is_trusted(peer, proxies))
        && headers
            .get_all(FORWARDED_PROTO)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn private_addresses() {
        for yes in [
            "127.0.0.1",
            "127.8.9.10",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.1.1",
            "::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "::ffff:192.168.1.1",
        ] {
            assert!(is_private(ip(yes)), "{yes}");
        }
        for no in [
            "0.0.0.0",
            "8.8.8.8",
            "11.0.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "100.64.0.1",
            "169.253.0.1",
            "::",
            "2001:db8::1",
            "fe00::1",
            "fec0::1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
        ] {
            assert!(!is_private(ip(no)), "{no}");
        }
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        for text in ["10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"] {
            assert!(text.parse::<TrustedProxy>().is_ok(), "{text}");
        }
        for text in [
            "",
            "*",
            "proxy",
            "10.0.0.0/33",
            "0.0.0.0/0",
            "::/0",
            "10.0.0",
            "10.0.0.1:80",
            " 10.0.0.1",
            "all",
        ] {
            assert!(text.parse::<TrustedProxy>().is_err(), "{text}");
        }
    }

    /// What the client's address is taken to be, for a proxy at 10.0.0.1 that is trusted with its
    /// network.
    fn behind_proxy(peer: &str, forwarded_for: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded_for {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let proxies = ["10.0.0.0/24".parse().unwrap()];
        client(Some(ip(peer)), &headers, &proxies).map(|client| client.to_string())
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_is_the_client() {
        for (peer, forwarded_for, expected) in [
            ("10.0.0.1", &["8.8.8.8"][..], Some("8.8.8.8")),
            ("10.0.0.1", &["127.0.0.1, 8.8.8.8"], Some("8.8.8.8")),
            (
                "10.0.0.1",
                &["127.0.0.1, 8.8.8.8, 10.0.0.7"],
                Some("8.8.8.8"),
            ),
            ("10.0.0.1", &["127.0.0.1", "8.8.8.8"], Some("8.8.8.8")),
            ("10.0.0.1", &["8.8.8.8", "192.168.1.9"], Some("192.168.1.9")),
            ("10.0.0.1", &["10.0.0.9,10.0.0.8"], Some("10.0.0.9")),
            ("10.0.0.1", &["8.8.8.8:4711"], Some("8.8.8.8")),
            ("10.0.0.1", &["[2001:db8::1]:4711"], Some("2001:db8::1")),
            ("10.0.0.1", &["::ffff:8.8.8.8"], Some("8.8.8.8")),
            ("::ffff:10.0.0.1", &["8.8.8.8"], Some("8.8.8.8")),
            // What cannot be read is not skipped: it may hide the client.
            ("10.0.0.1", &["127.0.0.1, unknown"], None),
            ("10.0.0.1", &["127.0.0.1,"], None),
            ("10.0.0.1", &[""], None),
            ("10.0.0.1", &["127.0.0.1", "_hidden, 10.0.0.2"], None),
            // Left of the client it does not matter.
            ("10.0.0.1", &["nonsense, 8.8.8.8"], Some("8.8.8.8")),
            // Nothing was forwarded: the proxy's own machine asks.
            ("10.0.0.1", &[], Some("10.0.0.1")),
            // From anyone else it is never believed.
            ("10.0.1.1", &["8.8.8.8"], Some("10.0.1.1")),
            ("8.8.8.8", &["127.0.0.1"], Some("8.8.8.8")),
        ] {
            let found = behind_proxy(peer, forwarded_for);
            assert_eq!(found.as_deref(), expected, "{peer} {forwarded_for:?}");
        }
    }

    #[test]
    fn a_proxy_that_does_not_say_for_whom_it_asks_hides_the_client() {
        let proxies = ["10.0.0.1".parse().unwrap()];
        for name in ["forwarded", "x-real-ip", "via", "x-forwarded-proto"] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), "127.0.0.1".parse().unwrap());
            assert_eq!(
                client(Some(ip("10.0.0.1")), &headers, &proxies),
                None,
                "{name}"
            );
        }
    }
}

//! Whether a page of another site makes a browser ask.

use poem::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether an address that somebody has typed, or a bookmark, counts as this server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Navigation {
    Allowed,
    Refused,
}

/// Whether it is none of another site's pages that asks. Programs say nothing of a site. Nor do
/// browsers where they are asked over plain HTTP by another name than a local one: then there is
/// the `Origin`, which they leave out of some requests.
pub fn is_own(headers: &HeaderMap, navigation: Navigation) -> bool {
    match headers.get(FETCH_SITE) {
        // No script can set this one, and it is right also where a proxy has changed the Host.
        Some(site) => {
            site == "same-origin" || (site == "none" && navigation == Navigation::Allowed)
        }
        None => headers
            .get(header::ORIGIN)
            .is_none_or(|origin| is_origin_of_host(origin, headers.get(header::HOST))),
    }
}

fn is_origin_of_host(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let text = |value: &HeaderValue| value.to_str().map(str::to_ascii_lowercase).ok();
    let (Some(origin), Some(host)) = (text(origin), host.and_then(text)) else {
        return false;
    };
    origin
        .parse::<Uri>()
        .is_ok_and(|origin| origin.authority().is_some_and(|named| *named == *host))
}

//! What a reader shows: the token, in one of two ways, or a session.

use std::{fmt, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_core::{Clock, ReadToken};
use poem::http::{HeaderMap, HeaderName, header};

use super::session::COOKIE;

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");

/// The token that reads ask for, and the clock by which sessions end.
#[derive(Clone)]
pub struct Guard {
    pub token: Arc<dyn ReadToken>,
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard(…)")
    }
}

/// What became of a request's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Nothing,
    Wrong,
    Right,
}

impl Guard {
    /// One that is right is enough: a browser sends its cookie beside whatever else it sends.
    pub fn shown(&self, headers: &HeaderMap) -> Shown {
        let session = self.session(headers);
        if session == Shown::Right {
            return session;
        }
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => session,
            (Some(only), None) if self.authorized(only.as_bytes()) => Shown::Right,
            _ => Shown::Wrong,
        }
    }

    /// Whether a cookie says that its sender has shown the token before.
    pub fn session(&self, headers: &HeaderMap) -> Shown {
        // By bytes: what others have put beside it need not be ASCII.
        let mut sessions = headers
            .get_all(header::COOKIE)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| {
                let pair = pair.trim_ascii().strip_prefix(COOKIE.as_bytes())?;
                str::from_utf8(pair.strip_prefix(b"=")?).ok()
            })
            .peekable();
        if sessions.peek().is_none() {
            return Shown::Nothing;
        }
        let now = self.clock.now();
        if sessions.any(|session| self.token.admits_session(session, now)) {
            Shown::Right
        } else {
            Shown::Wrong
        }
    }

    /// `Bearer TOKEN`, or `Basic` with the token as the password of any user (RFC 6750, RFC 7617).
    fn authorized(&self, value: &[u8]) -> bool {
        let Some(blank) = value.iter().position(|byte| *byte == b' ') else {
            return false;
        };
        let (scheme, rest) = value.split_at(blank);
        let rest = rest.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            return self.token.admits(rest);
        }
        if scheme.eq_ignore_ascii_case(b"basic")
            && let Ok(pair) = BASE64_STANDARD.decode(rest)
            && let Some(colon) = pair.iter().position(|byte| *byte == b':')
        {
            return self.token.admits(&pair[colon + 1..]);
        }
        false
    }
}

/// Whether a browser may be told of `Basic`, upon which it asks for a password in a dialog of its
/// own. Somebody who opens an address is helped by that. The dashboard has a form, and a dialog
/// in front of it would only be in the way.
///
/// Browsers leave `Sec-Fetch-*` out where they are asked over plain HTTP, hence the dashboard says
/// who it is.
pub fn may_open_dialog(headers: &HeaderMap) -> bool {
    if let Some(mode) = headers.get(FETCH_MODE) {
        return mode == "navigate";
    }
    let by_a_page = headers
        .keys()
        .any(|name| name.as_str().starts_with("sec-fetch-"))
        || headers.contains_key(REQUESTED_WITH)
        || headers
            .get(header::ACCEPT)
            .is_some_and(|accept| accept == "text/event-stream");
    !by_a_page
}

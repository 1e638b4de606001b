//! The token of readers, and sessions signed with a key that is derived from it.

use countersign_core::{Digest, ReadToken, Timestamp};
use ring::{hkdf, hmac};

/// One token for everybody who reads.
///
/// The token itself is not kept: it is compared by a MAC of it, and sessions are signed with a key
/// of their own (HKDF-SHA256). A session is not stored anywhere; another token ends them all.
pub struct SharedReadToken {
    /// Not secret: it gives what is compared one length, and a value that nobody can steer.
    comparison: hmac::Key,
    expected: hmac::Tag,
    sessions: hmac::Key,
}

/// The longest that a session lasts, in seconds: a week, and a little for clocks that differ.
const LONGEST: i64 = 7 * 24 * 60 * 60 + 60;

/// What stands before a session's end. Another number, should there ever be another form.
const VERSION: &str = "v1";

/// A token that everybody could show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlankToken;

impl std::fmt::Display for BlankToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the token of readers is empty or blank")
    }
}

impl std::error::Error for BlankToken {}

impl SharedReadToken {
    /// From the token's UTF-8 bytes as given: neither trimmed nor normalised.
    ///
    /// # Errors
    /// [`BlankToken`].
    pub fn new(token: &str) -> Result<Self, BlankToken> {
        if token.trim().is_empty() {
            return Err(BlankToken);
        }
        let comparison = hmac::Key::new(hmac::HMAC_SHA256, b"countersign: read token");
        let expected = hmac::sign(&comparison, token.as_bytes());
        let extracted =
            hkdf::Salt::new(hkdf::HKDF_SHA256, b"countersign").extract(token.as_bytes());
        let sessions = extracted
            .expand(&[b"sessions of readers"], hmac::HMAC_SHA256)
            // A key of SHA-256's length can always be derived.
            .map_err(|_| BlankToken)?
            .into();
        Ok(Self {
            comparison,
            expected,
            sessions,
        })
    }
}

impl ReadToken for SharedReadToken {
    fn admits(&self, presented: &[u8]) -> bool {
        hmac::verify(&self.comparison, presented, self.expected.as_ref()).is_ok()
    }

    fn issue(&self, until: Timestamp) -> String {
        let signed = format!("{VERSION}.{}", seconds(until));
        let tag = hmac::sign(&self.sessions, signed.as_bytes());
        let hex = Digest::from_store(tag.as_ref()).map_or_else(String::new, |tag| tag.to_string());
        format!("{signed}.{hex}")
    }

    fn admits_session(&self, presented: &str, now: Timestamp) -> bool {
        let Some((signed, tag)) = presented.rsplit_once('.') else {
            return false;
        };
        let Some(tag) = bytes(tag) else { return false };
        // Only what was signed here is read any further.
        hmac::verify(&self.sessions, signed.as_bytes(), &tag).is_ok()
            && signed
                .strip_prefix(VERSION)
                .and_then(|rest| rest.strip_prefix('.')?.parse::<i64>().ok())
                // One that lasts longer was made by a clock that was ahead.
                .is_some_and(|until| (1..=LONGEST).contains(&(until.saturating_sub(seconds(now)))))
    }
}

const fn seconds(instant: Timestamp) -> i64 {
    instant.micros().div_euclid(1_000_000)
}

/// The bytes that lower hex of a SHA-256's length says.
fn bytes(hex: &str) -> Option<[u8; Digest::BYTES]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if pairs.len() != Digest::BYTES || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; Digest::BYTES];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "a token of readers";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn token() -> SharedReadToken {
        SharedReadToken::new(TOKEN).unwrap()
    }

    #[test]
    fn only_the_token_itself_is_admitted() {
        let token = token();
        assert!(token.admits(TOKEN.as_bytes()));
        for other in [
            "",
            "a token of reader",
            "a token of readers ",
            "A token of readers",
        ] {
            assert!(!token.admits(other.as_bytes()), "{other:?}");
        }
        // What the comparison is made with is not admitted in the token's place.
        assert!(!token.admits(token.expected.as_ref()));
        for blank in ["", " ", "\t\n"] {
            assert!(SharedReadToken::new(blank).is_err());
        }
    }

    #[test]
    fn a_session_ends_to_the_second() {
        let token = token();
        let session = token.issue(at(1_000));
        assert!(token.admits_session(&session, at(0)));
        assert!(token.admits_session(&session, at(999)));
        assert!(!token.admits_session(&session, at(1_000)));
        assert!(!token.admits_session(&session, Timestamp::MAX));
    }

    #[test]
    fn another_token_ends_every_session() {
        let session = token().issue(at(1_000));
        let other = SharedReadToken::new("another token").unwrap();
        assert!(!other.admits_session(&session, at(0)));
        // A session is no token, and a token no session.
        assert!(!token().admits(session.as_bytes()));
        assert!(!token().admits_session(TOKEN, at(0)));
    }

    #[test]
    fn whatever_is_changed_in_a_session_is_noticed() {
        let token = token();
        let session = token.issue(at(1_000));
        for place in 0..session.len() {
            for byte in [b'0', b'1', b'.', b'a', b'f', b'A', b' '] {
                let mut changed = session.clone().into_bytes();
                changed[place] = byte;
                let changed = String::from_utf8(changed).unwrap();
                assert!(
                    changed == session || !token.admits_session(&changed, at(0)),
                    "{changed}"
                );
            }
        }
        for end in 0..session.len() {
            assert!(!token.admits_session(&session[..end], at(0)));
        }
        for other in [
            format!("{session}0"),
            format!(" {session}"),
            session.to_uppercase(),
            session.replace("1000", "01000"),
            session.replace("v1", "v2"),
            "v1.9999999999.".to_owned(),
            "..".to_owned(),
            String::new(),
        ] {
            assert!(!token.admits_session(&other, at(0)), "{other}");
        }
    }

    #[test]
    fn a_session_lasts_a_week_and_a_minute_at_the_most() {
        let token = token();
        assert!(token.admits_session(&token.issue(at(604_860)), at(0)));
        assert!(!token.admits_session(&token.issue(at(604_861)), at(0)));
    }

    #[test]
    fn what_is_wrong_with_a_token_is_said() {
        assert!(BlankToken.to_string().contains("blank"));
    }
}

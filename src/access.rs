use crate::Timestamp;

/// Port: the token that whoever reads messages has to show, and the sessions that begin with it.
///
/// What is presented comes from strangers: an implementation compares in constant time, and keeps
/// no token that could be read back.
pub trait ReadToken: Send + Sync {
    /// Whether this is the token.
    fn admits(&self, presented: &[u8]) -> bool;

    /// A session for someone who has shown the token: plain ASCII that can stand in a cookie. It
    /// ends at `until` (to the second), or with the token that it was issued under.
    fn issue(&self, until: Timestamp) -> String;

    /// Whether this is a session that was issued under this token and has not ended by `now`.
    fn admits_session(&self, presented: &str, now: Timestamp) -> bool;
}

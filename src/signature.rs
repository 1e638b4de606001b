use std::ops::Deref;

/// Port: says whether bytes were signed by someone who holds the secret.
///
/// Implementations work on the raw bytes, compare in constant time, take the scheme from their
/// configuration and never from the request, and fail closed.
pub trait SignatureVerifier: Send + Sync {
    /// Accepts `body` if `headers` carry a valid signature over exactly these bytes.
    ///
    /// # Errors
    /// The [`Refusal`] tells the operator why. A client must not learn it: to it, a missing
    /// and a wrong signature look the same.
    fn verify(&self, headers: &dyn Headers, body: &[u8]) -> Result<(), Refusal>;
}

/// The headers of a request, as far as a [`SignatureVerifier`] may look at them.
pub trait Headers {
    /// Looks up the header `name` (lower case; the transport ignores case).
    fn lookup(&self, name: &str) -> HeaderLookup<'_>;
}

/// What a look-up finds. There is no way to take the first of several: a second signature header
/// is how a proxy and its back end come to check different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLookup<'a> {
    /// No such header.
    Absent,
    /// Exactly one, with this value.
    Once(&'a [u8]),
    /// More than one.
    Repeated,
}

/// Why a signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The signature header is not there.
    #[error("the signature header is missing")]
    Missing,
    /// The signature header is there more than once.
    #[error("there is more than one signature header")]
    Repeated,
    /// The header's value cannot be a signature of the scheme.
    #[error("the signature header does not have the form of a signature")]
    Malformed,
    /// Well-formed, but not the signature of these bytes under the secret.
    #[error("the signature does not fit the body under the configured secret")]
    Mismatch,
}

/// Proof that a value comes from bytes whose signature was verified.
///
/// Only [`crate::Inbox::authenticate`] makes one, from raw bytes; [`Authentic::parse`] carries the
/// proof over to what the bytes mean. Because [`crate::Inbox::accept`] takes nothing else,
/// unsigned input cannot be stored.
///
/// ```compile_fail
/// # use countersign_core::{Authentic, Inbox, NewMessage};
/// async fn store_unsigned(inbox: &Inbox, message: NewMessage) {
///     let _ = inbox.accept(message).await; // expected `Authentic<NewMessage>`
/// }
/// ```
///
/// ```compile_fail
/// # use countersign_core::Authentic;
/// let forged = Authentic::new("bytes that nobody signed"); // `new` is private
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentic<T>(T);

impl<T> Authentic<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    /// Turns the authentic value into what it means, keeping the proof.
    ///
    /// # Errors
    /// Whatever `parse` answers.
    pub fn parse<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Authentic<U>, E> {
        parse(self.0).map(Authentic)
    }

    /// The value, without the proof.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Authentic<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

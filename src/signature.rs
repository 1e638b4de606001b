use std::{borrow::Cow, ops::Deref};

use crate::{KeyLabel, SourceName, Timestamp};

/// Port: says whether bytes were signed by someone who holds a secret of one source.
///
/// Implementations work on the raw bytes, compare in constant time, take the scheme from their
/// configuration and never from the request, and fail closed.
pub trait SignatureVerifier: Send + Sync {
    /// Accepts `body` if `headers` carry a valid signature over exactly these bytes, and says which
    /// key vouches for it.
    ///
    /// # Errors
    /// The [`Refusal`] tells the operator why. A client must not learn it: to it, a missing
    /// and a wrong signature look the same.
    fn verify(&self, headers: &dyn Headers, body: &[u8]) -> Result<KeyLabel, Refusal>;

    /// Tries the mistakes that people make, for a request that was refused; `None` if it is none of
    /// them. It takes many times as long as [`Self::verify`] and is for the operator only: what it
    /// finds would help a forger, too.
    fn diagnose(&self, headers: &dyn Headers, body: &[u8]) -> Option<NearMiss> {
        let _ = (headers, body);
        None
    }

    /// The scheme's name, as it is configured. It is asked for every message.
    fn scheme(&self) -> &'static str {
        self.describe().scheme
    }

    /// How it wants things signed, and by which keys: what a provider's set-up is compared with.
    fn describe(&self) -> Signing;
}

/// How a source signs, as far as it may be shown: never a secret, nor anything made of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The scheme's name, as it is configured.
    pub scheme: &'static str,
    /// The header that carries the signature, as its provider writes it.
    pub header: &'static str,
    /// By how many seconds the signature's timestamp may be off; `None` if the scheme signs none.
    pub tolerance_seconds: Option<u32>,
    /// Every key that is configured, also one that has expired, in the order in which they are tried.
    pub keys: Vec<KeyTerm>,
}

/// A key, without what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTerm {
    /// What it is called.
    pub label: KeyLabel,
    /// From this instant on it vouches for nothing; `None` if it does not end.
    pub until: Option<Timestamp>,
}

impl KeyTerm {
    /// Whether it vouches for anything at this instant.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|end| now < end)
    }
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
    /// Well-formed, but not the signature of these bytes under any secret.
    #[error("the signature does not fit the body under any configured secret")]
    Mismatch,
    /// The signature is right, but it was made at another time; carries by how many seconds: negative
    /// if the signer's clock is behind (or the request is a replay), positive if it is ahead.
    #[error(
        "the signature's timestamp is {skew_seconds} seconds off, which is outside the tolerance"
    )]
    Stale {
        /// The timestamp minus the present, in seconds.
        skew_seconds: i64,
    },
    /// No source has this name.
    #[error("no source of this name is configured")]
    UnknownSource,
}

/// Why a signature that is well-formed does not fit, and what to do about it: for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Which mistake it is.
    pub cause: NearMissCause,
    /// How to mend it, in a sentence. It names no secret, no signature and nothing of the body.
    pub mend: Cow<'static, str>,
}

/// The mistakes, each with its word and what it is: the documentation and the reference say the same.
macro_rules! near_misses {
    ($($variant:ident, $label:literal, $meaning:literal;)*) => {
        /// The mistakes that are recognised. A closed set: it labels metrics and log lines.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NearMissCause {
            $(
                #[doc = $meaning]
                $variant,
            )*
        }

        impl NearMissCause {
            /// All of them.
            pub const ALL: [Self; [$($label),*].len()] = [$(Self::$variant),*];

            /// The word by which metrics, logs and the API call it.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

near_misses! {
    TrailingNewline, "trailing_newline", "The body that was signed has a newline at its end that the one that came lacks, or the other way round.";
    LineEndings, "line_endings", "The one has CR LF where the other has LF.";
    ByteOrderMark, "byte_order_mark", "A byte order mark before the one and not the other.";
    JsonCompact, "json_compact", "Signed as compact JSON, sent with other blanks.";
    JsonSpaced, "json_spaced", "Signed as JSON with a blank behind each comma and colon (Python's `json.dumps`).";
    JsonSorted, "json_sorted", "Signed as JSON with sorted members.";
    JsonIndented, "json_indented", "Signed as indented JSON.";
    JsonEscapes, "json_escapes", "Signed as JSON with its characters beyond ASCII escaped, or the other way round.";
    EmptyBody, "empty_body", "Signed an empty body.";
    ExpiredSecret, "expired_secret", "Signed with a secret that has expired.";
    TrimmedSecret, "trimmed_secret", "Signed with a secret that has, or lacks, blanks or a newline around it.";
    QuotedSecret, "quoted_secret", "Signed with a secret with quotation marks around it, or without those that it has.";
    HexSecret, "hex_secret", "Signed with the bytes that the secret spells in hex, or the other way round.";
    Base64Secret, "base64_secret", "Signed with the bytes that the secret spells in base64, or the other way round.";
    PrefixedSecret, "prefixed_secret", "Signed with a secret without the prefix that it has (`whsec_`), or the other way round.";
    DigestEncoding, "digest_encoding", "The digest is right, in base64 where hex is expected, or the other way round.";
    DigestCase, "digest_case", "The digest is right, in another case than the scheme has it.";
    Sha1, "sha1", "Signed with SHA-1.";
    Sha512, "sha512", "Signed with SHA-512.";
    WrongPrefix, "wrong_prefix", "The digest is right, with another prefix than the scheme has.";
    TimestampNotSigned, "timestamp_not_signed", "Signed without the timestamp that the scheme includes.";
    TimestampUnit, "timestamp_unit", "Signed with a timestamp in another unit or form.";
    OtherSource, "other_source", "Signed with another source's secret.";
    OtherScheme, "other_scheme", "Signed as another scheme signs.";
}

/// Proof that a value comes from bytes whose signature was verified.
///
/// Only [`crate::Source::authenticate`] makes one, from raw bytes; [`Authentic::parse`] carries the
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
/// # use countersign_core::{Authentic, KeyLabel, SourceName};
/// # let key = KeyLabel::try_from("current").unwrap();
/// // `new` is private
/// let forged = Authentic::new("bytes that nobody signed", SourceName::default(), key);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentic<T> {
    value: T,
    source: SourceName,
    key: KeyLabel,
}

impl<T> Authentic<T> {
    pub(crate) fn new(value: T, source: SourceName, key: KeyLabel) -> Self {
        Self { value, source, key }
    }

    /// The source whose secret it was signed with.
    pub fn source(&self) -> &SourceName {
        &self.source
    }

    /// The key that vouches for it.
    pub fn key(&self) -> &KeyLabel {
        &self.key
    }

    /// Turns the authentic value into what it means, keeping the proof.
    ///
    /// # Errors
    /// Whatever `parse` answers.
    pub fn parse<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Authentic<U>, E> {
        let Self { value, source, key } = self;
        parse(value).map(|value| Authentic { value, source, key })
    }

    /// The value, without the proof.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Authentic<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::at;

    #[test]
    fn a_key_ends_at_its_end_and_not_after_it() {
        let key = |until: Option<&str>| KeyTerm {
            label: KeyLabel::try_from("current").unwrap(),
            until: until.map(at),
        };
        let end = "2025-06-01T12:00:00Z";
        assert!(key(Some(end)).is_live(at("2025-06-01T11:59:59.999999Z")));
        assert!(!key(Some(end)).is_live(at(end)));
        assert!(key(None).is_live(Timestamp::MAX));
    }

    #[test]
    fn mistakes_have_the_names_that_the_documentation_gives_them() {
        assert_eq!(NearMissCause::TrailingNewline.label(), "trailing_newline");
        assert_eq!(NearMissCause::OtherScheme.label(), "other_scheme");
    }
}

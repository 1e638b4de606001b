//! What to do about a mistake, in a sentence: nothing of a secret, a signature or a body is in it.

use std::fmt::Display;

use countersign_core::{NearMiss, NearMissCause};

/// Where seconds are expected and something else is sent or signed.
pub fn timestamp_unit() -> NearMiss {
    NearMiss {
        cause: NearMissCause::TimestampUnit,
        mend: "The timestamp must be whole seconds since 1970, in digits only, and the same text \
               where it is signed and where it is sent."
            .into(),
    }
}

/// What to do about a mistake, for the reference: the names in it are stand-ins for what a diagnosis
/// says.
#[must_use]
pub fn typical(cause: NearMissCause) -> String {
    const FORM: &str = "it in the form of the scheme";
    match cause {
        NearMissCause::TrailingNewline
        | NearMissCause::LineEndings
        | NearMissCause::ByteOrderMark
        | NearMissCause::EmptyBody
        | NearMissCause::JsonCompact
        | NearMissCause::JsonSpaced
        | NearMissCause::JsonSorted
        | NearMissCause::JsonIndented
        | NearMissCause::JsonEscapes => changed_body(cause).to_owned(),
        NearMissCause::TrimmedSecret
        | NearMissCause::QuotedSecret
        | NearMissCause::HexSecret
        | NearMissCause::Base64Secret
        | NearMissCause::PrefixedSecret => misread_secret(cause, "LABEL"),
        NearMissCause::ExpiredSecret => expired(&"LABEL"),
        NearMissCause::DigestEncoding => digest("in another encoding", &FORM),
        NearMissCause::DigestCase => digest("in upper case", &FORM),
        NearMissCause::WrongPrefix => digest("behind another prefix", &FORM),
        NearMissCause::Sha1 => hash("SHA-1", &FORM),
        NearMissCause::Sha512 => hash("SHA-512", &FORM),
        NearMissCause::TimestampNotSigned => timestamp_not_signed("what the scheme signs"),
        NearMissCause::TimestampUnit => timestamp_unit().mend.into_owned(),
        NearMissCause::OtherSource => other_source(&"NAME", &"LABEL"),
        NearMissCause::OtherScheme => other_scheme(&"SCHEME", &"this source's scheme"),
    }
}

/// Where the digest is right, and written otherwise.
pub fn digest(what: &str, form: &dyn Display) -> String {
    format!("The digest is right, but {what}: send {form}.")
}

/// Where the key has expired.
pub fn expired(label: &dyn Display) -> String {
    format!(
        "It is signed with the key {label}, which has expired: let the provider sign with the current \
         secret, or give that key a later expiry."
    )
}

/// Where another hash was taken.
pub fn hash(name: &str, form: &dyn Display) -> String {
    format!("It is signed with {name}: sign with HMAC-SHA256, and send {form}.")
}

/// Where the timestamp was left out.
pub fn timestamp_not_signed(what: &str) -> String {
    format!("The timestamp is not part of what is signed: sign {what}.")
}

/// Where it fits another source as it is.
pub fn other_source(name: &dyn Display, label: &dyn Display) -> String {
    format!(
        "It is signed for source {name} (key {label}): post it to that source's URL, or use this \
         source's secret."
    )
}

/// Where another scheme's text was signed.
pub fn other_scheme(scheme: &dyn Display, own: &dyn Display) -> String {
    format!(
        "It is signed as {scheme} signs: let the provider sign as {own} does, or send it in that \
         scheme's headers to a source of that scheme."
    )
}

/// Where a secret means one thing to one side and another to the other.
pub fn misread_secret(cause: NearMissCause, label: &str) -> String {
    let what = match cause {
        NearMissCause::TrimmedSecret => {
            "with blanks or a newline around it that the other side does not have: remove them where \
             it is configured or read from a file"
        }
        NearMissCause::QuotedSecret => {
            "with quotation marks around it on one side only: remove them where it is configured"
        }
        NearMissCause::HexSecret => {
            "as hexadecimal on one side and as text on the other: use the same bytes on both, the \
             secret's text as it is"
        }
        NearMissCause::Base64Secret => {
            "decoded from base64 on one side and not on the other: only Standard Webhooks decodes its \
             secrets, all other schemes use the text as it is"
        }
        _ => {
            "with the prefix whsec_ on one side and without it on the other: Standard Webhooks decodes \
             what is behind the prefix, all other schemes use the whole text as it is"
        }
    };
    format!("It is signed with the key {label}, but {what}.")
}

/// Where the body is not what was signed.
pub const fn changed_body(cause: NearMissCause) -> &'static str {
    match cause {
        NearMissCause::TrailingNewline => {
            "The newline at the end is signed or sent, but not both: sign the very bytes that are sent \
             (with curl, use --data-binary)."
        }
        NearMissCause::LineEndings => {
            "Line ends were changed between LF and CR LF after signing: send the bytes that were \
             signed, without a conversion of text."
        }
        NearMissCause::ByteOrderMark => {
            "A byte order mark is signed or sent, but not both: write the body as UTF-8 without one."
        }
        NearMissCause::EmptyBody => {
            "An empty body was signed: sign the body after it has been written, and pass it as bytes."
        }
        NearMissCause::JsonCompact => {
            "The body was signed as JSON without blanks and sent with them: sign the very bytes that \
             are sent."
        }
        NearMissCause::JsonSpaced => {
            "The body was signed as JSON with a blank behind commas and colons (as Python's json.dumps \
             writes it) and sent without: sign the very bytes that are sent."
        }
        NearMissCause::JsonIndented => {
            "The body was signed as indented JSON and sent otherwise: sign the very bytes that are sent."
        }
        NearMissCause::JsonSorted => {
            "The body was signed as JSON with sorted members and sent in another order: sign the very \
             bytes that are sent."
        }
        _ => {
            "The body was signed with other characters escaped than it was sent with: sign the very \
             bytes that are sent."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_mended_in_words_of_its_own() {
        for (cause, words) in [
            (NearMissCause::TrimmedSecret, "with blanks or a newline"),
            (NearMissCause::QuotedSecret, "quotation marks"),
            (NearMissCause::HexSecret, "hexadecimal"),
            (NearMissCause::Base64Secret, "decoded from base64"),
            (NearMissCause::PrefixedSecret, "prefix whsec_"),
        ] {
            let mend = misread_secret(cause, "current");
            assert!(mend.contains(words), "{mend}");
            assert!(mend.contains("key current"), "{mend}");
        }
        for (cause, words) in [
            (NearMissCause::TrailingNewline, "newline at the end"),
            (NearMissCause::LineEndings, "CR LF"),
            (NearMissCause::ByteOrderMark, "byte order mark"),
            (NearMissCause::EmptyBody, "empty body"),
            (NearMissCause::JsonCompact, "without blanks"),
            (NearMissCause::JsonSpaced, "json.dumps"),
            (NearMissCause::JsonIndented, "indented"),
            (NearMissCause::JsonSorted, "sorted"),
            (NearMissCause::JsonEscapes, "escaped"),
        ] {
            assert!(changed_body(cause).contains(words), "{words}");
        }
    }
}

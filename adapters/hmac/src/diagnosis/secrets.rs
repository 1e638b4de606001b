//! What a secret is to somebody who reads it otherwise.

use countersign_core::NearMissCause;

use crate::{
    encoding,
    key::{SECRET_PREFIX, SigningKey},
    scheme::Scheme,
};

/// Keys of an HMAC that may have been made of this secret by mistake.
pub fn misread(scheme: Scheme, key: &SigningKey) -> Vec<(NearMissCause, Vec<u8>)> {
    let text = key.secret.expose();
    let mut misread = if scheme == Scheme::StandardWebhooks {
        misread_base64(text)
    } else {
        misread_text(text)
    };
    misread.retain(|(_, bytes)| !bytes.is_empty());
    misread
}

/// Where the secret is the text itself.
fn misread_text(text: &str) -> Vec<(NearMissCause, Vec<u8>)> {
    let bytes = text.as_bytes();
    let trimmed = text.trim();
    let mut misread = surrounded(text);
    if trimmed != text {
        misread.push((NearMissCause::TrimmedSecret, trimmed.into()));
    }
    if let Some(inside) = unquoted(text) {
        misread.push((NearMissCause::QuotedSecret, inside.into()));
    }
    if let Some(spelt) = encoding::hex_of_any_length(trimmed.as_bytes()) {
        misread.push((NearMissCause::HexSecret, spelt));
    }
    let hex = encoding::to_hex(bytes);
    misread.push((NearMissCause::HexSecret, hex.to_uppercase().into()));
    misread.push((NearMissCause::HexSecret, hex.into()));
    if let Some(spelt) = encoding::lenient_base64(trimmed.as_bytes()) {
        misread.push((NearMissCause::Base64Secret, spelt));
    }
    misread.push((
        NearMissCause::Base64Secret,
        encoding::to_base64(bytes).into(),
    ));
    if let Some(rest) = text.strip_prefix(SECRET_PREFIX) {
        misread.push((NearMissCause::PrefixedSecret, rest.into()));
        if let Some(spelt) = encoding::lenient_base64(rest.trim().as_bytes()) {
            misread.push((NearMissCause::Base64Secret, spelt));
        }
    } else {
        let prefixed = [SECRET_PREFIX.as_bytes(), bytes].concat();
        misread.push((NearMissCause::PrefixedSecret, prefixed));
    }
    misread
}

/// Where the secret is what the text spells in base64.
fn misread_base64(text: &str) -> Vec<(NearMissCause, Vec<u8>)> {
    let inside = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
    let prefixed = format!("{SECRET_PREFIX}{inside}");
    let mut misread = surrounded(inside);
    misread.extend(surrounded(&prefixed));
    misread.push((NearMissCause::Base64Secret, inside.into()));
    // Decoders that skip what they don't know make bytes of the prefix, too.
    if let Some(spelt) = encoding::lenient_base64(prefixed.as_bytes()) {
        misread.push((NearMissCause::PrefixedSecret, spelt));
    }
    let lenient = prefixed.replace('_', "/").replace('-', "+");
    if let Some(spelt) = encoding::lenient_base64(lenient.as_bytes()) {
        misread.push((NearMissCause::PrefixedSecret, spelt));
    }
    misread.push((NearMissCause::PrefixedSecret, prefixed.into()));
    if let Some(spelt) = encoding::hex_of_any_length(inside.as_bytes()) {
        misread.push((NearMissCause::HexSecret, spelt));
    }
    if let Some(bytes) = encoding::copied_base64(inside.as_bytes()) {
        misread.push((NearMissCause::HexSecret, encoding::to_hex(&bytes).into()));
    }
    misread
}

/// The text with what shells, editors and `.env` files put around it.
fn surrounded(text: &str) -> Vec<(NearMissCause, Vec<u8>)> {
    [
        (NearMissCause::TrimmedSecret, format!("{text}\n")),
        (NearMissCause::TrimmedSecret, format!("{text}\r\n")),
        (NearMissCause::TrimmedSecret, format!("{text} ")),
        (NearMissCause::TrimmedSecret, format!(" {text}")),
        (NearMissCause::QuotedSecret, format!("\"{text}\"")),
        (NearMissCause::QuotedSecret, format!("'{text}'")),
    ]
    .map(|(cause, text)| (cause, text.into_bytes()))
    .into()
}

fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
}

//! What may have become of a body between the signature and its arrival.

use std::borrow::Cow;

use countersign_core::NearMissCause;

use super::json;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What may have been done to a body.
type Change = fn(&[u8]) -> Cow<'_, [u8]>;

/// Gives `signed` every body that may have been signed instead of this one, until it finds something.
pub fn others<T>(
    body: &[u8],
    mut signed: impl FnMut(NearMissCause, &[u8]) -> Option<T>,
) -> Option<T> {
    use NearMissCause::{ByteOrderMark, EmptyBody, LineEndings, TrailingNewline};

    let plain: [(NearMissCause, Change); 7] = [
        (TrailingNewline, |body| [body, b"\n"].concat().into()),
        (TrailingNewline, |body| [body, b"\r\n"].concat().into()),
        (TrailingNewline, without_newline),
        (LineEndings, to_lf),
        (LineEndings, to_crlf),
        (ByteOrderMark, |body| {
            let rest = body.strip_prefix(BYTE_ORDER_MARK).map(Cow::Borrowed);
            rest.unwrap_or_else(|| [BYTE_ORDER_MARK, body].concat().into())
        }),
        (EmptyBody, |_| Cow::Borrowed(b"")),
    ];
    for (cause, change) in plain {
        let other = change(body);
        if *other != *body
            && let Some(found) = signed(cause, &other)
        {
            return Some(found);
        }
    }
    json::rewritten(body, signed)
}

fn without_newline(body: &[u8]) -> Cow<'_, [u8]> {
    let line = body.strip_suffix(b"\n").unwrap_or(body);
    line.strip_suffix(b"\r").unwrap_or(line).into()
}

fn to_lf(body: &[u8]) -> Cow<'_, [u8]> {
    let mut lines = Vec::with_capacity(body.len());
    for (index, byte) in body.iter().enumerate() {
        if *byte != b'\r' || body.get(index + 1) != Some(&b'\n') {
            lines.push(*byte);
        }
    }
    lines.into()
}

fn to_crlf(body: &[u8]) -> Cow<'_, [u8]> {
    let mut lines = Vec::with_capacity(body.len() + body.len() / 16);
    let mut before = None;
    for byte in body {
        if *byte == b'\n' && before != Some(b'\r') {
            lines.push(b'\r');
        }
        lines.push(*byte);
        before = Some(*byte);
    }
    lines.into()
}

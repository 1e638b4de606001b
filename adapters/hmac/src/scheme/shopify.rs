//! `X-Shopify-Hmac-SHA256: base64(HMAC-SHA256(client secret, raw body))`, and the same as
//! `shopify-hmac-sha256`, its newer name. It signs no time.

use countersign_core::{Headers, Refusal};

use super::{Claim, is_there, once};
use crate::encoding;

pub const HEADER: &str = "x-shopify-hmac-sha256";
pub const NEWER_HEADER: &str = "shopify-hmac-sha256";

/// The name under which this request has it.
pub fn header(headers: &dyn Headers) -> &'static str {
    if is_there(headers, HEADER) {
        HEADER
    } else {
        NEWER_HEADER
    }
}

pub fn read(headers: &dyn Headers) -> Result<Claim, Refusal> {
    let value = once(headers, header(headers))?;
    // Two names for one header are two headers, unless they say the same.
    if is_there(headers, NEWER_HEADER) && once(headers, NEWER_HEADER)? != value {
        return Err(Refusal::Repeated);
    }
    Ok(Claim::of_body(
        encoding::base64(value).ok_or(Refusal::Malformed)?,
    ))
}

//! A typed client of countersign's API.
//!
//! `generated.rs` is made from the specification, `openapi/openapi.json` (`just client`); what is written by hand
//! here is what no specification says: how a webhook is signed, and how a problem (RFC 9457) is read from an error.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let access = countersign_client::Access::new().token("the server's READ_TOKEN")?;
//! let client = countersign_client::connect("http://127.0.0.1:8000", access)?;
//! let page = client.list_messages().q("invoice").limit(10).send().await?.into_inner();
//! for message in page.data {
//!     println!("{} {}", message.message_id, message.text.as_deref().unwrap_or_default());
//! }
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod access;
#[rustfmt::skip]
#[allow(
    clippy::all,
    mismatched_lifetime_syntaxes,
    missing_docs,
    unused,
    reason = "it is generated"
)]
mod generated;

use std::time::Duration;

use futures_util::TryStreamExt as _;

pub use access::Access;
pub use generated::*;

/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(10);

/// How long nothing may come of an answer. A stream says something every 15 seconds, and a long poll waits for 30.
const SILENCE: Duration = Duration::from_secs(45);

/// A client of the server at this address, which waits as long for an answer as there may be one: the generated
/// `Client::new` ends each after 15 seconds, streams and long polls included.
///
/// # Errors
/// If the system has no TLS to offer, where there is the feature `tls`.
pub fn connect(base: &str, access: Access) -> Result<Client, reqwest::Error> {
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECTING)
        .read_timeout(SILENCE)
        .build()?;
    Ok(Client::new_with_client(base, client, access))
}

/// The problem that an answer names; any other error comes back.
///
/// # Errors
/// The error, if it is no answer of the API's; if its body is none of a problem, what is wrong with that. Which status
/// it had (`Error::status`), is to be asked before.
pub async fn problem(error: Error<ByteStream>) -> Result<types::Problem, Error<ByteStream>> {
    let Error::ErrorResponse(response) = error else {
        return Err(error);
    };
    let chunks: Vec<_> = response
        .into_inner()
        .into_inner()
        .try_collect()
        .await
        .map_err(Error::ResponseBodyError)?;
    let body = chunks.concat();
    serde_json::from_slice(&body).map_err(|error| Error::InvalidResponsePayload(body.into(), error))
}

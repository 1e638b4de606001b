//! Requests as they go over the wire.

use crate::message::Message;

/// The head of a request for something that is there to be read.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// A webhook.
pub fn webhook(message: &Message) -> Vec<u8> {
    let mut request = webhook_head(&message.signature, message.body.len());
    request.extend_from_slice(message.body.as_bytes());
    request
}

/// What comes before the body of a webhook.
pub fn webhook_head(signature: &str, length: usize) -> Vec<u8> {
    format!(
        "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
         X-Signature: {signature}\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}

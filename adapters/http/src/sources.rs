//! `GET /sources`: who may send, and how it is known that it was they.
#![expect(clippy::unused_async, reason = "poem-openapi's operations are async")]

use std::sync::Arc;

use countersign_core::{Inbox, KeyTerm, Signing, SourceName, Timestamp};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;

use crate::{
    ApiTag,
    reply::{JsonBody, NoProblems, Reply},
};

pub struct SourcesApi(pub Arc<Inbox>);

/// All sources.
#[derive(Debug, Serialize, Object)]
pub struct SourceList {
    /// The source `default` first, if there is one, and then by name.
    data: Vec<SourceBody>,
}

/// Where messages come from, and how they are signed: never a secret.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Source")]
pub struct SourceBody {
    name: String,
    /// Where its webhooks are posted to.
    path: String,
    /// How it signs, by the name that the configuration has for it.
    scheme: String,
    /// The header that carries the signature.
    signature_header: String,
    /// By how many seconds the signature's timestamp may be off; `null` if its scheme signs none.
    #[oai(validator(minimum(value = "1"), maximum(value = "86400")))]
    tolerance_seconds: Option<u32>,
    /// Every key that is configured for it now.
    keys: Vec<KeyBody>,
}

/// A key by its label.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Key")]
pub struct KeyBody {
    /// What the key is called; also in `verified_by` of the messages that it vouched for.
    label: String,
    /// From this instant on it vouches for nothing, in UTC; `null` if it does not end.
    until: Option<String>,
    state: KeyState,
}

/// Whether a key vouches for anything now.
#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
enum KeyState {
    /// It does.
    Active,
    /// It has ended.
    Expired,
}

#[OpenApi(tag = "ApiTag::Service")]
impl SourcesApi {
    /// List the sources
    ///
    /// Which sources this server takes webhooks from, how each signs, and by which keys it is known,
    /// as it is now: after a reload (`SIGHUP`), what was read again.
    #[oai(path = "/sources", method = "get", operation_id = "listSources")]
    async fn list(&self) -> Reply<JsonBody<SourceList>, NoProblems> {
        let now = self.0.now();
        // They are ordered as the names are, and no name sorts before the default source's.
        let sources = self.0.sources();
        let data = sources
            .iter()
            .map(|(name, verifier)| SourceBody::of(name, verifier.describe(), now))
            .collect();
        Ok(JsonBody(SourceList { data })).into()
    }
}

impl SourceBody {
    fn of(name: &SourceName, signing: Signing, now: Timestamp) -> Self {
        Self {
            name: name.to_string(),
            path: if name.is_default() {
                "/webhook".to_owned()
            } else {
                format!("/webhook/{name}")
            },
            scheme: signing.scheme.to_owned(),
            signature_header: signing.header.to_owned(),
            tolerance_seconds: signing.tolerance_seconds,
            keys: signing
                .keys
                .into_iter()
                .map(|key| KeyBody::of(&key, now))
                .collect(),
        }
    }
}

impl KeyBody {
    fn of(key: &KeyTerm, now: Timestamp) -> Self {
        Self {
            label: key.label.to_string(),
            until: key.until.map(|until| until.to_string()),
            state: if key.is_live(now) {
                KeyState::Active
            } else {
                KeyState::Expired
            },
        }
    }
}

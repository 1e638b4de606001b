//! Who may read.
//!
//! - `matrix`: the rules by themselves, for every peer, as no socket can have them
//! - `routes`: every route over a real socket
//! - `sessions`: signing in and out

mod matrix;
mod routes;
mod sessions;

use std::{collections::BTreeSet, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_hmac::SharedReadToken;
use countersign_http::{
    LiveOptions,
    access::{Class, Reads},
};
use countersign_memory::{ManualClock, MemoryRepository};
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

use super::app::{Answer, App};
use crate::fixture::at;

const TOKEN: &str = "canary-read-token-7f3a";
const DOCUMENT: &str = include_str!("../../../openapi/openapi.json");
const PAGES: [&str; 5] = ["/ui", "/ui/", "/ui/assets/x.js", "/docs", "/openapi.json"];

/// Every operation of the specification, and what stands for its path's parameters.
fn operations() -> Vec<(Method, String)> {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| {
            let method = method.to_uppercase().parse().unwrap();
            (method, path.replace(['{', '}'], ""))
        })
    });
    operations.collect()
}

fn routes() -> Vec<String> {
    let pages = PAGES.into_iter().map(str::to_owned);
    let paths = operations().into_iter().map(|(_, path)| path);
    let all: BTreeSet<String> = paths.chain(pages).collect();
    all.into_iter().collect()
}

/// What the documents promise, written once more and without a look at the code.
fn expected_class(path: &str) -> Class {
    let first = path.split('/').nth(1).unwrap_or_default();
    match first {
        "" | "webhook" | "health" | "session" | "docs" | "openapi.json" | "ui" => Class::Open,
        "metrics" => Class::Metrics,
        _ => Class::Read,
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(at("2025-06-01T12:00:00Z")))
}

fn with_token(reads: Reads, clock: Arc<ManualClock>) -> Reads {
    reads.with_token(Arc::new(SharedReadToken::new(TOKEN).unwrap()), clock)
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(
            HeaderName::try_from(*name).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    headers
}

fn basic(password: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("any:{password}"))
    )
}

async fn app(reads: impl FnOnce(Arc<ManualClock>) -> Reads) -> App {
    let repository = Arc::new(MemoryRepository::new());
    App::protected_by(repository, LiveOptions::default(), reads).await
}

async fn open() -> App {
    app(|_| Reads::default()).await
}

async fn guarded() -> App {
    app(|clock| with_token(Reads::default(), clock)).await
}

/// Asks with these headers and without a body, and holds the answer against the specification.
async fn ask(app: &App, method: &Method, path: &str, pairs: &[(&str, &str)]) -> Answer {
    app.send(app.request(method.clone(), path).headers(headers(pairs)))
        .await
}

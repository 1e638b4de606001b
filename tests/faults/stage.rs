//! The application that the plans are played on: all of it but the connections.

use std::{collections::BTreeMap, sync::Arc};

use countersign_core::{Clock, Inbox, KeyLabel, SourceError};
use countersign_hmac::{Scheme, SharedReadToken, SigningKey, SourceConfig, Tolerance};
use countersign_http::{Config, Http, access::Reads};
use countersign_memory::ManualClock;
use countersign_telemetry::metrics::Metrics;
use poem::{
    Endpoint as _, EndpointExt as _, Request, Response,
    endpoint::BoxEndpoint,
    http::{Method, StatusCode, header},
};
use serde_json::Value;

use super::{
    content,
    plan::{Garbage, SOURCES, Sent},
    store::Switch,
};
use crate::{
    fixture::{at, source},
    http::app::sign_with,
};

/// Longer than it need be; the same for all sources, because they are told apart by the path.
const SECRET: &str = "secret-of-the-fault-plans-0123456789";

const TOKEN: &str = "read-token-of-the-fault-plans-0123456789";

/// When every run begins, by the application's clock.
pub const NOON: &str = "2025-06-01T12:00:00Z";

/// An application for every setting. They are made once for many runs.
pub struct Stage {
    pub switch: Arc<Switch>,
    pub clock: Arc<ManualClock>,
    lenient: Application,
    strict: Application,
}

/// The application under one setting.
pub struct Application {
    endpoint: BoxEndpoint<'static, Response>,
    metrics: Metrics,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub replayed: bool,
    pub says_when_to_retry: bool,
    pub text: String,
}

impl Stage {
    pub fn new() -> Self {
        let (switch, clock) = (Switch::new(), Arc::new(ManualClock::at(at(NOON))));
        let lenient = Application::new(&switch, &clock, false);
        let strict = Application::new(&switch, &clock, true);
        Self {
            switch,
            clock,
            lenient,
            strict,
        }
    }

    pub fn application(&self, refuse_conflicts: bool) -> &Application {
        if refuse_conflicts {
            &self.strict
        } else {
            &self.lenient
        }
    }
}

impl Application {
    fn new(switch: &Arc<Switch>, clock: &Arc<ManualClock>, refuse_conflicts: bool) -> Self {
        let configured = SOURCES.map(|name| SourceConfig {
            name: source(name),
            scheme: Scheme::Generic,
            tolerance: Tolerance::default(),
            keys: vec![SigningKey {
                label: KeyLabel::try_from("current").expect("a label"),
                secret: SECRET.to_owned().into(),
                expires_at: None,
            }],
        });
        let the_clock: Arc<dyn Clock> = clock.clone();
        let sources = countersign_hmac::sources(configured.into(), &the_clock).expect("secrets");
        let metrics = Metrics::new().expect("metrics");
        let rendered = metrics.clone();
        let mut config = Config::new(
            Inbox::new(sources, switch.clone(), the_clock.clone()),
            metrics.meter(),
            Arc::new(move || rendered.render().map_err(SourceError::from)),
        );
        config.refuse_conflicts = refuse_conflicts;
        let token = Arc::new(SharedReadToken::new(TOKEN).expect("a token"));
        config.reads = Reads::default().with_token(token, the_clock);
        let http = Http::new(config).expect("a specification");
        let endpoint = http.into_endpoint().expect("pages").boxed();
        Self { endpoint, metrics }
    }

    pub async fn answer(&self, request: Request) -> Answer {
        let answer = self.endpoint.call(request).await;
        // As poem's server does with what is left of an error.
        let answer = answer.unwrap_or_else(poem::Error::into_response);
        let status = answer.status();
        let headers = answer.headers();
        let replayed = headers.contains_key("idempotent-replayed");
        let says_when_to_retry = headers.contains_key(header::RETRY_AFTER);
        let text = answer.into_body().into_string().await;
        Answer {
            status: status.as_u16(),
            replayed,
            says_when_to_retry,
            text: text.expect("a text"),
        }
    }

    /// How many webhooks it has counted, by what became of them.
    pub fn counted(&self) -> BTreeMap<String, u64> {
        let text = self.metrics.render().expect("metrics");
        let lines = text.lines();
        lines
            .filter_map(|line| {
                let series = line.strip_prefix("webhook_requests_total{result=\"")?;
                let (result, count) = series.split_once("\"} ")?;
                Some((result.to_owned(), count.parse().ok()?))
            })
            .collect()
    }
}

impl Answer {
    pub fn is_ok(&self) -> bool {
        self.status == StatusCode::OK.as_u16()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// A webhook as its provider sends it.
pub fn webhook(sent: Sent) -> Request {
    let body = content::body(sent);
    let signature = sign_with(SECRET, &body);
    posted(&format!("/webhook/{}", sent.source), body, &signature)
}

/// One that must be refused.
pub fn garbage(garbage: Garbage) -> Request {
    let body = content::body(Sent {
        source: SOURCES[0],
        // No plan sends so many.
        id: u8::MAX,
        variant: 0,
    });
    match garbage {
        Garbage::Unsigned => posted("/webhook", body, ""),
        Garbage::WronglySigned => posted("/webhook", body, &"0".repeat(64)),
        Garbage::NoMessage => posted("/webhook", b"{}".to_vec(), &sign_with(SECRET, b"{}")),
    }
}

fn posted(path: &str, body: Vec<u8>, signature: &str) -> Request {
    Request::builder()
        .method(Method::POST)
        .uri_str(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .header("X-Signature", signature)
        .body(body)
}

pub fn get(path: &str) -> Request {
    Request::builder()
        .uri_str(path)
        .header(header::HOST, "localhost")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .finish()
}

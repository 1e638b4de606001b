//! The whole application but the connections, over the in-memory store.

use std::sync::Arc;

use countersign_core::{
    Inbox, Message, MessageId, MessageRepository as _, Msisdn, NewMessage, SourceError, SourceName,
    Text, Timestamp,
};
use countersign_hmac::SharedReadToken;
use countersign_http::{Config, Http, access::Reads};
use countersign_memory::{ManualClock, MemoryRepository};
use countersign_telemetry::metrics::Metrics;
use poem::{
    Endpoint as _, EndpointExt as _, Request, Response,
    endpoint::BoxEndpoint,
    http::{HeaderMap, Uri, header},
};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::sources;

/// See the module's documentation.
pub struct Application {
    endpoint: BoxEndpoint<'static, Response>,
    runtime: Runtime,
}

/// What it answers.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Empty if it is a stream.
    pub body: Vec<u8>,
}

impl Application {
    /// What shows that one may read.
    pub const TOKEN: &str = "read-token-0123456789-0123456789";

    /// An application with a handful of messages in it. Nobody waits there: when nothing else is to
    /// be done, time jumps.
    pub fn new() -> Self {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let noon = Timestamp::from_micros(1_748_779_200_000_000).expect("an instant");
        let clock = Arc::new(ManualClock::at(noon));
        let repository = Arc::new(MemoryRepository::new());
        let messages: Vec<Message> = (0..5).map(|n| message(n, noon)).collect();
        runtime
            .block_on(repository.append(&messages))
            .expect("they are stored");
        let metrics = Metrics::new().expect("metrics");
        let mut config = Config::new(
            Inbox::new(sources(), repository, clock.clone()),
            metrics.meter(),
            Arc::new(move || metrics.render().map_err(SourceError::from)),
        );
        let token = SharedReadToken::new(Self::TOKEN).expect("a token");
        config.reads = Reads::default().with_token(Arc::new(token), clock);
        let http = Http::new(config).expect("a specification");
        let endpoint = http.into_endpoint().expect("pages").boxed();
        Self { endpoint, runtime }
    }

    pub fn answer(&self, request: Request) -> Answer {
        self.runtime.block_on(async {
            let answer = self.endpoint.call(request).await;
            let answer = answer.unwrap_or_else(poem::Error::into_response);
            let status = answer.status().as_u16();
            let headers = answer.headers().clone();
            let stream = headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind == "text/event-stream");
            let body = if stream {
                Vec::new()
            } else {
                answer.into_body().into_vec().await.expect("a body")
            };
            Answer {
                status,
                headers,
                body,
            }
        })
    }

    /// Reads as one who may.
    pub fn get(&self, target: Uri) -> Answer {
        let request = Request::builder()
            .uri(target)
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, format!("Bearer {}", Self::TOKEN))
            .finish();
        self.answer(request)
    }
}

impl Default for Application {
    fn default() -> Self {
        Self::new()
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            let text = String::from_utf8_lossy(&self.body);
            panic!("{error}: {text}")
        })
    }
}

fn message(number: u8, received: Timestamp) -> Message {
    let from = format!("+1415555010{number}");
    NewMessage {
        source: SourceName::default(),
        id: MessageId::try_from(format!("m{number}")).expect("an id"),
        from: Msisdn::try_from(from).expect("a number"),
        to: Msisdn::try_from("+14155550199".to_owned()).expect("a number"),
        ts: received,
        text: Some(Text::try_from(format!("text {number}")).expect("a text")),
    }
    .received_at(received)
}

//! The real application on a real socket, and a client that holds every answer against the
//! specification.

use std::{fmt::Write as _, io, sync::Arc, time::Duration};

use countersign_core::{
    Clock, Inbox, KeyLabel, MessageRepository, SourceError, SourceName, Timestamp,
};
use countersign_hmac::{Scheme, SigningKey, SourceConfig, Tolerance};
use countersign_http::{Config, Http, LiveOptions, StopOptions, access::Reads};
use countersign_memory::ManualClock;
use countersign_telemetry::metrics::Metrics;
use reqwest::{Client, Method, RequestBuilder, StatusCode, header::HeaderMap};
use ring::hmac;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use super::canaries;
use crate::{fixture::at, specification, store::Store};

pub const SECRET: &str = "mysecret123";

/// Of the source `partner`.
pub const PARTNERS_SECRET: &str = "partners-secret-0123456789";

pub struct App {
    pub address: String,
    pub clock: Arc<ManualClock>,
    client: Client,
    spec: String,
    pub repository: Arc<dyn MessageRepository>,
    served: JoinHandle<io::Result<()>>,
    // Dropped last: the server ends, then the store's folder goes.
    stop: Option<oneshot::Sender<()>>,
    _store: Option<Store>,
}

/// An answer that the specification knows.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("ASCII"))
    }

    /// What went wrong where, of a 422.
    pub fn faults(&self) -> Vec<(String, String)> {
        assert_eq!(self.status, 422, "{self:?}");
        let errors = self.json()["errors"].as_array().cloned().expect("errors");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let pairs = errors.iter();
        pairs
            .map(|error| (text(&error["pointer"]), text(&error["detail"])))
            .collect()
    }

    /// The ids of a page of messages.
    pub fn ids(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{self:?}");
        let page = self.json();
        let data = page["data"].as_array().expect("a page");
        let ids = data.iter().map(|message| message["message_id"].as_str());
        ids.map(|id| id.expect("an id").to_owned()).collect()
    }
}

/// The body of a message.
pub fn body(message_id: &str, ts: &str, text: &str) -> Value {
    json!({
        "message_id": message_id,
        "from": "+919876543210",
        "to": "+14155550100",
        "ts": ts,
        "text": text,
    })
}

pub fn sign(body: &[u8]) -> String {
    sign_with(SECRET, body)
}

pub fn sign_with(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body);
    let mut hex = String::with_capacity(64);
    for byte in tag.as_ref() {
        write!(hex, "{byte:02x}").expect("a String takes everything");
    }
    hex
}

impl App {
    pub async fn on(store: Store) -> Self {
        Self::with(store, LiveOptions::default()).await
    }

    /// With other options for streams.
    pub async fn with(store: Store, live: LiveOptions) -> Self {
        let repository = Arc::clone(&store.repository);
        Self {
            _store: Some(store),
            ..Self::over_with(repository, live).await
        }
    }

    /// The clock stands at noon on the first of June 2025.
    pub async fn over(repository: Arc<dyn MessageRepository>) -> Self {
        Self::over_with(repository, LiveOptions::default()).await
    }

    /// With whatever else is to be another than usual.
    pub async fn configured(
        store: Store,
        configure: impl FnOnce(&mut Config, &Arc<ManualClock>),
    ) -> Self {
        let repository = Arc::clone(&store.repository);
        Self {
            _store: Some(store),
            ..Self::over_configured(repository, configure).await
        }
    }

    /// One that stops as it is told to.
    pub async fn stopping(repository: Arc<dyn MessageRepository>, stop: StopOptions) -> Self {
        Self::begun(repository, stop, |_, _| {}).await
    }

    /// Both.
    pub async fn over_with(repository: Arc<dyn MessageRepository>, live: LiveOptions) -> Self {
        Self::over_configured(repository, |config, _| config.live = live).await
    }

    /// With all that and other rules for who may read.
    pub async fn protected_by(
        repository: Arc<dyn MessageRepository>,
        live: LiveOptions,
        reads: impl FnOnce(Arc<ManualClock>) -> Reads,
    ) -> Self {
        Self::over_configured(repository, |config, clock| {
            config.live = live;
            config.reads = reads(Arc::clone(clock));
        })
        .await
    }

    pub async fn over_configured(
        repository: Arc<dyn MessageRepository>,
        configure: impl FnOnce(&mut Config, &Arc<ManualClock>),
    ) -> Self {
        let stop = StopOptions {
            delay: Duration::ZERO,
            // Nothing here ends only because there is no time left.
            grace: Duration::from_mins(1),
        };
        Self::begun(repository, stop, configure).await
    }

    async fn begun(
        repository: Arc<dyn MessageRepository>,
        how_to_stop: StopOptions,
        configure: impl FnOnce(&mut Config, &Arc<ManualClock>),
    ) -> Self {
        canaries::watch_the_log();
        let clock = Arc::new(ManualClock::at(at("2025-06-01T12:00:00Z")));
        let source = |name: &str, secret: &str| SourceConfig {
            name: SourceName::try_from(name).expect("a name"),
            scheme: Scheme::Generic,
            tolerance: Tolerance::default(),
            keys: vec![SigningKey {
                label: KeyLabel::try_from("current").expect("a label"),
                secret: secret.to_owned().into(),
                expires_at: None,
            }],
        };
        let configured = vec![
            source(SourceName::DEFAULT, SECRET),
            source("partner", PARTNERS_SECRET),
        ];
        let the_clock: Arc<dyn Clock> = clock.clone();
        let sources = countersign_hmac::sources(configured, &the_clock).expect("secrets");
        let metrics = Metrics::new().expect("metrics");
        let mut config = Config::new(
            Inbox::new(sources, Arc::clone(&repository), clock.clone()),
            metrics.meter(),
            Arc::new(move || metrics.render().map_err(SourceError::from)),
        );
        configure(&mut config, &clock);
        let http = Http::new(config).expect("a specification");
        let spec = http.spec();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(http.serve(
            listener,
            async {
                let _ = stopped.await;
            },
            how_to_stop,
        ));
        Self {
            address,
            clock,
            client: Client::builder().no_proxy().build().expect("a client"),
            spec,
            repository,
            served,
            stop: Some(stop),
            _store: None,
        }
    }

    /// Tells the server to stop.
    pub fn begin_to_stop(&mut self) {
        let stop = self.stop.take().expect("it was not told before");
        stop.send(()).expect("it runs");
    }

    /// Waits until the server has stopped, and tells it to before if nobody has.
    pub async fn stopped(mut self) {
        if self.stop.is_some() {
            self.begin_to_stop();
        }
        self.served.await.expect("no panic").expect("it served");
    }

    pub fn spec(&self) -> String {
        self.spec.clone()
    }

    pub fn set_clock(&self, now: Timestamp) {
        self.clock.set(now);
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    /// Sends it, and checks the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let (method, url) = (request.method().clone(), request.url().clone());
        let response = self.client.execute(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body");
        specification::check(&method, url.path(), status, &headers, &text);
        let error = status.is_client_error() || status.is_server_error();
        assert!(
            !error || !canaries::is_private(&text),
            "{method} {url}: {text}"
        );
        canaries::nothing_was_logged();
        Answer {
            status,
            headers,
            text,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts a body with its right signature.
    pub async fn deliver(&self, body: &Value) -> Answer {
        self.deliver_bytes(&serde_json::to_vec(body).expect("JSON"))
            .await
    }

    pub async fn deliver_bytes(&self, body: &[u8]) -> Answer {
        self.send(self.webhook(body).header("X-Signature", sign(body)))
            .await
    }

    /// A webhook without a signature yet.
    pub fn webhook(&self, body: &[u8]) -> RequestBuilder {
        self.request(Method::POST, "/webhook")
            .header("Content-Type", "application/json")
            .body(body.to_vec())
    }

    /// Delivers and expects to be thanked.
    pub async fn delivered(&self, body: &Value) -> Answer {
        let answer = self.deliver(body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.text, r#"{"status":"ok"}"#);
        answer
    }

    /// The value of one series of `/metrics`.
    pub async fn metric(&self, series: &str) -> u64 {
        let metrics = self.get("/metrics").await.text;
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{series} ")));
        line.unwrap_or_else(|| panic!("no {series} in {metrics}"))
            .parse()
            .expect("a number")
    }

    /// Writes bytes as they are, and reads until the server closes or has nothing more to say.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address)
            .await
            .expect("a connection");
        stream.write_all(bytes).await.expect("the bytes are taken");
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let read = tokio::time::timeout(Duration::from_secs(2), stream.read(&mut buffer));
            match read.await {
                Ok(Ok(count)) if count > 0 => answer.extend_from_slice(&buffer[..count]),
                _ => break,
            }
            // One answer is enough: it has a head and a body of the length it says.
            let text = String::from_utf8_lossy(&answer);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .and_then(|length| length.parse::<usize>().ok());
                if length.is_some_and(|length| body.len() >= length) {
                    break;
                }
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

//! The edge: what holds for every request, whatever it asks for.
//!
//! Gives it an id, catches panics, writes the problem documents, answers with the headers that
//! every answer has, counts it, and logs it: one line a request.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use countersign_core::{Appended, KeyLabel, SourceName, Timestamp};
use futures_util::FutureExt;
use poem::{
    Endpoint, IntoResponse, Middleware, PathPattern, Request, Response,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
};
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::{
    Reads,
    deliveries::{Deliveries, Delivery},
    headers,
    limits::{Answers, cut},
    metrics::Counters,
    pages::PAGES,
    problem::{Kind, PROBLEM_JSON, Problem},
    rejections::{NewRejection, Reason, Rejections},
    server_stats::Activity,
    spec::{Methods, known_method},
    trace::{Trace, Tracing},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long an incoming request id may be to be kept.
const MAX_REQUEST_ID: usize = 128;

/// The routes by which webhooks come.
const WEBHOOKS: [&str; 2] = ["/webhook", "/webhook/{source}"];

/// What became of a webhook, for log and metrics.
#[derive(Debug, Clone)]
pub struct WebhookNote {
    pub message_id: String,
    pub source: SourceName,
    pub key: KeyLabel,
    /// The scheme that it was signed by, by its name.
    pub scheme: &'static str,
    /// When it had come.
    pub at: Timestamp,
    pub appended: Appended,
}

impl WebhookNote {
    const fn result(&self) -> &'static str {
        match self.appended {
            Appended::Created => "created",
            Appended::Duplicate => "duplicate",
            Appended::Conflict => "conflict",
        }
    }
}

/// See the module's documentation.
pub struct Observe {
    pub counters: Arc<Counters>,
    pub methods: Arc<Methods>,
    pub answers: Arc<Answers>,
    pub rejections: Arc<Rejections>,
    pub activity: Arc<Activity>,
    pub deliveries: Arc<Deliveries>,
    pub reads: Arc<Reads>,
    pub tracing: Arc<Tracing>,
}

impl<E: Endpoint + 'static> Middleware<E> for Observe {
    type Output = Observed<E>;

    fn transform(&self, endpoint: E) -> Observed<E> {
        Observed(Arc::new(Edge {
            endpoint,
            counters: Arc::clone(&self.counters),
            methods: Arc::clone(&self.methods),
            answers: Arc::clone(&self.answers),
            rejections: Arc::clone(&self.rejections),
            activity: Arc::clone(&self.activity),
            deliveries: Arc::clone(&self.deliveries),
            reads: Arc::clone(&self.reads),
            tracing: Arc::clone(&self.tracing),
        }))
    }
}

pub struct Observed<E>(Arc<Edge<E>>);

impl<E: Endpoint + 'static> Endpoint for Observed<E> {
    type Output = Response;

    /// Where the client goes away, hyper drops this future. What reads is over then: nobody waits
    /// for it. What writes goes on to its end, because a message that is stored by then must still
    /// be counted and logged.
    async fn call(&self, request: Request) -> poem::Result<Response> {
        let edge = Arc::clone(&self.0);
        let writes = request.method() == Method::POST;
        let answer = async move { edge.answer(request).await };
        let answer = Box::pin(AssertUnwindSafe(answer).catch_unwind());
        let answered = if writes {
            ToItsEnd(Some(answer)).await
        } else {
            answer.await
        };
        answered
            // Only if the edge itself panics, which the panic hook has logged.
            .map_err(|_| poem::Error::from_status(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

/// A future that goes on in a task of its own if it is dropped before its end.
///
/// A task for every request would do the same, and cost every request what only those need whose
/// client goes away.
struct ToItsEnd<F>(Option<Pin<Box<F>>>)
where
    F: Future<Output: Send> + Send + 'static;

impl<F: Future<Output: Send> + Send + 'static> Future for ToItsEnd<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Some(future) = &mut self.0 else {
            return Poll::Pending;
        };
        let output = ready!(future.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(output)
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for ToItsEnd<F> {
    fn drop(&mut self) {
        if let (Some(rest), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(rest);
        }
    }
}

struct Edge<E> {
    endpoint: E,
    counters: Arc<Counters>,
    methods: Arc<Methods>,
    answers: Arc<Answers>,
    rejections: Arc<Rejections>,
    activity: Arc<Activity>,
    deliveries: Arc<Deliveries>,
    reads: Arc<Reads>,
    tracing: Arc<Tracing>,
}

impl<E: Endpoint> Edge<E> {
    async fn answer(&self, request: Request) -> Response {
        let started = Instant::now();
        let _active = self.counters.active();
        let request_id = request_id(&request);
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let peer = self.reads.client_address(&request);

        let known = known_method(&method);
        let trace = self
            .tracing
            .begin(request.headers(), known, cut(&path), peer);

        let outcome = Trace::with(trace.as_ref(), self.endpoint.call(request));
        let outcome = AssertUnwindSafe(outcome).catch_unwind().await;
        let mut response = match outcome {
            Ok(Ok(answer)) => answer.into_response(),
            Ok(Err(error)) => error.into_response(),
            // The panic hook has logged where; the payload may quote what nobody should log.
            Err(_) => Problem::internal("the handler panicked").into_response(),
        };

        let route = self.route(&response);
        // Pages are in the program, once for all who load them.
        if !PAGES.contains(&&**route)
            && let Err(problem) = self.answers.hold(&mut response).await
        {
            response = problem.into_response();
        }
        let problem = self.write_problem(&mut response, &path, &method);
        decorate(&mut response, &request_id);

        let ended = Instant::now();
        let elapsed = ended.saturating_duration_since(started);
        self.counters.request(
            route,
            self.methods.label(route, &method),
            response.status(),
            elapsed,
        );
        let note = response.data::<WebhookNote>();
        let is_webhook = WEBHOOKS.contains(&&**route);
        let result =
            (is_webhook && method == Method::POST).then(|| webhook_result(note, problem.as_ref()));
        if let Some(result) = result {
            let acknowledged = response.status().is_success().then_some(elapsed);
            self.counters.webhook(result, acknowledged);
            self.activity.webhook(result, acknowledged, ended);
        }
        if let Some(note) = note {
            self.counters.authentic(note);
            self.deliveries.add(
                &note.message_id,
                &note.source,
                Delivery {
                    at: note.at,
                    request_id: request_id.as_str().into(),
                    outcome: note.appended,
                    peer,
                    scheme: note.scheme,
                    key: note.key.clone(),
                    took: started.elapsed(),
                },
            );
        }
        let reason = problem
            .as_ref()
            .and_then(|problem| Reason::of(problem, is_webhook));
        // What is logged from here on belongs to it, and nothing is waited for any more.
        let _within = trace.as_ref().map(|trace| trace.context().clone().attach());
        if let (Some(reason), Some(problem)) = (reason, &problem) {
            self.rejections.add(&NewRejection {
                request_id: &request_id,
                peer,
                route,
                status: response.status().as_u16(),
                reason,
                errors: &problem.errors,
                refused: problem.refused.as_deref(),
            });
        }
        Line {
            reason,
            request_id: &request_id,
            method: known,
            path: &path,
            status: response.status(),
            elapsed,
            problem: problem.as_ref(),
            note,
            result,
        }
        .log();
        if let Some(trace) = &trace {
            let matched = response.data::<PathPattern>().map(|_| &**route);
            let reason = reason.map(Reason::label);
            trace.answered(known, matched, response.status(), result, reason);
        }
        response
    }

    /// The pattern of the route that answered, as the specification writes it.
    fn route(&self, response: &Response) -> &Arc<str> {
        match response.data::<PathPattern>() {
            Some(pattern) => self.methods.pattern(&pattern.0),
            None => self.methods.unmatched(),
        }
    }

    /// Gives an error answer its document, whether it is ours or the router's.
    fn write_problem(
        &self,
        response: &mut Response,
        path: &str,
        method: &Method,
    ) -> Option<Problem> {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return None;
        }
        let problem = match response.data::<Problem>() {
            Some(problem) => problem.clone(),
            None => from_router(status, method),
        };
        let headers = response.headers_mut();
        if status == StatusCode::METHOD_NOT_ALLOWED
            && let Ok(allow) = HeaderValue::from_str(&self.methods.allowed(path))
        {
            headers.insert(header::ALLOW, allow);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        let instance = match problem.kind {
            // The target may be of any length, then.
            Kind::UriTooLong | Kind::RateLimited => cut(path),
            _ => path,
        };
        response.set_body(problem.document(instance));
        Some(problem)
    }
}

/// The router knows nothing but the status.
fn from_router(status: StatusCode, method: &Method) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::new(Kind::NotFound, "there is nothing at this path"),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            Kind::MethodNotAllowed,
            format!(
                "this resource does not know the method {}; the header Allow names those it knows",
                known_method(method)
            ),
        ),
        status if status.is_client_error() => {
            Problem::new(Kind::BadRequest, "the request could not be understood")
        }
        status => Problem::internal(format!("an endpoint answered {status}")),
    }
}

/// An incoming id is kept if it is short and plain, so that it can stand in a log; else a new one
/// (UUID version 7, which sorts by time).
fn request_id(request: &Request) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.:=+/@".contains(b);
    let mut incoming = request.headers().get_all(REQUEST_ID).iter();
    match (incoming.next(), incoming.next()) {
        (Some(id), None)
            if (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain) =>
        {
            String::from_utf8_lossy(id.as_bytes()).into_owned()
        }
        _ => Uuid::now_v7().to_string(),
    }
}

fn decorate(response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers::hold_back(headers);
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// What became of a webhook.
fn webhook_result(note: Option<&WebhookNote>, problem: Option<&Problem>) -> &'static str {
    match (note, problem) {
        (Some(note), _) => note.result(),
        (None, Some(problem)) => problem.kind.label(),
        (None, None) => Kind::Internal.label(),
    }
}

/// One line of the log.
struct Line<'a> {
    request_id: &'a str,
    method: &'static str,
    path: &'a str,
    status: StatusCode,
    elapsed: Duration,
    problem: Option<&'a Problem>,
    note: Option<&'a WebhookNote>,
    /// What became of a webhook; `None` on every other route.
    result: Option<&'static str>,
    /// Why it was refused, if it is one that is kept as such.
    reason: Option<Reason>,
}

impl Line<'_> {
    fn log(&self) {
        let (request_id, method) = (self.request_id, self.method);
        let path = cut(self.path);
        let status = self.status.as_u16();
        // Whole microseconds, in milliseconds.
        let latency_ms = (self.elapsed.as_secs_f64() * 1e6).round() / 1e3;
        let refused = self.problem.and_then(|problem| problem.refused.as_deref());
        let message_id = self
            .note
            .map(|note| note.message_id.as_str())
            .or_else(|| refused?.message_id.as_deref());
        let dup = self.note.map(|note| note.appended != Appended::Created);
        let result = self.result;
        let reason = self.reason.map(Reason::label);
        // Most have one source only: it goes without saying.
        let source = self
            .note
            .map(|note| &note.source)
            .or_else(|| refused?.source.as_ref())
            .filter(|source| !source.is_default())
            .map(SourceName::as_str);
        let key = self.note.map(|note| note.key.as_str());
        let cause = self.problem.and_then(|problem| problem.cause.as_deref());

        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    request_id, method, path, status, latency_ms, message_id, dup, result, reason,
                    source, key, cause, "request"
                )
            };
        }
        // Not ready is what it is for some time, and said when it begins; probes go on asking.
        let is = |kind| self.problem.is_some_and(|problem| problem.kind == kind);
        let overload = is(Kind::Overload);
        if self.status.is_server_error() && !overload && !is(Kind::NotReady) {
            line!(error);
        } else if is(Kind::RateLimited) {
            // That is how it was meant; who floods should not wake anybody.
            line!(info);
        } else if overload
            || result.is_some_and(|result| !matches!(result, "created" | "duplicate"))
        {
            // A message was refused, or came differently under a known id, or there is more to do
            // than can be done: someone should know.
            line!(warn);
        } else {
            line!(info);
        }
    }
}

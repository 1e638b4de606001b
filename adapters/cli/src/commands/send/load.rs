//! Connections that send.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Uri,
    body::Bytes,
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{net::TcpStream, task::JoinSet};

use super::{
    messages::{Messages, Signed},
    report::Report,
};
use crate::{args::SendArgs, stop::Stop};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

const WEBHOOK: &str = "/webhook";

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host and port, as a connection and the header `Host` need them.
    authority: String,
    path: String,
}

impl Target {
    /// The webhook of the server at this address.
    pub fn at(address: SocketAddr) -> Self {
        Self {
            authority: address.to_string(),
            path: WEBHOOK.to_owned(),
        }
    }

    /// # Errors
    /// If it is no `http://` URL.
    pub fn parse(url: &str) -> Result<Self, Stop> {
        let wrong = |what: &str| {
            Stop::configuration(
                format!("--url {what}: {url:?}"),
                "give it as http://127.0.0.1:8000/webhook; TLS is not supported here",
            )
        };
        let uri: Uri = url.parse().map_err(|_| wrong("is no URL"))?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong("must begin with http://"));
        }
        let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
        let port = authority.port_u16().unwrap_or(80);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            authority: format!("{}:{port}", authority.host()),
            path: if path == "/" { WEBHOOK } else { path }.to_owned(),
        })
    }
}

/// Sends all messages over all connections.
///
/// # Errors
/// If not even one connection can be made.
pub async fn run(
    target: &Target,
    messages: &Arc<Messages>,
    args: &SendArgs,
) -> Result<Report, Stop> {
    let first = connect(target).await.map_err(|error| {
        Stop::unavailable(
            format!("{} cannot be reached: {error}", target.authority),
            "is the server running, and is --url right?",
        )
    })?;
    let connections = u64::from(args.connections).min(args.count);
    let progress = progress(args);
    let started = Instant::now();
    let mut first = Some(first);
    let mut sending = JoinSet::new();
    for _ in 0..connections {
        sending.spawn(
            Connection {
                target: target.clone(),
                messages: Arc::clone(messages),
                interval: args.rate.map(|rate| Duration::from_secs(1) / rate),
                started,
                progress: progress.clone(),
            }
            .send_all(first.take()),
        );
    }
    let mut report = Report::default();
    while let Some(part) = sending.join_next().await {
        report += part.map_err(|error| Stop::internal(error.to_string()))?;
    }
    report.elapsed = started.elapsed();
    progress.finish_and_clear();
    Ok(report)
}

fn progress(args: &SendArgs) -> ProgressBar {
    // Drawn on standard error, and only where that is a terminal.
    let template = "{wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) if args.count > 1 => ProgressBar::new(args.count).with_style(style),
        _ => ProgressBar::hidden(),
    }
}

struct Connection {
    target: Target,
    messages: Arc<Messages>,
    /// Between two messages of all connections together.
    interval: Option<Duration>,
    started: Instant,
    progress: ProgressBar,
}

type Sender = SendRequest<Full<Bytes>>;

async fn connect(target: &Target) -> Result<Sender, String> {
    let stream = TcpStream::connect(&target.authority).await;
    let stream = stream.map_err(|error| error.to_string())?;
    stream
        .set_nodelay(true)
        .map_err(|error| error.to_string())?;
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = handshake.map_err(|error| error.to_string())?;
    tokio::spawn(async {
        // Its end is seen by whoever sends.
        let _ = connection.await;
    });
    Ok(sender)
}

impl Connection {
    async fn send_all(self, mut sender: Option<Sender>) -> Report {
        let mut report = Report::default();
        let mut previous = None;
        while let Some(number) = self.messages.take() {
            let message = self.messages.make(number, previous.as_ref());
            let due = self.due(number).await;
            let answer = tokio::time::timeout(PATIENCE, self.send(&mut sender, &message)).await;
            if let Ok(Ok((status, body))) = answer {
                report.answered(status, due.elapsed(), &body);
            } else {
                sender = None;
                report.unanswered();
            }
            self.progress.inc(1);
            previous = Some(message);
        }
        report
    }

    /// Waits until the message's turn, and says when that was. With a rate it is the planned
    /// moment, so that a slow answer counts against all that had to wait behind it.
    async fn due(&self, number: u64) -> Instant {
        let Some(interval) = self.interval else {
            return Instant::now();
        };
        let nanos = interval.as_nanos().saturating_mul(u128::from(number));
        let due = self.started + Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX));
        tokio::time::sleep_until(due.into()).await;
        due
    }

    /// The answer's status and body.
    async fn send(
        &self,
        sender: &mut Option<Sender>,
        message: &Signed,
    ) -> Result<(u16, Bytes), String> {
        let ready = match sender {
            Some(ready) if !ready.is_closed() => ready,
            _ => sender.insert(connect(&self.target).await?),
        };
        ready.ready().await.map_err(|error| error.to_string())?;
        let request = Request::post(&self.target.path)
            .header(header::HOST, &self.target.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header("X-Signature", &message.signature)
            .body(Full::from(message.body.clone()))
            .map_err(|error| error.to_string())?;
        let response = ready.send_request(request).await;
        let response = response.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await;
        let body = body.map_err(|error| error.to_string())?;
        Ok((status, body.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        for (url, authority, path) in [
            (
                "http://127.0.0.1:8000/webhook",
                "127.0.0.1:8000",
                "/webhook",
            ),
            ("http://localhost:8000", "localhost:8000", "/webhook"),
            ("http://[::1]:1/x?y=z", "[::1]:1", "/x?y=z"),
            ("http://example.com/webhook", "example.com:80", "/webhook"),
        ] {
            let target = Target {
                authority: authority.to_owned(),
                path: path.to_owned(),
            };
            assert_eq!(Target::parse(url), Ok(target), "{url}");
        }
        for url in [
            "https://example.com/webhook",
            "127.0.0.1:8000",
            "/webhook",
            "",
        ] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }
}

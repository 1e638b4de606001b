//! A stream, and the next one when it ends.

use std::time::Duration;

use reqwest::{Response, header::CONTENT_TYPE};
use tokio::time;

use crate::{
    api::{Api, Event, Parser, unreachable},
    stop::Stop,
    terminal::Halt,
};

/// After the first failure, where the server has not said how long to wait.
const SHORTEST: Duration = Duration::from_secs(1);

/// However often it fails.
const LONGEST: Duration = Duration::from_secs(30);

/// What is followed.
pub trait Feed {
    /// Where its stream is.
    const PATH: [&'static str; 2];

    /// The parameters of a stream.
    fn query(&self) -> Vec<(&'static str, String)>;

    /// Behind which event a stream begins, once there is one.
    fn place(&self) -> Option<&str>;

    /// A stream has been opened.
    async fn opened(&mut self) -> Result<(), Halt>;

    /// Something was said.
    async fn heard(&mut self, event: Event) -> Result<(), Halt>;
}

/// Follows for ever.
///
/// # Errors
/// If the first connection cannot be made, or the server refuses for good.
pub async fn follow<F: Feed>(api: &Api, mut feed: F) -> Result<(), Halt> {
    let mut waits = Waits::default();
    let mut connected = false;
    loop {
        let mut request = api.ask(&F::PATH, &feed.query());
        if let Some(place) = feed.place() {
            request = request.header("Last-Event-ID", place);
        }
        match api.answer(request).await {
            Ok(response) => {
                if std::mem::replace(&mut connected, true) {
                    eprintln!("countersign: connected again");
                }
                waits.connected();
                let what = listen(api, &mut feed, response, &mut waits).await?;
                let wait = waits.next(None);
                tell(&what, wait);
                time::sleep(wait).await;
            }
            Err(refusal) if refusal.may_pass() && (connected || !refusal.is_unreachable()) => {
                let wait = waits.next(refusal.retry_after());
                tell(&refusal.what(), wait);
                time::sleep(wait).await;
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
}

fn tell(what: &str, wait: Duration) {
    eprintln!(
        "countersign: {what}; trying again in {:.1} s",
        wait.as_secs_f64()
    );
}

/// Hears a stream to its end, and says how it ended.
async fn listen(
    api: &Api,
    feed: &mut impl Feed,
    mut response: Response,
    waits: &mut Waits,
) -> Result<String, Halt> {
    let content_type = response.headers().get(CONTENT_TYPE);
    let is_stream = content_type.is_some_and(|is| is.as_bytes().starts_with(b"text/event-stream"));
    if !is_stream {
        return Err(Stop::unavailable(
            format!("{} answered with something else than events", api.name()),
            "is --url (or BIND) the address of a countersign, and the port its own?",
        )
        .into());
    }
    feed.opened().await?;
    let mut parser = Parser::default();
    loop {
        let piece = match response.chunk().await {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(format!("{} has ended the connection", api.name())),
            Err(error) => {
                let what = unreachable(api.name(), &error).what();
                return Ok(format!("the connection broke: {what}"));
            }
        };
        let events = parser.push(&piece).map_err(|too_long| {
            Stop::unavailable(
                format!("{}: {too_long}", api.name()),
                "is --url (or BIND) the address of a countersign?",
            )
        })?;
        waits.asked = parser.retry();
        for event in events {
            feed.heard(event).await?;
        }
    }
}

/// How long to wait before the next connection.
#[derive(Default)]
struct Waits {
    failures: u32,
    /// What the server has asked for, for the first time.
    asked: Option<Duration>,
}

impl Waits {
    fn connected(&mut self) {
        self.failures = 0;
    }

    /// Twice as long after every failure, and up to a quarter more, lest all come at once.
    fn next(&mut self, retry_after: Option<Duration>) -> Duration {
        self.next_with(retry_after, fastrand::f64())
    }

    fn next_with(&mut self, retry_after: Option<Duration>, chance: f64) -> Duration {
        let first = self.asked.unwrap_or(SHORTEST).clamp(SHORTEST / 10, LONGEST);
        let wait = first
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        wait.max(retry_after.unwrap_or_default())
            .mul_f64(1.0 + chance / 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_do_what_the_server_asks() {
        let mut waits = Waits::default();
        let mut next = |after: Option<u64>| {
            let wait = waits.next_with(after.map(Duration::from_secs), 0.0);
            wait.as_secs()
        };
        let grown: Vec<_> = (0..8).map(|_| next(None)).collect();
        assert_eq!(grown, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(next(Some(90)), 90);
        waits.connected();
        waits.asked = Some(Duration::from_secs(2));
        assert_eq!(waits.next_with(None, 0.0), Duration::from_secs(2));
        assert_eq!(waits.next_with(None, 1.0), Duration::from_secs(5));
        for _ in 0..100 {
            waits.next_with(None, 0.0);
        }
        assert_eq!(waits.next_with(None, 0.0), LONGEST);
    }
}

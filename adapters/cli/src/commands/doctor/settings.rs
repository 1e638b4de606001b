//! What the settings say, by themselves: secrets and their ends, and who may read.

use std::sync::Arc;

use countersign_core::{Clock, Timestamp};
use countersign_hmac::{SigningKey, SourceConfig};
use countersign_http::access::{Refused, Visitor};

use super::{super::serve::ServeArgs, Check};
use crate::{
    clock::SystemClock,
    commands::config,
    keys::{self, Keys},
    reads::ReadSettings,
    settings,
};

/// So long before a key expires, one is warned, in microseconds.
const SOON: i64 = 7 * 24 * 60 * 60 * 1_000_000;

pub fn look(args: &ServeArgs) -> Vec<Check> {
    let mut checks: Vec<_> = config::faults(args).iter().map(Check::setting).collect();
    if checks.is_empty() {
        checks.push(Check::ok("settings", "every one can be used"));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    if let Ok(keys) = Keys::at_start(&args.keys, &clock) {
        for source in keys.configured() {
            let keys = source.keys.iter();
            checks.extend(keys.map(|key| self::key(source, key, clock.now())));
        }
    }
    let reads = ReadSettings::new(&args.reads, keys::ENVIRONMENT("READ_TOKEN"));
    if let (Ok(reads), Ok(bind)) = (reads, settings::bind(&args.bind)) {
        checks.push(token(&reads));
        checks.push(outside(reads, bind, clock));
    }
    checks
}

fn key(source: &SourceConfig, key: &SigningKey, now: Timestamp) -> Check {
    let end = match key.expires_at {
        Some(end) => format!("ends {end}"),
        None => "has no end".to_owned(),
    };
    let found = format!(
        "source {}, {}: key {} has {} bytes and {end}",
        source.name,
        source.scheme,
        key.label,
        key.secret.expose().len()
    );
    if key.is_short(source.scheme) {
        let fix = "a short one can be guessed; to make a good one: countersign gen-secret";
        return Check::warn("secret", found, fix);
    }
    match key.expires_at {
        Some(end) if end <= now => {
            let fix = "it vouches for nothing any more: remove it, or give it a later end";
            Check::warn("secret", found, fix)
        }
        Some(end) if end.micros().saturating_sub(now.micros()) <= SOON => {
            let fix = "see to it that the provider signs with another key before then";
            Check::warn("secret", found, fix)
        }
        _ => Check::ok("secret", found),
    }
}

fn token(reads: &ReadSettings) -> Check {
    match reads.token_length() {
        None => Check::ok("read token", "none is set: the protected mode holds"),
        Some(bytes) if reads.is_short() => Check::warn(
            "read token",
            format!("it has {bytes} bytes"),
            "a short one can be guessed; to make a good one: countersign gen-secret",
        ),
        Some(bytes) => Check::ok("read token", format!("it has {bytes} bytes")),
    }
}

/// What others would be answered, by the rules that hold for requests.
fn outside(reads: ReadSettings, bind: std::net::SocketAddr, clock: Arc<dyn Clock>) -> Check {
    const NAME: &str = "from outside";
    let has_token = reads.token_length().is_some();
    let reads = reads.into_reads(clock);
    let answers = Visitor::ALL.map(|visitor| {
        // Nobody reaches it directly who is not on this machine.
        let reached = visitor == Visitor::Proxy || !bind.ip().is_loopback();
        let answer = match reads.would_answer(visitor) {
            _ if !reached => "not reached",
            Ok(()) => "answered",
            Err(Refused::Unauthorized { .. }) => "401 without the token",
            Err(Refused::Protected(_) | Refused::ForeignPage) => "403",
        };
        format!("{}: {answer}", visitor.described())
    });
    let found = format!("{bind} is asked for messages by {}", answers.join(", "));
    if has_token || bind.ip().is_loopback() {
        return Check::ok(NAME, found);
    }
    Check::warn(
        NAME,
        found,
        "set READ_TOKEN, unless every machine that reaches it may read (behind a container's port \
         mapping, every client may look private)",
    )
}

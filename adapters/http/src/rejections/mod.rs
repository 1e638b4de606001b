//! Every refused request: what it was, and why it was refused. Metadata only, never a body, a
//! signature or a secret; in memory, the newest of them.
//!
//! Streams are told of them by the `feed`, rendered once for all as a `chunk`.
//!
//! Refused webhooks, refused reads, and what was too much of one client have a place of their own
//! each, so that a flood of the one does not push out the other.

mod api;
mod chunk;
mod feed;
mod live;
mod reason;
mod trickle;

use std::{
    collections::VecDeque,
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use countersign_core::{
    Digest, HeaderLookup, Headers, Inbox, NearMiss, NearMissCause, Refusal, SourceName, Timestamp,
};
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Meter},
};
use poem::http::HeaderMap;

pub use self::{
    api::RejectionsApi,
    live::{LiveRejectionsApi, describe},
    reason::Reason,
};
use self::{
    chunk::Tally,
    feed::{Feed, News},
    trickle::Trickle,
};
use crate::{problem::FieldError, trace};

/// How many refused requests of a kind (webhooks; reads; too many) are kept.
const KEPT: usize = 1000;

/// How many refused signatures a second are looked into.
const DIAGNOSES: u32 = 10;

/// What is known of a webhook that is refused, where it is refused.
#[derive(Debug, Clone, Default)]
pub struct Refused {
    pub source: Option<SourceName>,
    /// Its message's id, if its signature is right and it is a message.
    pub message_id: Option<String>,
    /// Why the signature was refused, if that is why.
    pub refusal: Option<Refusal>,
    /// The body's length in bytes and its digest, if it was read to its end.
    pub body: Option<(usize, Digest)>,
    /// What a diagnosis looks at.
    pub evidence: Option<Arc<Evidence>>,
}

/// A request whose signature was refused.
pub struct Evidence {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Evidence(…)")
    }
}

/// A request's headers, as the core looks at them.
pub struct Sent<'a>(pub &'a HeaderMap);

impl Headers for Sent<'_> {
    fn lookup(&self, name: &str) -> HeaderLookup<'_> {
        let mut values = self.0.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => HeaderLookup::Absent,
            (Some(only), None) => HeaderLookup::Once(only.as_bytes()),
            (Some(_), Some(_)) => HeaderLookup::Repeated,
        }
    }
}

/// A refused request.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// Its place among all that were refused since the start, from 1.
    number: u64,
    pub at: Timestamp,
    pub request_id: String,
    pub peer: Option<IpAddr>,
    /// The route's pattern.
    pub route: String,
    pub source: Option<SourceName>,
    pub status: u16,
    pub reason: Reason,
    pub errors: Vec<FieldError>,
    pub body: Option<(usize, Digest)>,
    pub skew_seconds: Option<i64>,
    diagnosis: Diagnosis,
}

/// What is known of the mistake behind a refused signature.
#[derive(Debug, Clone)]
enum Diagnosis {
    /// There is nothing to look for, or too many were refused at once.
    NotLookedFor,
    Pending,
    Done(Option<NearMiss>),
}

/// The refused requests of this process.
pub struct Rejections {
    inbox: Arc<Inbox>,
    kept: Mutex<Kept>,
    feed: Feed,
    counter: Counter<u64>,
    near_misses: Counter<u64>,
}

struct Kept {
    since: Timestamp,
    number: u64,
    webhooks: VecDeque<Rejection>,
    reads: VecDeque<Rejection>,
    too_many: VecDeque<Rejection>,
    counts: Tally,
    diagnoses: Trickle,
    /// How many streams were told of once more, because their mistake was found.
    told_again: Tally,
    /// `None` while nobody follows.
    news: Option<News>,
}

impl Rejections {
    pub fn new(inbox: Arc<Inbox>, meter: &Meter) -> Self {
        // Prometheus' exporter adds `_total` to the names.
        let counter = meter.u64_counter("rejections").build();
        for reason in Reason::ALL {
            counter.add(0, &[KeyValue::new("reason", reason.label())]);
        }
        let near_misses = meter.u64_counter("signature_near_misses").build();
        for cause in NearMissCause::ALL {
            near_misses.add(0, &[KeyValue::new("cause", cause.label())]);
        }
        let kept = Kept {
            since: inbox.now(),
            number: 0,
            webhooks: VecDeque::new(),
            reads: VecDeque::new(),
            too_many: VecDeque::new(),
            counts: [0; Reason::ALL.len()],
            diagnoses: Trickle::new(DIAGNOSES, Duration::from_secs(1)),
            told_again: [0; Reason::ALL.len()],
            news: None,
        };
        Self {
            inbox,
            kept: Mutex::new(kept),
            feed: Feed::default(),
            counter,
            near_misses,
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics between two changes that belong together.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing is told to streams any more. There must be none left.
    pub async fn ended(&self) {
        self.feed.ended().await;
    }

    /// Keeps one, and looks for the mistake in it, if there is something to look at.
    pub fn add(self: &Arc<Self>, new: &NewRejection<'_>) {
        let reason = new.reason;
        self.counter
            .add(1, &[KeyValue::new("reason", reason.label())]);
        let refused = new.refused.cloned().unwrap_or_default();
        let skew_seconds = match refused.refusal {
            Some(Refusal::Stale { skew_seconds }) => Some(skew_seconds),
            _ => None,
        };
        let at = self.inbox.now();
        let (number, wakes) = {
            let mut kept = self.kept();
            kept.number += 1;
            if let Some(count) = kept.counts.get_mut(reason as usize) {
                *count += 1;
            }
            let looked_for = refused.evidence.is_some() && kept.diagnoses.take();
            let rejection = Rejection {
                number: kept.number,
                at,
                request_id: new.request_id.to_owned(),
                peer: new.peer,
                route: new.route.to_owned(),
                source: refused.source.clone(),
                status: new.status,
                reason,
                errors: new.errors.to_vec(),
                body: refused.body,
                skew_seconds,
                diagnosis: if looked_for {
                    Diagnosis::Pending
                } else {
                    Diagnosis::NotLookedFor
                },
            };
            let number = kept.number;
            let ring = kept.ring(reason);
            if ring.len() >= KEPT {
                ring.pop_front();
            }
            ring.push_back(rejection);
            let wakes = kept.news.as_mut().is_some_and(News::wakes);
            (looked_for.then_some(number), wakes)
        };
        if wakes {
            self.feed.wake();
        }
        if let (Some(number), Some(evidence), Some(source)) =
            (number, refused.evidence, refused.source)
        {
            let request_id = new.request_id.to_owned();
            let rejections = Arc::clone(self);
            let trace = trace::named();
            // It takes milliseconds, and nobody waits for it.
            tokio::task::spawn_blocking(move || {
                let _within = trace.attach();
                rejections.diagnose(number, &request_id, &source, &evidence);
            });
        }
    }

    fn diagnose(&self, number: u64, request_id: &str, source: &SourceName, evidence: &Evidence) {
        let found = self
            .inbox
            .diagnose(source, &Sent(&evidence.headers), &evidence.body);
        if let Some(near_miss) = &found {
            let cause = near_miss.cause.label();
            self.near_misses.add(1, &[KeyValue::new("cause", cause)]);
            tracing::warn!(
                request_id,
                source = source.as_str(),
                near_miss = cause,
                mend = %near_miss.mend,
                "a refused signature is a near miss"
            );
        }
        let mut kept = self.kept();
        // They are in the order of their numbers.
        let place = kept
            .webhooks
            .binary_search_by_key(&number, |one| one.number);
        let rejection = place.ok().and_then(|place| kept.webhooks.get_mut(place));
        let Some(rejection) = rejection else {
            return;
        };
        let is_news = found.is_some();
        rejection.diagnosis = Diagnosis::Done(found);
        let wakes = kept.news.as_mut().filter(|_| is_news).is_some_and(|news| {
            news.diagnosed(number);
            news.wakes()
        });
        drop(kept);
        if wakes {
            self.feed.wake();
        }
    }
}

impl Kept {
    fn ring(&mut self, reason: Reason) -> &mut VecDeque<Rejection> {
        if reason == Reason::RateLimited {
            &mut self.too_many
        } else if reason.is_of_a_read() {
            &mut self.reads
        } else {
            &mut self.webhooks
        }
    }
}

/// A request that was refused just now.
pub struct NewRejection<'a> {
    pub request_id: &'a str,
    pub peer: Option<IpAddr>,
    pub route: &'a str,
    pub status: u16,
    pub reason: Reason,
    pub errors: &'a [FieldError],
    pub refused: Option<&'a Refused>,
}

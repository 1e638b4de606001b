//! What this process remembers of the webhooks that it has acknowledged: how each delivery of a
//! message went, the newest of them.
//!
//! Every acknowledged webhook comes by here, so to note one costs a short lock and no search: places
//! are numbered, and each knows the one before it that may be of the same message. What is forgotten
//! need not be taken out of anywhere: its number is too small.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use countersign_core::{Appended, KeyLabel, SourceName, Timestamp};
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// How many deliveries are remembered, of all messages together.
const KEPT: usize = 10_000;

/// How many of a message's deliveries are shown.
const SHOWN: usize = 20;

/// How many chains of places there are; a power of two, and more than places.
const CHAINS: usize = 16 * 1024;

/// A webhook that was acknowledged.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub at: Timestamp,
    pub request_id: Box<str>,
    pub outcome: Appended,
    pub peer: Option<IpAddr>,
    pub scheme: &'static str,
    pub key: KeyLabel,
    /// How long it took to acknowledge it.
    pub took: Duration,
}

/// One time that a message came and was acknowledged.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Delivery")]
pub struct DeliveryBody {
    /// When it had come, in UTC.
    at: String,
    /// The `X-Request-Id` of its answer, under which the log has it.
    request_id: String,
    outcome: Outcome,
    /// The address that it came from.
    peer: Option<String>,
    /// How it was signed, by the name that the configuration has for it.
    scheme: String,
    /// The label of the key that vouched for it.
    key: Option<String>,
    /// How long it took to acknowledge it, in milliseconds.
    #[oai(validator(minimum(value = "0")))]
    acknowledged_in_ms: f64,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// The message was stored.
    Created,
    /// It was there already.
    Duplicate,
    /// Another message was there under its id, and was kept.
    Conflict,
}

impl From<Appended> for Outcome {
    fn from(appended: Appended) -> Self {
        match appended {
            Appended::Created => Self::Created,
            Appended::Duplicate => Self::Duplicate,
            Appended::Conflict => Self::Conflict,
        }
    }
}

impl From<Delivery> for DeliveryBody {
    fn from(delivery: Delivery) -> Self {
        Self {
            at: delivery.at.to_string(),
            request_id: delivery.request_id.into(),
            outcome: delivery.outcome.into(),
            peer: delivery.peer.map(|peer| peer.to_string()),
            scheme: delivery.scheme.to_owned(),
            key: Some(delivery.key.to_string()),
            // Whole microseconds.
            acknowledged_in_ms: (delivery.took.as_secs_f64() * 1e6).round() / 1e3,
        }
    }
}

/// The deliveries that are remembered.
pub struct Deliveries {
    /// Which message it is, is known by two digests of its key. With seeds that nobody knows, no two
    /// messages have the same.
    seeds: [RandomState; 2],
    places: Mutex<Places>,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            seeds: [RandomState::new(), RandomState::new()],
            places: Mutex::new(Places::new(KEPT)),
        }
    }
}

impl Deliveries {
    /// Notes one; the oldest is forgotten.
    pub fn add(&self, message_id: &str, source: &SourceName, delivery: Delivery) {
        let of = self.digests(message_id, source);
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = places.push(of, delivery);
        drop(places);
        // Not while others wait for the lock.
        drop(forgotten);
    }

    /// Those of a message, the newest first.
    pub fn of(&self, message_id: &str, source: &SourceName) -> Vec<DeliveryBody> {
        let of = self.digests(message_id, source);
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let found: Vec<Delivery> = places.of(of).take(SHOWN).cloned().collect();
        drop(places);
        found.into_iter().map(Into::into).collect()
    }

    fn digests(&self, message_id: &str, source: &SourceName) -> [u64; 2] {
        let digest = |seed: &RandomState| seed.hash_one((message_id, source.as_str()));
        let [first, second] = &self.seeds;
        [digest(first), digest(second)]
    }
}

/// Numbered places, of which so many are kept.
struct Places {
    most: usize,
    kept: VecDeque<Place>,
    /// The number of the first of them; 0 is nobody's.
    first: u64,
    /// The number of the last place of each chain.
    chains: Box<[u64]>,
}

struct Place {
    of: [u64; 2],
    /// The number of the one before in its chain.
    before: u64,
    delivery: Delivery,
}

impl Places {
    fn new(most: usize) -> Self {
        Self {
            most,
            kept: VecDeque::with_capacity(most),
            first: 1,
            chains: vec![0; CHAINS].into(),
        }
    }

    /// The one that is forgotten for it.
    fn push(&mut self, of: [u64; 2], delivery: Delivery) -> Option<Place> {
        let forgotten = if self.kept.len() >= self.most {
            self.first += 1;
            self.kept.pop_front()
        } else {
            None
        };
        let number = self.first + self.kept.len() as u64;
        let before = self
            .chains
            .get_mut(chain(of))
            .map_or(0, |last| std::mem::replace(last, number));
        self.kept.push_back(Place {
            of,
            before,
            delivery,
        });
        forgotten
    }

    /// Those of one message, the newest first.
    fn of(&self, of: [u64; 2]) -> impl Iterator<Item = &Delivery> {
        let last = self.chains.get(chain(of)).copied().unwrap_or_default();
        let place = |number: u64| {
            let place = number.checked_sub(self.first)?;
            self.kept.get(usize::try_from(place).ok()?)
        };
        std::iter::successors(place(last), move |at| place(at.before))
            .filter(move |place| place.of == of)
            .map(|place| &place.delivery)
    }
}

fn chain(of: [u64; 2]) -> usize {
    usize::try_from(of[0] % CHAINS as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn delivery(request_id: &str) -> Delivery {
        Delivery {
            at: Timestamp::parse_rfc3339("2025-06-01T12:00:00Z").unwrap(),
            request_id: request_id.into(),
            outcome: Appended::Created,
            peer: None,
            scheme: "generic",
            key: KeyLabel::try_from("current").unwrap(),
            took: Duration::from_nanos(1_234_567),
        }
    }

    fn ids(deliveries: &Deliveries, message_id: &str, source: &SourceName) -> Vec<String> {
        let found = deliveries.of(message_id, source).into_iter();
        found.map(|delivery| delivery.request_id).collect()
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let (deliveries, source) = (Deliveries::default(), SourceName::default());
        for number in 0..=KEPT {
            let message = format!("m{}", number / 2);
            deliveries.add(&message, &source, delivery(&format!("r{number}")));
        }
        assert_eq!(ids(&deliveries, "m0", &source), ["r1"]);
        assert_eq!(ids(&deliveries, "m1", &source), ["r3", "r2"]);
        for _ in 0..3 {
            deliveries.add("m5000", &source, delivery("more"));
        }
        assert_eq!(ids(&deliveries, "m1", &source), Vec::<String>::new());
        let last = format!("r{KEPT}");
        assert_eq!(
            ids(&deliveries, "m5000", &source),
            ["more", "more", "more", last.as_str()]
        );
        let places = deliveries.places.lock().unwrap();
        assert_eq!(places.kept.len(), KEPT);
        assert_eq!(places.kept.capacity(), KEPT);
    }

    #[test]
    fn messages_are_told_apart_also_in_one_chain() {
        let mut places = Places::new(4);
        let (one, other) = ([1, 1], [1 + CHAINS as u64, 1]);
        assert_eq!(chain(one), chain(other));
        for (number, of) in [one, other, one, [1, 2], one, other]
            .into_iter()
            .enumerate()
        {
            places.push(of, delivery(&number.to_string()));
        }
        let ids = |of| -> Vec<&str> { places.of(of).map(|one| &*one.request_id).collect() };
        assert_eq!(ids(one), ["4", "2"]);
        assert_eq!(ids(other), ["5"]);
        assert_eq!(ids([1, 2]), ["3"]);
        assert_eq!(ids([2, 2]), Vec::<&str>::new());
    }

    #[test]
    fn so_many_are_shown_and_no_more() {
        let (deliveries, source) = (Deliveries::default(), SourceName::default());
        let other = SourceName::try_from("partner").unwrap();
        for number in 0..=SHOWN {
            deliveries.add("m", &source, delivery(&number.to_string()));
        }
        deliveries.add("m", &other, delivery("other"));
        let shown = ids(&deliveries, "m", &source);
        assert_eq!((shown.len(), shown[0].as_str()), (SHOWN, "20"));
        assert_eq!(ids(&deliveries, "m", &other), ["other"]);
        let body = deliveries.of("m", &other).remove(0);
        assert_eq!(
            serde_json::to_value(body.acknowledged_in_ms).unwrap(),
            1.235
        );
    }

    #[test]
    fn many_at_once_are_all_there() {
        let (deliveries, source) = (Deliveries::default(), SourceName::default());
        thread::scope(|scope| {
            for writer in 0..4 {
                let (deliveries, source) = (&deliveries, &source);
                scope.spawn(move || {
                    for number in 0..KEPT / 4 {
                        let message = format!("m{number}");
                        deliveries.add(&message, source, delivery(&writer.to_string()));
                    }
                });
            }
        });
        for number in 0..KEPT / 4 {
            let mut writers = ids(&deliveries, &format!("m{number}"), &source);
            writers.sort();
            assert_eq!(writers, ["0", "1", "2", "3"]);
        }
    }
}

//! Refused requests as streams send them: rendered once, whoever listens.

use std::ops::Range;

use bytes::Bytes;
use countersign_core::SourceName;

use super::{Reason, Rejection, api::RejectionBody};
use crate::live::Hub;

/// How many events there were since the start, by reason.
pub type Tally = [u64; Reason::ALL.len()];

/// Which refused requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub reason: Option<Reason>,
    pub source: Option<SourceName>,
}

impl Wanted {
    pub fn admits(&self, reason: Reason, source: Option<&SourceName>) -> bool {
        self.reason.is_none_or(|wanted| wanted == reason)
            && self.source.as_ref().is_none_or(|of| source == Some(of))
    }
}

/// What is told at once.
pub struct Batch {
    /// The last that was refused.
    pub up_to: u64,
    pub tally: Tally,
    /// In the order in which they were refused.
    pub fresh: Vec<Rejection>,
    /// Refused before, and found out about since.
    pub again: Vec<Rejection>,
}

/// Refused requests as streams send them.
pub struct Chunk {
    /// The last that was refused.
    pub up_to: u64,
    /// What there was until then.
    pub tally: Tally,
    bytes: Bytes,
    events: Vec<Event>,
}

struct Event {
    number: u64,
    /// It was told before, without its mistake.
    again: bool,
    reason: Reason,
    source: Option<SourceName>,
    /// Where it is in the chunk's bytes.
    range: Range<usize>,
}

/// What a chunk has for a stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Selected {
    /// How many it does not have. Of those that were gone already nobody knows the source, so they
    /// count for whoever asks for their reason.
    pub missed: u64,
    pub bytes: Bytes,
}

impl From<Batch> for Chunk {
    fn from(batch: Batch) -> Self {
        let mut bytes = Vec::new();
        let mut events = Vec::with_capacity(batch.fresh.len() + batch.again.len());
        let fresh = batch.fresh.into_iter().map(|one| (one, false));
        for (rejection, again) in fresh.chain(batch.again.into_iter().map(|one| (one, true))) {
            let begin = bytes.len();
            let event = Event {
                number: rejection.number,
                again,
                reason: rejection.reason,
                source: rejection.source.clone(),
                range: begin..begin,
            };
            bytes.extend_from_slice(b"event: rejection\ndata: ");
            // There is nothing in it that JSON cannot say.
            if serde_json::to_writer(&mut bytes, &RejectionBody::from(rejection)).is_err() {
                bytes.truncate(begin);
                continue;
            }
            bytes.extend_from_slice(b"\n\n");
            events.push(Event {
                range: begin..bytes.len(),
                ..event
            });
        }
        Self {
            up_to: batch.up_to,
            tally: batch.tally,
            bytes: bytes.into(),
            events,
        }
    }
}

impl Chunk {
    /// The same, where there is room for it; otherwise only how much there was.
    pub fn held(self, hub: &Hub) -> Self {
        match hub.common.hold(self.bytes.clone()) {
            Some(bytes) => Self { bytes, ..self },
            None => Self {
                bytes: Bytes::new(),
                events: Vec::new(),
                ..self
            },
        }
    }

    /// What of it is for a stream that has come to `at` and knows of so much: as many of the newest
    /// as go into `most` bytes, and one in any case. Without a filter nothing is copied, and they are
    /// all.
    pub fn select(&self, wanted: &Wanted, at: u64, known: &Tally, most: usize) -> Selected {
        let due: u64 = Reason::ALL
            .into_iter()
            .zip(self.tally.iter().zip(known))
            .filter(|(reason, _)| wanted.reason.is_none_or(|wanted| wanted == *reason))
            .map(|(_, (now, known))| now.saturating_sub(*known))
            .sum();
        let new = |event: &&Event| event.again || event.number > at;
        let of_reason = |event: &&Event| wanted.reason.is_none_or(|of| of == event.reason);
        let there = self.events.iter().filter(new).filter(of_reason);
        let gone = due.saturating_sub(there.clone().count() as u64);
        let matching: Vec<&Event> = there
            .filter(|event| wanted.admits(event.reason, event.source.as_ref()))
            .collect();
        let Some(first) = matching.first() else {
            return Selected {
                missed: gone,
                bytes: Bytes::new(),
            };
        };
        if *wanted == Wanted::default() {
            // Only from the beginning some may be missing.
            return Selected {
                missed: gone,
                bytes: self.bytes.slice(first.range.start..),
            };
        }
        let mut length = 0;
        let fit = matching.iter().rev().take_while(|event| {
            length += event.range.len();
            length <= most
        });
        let too_many = matching.len() - fit.count().max(1);
        let parts = matching.iter().skip(too_many);
        let parts: Vec<&[u8]> = parts.map(|one| &self.bytes[one.range.clone()]).collect();
        Selected {
            missed: gone + too_many as u64,
            bytes: parts.concat().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_core::Timestamp;

    use super::{super::Diagnosis, *};

    const NONE: Tally = [0; Reason::ALL.len()];

    fn rejection(number: u64, reason: Reason, source: &str) -> Rejection {
        Rejection {
            number,
            at: Timestamp::parse_rfc3339("2025-06-01T12:00:00Z").unwrap(),
            request_id: format!("r{number}"),
            peer: None,
            route: "/webhook".to_owned(),
            source: SourceName::try_from(source).ok(),
            status: 401,
            reason,
            errors: vec![],
            body: None,
            skew_seconds: None,
            diagnosis: Diagnosis::NotLookedFor,
        }
    }

    fn tally(missing: u64, stale: u64) -> Tally {
        let mut tally = NONE;
        tally[Reason::MissingSignature as usize] = missing;
        tally[Reason::StaleTimestamp as usize] = stale;
        tally
    }

    /// Of ten that were refused, the last four, and one of those before that was found out about.
    fn chunk() -> Chunk {
        let (missing, stale) = (Reason::MissingSignature, Reason::StaleTimestamp);
        Chunk::from(Batch {
            up_to: 10,
            tally: tally(6, 5),
            fresh: vec![
                rejection(7, missing, "default"),
                rejection(8, stale, "default"),
                rejection(9, missing, "partner"),
                rejection(10, missing, "default"),
            ],
            again: vec![rejection(2, missing, "partner")],
        })
    }

    fn ids(selected: &Selected) -> Vec<String> {
        let text = std::str::from_utf8(&selected.bytes).unwrap();
        let events = text.split_terminator("\n\n");
        let data = events.map(|event| event.strip_prefix("event: rejection\ndata: ").unwrap());
        data.map(|data| {
            let rejection: serde_json::Value = serde_json::from_str(data).unwrap();
            rejection["request_id"].as_str().unwrap().to_owned()
        })
        .collect()
    }

    #[test]
    fn what_a_chunk_does_not_have_is_counted() {
        let chunk = chunk();
        let reason = |reason| Wanted {
            reason: Some(reason),
            source: None,
        };
        let source = |source: &str| Wanted {
            reason: None,
            source: SourceName::try_from(source).ok(),
        };
        let (missing, stale) = (Reason::MissingSignature, Reason::StaleTimestamp);
        for (wanted, at, known, expected, missed) in [
            (
                Wanted::default(),
                0,
                NONE,
                &["r7", "r8", "r9", "r10", "r2"][..],
                6,
            ),
            (
                Wanted::default(),
                6,
                tally(2, 4),
                &["r7", "r8", "r9", "r10", "r2"],
                0,
            ),
            // It began between the two.
            (Wanted::default(), 8, tally(3, 5), &["r9", "r10", "r2"], 0),
            (reason(missing), 0, NONE, &["r7", "r9", "r10", "r2"], 2),
            (reason(stale), 0, NONE, &["r8"], 4),
            (reason(stale), 8, tally(3, 5), &[], 0),
            (reason(Reason::Conflict), 0, NONE, &[], 0),
            // Whose the others were, nobody knows any more.
            (source("partner"), 6, tally(2, 4), &["r9", "r2"], 0),
            (source("partner"), 0, NONE, &["r9", "r2"], 6),
            (source("nobody"), 6, tally(2, 4), &[], 0),
        ] {
            let selected = chunk.select(&wanted, at, &known, usize::MAX);
            assert_eq!(ids(&selected), expected, "{wanted:?} {at}");
            assert_eq!(selected.missed, missed, "{wanted:?} {at}");
        }
    }

    #[test]
    fn where_there_is_little_room_the_newest_are_sent() {
        let chunk = chunk();
        let wanted = Wanted {
            reason: Some(Reason::MissingSignature),
            source: None,
        };
        let one = chunk.events.first().unwrap().range.len();
        for (most, expected, missed) in [
            (4 * one + 20, &["r7", "r9", "r10", "r2"][..], 0),
            (2 * one + 20, &["r10", "r2"], 2),
            (0, &["r2"], 3),
        ] {
            let selected = chunk.select(&wanted, 6, &tally(2, 4), most);
            assert_eq!(ids(&selected), expected, "{most}");
            assert_eq!(selected.missed, missed, "{most}");
        }
    }
}

//! Messages as streams send them: rendered once, whoever listens.

use std::{io::Write as _, ops::Range, sync::OnceLock};

use bytes::Bytes;
use countersign_core::{Arrival, Arrivals, Message, MessageFilter, Sequence};

use super::room::Memory;
use crate::messages::MessageBody;

/// About how many bytes a chunk has at the most, so that a ring of them is bounded in bytes, too.
pub const FULL: usize = 256 * 1024;

/// Messages that arrived one after another, as server-sent events.
pub struct Chunk {
    /// Every message behind this place,
    pub after: Sequence,
    /// up to this one, is in it.
    pub up_to: Sequence,
    bytes: Bytes,
    events: Vec<Event>,
    /// The events by sender, and by receiver; made where a stream asks for one of them.
    by_sender: OnceLock<Vec<usize>>,
    by_receiver: OnceLock<Vec<usize>>,
}

struct Event {
    sequence: Sequence,
    message: Message,
    /// Where it is in the chunk's bytes.
    range: Range<usize>,
}

/// What a chunk has for a stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Selected {
    pub bytes: Bytes,
    /// The sequence of the last event.
    pub last: Sequence,
    /// Whether these are all that match.
    pub all: bool,
}

impl Chunk {
    /// The page, which was read behind `after`, as chunks that join without a gap.
    pub fn cut(after: Sequence, page: Arrivals) -> Vec<Self> {
        let mut chunks = Vec::new();
        let mut begun = Begun::behind(after);
        for arrival in page.items {
            if begun.bytes.len() >= FULL {
                let full = begun.end_at_last();
                begun = Begun::behind(full.up_to);
                chunks.push(full);
            }
            begun.push(arrival);
        }
        if page.up_to > begun.after {
            chunks.push(begun.end(page.up_to));
        }
        chunks
    }

    /// As much of the page as goes into so many bytes, and the first message in any case; if there
    /// is anything in it or it got any further. The rest is dropped: it can be read again.
    pub fn first(after: Sequence, page: Arrivals, most: usize) -> Option<Self> {
        let mut begun = Begun::behind(after);
        for arrival in page.items {
            begun.push(arrival);
            if begun.bytes.len() > most && begun.events.len() > 1 {
                begun.take_back();
                return Some(begun.end_at_last());
            }
        }
        (page.up_to > after).then(|| begun.end(page.up_to))
    }

    /// How many messages are in it.
    pub const fn len(&self) -> usize {
        self.events.len()
    }

    /// The same, where there is room for it; otherwise only its place, so that streams read from the
    /// store what is in it.
    pub fn held(self, memory: &Memory) -> Self {
        match memory.hold(self.bytes.clone()) {
            Some(bytes) => Self { bytes, ..self },
            None => Self::mark(self.up_to),
        }
    }

    /// Nothing, but for the place: what comes next is behind it.
    pub fn mark(at: Sequence) -> Self {
        Begun::behind(at).end(at)
    }

    /// The first events behind `at` that match: as many as go into so many bytes, and one in any
    /// case. Without a filter nothing is copied, and they are all.
    pub fn select(&self, filter: &MessageFilter, at: Sequence, most: usize) -> Option<Selected> {
        let first = self.events.partition_point(|event| event.sequence <= at);
        if *filter == MessageFilter::default() {
            let (begin, last) = (self.events.get(first)?, self.events.last()?);
            return Some(Selected {
                bytes: self.bytes.slice(begin.range.start..),
                last: last.sequence,
                all: true,
            });
        }
        let mut matching: Vec<&Event> = match self.of_party(filter) {
            Some(party) => self.matching(filter, party.iter().copied().filter(|n| *n >= first)),
            None => self.matching(filter, first..self.events.len()),
        };
        let mut length = 0;
        let fit = matching.iter().take_while(|event| {
            length += event.range.len();
            length <= most
        });
        let fit = fit.count().max(1);
        let all = fit >= matching.len();
        matching.truncate(fit);
        let last = matching.last()?.sequence;
        let bytes = match matching.as_slice() {
            [only] => self.bytes.slice(only.range.clone()),
            several => {
                let parts = several.iter().map(|event| &self.bytes[event.range.clone()]);
                parts.collect::<Vec<_>>().concat().into()
            }
        };
        Some(Selected { bytes, last, all })
    }

    fn matching(&self, filter: &MessageFilter, events: impl Iterator<Item = usize>) -> Vec<&Event> {
        events
            .filter_map(|n| self.events.get(n))
            .filter(|event| filter.admits(&event.message))
            .collect()
    }

    /// The events of the sender, or the receiver, that the filter names, in their order.
    fn of_party(&self, filter: &MessageFilter) -> Option<&[usize]> {
        let sender = |n: &usize| self.events[*n].message.content.from.as_str();
        let receiver = |n: &usize| self.events[*n].message.content.to.as_str();
        if let Some(from) = &filter.from {
            let sorted = self.by_sender.get_or_init(|| self.sorted_by(sender));
            Some(equal(sorted, from, sender))
        } else if let Some(to) = &filter.to {
            let sorted = self.by_receiver.get_or_init(|| self.sorted_by(receiver));
            Some(equal(sorted, to, receiver))
        } else {
            None
        }
    }

    fn sorted_by<'a>(&self, party: impl Fn(&usize) -> &'a str) -> Vec<usize> {
        let mut sorted: Vec<usize> = (0..self.events.len()).collect();
        // Stable: those of one party stay in their order.
        sorted.sort_by(|a, b| party(a).cmp(party(b)));
        sorted
    }
}

/// The part of `sorted` whose party is `wanted`.
fn equal<'a, 'b>(
    sorted: &'b [usize],
    wanted: &str,
    party: impl Fn(&usize) -> &'a str,
) -> &'b [usize] {
    let begin = sorted.partition_point(|n| party(n) < wanted);
    let end = sorted.partition_point(|n| party(n) <= wanted);
    &sorted[begin..end]
}

/// A chunk that is being made.
struct Begun {
    after: Sequence,
    bytes: Vec<u8>,
    events: Vec<Event>,
}

impl Begun {
    const fn behind(after: Sequence) -> Self {
        Self {
            after,
            bytes: Vec::new(),
            events: Vec::new(),
        }
    }

    fn push(&mut self, arrival: Arrival) {
        let Arrival { sequence, message } = arrival;
        let start = self.bytes.len();
        // Writing into memory does not fail. JSON has no line break of its own, so it is one line.
        let _ = write!(self.bytes, "id: {}\nevent: message\ndata: ", sequence.get());
        let _ = serde_json::to_writer(&mut self.bytes, &MessageBody::from(&message));
        self.bytes.extend_from_slice(b"\n\n");
        self.events.push(Event {
            sequence,
            message,
            range: start..self.bytes.len(),
        });
    }

    fn take_back(&mut self) {
        if let Some(last) = self.events.pop() {
            self.bytes.truncate(last.range.start);
        }
    }

    fn end_at_last(self) -> Chunk {
        let last = self.events.last().map_or(self.after, |last| last.sequence);
        self.end(last)
    }

    fn end(mut self, up_to: Sequence) -> Chunk {
        // It may wait for long.
        self.bytes.shrink_to_fit();
        Chunk {
            after: self.after,
            up_to,
            bytes: self.bytes.into(),
            events: self.events,
            by_sender: OnceLock::new(),
            by_receiver: OnceLock::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_core::{
        MessageId, Msisdn, NewMessage, SearchTerm, SourceName, Text, Timestamp,
    };

    use super::*;

    fn number(text: &str) -> Msisdn {
        Msisdn::try_from(text.to_owned()).unwrap()
    }

    fn sequence(number: i64) -> Sequence {
        Sequence::try_from(number).unwrap()
    }

    /// The even ones are from +12 to +13, the odd ones the other way.
    fn page(sequences: Range<i64>, text: &str) -> Arrivals {
        let up_to = sequence(sequences.end + 5);
        let arrival = |n: i64| {
            let (from, to) = if n % 2 == 0 {
                (number("+12"), number("+13"))
            } else {
                (number("+13"), number("+12"))
            };
            let content = NewMessage {
                source: SourceName::default(),
                id: MessageId::try_from(format!("m{n}")).unwrap(),
                from,
                to,
                ts: Timestamp::MIN,
                text: Some(Text::try_from(text.to_owned()).unwrap()),
            };
            Arrival {
                sequence: sequence(n),
                message: content.received_at(Timestamp::MIN),
            }
        };
        Arrivals {
            items: sequences.map(arrival).collect(),
            up_to,
            more: false,
        }
    }

    fn ids(chunk: &Chunk, filter: &MessageFilter, at: i64) -> Vec<i64> {
        let Some(Selected { bytes, last, all }) = chunk.select(filter, sequence(at), FULL) else {
            return vec![];
        };
        assert!(all);
        let text = str::from_utf8(&bytes).unwrap();
        assert!(text.ends_with("\n\n"), "{text}");
        let ids = text.lines().filter_map(|line| line.strip_prefix("id: "));
        let ids: Vec<i64> = ids.map(|id| id.parse().unwrap()).collect();
        assert_eq!(ids.last(), Some(&last.get()));
        ids
    }

    #[test]
    fn a_stream_gets_what_matches_and_is_new_to_it() {
        let [chunk] = &Chunk::cut(sequence(2), page(4..10, "Hello"))[..] else {
            panic!("one chunk");
        };
        assert_eq!((chunk.after, chunk.up_to), (sequence(2), sequence(15)));
        let party = |from: Option<&str>, to: Option<&str>| MessageFilter {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            ..MessageFilter::default()
        };
        let text = |text: &str| MessageFilter {
            text: SearchTerm::try_from(text).ok(),
            ..MessageFilter::default()
        };
        for (filter, at, expected) in [
            (party(None, None), 2, vec![4, 5, 6, 7, 8, 9]),
            (party(None, None), 7, vec![8, 9]),
            (party(None, None), 9, vec![]),
            (party(Some("+12"), None), 2, vec![4, 6, 8]),
            (party(Some("+13"), None), 5, vec![7, 9]),
            (party(Some("+14"), None), 2, vec![]),
            (party(None, Some("+12")), 2, vec![5, 7, 9]),
            (party(Some("+12"), Some("+13")), 4, vec![6, 8]),
            (party(Some("+12"), Some("+12")), 2, vec![]),
            (text("HELL"), 6, vec![7, 8, 9]),
            (text("other"), 2, vec![]),
        ] {
            assert_eq!(ids(chunk, &filter, at), expected, "{filter:?} behind {at}");
        }
    }

    #[test]
    fn large_pages_are_cut_and_join_without_a_gap() {
        let all = MessageFilter::default();
        let chunks = Chunk::cut(Sequence::START, page(1..400, &"x".repeat(4096)));
        assert!((7..=8).contains(&chunks.len()), "{}", chunks.len());
        let mut at = Sequence::START;
        let mut seen = Vec::new();
        for chunk in &chunks {
            assert_eq!(chunk.after, at);
            seen.extend(ids(chunk, &all, 0));
            at = chunk.up_to;
        }
        assert_eq!((seen, at), ((1..400).collect(), sequence(405)));
        assert_eq!(Chunk::cut(sequence(405), page(400..400, "")).len(), 0);
        assert_eq!(Chunk::cut(sequence(404), page(400..400, "")).len(), 1);
    }

    #[test]
    fn what_is_too_much_at_once_is_cut_at_a_message() {
        let text = "x".repeat(1000);
        let all = MessageFilter::default();
        let some = MessageFilter {
            from: Some("+12".to_owned()),
            ..MessageFilter::default()
        };
        let first = |most| Chunk::first(sequence(2), page(4..40, &text), most).unwrap();
        for (most, count) in [(0, 1), (2000, 1), (5000, 4), (FULL, 36)] {
            let chunk = first(most);
            assert!(
                chunk.len() <= 36 && chunk.len().abs_diff(count) <= 1,
                "{most}"
            );
            assert!(chunk.bytes.len() <= most.max(1500), "{most}");
            let end = if count == 36 { 45 } else { 3 + chunk.len() };
            assert_eq!(chunk.up_to.get(), i64::try_from(end).unwrap());
        }
        let whole = first(FULL);
        let mut at = sequence(4);
        let mut seen = Vec::new();
        loop {
            let selected = whole.select(&some, at, 5000).unwrap();
            assert!(selected.bytes.len() <= 5000);
            let text = str::from_utf8(&selected.bytes).unwrap();
            let ids = text.lines().filter_map(|line| line.strip_prefix("id: "));
            seen.extend(ids.map(|id| id.parse::<i64>().unwrap()));
            at = selected.last;
            if selected.all {
                break;
            }
        }
        assert_eq!(seen, (6..40).step_by(2).collect::<Vec<_>>());
        let marked = first(FULL).held(&Memory::new(10));
        assert_eq!((marked.len(), marked.after), (0, sequence(45)));
        assert!(marked.select(&all, sequence(2), FULL).is_none());
    }
}

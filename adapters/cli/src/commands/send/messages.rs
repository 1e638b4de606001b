//! The requests that are sent: made and signed in chunks, as they go over the wire.

use std::{collections::VecDeque, fmt::Write as _, ops::Range};

use countersign_core::Clock as _;
use countersign_hmac::Signer;
use countersign_load::Texts;
use uuid::Uuid;

use super::{IdOrder, SendArgs, target::Target};
use crate::clock::SystemClock;

/// How many messages lie between one and its repeat, so that the two rarely meet in the server.
const APART: usize = 256;

/// How many messages a chunk has at the most.
const CHUNK: u64 = 1_000;

/// Makes all messages, in order.
pub struct Maker {
    signer: Signer,
    order: IdOrder,
    /// As JSON writes it; without it, every message has another one.
    text: Option<String>,
    texts: Texts,
    senders: u64,
    /// Of a hundred.
    duplicates: u64,
    /// A request up to the headers of its signature.
    head: String,
    next: u64,
    count: u64,
    chunk: u64,
    /// The last messages, if there are repeats.
    recent: VecDeque<(Vec<u8>, Range<usize>)>,
    body: String,
}

/// Some requests, one behind the other.
pub struct Chunk {
    bytes: Vec<u8>,
    /// The number of its first message.
    first: u64,
    requests: Vec<Place>,
}

/// Where in the chunk's bytes a request and its message's id are.
struct Place {
    request: Range<usize>,
    id: Range<usize>,
}

impl Maker {
    pub fn new(signer: Signer, target: &Target, args: &SendArgs) -> Self {
        Self {
            signer,
            order: args.ids,
            // As JSON, with its quotes.
            text: args
                .text
                .as_ref()
                .map(|text| serde_json::Value::from(text.as_str()).to_string()),
            texts: Texts::new(seed()),
            senders: u64::from(args.senders),
            duplicates: u64::from(args.duplicates),
            head: format!(
                "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n",
                target.path, target.authority
            ),
            next: 0,
            count: args.messages(),
            // With a rate, a twentieth of a second, so that `ts` stays near the time of sending.
            chunk: args
                .rate
                .map_or(CHUNK, |rate| (u64::from(rate) / 20).clamp(1, CHUNK)),
            recent: VecDeque::new(),
            body: String::new(),
        }
    }

    /// The next messages, until all are made.
    pub fn chunk(&mut self) -> Option<Chunk> {
        let end = self.count.min(self.next.saturating_add(self.chunk));
        if self.next == end {
            return None;
        }
        let mut chunk = Chunk {
            bytes: Vec::new(),
            first: self.next,
            requests: Vec::new(),
        };
        for number in self.next..end {
            // Spread evenly over the hundred: 37 has no divisor in common with it.
            let repeat = number.wrapping_mul(37) % 100 < self.duplicates;
            match self.recent.front().filter(|_| repeat) {
                Some((request, id)) => chunk.add(request, id.clone()),
                None => self.make(number, &mut chunk),
            }
        }
        self.next = end;
        Some(chunk)
    }

    fn make(&mut self, number: u64, chunk: &mut Chunk) {
        let id = match self.order {
            IdOrder::Ordered => Uuid::now_v7(),
            IdOrder::Random => Uuid::new_v4(),
        };
        let body = &mut self.body;
        body.clear();
        // Written here, not by serde_json: nothing but the text could need an escape.
        body.push_str(r#"{"message_id":""#);
        let id_at = body.len();
        let mut id_text = Uuid::encode_buffer();
        body.push_str(id.hyphenated().encode_lower(&mut id_text));
        let id_at = id_at..body.len();
        // A range of numbers that is reserved for fiction.
        let from = number.wrapping_mul(7919) % self.senders;
        let ts = SystemClock.now();
        // A String takes everything.
        let _ = write!(
            body,
            r#"","from":"+1555{from:07}","to":"+15550100000","ts":"{ts}","text":"#
        );
        if let Some(text) = &self.text {
            body.push_str(text);
        } else {
            body.push('"');
            self.texts.push(number, body);
            body.push('"');
        }
        body.push('}');
        let mut request = self.head.clone();
        let id: &str = id.hyphenated().encode_lower(&mut id_text);
        for (name, value) in self.signer.headers(id, ts, body.as_bytes()) {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        let _ = write!(request, "Content-Length: {}\r\n\r\n{body}", body.len());
        let behind_head = request.len() - body.len();
        let id = behind_head + id_at.start..behind_head + id_at.end;
        chunk.add(request.as_bytes(), id.clone());
        if self.duplicates > 0 {
            if self.recent.len() == APART {
                self.recent.pop_front();
            }
            self.recent.push_back((request.into_bytes(), id));
        }
    }
}

/// Another one in each run, so that no reference in a text comes twice.
fn seed() -> u64 {
    Uuid::new_v4().as_u64_pair().0
}

impl Chunk {
    fn add(&mut self, request: &[u8], id: Range<usize>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(request);
        self.requests.push(Place {
            request: start..self.bytes.len(),
            id: start + id.start..start + id.end,
        });
    }

    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// The number of the message at `index`, counted over all chunks.
    pub fn number(&self, index: usize) -> u64 {
        self.first + index as u64
    }

    /// The whole request, with head and body.
    pub fn request(&self, index: usize) -> &[u8] {
        &self.bytes[self.requests[index].request.clone()]
    }

    /// Its message's id.
    pub fn id(&self, index: usize) -> &[u8] {
        &self.bytes[self.requests[index].id.clone()]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use clap::Parser as _;
    use countersign_core::{MessageId, Msisdn, Text, Timestamp};
    use countersign_hmac::{HexHmacSha256, Scheme};

    use super::*;
    use crate::args::{Args, Command};

    fn maker(arguments: &[&str]) -> Maker {
        let all = ["countersign", "send"].iter().chain(arguments);
        let Some(Command::Send(args)) = Args::parse_from(all).command else {
            panic!("it is send");
        };
        let target = Target {
            authority: "host:1".to_owned(),
            path: "/webhook".to_owned(),
        };
        let signer = Signer::new(Scheme::Generic, "secret").expect("a secret");
        Maker::new(signer, &target, &args)
    }

    fn made(arguments: &[&str]) -> Vec<(String, String)> {
        let mut maker = maker(arguments);
        let chunks = std::iter::from_fn(|| maker.chunk());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        chunks
            .flat_map(|chunk| {
                (0..chunk.len())
                    .map(|index| (text(chunk.request(index)), text(chunk.id(index))))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn requests_are_whole_signed_and_valid() {
        let scheme = HexHmacSha256::new("secret").expect("a secret");
        for arguments in [
            &["--text", "a \"quoted\"\n\\ text"][..],
            &["--senders", "9"],
        ] {
            let all = made(&[arguments, &["--count", "1500"]].concat());
            assert_eq!(all.len(), 1500);
            for (request, id) in all {
                let (head, body) = request.split_once("\r\n\r\n").expect("a body");
                assert!(head.starts_with("POST /webhook HTTP/1.1\r\nHost: host:1\r\n"));
                assert!(head.contains(&format!(
                    "x-signature: {}\r\n",
                    scheme.sign(body.as_bytes())
                )));
                assert!(head.ends_with(&format!("\r\nContent-Length: {}", body.len())));
                let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
                let member = |name: &str| body[name].as_str().expect("a text");
                assert_eq!(member("message_id"), id);
                MessageId::check(member("message_id")).expect("an id");
                Msisdn::check(member("from")).expect("a number");
                Msisdn::check(member("to")).expect("a number");
                Timestamp::parse_rfc3339(member("ts")).expect("an instant");
                Text::check(member("text")).expect("a text");
                if arguments[0] == "--text" {
                    assert_eq!(member("text"), arguments[1]);
                }
            }
        }
    }

    #[test]
    fn ids_are_in_order_or_not() {
        let ids = |order| {
            let all = made(&["--count", "3000", "--ids", order]);
            all.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        assert!(ids("ordered").is_sorted());
        assert!(!ids("random").is_sorted());
    }

    #[test]
    fn repeats_are_equal_and_as_many_as_asked_for() {
        let all = made(&["--count", "2000", "--duplicates", "20"]);
        let different: HashSet<_> = all.iter().collect();
        // All but the first, which have nothing to repeat.
        assert!(
            (1600..1610).contains(&different.len()),
            "{}",
            different.len()
        );
        let ids: HashSet<_> = all.iter().map(|(_, id)| id).collect();
        assert_eq!(ids.len(), different.len());
    }

    #[test]
    fn with_a_rate_little_is_made_ahead() {
        let sizes = |rate| {
            maker(&["--count", "5000", "--rate", rate])
                .chunk()
                .map(|chunk| chunk.len())
        };
        assert_eq!(sizes("1"), Some(1));
        assert_eq!(sizes("1000"), Some(50));
        assert_eq!(sizes("1000000"), Some(1000));
    }
}

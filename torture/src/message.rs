//! Messages to send: each different, and known well enough to be recognised in the database.

use std::ops::RangeInclusive;

use countersign_core::Timestamp;
use countersign_hmac::HexHmacSha256;
use serde_json::{Value, json};

/// The secret that the server under torture shares with this program.
pub const SECRET: &str = "torture-7c1d0e5b9a";

/// The instant of the first message; each further one is a millisecond later.
const EPOCH_MICROS: i64 = 1_750_000_000_000_000;

/// How many senders there are.
pub const SENDERS: u64 = 23;

/// What a message says, in the form in which it can be compared with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub from: String,
    pub to: String,
    /// Microseconds since 1970.
    pub ts: i64,
    pub text: Option<String>,
}

impl Content {
    /// Reads it from an answer of the API.
    pub fn from_api(message: &Value) -> Option<(String, Self)> {
        let text = |name: &str| message[name].as_str().map(str::to_owned);
        let ts = Timestamp::parse_rfc3339(message["ts"].as_str()?).ok()?;
        let content = Self {
            from: text("from_msisdn")?,
            to: text("to_msisdn")?,
            ts: ts.micros(),
            text: text("text"),
        };
        Some((text("message_id")?, content))
    }
}

/// A message, ready to be sent.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: String,
    pub content: Content,
    pub body: String,
    pub signature: String,
}

/// Makes messages.
pub struct Mint {
    scheme: HexHmacSha256,
    prefix: String,
    random: fastrand::Rng,
    texts: RangeInclusive<usize>,
    next: u32,
}

impl Mint {
    /// Messages whose ids begin with `prefix`, with texts of so many characters.
    pub fn new(prefix: &str, seed: u64, texts: RangeInclusive<usize>) -> anyhow::Result<Self> {
        Ok(Self {
            scheme: HexHmacSha256::new(SECRET).map_err(anyhow::Error::new)?,
            prefix: prefix.to_owned(),
            random: fastrand::Rng::with_seed(seed),
            texts,
            next: 0,
        })
    }

    /// The next message.
    pub fn make(&mut self) -> Message {
        let number = self.next;
        self.next += 1;
        let id = format!("{}-{number}", self.prefix);
        let content = Content {
            from: format!("+1555{:07}", self.random.u64(..SENDERS)),
            to: "+15550100000".to_owned(),
            ts: EPOCH_MICROS + i64::from(number) * 1000,
            text: self.text(),
        };
        self.again(&id, content)
    }

    /// A message that was made before.
    pub fn again(&self, id: &str, content: Content) -> Message {
        let ts = Timestamp::from_micros(content.ts).unwrap_or(Timestamp::MIN);
        let body = json!({
            "message_id": id,
            "from": content.from,
            "to": content.to,
            "ts": ts.to_string(),
            "text": content.text,
        })
        .to_string();
        let signature = self.scheme.sign(body.as_bytes());
        Message {
            id: id.to_owned(),
            content,
            body,
            signature,
        }
    }

    fn text(&mut self) -> Option<String> {
        // Some without a text, some with letters that fold to others.
        if *self.texts.start() == 0 && self.random.u8(..16) == 0 {
            return None;
        }
        let length = self.random.usize(self.texts.clone());
        let letters = ['a', 'Z', ' ', 'é', 'ẞ', '7', '"', '猫'];
        let mut text = String::with_capacity(length * 2);
        for _ in 0..length {
            text.push(letters[self.random.usize(..letters.len())]);
        }
        Some(text)
    }
}

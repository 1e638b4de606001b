//! How long a message takes to those who follow on another instance.

use std::{
    collections::HashMap,
    fs,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, SecondsFormat};
use countersign_hmac::HexHmacSha256;
use countersign_load::{HttpClient, Texts};
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use tokio::{
    io::AsyncReadExt as _,
    task::JoinSet,
    time::{sleep, sleep_until},
};
use uuid::Uuid;

use super::{Args, database::Postgres};
use crate::{
    Outcome,
    live::{Chunks, Event, Events, Stream},
    process::{SECRET, Server},
    table::{figure, table},
};

/// How many connections send to each instance, so that one slow answer does not hold up the others.
const CONNECTIONS: usize = 16;

/// How long the first messages are sent without being counted.
const WARM_UP: Duration = Duration::from_secs(1);

/// How long the last ones may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Latency {
    messages: u64,
    /// From the acknowledgement on one instance to the event on the other.
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    /// There before the acknowledgement was; they count as 0 ms.
    sooner: u64,
    /// Acknowledged, and not there at one of the readers.
    missing: u64,
    /// There more often than once, or out of order.
    wrong: u64,
    /// Not answered 200.
    refused: u64,
}

impl Latency {
    pub fn broken(&self) -> bool {
        self.missing > 0 || self.wrong > 0
    }

    pub fn summary(&self) -> comfy_table::Table {
        let rows = [
            ("messages", self.messages.to_string()),
            ("p50 ms", figure(Some(self.p50_ms), 1)),
            ("p99 ms", figure(Some(self.p99_ms), 1)),
            ("max ms", figure(Some(self.max_ms), 1)),
            ("before the answer", self.sooner.to_string()),
            ("missing", self.missing.to_string()),
            ("twice, or out of order", self.wrong.to_string()),
            ("not 200", self.refused.to_string()),
        ];
        let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
        table(&["", "figure"], 1, rows)
    }
}

pub fn measure(args: &Args, postgres: &Postgres) -> Outcome<Latency> {
    let folder = args.place.folder()?;
    let database = postgres.database()?;
    let mut servers = Vec::new();
    for number in 0..2 {
        let folder = folder.path().join(number.to_string());
        fs::create_dir(&folder)?;
        servers.push(Server::serve(&args.place, &database.url, &folder)?);
    }
    let instances = [servers[0].address, servers[1].address];
    // One thread: what it uses of the machine, it takes from what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let latency = runtime.block_on(follow_and_send(args, instances))?;
    drop(runtime);
    servers.into_iter().try_for_each(Server::stop)?;
    Ok(latency)
}

async fn follow_and_send(args: &Args, instances: [SocketAddr; 2]) -> Outcome<Latency> {
    let mut readers = JoinSet::new();
    let hearings = [Hearing::default(), Hearing::default()].map(Arc::new);
    for (to, hearing) in instances.into_iter().zip(&hearings) {
        let stream = Stream::open(to, "", None).await?;
        readers.spawn(hear(stream, Arc::clone(hearing)));
    }
    let plan = Arc::new(Plan {
        instances,
        begin: Instant::now(),
        interval: Duration::from_secs(1) / args.rate,
        first: warm_up(args.rate),
        end: warm_up(args.rate) + args.messages,
        scheme: HexHmacSha256::new(SECRET).map_err(|error| error.to_string())?,
        texts: Texts::new(0),
    });
    let mut sending = JoinSet::new();
    for first in 0..2 * CONNECTIONS {
        sending.spawn(Arc::clone(&plan).send_every(first));
    }
    let mut latency = Latency::default();
    let mut acknowledged = Vec::new();
    while let Some(sent) = sending.join_next().await {
        let sent = sent??;
        acknowledged.extend(sent.acknowledged);
        latency.refused += sent.refused;
    }
    let ended = Instant::now();
    let behind = || hearings.iter().any(|hearing| !hearing.all(&acknowledged));
    while ended.elapsed() < PATIENCE && behind() {
        // A reader that has failed says why.
        if let Some(failed) = readers.try_join_next() {
            failed??;
        }
        sleep(Duration::from_millis(20)).await;
    }
    latency.evaluate(&acknowledged, &hearings)?;
    Ok(latency)
}

/// How many messages are sent before those that count.
fn warm_up(rate: u32) -> u32 {
    rate * u32::try_from(WARM_UP.as_secs()).unwrap_or(1)
}

/// A message that was answered 200.
struct Acknowledged {
    id: String,
    /// By which instance.
    instance: usize,
    at: Instant,
    counts: bool,
}

#[derive(Default)]
struct Sent {
    acknowledged: Vec<Acknowledged>,
    refused: u64,
}

/// Which message is sent when, and where to.
struct Plan {
    instances: [SocketAddr; 2],
    begin: Instant,
    interval: Duration,
    /// The first one that counts.
    first: u32,
    end: u32,
    scheme: HexHmacSha256,
    texts: Texts,
}

impl Plan {
    /// Sends this message and those that fall to the same connection: every other one goes to the
    /// other instance.
    async fn send_every(self: Arc<Self>, first: usize) -> Outcome<Sent> {
        let instance = first % 2;
        let authority = self.instances[instance].to_string();
        let mut client = HttpClient::connect(&authority).await?;
        let mut sent = Sent::default();
        let step = 2 * CONNECTIONS;
        for number in (u32::try_from(first)?..self.end).step_by(step) {
            sleep_until((self.begin + self.interval * number).into()).await;
            let (id, request) = self.request(number, &authority);
            if client.must_close() {
                client = HttpClient::connect(&authority).await?;
            }
            match client.exchange(&request).await {
                Ok(answer) if answer.status == 200 => sent.acknowledged.push(Acknowledged {
                    id,
                    instance,
                    at: Instant::now(),
                    counts: number >= self.first,
                }),
                _ => sent.refused += 1,
            }
        }
        Ok(sent)
    }

    fn request(&self, number: u32, authority: &str) -> (String, Vec<u8>) {
        let id = Uuid::new_v4().to_string();
        let mut text = String::new();
        self.texts.push(number.into(), &mut text);
        let ts = DateTime::from_timestamp(1_704_067_200 + i64::from(number), 0);
        let ts = ts
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Secs, true);
        let body = format!(
            r#"{{"message_id":"{id}","from":"+15550000001","to":"+15550100000","ts":"{ts}","text":"{text}"}}"#
        );
        let request = format!(
            "POST /webhook HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\n\
             X-Signature: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.scheme.sign(body.as_bytes()),
            body.len()
        );
        (id, request.into_bytes())
    }
}

/// What one reader has.
#[derive(Debug, Default)]
struct Heard {
    when: HashMap<String, Instant>,
    last: i64,
    wrong: u64,
}

/// One that is being added to.
#[derive(Debug, Default)]
struct Hearing(Mutex<Heard>);

impl Hearing {
    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self, acknowledged: &[Acknowledged]) -> bool {
        let heard = self.lock();
        let mut acknowledged = acknowledged.iter();
        acknowledged.all(|sent| heard.when.contains_key(&sent.id))
    }
}

impl Heard {
    fn note(&mut self, event: &Event, at: Instant) -> Outcome {
        #[derive(Deserialize)]
        struct Message {
            message_id: String,
        }
        let (Some(id), Some(data)) = (event.id, &event.data) else {
            return Ok(());
        };
        let message: Message = serde_json::from_str(data)?;
        let again = self.when.insert(message.message_id, at).is_some();
        self.wrong += u64::from(again || id <= self.last);
        self.last = id;
        Ok(())
    }
}

/// Reads until it is aborted.
async fn hear(mut stream: Stream, hearing: Arc<Hearing>) -> Outcome {
    let (mut chunks, mut events) = (Chunks::default(), Events::default());
    let (mut data, mut found) = (Vec::new(), Vec::new());
    let mut bytes = stream.rest;
    loop {
        let at = Instant::now();
        chunks.take(&bytes, &mut data)?;
        events.take(&data, &mut found)?;
        for event in found.drain(..) {
            hearing.lock().note(&event, at)?;
        }
        bytes.clear();
        data.clear();
        if chunks.ended() || stream.connection.read_buf(&mut bytes).await? == 0 {
            return Err("the server has ended the stream".into());
        }
    }
}

impl Latency {
    /// Of each message, at the reader on the other instance.
    fn evaluate(&mut self, acknowledged: &[Acknowledged], hearings: &[Arc<Hearing>]) -> Outcome {
        let mut micros = Histogram::<u64>::new(3)?;
        for sent in acknowledged {
            for (instance, hearing) in hearings.iter().enumerate() {
                let Some(at) = hearing.lock().when.get(&sent.id).copied() else {
                    self.missing += 1;
                    continue;
                };
                if instance == sent.instance || !sent.counts {
                    continue;
                }
                self.sooner += u64::from(at < sent.at);
                let took = at.saturating_duration_since(sent.at);
                micros.record(u64::try_from(took.as_micros())?)?;
            }
        }
        let millis = |micros| Duration::from_micros(micros).as_secs_f64() * 1e3;
        self.messages = micros.len();
        self.p50_ms = millis(micros.value_at_quantile(0.5));
        self.p99_ms = millis(micros.value_at_quantile(0.99));
        self.max_ms = millis(micros.max());
        self.wrong = hearings.iter().map(|hearing| hearing.lock().wrong).sum();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_count_once_at_the_other_instance() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let hearings = [Hearing::default(), Hearing::default()].map(Arc::new);
        let hear = |reader: usize, seq, id: &str, millis| {
            let event = Event {
                id: Some(seq),
                kind: Some("message".to_owned()),
                data: Some(format!(r#"{{"message_id":"{id}","text":"x"}}"#)),
            };
            let noted = hearings[reader].lock().note(&event, at(millis));
            noted.expect("a message");
        };
        let sent = |id: &str, instance, millis, counts| Acknowledged {
            id: id.to_owned(),
            instance,
            at: at(millis),
            counts,
        };
        let acknowledged = [
            sent("warm", 0, 5, false),
            sent("a", 0, 10, true),
            sent("b", 1, 10, true),
            sent("c", 0, 10, true),
        ];
        for (reader, seq, id, millis) in [
            (0, 1, "warm", 6),
            (1, 1, "warm", 99),
            (0, 2, "a", 11),
            (1, 2, "a", 30),
            (0, 3, "b", 9),
            (1, 3, "b", 12),
            (0, 3, "b", 12),
            (0, 4, "c", 14),
        ] {
            hear(reader, seq, id, millis);
        }
        let mut latency = Latency::default();
        let evaluated = latency.evaluate(&acknowledged, &hearings);
        evaluated.expect("figures");
        assert_eq!(latency.messages, 2);
        assert!((latency.max_ms - 20.0).abs() < 1.0);
        assert_eq!((latency.missing, latency.wrong), (1, 1));
        assert!(!hearings[1].all(&acknowledged));
    }
}

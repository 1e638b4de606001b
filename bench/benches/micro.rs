//! Single steps of a webhook's way, so that a regression can be found: `just bench-micro`.
#![expect(clippy::expect_used, reason = "what cannot run shall stop")]

use std::sync::Arc;

use countersign_core::{
    HeaderLookup, Headers, Message, MessageId, MessageRepository, Msisdn, NewMessage,
    SignatureVerifier as _, SourceName, Text, Timestamp,
};
use countersign_group_commit::{GroupCommit, Limits};
use countersign_hmac::HexHmacSha256;
use countersign_load::Texts;
use countersign_memory::MemoryRepository;
use countersign_sea_orm::SqlRepository;
use divan::{Bencher, black_box, counter::ItemsCount};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// 280 bytes, about what a message has.
const BODY: &str = r#"{"message_id":"0198f0a6-1c9e-7d2b-9a44-5f0c1d2e3a4b","from":"+15550012345","to":"+15550100000","ts":"2025-12-07T10:30:00.123456Z","text":"lom tesa rut nalogpaf buto ne segvave r nagoki datopu dakisa ra gin lipzormo fenid tulaba rebo mutake sodaf gilume pazenur viko ref-7dafa15d"}"#;

const _: () = assert!(BODY.len() == 280);

fn main() {
    divan::main();
}

struct Signature(String);

impl Headers for Signature {
    fn lookup(&self, _: &str) -> HeaderLookup<'_> {
        HeaderLookup::Once(self.0.as_bytes())
    }
}

// Many a sample: the clock is no finer than a tenth of it.
#[divan::bench(sample_size = 1000)]
fn verify(bencher: Bencher) {
    let scheme = HexHmacSha256::new("benchmark").expect("a secret");
    let header = Signature(scheme.sign(BODY.as_bytes()));
    bencher.bench(|| {
        scheme
            .verify(black_box(&header), black_box(BODY.as_bytes()))
            .expect("the signature fits");
    });
}

#[divan::bench(sample_size = 1000)]
fn parse_and_validate(bencher: Bencher) {
    bencher.bench(|| {
        countersign_http::parse_webhook(black_box(BODY.as_bytes())).expect("it is valid")
    });
}

/// Messages that nobody has yet.
struct Fresh {
    texts: Texts,
    number: u64,
    ordered: bool,
}

impl Fresh {
    fn new(ordered: bool) -> Self {
        Self {
            texts: Texts::new(0),
            number: 0,
            ordered,
        }
    }

    fn message(&mut self) -> Message {
        let id = if self.ordered {
            Uuid::now_v7()
        } else {
            Uuid::new_v4()
        };
        self.number += 1;
        let mut text = String::new();
        self.texts.push(self.number, &mut text);
        let from = format!("+1555{:07}", self.number * 7919 % 20_000);
        let micros = 1_765_000_000_000_000 + self.number.cast_signed() * 1_000;
        let ts = Timestamp::from_micros(micros).expect("an instant");
        NewMessage {
            source: SourceName::default(),
            id: MessageId::try_from(id.to_string()).expect("an id"),
            from: Msisdn::try_from(from).expect("a number"),
            to: Msisdn::try_from("+15550100000".to_owned()).expect("a number"),
            ts,
            text: Some(Text::try_from(text).expect("a text")),
        }
        .received_at(ts)
    }

    fn batch(&mut self, size: usize) -> Vec<Message> {
        (0..size).map(|_| self.message()).collect()
    }
}

/// One durable transaction, into a database that grows from nothing.
mod append_sqlite {
    use super::{Bencher, Fresh, ItemsCount, MessageRepository as _, Runtime, SqlRepository};

    const SIZES: [usize; 3] = [1, 64, 1024];

    #[divan::bench(args = SIZES, sample_count = 200)]
    fn ordered_ids(bencher: Bencher, size: usize) {
        append(bencher, size, true);
    }

    #[divan::bench(args = SIZES, sample_count = 200)]
    fn random_ids(bencher: Bencher, size: usize) {
        append(bencher, size, false);
    }

    fn append(bencher: Bencher, size: usize, ordered: bool) {
        let runtime = Runtime::new().expect("a runtime");
        // On the disk of target/, which is none in memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let file = folder.path().join("app.db");
        let repository = runtime
            .block_on(SqlRepository::open_sqlite(&file))
            .expect("a database");
        let mut fresh = Fresh::new(ordered);
        bencher
            .counter(ItemsCount::new(size))
            .with_inputs(|| fresh.batch(size))
            .bench_local_values(|batch| {
                runtime
                    .block_on(repository.append(&batch))
                    .expect("it is stored")
            });
        runtime.block_on(repository.close()).expect("it is closed");
    }
}

/// What the queue, the task and the answers cost, over a repository that costs little: each time,
/// so many callers append one message each.
mod append_memory {
    use super::{
        Arc, Bencher, Fresh, GroupCommit, ItemsCount, Limits, MemoryRepository, Message,
        MessageRepository, Runtime,
    };

    const CALLERS: [usize; 2] = [1, 64];

    #[divan::bench(args = CALLERS, sample_count = 2000)]
    fn directly(bencher: Bencher, callers: usize) {
        let runtime = Runtime::new().expect("a runtime");
        append(
            bencher,
            &runtime,
            callers,
            &Arc::new(MemoryRepository::new()),
        );
    }

    #[divan::bench(args = CALLERS, sample_count = 2000)]
    fn by_group_commit(bencher: Bencher, callers: usize) {
        let runtime = Runtime::new().expect("a runtime");
        let entered = runtime.enter();
        let memory = Arc::new(MemoryRepository::new());
        let (grouped, drained) = GroupCommit::start(memory, Limits::default());
        drop(entered);
        let grouped = Arc::new(grouped);
        append(bencher, &runtime, callers, &grouped);
        drop(grouped);
        runtime.block_on(drained.wait());
    }

    fn append<R>(bencher: Bencher, runtime: &Runtime, callers: usize, repository: &Arc<R>)
    where
        R: MessageRepository + 'static,
    {
        let mut fresh = Fresh::new(true);
        bencher
            .counter(ItemsCount::new(callers))
            .with_inputs(|| fresh.batch(callers))
            .bench_local_values(|batch| runtime.block_on(all(repository, batch)));
    }

    async fn all<R: MessageRepository + 'static>(repository: &Arc<R>, batch: Vec<Message>) {
        let mut callers = tokio::task::JoinSet::new();
        for message in batch {
            let repository = Arc::clone(repository);
            callers.spawn(async move {
                repository.append(&[message]).await.expect("it is stored");
            });
        }
        callers.join_all().await;
    }
}

//! What group commit adds to a repository.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Limit, Message, MessageKey,
    MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError, Sequence,
    Stats, Storage, Timeline, TimelineQuery, Timestamp,
};
use countersign_group_commit::{Drained, GroupCommit, Joined, Limits, Transaction, Watch};
use countersign_memory::MemoryRepository;
use tokio::{sync::Semaphore, task::JoinHandle};

use crate::fixture::{key, message};

const NOON: &str = "2025-01-01T12:00:00Z";

/// A repository like a disk: each append waits for a permit, and some messages are bad.
struct Disk {
    memory: MemoryRepository,
    commits: Semaphore,
    sizes: Mutex<Vec<usize>>,
}

impl Disk {
    /// It stands still until it is told to spin.
    fn standing() -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryRepository::new(),
            commits: Semaphore::new(0),
            sizes: Mutex::default(),
        })
    }

    fn spin(&self, commits: usize) {
        self.commits.add_permits(commits);
    }

    fn sizes(&self) -> Vec<usize> {
        self.sizes.lock().unwrap().clone()
    }
}

#[async_trait]
impl MessageRepository for Disk {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.sizes.lock().unwrap().push(batch.len());
        self.commits.acquire().await.unwrap().forget();
        let has = |word: &str| batch.iter().any(|m| m.content.id.as_str().contains(word));
        assert!(!has("fatal"), "the store panics");
        if has("gone") {
            return Err(RepositoryError::Unavailable("the disk is gone".into()));
        }
        if has("bad") {
            return Err(RepositoryError::Failed("a bad message".into()));
        }
        self.memory.append(batch).await
    }
    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.memory.list(query).await
    }
    async fn find(&self, id: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.memory.find(id).await
    }
    async fn conflicts(
        &self,
        id: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.memory.conflicts(id, limit).await
    }
    async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.memory.stats().await
    }
    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.memory.timeline(query).await
    }
    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.memory.arrivals(query).await
    }
    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        self.memory.last_arrival().await
    }
    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        self.memory.reaches(sequence).await
    }
    async fn arrived_behind(&self, after: Sequence) {
        self.memory.arrived_behind(after).await;
    }
    async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        self.memory.purge(keys, at).await
    }
    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        self.memory.purge_conflicts(which, at_most).await
    }
    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        self.memory.note_repeats(repeats).await
    }
    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError> {
        self.memory.repeats(key).await
    }
    async fn readiness(&self) -> Readiness {
        self.memory.readiness().await
    }
    async fn storage(&self) -> Storage {
        self.memory.storage().await
    }
}

fn start(disk: &Arc<Disk>, queue: usize, batch: usize) -> (Arc<GroupCommit>, Drained) {
    start_with(disk, |limits| {
        limits.queue = at_most(queue);
        limits.batch = at_most(batch);
    })
}

fn at_most(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("more than none")
}

fn start_with(disk: &Arc<Disk>, limit: impl FnOnce(&mut Limits)) -> (Arc<GroupCommit>, Drained) {
    let mut limits = Limits::default();
    limit(&mut limits);
    let (repository, drained) = GroupCommit::start(disk.clone(), limits);
    (Arc::new(repository), drained)
}

type Appending = JoinHandle<Result<Vec<Appended>, RepositoryError>>;

/// Begins to append, and waits until the message is in the queue or further.
async fn begin(repository: &Arc<GroupCommit>, name: &str) -> Appending {
    begin_with(repository, name, "").await
}

async fn begin_with(repository: &Arc<GroupCommit>, name: &str, text: &str) -> Appending {
    let (repository, message) = (Arc::clone(repository), message(name, NOON, text));
    let appending = tokio::spawn(async move { repository.append(&[message]).await });
    // One thread: whatever can go on, goes on before this does.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    appending
}

async fn end(appending: Appending) -> Result<Vec<Appended>, RepositoryError> {
    let patience = Duration::from_secs(10);
    let ended = tokio::time::timeout(patience, appending).await;
    ended.expect("it is answered").unwrap()
}

#[tokio::test]
async fn what_arrives_during_a_commit_is_committed_together_next() {
    let disk = Disk::standing();
    let (repository, _drained) = start(&disk, 100, 100);
    let mut appending = vec![begin(&repository, "lone").await];
    assert_eq!(
        disk.sizes(),
        [1],
        "a lone message does not wait for company"
    );
    for n in 0..5 {
        appending.push(begin(&repository, &format!("m{n}")).await);
    }
    disk.spin(2);
    for appended in appending {
        assert_eq!(end(appended).await.unwrap(), [Appended::Created]);
    }
    assert_eq!(disk.sizes(), [1, 5]);
}

#[tokio::test]
async fn a_group_has_its_limit_and_nothing_is_divided_or_lost() {
    let disk = Disk::standing();
    let (repository, _drained) = start(&disk, 100, 4);
    let first = begin(&repository, "first").await;
    let three: Vec<Message> = (0..3)
        .map(|n| message(&format!("a{n}"), NOON, ""))
        .collect();
    let five: Vec<Message> = (0..5)
        .map(|n| message(&format!("b{n}"), NOON, ""))
        .collect();
    let mut appending = Vec::new();
    for batch in [three.clone(), three.clone(), five, vec![]] {
        let repository = Arc::clone(&repository);
        appending.push(tokio::spawn(async move { repository.append(&batch).await }));
        tokio::task::yield_now().await;
    }
    disk.spin(10);
    end(first).await.unwrap();
    let mut answers = Vec::new();
    for appended in appending {
        answers.push(end(appended).await.unwrap());
    }
    assert_eq!(answers[0], [Appended::Created; 3]);
    assert_eq!(answers[1], [Appended::Duplicate; 3]);
    assert_eq!(answers[2], [Appended::Created; 5]);
    assert!(answers[3].is_empty());
    assert_eq!(disk.sizes()[..4], [1, 3, 3, 5]);
}

#[tokio::test]
async fn when_the_queue_is_full_one_more_is_refused_at_once() {
    let disk = Disk::standing();
    let (repository, _drained) = start(&disk, 2, 100);
    let waiting = [
        begin(&repository, "in the works").await,
        begin(&repository, "waits 1").await,
        begin(&repository, "waits 2").await,
    ];
    let refused = repository.append(&[message("too many", NOON, "")]).await;
    assert!(
        matches!(refused, Err(RepositoryError::Overloaded(_))),
        "{refused:?}"
    );
    disk.spin(2);
    for appended in waiting {
        assert_eq!(end(appended).await.unwrap(), [Appended::Created]);
    }
    assert_eq!(repository.find(&key("too many")).await.unwrap(), None);
}

#[tokio::test]
async fn one_bad_message_cannot_fail_its_neighbours() {
    let disk = Disk::standing();
    let (repository, _drained) = start(&disk, 100, 100);
    let first = begin(&repository, "first").await;
    let good = begin(&repository, "good").await;
    let bad = begin(&repository, "bad").await;
    let fine = begin(&repository, "fine").await;
    disk.spin(100);
    end(first).await.unwrap();
    assert_eq!(end(good).await.unwrap(), [Appended::Created]);
    assert!(matches!(end(bad).await, Err(RepositoryError::Failed(_))));
    assert_eq!(end(fine).await.unwrap(), [Appended::Created]);
    assert_eq!(disk.sizes(), [1, 3, 1, 1, 1]);
}

#[tokio::test]
async fn a_store_that_panics_does_not_end_the_writer() {
    let disk = Disk::standing();
    let (repository, _drained) = start(&disk, 100, 100);
    disk.spin(100);
    let fatal = begin(&repository, "fatal").await;
    let good = begin(&repository, "good").await;
    assert!(matches!(end(fatal).await, Err(RepositoryError::Failed(_))));
    assert_eq!(end(good).await.unwrap(), [Appended::Created]);
    super::assert_ready(&repository.readiness().await);
}

#[tokio::test]
async fn when_the_outcome_is_not_known_everyone_is_told_and_nothing_is_tried_again() {
    let disk = Disk::standing();
    let (repository, _drained) = start(&disk, 100, 100);
    let first = begin(&repository, "first").await;
    let waiting = [
        begin(&repository, "a").await,
        begin(&repository, "gone").await,
        begin(&repository, "b").await,
    ];
    disk.spin(100);
    end(first).await.unwrap();
    for appended in waiting {
        let error = end(appended).await.unwrap_err();
        assert!(
            matches!(error, RepositoryError::Unavailable(_)),
            "{error:?}"
        );
        let line = countersign_core::CauseChain(&error).to_string();
        assert_eq!(line, "the store is unavailable: the disk is gone");
    }
    assert_eq!(disk.sizes(), [1, 3]);
    let again = begin(&repository, "again").await;
    assert_eq!(end(again).await.unwrap(), [Appended::Created]);
}

#[tokio::test]
async fn a_caller_that_gives_up_takes_back_what_waits_and_nothing_that_is_being_written() {
    let disk = Disk::standing();
    let (repository, _drained) = start(&disk, 100, 100);
    let being_written = begin(&repository, "being written").await;
    let waiting = begin(&repository, "waiting").await;
    let neighbour = begin(&repository, "neighbour").await;
    being_written.abort();
    waiting.abort();
    disk.spin(100);
    assert_eq!(end(neighbour).await.unwrap(), [Appended::Created]);
    assert_eq!(disk.sizes(), [1, 1]);
    for (name, stored) in [("being written", true), ("waiting", false)] {
        let found = repository.find(&key(name)).await.unwrap();
        assert_eq!(found.is_some(), stored, "{name}");
    }
    let tally = repository.tally();
    assert_eq!((tally.late(), tally.withdrawn()), (1, 1));
    // Who comes again is stored, or told that it was there.
    let again = begin(&repository, "waiting").await;
    assert_eq!(end(again).await.unwrap(), [Appended::Created]);
    let again = begin(&repository, "being written").await;
    assert_eq!(end(again).await.unwrap(), [Appended::Duplicate]);
    assert_eq!((tally.late(), tally.withdrawn()), (1, 1));
}

#[tokio::test]
async fn what_is_given_up_while_others_are_tried_one_by_one_is_not_written() {
    let disk = Disk::standing();
    let (repository, _drained) = start(&disk, 100, 100);
    let first = begin(&repository, "first").await;
    let bad = begin(&repository, "bad").await;
    let given_up = begin(&repository, "given up").await;
    disk.spin(1);
    end(first).await.unwrap();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    given_up.abort();
    disk.spin(100);
    assert!(matches!(end(bad).await, Err(RepositoryError::Failed(_))));
    let last = begin(&repository, "last").await;
    end(last).await.unwrap();
    assert_eq!(disk.sizes(), [1, 2, 1, 1]);
    assert_eq!(repository.find(&key("given up")).await.unwrap(), None);
    assert_eq!(repository.tally().withdrawn(), 1);
}

#[tokio::test]
async fn a_queue_of_long_texts_is_full_before_it_has_many() {
    let long = "x".repeat(4096);
    let disk = Disk::standing();
    // Two with all that belongs to them, and not three.
    let (repository, _drained) = start_with(&disk, |limits| limits.queue_bytes = at_most(10_000));
    let taken = [
        begin_with(&repository, "1", &long).await,
        begin_with(&repository, "2", &long).await,
    ];
    let refused = end(begin_with(&repository, "3", &long).await).await;
    assert!(
        matches!(refused, Err(RepositoryError::Overloaded(_))),
        "{refused:?}"
    );
    let short = begin_with(&repository, "short", "").await;
    disk.spin(100);
    for appended in taken.into_iter().chain([short]) {
        assert_eq!(end(appended).await.unwrap(), [Appended::Created]);
    }
    // There is room again, also for one that is alone larger than all of it.
    let huge = begin_with(&repository, "huge", &"\u{1F600}".repeat(4096)).await;
    assert_eq!(end(huge).await.unwrap(), [Appended::Created]);
}

/// As much may wait as is durable in time; what else comes is told so at once, and not when it is
/// too late.
#[tokio::test(start_paused = true)]
async fn where_a_disk_is_slow_only_so_many_wait_as_it_can_write_in_time() {
    let disk = Disk::standing();
    let (repository, _drained) = start_with(&disk, |limits| {
        limits.batch = at_most(2);
        limits.patience = Duration::from_secs(2);
    });
    let second = Duration::from_secs(1);
    for name in ["a", "b", "c", "d"] {
        let slow = begin(&repository, name).await;
        tokio::time::advance(second).await;
        disk.spin(1);
        assert_eq!(end(slow).await.unwrap(), [Appended::Created]);
    }
    // A transaction takes a second by now, near enough: after this one there is time for one more.
    let written = begin(&repository, "written").await;
    let waiting = [
        begin(&repository, "in time 1").await,
        begin(&repository, "in time 2").await,
    ];
    let refused = repository.append(&[message("late", NOON, "")]).await;
    assert!(
        matches!(refused, Err(RepositoryError::Overloaded(_))),
        "{refused:?}"
    );
    disk.spin(2);
    end(written).await.unwrap();
    for appended in waiting {
        assert_eq!(end(appended).await.unwrap(), [Appended::Created]);
    }
    assert_eq!(repository.find(&key("late")).await.unwrap(), None);

    // Nothing is being written: how slow it is now, only a transaction can tell.
    let next = begin(&repository, "next").await;
    tokio::time::advance(3 * second).await;
    let refused = repository.append(&[message("hopeless", NOON, "")]).await;
    assert!(
        matches!(refused, Err(RepositoryError::Overloaded(_))),
        "{refused:?}"
    );
    disk.spin(1);
    assert_eq!(end(next).await.unwrap(), [Appended::Created]);
}

#[tokio::test]
async fn a_group_of_long_texts_has_fewer_of_them() {
    let long = "x".repeat(4096);
    let disk = Disk::standing();
    let (repository, _drained) = start_with(&disk, |limits| limits.batch_bytes = at_most(10_000));
    let mut appending = vec![begin(&repository, "first").await];
    for n in 0..5 {
        let (repository, message) = (
            Arc::clone(&repository),
            message(&n.to_string(), NOON, &long),
        );
        appending.push(tokio::spawn(
            async move { repository.append(&[message]).await },
        ));
        tokio::task::yield_now().await;
    }
    disk.spin(100);
    for appended in appending {
        assert_eq!(end(appended).await.unwrap(), [Appended::Created]);
    }
    assert_eq!(disk.sizes(), [1, 2, 2, 1]);
}

#[tokio::test]
async fn what_waits_at_the_end_is_still_committed() {
    let disk = Disk::standing();
    let (repository, drained) = start(&disk, 100, 2);
    let mut appending = Vec::new();
    for n in 0..9 {
        appending.push(begin(&repository, &format!("m{n}")).await);
    }
    drop(repository);
    disk.spin(100);
    tokio::time::timeout(Duration::from_secs(10), drained.wait())
        .await
        .expect("it ends");
    for appended in appending {
        assert_eq!(end(appended).await.unwrap(), [Appended::Created]);
    }
    assert_eq!(disk.memory.stats().await.unwrap().total_messages, 9);
}

#[tokio::test]
async fn the_end_does_not_wait_for_who_holds_on_to_the_store() {
    let disk = Disk::standing();
    let (repository, drained) = start(&disk, 100, 2);
    let waiting = begin(&repository, "waits").await;
    disk.spin(100);
    tokio::time::timeout(Duration::from_secs(10), drained.wait())
        .await
        .expect("it ends");
    assert_eq!(end(waiting).await.unwrap(), [Appended::Created]);
    // One that still reads may; who writes is told.
    assert_eq!(repository.stats().await.unwrap().total_messages, 1);
    let late = repository.append(&[message("late", NOON, "")]).await;
    assert!(matches!(late, Err(RepositoryError::Unavailable(_))));
}

/// Notes how large transactions were; and for each append, in which it was.
struct Noted(Arc<std::sync::Mutex<Vec<usize>>>);

impl Watch for Noted {
    fn ended(&self, transaction: &Transaction) {
        self.0.lock().unwrap().push(transaction.messages);
    }

    fn joins(&self) -> Option<Joined> {
        let noted = Arc::clone(&self.0);
        Some(Box::new(move |transaction| {
            noted.lock().unwrap().push(100 + transaction.messages);
        }))
    }
}

#[tokio::test]
async fn who_watches_sees_what_waits_and_every_transaction_once() {
    let disk = Disk::standing();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let watch = Noted(Arc::clone(&seen));
    let limits = Limits {
        queue: at_most(7),
        ..Limits::default()
    };
    let (repository, drained) = GroupCommit::start_watched(disk.clone(), limits, watch);
    let repository = Arc::new(repository);
    let queue = repository.queue();
    let all = Limits::default().queue_bytes.get();
    assert_eq!((queue.capacity(), queue.capacity_bytes()), (7, all));
    assert_eq!((queue.waiting(), queue.bytes()), (0, 0));
    let first = begin(&repository, "first").await;
    let alone = queue.bytes();
    // It is being written, and waits no longer.
    assert!(queue.waiting() == 0 && alone > 0);
    let others = [
        begin(&repository, "a").await,
        begin(&repository, "b").await,
        begin(&repository, "c").await,
    ];
    assert_eq!(queue.waiting(), 3);
    assert!(queue.bytes() > 3 * alone);
    assert!(seen.lock().unwrap().is_empty());
    disk.spin(2);
    for appending in [first].into_iter().chain(others) {
        end(appending).await.unwrap();
    }
    assert_eq!(*seen.lock().unwrap(), [1, 101, 3, 103, 103, 103]);
    assert_eq!((queue.waiting(), queue.bytes()), (0, 0));
    // It keeps nothing going.
    drop(repository);
    drained.wait().await;
    assert_eq!((queue.waiting(), queue.bytes()), (0, 0));
}

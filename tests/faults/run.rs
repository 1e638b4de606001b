//! Plays a plan.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc, time::Duration};

use countersign_group_commit::{Drained, GroupCommit, Limits};
use countersign_http::RequestLimits;
use countersign_memory::MemoryRepository;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::{runtime::Builder, sync::watch, time};

use super::{
    check::{self, Broken},
    client::Clients,
    content::Row,
    flaws::Flaw,
    history::{Happened, History, Outcome, attempts},
    plan::{Event, Plan, Sent},
    stage::{self, Application, Stage},
    store::{Faults, FaultyRepository, State},
};

/// When everything that is wrong with the store ends.
const MENDED: Duration = Duration::from_mins(1);

/// Longer than anything takes then.
const FOR_EVER: Duration = Duration::from_hours(1);

/// What came of a plan.
pub struct Played {
    pub history: Vec<Happened>,
    /// The rules that were broken.
    pub broken: Vec<Broken>,
}

/// What is there in the end, as the application shows it.
#[derive(Default)]
pub struct Left {
    /// From page to page by cursor.
    pub rows: Vec<Row>,
    /// From page to page by offset, the newest first.
    pub backwards: Vec<Row>,
    /// In the order of arrival.
    pub arrivals: Vec<Row>,
    /// What the pages say that there is in all.
    pub totals: Vec<u64>,
    pub stats: Value,
    /// What is recorded as conflicts, and how often it came.
    pub conflicts: Vec<(Sent, u64)>,
    /// How many webhooks were counted in this run, by what became of them.
    pub counted: BTreeMap<String, u64>,
    /// What is shown that nobody can have sent.
    pub unknown: Vec<Value>,
}

/// Plays it from its beginning to the last look. The time is the plan's own.
pub fn play(plan: &Plan, stage: &Stage, flaw: Option<Flaw>) -> Played {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(perform(plan, stage, flaw))
}

async fn perform(plan: &Plan, stage: &Stage, flaw: Option<Flaw>) -> Played {
    let world = World::new(plan, stage, flaw);
    let application = stage.application(plan.refuse_conflicts);
    let counted_before = application.counted();
    let clients = Clients {
        application,
        clock: &stage.clock,
        history: &world.history,
        limits: RequestLimits::default(),
        deaths: world.died.subscribe(),
        saw: RefCell::default(),
    };

    let mut broken = Vec::new();
    let everyone = join_all(plan.clients.iter().map(|steps| clients.run(steps)));
    tokio::select! {
        biased;
        _ = everyone => {}
        () = world.goes_wrong() => {
            broken.push(Broken::new("A0", "a client has never been answered"));
        }
    }
    world.mend();
    // Whatever still waits is done.
    time::sleep(MENDED).await;
    if let Err(why) = clients.is_well().await {
        broken.push(Broken::new("A0", why));
    }
    let saw = clients.saw.into_inner();
    let history = Arc::clone(&world.history);
    if world.end().await.is_err() {
        broken.push(Broken::new("A0", "the writer has never ended"));
    }

    let mut left = look(application, plan.page).await;
    left.counted = application.counted();
    for (result, count) in &mut left.counted {
        *count -= counted_before.get(result).copied().unwrap_or_default();
    }
    let history = history.so_far();
    let attempts = attempts(&history);
    check::check(plan, &history, &attempts, &saw, &left, &mut broken);
    Played { history, broken }
}

/// What is behind the application.
struct World<'a> {
    plan: &'a Plan,
    stage: &'a Stage,
    flaw: Option<Flaw>,
    history: Arc<History>,
    memory: Arc<MemoryRepository>,
    appends: Arc<Faults>,
    reads: Arc<Faults>,
    mended: watch::Sender<bool>,
    /// How many processes have died.
    died: watch::Sender<u32>,
    process: RefCell<Option<Process>>,
}

/// What dies at once.
struct Process {
    store: Arc<FaultyRepository>,
    drained: Drained,
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan, stage: &'a Stage, flaw: Option<Flaw>) -> Self {
        let world = Self {
            plan,
            stage,
            flaw,
            history: Arc::new(History::new()),
            memory: Arc::new(MemoryRepository::new()),
            appends: Faults::new(plan.appends.clone()),
            reads: Faults::new(plan.reads.clone()),
            mended: watch::Sender::new(false),
            died: watch::Sender::new(0),
            process: RefCell::default(),
        };
        world.start();
        world
    }

    /// A new process on the store that there is.
    fn start(&self) {
        let store = Arc::new(FaultyRepository {
            memory: Arc::clone(&self.memory),
            appends: Arc::clone(&self.appends),
            reads: Arc::clone(&self.reads),
            state: watch::Sender::new(State::Up),
            mended: self.mended.subscribe(),
            history: Arc::clone(&self.history),
            flaw: self.flaw,
        });
        let limits = Limits {
            queue: self.plan.queue,
            batch: self.plan.batch,
            queue_bytes: self.plan.queue_bytes,
            ..Limits::default()
        };
        let (repository, drained) = GroupCommit::start(store.clone(), limits);
        self.stage.switch.to(Arc::new(repository));
        *self.process.borrow_mut() = Some(Process { store, drained });
    }

    fn set(&self, state: State) {
        if let Some(process) = &*self.process.borrow() {
            process.store.state.send_replace(state);
        }
    }

    /// Everything that the plan has in store; all is mended in time, and then it waits for ever.
    async fn goes_wrong(&self) {
        let begun = time::Instant::now();
        for (at, event) in &self.plan.events {
            time::sleep_until(begun + *at).await;
            self.history.note(format!("{event:?}"));
            match event {
                Event::Restart(duration) => {
                    self.set(State::Down);
                    time::sleep(*duration).await;
                    self.set(State::Up);
                }
                Event::Kill => {
                    self.set(State::Dead);
                    self.start();
                    self.died.send_modify(|deaths| *deaths += 1);
                }
            }
        }
        time::sleep_until(begun + MENDED).await;
        self.mend();
        time::sleep(FOR_EVER).await;
    }

    fn mend(&self) {
        self.appends.end();
        self.reads.end();
        self.mended.send_replace(true);
        self.set(State::Up);
        self.history.note("the store is mended");
    }

    /// The process ends as it should; the store can be read.
    async fn end(self) -> Result<(), time::error::Elapsed> {
        if let Some(Process { store, drained }) = self.process.into_inner() {
            self.stage.switch.to(store);
            time::timeout(FOR_EVER, drained.wait()).await?;
        }
        // Time goes on when nothing else does: those whose clients have left are at their end, too.
        time::sleep(Duration::from_secs(1)).await;
        Ok(())
    }
}

impl Clients<'_> {
    /// Whether the application takes a message, now that nothing is wrong any more.
    async fn is_well(&self) -> Result<(), String> {
        match self.deliver(PROBE, None).await {
            Outcome::Answered {
                status: 200,
                replayed: false,
            } => Ok(()),
            other => Err(format!(
                "when all is well again, a message is answered {other:?}"
            )),
        }
    }
}

/// A message that no plan has.
const PROBE: Sent = Sent {
    source: "default",
    id: 200,
    variant: 0,
};

/// Everything that is there, by every way to read it.
async fn look(application: &Application, limit: u8) -> Left {
    let mut left = Left::default();

    let mut next = Some(format!("/messages?limit={limit}"));
    while let Some(path) = next.take() {
        let page = application.answer(stage::get(&path)).await.json();
        left.totals.extend(page["total"].as_u64());
        left.rows.extend(rows(&page, &mut left.unknown));
        let cursor = page["next_cursor"].as_str();
        next = cursor.map(|cursor| format!("/messages?limit={limit}&cursor={cursor}"));
    }

    loop {
        let offset = left.backwards.len();
        let path = format!("/messages?limit={limit}&order=desc&offset={offset}");
        let page = application.answer(stage::get(&path)).await.json();
        left.totals.extend(page["total"].as_u64());
        let shown = rows(&page, &mut left.unknown);
        if shown.is_empty() {
            break;
        }
        left.backwards.extend(shown);
    }

    let mut after = 0;
    loop {
        let path = format!("/messages?limit={limit}&after_seq={after}");
        let page = application.answer(stage::get(&path)).await.json();
        let shown = rows(&page, &mut left.unknown);
        if shown.is_empty() {
            break;
        }
        left.arrivals.extend(shown);
        after = page["next_after_seq"].as_u64().unwrap_or_default();
    }

    left.stats = application.answer(stage::get("/stats")).await.json();
    let conflicts = application
        .answer(stage::get("/conflicts?limit=100"))
        .await
        .json();
    for conflict in conflicts["data"].as_array().into_iter().flatten() {
        match Row::read(conflict) {
            Some(row) => left
                .conflicts
                .push((row.sent, conflict["times"].as_u64().unwrap_or(0))),
            None => left.unknown.push(conflict.clone()),
        }
    }
    left
}

fn rows(page: &Value, unknown: &mut Vec<Value>) -> Vec<Row> {
    let mut rows = Vec::new();
    for message in page["data"].as_array().into_iter().flatten() {
        match Row::read(message) {
            Some(row) => rows.push(row),
            None => unknown.push(message.clone()),
        }
    }
    rows
}

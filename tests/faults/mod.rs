//! Seeded fault plans: what the application does when its store does what stores do.
//!
//! A plan is made from a number. It says what several clients send and read, when they lose patience,
//! and what happens to each call of the store: errors before and after the commit, delays, hangs,
//! panics, restarts, the death of the process. It is played on the real application and the real
//! group commit over the in-memory store, on one thread and in its own time, so that the same
//! number is the same run, to the millisecond; and then everything that was answered is held
//! against everything that is stored (`check` has the rules).
//!
//! A plan that breaks a rule is made as small as it gets and shown with its history. To play one
//! again: `FAULT_SEED=123 cargo test -p countersign-tests --test suite faults -- --nocapture`.
//! To play more: `FAULT_PLANS=100000`, and from another number on, `FAULT_FIRST=100000`.

mod check;
mod client;
mod content;
mod flaws;
mod history;
mod plan;
mod run;
mod stage;
mod store;

use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use self::{
    check::Broken,
    flaws::Flaw,
    history::{Outcome, What},
    plan::Plan,
    run::{Played, play},
    stage::Stage,
};

/// How many plans are played if nothing else is said.
const PLANS: u64 = 10_000;

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} must be a number")))
}

#[test]
fn every_plan_keeps_every_rule() {
    let (first, count) = match number("FAULT_SEED") {
        Some(seed) => (seed, 1),
        None => (
            number("FAULT_FIRST").unwrap_or(0),
            number("FAULT_PLANS").unwrap_or(PLANS),
        ),
    };
    let next = AtomicU64::new(first);
    let failed = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let stage = Stage::new();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let enough = failed.lock().unwrap_or_else(PoisonError::into_inner).len() > 2;
                    if seed >= first + count || enough {
                        return;
                    }
                    let plan = Plan::of(seed);
                    let played = play(&plan, &stage, None);
                    if count == 1 {
                        println!("{}", report(&plan, &played));
                    }
                    if !played.broken.is_empty() {
                        let smallest = shrunk(plan, played, &stage, None);
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.push(smallest);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(failed.is_empty(), "\n{}", failed.join("\n\n"));
}

/// A plan that fails as this one does and has no part that it could do without, as a report.
fn shrunk(mut plan: Plan, mut played: Played, stage: &Stage, flaw: Option<Flaw>) -> String {
    let rule = played.broken[0].rule;
    let same = |broken: &Broken| broken.rule == rule;
    while let Some((simpler, again)) = plan
        .simpler()
        .into_iter()
        .map(|simpler| {
            let played = play(&simpler, stage, flaw);
            (simpler, played)
        })
        .find(|(_, played)| played.broken.iter().any(same))
    {
        (plan, played) = (simpler, again);
    }
    report(&plan, &played)
}

fn report(plan: &Plan, played: &Played) -> String {
    let mut report = String::new();
    for broken in &played.broken {
        let _ = writeln!(report, "{broken}");
    }
    let _ = writeln!(report, "{plan:#?}");
    for (number, happened) in played.history.iter().enumerate() {
        let _ = writeln!(report, "{number:>4} {happened}");
    }
    let _ = write!(
        report,
        "the whole plan: FAULT_SEED={} cargo test -p countersign-tests --test suite faults -- --nocapture",
        plan.seed
    );
    report
}

#[test]
fn a_seed_is_the_same_run_every_time() {
    let (one, other) = (Stage::new(), Stage::new());
    for seed in 0..100 {
        let plan = Plan::of(seed);
        let (first, second) = (play(&plan, &one, None), play(&plan, &other, None));
        assert_eq!(first.history, second.history, "seed {seed}");
    }
}

/// Plans in which nothing happens find nothing.
#[test]
fn the_plans_come_to_everything_that_they_are_for() {
    let stage = Stage::new();
    let mut came_to = BTreeSet::new();
    for seed in 0..500 {
        for happened in play(&Plan::of(seed), &stage, None).history {
            match happened.what {
                What::Completed(_, outcome) => {
                    came_to.insert(format!("{outcome:?}"));
                }
                What::Append(batch) if batch.len() > 3 => {
                    came_to.insert("large groups".to_owned());
                }
                What::Note(note) if note.starts_with("GET /messages?") => {
                    let (_, status) = note.split_once(": ").expect("a status");
                    came_to.insert(format!("a read: {status}"));
                }
                _ => {}
            }
        }
    }
    let answered = |status, replayed| format!("{:?}", Outcome::Answered { status, replayed });
    let expected = [
        answered(200, false),
        answered(200, true),
        answered(409, false),
        answered(500, false),
        answered(503, false),
        format!("{:?}", Outcome::Left),
        format!("{:?}", Outcome::Died),
        "a read: Ok(200)".to_owned(),
        "a read: Ok(500)".to_owned(),
        "a read: Ok(503)".to_owned(),
        "a read: Err(Died)".to_owned(),
        "large groups".to_owned(),
    ];
    assert_eq!(came_to, BTreeSet::from(expected));
}

/// A check that nothing fails checks nothing.
#[test]
fn every_flaw_of_a_store_is_noticed() {
    let stage = Stage::new();
    for (flaw, rules) in Flaw::ALL {
        let noticed = (0..500).any(|seed| {
            let broken = play(&Plan::of(seed), &stage, Some(flaw)).broken;
            broken.iter().any(|broken| rules.contains(&broken.rule))
        });
        assert!(noticed, "{flaw:?} is not noticed");
    }
}

//! `powercut`: every system call of a run is kept, and the disk rebuilt as a power cut between any
//! two of them could have left it.

mod record;
mod replay;
mod verdict;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use anyhow::Context as _;
use tokio::runtime::Handle;

use self::{
    record::{DATABASE, Recording, Start, record},
    replay::{State, replay},
    verdict::{with_program, with_sqlite},
};
use crate::{
    context::{self, Context},
    disk::{Damage, Tree},
    findings::{Findings, Outcome},
    message::Mint,
    server::Launch,
};

/// One of so many states is opened by the program too; of those in which the database is being
/// made, one of so many.
const SAMPLE: usize = 50;
const FIRST_SAMPLE: usize = 15;

/// What was seen.
#[derive(Debug, Default)]
struct Tally {
    states: usize,
    served: usize,
    /// States in which something acknowledged was missing.
    with_losses: usize,
    /// The most that was missing in one.
    worst: usize,
    corrupt: usize,
}

/// A state from which to go on: cut once, and to be cut again.
struct Survivor {
    tree: Tree,
    acknowledged: HashSet<String>,
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    context::need_strace()?;
    let mut findings = Findings::default();
    let mut random = context.random("powercut");
    let count = context.size(300, 5000);
    let folder = context.folder()?;
    let mut mint = Mint::new("cut", context.seed, 0..=200)?;
    let launch = Launch::new(&context.program, folder.path());
    let start = Start {
        before: Tree::new(),
        sent: HashMap::new(),
        owed: HashSet::new(),
    };
    let recording = record(
        &launch,
        folder.path(),
        start,
        &mut mint,
        count,
        &mut findings,
    )
    .await?;
    let mut survivors = Survivors {
        wanted: context.size(2, 20),
        kept: Vec::new(),
    };
    let boundaries = context.size(350, 3000);
    let (tally, all) = Inspection {
        context,
        recording: &recording,
        launch: Some(&launch),
        name: "powercut",
    }
    .run(boundaries, &mut random, &mut survivors, &mut findings)?;

    let mut again = Tally::default();
    for (number, survivor) in survivors.kept.into_iter().enumerate() {
        let folder = context.folder()?;
        let start = Start {
            before: survivor.tree,
            sent: recording.sent.clone(),
            owed: survivor.acknowledged,
        };
        let mut mint = Mint::new(&format!("cut-again-{number}"), context.seed, 0..=200)?;
        let recording = record(&launch, folder.path(), start, &mut mint, 20, &mut findings).await?;
        let (tally, _) = Inspection {
            context,
            recording: &recording,
            launch: Some(&launch),
            name: "powercut after powercut",
        }
        .run(
            context.size(40, 100),
            &mut random,
            &mut Survivors::none(),
            &mut findings,
        )?;
        again.states += tally.states;
        again.served += tally.served;
    }

    let noticed = self_test(context, &mut findings).await?;
    let summary = format!(
        "{count} messages, {all} boundaries, {} states ({} through the program), {} corrupt, {} with losses; cut twice: {} states; \
         with synchronous=NORMAL: {} of {} states with losses, {} messages at the worst, {} corrupt",
        tally.states,
        tally.served,
        tally.corrupt,
        tally.with_losses,
        again.states,
        noticed.with_losses,
        noticed.states,
        noticed.worst,
        noticed.corrupt,
    );
    findings.check(tally.states + again.states >= 1000, || {
        "fewer than 1000 states were looked at".to_owned()
    });
    Ok(Outcome { summary, findings })
}

/// The same with a server that does not wait for the disk: losses must be noticed.
async fn self_test(context: &Context, findings: &mut Findings) -> anyhow::Result<Tally> {
    let folder = context.folder()?;
    let mut mint = Mint::new("unsafe", context.seed, 0..=200)?;
    let mut launch = Launch::new(
        &std::env::current_exe().context("this program has no path")?,
        folder.path(),
    );
    launch.arguments = vec!["victim".into()];
    let start = Start {
        // It is the log that must be lost, not the folder.
        before: Tree::from([("data".into(), None)]),
        sent: HashMap::new(),
        owed: HashSet::new(),
    };
    let recording = record(&launch, folder.path(), start, &mut mint, 150, findings).await?;
    let mut ignored = Findings::default();
    let mut random = context.random("self-test");
    let (tally, _) = Inspection {
        context,
        recording: &recording,
        launch: None,
        name: "self-test",
    }
    .run(
        context.size(60, 400),
        &mut random,
        &mut Survivors::none(),
        &mut ignored,
    )?;
    findings.check(tally.with_losses > 0, || {
        "a server that does not wait for the disk lost nothing: this test proves nothing".to_owned()
    });
    findings.check(tally.corrupt == 0, || {
        "with synchronous=NORMAL the database is corrupt, which SQLite promises it is not"
            .to_owned()
    });
    Ok(tally)
}

/// All states of a recording.
struct Inspection<'a> {
    context: &'a Context,
    recording: &'a Recording,
    /// The program, if its word is asked for too. Without it, losses are expected.
    launch: Option<&'a Launch>,
    name: &'a str,
}

impl Inspection<'_> {
    fn run(
        &self,
        boundaries: usize,
        random: &mut fastrand::Rng,
        survivors: &mut Survivors,
        findings: &mut Findings,
    ) -> anyhow::Result<(Tally, usize)> {
        let scratch = self.context.scratch()?;
        let folder = scratch.path().join("root");
        let mut mint = Mint::new("after-the-cut", 0, 0..=20)?;
        let mut tally = Tally::default();
        let mut candidates = 0;
        let all = replay(self.recording, boundaries, random, |state, random| {
            tally.states += 1;
            let place = place(self.name, &state);
            self.look(&state, &folder, &place, &mut tally, findings);
            self.context
                .progress(self.name, tally.states, boundaries * Damage::ALL.len());
            let every = if state.first_start {
                FIRST_SAMPLE
            } else {
                SAMPLE
            };
            // A number that no kind of damage has a preference for.
            let Some(launch) = self.launch.filter(|_| tally.states % every == 7) else {
                return Ok(());
            };
            tally.served += 1;
            let served = with_program(&state, &folder, launch, &mut mint, &place, findings);
            // Here, states come one after the other: each is too large to be put aside.
            tokio::task::block_in_place(|| Handle::current().block_on(served)).context(place)?;
            if state
                .tree
                .contains_key(Path::new(&format!("{DATABASE}-wal")))
            {
                candidates += 1;
                survivors.offer(candidates, &state, random);
            }
            Ok(())
        })?;
        Ok((tally, all))
    }

    fn look(
        &self,
        state: &State<'_>,
        folder: &Path,
        place: &str,
        tally: &mut Tally,
        findings: &mut Findings,
    ) {
        match with_sqlite(state, folder, &self.recording.sent) {
            Ok(0) => {}
            Ok(lost) => {
                tally.with_losses += 1;
                tally.worst = tally.worst.max(lost);
                if self.launch.is_some() {
                    findings.add(format!("{place}: {lost} acknowledged messages are lost"));
                }
            }
            Err(error) => {
                tally.corrupt += 1;
                findings.add(format!("{place}: {error:#}"));
            }
        }
    }
}

/// Some of the states that were survived, each as likely as the others.
struct Survivors {
    wanted: usize,
    kept: Vec<Survivor>,
}

impl Survivors {
    fn none() -> Self {
        Self {
            wanted: 0,
            kept: Vec::new(),
        }
    }

    fn offer(&mut self, number: usize, state: &State<'_>, random: &mut fastrand::Rng) {
        let place = random.usize(..number);
        if self.kept.len() >= self.wanted && place >= self.wanted {
            return;
        }
        let survivor = Survivor {
            tree: state.tree.clone(),
            acknowledged: state.acknowledged.clone(),
        };
        if self.kept.len() < self.wanted {
            self.kept.push(survivor);
        } else {
            self.kept[place] = survivor;
        }
    }
}

fn place(name: &str, state: &State<'_>) -> String {
    format!("{name}, boundary {}, {:?}", state.boundary, state.damage)
}

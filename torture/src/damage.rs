//! `damage`: the files of a database that was left by a crash are changed by chance, and the program
//! is started on them.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{
    api::Answer,
    context::{self, Context},
    findings::{Findings, Outcome},
    history::History,
    message::{Message, Mint},
    server::{Launch, Server, Started},
};

/// How many messages the database has.
const MESSAGES: usize = 150;

/// Which file is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Log,
    Wal,
    Shm,
    Index,
}

impl Victim {
    const ALL: [Self; 4] = [Self::Log, Self::Wal, Self::Shm, Self::Index];

    const fn name(self) -> &'static str {
        match self {
            Self::Log => "app.db",
            Self::Wal => "app.db-wal",
            Self::Shm => "app.db-shm",
            Self::Index => "app.db-index",
        }
    }

    /// Whether what was acknowledged has to be there all the same: these are made anew.
    const fn is_derived(self) -> bool {
        matches!(self, Self::Shm | Self::Index)
    }
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Flip,
    Zero,
    Truncate,
    Remove,
    Foreign,
}

#[derive(Debug, Default)]
struct Tally {
    refused: usize,
    ended: usize,
    served: usize,
    /// Messages that a damaged log or write-ahead log no longer had.
    lost: usize,
    /// Messages that were not what was sent: no page of SQLite's has a checksum.
    changed: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.refused += other.refused;
        self.ended += other.ended;
        self.served += other.served;
        self.lost += other.lost;
        self.changed += other.changed;
    }
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut findings = Findings::default();
    let mut tally = Tally::default();
    let mut random = context.random("damage");
    let folder = context.folder()?;
    let original = folder.path().join("data/app.db");
    let mut history = History::default();
    let mut mint = Mint::new("damage", context.seed, 0..=400)?;
    let server = Launch::new(&context.program, &original).serve()?;
    let api = server.api()?;
    let mut sent = Vec::new();
    for _ in 0..MESSAGES {
        let message = mint.make();
        history.invoke(&message);
        let stored = api.deliver(&message).await == Answer::Stored;
        findings.check(stored, || format!("{} is not stored", message.id));
        sent.push(message);
    }
    // Something is to be in the index, too: it is written behind the messages.
    tokio::time::sleep(Duration::from_secs(2)).await;
    server.kill()?;
    server.ended()?;

    let mutations = context.size(64, 300);
    let (original, sent) = (folder.path().join("data"), Arc::new(sent));
    let runs = (0..mutations).map(|number| {
        let (original, sent) = (original.clone(), Arc::clone(&sent));
        one(context.clone(), number, original, sent, random.fork())
    });
    let mut done = 0;
    context::all(runs, |(seen, found)| {
        tally.add(&seen);
        findings.append(found);
        done += 1;
        context.progress("damage", done, mutations);
    })
    .await?;
    let summary = format!(
        "{mutations} mutations: {} refused to start and said why, {} ended with 70, {} served; of a damaged \
         log, {} messages were gone and {} not what was sent",
        tally.refused, tally.ended, tally.served, tally.lost, tally.changed
    );
    Ok(Outcome { summary, findings })
}

/// One change of a copy of what was left.
async fn one(
    context: Context,
    number: usize,
    original: PathBuf,
    sent: Arc<Vec<Message>>,
    mut random: fastrand::Rng,
) -> anyhow::Result<(Tally, Findings)> {
    let (mut tally, mut findings) = (Tally::default(), Findings::default());
    let victim = Victim::ALL[number % Victim::ALL.len()];
    let change = match random.u8(..12) {
        0..5 => Change::Flip,
        5..8 => Change::Zero,
        8..10 => Change::Truncate,
        10 => Change::Remove,
        _ => Change::Foreign,
    };
    let copy = context.scratch()?;
    let data = copy.path().join("data");
    copy_folder(&original, &data)?;
    let target = data.join(victim.name());
    if !target.exists() || (victim == Victim::Log && matches!(change, Change::Remove)) {
        // Without the database there is nothing that could be lost by it.
        return Ok((tally, findings));
    }
    let place = format!("mutation {number}, {change:?} of {}", victim.name());
    mutate(&target, change, &mut random)?;
    let launch = Launch::new(&context.program, &data.join("app.db")).ending_at_once();
    match launch.start()? {
        Started::Ended(ended) => {
            ended.log.check(&place, &mut findings);
            let code = ended.status.code();
            findings.check(matches!(code, Some(69 | 70 | 78)), || {
                format!("{place}: it ended with {}", ended.status)
            });
            let last = ended.log.last.back().cloned().unwrap_or_default();
            let clear = last["level"] == "ERROR" && last["help"].is_string();
            findings.check(clear, || format!("{place}: it did not say why: {last}"));
            findings.check(!victim.is_derived(), || {
                format!("{place}: it does not start for want of what it can make anew: {last}")
            });
            tally.refused += 1;
        }
        Started::Listening(server) => {
            let new = Mint::new("new", context.seed, 0..=400)?.make();
            serves(
                server,
                victim,
                &sent,
                &new,
                &place,
                &mut tally,
                &mut findings,
            )
            .await?;
        }
    }
    Ok((tally, findings))
}

/// What it answers is what was sent, or it says that it cannot; and what it takes now, it has.
async fn serves(
    mut server: Server,
    victim: Victim,
    sent: &[Message],
    new: &Message,
    place: &str,
    tally: &mut Tally,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let api = server.api()?;
    let taken = api.deliver(new).await;
    findings.check(
        matches!(
            taken,
            Answer::Stored | Answer::Unavailable { .. } | Answer::Nothing
        ),
        || format!("{place}: a message is answered {taken:?}"),
    );
    for path in ["/messages?limit=100", "/messages?q=a", "/stats"] {
        if let Ok(status) = api.status(path).await {
            // What makes no sense in a damaged database may be 500; what is derived is done without.
            let allowed: &[u16] = if victim.is_derived() {
                &[200]
            } else {
                &[200, 500, 503]
            };
            findings.check(allowed.contains(&status.as_u16()), || {
                format!("{place}: {path} is answered {status}")
            });
        }
    }
    for message in sent {
        match api.find(&message.id).await {
            Ok(Some(content)) if content == message.content => {}
            Ok(Some(_)) if victim == Victim::Log => tally.changed += 1,
            Ok(Some(_)) => findings.add(format!("{place}: {} is not what was sent", message.id)),
            Ok(None) if victim.is_derived() => {
                findings.add(format!("{place}: {} is lost", message.id));
            }
            Ok(None) => tally.lost += 1,
            Err(_) if server.has_ended()? => break,
            Err(error) if victim.is_derived() => findings.add(format!("{place}: {error:#}")),
            Err(_) => {}
        }
    }
    if taken == Answer::Stored && !server.has_ended()? {
        let found = api.find(&new.id).await;
        findings.check(!matches!(found, Ok(None)), || {
            format!("{place}: what was just taken is lost")
        });
    }
    // It may have ended by itself, or be about to.
    let ended = if server.has_ended()? {
        server.ended()?
    } else {
        server.terminate()?
    };
    ended.log.check(place, findings);
    match ended.status.code() {
        Some(0) => tally.served += 1,
        Some(70) if !victim.is_derived() => tally.ended += 1,
        _ => findings.add(format!("{place}: it ended with {}", ended.status)),
    }
    Ok(())
}

fn mutate(path: &Path, change: Change, random: &mut fastrand::Rng) -> anyhow::Result<()> {
    let length = fs::metadata(path)?.len();
    if length == 0 {
        return Ok(());
    }
    let file = OpenOptions::new().write(true).read(true).open(path)?;
    let at = random.u64(..length);
    match change {
        Change::Flip => flip(&file, at, random)?,
        Change::Zero => {
            let end = length.min(at + random.u64(1..8192));
            file.write_all_at(&vec![0; usize::try_from(end - at)?], at)?;
        }
        Change::Truncate => file.set_len(at)?,
        Change::Remove => fs::remove_file(path)?,
        Change::Foreign => fs::write(path, "a letter to a friend ".repeat(1000))?,
    }
    Ok(())
}

/// One bit, or some bytes.
fn flip(file: &File, at: u64, random: &mut fastrand::Rng) -> anyhow::Result<()> {
    let mut bytes = vec![0; random.usize(1..64)];
    let read = file.read_at(&mut bytes, at)?;
    for byte in &mut bytes[..read] {
        *byte ^= random.u8(1..);
    }
    Ok(file.write_all_at(&bytes[..read], at)?)
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

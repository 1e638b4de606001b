//! `postgres`: two instances on one PostgreSQL server, under load, while the server is restarted in
//! every way, and an instance is killed now and then.
//!
//! The server is one of its own. What is looked at in the end is in `verdict`; who wants to look at
//! more meanwhile, such as a reader of what arrives, begins and ends with the load.

mod cluster;
mod stage;
mod verdict;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::time::sleep;

use self::{cluster::Cluster, stage::Stage};
use crate::{
    context::Context,
    findings::{Findings, Outcome},
    load::lock,
    message::Mint,
    server::Launch,
};

const INSTANCES: usize = 2;

/// For how long there is load between two blows, in milliseconds.
const MOMENT: std::ops::Range<u64> = 300..1500;

/// For how long it stands still: longer than any write is waited for.
const FROZEN: Duration = Duration::from_secs(5);

/// How soon each instance has to be ready and to store a message, in a release build.
const RECOVERY: Duration = Duration::from_secs(2);

/// How long an answer may take: a group that fails takes four seconds at the most, and a message
/// may wait for the one before its own.
const SLOWEST: Duration = Duration::from_secs(10);

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blow {
    /// The server ends all connections and itself, and recovers from its log.
    Immediate,
    /// It ends all connections, writes everything, and starts again.
    Fast,
    /// The same, but it starts so much later.
    Away(Duration),
    /// The same, and an instance is killed meanwhile and started before the server is.
    Cold(Duration),
    /// All of its processes stand still for so long: it accepts everything and answers nothing.
    Frozen(Duration),
    /// It ends every connection, and takes new ones.
    Disconnected,
    /// SIGKILL for the server's first process.
    Postmaster,
    /// SIGKILL for one of the instances.
    Instance,
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut random = context.random("postgres");
    let mut findings = Findings::default();
    let cluster = Cluster::start(context.folder()?, &mut random).await?;
    let launch = Launch::on_server(&context.program, &cluster.url);
    let mint = Mint::new("pg", context.seed, 0..=200)?;
    let mut stage = Stage::set(cluster, launch, mint)?;
    let load = Arc::clone(&stage.load);

    let blows = blows(context, &mut random);
    let clients = load.begin(&mut random);
    let mut recoveries: BTreeMap<Blow, Vec<Duration>> = BTreeMap::new();
    for (number, blow) in blows.iter().enumerate() {
        sleep(Duration::from_millis(random.u64(MOMENT))).await;
        let place = format!("{blow:?}, blow {} of {}", number + 1, blows.len());
        let since = stage.strike(*blow, &mut random, &place, &mut findings);
        let since = since.await.context(place.clone())?;
        let recovery = stage.recovered(since).await.context(place.clone())?;
        if context.release {
            findings.check(recovery <= RECOVERY, || {
                format!("{place}: it takes {recovery:.2?} until both instances store again")
            });
        }
        recoveries.entry(*blow).or_default().push(recovery);
        stage.check_alive(&place, &mut findings)?;
        context.progress("postgres", number + 1, blows.len());
    }
    sleep(Duration::from_millis(random.u64(MOMENT))).await;
    load.end(clients).await;
    for wrong in load.wrong() {
        findings.add(wrong);
    }
    let seen = verdict::judge(&stage.cluster, &load, &mut findings).await?;
    verdict::notices_losses(&stage.cluster, &load, &mut findings).await?;
    stage.end(&mut findings)?;

    let tally = *lock(&load.tally);
    findings.check(tally.slowest <= SLOWEST, || {
        format!("an answer took {:.1?}", tally.slowest)
    });
    let history = lock(&load.history);
    let summary = format!(
        "{} messages sent, {} acknowledged or seen, {} repeats, {} to both at once, {} refused, \
         {} reads, {} cut off by a kill, the slowest answer after {:.1?}; the fold was up to date after \
         {:.1?}, and {:.1?} after a crash; both instances store again: {}",
        history.sent(),
        history.acknowledged(),
        tally.repeats,
        tally.to_both,
        tally.answers.refused,
        tally.reads,
        tally.cut_off,
        tally.slowest,
        seen.folded_after,
        seen.again_after,
        recoveries
            .into_iter()
            .map(|(blow, times)| describe(blow, times))
            .collect::<Vec<_>>()
            .join(", "),
    );
    Ok(Outcome { summary, findings })
}

/// What happens, in which order.
fn blows(context: &Context, random: &mut fastrand::Rng) -> Vec<Blow> {
    let away = Duration::from_secs(if context.ci { 2 } else { 5 });
    let mut blows = vec![Blow::Immediate; context.size(4, 20)];
    blows.extend(vec![Blow::Fast; context.size(1, 4)]);
    blows.extend(vec![Blow::Instance; context.size(1, 4)]);
    blows.extend(vec![Blow::Postmaster; context.size(1, 2)]);
    blows.extend(vec![Blow::Disconnected; context.size(1, 4)]);
    blows.push(Blow::Away(away));
    blows.push(Blow::Cold(away));
    blows.push(Blow::Frozen(FROZEN));
    random.shuffle(&mut blows);
    blows
}

fn describe(blow: Blow, mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!(
        "{blow:?} ({}) {:.0?} at the median, {:.0?} at the most",
        times.len(),
        times[times.len() / 2],
        times[times.len() - 1],
    )
}

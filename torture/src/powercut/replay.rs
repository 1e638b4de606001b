//! From a recording to the states in which a power cut could have left the disk.

use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

use super::record::{DATABASE, Recording};
use crate::{
    disk::{Damage, Disk, Tree},
    operation::{Action, Operation},
    trace::NEVER,
};

/// What a power cut left, and what the clients knew by then.
pub struct State<'a> {
    pub damage: Damage,
    /// Which boundary it is.
    pub boundary: usize,
    /// The database is being made: nothing has been acknowledged, and nothing been sent.
    pub first_start: bool,
    pub tree: Tree,
    pub acknowledged: &'a HashSet<String>,
}

/// Something that happens at a position of the trace.
enum Moment<'a> {
    Begin(&'a Operation),
    Synced { path: &'a Path, start: usize },
}

/// The moments of a recording, in their order.
fn moments(recording: &Recording) -> Vec<Moment<'_>> {
    let mut moments = Vec::new();
    for operation in &recording.operations {
        if let Action::Sync { path } = &operation.action {
            // A sync counts when it has come back, everything else when it begins.
            if operation.end != NEVER {
                let start = operation.start;
                moments.push((operation.end, Moment::Synced { path, start }));
            }
        } else {
            moments.push((operation.start, Moment::Begin(operation)));
        }
    }
    moments.sort_by_key(|(position, _)| *position);
    moments.into_iter().map(|(_, moment)| moment).collect()
}

/// Which boundaries are looked at, if not all can be: the first ones, in which the database is
/// made, then as many of the rare ones (all that is not the steady growth of the write-ahead log)
/// as of the others.
fn chosen(
    recording: &Recording,
    moments: &[Moment<'_>],
    wanted: usize,
    random: &mut fastrand::Rng,
) -> BTreeSet<usize> {
    let steady = |moment: &Moment<'_>| {
        let path = match moment {
            Moment::Synced { path, .. } => path,
            Moment::Begin(operation) => match &operation.action {
                Action::Write { path, .. } => path.as_path(),
                Action::Send { .. } => return true,
                _ => return false,
            },
        };
        path == recording.root.join(format!("{DATABASE}-wal"))
    };
    if moments.len() <= wanted {
        return (0..moments.len()).collect();
    }
    let (mut common, mut rare): (Vec<usize>, Vec<usize>) =
        (0..moments.len()).partition(|index| steady(&moments[*index]));
    let first = common.first().copied().unwrap_or_default();
    random.shuffle(&mut common);
    random.shuffle(&mut rare);
    let mut chosen: BTreeSet<usize> = (0..first).take(wanted / 2).collect();
    let half = wanted.saturating_sub(chosen.len()) / 2;
    chosen.extend(rare.into_iter().take(half));
    let rest = wanted.saturating_sub(chosen.len());
    chosen.extend(common.into_iter().take(rest));
    chosen
}

/// Calls `look` with every state: at up to so many boundaries, one for each kind of damage.
/// Says how many boundaries there are in all.
pub fn replay(
    recording: &Recording,
    boundaries: usize,
    random: &mut fastrand::Rng,
    mut look: impl FnMut(State<'_>, &mut fastrand::Rng) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    let moments = moments(recording);
    let chosen = chosen(recording, &moments, boundaries, random);
    let mut disk = Disk::new(&recording.root, &recording.before);
    let mut acknowledged = recording.owed.clone();
    let mut served = false;
    for (index, moment) in moments.iter().enumerate() {
        match moment {
            Moment::Begin(operation) => {
                disk.begin(operation)?;
                if let Some(id) = recording.acknowledged(operation) {
                    acknowledged.insert(id.to_owned());
                    served = true;
                }
            }
            Moment::Synced { path, start } => {
                // Below the root, and nowhere else, is known what is there.
                disk.synced(path, *start)?;
            }
        }
        if !chosen.contains(&index) {
            continue;
        }
        for damage in Damage::ALL {
            let state = State {
                damage,
                boundary: index,
                first_start: !served && recording.before.values().all(Option::is_none),
                tree: disk.cut(damage, random),
                acknowledged: &acknowledged,
            };
            look(state, random)?;
        }
    }
    Ok(moments.len())
}

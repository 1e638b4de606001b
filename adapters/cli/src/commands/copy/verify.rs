//! Whether the target has what the source has, row by row.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use countersign_core::{
    Arrival, Conflict, Digest, Message, MessageId, MessageKey, MessageRepository as _, Repeat,
    RepositoryError, Sequence, Timestamp,
};
use countersign_sea_orm::SqlRepository;

use super::{
    BATCH, NAMED,
    digest::{RowDigest, Rows},
    progress,
    transfer::{behind, by_key, next_repeats},
};
use crate::{lasting::failed, stop::Stop};

/// What was found.
#[derive(Default)]
pub struct Comparison {
    source: Rows,
    /// What the target has under the ids of the source's messages, in the source's order.
    target: Rows,
    /// The target does not have them.
    missing: Ids,
    /// The target does not have them any more: they, or others under their ids, were purged there.
    purged_there: Ids,
    /// The target has another message under the id.
    other: Ids,
    /// The target has the message, received at another time, or with another key that vouches for it.
    otherwise: Ids,
    /// The source does not have them.
    surplus: Ids,
    conflicts: u64,
    /// Conflicts that the target does not know, or saw less of.
    missing_conflicts: Ids,
    tombstones: u64,
    /// Messages that were purged in the source, and can be stored in the target, or are.
    not_purged: Ids,
    repeats: u64,
    /// Messages that came again more often than the target knows, or later.
    missing_repeats: Ids,
}

/// How many, and the first few of them.
#[derive(Default)]
struct Ids {
    count: u64,
    first: Vec<MessageId>,
}

impl Ids {
    fn add(&mut self, id: &MessageId) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(id.clone());
        }
    }
}

/// Compares everything that arrived in the source up to `end`. What came again since `counted` may come
/// again at any moment: how often it did, is not compared.
pub async fn run(
    source: &SqlRepository,
    target: &SqlRepository,
    end: Sequence,
    counted: Timestamp,
) -> Result<Comparison, Stop> {
    compare(source, target, end, counted)
        .await
        .map_err(|error| failed(&error).advising("mend it, and verify again with --verify-only"))
}

async fn compare(
    source: &SqlRepository,
    target: &SqlRepository,
    end: Sequence,
    counted: Timestamp,
) -> Result<Comparison, RepositoryError> {
    let mut found = Comparison::default();
    let bar = progress("verifying", source.count_up_to(end).await?);
    let mut after = Sequence::START;
    while after < end {
        let part = source.arrivals(&behind(after)).await?;
        let messages = up_to(end, part.items);
        let there = by_key(target, &messages).await?;
        let keys = messages.iter().map(|message| message.content.key());
        let absent: Vec<MessageKey> = keys.filter(|key| !there.contains_key(key)).collect();
        let purged = target.find_tombstones(&absent).await?.into_iter();
        let purged: HashSet<MessageKey> = purged.map(|tombstone| tombstone.key).collect();
        for message in &messages {
            let key = message.content.key();
            found.add(message, there.get(&key), purged.contains(&key));
        }
        bar.inc(messages.len() as u64);
        after = part.up_to;
        if !part.more {
            break;
        }
    }
    bar.finish_and_clear();
    if target.count().await? > found.target.count {
        found.surplus = surplus(source, target).await?;
    }
    compare_conflicts(source, target, &mut found).await?;
    compare_tombstones(source, target, &mut found).await?;
    compare_repeats(source, target, counted, &mut found).await?;
    Ok(found)
}

/// Each tombstone of the source must be one of the target.
async fn compare_tombstones(
    source: &SqlRepository,
    target: &SqlRepository,
    found: &mut Comparison,
) -> Result<(), RepositoryError> {
    let mut after = Sequence::START;
    loop {
        let rows = source.tombstones_behind(after, BATCH).await?;
        let Some((last, _)) = rows.last() else {
            return Ok(());
        };
        after = *last;
        let keys = rows.iter().map(|(_, tombstone)| tombstone.key.clone());
        let there = target.find_tombstones(&keys.collect::<Vec<_>>()).await?;
        let there: HashMap<MessageKey, Digest> = there
            .into_iter()
            .map(|tombstone| (tombstone.key, tombstone.digest))
            .collect();
        for (_, tombstone) in rows {
            found.tombstones += 1;
            if there.get(&tombstone.key) != Some(&tombstone.digest) {
                found.not_purged.add(&tombstone.key.id);
            }
        }
    }
}

/// What came again in the source must be known to have come as often in the target.
async fn compare_repeats(
    source: &SqlRepository,
    target: &SqlRepository,
    counted: Timestamp,
    found: &mut Comparison,
) -> Result<(), RepositoryError> {
    let mut after = Sequence::START;
    while let Some(mut repeats) = next_repeats(source, target, &mut after).await? {
        repeats.retain(|repeat| repeat.last_seen_at < counted);
        let keys = repeats.iter().map(|repeat| repeat.key.clone());
        let there = target.find_repeats(&keys.collect::<Vec<_>>()).await?;
        let there: HashMap<&MessageKey, &Repeat> =
            there.iter().map(|repeat| (&repeat.key, repeat)).collect();
        for repeat in &repeats {
            found.repeats += 1;
            let there = there.get(&repeat.key);
            if !there.is_some_and(|there| {
                there.times >= repeat.times && there.last_seen_at >= repeat.last_seen_at
            }) {
                found.missing_repeats.add(&repeat.key.id);
            }
        }
    }
    Ok(())
}

fn up_to(end: Sequence, arrivals: Vec<Arrival>) -> Vec<Message> {
    let wanted = arrivals.into_iter().take_while(|one| one.sequence <= end);
    wanted.map(|arrival| arrival.message).collect()
}

/// What only the target has. One that the source has got meanwhile is none.
async fn surplus(source: &SqlRepository, target: &SqlRepository) -> Result<Ids, RepositoryError> {
    let mut surplus = Ids::default();
    let bar = progress(
        "looking for what only the target has",
        target.count().await?,
    );
    let mut after = Sequence::START;
    loop {
        let part = target.arrivals(&behind(after)).await?;
        let messages = part.items.into_iter().map(|arrival| arrival.message);
        let messages: Vec<Message> = messages.collect();
        let there = by_key(source, &messages).await?;
        for message in &messages {
            if !there.contains_key(&message.content.key()) {
                surplus.add(&message.content.id);
            }
        }
        bar.inc(messages.len() as u64);
        after = part.up_to;
        if !part.more {
            bar.finish_and_clear();
            return Ok(surplus);
        }
    }
}

/// Each conflict of the source must be known to the target, and have been seen there as early and as
/// often. Conflicts have no key by which they could be asked for; there are few.
async fn compare_conflicts(
    source: &SqlRepository,
    target: &SqlRepository,
    found: &mut Comparison,
) -> Result<(), RepositoryError> {
    let mut known = HashMap::new();
    let mut after = 0;
    while let Some(conflicts) = next(target, &mut after).await? {
        for conflict in conflicts {
            known.insert(
                RowDigest::of_content(&conflict.content),
                Seen::of(&conflict),
            );
        }
    }
    let mut after = 0;
    while let Some(conflicts) = next(source, &mut after).await? {
        for conflict in conflicts {
            found.conflicts += 1;
            let there = known.get(&RowDigest::of_content(&conflict.content));
            if !there.is_some_and(|there| there.covers(&Seen::of(&conflict))) {
                found.missing_conflicts.add(&conflict.content.id);
            }
        }
    }
    Ok(())
}

async fn next(
    database: &SqlRepository,
    after: &mut i64,
) -> Result<Option<Vec<Conflict>>, RepositoryError> {
    let rows = database.conflicts_behind(*after, BATCH).await?;
    let Some((last, _)) = rows.last() else {
        return Ok(None);
    };
    *after = *last;
    Ok(Some(
        rows.into_iter().map(|(_, conflict)| conflict).collect(),
    ))
}

/// When and how often a conflict was seen.
struct Seen {
    first: i64,
    last: i64,
    times: u64,
}

impl Seen {
    fn of(conflict: &Conflict) -> Self {
        Self {
            first: conflict.first_seen_at.micros(),
            last: conflict.last_seen_at.micros(),
            times: conflict.times,
        }
    }

    /// The target may have seen more.
    fn covers(&self, other: &Self) -> bool {
        self.first <= other.first && self.last >= other.last && self.times >= other.times
    }
}

impl Comparison {
    fn add(&mut self, message: &Message, there: Option<&Message>, was_purged: bool) {
        let (row, id) = (RowDigest::of(message), &message.content.id);
        self.source.add(row);
        let Some(there) = there else {
            let missing = if was_purged {
                &mut self.purged_there
            } else {
                &mut self.missing
            };
            missing.add(id);
            return;
        };
        let other_row = RowDigest::of(there);
        self.target.add(other_row);
        if other_row == row {
            return;
        }
        if there.content == message.content {
            self.otherwise.add(id);
        } else {
            self.other.add(id);
        }
    }

    /// The differences, in words.
    fn differences(&self) -> Vec<String> {
        let kinds = [
            (&self.missing, "missing in the target"),
            (&self.purged_there, "purged in the target"),
            (&self.other, "another message in the target"),
            (
                &self.otherwise,
                "in the target with another created_at or verified_by",
            ),
            (&self.surplus, "in the target only"),
            (
                &self.missing_conflicts,
                "conflicts that the target lacks or has seen less of",
            ),
            (
                &self.not_purged,
                "purged in the source, and not in the target",
            ),
            (
                &self.missing_repeats,
                "came again more often than the target knows",
            ),
        ];
        let kinds = kinds.into_iter().filter(|(ids, _)| ids.count > 0);
        kinds.map(|(ids, what)| ids.said(what)).collect()
    }

    /// # Errors
    /// If there is a difference.
    pub fn verdict(&self) -> Result<(), Stop> {
        let differences = self.differences();
        if differences.is_empty() {
            return Ok(());
        }
        Err(Stop::data(
            format!("the databases differ: {}", differences.join("; ")),
            "--resume copies what is missing. Nothing in the target is ever overwritten: where it \
             has another message under an id, GET /messages/{message_id} shows both. What was \
             purged there is not copied again",
        ))
    }
}

impl Ids {
    fn said(&self, what: &str) -> String {
        // Adopted ids may have control characters.
        let first: Vec<String> = self
            .first
            .iter()
            .map(|id| format!("{:?}", id.as_str()))
            .collect();
        let more = if self.count > self.first.len() as u64 {
            ", …"
        } else {
            ""
        };
        format!("{} {what} ({}{more})", self.count, first.join(", "))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "source: {}", self.source)?;
        write!(f, "target: {}", self.target)?;
        if self.surplus.count > 0 {
            write!(f, ", and {} others", self.surplus.count)?;
        }
        if self.differences().is_empty() {
            write!(
                f,
                "\nverified: every message is there, unchanged, and so are {} conflicts",
                self.conflicts
            )?;
            if self.tombstones > 0 {
                write!(f, ", and the keys of {} purged ones", self.tombstones)?;
            }
            if self.repeats > 0 {
                write!(f, ", and how often {} messages came again", self.repeats)?;
            }
        }
        Ok(())
    }
}

//! Message by message from one database into another.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use countersign_core::{
    Appended, ArrivalQuery, Conflict, Message, MessageFilter, MessageKey, MessageRepository as _,
    Repeat, RepositoryError, Sequence, Tombstone,
};
use countersign_sea_orm::SqlRepository;

use super::{BATCH, progress};
use crate::{lasting::failed, stop::Stop};

/// What was done.
#[derive(Debug, Default)]
pub struct Copied {
    created: u64,
    known: u64,
    differing: u64,
    conflicts: u64,
    tombstones: u64,
    /// Messages that came again.
    repeats: u64,
    /// Where the source ended when everything was copied.
    pub up_to: Sequence,
}

/// Copies what is there, until it has caught up with the source.
pub async fn run(
    source: &SqlRepository,
    target: &SqlRepository,
    resume: bool,
) -> Result<Copied, Stop> {
    let start = start(source, target)
        .await
        .map_err(|error| failed(&error))?;
    if start.is_some() && !resume {
        return Err(Stop::configuration(
            "--to names a database that has messages already",
            "to go on with a copy that was interrupted, or to add what is missing, say --resume; \
             or name a new database",
        ));
    }
    copy(source, target, start)
        .await
        .map_err(|error| failed(&error).advising("mend it, and go on with --resume"))
}

/// Where to go on; nowhere, if the target is empty.
///
/// Behind the target's last message, if all that the target has is what the source has up to there;
/// that it is as many is enough to skip them, for whether they are the same is looked at afterwards.
/// Otherwise from the beginning.
async fn start(
    source: &SqlRepository,
    target: &SqlRepository,
) -> Result<Option<Sequence>, RepositoryError> {
    let Some(last) = target.last_message().await? else {
        return Ok(None);
    };
    let Some(place) = source.sequence_of(&last.message.content.key()).await? else {
        return Ok(Some(Sequence::START));
    };
    let all = source.count_up_to(place).await? == target.count().await?;
    Ok(Some(if all { place } else { Sequence::START }))
}

async fn copy(
    source: &SqlRepository,
    target: &SqlRepository,
    start: Option<Sequence>,
) -> Result<Copied, RepositoryError> {
    let begin = start.unwrap_or_default();
    let done = match start {
        Some(place) => source.count_up_to(place).await?,
        None => 0,
    };
    let bar = progress("copying", source.count().await?.saturating_sub(done));
    let mut copied = Copied {
        up_to: begin,
        ..Copied::default()
    };
    loop {
        let part = source.arrivals(&behind(copied.up_to)).await?;
        let messages = part.items.into_iter().map(|arrival| arrival.message);
        let mut batch: Vec<Message> = messages.collect();
        bar.inc(batch.len() as u64);
        if start.is_some() {
            batch = unknown(target, batch, &mut copied).await?;
        }
        for outcome in target.append(&batch).await? {
            match outcome {
                Appended::Created => copied.created += 1,
                Appended::Duplicate => copied.known += 1,
                Appended::Conflict => copied.differing += 1,
            }
        }
        copied.up_to = part.up_to;
        if !part.more {
            break;
        }
    }
    bar.finish_and_clear();
    // Behind the messages: one that was purged meanwhile has been copied. And before the conflicts,
    // some of which came after the purge.
    copied.tombstones = tombstones(source, target).await?;
    copied.conflicts = conflicts(source, target).await?;
    copied.repeats = repeats(source, target).await?;
    Ok(copied)
}

/// Everything behind a place, a batch of it.
pub fn behind(after: Sequence) -> ArrivalQuery {
    ArrivalQuery {
        after,
        filter: MessageFilter::default(),
        limit: BATCH,
    }
}

/// Those that the target has nothing under the id of. Of one that it has another message under, it
/// gets to know as of a conflict. (Appending it would say so, too, but once more for each time that
/// it is copied.)
async fn unknown(
    target: &SqlRepository,
    batch: Vec<Message>,
    copied: &mut Copied,
) -> Result<Vec<Message>, RepositoryError> {
    let there = by_key(target, &batch).await?;
    let (mut unknown, mut conflicts) = (Vec::new(), Vec::new());
    for message in batch {
        match there.get(&message.content.key()) {
            None => unknown.push(message),
            Some(other) if other.content == message.content => copied.known += 1,
            Some(_) => {
                copied.differing += 1;
                conflicts.push(Conflict {
                    first_seen_at: message.created_at,
                    last_seen_at: message.created_at,
                    times: 1,
                    content: message.content,
                });
            }
        }
    }
    if !conflicts.is_empty() {
        target.keep_conflicts(&conflicts).await?;
    }
    Ok(unknown)
}

/// What a database has under the keys of these messages.
pub async fn by_key(
    database: &SqlRepository,
    messages: &[Message],
) -> Result<HashMap<MessageKey, Message>, RepositoryError> {
    let keys = messages.iter().map(|message| message.content.key());
    let found = database.find_all(&keys.collect::<Vec<_>>()).await?;
    let pairs = found.into_iter();
    Ok(pairs
        .map(|message| (message.content.key(), message))
        .collect())
}

/// What is left of purged messages: a provider may send one of them again after the move, too.
async fn tombstones(
    source: &SqlRepository,
    target: &SqlRepository,
) -> Result<u64, RepositoryError> {
    let (mut after, mut count) = (Sequence::START, 0);
    loop {
        let rows = source.tombstones_behind(after, BATCH).await?;
        let Some((last, _)) = rows.last() else {
            return Ok(count);
        };
        after = *last;
        count += rows.len() as u64;
        let tombstones: Vec<Tombstone> = rows.into_iter().map(|(_, tombstone)| tombstone).collect();
        target.keep_tombstones(&tombstones).await?;
    }
}

async fn conflicts(source: &SqlRepository, target: &SqlRepository) -> Result<u64, RepositoryError> {
    let (mut after, mut count) = (0, 0);
    loop {
        let rows = source.conflicts_behind(after, BATCH).await?;
        let Some((last, _)) = rows.last() else {
            return Ok(count);
        };
        after = *last;
        count += rows.len() as u64;
        let conflicts: Vec<Conflict> = rows.into_iter().map(|(_, conflict)| conflict).collect();
        target.keep_conflicts(&conflicts).await?;
    }
}

async fn repeats(source: &SqlRepository, target: &SqlRepository) -> Result<u64, RepositoryError> {
    let (mut after, mut count) = (Sequence::START, 0);
    while let Some(repeats) = next_repeats(source, target, &mut after).await? {
        count += repeats.len() as u64;
        target.keep_repeats(&repeats).await?;
    }
    Ok(count)
}

/// How often the next messages came again that did, as far as the target has them: what is another
/// message there, did not.
pub async fn next_repeats(
    source: &SqlRepository,
    target: &SqlRepository,
    after: &mut Sequence,
) -> Result<Option<Vec<Repeat>>, RepositoryError> {
    let rows = source.repeats_behind(*after, BATCH).await?;
    let Some((last, _)) = rows.last() else {
        return Ok(None);
    };
    *after = *last;
    let mut repeats: Vec<Repeat> = rows.into_iter().map(|(_, repeat)| repeat).collect();
    let keys: Vec<MessageKey> = repeats.iter().map(|repeat| repeat.key.clone()).collect();
    let here = source.find_all(&keys).await?;
    let there = by_key(target, &here).await?;
    let same = |message: &Message| {
        let other = there.get(&message.content.key());
        other.is_some_and(|other| other.content == message.content)
    };
    let same = here.iter().filter(|message| same(message));
    let same: HashSet<MessageKey> = same.map(|message| message.content.key()).collect();
    repeats.retain(|repeat| same.contains(&repeat.key));
    Ok(Some(repeats))
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "copied {} messages and {} conflicts",
            self.created, self.conflicts
        )?;
        if self.tombstones > 0 {
            write!(f, ", and the keys of {} purged ones", self.tombstones)?;
        }
        if self.repeats > 0 {
            write!(f, ", and how often {} messages came again", self.repeats)?;
        }
        if self.known > 0 {
            write!(f, "; {} were there already", self.known)?;
        }
        if self.differing > 0 {
            write!(
                f,
                "; {} have another message under their id, and are recorded as conflicts",
                self.differing
            )?;
        }
        Ok(())
    }
}

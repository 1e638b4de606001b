//! What must hold, whatever has happened.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    client::{Saw, instant},
    content::{Row, key},
    history::{Attempt, Happened, Outcome, What},
    plan::{Plan, Sent},
    run::Left,
};

/// A rule that was broken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its name in the list of [`check`].
    pub rule: &'static str,
    pub how: String,
}

impl Broken {
    pub fn new(rule: &'static str, how: impl Into<String>) -> Self {
        let how = how.into();
        Self { rule, how }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.how)
    }
}

/// - A0: every answer comes within its time, everything ends, and when the store works again, so does the application
/// - A1: what was acknowledged is stored, or recorded as a conflict
/// - A2: nothing is there twice
/// - A3: what is stored was sent, and received when it was; nothing of it has changed
/// - A4: for one id, one answer at the most says that it is new; exactly one, where every answer came
/// - A5: what somebody has seen is still there
/// - A6: all ways to list agree with each other and with what they say is the total
/// - A7: the summary agrees with them
/// - A8: what was counted is what was answered
/// - A9: nothing is written for one who has had an answer
/// - answers: none is another than it may be
pub fn check(
    plan: &Plan,
    history: &[Happened],
    attempts: &[Attempt],
    saw: &Saw,
    left: &Left,
    broken: &mut Vec<Broken>,
) {
    let stored: BTreeMap<_, _> = left.rows.iter().map(|row| (row.key(), row)).collect();
    acknowledged(attempts, &stored, left, broken);
    once(left, broken);
    sent(attempts, left, broken);
    new_once(plan, attempts, &stored, broken);
    for row in &saw.rows {
        if stored.get(&row.key()) != Some(&row) {
            broken.push(Broken::new("A5", format!("{row:?} was seen, and is gone")));
        }
    }
    lists(left, broken);
    summary(left, broken);
    counts(plan, saw, left, broken);
    written(history, attempts, broken);
    answers(plan, attempts, saw, broken);
}

type Stored<'a> = BTreeMap<(&'static str, u8), &'a Row>;

fn acknowledged(attempts: &[Attempt], stored: &Stored<'_>, left: &Left, broken: &mut Vec<Broken>) {
    for attempt in attempts {
        let sent = attempt.sent;
        let recorded = left.conflicts.iter().any(|(conflict, _)| *conflict == sent);
        let row = stored.get(&key(sent));
        let kept = row.is_some_and(|row| row.sent == sent) || (row.is_some() && recorded);
        match attempt.outcome() {
            Some(Outcome::Answered { status: 200, .. }) if !kept => {
                broken.push(Broken::new(
                    "A1",
                    format!("{sent} was acknowledged, and is lost"),
                ));
            }
            Some(Outcome::Answered { status: 409, .. }) if !recorded => {
                broken.push(Broken::new(
                    "A1",
                    format!("{sent} is a conflict, and not recorded"),
                ));
            }
            _ => {}
        }
    }
}

fn once(left: &Left, broken: &mut Vec<Broken>) {
    for rows in [&left.rows, &left.backwards, &left.arrivals] {
        let mut seen = BTreeSet::new();
        for row in rows {
            if !seen.insert(row.key()) {
                broken.push(Broken::new("A2", format!("{} is there twice", row.sent)));
            }
        }
    }
}

fn sent(attempts: &[Attempt], left: &Left, broken: &mut Vec<Broken>) {
    for unknown in &left.unknown {
        broken.push(Broken::new("A3", format!("nobody has sent {unknown}")));
    }
    for row in &left.rows {
        let mut sent = attempts.iter().filter(|attempt| attempt.sent == row.sent);
        if !sent.any(|attempt| instant(attempt.at).to_string() == row.created_at) {
            broken.push(Broken::new(
                "A3",
                format!("nobody has sent {row:?} at that time"),
            ));
        }
    }
    for (conflict, times) in &left.conflicts {
        let count = attempts
            .iter()
            .filter(|attempt| attempt.sent == *conflict)
            .count();
        if count == 0 || *times == 0 {
            broken.push(Broken::new(
                "A3",
                format!("nobody has sent {conflict}, a conflict"),
            ));
        }
    }
}

fn new_once(plan: &Plan, attempts: &[Attempt], stored: &Stored<'_>, broken: &mut Vec<Broken>) {
    let ids: BTreeSet<_> = attempts.iter().map(|attempt| key(attempt.sent)).collect();
    for id in ids {
        let of_id = || attempts.iter().filter(|attempt| key(attempt.sent) == id);
        let new = of_id()
            .filter(|attempt| {
                let new = Outcome::Answered {
                    status: 200,
                    replayed: false,
                };
                attempt.outcome() == Some(new)
            })
            .count();
        // No answer that leaves open what has become of it.
        let certain = !plan.may_repeat()
            && of_id().all(|attempt| {
                let outcome = attempt.outcome();
                matches!(
                    outcome,
                    Some(Outcome::Answered {
                        status: 200 | 409,
                        ..
                    })
                )
            });
        if new > 1 || (certain && stored.contains_key(&id) && new != 1) {
            broken.push(Broken::new(
                "A4",
                format!("{id:?} was called new {new} times"),
            ));
        }
    }
}

fn lists(left: &Left, broken: &mut Vec<Broken>) {
    let count = left.rows.len();
    if left.totals.iter().any(|total| *total != count as u64) {
        let totals = &left.totals;
        broken.push(Broken::new(
            "A6",
            format!("{count} rows, and totals {totals:?}"),
        ));
    }
    let backwards: Vec<_> = left.backwards.iter().rev().collect();
    if backwards != left.rows.iter().collect::<Vec<_>>() {
        broken.push(Broken::new("A6", "backwards, the list is another"));
    }
    let order = |rows: &[Row]| {
        let mut keys: Vec<_> = rows.iter().map(|row| (row.key(), row.clone())).collect();
        keys.sort_by_key(|(key, _)| *key);
        keys
    };
    if order(&left.rows) != order(&left.arrivals) {
        broken.push(Broken::new("A6", "what has arrived is not what is listed"));
    }
}

fn summary(left: &Left, broken: &mut Vec<Broken>) {
    let mut by_sender: BTreeMap<String, u64> = BTreeMap::new();
    for row in &left.rows {
        *by_sender.entry(row.sender()).or_default() += 1;
    }
    let shown = left.stats["messages_per_sender"].as_array();
    let shown: BTreeMap<String, u64> = shown
        .into_iter()
        .flatten()
        .filter_map(|sender| {
            Some((
                sender["from_msisdn"].as_str()?.to_owned(),
                sender["count"].as_u64()?,
            ))
        })
        .collect();
    let counts = (
        left.stats["total_messages"].as_u64(),
        left.stats["senders_count"].as_u64(),
    );
    let right = (Some(left.rows.len() as u64), Some(by_sender.len() as u64));
    if counts != right || shown != by_sender {
        let stats = &left.stats;
        broken.push(Broken::new(
            "A7",
            format!("{by_sender:?} are summed up as {stats}"),
        ));
    }
}

fn counts(plan: &Plan, saw: &Saw, left: &Left, broken: &mut Vec<Broken>) {
    let counted = |results: &[&str]| -> u64 {
        let results = results.iter();
        results.filter_map(|result| left.counted.get(*result)).sum()
    };
    let answered = |status: u16, replayed: bool| {
        let same = |answer: &&(u16, bool)| **answer == (status, replayed);
        saw.answered.iter().filter(same).count() as u64
    };
    let total: u64 = left.counted.values().sum();
    let unanswered = saw.webhooks - saw.answered.len() as u64;
    // Those whose client has left are counted, too; those that died with the process are not.
    let least = if plan.kills() {
        total.min(saw.webhooks)
    } else {
        saw.webhooks
    };
    if total != least {
        let webhooks = saw.webhooks;
        broken.push(Broken::new(
            "A8",
            format!("{webhooks} webhooks, {total} counted"),
        ));
    }
    let conflicts = if plan.refuse_conflicts { 409 } else { 200 };
    for (results, answers) in [
        (&["created"][..], answered(200, false)),
        (
            &["duplicate", "conflict"],
            answered(200, true) + answered(409, false),
        ),
        (&["unavailable"], answered(503, false)),
        (&["error"], answered(500, false)),
        (&["invalid_signature"], answered(401, false)),
        (&["validation_error"], answered(422, false)),
    ] {
        let counted = counted(results);
        if counted < answers || counted > answers + unanswered {
            let how = format!(
                "{answers} answered ({unanswered} not), {counted} counted as {results:?} \
                 (conflicts are answered {conflicts})"
            );
            broken.push(Broken::new("A8", how));
        }
    }
}

fn written(history: &[Happened], attempts: &[Attempt], broken: &mut Vec<Broken>) {
    let waits = |sent: Sent, place: usize| {
        attempts.iter().any(|attempt| {
            let answered = match attempt.completed {
                Some((at, _, Outcome::Answered { .. })) => at < place,
                // The server goes on for those who have left.
                Some((_, _, Outcome::Left | Outcome::Died)) | None => false,
            };
            attempt.sent == sent && attempt.invoked < place && !answered
        })
    };
    for (place, happened) in history.iter().enumerate() {
        let What::Append(batch) = &happened.what else {
            continue;
        };
        for sent in batch.iter().filter(|sent| !waits(**sent, place)) {
            let how = format!(
                "{sent} is written at {:?}, and nobody waits for it",
                happened.at
            );
            broken.push(Broken::new("A9", how));
        }
    }
}

fn answers(plan: &Plan, attempts: &[Attempt], saw: &Saw, broken: &mut Vec<Broken>) {
    broken.extend(
        saw.wrong
            .iter()
            .map(|(rule, how)| Broken::new(rule, how.clone())),
    );
    for attempt in attempts {
        let Some(Outcome::Answered { status, .. }) = attempt.outcome() else {
            continue;
        };
        let may_be = match status {
            200 | 503 => true,
            409 => plan.refuse_conflicts,
            500 => plan.may_fail(),
            _ => false,
        };
        if !may_be {
            broken.push(Broken::new(
                "answers",
                format!("{} was answered {status}", attempt.sent),
            ));
        }
    }
}

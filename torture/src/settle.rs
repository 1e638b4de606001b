//! What has to hold once nobody sends any more, of a database in a file and of all who serve it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    database::{Database, Stored},
    findings::Findings,
    load::{Load, lock},
    server::Server,
};

/// Sends again what had no answer, and looks at everything.
pub async fn settle(
    load: &Load,
    database: &Path,
    findings: &mut Findings,
) -> anyhow::Result<Stored> {
    for wrong in load.wrong() {
        findings.add(wrong);
    }
    let before = Database::beside_server(database)?.stored()?;
    lock(&load.history).check(&before, "the end", findings);
    let unknown = lock(&load.history).unknown();
    for (number, id) in unknown.iter().enumerate() {
        let taken = load.again(number % load.instances(), id).await;
        findings.check(taken, || format!("{id} was sent again and not taken"));
    }
    let stored = {
        let database = Database::beside_server(database)?;
        if let Err(error) = database.integrity() {
            findings.add(format!("the end: {error:#}"));
        }
        database.stored()?
    };
    lock(&load.history).check(&stored, "sent again", findings);
    for instance in 0..load.instances() {
        let place = format!("instance {instance}");
        let api = load.api(instance);
        api.check_totals(&stored, &place, findings).await?;
        let all = api.walk().await?;
        findings.check(
            all.messages == stored.messages && all.count == stored.count,
            || format!("{place}: all pages together are not all rows"),
        );
    }
    Ok(stored)
}

/// Ends one well by SIGTERM, whatever is on its way; says how long that took.
pub fn end(
    server: Server,
    place: &str,
    load: &Load,
    findings: &mut Findings,
) -> anyhow::Result<Duration> {
    end_with(&[0], server, place, load, findings)
}

/// The same, where it may end with one of these codes.
pub fn end_with(
    codes: &[i32],
    server: Server,
    place: &str,
    load: &Load,
    findings: &mut Findings,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let ended = server.terminate()?;
    let code = ended.status.code();
    findings.check(code.is_some_and(|code| codes.contains(&code)), || {
        format!("{place}: SIGTERM: it ended with {}", ended.status)
    });
    ended.log.check(place, findings);
    lock(&load.history).created(ended.log.created, findings);
    Ok(began.elapsed())
}

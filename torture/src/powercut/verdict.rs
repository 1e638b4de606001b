//! Is everything there that was acknowledged, and is it whole?

use std::{collections::HashMap, fs, path::Path};

use anyhow::{bail, ensure};

use super::{record::DATABASE, replay::State};
use crate::{
    api::Answer,
    database::{Database, Stored},
    disk::{self, Tree},
    findings::Findings,
    message::{Content, Mint},
    server::{Launch, Started},
};

/// Opens the databases of a rebuilt folder with SQLite. Says how many acknowledged messages are
/// lost.
///
/// # Errors
/// If something is corrupt.
pub fn with_sqlite(
    state: &State<'_>,
    folder: &Path,
    sent: &HashMap<String, Content>,
) -> anyhow::Result<usize> {
    rebuild(&state.tree, folder)?;
    for (path, content) in &state.tree {
        // What else is there, such as an index that can be made anew, may lack something, but must
        // not be broken.
        let name = path.to_string_lossy();
        let extra = ["-wal", "-journal"].iter().any(|end| name.ends_with(end));
        if content.is_some() && !extra && path != Path::new(DATABASE) {
            Database::alone(&folder.join(path))?.integrity()?;
        }
    }
    let database = folder.join(DATABASE);
    let stored = if database.is_file() {
        let database = Database::alone(&database)?;
        database.integrity()?;
        database.stored()?
    } else {
        Stored::default()
    };
    ensure!(
        stored.count == stored.messages.len() as u64,
        "an id is there twice"
    );
    for (id, content) in &stored.messages {
        match sent.get(id) {
            Some(sent) if sent == content => {}
            Some(_) => bail!("{id} is not what was sent"),
            None => bail!("{id} was never sent"),
        }
    }
    let lost = state
        .acknowledged
        .iter()
        .filter(|id| !stored.messages.contains_key(*id));
    Ok(lost.count())
}

/// Starts the program on a rebuilt folder, and compares what it says with the rows.
pub async fn with_program(
    state: &State<'_>,
    folder: &Path,
    launch: &Launch,
    mint: &mut Mint,
    place: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    rebuild(&state.tree, folder)?;
    let path = folder.join(DATABASE);
    let launch = Launch {
        database: path.clone(),
        ..launch.clone()
    };
    let server = match launch.start()? {
        Started::Listening(server) => server,
        Started::Ended(ended) => {
            findings.add(format!(
                "{place}: it does not start, but ends with {}: {:?}",
                ended.status, ended.log.last
            ));
            return Ok(());
        }
    };
    let api = server.api()?;
    server.ready(&api).await?;
    let stored = Database::beside_server(&path)?.stored()?;
    api.check_totals(&stored, place, findings).await?;
    let all = api.all().await?;
    findings.check(
        all.messages == stored.messages && all.count == stored.count,
        || format!("{place}: all pages together are not all rows"),
    );
    for id in state.acknowledged {
        findings.check(all.messages.contains_key(id), || {
            format!("{place}: {id} was acknowledged, and the program does not have it")
        });
    }
    let answer = api.deliver(&mint.make()).await;
    findings.check(answer == Answer::Stored, || {
        format!("{place}: a new message is answered {answer:?}")
    });
    let ended = server.terminate()?;
    findings.check(ended.status.success(), || {
        format!("{place}: it ended with {}", ended.status)
    });
    ended.log.check(place, findings);
    if let Err(error) = Database::alone(&path)?.integrity() {
        findings.add(format!("{place}: after the program has run: {error:#}"));
    }
    Ok(())
}

fn rebuild(tree: &Tree, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(disk::write(tree, folder)?)
}

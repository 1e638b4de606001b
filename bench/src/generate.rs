//! `countersign-bench generate`: a database as it would be after a year.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use countersign_core::MessageRepository as _;
use countersign_sea_orm::SqlRepository;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{Outcome, messages::Messages, process::Place, send::Ids};

/// How many messages a transaction has.
const BATCH: u64 = 5_000;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many messages.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rows: u64,
    /// The database to make; one that is there already is left alone.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// In which order ids come.
    #[arg(long, default_value = "ordered")]
    ids: Ids,
    #[command(flatten)]
    place: Place,
}

pub fn run(args: &Args) -> Outcome {
    if args.file.exists() {
        eprintln!("{} is there already", args.file.display());
        return Ok(());
    }
    if let Some(folder) = args.file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Under another name until it is whole.
    let unfinished = args.file.with_extension("unfinished");
    for old in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{old}", unfinished.display()));
    }
    let began = Instant::now();
    tokio::runtime::Runtime::new()?.block_on(append(args, &unfinished))?;
    fold(args, &unfinished)?;
    std::fs::rename(&unfinished, &args.file)?;
    eprintln!(
        "{}: {} messages in {:.0} s",
        args.file.display(),
        args.rows,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn append(args: &Args, file: &Path) -> Outcome {
    let style = "{wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
    let progress = ProgressBar::new(args.rows).with_style(ProgressStyle::with_template(style)?);
    let repository = SqlRepository::open_sqlite(file).await?;
    let messages = Messages::new(args.rows, args.ids);
    let mut next = 0;
    while next < args.rows {
        let end = args.rows.min(next + BATCH);
        let batch: Vec<_> = (next..end)
            .map(|number| messages.message(number))
            .collect::<Outcome<_>>()?;
        repository.append(&batch).await?;
        progress.inc(end - next);
        next = end;
    }
    progress.finish_and_clear();
    repository.close().await?;
    Ok(())
}

/// Leaves nothing to be folded, so that the first who opens the database has not to do it.
///
/// By the program itself: it folds in the background, and says how far it is. TO COMPLETE: if the
/// repository comes to offer the fold without a server, call it at the end of `append`.
fn fold(args: &Args, file: &Path) -> Outcome {
    let folder = args.place.folder()?;
    let file = std::path::absolute(file)?;
    let server = crate::process::Server::start(
        crate::process::Kind::Sqlite,
        &args.place,
        folder.path(),
        &file,
    )?;
    crate::scrape::Http::connect(server.address)?.folded()?;
    server.stop()
}

//! `countersign import`: messages from a file, by the rules of a webhook.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use clap::Args as ClapArgs;
use countersign_core::{Appended, Clock as _, Message, MessageRepository as _};
use countersign_sea_orm::SqlRepository;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    clock::SystemClock,
    lasting::{self, Lasting, failed},
    record::{Format, Numbered, Reader},
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign import messages.ndjson\n  \
    zcat messages.csv.gz | countersign import --format csv\n\n\
    Exit codes: 0 done, 65 a line is no message, 66 the file cannot be read, 69 unavailable,\n\
    78 configuration.")]
pub struct ImportArgs {
    /// Where messages are kept: `sqlite://FILE`. It is made if it is not there.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    /// The format; by default CSV if the file's name ends with .csv, NDJSON otherwise.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Leave out lines that are no messages, and say which, instead of stopping at the first.
    #[arg(long)]
    pub skip_invalid: bool,
    /// The file to read; without it, or if it is `-`, standard input.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// How many messages are committed at a time.
const BATCH: usize = 1000;

/// Imports, and says how it went.
pub fn run(args: &ImportArgs) -> Result<(), Stop> {
    let to = Lasting::parse(&args.database_url)?;
    let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
    // First what must be there, so that no database is made where there is nothing to import.
    let (reader, bar) = open(file, Format::choose(args.format, file))?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(async {
        let target = to.to_write().await?;
        let mut import = Import {
            target: &target,
            skip_invalid: args.skip_invalid,
            batch: Vec::new(),
            done: Done::default(),
        };
        let imported = import.run(reader).await;
        let done = import.done;
        bar.finish_and_clear();
        let closed = lasting::close(target).await;
        let said = stop::print(&format!("{done}\n"));
        imported.and(closed).and(said)
    })
}

fn open(file: Option<&Path>, format: Format) -> Result<(Reader, ProgressBar), Stop> {
    let Some(path) = file else {
        let reader = Reader::new(BufReader::new(io::stdin()), format);
        let reader = reader.map_err(|error| cannot_read("standard input", &error))?;
        return Ok((reader, ProgressBar::hidden()));
    };
    let cannot = |error| cannot_read(&path.display().to_string(), &error);
    let file = File::open(path).map_err(cannot)?;
    let bar = progress(file.metadata().map_or(0, |metadata| metadata.len()));
    let input = BufReader::new(bar.wrap_read(file));
    Ok((Reader::new(input, format).map_err(cannot)?, bar))
}

fn cannot_read(name: &str, error: &io::Error) -> Stop {
    Stop::no_input(
        format!("{name} cannot be read: {error}"),
        "name a file that is there and that this user may read, or - for standard input",
    )
}

fn progress(bytes: u64) -> ProgressBar {
    // Drawn on standard error, and only where that is a terminal.
    let template = "importing {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) if bytes > 0 => ProgressBar::new(bytes).with_style(style),
        _ => ProgressBar::hidden(),
    }
}

struct Import<'a> {
    target: &'a SqlRepository,
    skip_invalid: bool,
    batch: Vec<Message>,
    done: Done,
}

/// What became of the records.
#[derive(Debug, Default)]
struct Done {
    created: u64,
    duplicates: u64,
    conflicts: u64,
    left_out: u64,
}

impl Import<'_> {
    /// Stores what the file has, and if it must stop, everything before that.
    async fn run(&mut self, mut reader: Reader) -> Result<(), Stop> {
        let read = self.read(&mut reader).await;
        self.store().await?;
        read
    }

    async fn read(&mut self, reader: &mut Reader) -> Result<(), Stop> {
        loop {
            let next = reader.next().map_err(|error| {
                Stop::data(
                    error.to_string(),
                    "is this the file, and --format its format? What came before it is stored",
                )
            })?;
            let Some(Numbered { line, record }) = next else {
                return Ok(());
            };
            match record.and_then(|record| record.message(|| SystemClock.now())) {
                Ok(message) => self.batch.push(message),
                Err(invalid) if self.skip_invalid => {
                    self.done.left_out += 1;
                    eprintln!("line {line} is left out: {invalid}");
                }
                Err(invalid) => {
                    return Err(Stop::data(
                        format!("line {line}: {invalid}"),
                        "what came before it is stored: mend the line and run the same again, \
                         which stores nothing twice; or leave such lines out with --skip-invalid",
                    ));
                }
            }
            if self.batch.len() >= BATCH {
                self.store().await?;
            }
        }
    }

    async fn store(&mut self) -> Result<(), Stop> {
        let stored = self.target.append(&self.batch).await;
        self.batch.clear();
        for outcome in stored.map_err(|error| failed(&error))? {
            match outcome {
                Appended::Created => self.done.created += 1,
                Appended::Duplicate => self.done.duplicates += 1,
                Appended::Conflict => self.done.conflicts += 1,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            created,
            duplicates,
            conflicts,
            left_out,
        } = self;
        write!(
            f,
            "{created} created, {duplicates} duplicates, {conflicts} conflicts"
        )?;
        if *left_out > 0 {
            write!(f, ", {left_out} left out")?;
        }
        Ok(())
    }
}

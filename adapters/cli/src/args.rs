//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// The inbox for signed webhooks.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    about,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, countersign serves. It needs the environment variable \
        WEBHOOK_SECRET: the\nsecret that the providers sign with.\n\n\
        Settings are taken from flags, then the environment, then the file .env in the working \
        directory.\n\n\
        Example:\n  WEBHOOK_SECRET=\"$(openssl rand -hex 32)\" countersign\n\n\
        Exit codes: 0 done, 2 usage, 65 wrong data, 66 no input, 69 unavailable, 70 internal \
        error,\n73 output cannot be made, 78 configuration."
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Receive webhooks and answer queries until SIGTERM or SIGINT.
    ///
    /// The environment variable `WEBHOOK_SECRET` must be set (in the environment or in .env): the
    /// secret that the providers sign with. It has no flag, because every process on a machine can
    /// read flags.
    Serve(ServeArgs),
    /// Bring a database up to date: its schema, and the index that makes reading quick.
    ///
    /// A start does the same, the index in the background. Apart from a start it shows its progress,
    /// and can be run before a new version is started on a large database. It may be interrupted.
    Migrate(MigrateArgs),
    /// Copy every message and every conflict into another database, and prove that they are there.
    ///
    /// Messages keep their order of arrival and when they were received. The source is only read; it
    /// must be of this version (`countersign migrate` sees to that). While it is still being written
    /// to, copy takes what there is, and ends when it has caught up: stop whatever writes before the
    /// last run. It may be interrupted. How often messages came again is copied, too; of those that did
    /// within the last minute it is not compared.
    ///
    /// In the end, or with `--verify-only` from the start, it compares row by row, and prints a SHA-256
    /// of all rows of either side in the source's order of arrival.
    Copy(CopyArgs),
    /// Write every message into a file, in the order of arrival.
    ///
    /// Conflicts (what else came under an id) are not exported; `countersign copy` takes them along.
    /// The database is only read; it must be of this version (`countersign migrate` sees to that).
    /// While it is being written to, export ends when it has caught up.
    Export(ExportArgs),
    /// Store the messages of a file, by the rules of a webhook.
    ///
    /// It takes what `countersign export` writes; `text` and `created_at` may be left out, and other
    /// fields are ignored. Without `created_at`, a message is received now. It stops at the first line
    /// that is no message; what came before it is stored. Messages are stored exactly once, so that
    /// running it again is safe.
    Import(ImportArgs),
    /// Take messages away for good: old ones, or those of one sender, receiver, source or key.
    ///
    /// Nothing shows them or counts them any more, and what they said is overwritten in the database's
    /// file. What remains of each is its id, a digest of its content and the time, so that a late
    /// retry is not taken for a new message. All filters must hold together. Without `--yes` it only
    /// says how many there are. It may be run beside a server, and interrupted.
    Purge(PurgeArgs),
    /// Make a secret to sign with, at random, and print it.
    GenSecret(crate::commands::gen_secret::GenSecretArgs),
    /// Say whether the signature of a saved request is right, by which key, and if not, why.
    ///
    /// It is checked with the same settings as serve has: the environment (and .env), and the
    /// configuration file. Neither secrets nor signatures are shown.
    Verify(crate::commands::verify::VerifyArgs),
    /// Print the OpenAPI document of this version.
    Openapi,
    /// Send signed test messages: one to try a set-up, many to measure it.
    ///
    /// The secret comes from `--secret-file`, or from the environment variable `WEBHOOK_SECRET` or
    /// `WEBHOOK_SECRET_FILE`.
    Send(SendArgs),
    /// Ask a running server whether it is ready; for container probes.
    Health(HealthArgs),
}

#[derive(Debug, ClapArgs)]
pub struct ServeArgs {
    /// Where messages are kept: `sqlite://FILE`, `postgres://USER:PASSWORD@HOST/DATABASE`, or
    /// `memory:` (forgets at the end).
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    /// The address to listen on.
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = crate::settings::DEFAULT_BIND)]
    pub bind: String,
    /// From which severity on to log: DEBUG, INFO, WARNING, ERROR or CRITICAL.
    #[arg(long, env = "LOG_LEVEL", value_name = "LEVEL", default_value = "INFO")]
    pub log_level: String,
    /// The longest webhook body, in bytes.
    #[arg(
        long,
        env = "MAX_BODY_BYTES",
        value_name = "BYTES",
        default_value_t = countersign_http::DEFAULT_MAX_BODY_BYTES.to_string()
    )]
    pub max_body_bytes: String,
    /// How many connections there may be at once; never more than the limit of open files allows.
    #[arg(
        long,
        env = "MAX_CONNECTIONS",
        value_name = "N",
        default_value = crate::settings::DEFAULT_MAX_CONNECTIONS
    )]
    pub max_connections: String,
    /// How many requests one address may send, such as 600/60: so many at once, and as many again
    /// within so many seconds. Not less than what a provider sends at once. Without it, there is no
    /// limit. Behind a proxy, set `TRUSTED_PROXIES`, too, or all are one.
    #[arg(
        long,
        env = "RATE_LIMIT",
        value_name = "REQUESTS/SECONDS",
        default_value = "",
        hide_default_value = true
    )]
    pub rate_limit: String,
    /// How long a connection may be idle between two requests. Longer than whatever is in front
    /// keeps its connections (60 at most balancers).
    #[arg(
        long,
        env = "KEEP_ALIVE_SECONDS",
        value_name = "SECONDS",
        default_value = crate::settings::DEFAULT_KEEP_ALIVE_SECONDS
    )]
    pub keep_alive_seconds: String,
    /// For how long to go on accepting connections after SIGTERM, while /health/ready answers 503
    /// already: as long as a balancer needs to notice. In Kubernetes, 5.
    #[arg(
        long,
        env = "SHUTDOWN_DELAY_SECONDS",
        value_name = "SECONDS",
        default_value = crate::settings::DEFAULT_SHUTDOWN_DELAY_SECONDS
    )]
    pub shutdown_delay_seconds: String,
    /// After how many days messages are taken away; without it, they are kept for ever.
    #[arg(
        long,
        env = "RETENTION_DAYS",
        value_name = "DAYS",
        default_value = "",
        hide_default_value = true
    )]
    pub retention_days: String,
    /// Answer 409 to a message that has a known id and other content, instead of 200. Most providers
    /// send such a message again, and give up at last.
    #[arg(
        long,
        env = "REFUSE_CONFLICTS",
        value_name = "BOOL",
        default_value = "false",
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true
    )]
    pub refuse_conflicts: String,
    #[command(flatten)]
    pub reads: crate::reads::ReadsArgs,
    #[command(flatten)]
    pub keys: crate::keys::KeyArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign send --text \"Hello\"\n  \
    countersign send --source partner --scheme standard-webhooks --secret-file partner.secret\n  \
    countersign send --count 100000 --connections 64 --senders 1000 --duplicates 5\n  \
    countersign send --duration 60 --rate 500 --connections 16 --json\n\n\
    Exit codes: 0 every message was answered 200, 69 one was not, 78 configuration.")]
pub struct SendArgs {
    /// Where to send to; by default, the server at BIND on this machine.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The address that the server listens on, if there is no `--url`.
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = crate::settings::DEFAULT_BIND)]
    pub bind: String,
    /// The source to send to, at /webhook/NAME.
    #[arg(long, value_name = "NAME", default_value = countersign_core::SourceName::DEFAULT)]
    pub source: String,
    /// How to sign: generic, standard-webhooks, github, stripe, slack or shopify. For
    /// standard-webhooks, the secret may be a private key (whsk_).
    #[arg(
        long,
        env = "SIGNATURE_SCHEME",
        value_name = "SCHEME",
        default_value = "",
        hide_default_value = true
    )]
    pub scheme: String,
    /// A file with the secret to sign with, instead of `WEBHOOK_SECRET`; a newline at its end is left out.
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// How many messages.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: u64,
    /// For how many seconds to send, instead of a number of messages.
    #[arg(long, value_name = "SECONDS", conflicts_with = "count", value_parser = clap::value_parser!(u32).range(1..))]
    pub duration: Option<u32>,
    /// How many messages a second at the most; without it, as fast as answers come.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// How many connections at once, each with one message at a time.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub connections: u16,
    /// How many different senders.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub senders: u32,
    /// How many of a hundred messages are repeats of an earlier one.
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=99))]
    pub duplicates: u8,
    /// How ids are made: in order of time (UUID version 7) or at random (version 4).
    #[arg(long, default_value = "ordered", value_name = "ORDER")]
    pub ids: IdOrder,
    /// What every message says; without it, each says something else: a few made-up words, some of
    /// them common and some rare, and a reference such as `ref-8f3a9c12` that no other one has.
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// How many messages to make and sign before the clock starts, at about half a kilobyte each;
    /// what is sent beyond that is made while it runs. With `--rate`, at most what a second takes.
    #[arg(long, default_value_t = 200_000, value_name = "N", value_parser = clap::value_parser!(u64).range(..=10_000_000))]
    pub prepare: u64,
    /// A file to write the ids to that were answered 200, one a line: what the server has promised
    /// to keep.
    #[arg(long, value_name = "FILE")]
    pub acknowledged: Option<PathBuf>,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub json: bool,
}

impl SendArgs {
    /// How many messages there are to send at the most.
    pub fn messages(&self) -> u64 {
        match self.duration {
            Some(_) => u64::MAX,
            None => self.count,
        }
    }
}

/// How `send` makes ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IdOrder {
    /// UUID version 7.
    Ordered,
    /// UUID version 4.
    Random,
}

#[derive(Debug, ClapArgs)]
pub struct MigrateArgs {
    /// Where messages are kept: `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    /// Only say which migrations are pending; the exit code is 69 if any are, and 0 if none.
    #[arg(long)]
    pub status: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign copy --from sqlite://data/app.db --to sqlite://new/app.db\n  \
    countersign copy --from sqlite://data/app.db --to sqlite://new/app.db --resume\n\n\
    Exit codes: 0 both have the same messages, 65 there is a difference, 66 a database is not \
    there,\n69 unavailable, 78 configuration.")]
pub struct CopyArgs {
    /// The database to copy from, written as `DATABASE_URL` is.
    #[arg(long, env = "COPY_FROM", hide_env_values = true, value_name = "URL")]
    pub from: String,
    /// The database to copy to. It is made if it is not there.
    #[arg(long, env = "COPY_TO", hide_env_values = true, value_name = "URL")]
    pub to: String,
    /// Go on with a copy that was interrupted, or add what is missing in a database that has messages.
    ///
    /// Nothing in it is overwritten: where it has another message under an id, the source's is
    /// recorded as a conflict.
    #[arg(long)]
    pub resume: bool,
    /// Only compare; nothing is copied. What only the target has counts as a difference, too.
    #[arg(long, conflicts_with = "resume")]
    pub verify_only: bool,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "In CSV, a field that a spreadsheet would take for a formula (it begins with \
    =, +, -, @, TAB\nor CR; phone numbers do) or that begins with an apostrophe has one more \
    apostrophe in front.\nNo text is an empty field, and the empty text a lone apostrophe. import \
    reads it back as it was.\n\n\
    Examples:\n  \
    countersign export --output messages.ndjson\n  \
    countersign export --format csv | head\n\n\
    Exit codes: 0 done, 66 the database is not there, 69 unavailable, 73 the file cannot be made,\n\
    78 configuration."
)]
pub struct ExportArgs {
    /// Where messages are kept: `sqlite://FILE`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    /// The format; by default CSV if the file's name ends with .csv, NDJSON otherwise.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The file to write to, instead of standard output. It appears when it is complete.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite the file if it is there.
    #[arg(long)]
    pub force: bool,
}

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

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign purge --from +14155550100 --yes\n  \
    countersign purge --older-than-days 90\n  \
    countersign purge --source partner --verified-by 2026-05 --received-before 2026-11-01T00:00:00Z\n\n\
    SQLite keeps the room for later messages; VACUUM gives it back to the disk.\n\n\
    Exit codes: 0 done, 66 the database is not there, 69 unavailable, 78 configuration.")]
pub struct PurgeArgs {
    /// Where messages are kept: `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    /// Only messages that were received more than so many days ago.
    #[arg(long, value_name = "DAYS", conflicts_with = "received_before")]
    pub older_than_days: Option<String>,
    /// Only messages that were received before this instant (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub received_before: Option<String>,
    /// Only messages from this number.
    #[arg(long, value_name = "NUMBER")]
    pub from: Option<String>,
    /// Only messages to this number.
    #[arg(long, value_name = "NUMBER")]
    pub to: Option<String>,
    /// Only messages of this source.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Only messages that the key of this label vouched for.
    #[arg(long, value_name = "LABEL")]
    pub verified_by: Option<String>,
    /// Really do it.
    #[arg(long)]
    pub yes: bool,
}

/// How messages are written into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line, as the API answers with.
    Ndjson,
    /// CSV with a header line, safe for spreadsheets.
    Csv,
}

impl Format {
    /// The one that is asked for, or that the file's name says.
    pub fn choose(asked: Option<Self>, file: Option<&Path>) -> Self {
        let by_name = || {
            let extension = file?.extension()?;
            extension.eq_ignore_ascii_case("csv").then_some(Self::Csv)
        };
        asked.or_else(by_name).unwrap_or(Self::Ndjson)
    }
}

#[derive(Debug, ClapArgs)]
pub struct HealthArgs {
    /// The address that the server listens on.
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = crate::settings::DEFAULT_BIND)]
    pub bind: String,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Args;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}

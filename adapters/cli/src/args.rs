//! The command line: which commands there are. What each takes is beside what it does.

use clap::{Parser, Subcommand};

use crate::commands;

/// The inbox for signed webhooks.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    about,
    args_conflicts_with_subcommands = true
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: commands::serve::ServeArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Receive webhooks and answer queries until SIGTERM or SIGINT.
    ///
    /// The environment variable `WEBHOOK_SECRET` must be set (in the environment or in .env): the
    /// secret that the providers sign with. It has no flag, because every process on a machine can
    /// read flags.
    Serve(commands::serve::ServeArgs),
    /// Bring a database up to date: its schema, and the index that makes reading quick.
    ///
    /// A start does the same, the index in the background. Apart from a start it shows its progress,
    /// and can be run before a new version is started on a large database. It may be interrupted.
    Migrate(commands::migrate::MigrateArgs),
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
    Copy(commands::copy::CopyArgs),
    /// Write every message into a file, in the order of arrival.
    ///
    /// Conflicts (what else came under an id) are not exported; `countersign copy` takes them along.
    /// The database is only read; it must be of this version (`countersign migrate` sees to that).
    /// While it is being written to, export ends when it has caught up.
    Export(commands::export::ExportArgs),
    /// Store the messages of a file, by the rules of a webhook.
    ///
    /// It takes what `countersign export` writes; `text` and `created_at` may be left out, and other
    /// fields are ignored. Without `created_at`, a message is received now. It stops at the first line
    /// that is no message; what came before it is stored. Messages are stored exactly once, so that
    /// running it again is safe.
    Import(commands::import::ImportArgs),
    /// Take messages away for good: old ones, or those of one sender, receiver, source or key.
    ///
    /// Nothing shows them or counts them any more, and what they said is overwritten in the database's
    /// file. What remains of each is its id, a digest of its content and the time, so that a late
    /// retry is not taken for a new message. All filters must hold together. Without `--yes` it only
    /// says how many there are. It may be run beside a server, and interrupted.
    Purge(commands::purge::PurgeArgs),
    /// Check settings, address, database, disk and limits, and say how to mend what is wrong.
    ///
    /// It takes the flags of serve, too. It changes nothing, also where a server runs: the database is
    /// only read, and the one file that it makes beside it, to measure a sync, is taken away again.
    Doctor(Box<commands::doctor::DoctorArgs>),
    /// Say what the settings are and where each comes from, or whether they are right.
    #[command(subcommand)]
    Config(commands::config::ConfigCommand),
    /// Make a secret to sign with, at random, and print it.
    GenSecret(commands::gen_secret::GenSecretArgs),
    /// Say whether the signature of a saved request is right, by which key, and if not, why.
    ///
    /// It is checked with the same settings as serve has: the environment (and .env), and the
    /// configuration file. Neither secrets nor signatures are shown.
    Verify(commands::verify::VerifyArgs),
    /// Print the OpenAPI document of this version, or compare a file with it.
    Openapi(commands::openapi::OpenapiArgs),
    /// Print a script that completes commands and flags in a shell.
    Completions(commands::completions::CompletionsArgs),
    /// Print the manual page, or write one for each command.
    Man(commands::man::ManArgs),
    /// Print a page of the documentation that is made by the program.
    #[command(hide = true)]
    Reference(commands::reference::ReferenceArgs),
    /// Send signed test messages: one to try a set-up, many to measure it.
    ///
    /// The secret comes from `--secret-file`; or from the configuration file, where it has the source;
    /// or from the environment variable `WEBHOOK_SECRET` or `WEBHOOK_SECRET_FILE`.
    Send(commands::send::SendArgs),
    /// Print the headers that a provider would send with a body, or a whole curl command.
    ///
    /// The secret comes from `--secret-file`; or from the configuration file, where it has the source;
    /// or from the environment variable `WEBHOOK_SECRET` or `WEBHOOK_SECRET_FILE`.
    Sign(commands::sign::SignArgs),
    /// List the messages of a running server.
    Ls(commands::ls::LsArgs),
    /// Show one message of a running server, what came again, and what else came under its id.
    Get(commands::get::GetArgs),
    /// Show a running server's totals, busiest senders, last day, outcomes and latencies.
    Stats(commands::stats::StatsArgs),
    /// Follow messages, or refused requests, as they come to a running server.
    Tail(commands::tail::TailArgs),
    /// Send messages of a running server, or of a file, to another webhook, signed anew.
    ///
    /// The secret to sign with comes from `--secret-file`; or from the configuration file, where it has
    /// the source that the webhook's path names; or from the environment variable `WEBHOOK_SECRET` or
    /// `WEBHOOK_SECRET_FILE`.
    Replay(commands::replay::ReplayArgs),
    /// Ask a running server whether it is ready; for container probes.
    Health(commands::health::HealthArgs),
}

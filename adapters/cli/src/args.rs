//! The command line.

use clap::{Args as ClapArgs, Parser, Subcommand};

/// The inbox for signed webhooks.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    about,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, countersign serves.\n\n\
        Settings are taken from flags, then the environment, then the file .env in the working \
        directory.\n\n\
        Example:\n  WEBHOOK_SECRET=\"$(openssl rand -hex 32)\" countersign\n\n\
        Exit codes: 0 done, 2 usage, 69 unavailable, 70 internal error, 78 configuration."
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
    Serve(ServeArgs),
    /// Print the OpenAPI document of this version.
    Openapi,
    /// Ask a running server whether it is ready; for container probes.
    Health(HealthArgs),
}

// No flag for WEBHOOK_SECRET: every process on the machine can read flags.
#[derive(Debug, ClapArgs)]
#[command(
    about = "Receive webhooks and answer queries until SIGTERM or SIGINT.",
    long_about = "Receive webhooks and answer queries until SIGTERM or SIGINT.\n\n\
        The environment variable WEBHOOK_SECRET must be set: the secret that the providers sign \
        with. It has no flag, because every process on the machine can read flags."
)]
pub struct ServeArgs {
    /// Where messages are kept: `sqlite://FILE`, or `memory:` (forgets at the end).
    #[arg(long, env = "DATABASE_URL", value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
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
        default_value = "65536"
    )]
    pub max_body_bytes: String,
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

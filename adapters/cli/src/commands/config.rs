//! `countersign config`: what the settings are, and whether they are right.

use std::sync::Arc;

use clap::{Args as ClapArgs, Subcommand};
use countersign_core::Clock;
use countersign_hmac::SourceConfig;
use serde_json::{Value as Json, json};

use super::serve::ServeArgs;
use crate::{
    clock::SystemClock,
    database_url,
    keys::{self, Keys},
    reads::ReadSettings,
    settings::{
        self, Settings,
        layers::{Origin, Value},
        table::Group,
    },
    stop::{self, Stop},
};

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting, its value, and where that comes from.
    ///
    /// Secrets are shown by their length only, and passwords in URLs are masked. It takes the flags of
    /// serve, too, and says what they would change. Nothing is started or opened.
    Show(ShowArgs),
    /// Check every setting, without starting anything.
    ///
    /// It reads what serve reads, the files with secrets included, and names everything that is wrong.
    Check(CheckArgs),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign config show\n  \
    countersign config show --json | jq '.settings[] | select(.origin.kind != \"default\")'\n\n\
    Exit codes: 0 done, 78 configuration.")]
pub struct ShowArgs {
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub serve: ServeArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign config check\n  \
    countersign config check --config new.toml\n\n\
    Exit codes: 0 every setting is right, 78 one is not.")]
pub struct CheckArgs {
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// Shows, or checks.
pub fn run(command: &ConfigCommand, values: Result<Vec<Value>, Vec<Stop>>) -> Result<(), Stop> {
    match command {
        ConfigCommand::Show(args) => show(args, &values.map_err(Stop::last_of)?),
        ConfigCommand::Check(args) => {
            let faults = values.map_or_else(|faults| faults, |_| faults(&args.serve));
            if faults.is_empty() {
                return stop::print("every setting is right\n");
            }
            Err(Stop::last_of(faults))
        }
    }
}

/// Everything that would keep `serve` from starting, as far as the settings say it.
pub fn faults(args: &ServeArgs) -> Vec<Stop> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut faults = Vec::new();
    faults.extend(settings::log_level(&args.log_level).err());
    faults.extend(settings::log_format(&args.log_format).err());
    faults.extend(settings::traces().err());
    faults.extend(Settings::new(args).err().into_iter().flatten());
    faults.extend(Keys::at_start(&args.keys, &clock).err());
    faults.extend(ReadSettings::new(&args.reads, keys::ENVIRONMENT("READ_TOKEN")).err());
    faults
}

fn show(args: &ShowArgs, values: &[Value]) -> Result<(), Stop> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keys = Keys::at_start(&args.serve.keys, &clock);
    let sources = keys.as_ref().map_or(&[][..], Keys::configured);
    if args.json {
        stop::print(&format!("{}\n", to_json(values, sources)))?;
    } else {
        stop::print(&to_text(values, sources))?;
    }
    keys.map(|_| ())
}

/// The value as it may be shown.
fn shown(value: &Value) -> String {
    match &value.text {
        None => "-".to_owned(),
        Some(secret) if value.setting.is_secret() => format!("({} bytes)", secret.len()),
        Some(url) if value.setting.variable == "DATABASE_URL" => database_url::masked(url),
        Some(text) => text.clone(),
    }
}

fn to_text(values: &[Value], sources: &[SourceConfig]) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    for group in Group::ALL {
        let _ = writeln!(text, "{}", group.heading());
        for value in values.iter().filter(|value| value.setting.group == group) {
            let name = value.setting.variable;
            let _ = writeln!(text, "  {name:<34} {:<28} {}", shown(value), value.origin);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "Sources");
    for source in sources {
        let keys = source.keys.iter().map(|key| match key.expires_at {
            Some(end) => format!("{} (until {end})", key.label),
            None => key.label.to_string(),
        });
        let keys = keys.collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "  {:<34} {:<28} keys: {keys}",
            source.name, source.scheme
        );
    }
    text
}

fn to_json(values: &[Value], sources: &[SourceConfig]) -> Json {
    let settings = values.iter().map(|value| {
        let secret = value.setting.is_secret();
        json!({
            "name": value.setting.variable,
            "flag": value.setting.flag,
            "key": value.setting.key(),
            "value": value.text.as_ref().filter(|_| !secret).map(|_| shown(value)),
            "secret": secret,
            "bytes": value.text.as_ref().filter(|_| secret).map(String::len),
            "origin": origin(&value.origin),
        })
    });
    let sources = sources.iter().map(|source| {
        let keys = source.keys.iter().map(|key| {
            json!({
                "label": key.label.to_string(),
                "expires_at": key.expires_at.map(|end| end.to_string()),
            })
        });
        json!({
            "name": source.name.to_string(),
            "scheme": source.scheme.to_string(),
            "keys": keys.collect::<Vec<_>>(),
        })
    });
    json!({
        "settings": settings.collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
    })
}

fn origin(origin: &Origin) -> Json {
    match origin {
        Origin::Flag(flag) => json!({ "kind": "flag", "name": flag }),
        Origin::Variable(name) => json!({ "kind": "environment", "name": name }),
        Origin::DotEnv(name) => json!({ "kind": "dotenv", "name": name }),
        Origin::File(path, line) => json!({ "kind": "file", "name": path, "line": line }),
        Origin::NamedBy(name) => json!({ "kind": "named_file", "name": name }),
        Origin::Default => json!({ "kind": "default" }),
        Origin::NotSet => json!({ "kind": "not_set" }),
    }
}

//! `countersign health`

use std::time::Duration;

use clap::Args as ClapArgs;
use reqwest::Url;
use serde_json::Value;

use crate::{
    api, settings,
    stop::Stop,
    terminal::{Halt, Output, json_line, one_line},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign health\n  \
    countersign health --url https://inbox.example.com --json\n\n\
    Exit codes: 0 it is ready, 69 it is not, or is not there, 78 configuration.")]
pub struct HealthArgs {
    /// The server, such as `https://inbox.example.com`; by default, the one at BIND on this machine.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The address that the server listens on, if there is no `--url`.
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = crate::settings::DEFAULT_BIND)]
    pub bind: String,
    /// Print what the server says of its checks, as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// How long the server may take to say that it is ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks a server whether it is ready, and says so by the exit code.
pub fn run(args: &HealthArgs) -> Result<(), Stop> {
    let server = match &args.url {
        Some(url) => api::server("--url", url)?,
        None => api::local(settings::reachable(settings::bind(&args.bind)?))?,
    };
    Halt::settle(api::run(ask(server, args.json)))
}

async fn ask(server: Url, json: bool) -> Result<(), Halt> {
    let name = server.as_str().trim_end_matches('/').to_owned();
    let mut url = server.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["health", "ready"]);
    }
    let request = api::client(&server)?.get(url).timeout(PATIENCE);
    let response = request.send().await.map_err(|error| {
        Stop::unavailable(
            format!(
                "{name}/health/ready does not answer: {}",
                api::chain(&error)
            ),
            "is the server running, and is --url (or BIND, or --bind) the address that it listens \
             on?",
        )
    })?;
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    let output = Output::new();
    if json && let Ok(said) = serde_json::from_str::<Value>(&body) {
        output.line(&json_line(&said.to_string()))?;
    }
    if status.is_success() {
        return if json { Ok(()) } else { output.line("ready") };
    }
    let said = failed_checks(&body).unwrap_or(body);
    Err(Stop::unavailable(
        format!("{name}/health/ready answered {status}: {}", one_line(&said)),
        "the server's log has a line \"not ready\"; its `cause` says what is wrong",
    )
    .into())
}

/// What a server that is not ready says of each check that is not well.
pub fn failed_checks(body: &str) -> Option<String> {
    let problem: Value = serde_json::from_str(body).ok()?;
    let failed = problem["checks"].as_object()?.iter();
    let failed = failed.filter_map(|(check, result)| match result["status"].as_str()? {
        "failed" => Some(format!("{check}: {}", result["detail"].as_str()?)),
        _ => None,
    });
    let failed = failed.collect::<Vec<_>>().join("; ");
    (!failed.is_empty()).then_some(failed)
}

//! `countersign health`

use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::Value;

use crate::{settings, stop::Stop};

#[derive(Debug, ClapArgs)]
pub struct HealthArgs {
    /// The address that the server listens on.
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = crate::settings::DEFAULT_BIND)]
    pub bind: String,
}

/// How long the server may take to say that it is ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the server at `BIND` whether it is ready, and says so by the exit code.
pub fn run(args: &HealthArgs) -> Result<(), Stop> {
    let address = settings::reachable(settings::bind(&args.bind)?);
    let url = format!("http://{address}/health/ready");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::internal(error.to_string()))?;
    runtime.block_on(ask(&url))
}

async fn ask(url: &str) -> Result<(), Stop> {
    let client = reqwest::Client::builder()
        // Straight to this machine, whatever the environment says of proxies.
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(|error| Stop::internal(error.to_string()))?;
    let response = client.get(url).send().await.map_err(|error| {
        Stop::unavailable(
            format!("{url} does not answer: {error}"),
            "is the server running, and is BIND (or --bind) the address that it listens on?",
        )
    })?;
    let status = response.status();
    if status.is_success() {
        println!("ready");
        return Ok(());
    }
    let body = response.text().await.unwrap_or_default();
    Err(Stop::unavailable(
        format!(
            "{url} answered {status}: {}",
            failed_checks(&body).unwrap_or(body)
        ),
        "the server's log has a line \"not ready\"; its `cause` says what is wrong",
    ))
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

//! A server like countersign's own, but for one thing: it does not wait for the disk. The power-cut
//! test has to notice.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context as _, anyhow};
use countersign_core::{Inbox, SignatureVerifier, SourceError, SourceName, Sources, Timestamp};
use countersign_group_commit::{GroupCommit, Limits};
use countersign_hmac::HexHmacSha256;
use countersign_http::{Config, Http, StopOptions};
use countersign_memory::ManualClock;
use countersign_sea_orm::{Durability, SqlRepository, SqliteOptions};
use countersign_telemetry::{
    logs::{self, LogFormat, LogLevel},
    metrics::Metrics,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// Serves until SIGTERM, with the settings that the program itself would take.
pub async fn run() -> anyhow::Result<()> {
    let _log = logs::init(LogLevel::Info, LogFormat::Json, std::io::stdout())?;
    let setting = |name| std::env::var(name).with_context(|| format!("{name} is not set"));
    let url = setting("DATABASE_URL")?;
    let path = PathBuf::from(url.strip_prefix("sqlite://").context("not SQLite")?);
    std::fs::create_dir_all(path.parent().context("no folder")?)?;
    #[allow(
        clippy::needless_update,
        reason = "whatever else there may be, is as it is for an operator"
    )]
    let options = SqliteOptions {
        durability: Durability::Unsafe,
        ..SqliteOptions::default()
    };
    let sql = Arc::new(SqlRepository::open_sqlite_with(&path, options).await?);
    let (grouped, drained) = GroupCommit::start(sql.clone(), Limits::default());
    let verifier: Arc<dyn SignatureVerifier> =
        Arc::new(HexHmacSha256::new(&setting("WEBHOOK_SECRET")?).map_err(anyhow::Error::new)?);
    let metrics = Metrics::new()?;
    let http = Http::new(Config::new(
        Inbox::new(
            Sources::from([(SourceName::default(), verifier)]),
            Arc::new(grouped),
            Arc::new(ManualClock::at(Timestamp::MIN)),
        ),
        metrics.meter(),
        Arc::new(move || metrics.render().map_err(SourceError::from)),
    ))
    .map_err(|error| anyhow!(error))?;
    let listener = TcpListener::bind(setting("BIND")?).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stopped = async move {
        terminate.recv().await;
    };
    // The words by which the program says so.
    println!(
        "{}",
        serde_json::json!({
            "level": "INFO",
            "message": "listening",
            "address": listener.local_addr()?.to_string(),
        })
    );
    http.serve(listener, stopped, StopOptions::default())
        .await?;
    drained.wait().await;
    if let Some(sql) = Arc::into_inner(sql) {
        sql.close().await?;
    }
    Ok(())
}

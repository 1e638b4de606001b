//! `countersign serve`

use std::{
    fs::File,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use countersign_core::{CauseChain, Inbox, MessageRepository, SourceError};
use countersign_group_commit::{Drained, GroupCommit, Limits};
use countersign_hmac::HexHmacSha256;
use countersign_http::{Config, Http};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{OpenError, SqlRepository};
use countersign_telemetry::{
    logs::{self, LogLevel},
    metrics::Metrics,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use crate::{
    args::ServeArgs,
    clock::SystemClock,
    database_url::Database,
    settings::{self, Settings},
    stop::Stop,
};

/// How long requests in flight may take to end after the signal.
const GRACE: Duration = Duration::from_secs(6);

/// How long what is in the write queue may take after that.
const DRAIN: Duration = Duration::from_secs(3);

/// Serves until it is told to stop. Everything that it has to say, it says in its log.
pub fn run(dotenv: Result<(), Stop>, args: &ServeArgs) -> Result<(), Stop> {
    // Without a valid level one still wants to read why.
    let level = settings::log_level(&args.log_level);
    let _log = logs::init(
        level.as_ref().copied().unwrap_or(LogLevel::Info),
        io::stdout(),
    )
    .map_err(|error| Stop::internal(error.to_string()))?;
    dotenv
        .and(level)
        .and_then(|_| Settings::new(args, std::env::var_os("WEBHOOK_SECRET")))
        .and_then(|settings| {
            let runtime = tokio::runtime::Runtime::new()
                .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
            runtime.block_on(serve(settings))
        })
        .inspect_err(Stop::log)
}

async fn serve(settings: Settings) -> Result<(), Stop> {
    let verifier = HexHmacSha256::new(settings.secret.expose())
        .map_err(|error| Stop::internal(error.to_string()))?;
    let metrics = Metrics::new().map_err(|error| Stop::internal(error.to_string()))?;
    let store = Store::open(&settings.database).await?;
    let http = Http::new(Config {
        inbox: Inbox::new(
            Arc::new(verifier),
            Arc::clone(&store.repository),
            Arc::new(SystemClock),
        ),
        meter: metrics.meter(),
        render_metrics: Arc::new(move || metrics.render().map_err(SourceError::from)),
        max_body_bytes: settings.max_body_bytes,
    })
    .map_err(|error| Stop::internal(error.to_string()))?;

    let listener = listen(settings.bind).await?;
    let (shutdown, at_once) = signals()?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!(
            address = %address,
            dashboard = %format_args!("http://{address}/ui"),
            version = env!("CARGO_PKG_VERSION"),
            "listening"
        );
    }
    tokio::select! {
        served = http.serve(listener, shutdown, GRACE) => {
            served.map_err(|error| Stop::internal(format!("the server failed: {error}")))?;
        }
        () = at_once => {
            return Err(Stop::unavailable(
                "stopped at once, at a second signal",
                "what was answered is stored; what was in flight will be sent again",
            ));
        }
    }
    store.close().await?;
    tracing::info!("stopped");
    Ok(())
}

/// Where messages are kept, and what must be done in the end.
struct Store {
    repository: Arc<dyn MessageRepository>,
    sql: Option<(Arc<SqlRepository>, Drained)>,
}

impl Store {
    async fn open(database: &Database) -> Result<Self, Stop> {
        let path = match database {
            Database::Memory => {
                tracing::warn!(
                    database = "memory",
                    "messages are forgotten when the process ends"
                );
                return Ok(Self {
                    repository: Arc::new(MemoryRepository::new()),
                    sql: None,
                });
            }
            Database::SqliteFile(path) => absolute(path)?,
        };
        tracing::info!(database = "sqlite", path = %path.display(), "opening the database");
        let sql = SqlRepository::open_sqlite(&path)
            .await
            .map_err(|error| cannot_open(&path, &error))?;
        let sql = Arc::new(sql);
        let (grouped, drained) = GroupCommit::start(sql.clone(), Limits::default());
        Ok(Self {
            repository: Arc::new(grouped),
            sql: Some((sql, drained)),
        })
    }

    /// Commits what waits, and folds the write-ahead log into the database.
    async fn close(self) -> Result<(), Stop> {
        drop(self.repository);
        let Some((sql, drained)) = self.sql else {
            return Ok(());
        };
        if tokio::time::timeout(DRAIN, drained.wait()).await.is_err() {
            return Err(Stop::unavailable(
                "some messages could not be written in time; nobody was told that they are stored",
                "is the disk slow or full? Their senders will send them again",
            ));
        }
        let closed = match Arc::into_inner(sql) {
            Some(sql) => sql.close().await,
            None => Ok(()),
        };
        closed.map_err(|error| {
            Stop::unavailable(
                format!("the database was not closed: {}", CauseChain(&error)),
                "everything that was answered is stored; the next start brings it in order",
            )
        })
    }
}

/// The path without regard to the working directory, its folder made.
fn absolute(path: &Path) -> Result<PathBuf, Stop> {
    let absolute = std::path::absolute(path).map_err(|error| {
        Stop::configuration(
            format!("DATABASE_URL names a file without an absolute path: {error}"),
            "name an absolute path",
        )
    })?;
    if let Some(folder) = absolute.parent() {
        make_durably(folder).map_err(|error| {
            Stop::configuration(
                format!(
                    "the database's folder {} cannot be made: {error}",
                    folder.display()
                ),
                "make the folder and let this user write to it, or set DATABASE_URL to a file \
                 elsewhere",
            )
        })?;
    }
    Ok(absolute)
}

/// Makes a folder, and those above it, so that a power cut does not take them away again with all
/// that is in them: SQLite syncs the folder of its files, but not those above.
fn make_durably(folder: &Path) -> io::Result<()> {
    let missing = folder
        .ancestors()
        .take_while(|folder| !folder.exists())
        .collect::<Vec<_>>();
    std::fs::create_dir_all(folder)?;
    for above in missing.into_iter().filter_map(Path::parent) {
        // One that may not be read cannot be synced either.
        if let Ok(above) = File::open(above) {
            above.sync_all()?;
        }
    }
    Ok(())
}

fn cannot_open(path: &Path, error: &OpenError) -> Stop {
    let message = format!("{}: {}", path.display(), CauseChain(error));
    if error.passes() {
        return Stop::unavailable(
            message,
            "another process may hold a lock on the database, or the disk may be full or \
             read-only: see to that, and start again",
        );
    }
    Stop::configuration(
        message,
        match error {
            OpenError::Open(_) | OpenError::OpenWriter(_) => {
                "the file must be an SQLite database, or not be there, and this user must be able \
                 to write to it and to its folder; or set DATABASE_URL to a file elsewhere"
            }
            OpenError::Pragma { .. } | OpenError::Thread(_) => {
                "countersign needs a local file system, on which SQLite can use its write-ahead \
                 log, and leave to start threads"
            }
            OpenError::Migrate(_) => {
                "the database was left as it was. If a newer version of countersign has used it, \
                 run that one; if it is another program's, set DATABASE_URL to a file elsewhere; \
                 otherwise the cause named here has to be mended first"
            }
        },
    )
}

async fn listen(bind: SocketAddr) -> Result<TcpListener, Stop> {
    TcpListener::bind(bind).await.map_err(|error| {
        Stop::unavailable(
            format!("cannot listen on {bind}: {error}"),
            "another program may have this address: stop it, or set BIND or --bind to another one",
        )
    })
}

/// Two futures: one completes at the first SIGTERM or SIGINT, the other at the second.
fn signals() -> Result<(impl Future<Output = ()>, impl Future<Output = ()>), Stop> {
    let failed = |error: io::Error| Stop::internal(format!("signals cannot be received: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let (first, first_came) = oneshot::channel();
    let (second, second_came) = oneshot::channel();
    tokio::spawn(async move {
        for came in [first, second] {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            tracing::info!(signal = name, "stopping");
            // Nobody waits for the second one if everything has ended in time.
            let _ = came.send(());
        }
    });
    let wait = |came: oneshot::Receiver<()>| async {
        let _ = came.await;
    };
    Ok((wait(first_came), wait(second_came)))
}

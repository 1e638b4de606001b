//! `countersign serve`

use std::{io, sync::Arc, time::Duration};

use clap::Args as ClapArgs;
use countersign_core::{Clock, Inbox, RepeatLimits, SourceError};
use countersign_http::{Config, ConnectionOptions, Http, LiveOptions, RequestLimits, StopOptions};
use countersign_sea_orm::Damaged;
use countersign_telemetry::{
    logs::{self, LogFormat, LogLevel},
    metrics::Metrics,
    traces::Traces,
};
use opentelemetry::global::BoxedTracer;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{
    clock::SystemClock,
    descriptors,
    keys::{self, KeyArgs, Keys},
    listen::Inherited,
    memory::{self, Budget},
    reads::ReadSettings,
    repeats::{self, Counting},
    retention, samples,
    settings::{self, Settings, layers::Value},
    stop::Stop,
    store::Store,
};

/// What each is for, the table of settings says.
#[derive(Debug, ClapArgs)]
pub struct ServeArgs {
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = settings::DEFAULT_BIND)]
    pub bind: String,
    #[arg(long, env = "MAX_CONNECTIONS", value_name = "N", default_value = settings::DEFAULT_MAX_CONNECTIONS)]
    pub max_connections: String,
    #[arg(long, env = "KEEP_ALIVE_SECONDS", value_name = "SECONDS", default_value = settings::DEFAULT_KEEP_ALIVE_SECONDS)]
    pub keep_alive_seconds: String,
    #[arg(long, env = "SHUTDOWN_DELAY_SECONDS", value_name = "SECONDS", default_value = settings::DEFAULT_SHUTDOWN_DELAY_SECONDS)]
    pub shutdown_delay_seconds: String,
    #[arg(long, env = "DATABASE_URL", value_name = "URL", default_value = settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    #[arg(long, env = "RETENTION_DAYS", value_name = "DAYS", default_value = "")]
    pub retention_days: String,
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
    #[arg(long, env = "MAX_BODY_BYTES", value_name = "BYTES", default_value_t = countersign_http::DEFAULT_MAX_BODY_BYTES.to_string())]
    pub max_body_bytes: String,
    #[arg(
        long,
        env = "RATE_LIMIT",
        value_name = "REQUESTS/SECONDS",
        default_value = ""
    )]
    pub rate_limit: String,
    #[arg(long, env = "LOG_LEVEL", value_name = "LEVEL", default_value = "INFO")]
    pub log_level: String,
    #[arg(
        long,
        env = "LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "auto"
    )]
    pub log_format: String,
    #[command(flatten)]
    pub keys: crate::keys::KeyArgs,
}

/// How long it goes on answering, with 503, when the database has failed: who sends is told to send
/// again, and whoever looks at `/health/ready` sees it. The delay of every stop counts.
const NOTICE: Duration = Duration::from_secs(1);

/// Serves until it is told to stop. Everything that it has to say, it says in its log.
pub fn run(settings: Result<Vec<Value>, Vec<Stop>>, args: &ServeArgs) -> Result<(), Stop> {
    let inherited = Inherited::take();
    // Without a valid level or format one still wants to read why.
    let level = settings::log_level(&args.log_level);
    let format = settings::log_format(&args.log_format);
    let _log = logs::init(
        level.as_ref().copied().unwrap_or(LogLevel::Info),
        format.as_ref().copied().unwrap_or(LogFormat::Json),
        io::stdout(),
    )
    .map_err(|error| Stop::internal(error.to_string()))?;
    settings
        .map_err(Stop::last_logged)
        .and(level)
        .and(format)
        .and(inherited)
        .and_then(|inherited| {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            let keys = Keys::at_start(&args.keys, &clock)?;
            let settings = Settings::new(args).map_err(Stop::last_logged)?;
            let reads = ReadSettings::new(&args.reads, keys::ENVIRONMENT("READ_TOKEN"))?;
            let exporter = settings::traces()?.map(Traces::start);
            let runtime = tokio::runtime::Runtime::new()
                .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
            let tracer = exporter.as_ref().map(Traces::tracer);
            let serving = serve(settings, inherited, reads, keys, &args.keys, clock, tracer);
            let ended = runtime.block_on(serving);
            // What still runs has been given up; to wait for it could take for ever.
            runtime.shutdown_background();
            if let Some(exporter) = exporter {
                exporter.end();
            }
            ended
        })
        .inspect_err(Stop::log)
}

async fn serve(
    settings: Settings,
    inherited: Inherited,
    reads: ReadSettings,
    keys: Keys,
    key_args: &KeyArgs,
    clock: Arc<dyn Clock>,
    tracer: Option<BoxedTracer>,
) -> Result<(), Stop> {
    let metrics = Metrics::new().map_err(|error| Stop::internal(error.to_string()))?;
    let budget = Budget::new(memory::limit(), settings.max_connections);
    let meter = metrics.meter();
    let store = Store::open(&settings.database, &budget, &meter).await?;
    store.observe(&meter);
    let inbox = Inbox::new(
        keys.verifiers(),
        Arc::clone(&store.repository),
        Arc::clone(&clock),
    )
    .gathering(RepeatLimits {
        bytes: budget.repeats,
        ..RepeatLimits::default()
    });
    keys.report(clock.now());
    let reloading = keys::reload_on_hangup(key_args.clone(), inbox.clone(), Arc::clone(&clock))?;
    let purged = retention::counter(&meter);
    let retention = settings
        .retention
        .map(|retention| tokio::spawn(retention::run(retention, inbox.clone(), purged)));
    let counting = repeats::start(inbox.clone(), &meter);
    let sampling = samples::storage(inbox.clone(), &settings.database, &meter);
    reads.log(settings.bind);
    let http = Http::new(Config {
        tracer,
        reads: reads.into_reads(clock),
        max_body_bytes: settings.max_body_bytes,
        refuse_conflicts: settings.refuse_conflicts,
        limits: RequestLimits {
            per_peer: settings.rate_limit,
            body_memory: budget.bodies,
            answer_memory: budget.answers,
            ..RequestLimits::default()
        },
        live: LiveOptions {
            memory: budget.streams,
            ..LiveOptions::default()
        },
        connections: ConnectionOptions {
            keep_alive_timeout: settings.keep_alive,
            max_connections: descriptors::room_for_connections(budget.connections),
            ..ConnectionOptions::default()
        },
        ..Config::new(
            inbox,
            meter,
            Arc::new(move || metrics.render().map_err(SourceError::from)),
        )
    })
    .map_err(|error| Stop::internal(error.to_string()))?;

    let mut tasks = vec![
        reloading,
        tokio::spawn(sampling),
        tokio::spawn(http.watch_itself()),
    ];
    tasks.extend(retention);
    let (listeners, addresses) = inherited.or_bind(settings.bind)?;
    let (signalled, at_once) = signals()?;
    let (failing, failed) = (store.damaged(), store.damaged());
    let notice = NOTICE.saturating_sub(settings.shutdown_delay);
    let shutdown = async move {
        tokio::select! {
            () = signalled => {}
            damaged = failing => {
                tracing::error!(cause = %damaged, "stopping, because the database has failed");
                tokio::time::sleep(notice).await;
            }
        }
    };
    for address in addresses {
        tracing::info!(
            address = %address,
            dashboard = %format_args!("http://{address}/ui"),
            version = env!("CARGO_PKG_VERSION"),
            "listening"
        );
    }
    let stop = StopOptions {
        delay: settings.shutdown_delay,
        ..StopOptions::default()
    };
    let to_the_end = async move {
        let served = http.serve(listeners, shutdown, stop).await;
        served.map_err(|error| Stop::internal(format!("the server failed: {error}")))?;
        end(store, tasks, counting, failed).await
    };
    tokio::select! {
        ended = to_the_end => ended,
        () = at_once => Err(Stop::unavailable(
            "stopped at once, at a second signal",
            "what was answered is stored; what was in flight will be sent again",
        )),
    }
}

/// Ends what works beside the server, and closes the store.
async fn end(
    store: Store,
    tasks: Vec<JoinHandle<()>>,
    counting: Counting,
    failed: impl Future<Output = Damaged>,
) -> Result<(), Stop> {
    // What retention has begun, it goes on with at the next start.
    for task in tasks {
        task.abort();
        let _ = task.await;
    }
    // Everything that was answered is counted by now.
    counting.end().await;
    tracing::info!("closing the database");
    let closed = store.close().await;
    // Perhaps only while it stopped.
    if let Ok(damaged) = tokio::time::timeout(Duration::ZERO, failed).await {
        return Err(Stop::failed(
            damaged.to_string(),
            "what was answered is stored, as far as the disk has kept it. Look at the disk and at \
             the kernel's messages; then start again. If it ends like this again, the file is \
             damaged: keep a copy, and restore a backup, or save with `sqlite3 FILE .recover` what \
             can be read",
        ));
    }
    closed?;
    tracing::info!("stopped");
    Ok(())
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

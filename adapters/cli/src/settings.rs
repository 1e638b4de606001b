//! From what the operator wrote to what the program needs; every refusal says how to mend it.
//!
//! - `table`: which settings there are
//! - `layers`: from where each is taken
//! - `dotenv`, `file`: two of those places

pub mod dotenv;
pub mod file;
pub mod layers;
pub mod table;

use std::{
    io::{self, IsTerminal as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _},
    ops::RangeInclusive,
    time::Duration,
};

use countersign_http::RateLimit;
use countersign_telemetry::{
    logs::{LogFormat, LogLevel},
    traces::Collector,
};

use crate::{
    commands::serve::ServeArgs,
    database_url::{self, Database},
    retention::Retention,
    stop::Stop,
};

pub const DEFAULT_DATABASE_URL: &str = "sqlite://data/app.db";
pub const DEFAULT_BIND: &str = "127.0.0.1:8000";
pub const DEFAULT_MAX_CONNECTIONS: &str = "10000";
pub const DEFAULT_KEEP_ALIVE_SECONDS: &str = "75";
pub const DEFAULT_SHUTDOWN_DELAY_SECONDS: &str = "1";

/// More than one process can keep. A slip is told from a wish.
const CONNECTIONS: RangeInclusive<u32> = 1..=1_000_000;

/// A day is longer than anything keeps a connection.
const KEEP_ALIVE_SECONDS: RangeInclusive<u32> = 1..=86_400;

/// What waits longer for the end has long ended it.
const SHUTDOWN_DELAY_SECONDS: RangeInclusive<u32> = 0..=300;

/// The largest limit that can be asked for: bodies are held in memory.
const MAX_MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Everything that `serve` needs to know.
#[derive(Debug)]
pub struct Settings {
    pub database: Database,
    pub bind: SocketAddr,
    pub max_body_bytes: usize,
    /// As many as are wanted; there may be room for less.
    pub max_connections: usize,
    /// Without one, there is no limit.
    pub rate_limit: Option<RateLimit>,
    pub keep_alive: Duration,
    pub shutdown_delay: Duration,
    pub retention: Option<Retention>,
    pub refuse_conflicts: bool,
}

impl Settings {
    /// # Errors
    /// Every setting that is wrong.
    pub fn new(args: &ServeArgs) -> Result<Self, Vec<Stop>> {
        let mut faults = Vec::new();
        let database = kept(
            database_url::parse(or_default(&args.database_url, DEFAULT_DATABASE_URL)),
            &mut faults,
        );
        let bind = kept(bind(&args.bind), &mut faults);
        let max_body_bytes = kept(max_body_bytes(&args.max_body_bytes), &mut faults);
        let max_connections = kept(
            number(
                "MAX_CONNECTIONS",
                &args.max_connections,
                DEFAULT_MAX_CONNECTIONS,
                CONNECTIONS,
            ),
            &mut faults,
        );
        let rate_limit = kept(rate_limit(&args.rate_limit), &mut faults);
        let keep_alive = kept(
            seconds(
                "KEEP_ALIVE_SECONDS",
                &args.keep_alive_seconds,
                DEFAULT_KEEP_ALIVE_SECONDS,
                KEEP_ALIVE_SECONDS,
            ),
            &mut faults,
        );
        let shutdown_delay = kept(
            seconds(
                "SHUTDOWN_DELAY_SECONDS",
                &args.shutdown_delay_seconds,
                DEFAULT_SHUTDOWN_DELAY_SECONDS,
                SHUTDOWN_DELAY_SECONDS,
            ),
            &mut faults,
        );
        let retention = kept(
            Retention::parse("RETENTION_DAYS", &args.retention_days),
            &mut faults,
        );
        let refuse_conflicts = kept(
            boolean("REFUSE_CONFLICTS", &args.refuse_conflicts),
            &mut faults,
        );
        let settings = || {
            Some(Self {
                database: database?,
                bind: bind?,
                max_body_bytes: max_body_bytes?,
                max_connections: usize::try_from(max_connections?).unwrap_or(usize::MAX),
                rate_limit: rate_limit?,
                keep_alive: keep_alive?,
                shutdown_delay: shutdown_delay?,
                retention: retention?,
                refuse_conflicts: refuse_conflicts?,
            })
        };
        settings().ok_or(faults)
    }
}

/// What there is; what is wrong is noted.
fn kept<T>(read: Result<T, Stop>, faults: &mut Vec<Stop>) -> Option<T> {
    read.map_err(|stop| faults.push(stop)).ok()
}

/// A setting that is there but blank (as compose files produce it) is not set.
pub fn or_default<'a>(value: &'a str, default: &'a str) -> &'a str {
    if value.trim().is_empty() {
        default
    } else {
        value
    }
}

/// # Errors
/// If the text names no level.
pub fn log_level(text: &str) -> Result<LogLevel, Stop> {
    or_default(text, "INFO").trim().parse().map_err(|invalid| {
        Stop::configuration(
            format!("LOG_LEVEL {invalid} (it is {text:?})"),
            "set LOG_LEVEL or --log-level to one of these",
        )
    })
}

/// How lines are written: to be read where a person reads them, unless something else is said.
///
/// # Errors
/// If the text names no format.
pub fn log_format(text: &str) -> Result<LogFormat, Stop> {
    let terminal = io::stdout().is_terminal();
    // Any value, but for an empty one (no-color.org).
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let readable = LogFormat::Text {
        colours: terminal && !no_color,
    };
    match or_default(text, "auto").trim() {
        "text" => Ok(readable),
        "auto" if terminal => Ok(readable),
        "json" | "auto" => Ok(LogFormat::Json),
        _ => Err(Stop::configuration(
            format!("LOG_FORMAT must be json, text or auto (it is {text:?})"),
            "leave it out for auto: text on a terminal, and json otherwise",
        )),
    }
}

/// What the environment says of traces, in OpenTelemetry's own variables: they are no settings of this
/// program, have no flags, and cannot stand in its file.
///
/// # Errors
/// If a variable is wrong.
pub fn traces() -> Result<Option<Collector>, Stop> {
    Collector::named(|name| std::env::var(name).ok())
        .map_err(|invalid| Stop::configuration(invalid.to_string(), invalid.help))
}

/// # Errors
/// If the text is no address, or names a host that isn't known.
pub fn bind(text: &str) -> Result<SocketAddr, Stop> {
    let text = or_default(text, DEFAULT_BIND).trim();
    let address = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    address.ok_or_else(|| {
        Stop::configuration(
            format!("BIND is no address to listen on: {text:?}"),
            "set BIND or --bind to HOST:PORT, such as 127.0.0.1:8000, or 0.0.0.0:8000 to be \
             reached from other machines",
        )
    })
}

/// The address by which this machine reaches a server that is bound to `bind`.
pub fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

fn boolean(name: &str, text: &str) -> Result<bool, Stop> {
    match or_default(text, "false").trim() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => Err(Stop::configuration(
            format!("{name} must be true or false (it is {other:?})"),
            "leave it out for false",
        )),
    }
}

fn seconds(
    name: &str,
    text: &str,
    default: &str,
    range: RangeInclusive<u32>,
) -> Result<Duration, Stop> {
    number(name, text, default, range).map(|seconds| Duration::from_secs(seconds.into()))
}

fn number(name: &str, text: &str, default: &str, range: RangeInclusive<u32>) -> Result<u32, Stop> {
    let number = or_default(text, default).trim().parse().ok();
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            Stop::configuration(
                format!(
                    "{name} must be a number from {} to {} (it is {text:?})",
                    range.start(),
                    range.end()
                ),
                format!("leave it out for {default}"),
            )
        })
}

fn rate_limit(text: &str) -> Result<Option<RateLimit>, Stop> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let parsed = text.trim().parse();
    parsed.map(Some).map_err(|invalid| {
        Stop::configuration(
            format!("RATE_LIMIT {invalid} (it is {text:?})"),
            "leave it out for no limit",
        )
    })
}

fn max_body_bytes(text: &str) -> Result<usize, Stop> {
    let default = countersign_http::DEFAULT_MAX_BODY_BYTES;
    if text.trim().is_empty() {
        return Ok(default);
    }
    text.trim()
        .parse()
        .ok()
        .filter(|bytes| (1..=MAX_MAX_BODY_BYTES).contains(bytes))
        .ok_or_else(|| {
            Stop::configuration(
                format!(
                    "MAX_BODY_BYTES must be a number from 1 to {MAX_MAX_BODY_BYTES} (it is {text:?})"
                ),
                format!("leave it out for {default}, which holds every valid message"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> ServeArgs {
        ServeArgs {
            database_url: String::new(),
            bind: String::new(),
            log_level: String::new(),
            log_format: String::new(),
            max_body_bytes: String::new(),
            max_connections: String::new(),
            rate_limit: String::new(),
            keep_alive_seconds: String::new(),
            shutdown_delay_seconds: String::new(),
            retention_days: String::new(),
            refuse_conflicts: String::new(),
            reads: crate::reads::ReadsArgs::default(),
            keys: crate::keys::KeyArgs::default(),
        }
    }

    #[test]
    fn blank_settings_are_not_set() {
        let settings = Settings::new(&args());
        assert!(settings.is_ok_and(|settings| {
            settings.bind.to_string() == DEFAULT_BIND
                && settings.max_body_bytes == 65536
                && settings.max_connections == 10_000
                && settings.rate_limit.is_none()
                && settings.keep_alive == Duration::from_secs(75)
                && settings.shutdown_delay == Duration::from_secs(1)
                && settings.database == Database::SqliteFile("data/app.db".into())
        }));
        assert_eq!(log_level(" "), Ok(LogLevel::Info));
        assert_eq!(log_format(" "), log_format("auto"));
        assert_eq!(log_format("json"), Ok(LogFormat::Json));
        assert!(matches!(log_format("text"), Ok(LogFormat::Text { .. })));
    }

    #[test]
    fn wrong_settings_are_refused() {
        for text in ["8000", "localhost", "127.0.0.1:99999", "http://127.0.0.1:1"] {
            assert!(bind(text).is_err(), "{text}");
        }
        for text in ["0", "-1", "1e3", "64k", "16777217"] {
            assert!(max_body_bytes(text).is_err(), "{text}");
        }
        assert!(log_level("LOUD").is_err());
        assert!(log_format("JSON").is_err());
        for text in ["-1", "1.5", "301", "5s"] {
            let args = ServeArgs {
                shutdown_delay_seconds: text.to_owned(),
                ..args()
            };
            assert!(Settings::new(&args).is_err(), "{text}");
        }
        for text in ["600", "0/60", "600/0", "600/86401", "10/s"] {
            let args = ServeArgs {
                rate_limit: text.to_owned(),
                ..args()
            };
            let stopped = Settings::new(&args)
                .map(|_| ())
                .map_err(|stops| Stop::first_of(stops).to_string());
            assert!(
                stopped.is_err_and(|stop| stop.contains("RATE_LIMIT") && stop.contains(text)),
                "{text}"
            );
        }
        let limited = ServeArgs {
            rate_limit: " 600/60 ".to_owned(),
            ..args()
        };
        let limit = Settings::new(&limited).map(|settings| settings.rate_limit);
        assert_eq!(limit, Ok("600/60".parse().ok()));
        for text in ["0", "86401"] {
            let args = ServeArgs {
                keep_alive_seconds: text.to_owned(),
                ..args()
            };
            assert!(Settings::new(&args).is_err(), "{text}");
        }
        let none = ServeArgs {
            max_connections: "0".to_owned(),
            ..args()
        };
        assert!(Settings::new(&none).is_err());
    }

    #[test]
    fn a_server_bound_everywhere_is_reached_here() {
        let reached = |text: &str| bind(text).map(|bind| reachable(bind).to_string());
        assert_eq!(reached("0.0.0.0:8000"), Ok("127.0.0.1:8000".to_owned()));
        assert_eq!(reached("[::]:8000"), Ok("[::1]:8000".to_owned()));
        assert_eq!(reached("127.0.0.2:1"), Ok("127.0.0.2:1".to_owned()));
    }
}

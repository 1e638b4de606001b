//! `DATABASE_URL` in sqlx's spelling and in SQLAlchemy's, which count slashes differently.

use std::{borrow::Cow, path::PathBuf};

use countersign_sea_orm::PostgresUrl;
use percent_encoding::percent_decode_str;

use crate::stop::Stop;

/// Where messages are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// The in-memory adapter, which answers as SQLite in memory would.
    Memory,
    /// SQLite in this file.
    SqliteFile(PathBuf),
    /// PostgreSQL.
    Postgres(PostgresUrl),
}

const FORMS: &str = "set DATABASE_URL or --database-url to sqlite://data/app.db (relative), \
    sqlite:///var/lib/app.db (absolute), postgres://user:password@host/database, sqlite::memory: or \
    memory:";

/// Reads a `DATABASE_URL`.
///
/// - as in sqlx, `sqlite://x` is relative, `sqlite:///x` and `sqlite:////x` are absolute;
/// - with a Python driver, as in `sqlite+aiosqlite:///x`, SQLAlchemy's rule holds: three slashes
///   are relative, four are absolute;
/// - `sqlite:///./x` is relative either way.
///
/// # Errors
/// If it is none of these. The URL itself is not repeated: it may hold a password.
pub fn parse(url: &str) -> Result<Database, Stop> {
    let url = url.trim();
    if matches!(url, "memory:" | "memory://") {
        return Ok(Database::Memory);
    }
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(Stop::configuration("DATABASE_URL is no URL", FORMS));
    };
    let (kind, driver) = match scheme.split_once('+') {
        Some((kind, _)) => (kind, true),
        None => (scheme, false),
    };
    match kind {
        "sqlite" => sqlite(rest, driver),
        "postgres" | "postgresql" => postgres(rest),
        _ if is_plain(scheme) && (rest.is_empty() || rest.starts_with("//")) => {
            Err(Stop::configuration(
                format!("DATABASE_URL has the scheme {scheme:?}, which is not known"),
                FORMS,
            ))
        }
        // Where the scheme is forgotten, it may be the user and the password.
        _ => Err(Stop::configuration(
            format!(
                "DATABASE_URL begins with no scheme (it has {} characters)",
                url.chars().count()
            ),
            FORMS,
        )),
    }
}

/// Whether a password may stand in the URL, by all the places where one can. In doubt it does.
pub fn has_password(url: &str) -> bool {
    if matches!(parse(url), Ok(Database::Memory | Database::SqliteFile(_))) {
        return false;
    }
    let url = without_controls(url);
    let rest = url.split_once("://").map_or(&*url, |(_, rest)| rest);
    // The last one: a password with a `/`, `?` or `#` ends the host's part too early.
    let user = rest.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || rest.split(['?', '&', '#']).skip(1).any(is_password)
}

/// The URL with its password masked, if it has one. Of what is not understood, only the scheme and
/// the length.
pub fn masked(url: &str) -> String {
    const MASK: &str = "***";
    let url = url.trim();
    let postgres = match parse(url) {
        Ok(Database::Postgres(_)) => url.split_once("://"),
        Ok(Database::Memory | Database::SqliteFile(_)) => return url.to_owned(),
        Err(_) => None,
    };
    let Some((scheme, rest)) = postgres else {
        return opaque(url);
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    // Then it is not certain which part is what.
    if behind.contains('@') || url.contains('#') || url.contains(char::is_control) {
        return opaque(url);
    }
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}:{MASK}@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    let (path, query) = behind
        .split_once('?')
        .map_or((behind, None), |(path, query)| (path, Some(query)));
    let mut shown = format!("{scheme}://{authority}{path}");
    if let Some(query) = query {
        let parts = query.split('&').map(|part| match part.split_once('=') {
            Some((name, _)) if is_password(part) => format!("{name}={MASK}"),
            _ => part.to_owned(),
        });
        shown.push('?');
        shown.push_str(&parts.collect::<Vec<_>>().join("&"));
    }
    shown
}

fn opaque(url: &str) -> String {
    let length = url.chars().count();
    match url.split_once("://") {
        Some((scheme, _)) if is_plain(scheme) => format!("{scheme}://… ({length} characters)"),
        _ => format!("({length} characters)"),
    }
}

/// Whether a part of a query has a password. Names are percent-encoded as values are.
fn is_password(part: &str) -> bool {
    let name = part.split('=').next().unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy();
    name.to_ascii_lowercase().contains("password")
}

/// Readers of URLs drop them, wherever they stand.
fn without_controls(url: &str) -> String {
    url.trim().chars().filter(|c| !c.is_control()).collect()
}

/// The driver of a Python program says nothing of the database.
fn postgres(rest: &str) -> Result<Database, Stop> {
    let url = format!("postgres:{rest}").parse().map(Database::Postgres);
    url.map_err(|error| {
        Stop::configuration(
            format!("DATABASE_URL names a PostgreSQL database, but {error}"),
            "percent-encode what is not a letter, a digit or one of -._~ in user and password",
        )
    })
}

/// Whether it can be a name in a URL, and nothing that is private.
fn is_plain(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
}

fn sqlite(rest: &str, driver: bool) -> Result<Database, Stop> {
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    let unknown = options
        .split('&')
        .find(|option| !matches!(*option, "" | "mode=rwc"));
    if let Some(option) = unknown {
        let name = option.split('=').next().filter(|name| is_plain(name));
        return Err(Stop::configuration(
            match name {
                Some(name) => {
                    format!("DATABASE_URL has the option {name:?}, which is not supported")
                }
                None => "DATABASE_URL has an option that is not supported".to_owned(),
            },
            "leave the options out: the file is made if it is not there, and always written to",
        ));
    }
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = match path.strip_prefix('/') {
        // SQLAlchemy's first slash only ends the (empty) host.
        Some(path) if driver || path.starts_with("./") || path.starts_with("../") => path,
        _ => path,
    };
    if path == ":memory:" || (driver && path.is_empty()) {
        return Ok(Database::Memory);
    }
    let path = if driver {
        Cow::Borrowed(path)
    } else {
        // sqlx decodes, SQLAlchemy doesn't.
        percent_decode_str(path).decode_utf8().map_err(|_| {
            Stop::configuration(
                "DATABASE_URL has a percent-encoded path that is not UTF-8",
                FORMS,
            )
        })?
    };
    if path.is_empty() || path.ends_with('/') {
        return Err(Stop::configuration("DATABASE_URL names no file", FORMS));
    }
    // `////x` is an absolute path with a slash to spare.
    let path = match path.strip_prefix("//") {
        Some(path) => format!("/{}", path.trim_start_matches('/')).into(),
        None => path,
    };
    Ok(Database::SqliteFile(path.as_ref().into()))
}

#[cfg(test)]
mod tests {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn files() {
        for (url, path) in [
            ("sqlite://data/app.db", "data/app.db"),
            ("sqlite:data/app.db", "data/app.db"),
            ("sqlite://./data/app.db", "./data/app.db"),
            ("sqlite:///data/app.db", "/data/app.db"),
            ("sqlite:////data/app.db", "/data/app.db"),
            ("sqlite:///./data/app.db", "./data/app.db"),
            ("sqlite:///../data/app.db", "../data/app.db"),
            ("sqlite+aiosqlite:///data/app.db", "data/app.db"),
            ("sqlite+aiosqlite:///./data/app.db", "./data/app.db"),
            ("sqlite+aiosqlite:////data/app.db", "/data/app.db"),
            ("sqlite+pysqlite:////data/app.db", "/data/app.db"),
            ("sqlite://data/app.db?mode=rwc", "data/app.db"),
            ("sqlite://my%20data/app.db", "my data/app.db"),
            ("sqlite+aiosqlite:///my%20data/app.db", "my%20data/app.db"),
            (" sqlite://data/app.db\n", "data/app.db"),
        ] {
            assert_eq!(parse(url), Ok(Database::SqliteFile(path.into())), "{url}");
        }
    }

    #[test]
    fn memory() {
        for url in [
            "memory:",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite+aiosqlite:///:memory:",
            "sqlite+aiosqlite://",
        ] {
            assert_eq!(parse(url), Ok(Database::Memory), "{url}");
        }
    }

    #[test]
    fn postgres() {
        for (url, shown) in [
            ("postgres://u:hunter2@h/d", "h:5432/d"),
            (
                "postgresql://u:hunter2@h:6432/d?sslmode=require",
                "h:6432/d",
            ),
            ("postgresql+asyncpg://u:hunter2@h/d", "h:5432/d"),
            (
                "postgres:///d?host=/run/postgresql&user=u",
                "/run/postgresql/d",
            ),
            ("postgres://u:hunter2@h", "h:5432/u"),
        ] {
            match parse(url) {
                Ok(Database::Postgres(url)) => {
                    assert_eq!(url.to_string(), shown);
                    assert!(!format!("{url:?}").contains("hunter2"));
                }
                other => panic!("{url} became {other:?}"),
            }
        }
    }

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        for (url, shown) in [
            ("postgres://u:hunter2@h/d", "postgres://u:***@h/d"),
            ("postgres://u:hunter2@:@h/d", "postgres://u:***@h/d"),
            ("u:hunter2@h/d", "(13 characters)"),
            ("postgres://u:hun?ter2@h/d", "postgres://… (25 characters)"),
            ("postgres://u:hun/ter2@h/d", "postgres://… (25 characters)"),
            ("postgres://u:hun#ter2@h/d", "postgres://… (25 characters)"),
            // It is understood, and not as it was meant.
            ("postgres://u:1?hunter2@h/d", "postgres://… (26 characters)"),
            (
                "postgres://u@h/d?password=a@hunter2",
                "postgres://… (35 characters)",
            ),
            (
                "postgres://u@h/d?pass\tword=hunter2",
                "postgres://… (34 characters)",
            ),
            (
                "postgres://u@h/d?pass%77ord=hunter2",
                "postgres://u@h/d?pass%77ord=***",
            ),
            (
                "postgres://u@h/d?sslmode=require&password=hunter2",
                "postgres://u@h/d?sslmode=require&password=***",
            ),
        ] {
            assert_eq!(masked(url), shown);
            assert!(has_password(url), "{url}");
        }
        for url in [
            "sqlite://data/app.db",
            "sqlite://data/a:b@c.db",
            "postgres://u@h:5432/d?sslmode=disable",
            "memory:",
        ] {
            assert_eq!(masked(url), url);
            assert!(!has_password(url), "{url}");
        }
    }

    #[test]
    fn everything_else_is_refused_without_repeating_it() {
        for url in [
            "data/app.db",
            "mysql://u:hunter2@h/d",
            "u/hunter2@h:5432/d",
            "sqlite://data/app.db?u:hunter2@h",
            "postgres://u:hunter2@h:port/d",
            "postgres:",
            "sqlite:",
            "sqlite://",
            "sqlite:///",
            "sqlite://data/",
            "sqlite://data/app.db?mode=ro",
            "sqlite://%ff.db",
        ] {
            match parse(url) {
                Ok(database) => panic!("{url} became {database:?}"),
                Err(stop) => assert!(!stop.to_string().contains("hunter2"), "{stop}"),
            }
        }
    }

    /// What URLs are made of, and what is taken for a part of one.
    const PIECES: [&str; 40] = [
        "sqlite:",
        "sqlite+aiosqlite:",
        "sqlite+pysqlite:",
        "postgres:",
        "postgresql+asyncpg:",
        "mysql:",
        "memory:",
        ":memory:",
        "/",
        "//",
        "///",
        ".",
        "..",
        "./",
        "../",
        "data",
        "app.db",
        "é",
        " ",
        "\n",
        "\t",
        "\0",
        "%20",
        "%ff",
        "%",
        "+",
        "?",
        "&",
        "#",
        "mode=rwc",
        "sslmode=require",
        "host=/run",
        "options=-c%20x",
        "u",
        ":hunter2@",
        "@",
        "h",
        ":5432",
        ":port",
        "[::1]",
    ];

    /// What has a meaning in a URL, and blanks, which may be cut off.
    const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

    /// Whether the password stands where a URL has it, and nowhere else.
    fn has_the_password(url: &str) -> bool {
        let plain = without_controls(url);
        let behind = plain.split_once("://").map_or(&*plain, |(_, rest)| rest);
        let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
        authority.contains(":hunter2@") && plain.matches("hunter2").count() == 1
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn a_file_is_read_the_same_when_it_is_written_plainly_and_no_password_is_shown(
            pieces in vec(select(&PIECES[..]), 0..12),
        ) {
            let url = pieces.concat();
            let shown = match parse(&url) {
                Ok(Database::Memory) => String::new(),
                Ok(Database::SqliteFile(path)) => {
                    let path = path.to_str().unwrap();
                    // With three slashes alone, what begins with a dot is relative.
                    let slash = if path.starts_with('/') { "/" } else { "" };
                    let plain = format!("sqlite://{slash}{}", utf8_percent_encode(path, RESERVED));
                    prop_assert_eq!(parse(&plain), Ok(Database::SqliteFile(path.into())), "{}", plain);
                    String::new()
                }
                Ok(Database::Postgres(postgres)) => format!("{postgres} {postgres:?} {}", masked(&url)),
                Err(stop) => format!("{stop} {stop:?} {}", masked(&url)),
            };
            if has_the_password(&url) {
                prop_assert!(!shown.contains("hunter2"), "{}", shown);
            }
        }
    }
}

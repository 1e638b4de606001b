//! A database of its own for each test, on a real PostgreSQL server.
//!
//! The server is the one of `TEST_POSTGRES_URL`, or one on this machine that lets this user in. Where
//! there is neither, the tests that need it say so and pass; with `REQUIRE_POSTGRES` set, they fail.

use std::{
    io::Write as _,
    process,
    str::FromStr as _,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use sea_orm::sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
    raw_sql,
};
use tokio::sync::OnceCell;

/// A database, until it is dropped.
pub struct Database {
    pub url: String,
    name: String,
    server: PgConnectOptions,
}

fn server() -> Result<PgConnectOptions, String> {
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        return PgConnectOptions::from_str(&url).map_err(|error| error.to_string());
    }
    // As libpq does: PGUSER and the like, or this user.
    let options = PgConnectOptions::new()
        .host("127.0.0.1")
        .database("postgres")
        // On one machine, and a build for tests takes long to encrypt.
        .ssl_mode(PgSslMode::Disable);
    let user = process::Command::new("id").arg("-un").output();
    let user = user
        .ok()
        .and_then(|user| String::from_utf8(user.stdout).ok());
    Ok(match user {
        Some(user) if std::env::var_os("PGUSER").is_none() => options.username(user.trim()),
        _ => options,
    })
}

/// The server, if there is one; said once if not.
async fn usable() -> Option<&'static PgConnectOptions> {
    static SERVER: OnceCell<Option<PgConnectOptions>> = OnceCell::const_new();
    let server = SERVER.get_or_init(|| async {
        let tried = async {
            let options = server()?;
            let connected = PgConnection::connect_with(&options).await;
            let connection = connected.map_err(|error| error.to_string())?;
            drop(connection.close().await);
            Ok::<_, String>(options)
        };
        match tried.await {
            Ok(options) => Some(options),
            Err(why) => {
                assert!(
                    std::env::var_os("REQUIRE_POSTGRES").is_none(),
                    "there is no PostgreSQL to test with: {why}"
                );
                // Past what the test harness captures.
                let _ = writeln!(
                    std::io::stderr(),
                    "SKIPPED: every test on PostgreSQL, because none can be used ({why}). \
                     To run them, set TEST_POSTGRES_URL to the URL of a server where databases may \
                     be created."
                );
                None
            }
        }
    });
    server.await.as_ref()
}

impl Database {
    /// An empty one; `None` where there is no server.
    pub async fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        static STARTED: OnceLock<u32> = OnceLock::new();
        let server = usable().await?.clone();
        let process = STARTED.get_or_init(process::id);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign_test_{process}_{number}");
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        run(&server, &create).await;
        let mut url = server.to_url_lossy();
        url.set_path(&name);
        Some(Self {
            url: url.to_string(),
            name,
            server,
        })
    }

    /// Runs SQL in it, beside the program.
    pub async fn run(&self, sql: &str) {
        let options = self.server.clone().database(&self.name);
        run(&options, sql).await;
    }

    /// A connection to it, beside the program.
    pub async fn connect(&self) -> PgConnection {
        let options = self.server.clone().database(&self.name);
        PgConnection::connect_with(&options)
            .await
            .expect("a server")
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of this database for another role, with these options for its sessions.
    pub fn url_of(&self, role: &str, options: &str) -> String {
        let mut url = self.server.to_url_lossy();
        url.set_path(&self.name);
        url.set_username(role).expect("a user");
        url.set_password(None).expect("a user");
        if !options.is_empty() {
            url.query_pairs_mut().append_pair("options", options);
        }
        url.to_string()
    }

    /// Host and port of the server.
    pub fn address(&self) -> String {
        format!("{}:{}", self.server.get_host(), self.server.get_port())
    }

    /// The URL of this database by way of another address.
    pub fn url_by_way_of(&self, address: std::net::SocketAddr) -> String {
        let mut url = self.server.to_url_lossy();
        url.set_path(&self.name);
        url.set_host(Some(&address.ip().to_string()))
            .expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        url.to_string()
    }
}

async fn run(options: &PgConnectOptions, sql: &str) {
    let connected = PgConnection::connect_with(options).await;
    let mut connection = connected.expect("a server");
    raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .expect("it succeeds");
    drop(connection.close().await);
}

impl Drop for Database {
    fn drop(&mut self) {
        let server = self.server.clone();
        let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // Whatever runtime the test has, it may be ending.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                if let Ok(mut connection) = PgConnection::connect_with(&server).await {
                    let _ = raw_sql(AssertSqlSafe(drop_it))
                        .execute(&mut connection)
                        .await;
                }
            });
        });
        let _ = dropping.join();
    }
}

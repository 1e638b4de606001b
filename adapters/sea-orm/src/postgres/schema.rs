//! The schema, and how it came to be. Forwards only.
//!
//! Every text is compared by byte (`COLLATE "C"`), so that all stores agree on order and case: a
//! locale's rules differ from server to server, and change with its operating system.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, QuerySelect,
    TransactionTrait,
    sqlx::{self, AssertSqlSafe, PgConnection},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait, seaql_migrations,
};

use super::connection::{Connections, Role};
use crate::{error::is_locked_of_postgres, open::OpenError};

/// The key of the lock that one who migrates holds: "cs" and "migrate", read as a number.
const LOCK: i64 = 0x6373_6d69_6772_6174;

/// How long a migration waits for a lock on a table. Whoever reads that table waits behind it.
const LOCK_PATIENCE: &str = "1s";

/// How long it lets the others go on before it tries again.
const REST: Duration = Duration::from_secs(2);

/// How often it tries: for five minutes, in which a step of the fold and a purge end.
const TRIES: u32 = 100;

/// How long it is waited for each transaction of others before an index is given up: one that hangs
/// must not keep this process from its start.
const INDEX_PATIENCE: &str = "10s";

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Messages),
            Box::new(Sources),
            Box::new(Minutes),
            Box::new(Repeats),
        ]
    }
}

/// Messages and conflicts, and what is derived from them.
struct Messages;

impl MigrationName for Messages {
    fn name(&self) -> &'static str {
        "p0001_messages"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Messages {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(LOG).await?;
        db.execute_unprepared(DERIVED).await?;
        Ok(())
    }
}

/// Where messages come from, which key vouched for them, and what is left of those that were purged.
struct Sources;

impl MigrationName for Sources {
    fn name(&self) -> &'static str {
        "p0002_sources"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sources {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(SOURCES).await?;
        Ok(())
    }
}

/// What is counted up to whole minutes.
struct Minutes;

impl MigrationName for Minutes {
    fn name(&self) -> &'static str {
        "p0003_minutes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Minutes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(MINUTES).await?;
        Ok(())
    }
}

/// Up to which sequence, and with which purge, one of the levels of `spans` accounts for what
/// everything else that is derived accounts for. An instance of a version that does not know the level
/// moves `folded` and `purged` alone, by which the others see it ([`super::minutes`]). Where there are
/// messages already, they are counted behind the migration.
const MINUTES: &str = "
    ALTER TABLE state
        ADD COLUMN minutes_folded bigint NOT NULL DEFAULT 0,
        ADD COLUMN minutes_purged bigint NOT NULL DEFAULT 0;
";

/// How often stored messages came again.
struct Repeats;

impl MigrationName for Repeats {
    fn name(&self) -> &'static str {
        "p0004_repeats"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Repeats {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(REPEATS).await?;
        Ok(())
    }
}

/// A message that never came again has no row. Rows are written over and over.
const REPEATS: &str = "
    CREATE TABLE repeats (
        seq bigint PRIMARY KEY,
        times bigint NOT NULL,
        last_seen_at bigint NOT NULL
    ) WITH (fillfactor = 80);
";

/// No row is touched by it, nor looked at: the indices are made behind it ([`INDICES`]). A row of `messages` with `purged_at` is what is left of a message; `state.purged` counts
/// purges, so that who remembers what was before sees that it is not so any more.
const SOURCES: &str = r#"
    ALTER TABLE messages
        ADD COLUMN source text COLLATE "C",
        ADD COLUMN verified_by text COLLATE "C",
        ADD COLUMN digest bytea,
        ADD COLUMN purged_at bigint;
    ALTER TABLE conflicts ADD COLUMN source text COLLATE "C";
    ALTER TABLE state ADD COLUMN purged bigint NOT NULL DEFAULT 0;
"#;

/// Indices that have those rows only for which somebody can ask by them. To make one is to read the
/// whole table, which may be large, so it is done while others write, and in no migration; answers do
/// not depend on them.
const INDICES: [(&str, &str); 3] = [
    (
        "messages_by_key",
        "(verified_by, seq) WHERE verified_by IS NOT NULL AND purged_at IS NULL",
    ),
    (
        "messages_by_source",
        "(source, seq) WHERE source IS NOT NULL AND purged_at IS NULL",
    ),
    ("messages_purged", "(seq) WHERE purged_at IS NOT NULL"),
];

/// The key of the lock that one who makes them holds. Nobody waits for it: to make an index beside
/// others is to wait for their transactions, and one that waits for a lock is one.
const INDEX_LOCK: i64 = LOCK + 1;

/// `message_sequence` must hand out its numbers one by one (`CACHE 1`): `arrivals` counts on a
/// number that is drawn later being larger.
const LOG: &str = r#"
    CREATE SEQUENCE message_sequence AS bigint CACHE 1;
    CREATE TABLE messages (
        seq bigint PRIMARY KEY DEFAULT nextval('message_sequence'),
        message_id text COLLATE "C" NOT NULL UNIQUE,
        from_msisdn text COLLATE "C" NOT NULL,
        to_msisdn text COLLATE "C" NOT NULL,
        ts bigint NOT NULL,
        text text COLLATE "C",
        text_folded text COLLATE "C",
        created_at bigint NOT NULL
    );
    ALTER SEQUENCE message_sequence OWNED BY messages.seq;
    CREATE TABLE conflicts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        message_id text COLLATE "C" NOT NULL,
        digest bytea NOT NULL,
        from_msisdn text COLLATE "C" NOT NULL,
        to_msisdn text COLLATE "C" NOT NULL,
        ts bigint NOT NULL,
        text text COLLATE "C",
        first_seen_at bigint NOT NULL,
        last_seen_at bigint NOT NULL,
        times bigint NOT NULL,
        UNIQUE (message_id, digest)
    );
    CREATE INDEX conflicts_by_message ON conflicts (message_id, last_seen_at);
    CREATE INDEX conflicts_by_time ON conflicts (last_seen_at);
"#;

/// What the tables mean is said where SQLite's are made (`sqlite/fold/index.rs`); here they are in
/// the log's database, where a transaction of the fold holds up nobody.
const DERIVED: &str = r#"
    CREATE TABLE state (
        id integer PRIMARY KEY CHECK (id = 1),
        folded bigint NOT NULL,
        senders bigint NOT NULL,
        gram_blocks bigint NOT NULL
    ) WITH (fillfactor = 50);
    CREATE TABLE parties (
        id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        role bigint NOT NULL,
        number text COLLATE "C" NOT NULL,
        messages bigint NOT NULL,
        UNIQUE (role, number)
    ) WITH (fillfactor = 80);
    CREATE TABLE entries (
        party bigint NOT NULL,
        ts bigint NOT NULL,
        message_id text COLLATE "C" NOT NULL,
        seq bigint NOT NULL,
        PRIMARY KEY (party, ts, message_id) INCLUDE (seq)
    );
    CREATE TABLE spans (
        party bigint NOT NULL,
        level bigint NOT NULL,
        slot bigint NOT NULL,
        messages bigint NOT NULL,
        PRIMARY KEY (party, level, slot)
    ) WITH (fillfactor = 80);
    CREATE TABLE top_senders (
        number text COLLATE "C" PRIMARY KEY,
        messages bigint NOT NULL
    );
    CREATE TABLE blocks (
        block bigint PRIMARY KEY,
        first_ts bigint NOT NULL,
        last_ts bigint NOT NULL
    ) WITH (fillfactor = 80);
    CREATE TABLE pieces (
        block bigint NOT NULL,
        piece text COLLATE "C" NOT NULL,
        numbers bytea NOT NULL
    ) WITH (fillfactor = 80);
    -- A piece may be as long as a text, and a key may not.
    CREATE UNIQUE INDEX pieces_by_digest ON pieces (block, md5(piece));
    CREATE INDEX pieces_by_beginning ON pieces (block, left(piece, 256));
    CREATE TABLE grams (
        block bigint NOT NULL,
        gram text COLLATE "C" NOT NULL,
        numbers bytea NOT NULL,
        PRIMARY KEY (block, gram)
    );
    INSERT INTO parties VALUES (0, 0, '', 0);
    INSERT INTO state VALUES (1, 0, 0, 0);
"#;

/// The index for what is inside of pieces. It is no migration: whether it can be made depends on the
/// server, and answers do not depend on it.
const TRIGRAMS: [&str; 2] = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX IF NOT EXISTS pieces_by_trigram ON pieces USING gin (piece gin_trgm_ops)",
];

/// Applies what is not applied yet, in one transaction: an interrupted migration leaves the database
/// as it was. Of those that start at once, one migrates and the others wait. A lock that instances at
/// work hold is tried for again and again, so that their reads never wait for long.
pub async fn migrate(connections: &Connections) -> Result<(), OpenError> {
    // Also on a server that may only be read, where nothing is to be done.
    if pending(connections).await?.is_empty() {
        return Ok(());
    }
    let db = connections.sea_orm();
    let mut tried = 0;
    loop {
        tried += 1;
        match migrate_once(&db).await {
            Err(error) if tried < TRIES && is_locked_of_postgres(&error) => {
                if tried == 1 {
                    tracing::info!("a migration lets transactions of others end before it");
                }
                tokio::time::sleep(REST).await;
            }
            migrated => return migrated.map_err(OpenError::Migrate),
        }
    }
}

async fn migrate_once(db: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = begin_alone(db).await?;
    let patience = format!("SET LOCAL lock_timeout = '{LOCK_PATIENCE}'");
    transaction.execute_unprepared(&patience).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// A transaction in which nobody else changes the schema.
async fn begin_alone(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db.begin().await?;
    let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
    transaction.execute_unprepared(&lock).await?;
    Ok(transaction)
}

/// The names of the migrations that are not applied; it refuses a schema that is newer than this
/// program.
pub async fn pending(connections: &Connections) -> Result<Vec<String>, OpenError> {
    let applied = applied(&connections.sea_orm()).await;
    let applied = applied.map_err(OpenError::Migrate)?;
    let names = names();
    if let Some(unknown) = applied.iter().find(|name| !names.contains(name)) {
        return Err(OpenError::Newer(unknown.clone()));
    }
    Ok(not_among(&applied))
}

/// Makes the index for what is inside of words, if it is not there and may be made.
pub async fn index_trigrams(connections: &Connections) {
    let db = connections.sea_orm();
    let made = async {
        let known = "SELECT 1 FROM pg_class WHERE oid = to_regclass('pieces_by_trigram')";
        if db.execute_unprepared(known).await?.rows_affected() > 0 {
            return Ok(());
        }
        // Two that make an extension at once get in each other's way.
        let transaction = begin_alone(&db).await?;
        for sql in TRIGRAMS {
            transaction.execute_unprepared(sql).await?;
        }
        transaction.commit().await
    };
    let made: Result<(), DbErr> = made.await;
    if let Err(error) = made {
        tracing::warn!(
            cause = %error,
            "pg_trgm cannot be used; searches inside of words are exact, but slower (to mend it, \
             have an administrator run CREATE EXTENSION pg_trgm in this database, and restart)"
        );
    }
}

/// Makes the indices that are not there, or that an interruption has left unfinished.
pub async fn index_messages(connections: &Connections) {
    let made = async {
        // The lock is the session's.
        let mut connection = connections.pool().acquire().await?;
        if usable(&mut connection).await?.len() == INDICES.len() {
            return Ok(());
        }
        let lock = "SELECT pg_try_advisory_lock($1)";
        let alone: bool = sqlx::query_scalar(lock)
            .bind(INDEX_LOCK)
            .fetch_one(&mut *connection)
            .await?;
        if !alone {
            // Another makes them.
            return Ok(());
        }
        let made = make_indices(&mut connection).await;
        // It ends with the session otherwise.
        let unlock = sqlx::query("SELECT pg_advisory_unlock($1)").bind(INDEX_LOCK);
        drop(unlock.execute(&mut *connection).await);
        made
    };
    let made: Result<(), sqlx::Error> = made.await;
    if let Err(error) = made {
        tracing::warn!(
            cause = %error,
            "an index of the messages could not be made; filters by source and key are exact, but \
             slower (the next start tries again)"
        );
    }
}

/// Those of the indices that are there, and whole.
async fn usable(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let names = INDICES.map(|index| index.0);
    let usable = "SELECT n.name FROM unnest($1::text[]) AS n (name)
        JOIN pg_index i ON i.indexrelid = to_regclass(n.name) WHERE i.indisvalid";
    sqlx::query_scalar(usable)
        .bind(names.as_slice())
        .fetch_all(connection)
        .await
}

async fn make_indices(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let usable = usable(connection).await?;
    let wait = format!("SET lock_timeout = '{INDEX_PATIENCE}'");
    sqlx::raw_sql(AssertSqlSafe(wait))
        .execute(&mut *connection)
        .await?;
    for (name, what) in INDICES {
        if usable.iter().any(|usable| usable == name) {
            continue;
        }
        for sql in [
            format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"),
            format!("CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON messages {what}"),
        ] {
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

fn names() -> Vec<String> {
    let migrations = Migrator::migrations();
    let names = migrations
        .iter()
        .map(|migration| migration.name().to_owned());
    names.collect()
}

/// The names of the migrations that are applied.
async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let known = "SELECT 1 FROM pg_class WHERE oid = to_regclass('seaql_migrations')";
    if db.execute_unprepared(known).await?.rows_affected() == 0 {
        return Ok(Vec::new());
    }
    seaql_migrations::Entity::find()
        .select_only()
        .column(seaql_migrations::Column::Version)
        .into_tuple()
        .all(db)
        .await
}

/// The names of the migrations that are not applied. It only reads.
pub async fn missing(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    Ok(not_among(&applied(db).await?))
}

/// What the user would have to be allowed for messages to be taken in and derived from, and is not.
/// With `true`, also for the schema to be changed.
pub const FORBIDDEN: &str = "
    SELECT privilege || ' on ' || name
    FROM (VALUES
        ('messages', 'SELECT'), ('messages', 'INSERT'),
        ('conflicts', 'SELECT'), ('conflicts', 'INSERT'),
        ('repeats', 'SELECT'), ('repeats', 'INSERT'),
        ('state', 'SELECT'), ('state', 'UPDATE'),
        ('parties', 'SELECT'), ('parties', 'INSERT'),
        ('entries', 'SELECT'), ('entries', 'INSERT'),
        ('spans', 'SELECT'), ('spans', 'INSERT'),
        ('top_senders', 'SELECT'), ('top_senders', 'INSERT'),
        ('blocks', 'SELECT'), ('blocks', 'INSERT'),
        ('pieces', 'SELECT'), ('pieces', 'INSERT'),
        ('grams', 'SELECT'), ('grams', 'INSERT')
    ) AS needed (name, privilege)
    WHERE to_regclass(name) IS NOT NULL AND NOT has_table_privilege(to_regclass(name), privilege)
    UNION ALL
    SELECT 'USAGE on message_sequence'
    WHERE to_regclass('message_sequence') IS NOT NULL
        AND NOT has_sequence_privilege(to_regclass('message_sequence'), 'USAGE')
    UNION ALL
    SELECT 'CREATE on the schema'
    WHERE $1 AND NOT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)";

fn not_among(applied: &[String]) -> Vec<String> {
    let names = names().into_iter();
    names.filter(|name| !applied.contains(name)).collect()
}

/// What there is to migrate with.
pub fn migrating(options: &sea_orm::sqlx::postgres::PgConnectOptions) -> Connections {
    Connections::new(options, Role::Migrate)
}

//! Adopting a database of the original service: a table `messages` of six text columns, with `ts`
//! as the client sent it.
//!
//! Every row is kept. What can't be a message (no id, no `ts` that can be read, an id that an
//! earlier row has, bytes that are no text) goes to the table `original_rows_set_aside`, as it was,
//! with the reason. The original table is dropped only if it had nothing else in it and nothing
//! else in the database refers to it; otherwise it stays, as `original_messages`.

use chrono::{DateTime, NaiveDateTime, Utc};
use countersign_core::{Message, MessageId, Msisdn, NewMessage, SourceName, Text, Timestamp};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Statement, TryGetable, Value};
use sea_orm_migration::{SchemaManager, SchemaManagerConnection};

use crate::rows::message;

/// The columns of the original table.
const COLUMNS: [&str; 6] = [
    "message_id",
    "from_msisdn",
    "to_msisdn",
    "ts",
    "text",
    "created_at",
];

/// Rows that cannot be messages, by the look of them in SQL: why, and which.
const NO_MESSAGES: [(&str, &str); 2] = [
    (
        "a column that a message needs is NULL",
        "message_id IS NULL OR from_msisdn IS NULL OR to_msisdn IS NULL OR ts IS NULL",
    ),
    (
        "an earlier row has the same message_id",
        "message_id IS NOT NULL AND rowid NOT IN
            (SELECT min(rowid) FROM original_messages GROUP BY CAST(message_id AS TEXT))",
    ),
];

/// How many rows go through memory at a time.
const CHUNK: usize = 500;

/// The original service's table, renamed to make room.
pub struct Original {
    /// It has more columns than the original service gave it.
    has_more: bool,
}

/// Renames the original service's table to `original_messages`, if this is its database.
pub async fn put_aside(manager: &SchemaManager<'_>) -> Result<Option<Original>, DbErr> {
    let db = manager.get_connection();
    let sql = "SELECT name, type, wr FROM pragma_table_list
               WHERE schema = 'main' AND lower(name) = 'messages'";
    let Some(table) = db.query_one_raw(statement(db, sql, [])).await? else {
        return Ok(None);
    };
    let name: String = table.try_get("", "name")?;
    let refuse = |why: &str| {
        Err(DbErr::Migration(format!(
            "the database has a `{name}` that is not the original service's: {why}"
        )))
    };
    if table.try_get::<String>("", "type")? != "table" || table.try_get::<i64>("", "wr")? != 0 {
        return refuse("it is no ordinary table with row ids");
    }
    let sql = "SELECT lower(name) FROM pragma_table_info('messages')";
    let columns: Vec<String> = column(db, sql).await?;
    if let Some(missing) = COLUMNS
        .iter()
        .find(|known| !columns.iter().any(|c| c == *known))
    {
        return refuse(&format!("it has no column `{missing}`"));
    }
    db.execute_unprepared(&format!(
        "ALTER TABLE \"{}\" RENAME TO original_messages",
        name.replace('"', "\"\"")
    ))
    .await?;
    Ok(Some(Original {
        has_more: columns.len() > COLUMNS.len(),
    }))
}

/// A row as bytes, because not everything in an SQLite column is what the column says.
#[derive(FromQueryResult)]
struct OriginalRow {
    row_id: i64,
    message_id: Vec<u8>,
    from_msisdn: Vec<u8>,
    to_msisdn: Vec<u8>,
    ts: Vec<u8>,
    text: Option<Vec<u8>>,
    created_at: Option<Vec<u8>>,
}

impl Original {
    /// Brings every row to where it belongs, in the order in which they were inserted.
    pub async fn adopt(self, db: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
        db.execute_unprepared(
            "CREATE TABLE original_rows_set_aside (
                message_id, from_msisdn, to_msisdn, ts, text, created_at, reason TEXT NOT NULL
            )",
        )
        .await?;
        // Found once, not anew for each chunk: the second condition looks at every row.
        db.execute_unprepared("CREATE TABLE no_messages (row_id INTEGER PRIMARY KEY)")
            .await?;
        for (reason, condition) in NO_MESSAGES {
            set_aside(db, reason, condition, []).await?;
            db.execute_unprepared(&format!(
                "INSERT INTO no_messages SELECT rowid FROM original_messages WHERE {condition}"
            ))
            .await?;
        }

        let (mut adopted, mut last_row_id) = (0_usize, None);
        loop {
            let rows = next_rows(db, last_row_id).await?;
            let Some(last) = rows.last() else { break };
            last_row_id = Some(last.row_id);
            adopted += adopt_rows(db, rows).await?;
        }
        db.execute_unprepared("DROP TABLE no_messages").await?;
        tracing::info!(adopted, "adopted the messages of the original service");

        let aside = column::<i64>(db, "SELECT count(*) FROM original_rows_set_aside").await?;
        let aside = aside.first().copied().unwrap_or_default();
        if aside > 0 {
            tracing::warn!(
                rows = aside,
                table = "original_rows_set_aside",
                "rows of the original service could not be adopted as they are; \
                 they are kept in a table of their own, with the reason"
            );
        }
        if self.has_more || is_referred_to(db).await? {
            tracing::warn!(
                table = "original_messages",
                "the original table has more columns than are adopted, or something else in the \
                 database refers to it; it stays beside the messages"
            );
            return Ok(());
        }
        db.execute_unprepared("DROP TABLE original_messages")
            .await?;
        Ok(())
    }
}

/// Whether a view, a trigger or another table names the original table. (Renaming it has renamed
/// it there, too.)
async fn is_referred_to(db: &SchemaManagerConnection<'_>) -> Result<bool, DbErr> {
    let sql = "SELECT count(*) FROM sqlite_master
               WHERE type <> 'index' AND lower(name) <> 'original_messages'
                 AND (tbl_name = 'original_messages' OR instr(lower(sql), 'original_messages') > 0)";
    Ok(column::<i64>(db, sql).await?.first() != Some(&0))
}

async fn next_rows(
    db: &SchemaManagerConnection<'_>,
    after: Option<i64>,
) -> Result<Vec<OriginalRow>, DbErr> {
    let sql = format!(
        "SELECT rowid AS row_id,
                CAST(message_id AS BLOB) AS message_id,
                CAST(from_msisdn AS BLOB) AS from_msisdn,
                CAST(to_msisdn AS BLOB) AS to_msisdn,
                CAST(ts AS BLOB) AS ts,
                CAST(text AS BLOB) AS text,
                CAST(created_at AS BLOB) AS created_at
         FROM original_messages
         WHERE (?1 IS NULL OR rowid > ?1) AND rowid NOT IN (SELECT row_id FROM no_messages)
         ORDER BY rowid LIMIT {CHUNK}"
    );
    OriginalRow::find_by_statement(statement(db, &sql, [after.into()]))
        .all(db)
        .await
}

/// Adopts the rows that can be; says how many those were.
async fn adopt_rows(
    db: &SchemaManagerConnection<'_>,
    rows: Vec<OriginalRow>,
) -> Result<usize, DbErr> {
    let mut adopted = Vec::with_capacity(rows.len());
    for row in rows {
        let row_id = row.row_id;
        match adoptable(row) {
            Ok((message, created_at_is_known)) => {
                if !created_at_is_known {
                    let reason =
                        "created_at cannot be read (the message is adopted, with its ts instead)";
                    set_row_aside(db, row_id, reason).await?;
                }
                adopted.push(message::ActiveModel::from(&message));
            }
            Err(reason) => set_row_aside(db, row_id, reason).await?,
        }
    }
    let count = adopted.len();
    if count > 0 {
        message::Entity::insert_many(adopted)
            .exec_without_returning(db)
            .await?;
    }
    Ok(count)
}

/// The message, and whether its time of arrival is known; or why it is none.
fn adoptable(row: OriginalRow) -> Result<(Message, bool), &'static str> {
    let utf8 = |bytes| String::from_utf8(bytes).map_err(|_| "a column is not UTF-8");
    let ts = Timestamp::parse_rfc3339(&utf8(row.ts)?)
        .map_err(|_| "ts is no RFC 3339 instant with an offset")?;
    let known = row
        .created_at
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| created_at(&text));
    let message = NewMessage {
        source: SourceName::default(),
        id: MessageId::from_store(utf8(row.message_id)?),
        from: Msisdn::from_store(utf8(row.from_msisdn)?),
        to: Msisdn::from_store(utf8(row.to_msisdn)?),
        ts,
        text: row.text.map(utf8).transpose()?.map(Text::from_store),
    }
    .received_at(known.unwrap_or(ts));
    Ok((message, known.is_some()))
}

/// The original service's clock: RFC 3339, or without an offset, and then it is UTC.
fn created_at(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = Timestamp::parse_rfc3339(text) {
        return Some(instant);
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let instant = match naive {
        Some(naive) => naive.and_utc(),
        None => DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%:z")
            .ok()?
            .with_timezone(&Utc),
    };
    Timestamp::from_micros(instant.timestamp_micros())
}

async fn set_row_aside(
    db: &SchemaManagerConnection<'_>,
    row_id: i64,
    reason: &str,
) -> Result<(), DbErr> {
    set_aside(db, reason, "rowid = ?2", [row_id.into()]).await
}

/// Copies the rows for which `condition` holds, as they are.
async fn set_aside<const N: usize>(
    db: &SchemaManagerConnection<'_>,
    reason: &str,
    condition: &str,
    values: [Value; N],
) -> Result<(), DbErr> {
    let columns = COLUMNS.join(", ");
    let sql = format!(
        "INSERT INTO original_rows_set_aside ({columns}, reason)
         SELECT {columns}, ?1 FROM original_messages WHERE {condition}"
    );
    let values = std::iter::once(Value::from(reason)).chain(values);
    db.execute_raw(statement(db, &sql, values)).await?;
    Ok(())
}

fn statement(
    db: &SchemaManagerConnection<'_>,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// The first column of every row of an answer.
async fn column<T: TryGetable>(
    db: &SchemaManagerConnection<'_>,
    sql: &str,
) -> Result<Vec<T>, DbErr> {
    let rows = db.query_all_raw(statement(db, sql, [])).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

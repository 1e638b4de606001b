//! Adopting a database of the original service: a table `messages` of six text columns, with `ts`
//! as the client sent it.
//!
//! Every row is kept. What can't be a message (no id, no `ts` that can be read, an id that an
//! earlier row has) goes to the table `original_rows_set_aside`, as it was, with the reason.

use chrono::{DateTime, NaiveDateTime, Utc};
use countersign_core::{Message, MessageId, Msisdn, NewMessage, Text, Timestamp};
use sea_orm::{
    ActiveValue::NotSet, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Statement, Value,
};
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

/// The original table while its rows are being adopted.
const ORIGINAL: &str = "original_messages";

/// How many rows go through memory at a time.
const CHUNK: usize = 500;

/// The original service's table, renamed to make room.
pub struct Original(());

/// Renames the original service's table, if this is its database.
pub async fn put_aside(manager: &SchemaManager<'_>) -> Result<Option<Original>, DbErr> {
    if !manager.has_table("messages").await? {
        return Ok(None);
    }
    for column in COLUMNS {
        if !manager.has_column("messages", column).await? {
            return Err(DbErr::Migration(format!(
                "the database has a table `messages` without a column `{column}`, so it is \
                 neither countersign's nor the original service's; choose another database"
            )));
        }
    }
    let db = manager.get_connection();
    db.execute_unprepared(&format!("ALTER TABLE messages RENAME TO {ORIGINAL}"))
        .await?;
    Ok(Some(Original(())))
}

#[derive(FromQueryResult)]
struct OriginalRow {
    row_id: i64,
    message_id: String,
    from_msisdn: String,
    to_msisdn: String,
    ts: String,
    text: Option<String>,
    created_at: Option<String>,
}

impl Original {
    /// Moves every row to where it belongs, in the order in which they were inserted.
    pub async fn adopt(self, db: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
        db.execute_unprepared(
            "CREATE TABLE original_rows_set_aside (
                message_id, from_msisdn, to_msisdn, ts, text, created_at, reason TEXT NOT NULL
            )",
        )
        .await?;
        set_aside(
            db,
            "a column that a message needs is NULL",
            "message_id IS NULL OR from_msisdn IS NULL OR to_msisdn IS NULL OR ts IS NULL",
        )
        .await?;
        set_aside(
            db,
            "an earlier row has the same message_id",
            &format!(
                "rowid NOT IN (SELECT min(rowid) FROM {ORIGINAL} GROUP BY CAST(message_id AS TEXT))"
            ),
        )
        .await?;

        let (mut adopted, mut last_row_id) = (0_usize, i64::MIN);
        loop {
            let rows = next_rows(db, last_row_id).await?;
            let Some(last) = rows.last() else { break };
            last_row_id = last.row_id;
            adopted += adopt_rows(db, rows).await?;
        }

        let aside = "SELECT count(*) FROM original_rows_set_aside";
        let aside = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), aside))
            .await?
            .map(|row| row.try_get_by_index::<i64>(0))
            .transpose()?
            .unwrap_or_default();
        db.execute_unprepared(&format!("DROP TABLE {ORIGINAL}"))
            .await?;
        tracing::info!(adopted, "adopted the messages of the original service");
        if aside > 0 {
            tracing::warn!(
                rows = aside,
                table = "original_rows_set_aside",
                "rows of the original service could not be adopted as they are; \
                 they are kept in a table of their own, with the reason"
            );
        }
        Ok(())
    }
}

async fn next_rows(
    db: &SchemaManagerConnection<'_>,
    after: i64,
) -> Result<Vec<OriginalRow>, DbErr> {
    let sql = format!(
        "SELECT rowid AS row_id,
                CAST(message_id AS TEXT) AS message_id,
                CAST(from_msisdn AS TEXT) AS from_msisdn,
                CAST(to_msisdn AS TEXT) AS to_msisdn,
                CAST(ts AS TEXT) AS ts,
                CAST(text AS TEXT) AS text,
                CAST(created_at AS TEXT) AS created_at
         FROM {ORIGINAL} WHERE rowid > ? ORDER BY rowid LIMIT {CHUNK}"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [after.into()]);
    OriginalRow::find_by_statement(statement).all(db).await
}

/// Adopts the rows that can be; says how many those were.
async fn adopt_rows(
    db: &SchemaManagerConnection<'_>,
    rows: Vec<OriginalRow>,
) -> Result<usize, DbErr> {
    let mut adopted = Vec::with_capacity(rows.len());
    for row in rows {
        let row_id = row.row_id;
        let Ok(ts) = Timestamp::parse_rfc3339(&row.ts) else {
            let reason = "ts is no RFC 3339 instant with an offset";
            set_row_aside(db, row_id, reason).await?;
            continue;
        };
        let created_at = row.created_at.as_deref().and_then(created_at);
        if created_at.is_none() {
            let reason = "created_at cannot be read (the message is adopted, with its ts instead)";
            set_row_aside(db, row_id, reason).await?;
        }
        let message = Message {
            content: NewMessage {
                id: MessageId::from_store(row.message_id),
                from: Msisdn::from_store(row.from_msisdn),
                to: Msisdn::from_store(row.to_msisdn),
                ts,
                text: row.text.map(Text::from_store),
            },
            created_at: created_at.unwrap_or(ts),
        };
        let mut row = message::ActiveModel::from(&message);
        row.seq = NotSet;
        adopted.push(row);
    }
    let count = adopted.len();
    if count > 0 {
        message::Entity::insert_many(adopted)
            .exec_without_returning(db)
            .await?;
    }
    Ok(count)
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

/// Copies one row, as it is.
async fn set_row_aside(
    db: &SchemaManagerConnection<'_>,
    row_id: i64,
    reason: &str,
) -> Result<(), DbErr> {
    copy_aside(db, reason, "rowid = ?", [row_id.into()]).await
}

/// Moves the rows for which `condition` holds, as they are.
async fn set_aside(
    db: &SchemaManagerConnection<'_>,
    reason: &str,
    condition: &str,
) -> Result<(), DbErr> {
    copy_aside(db, reason, condition, []).await?;
    db.execute_unprepared(&format!("DELETE FROM {ORIGINAL} WHERE {condition}"))
        .await?;
    Ok(())
}

async fn copy_aside<const N: usize>(
    db: &SchemaManagerConnection<'_>,
    reason: &str,
    condition: &str,
    values: [Value; N],
) -> Result<(), DbErr> {
    let columns = COLUMNS.join(", ");
    let sql = format!(
        "INSERT INTO original_rows_set_aside ({columns}, reason)
         SELECT {columns}, ? FROM {ORIGINAL} WHERE {condition}"
    );
    let values = std::iter::once(Value::from(reason)).chain(values);
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await?;
    Ok(())
}

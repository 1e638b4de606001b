//! A statement that is put together.

use countersign_core::RepositoryError;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, TryGetable, Value};

use crate::error::repository_error;

/// Whose SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The dialect of the database.
    pub fn of(db: &impl ConnectionTrait) -> Self {
        match db.get_database_backend() {
            DbBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    /// An inner join. On SQLite, one that begins with its left side: where statistics are not kept,
    /// its planner can only guess.
    pub const fn join(self) -> &'static str {
        match self {
            Self::Sqlite => " CROSS JOIN ",
            Self::Postgres => " JOIN ",
        }
    }
}

/// SQL text, and the values of its parameters.
#[derive(Debug, Clone)]
pub struct Sql {
    pub dialect: Dialect,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub fn new(dialect: Dialect, text: &str) -> Self {
        Self {
            dialect,
            text: text.to_owned(),
            values: Vec::new(),
        }
    }

    /// Adds an inner join's keyword.
    pub fn join(&mut self) -> &mut Self {
        self.push(self.dialect.join())
    }

    /// Adds the condition that a text has another in it, as it stands.
    pub fn contains(&mut self, text: &str, term: &str) -> &mut Self {
        // Not LIKE: it has wildcards, a longest pattern, and a case folding of its own.
        self.push(match self.dialect {
            Dialect::Sqlite => "instr(",
            Dialect::Postgres => "strpos(",
        });
        self.push(text).push(", ").bind(term).push(") > 0")
    }

    /// Adds a table `j` with one column `value`: these numbers.
    pub fn numbers(&mut self, numbers: &[i64]) -> &mut Self {
        let list = |open: char, close: char| {
            let mut list = String::with_capacity(2 + 9 * numbers.len());
            list.push(open);
            for (index, number) in numbers.iter().enumerate() {
                if index > 0 {
                    list.push(',');
                }
                list.push_str(&number.to_string());
            }
            list.push(close);
            list
        };
        match self.dialect {
            Dialect::Sqlite => self.push("json_each(").bind(list('[', ']')).push(") j"),
            Dialect::Postgres => {
                self.push("unnest(CAST(CAST(").bind(list('{', '}'));
                self.push(" AS text) AS bigint[])) AS j (value)")
            }
        }
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a parameter with this value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    fn statement(self, db: &impl ConnectionTrait) -> Statement {
        Statement::from_sql_and_values(db.get_database_backend(), self.text, self.values)
    }

    /// Every row.
    pub async fn rows<T: FromQueryResult>(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<T>, RepositoryError> {
        T::find_by_statement(self.statement(db))
            .all(db)
            .await
            .map_err(repository_error)
    }

    /// The first row, if there is one.
    pub async fn row<T: FromQueryResult>(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<Option<T>, RepositoryError> {
        T::find_by_statement(self.statement(db))
            .one(db)
            .await
            .map_err(repository_error)
    }

    /// The first column of every row.
    pub async fn column<T: TryGetable>(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<T>, RepositoryError> {
        let rows = db.query_all_raw(self.statement(db)).await;
        rows.map_err(repository_error)?
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()
            .map_err(repository_error)
    }
}

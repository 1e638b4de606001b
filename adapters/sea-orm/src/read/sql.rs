//! A statement that is put together.

use countersign_core::RepositoryError;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, TryGetable, Value};

use crate::error::repository_error;

/// SQL text, and the values of its parameters.
#[derive(Debug, Clone)]
pub struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            values: Vec::new(),
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

//! The list of messages, page by page.

use clap::ValueEnum;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Api, Filter, Refusal};

/// The largest page that the API has.
const PAGE: u64 = 100;

/// By when messages were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    // The oldest first.
    Asc,
    // The newest first.
    Desc,
}

/// Messages that match, each of them once, whatever arrives meanwhile.
pub struct List<'a> {
    api: &'a Api,
    filter: &'a Filter,
    order: Order,
    /// How many more are wanted; `None`: all.
    left: Option<u64>,
    /// Behind the last page; `None`: the list has come to its end.
    cursor: Option<String>,
    /// How many match in all, as the last page has it.
    pub total: u64,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Box<RawValue>>,
    total: u64,
    next_cursor: Option<String>,
}

impl<'a> List<'a> {
    /// At most `limit` messages.
    pub fn new(api: &'a Api, filter: &'a Filter, order: Order, limit: Option<u64>) -> Self {
        Self {
            api,
            filter,
            order,
            left: limit,
            cursor: Some(String::new()),
            total: 0,
        }
    }

    /// The next messages, as the server writes them; `None` behind the last.
    ///
    /// # Errors
    /// If the server refuses, or is not there.
    pub async fn next(&mut self) -> Result<Option<Vec<Box<RawValue>>>, Refusal> {
        let limit = self.left.map_or(PAGE, |left| left.min(PAGE));
        let Some(cursor) = self.cursor.take().filter(|_| limit > 0) else {
            return Ok(None);
        };
        let mut query = self.filter.0.clone();
        let order = match self.order {
            Order::Asc => "asc",
            Order::Desc => "desc",
        };
        query.push(("order", order.to_owned()));
        query.push(("limit", limit.to_string()));
        if !cursor.is_empty() {
            query.push(("cursor", cursor));
        }
        let page = self.api.get(&["messages"], &query).await?;
        let page: Page = self.api.read(&page)?;
        self.total = page.total;
        self.left = self
            .left
            .map(|left| left.saturating_sub(page.data.len() as u64));
        self.cursor = page.next_cursor;
        Ok((!page.data.is_empty()).then_some(page.data))
    }
}

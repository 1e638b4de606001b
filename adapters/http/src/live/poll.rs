//! The long poll: messages behind a sequence, as soon as there are any.

use std::{num::NonZeroUsize, time::Duration};

use countersign_core::{ArrivalQuery, Arrivals, Limit, MessageFilter, Sequence};
use tokio::time::{self, Instant};

use super::Hub;
use crate::{limits::Desk, problem::Problem};

/// How long to look for a match at least, also where nobody waits: a store looks through a bounded
/// number of messages for one answer.
const SEARCH: Duration = Duration::from_secs(1);

/// How long after a look in vain the next one may come. At full ingest something arrives all the
/// time, and seldom what a filter asks for.
const PACE: Duration = Duration::from_millis(50);

/// What a long poll asks for.
pub struct Poll {
    pub after: Sequence,
    pub filter: MessageFilter,
    pub limit: Limit,
    pub wait: Duration,
}

impl Hub {
    /// The first messages that match. Without one it waits until there is one, the time is over,
    /// or the server stops; then it says how far it has looked.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub async fn poll(&self, poll: Poll, desk: &Desk) -> Result<Arrivals, Problem> {
        let begun = Instant::now();
        let (until, searched) = (begun + poll.wait, begun + poll.wait.max(SEARCH));
        let limit = usize::try_from(poll.limit.get()).ok();
        let place = desk.place().await?;
        let resumed = self.inbox.resume(poll.after).await?;
        drop(place);
        let mut query = ArrivalQuery {
            after: resumed,
            filter: poll.filter,
            limit: limit
                .and_then(NonZeroUsize::new)
                .unwrap_or(NonZeroUsize::MIN),
        };
        loop {
            let place = desk.place().await?;
            let page = self.inbox.arrivals(&query).await?;
            drop(place);
            let looked = Instant::now();
            let over = looked >= if page.more { searched } else { until };
            if !page.items.is_empty() || over || self.is_closing() {
                return Ok(page);
            }
            query.after = page.up_to;
            if page.more {
                continue;
            }
            tokio::select! {
                () = self.inbox.arrived_behind(query.after) => {
                    time::sleep_until(until.min(looked + PACE)).await;
                }
                () = time::sleep_until(until) => return Ok(page),
                () = self.closed() => return Ok(page),
            }
        }
    }
}

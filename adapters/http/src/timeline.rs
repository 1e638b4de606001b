//! `GET /stats/timeline`.

use std::sync::Arc;

use countersign_core::{
    BucketWidth, Buckets, Correspondent, Inbox, InvalidBuckets, Timeline, TimelineQuery, Timestamp,
};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use crate::{
    ApiTag,
    limits::Desk,
    params::{Faults, Number, Param},
    problem::{Kind, Problem},
    reply::{JsonBody, Problems, Reply},
};

pub struct TimelineApi {
    pub inbox: Arc<Inbox>,
    pub desk: Arc<Desk>,
}

/// How many messages were sent in each of a row of buckets of time.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Timeline")]
pub struct TimelineBody {
    /// How wide each bucket is, in seconds.
    #[oai(validator(minimum(value = "60"), maximum(value = "2678400")))]
    width: i64,
    /// Where the first bucket begins.
    since: String,
    /// Where the last bucket ends; it is in none.
    until: String,
    /// How many messages all buckets have.
    #[oai(validator(minimum(value = "0")))]
    total: u64,
    /// Every bucket, the empty ones too, the oldest first.
    #[oai(validator(min_items = 1, max_items = 1000))]
    data: Vec<BucketBody>,
}

/// How many messages were sent at `start` or later, and before the next bucket's.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Bucket")]
pub struct BucketBody {
    start: String,
    /// The `total` of the list with the same `from` or `to`, and the bucket's ends as `since` and
    /// `until`.
    #[oai(validator(minimum(value = "0")))]
    count: u64,
}

pub struct TimelineProblems;

impl Problems for TimelineProblems {
    const KINDS: &'static [Kind] = &[Kind::ValidationError, Kind::Unavailable];
}

#[OpenApi(tag = "ApiTag::Messages")]
impl TimelineApi {
    /// Count messages by time
    ///
    /// By their `ts`, in at most 1000 buckets of the same width, without gaps. An empty filter is no
    /// filter; unknown parameters are ignored.
    ///
    /// Without `since` there are 48 buckets, which begin at multiples of their width since 1970.
    #[oai(
        path = "/stats/timeline",
        method = "get",
        operation_id = "readTimeline"
    )]
    async fn read(
        &self,
        /// How wide each bucket is, in seconds: a multiple of 60.
        width: Query<Param<BucketWidth>>,
        /// Where the first bucket begins (RFC 3339), rounded down to the minute.
        since: Query<Param<Timestamp>>,
        /// Where the last bucket ends (RFC 3339), rounded up to its end. Without it, the last bucket
        /// is that which holds the present.
        until: Query<Param<Timestamp>>,
        /// Only messages from this number. A `+` that was not percent-encoded is understood. It
        /// cannot be combined with `to`.
        from: Query<Param<Number>>,
        /// Only messages to this number, read as `from` is.
        to: Query<Param<Number>>,
    ) -> Reply<JsonBody<TimelineBody>, TimelineProblems> {
        let now = self.inbox.now();
        let query = asked(width.0, since.0, until.0, from.0, to.0, now);
        async {
            let query = query?;
            let read = async { self.inbox.timeline(&query).await.map_err(Problem::from) };
            let timeline = self.desk.read(read).await?;
            Ok(JsonBody(body(&query.buckets, timeline)))
        }
        .await
        .into()
    }
}

/// What is asked for, or all faults in it.
fn asked(
    width: Param<BucketWidth>,
    since: Param<Timestamp>,
    until: Param<Timestamp>,
    from: Param<Number>,
    to: Param<Number>,
    now: Timestamp,
) -> Result<TimelineQuery, Problem> {
    let mut faults = Faults::default();
    let width = faults.take("width", width).unwrap_or_default();
    let since = faults.take("since", since);
    let until = faults.take("until", until);
    let buckets = if faults.none() {
        let buckets = Buckets::new(width, since, until, now);
        buckets
            .map_err(|error| faults.add(field(error), error.to_string()))
            .ok()
    } else {
        None
    };
    let (from, to) = (faults.take("from", from), faults.take("to", to));
    let of = match (from, to) {
        (None, None) => Correspondent::Anybody,
        (Some(Number(from)), None) => Correspondent::From(from),
        (None, Some(Number(to))) => Correspondent::To(to),
        (Some(_), Some(_)) => {
            faults.add("to", "cannot be combined with from".to_owned());
            Correspondent::Anybody
        }
    };
    faults.or_all(buckets.map(|buckets| TimelineQuery { of, buckets }))
}

/// Which parameter is to be changed.
const fn field(error: InvalidBuckets) -> &'static str {
    match error {
        InvalidBuckets::TooMany => "width",
        InvalidBuckets::BeginsLater | InvalidBuckets::TooEarly => "since",
        InvalidBuckets::Backwards | InvalidBuckets::TooLate => "until",
    }
}

fn body(buckets: &Buckets, timeline: Timeline) -> TimelineBody {
    let total = timeline.total();
    let data = buckets.edges().zip(timeline.counts);
    TimelineBody {
        width: buckets.width().seconds(),
        since: buckets.since().to_string(),
        until: buckets.until().to_string(),
        total,
        data: data
            .map(|(start, count)| BucketBody {
                start: start.to_string(),
                count,
            })
            .collect(),
    }
}

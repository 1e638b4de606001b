//! `GET /rejections`.
#![expect(clippy::unused_async, reason = "poem-openapi's operations are async")]

use std::{collections::VecDeque, sync::Arc};

use countersign_core::{Limit, SourceName, Timestamp};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::{Diagnosis, Reason, Rejection, Rejections, chunk::Wanted};
use crate::{
    ApiTag,
    messages::ListProblems,
    params::{Faults, Param},
    problem::FieldError,
    reply::{JsonBody, Reply},
};

pub struct RejectionsApi(pub Arc<Rejections>);

/// The newest refused requests.
#[derive(Debug, Serialize, Object)]
pub struct RejectionPage {
    data: Vec<RejectionBody>,
    /// How many of those that are kept match.
    #[oai(validator(minimum(value = "0")))]
    total: u64,
    /// How many were refused since `counted_since`, by reason; all of them, whether they are kept
    /// or not, and whatever was asked for.
    counts: Vec<ReasonCount>,
    /// When this process began to count, in UTC.
    counted_since: String,
}

/// How many requests were refused for a reason.
#[derive(Debug, Serialize, Object)]
pub struct ReasonCount {
    reason: String,
    #[oai(validator(minimum(value = "1")))]
    count: u64,
}

/// A refused request: what it was, never what was in it.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Rejection")]
pub struct RejectionBody {
    /// When it was refused, in UTC.
    refused_at: String,
    /// The `X-Request-Id` of its answer, under which the log has it.
    request_id: String,
    /// The address that it came from.
    peer: Option<String>,
    /// The route, as this document writes it.
    path: String,
    /// The source that it was sent to, if there is one of that name, or the name could be one.
    source: Option<String>,
    /// The answer's status.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: u16,
    /// Why, from a closed list.
    reason: String,
    /// Of an invalid body: every fault.
    errors: Vec<FieldError>,
    /// The length of its body in bytes, if it was read to its end.
    #[oai(validator(minimum(value = "0")))]
    body_bytes: Option<u64>,
    /// The body's SHA-256 in hex, if it was read to its end: by it one can tell whether two are the
    /// same, or which of the provider's it is.
    #[oai(validator(pattern = "^[0-9a-f]{64}$"))]
    body_sha256: Option<String>,
    /// Of a timestamp outside the tolerance: how many seconds it was off. Negative: in the past.
    skew_seconds: Option<i64>,
    /// The mistake behind a refused signature, if it is a known one. It is looked for a moment after
    /// the answer, and where very many are refused, only in some.
    near_miss: Option<String>,
    /// How to mend that mistake.
    mend: Option<String>,
}

#[OpenApi(tag = "ApiTag::Rejections")]
impl RejectionsApi {
    /// List refused requests
    ///
    /// The newest first. They are kept in memory, a thousand refused webhooks, a thousand refused
    /// reads and a thousand requests beyond `RATE_LIMIT`, and are gone when the process ends;
    /// `counts` and the log go on from there.
    #[oai(path = "/rejections", method = "get", operation_id = "listRejections")]
    async fn list(
        &self,
        /// How many at the most.
        limit: Query<Param<Limit>>,
        /// Only those refused for this reason.
        reason: Query<Param<Reason>>,
        /// Only those sent to this source.
        source: Query<Param<SourceName>>,
        /// Only those refused at this instant or later (RFC 3339).
        since: Query<Param<Timestamp>>,
    ) -> Reply<JsonBody<RejectionPage>, ListProblems> {
        let mut faults = Faults::default();
        let limit = faults.take("limit", limit.0).unwrap_or_default();
        let wanted = Wanted {
            reason: faults.take("reason", reason.0),
            source: faults.take("source", source.0),
        };
        let since = faults.take("since", since.0);
        faults
            .or(())
            .map(|()| {
                JsonBody(self.0.page(limit, |rejection| {
                    wanted.admits(rejection.reason, rejection.source.as_ref())
                        && since.is_none_or(|since| rejection.at >= since)
                }))
            })
            .into()
    }
}

impl Rejections {
    fn page(&self, limit: Limit, matches: impl Fn(&Rejection) -> bool) -> RejectionPage {
        let kept = self.kept();
        let newest_first = |ring: &VecDeque<Rejection>| {
            let matching = ring.iter().rev().filter(|rejection| matches(rejection));
            matching.cloned().collect::<Vec<_>>()
        };
        let mut found = newest_first(&kept.webhooks);
        found.extend(newest_first(&kept.reads));
        found.extend(newest_first(&kept.too_many));
        found.sort_by_key(|rejection| std::cmp::Reverse(rejection.number));
        let total = found.len() as u64;
        found.truncate(usize::try_from(limit.get()).unwrap_or(usize::MAX));
        let counts = Reason::ALL.into_iter().zip(kept.counts);
        RejectionPage {
            data: found.into_iter().map(Into::into).collect(),
            total,
            counts: counts
                .filter(|(_, count)| *count > 0)
                .map(|(reason, count)| ReasonCount {
                    reason: reason.label().to_owned(),
                    count,
                })
                .collect(),
            counted_since: kept.since.to_string(),
        }
    }
}

impl From<Rejection> for RejectionBody {
    fn from(rejection: Rejection) -> Self {
        let near_miss = match rejection.diagnosis {
            Diagnosis::Done(found) => found,
            Diagnosis::NotLookedFor | Diagnosis::Pending => None,
        };
        Self {
            refused_at: rejection.at.to_string(),
            request_id: rejection.request_id,
            peer: rejection.peer.map(|peer| peer.to_string()),
            path: rejection.route,
            source: rejection.source.map(|source| source.to_string()),
            status: rejection.status,
            reason: rejection.reason.label().to_owned(),
            errors: rejection.errors,
            body_bytes: rejection.body.map(|(bytes, _)| bytes as u64),
            body_sha256: rejection.body.map(|(_, digest)| digest.to_string()),
            skew_seconds: rejection.skew_seconds,
            near_miss: near_miss
                .as_ref()
                .map(|near_miss| near_miss.cause.label().to_owned()),
            mend: near_miss.map(|near_miss| near_miss.mend.into_owned()),
        }
    }
}

//! What readiness says of each check.

use countersign_core::{Check, Finding, Readiness};
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// What the readiness check has looked at, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
pub struct Checks {
    /// It is not about to stop.
    pub server: CheckResult,
    /// The database answers.
    database: CheckResult,
    /// The database has the schema that this version needs.
    schema: CheckResult,
    /// Messages can be written.
    writer: CheckResult,
    /// There is room for them.
    disk: CheckResult,
}

/// What one check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
pub struct CheckResult {
    status: CheckStatus,
    /// Of one that failed: what is wrong. The server's log has more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    detail: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Enum)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
enum CheckStatus {
    /// It is as it should be.
    Ok,
    /// It is not.
    Failed,
    /// It was not looked at, because another check has failed.
    Unknown,
}

impl CheckResult {
    const OK: Self = Self {
        status: CheckStatus::Ok,
        detail: None,
    };

    pub fn failed(what: &str) -> Self {
        Self {
            status: CheckStatus::Failed,
            detail: Some(what.to_owned()),
        }
    }

    /// What is wrong, if something is.
    fn failure(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl From<&Finding> for CheckResult {
    fn from(finding: &Finding) -> Self {
        match finding {
            Finding::Ok => Self::OK,
            Finding::Failed(failure) => Self::failed(failure.what),
            Finding::Unknown => Self {
                status: CheckStatus::Unknown,
                detail: None,
            },
        }
    }
}

impl From<&Readiness> for Checks {
    fn from(readiness: &Readiness) -> Self {
        Self {
            server: CheckResult::OK,
            database: (&readiness.database).into(),
            schema: (&readiness.schema).into(),
            writer: (&readiness.writer).into(),
            disk: (&readiness.disk).into(),
        }
    }
}

impl Checks {
    fn all(&self) -> [&CheckResult; 5] {
        [
            &self.server,
            &self.database,
            &self.schema,
            &self.writer,
            &self.disk,
        ]
    }

    pub fn are_ok(&self) -> bool {
        self.all().iter().all(|check| **check == CheckResult::OK)
    }

    /// The first thing that is wrong.
    pub fn failure(&self) -> Option<&str> {
        self.all().into_iter().find_map(CheckResult::failure)
    }
}

/// What a check is called, in answers and in the log.
pub const fn name(check: Check) -> &'static str {
    match check {
        Check::Database => "database",
        Check::Schema => "schema",
        Check::Writer => "writer",
        Check::Disk => "disk",
    }
}

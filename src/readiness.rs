use crate::SourceError;

/// What a repository needs in order to take in messages, each looked at by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// The database answers.
    Database,
    /// It has the schema that this program needs.
    Schema,
    /// It can be written to.
    Writer,
    /// There is room for what is written.
    Disk,
}

/// What a check found.
#[derive(Debug)]
pub enum Finding {
    /// It is as it should be.
    Ok,
    /// It is not.
    Failed(Failure),
    /// It was not looked at, because something that it needs has failed already.
    Unknown,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// In a few words that anybody may read: no name, address, path or value.
    pub what: &'static str,
    /// The rest, for the log.
    pub source: SourceError,
}

impl Finding {
    /// Something is wrong: `what` for everybody, `source` for the log.
    pub fn failed(what: &'static str, source: impl Into<SourceError>) -> Self {
        Self::Failed(Failure {
            what,
            source: source.into(),
        })
    }

    /// What is wrong, if something is.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Ok | Self::Unknown => None,
        }
    }
}

/// Whether a repository can take in messages, and what it was that was looked at.
#[derive(Debug)]
pub struct Readiness {
    /// Of [`Check::Database`].
    pub database: Finding,
    /// Of [`Check::Schema`].
    pub schema: Finding,
    /// Of [`Check::Writer`].
    pub writer: Finding,
    /// Of [`Check::Disk`].
    pub disk: Finding,
}

impl Readiness {
    /// Nothing stands in the way.
    pub const READY: Self = Self {
        database: Finding::Ok,
        schema: Finding::Ok,
        writer: Finding::Ok,
        disk: Finding::Ok,
    };

    /// Nothing was looked at yet.
    pub const UNKNOWN: Self = Self {
        database: Finding::Unknown,
        schema: Finding::Unknown,
        writer: Finding::Unknown,
        disk: Finding::Unknown,
    };

    /// Every check, each after what it needs.
    #[must_use]
    pub const fn checks(&self) -> [(Check, &Finding); 4] {
        [
            (Check::Database, &self.database),
            (Check::Schema, &self.schema),
            (Check::Writer, &self.writer),
            (Check::Disk, &self.disk),
        ]
    }

    /// Whether messages can be taken in: every check found what it should.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let checks = self.checks();
        checks
            .iter()
            .all(|(_, finding)| matches!(finding, Finding::Ok))
    }

    /// Every check that failed.
    pub fn failures(&self) -> impl Iterator<Item = (Check, &Failure)> {
        let checks = self.checks().into_iter();
        checks.filter_map(|(check, finding)| Some((check, finding.failure()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_only_if_every_check_was_looked_at_and_is_well() {
        assert!(Readiness::READY.is_ready());
        assert!(!Readiness::UNKNOWN.is_ready());
        let full = Readiness {
            disk: Finding::failed("the disk is full", "ENOSPC"),
            ..Readiness::READY
        };
        assert!(!full.is_ready());
        let failures: Vec<_> = full.failures().map(|(check, f)| (check, f.what)).collect();
        assert_eq!(failures, [(Check::Disk, "the disk is full")]);
        let unknown = Readiness {
            schema: Finding::Unknown,
            ..Readiness::READY
        };
        assert!(!unknown.is_ready());
        assert_eq!(unknown.failures().count(), 0);
    }
}

//! What this crate may answer, for the reference pages: from the closed lists that it answers by.

use crate::{problem::Kind, rejections::Reason};

/// A reason for which requests are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalEntry {
    /// The word in metrics, logs and the API.
    pub reason: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What has happened.
    pub meaning: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Every reason, in the order of the list.
pub fn refusals() -> impl Iterator<Item = RefusalEntry> {
    Reason::ALL.into_iter().map(|reason| {
        let (meaning, remedy) = reason.described();
        RefusalEntry {
            reason: reason.label(),
            status: reason.kind().status().as_u16(),
            meaning,
            remedy,
        }
    })
}

/// A kind of error answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemEntry {
    /// The `type` of the document.
    pub type_uri: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The `title` of the document.
    pub title: &'static str,
    /// The `result` of a webhook that is answered so.
    pub result: &'static str,
    /// When it is answered.
    pub when: &'static str,
    /// Whether it says when to come back.
    pub retry_after: bool,
}

/// Every kind, by status.
#[must_use]
pub fn problems() -> Vec<ProblemEntry> {
    let mut entries = Kind::ALL.map(|kind| ProblemEntry {
        type_uri: kind.type_uri(),
        status: kind.status().as_u16(),
        title: kind.status().canonical_reason().unwrap_or("Error"),
        result: kind.label(),
        when: kind.description(),
        retry_after: kind.says_when(),
    });
    entries.sort_by_key(|entry| entry.status);
    entries.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_said_in_sentences() {
        for entry in refusals() {
            for text in [entry.meaning, entry.remedy] {
                assert!(text.ends_with('.'), "{}: {text}", entry.reason);
            }
        }
    }

    #[test]
    fn a_reason_is_the_one_of_its_kind() {
        use crate::problem::Problem;

        for reason in Reason::ALL {
            let problem = Problem::new(reason.kind(), "");
            let found = Reason::of(&problem, true).map(Reason::kind);
            assert_eq!(found, Some(reason.kind()), "{}", reason.label());
            assert!(Kind::ALL.contains(&reason.kind()));
        }
    }
}

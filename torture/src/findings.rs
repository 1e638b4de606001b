//! What was found to be wrong.

use std::fmt;

/// How many are written out; the rest is counted.
const SHOWN: usize = 20;

/// Broken promises, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Findings(Vec<String>);

impl Findings {
    /// One more.
    pub fn add(&mut self, finding: impl fmt::Display) {
        let finding = finding.to_string();
        if self.0.len() < SHOWN {
            eprintln!("  VIOLATION: {finding}");
        }
        self.0.push(finding);
    }

    /// One more, unless it holds.
    pub fn check(&mut self, holds: bool, finding: impl FnOnce() -> String) {
        if !holds {
            self.add(finding());
        }
    }

    /// What another has found, and written out.
    pub fn append(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn none(&self) -> bool {
        self.0.is_empty()
    }
}

/// How a part went.
pub struct Outcome {
    pub summary: String,
    pub findings: Findings,
}

impl Outcome {
    /// A part that could not run here.
    pub fn skipped(why: &str) -> Self {
        Self {
            summary: format!("skipped: {why}"),
            findings: Findings::default(),
        }
    }
}

//! What PostgreSQL's processes take of the processor.

use std::{collections::BTreeMap, fs, ops::Sub, time::Duration};

use crate::process::Times;

/// Processor time by what a process is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Processor(pub BTreeMap<&'static str, Duration>);

/// What is in the title of a process of the server, and what it is called here.
const PROCESSES: [(&str, &str); 5] = [
    ("checkpointer", "checkpointer"),
    ("background writer", "background writer"),
    ("walwriter", "WAL writer"),
    ("autovacuum", "autovacuum"),
    ("logical replication", "replication"),
];

const OTHERS: &str = "others";
const ENDED: &str = "ended";

impl Processor {
    /// That of all children of the backend's parent, and of those that it has outlived.
    pub fn of_family(backend: u32, database: &str) -> Option<Self> {
        let postmaster = Times::of(backend).ok()?.parent;
        let name = fs::read_to_string(format!("/proc/{postmaster}/comm")).ok()?;
        if !name.starts_with("postgres") {
            return None;
        }
        let itself = Times::of(postmaster).ok()?;
        let mut all = Self::default();
        all.add("postmaster", itself.own);
        all.add(ENDED, itself.ended_children);
        for entry in fs::read_dir("/proc").ok()?.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|pid| pid.parse().ok()) else {
                continue;
            };
            // One that ends meanwhile is no loss: it was asked for nothing.
            let Some(times) = Times::of(pid).ok().filter(|of| of.parent == postmaster) else {
                continue;
            };
            let title = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            all.add(
                purpose(&String::from_utf8_lossy(&title), database),
                times.own,
            );
        }
        Some(all)
    }

    fn add(&mut self, purpose: &'static str, time: Duration) {
        *self.0.entry(purpose).or_default() += time;
    }

    /// Without what other databases' backends took. What has ended is most likely theirs, too: those
    /// of a pool live as long as it does.
    pub fn total(&self) -> Duration {
        let ours = self
            .0
            .iter()
            .filter(|(of, _)| ![OTHERS, ENDED].contains(of));
        ours.map(|(_, time)| time).sum()
    }
}

/// A backend's title has its database in it, the others' what they are.
fn purpose(title: &str, database: &str) -> &'static str {
    if title.contains(database) {
        return "backends";
    }
    let known = PROCESSES.iter().find(|(part, _)| title.contains(part));
    known.map_or(OTHERS, |(_, purpose)| purpose)
}

impl Sub for &Processor {
    type Output = Processor;

    /// What was used between two looks.
    fn sub(self, before: Self) -> Processor {
        let mut used = Processor::default();
        for (purpose, after) in &self.0 {
            let before = before.0.get(purpose).copied().unwrap_or_default();
            used.add(purpose, after.saturating_sub(before));
        }
        used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_known_by_their_titles() {
        for (title, expected) in [
            (
                "postgres: 15/main: root bench_7_0 127.0.0.1(5) idle",
                "backends",
            ),
            ("postgres: root other 127.0.0.1(5) INSERT", "others"),
            ("postgres: 15/main: walwriter ", "WAL writer"),
            ("postgres: autovacuum worker other", "autovacuum"),
        ] {
            assert_eq!(purpose(title, "bench_7_0"), expected, "{title}");
        }
    }

    #[test]
    fn what_ended_before_is_not_used() {
        let of = |times: &[(&'static str, u64)]| {
            let times = times.iter().map(|(of, s)| (*of, Duration::from_secs(*s)));
            Processor(times.collect())
        };
        let used = &of(&[("a", 5), ("b", 2), (ENDED, 8)]) - &of(&[("a", 3), ("c", 9)]);
        assert_eq!(used, of(&[("a", 2), ("b", 2), (ENDED, 8)]));
        assert_eq!(used.total(), Duration::from_secs(4));
    }
}

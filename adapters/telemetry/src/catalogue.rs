//! Every metric that there is: what it is called, what it counts and by which labels.
//!
//! This is where they are described, once: the instruments of the other crates have a name and a unit,
//! and get their help text from here ([`crate::metrics`]). `countersign reference metrics` prints it as
//! a page, and a test holds it against what a server shows.

mod list;
mod page;

pub use self::{list::ALL, page::page};

/// One metric, as Prometheus sees it.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name in Prometheus' text.
    pub name: &'static str,
    /// What kind of metric it is.
    pub kind: Kind,
    /// In what its value is counted: `seconds`, `bytes`, or the thing that is counted. Of a histogram,
    /// what its buckets are bounds of.
    pub unit: &'static str,
    /// The labels of each of its series, in the order in which they are shown.
    pub labels: &'static [&'static str],
    /// What it says, in one sentence: its help text.
    pub help: &'static str,
    /// When it is there.
    pub shown: Shown,
    /// To which part of the page it belongs.
    pub part: Part,
}

/// The kinds of metrics, by their names in Prometheus' text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// It only grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts observations by their size; these are the upper bounds of its buckets, without the
    /// last, which has none.
    Histogram(&'static [f64]),
}

impl Kind {
    /// What the line `# TYPE` calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// When a metric is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// From the start of the process on, at zero where nothing has happened yet.
    Always,
    /// Each series from the first time on that there is something to say, in words: "a request".
    Since(&'static str),
    /// Only where something holds, in words: "on Linux".
    Where(&'static str),
}

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Requests and connections.
    Http,
    /// What becomes of webhooks.
    Webhooks,
    /// The store.
    Store,
    /// The process.
    Process,
}

/// The metric of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Metric> {
    ALL.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_is_named_once_and_as_prometheus_names_its_kind_and_unit() {
        let names: BTreeSet<&str> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        for Metric {
            name, kind, unit, ..
        } in ALL
        {
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            let stem = name.trim_end_matches("_total");
            for suffix in ["seconds", "bytes"] {
                assert_eq!(stem.ends_with(suffix), *unit == suffix, "{name}");
            }
            if let Kind::Histogram(bounds) = kind {
                assert!(bounds.is_sorted_by(|a, b| a < b), "{name}");
            }
        }
    }

    #[test]
    fn each_is_described_in_one_sentence() {
        for Metric { name, help, .. } in ALL {
            assert!(
                help.starts_with(char::is_uppercase)
                    && !help.ends_with('.')
                    && !help.contains('\n'),
                "{name}: {help}"
            );
        }
    }
}

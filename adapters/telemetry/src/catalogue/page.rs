//! The list as a page.

use std::fmt::Write as _;

use super::{ALL, Kind, Metric, Part, Shown};

const HEAD: &str = "# Metrics

<!-- Made by `countersign reference metrics`. -->

`GET /metrics` answers in Prometheus' text format. The values of labels are from closed sets: patterns of routes, \
statuses, reasons, and the names of sources and keys that are configured. What strangers invent is not among them. \
[How to watch a server](../how-to/observe.md) says what to look at.
";

const PARTS: [(Part, &str); 4] = [
    (Part::Http, "Requests and connections"),
    (Part::Webhooks, "Webhooks"),
    (Part::Store, "The store"),
    (Part::Process, "The process"),
];

/// The page of all metrics, in Markdown.
#[must_use]
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for (part, title) in PARTS {
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "\n## {title}\n\n| metric | kind | unit | labels | what it says |\n| --- | --- | --- | --- | --- |\n"
        );
        for metric in ALL.iter().filter(|metric| metric.part == part) {
            row(&mut page, metric);
        }
    }
    page.push_str("\n## Buckets\n\nThe upper bounds of each histogram; `+Inf` is the last.\n\n");
    page.push_str("| metric | bounds |\n| --- | --- |\n");
    for metric in ALL {
        if let Kind::Histogram(bounds) = metric.kind {
            let bounds: Vec<String> = bounds.iter().map(ToString::to_string).collect();
            let _ = writeln!(page, "| `{}` | {} |", metric.name, bounds.join(", "));
        }
    }
    page
}

fn row(page: &mut String, metric: &Metric) {
    let labels: Vec<String> = metric
        .labels
        .iter()
        .map(|label| format!("`{label}`"))
        .collect();
    let shown = match metric.shown {
        Shown::Always => String::new(),
        Shown::Since(what) => format!(" A series is there from the first time on that {what}."),
        Shown::Where(what) => format!(" Only where {what}."),
    };
    let _ = writeln!(
        page,
        "| `{}` | {} | {} | {} | {}.{shown} |",
        metric.name,
        metric.kind.name(),
        metric.unit,
        labels.join(", "),
        metric.help,
    );
}

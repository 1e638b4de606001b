//! Figures, for people.

use comfy_table::{CellAlignment, Table, presets};

/// A table in Markdown, so that it can go into `BENCHMARKS.md` as it is. The first `texts` columns
/// are texts, the others figures.
pub fn table(head: &[&str], texts: usize, rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table.set_header(head);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(texts) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The middle one; of an even number, the mean of the two in the middle; of none, nothing.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => Some(values[middle]),
        _ if values.is_empty() => None,
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// With so many digits behind the point; nothing if there is none.
pub fn figure(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.digits$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median([]), None);
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn tables_are_markdown() {
        let text = table(&["a", "b"], 1, [vec!["x".to_owned(), "1".to_owned()]]).to_string();
        assert!(text.starts_with("| a | b |\n|---|"), "{text}");
    }
}

//! `countersign reference`: pages of the documentation, from what the program itself goes by.

mod cli;
mod http;
mod settings;

use clap::{Args as ClapArgs, ValueEnum};
use countersign_telemetry::catalogue;

use crate::stop::{self, Stop};

#[derive(Debug, ClapArgs)]
pub struct ReferenceArgs {
    /// Which page.
    #[arg(value_name = "PAGE")]
    pub page: Page,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Page {
    Settings,
    Cli,
    Metrics,
    Refusals,
    Problems,
}

/// What stands above each page, so that nobody mends it by hand.
const MADE: &str = "<!-- Made by the program: just reference -->\n\n";

/// Prints the page.
pub fn run(args: &ReferenceArgs) -> Result<(), Stop> {
    stop::print(&text(args.page))
}

fn text(page: Page) -> String {
    let text = match page {
        // It says itself where it comes from.
        Page::Metrics => return catalogue::page(),
        Page::Settings => settings::page(),
        Page::Cli => cli::page(),
        Page::Refusals => http::refusals(),
        Page::Problems => http::problems(),
    };
    format!("{MADE}{text}")
}

/// As a cell of a table: no bar ends it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_committed_pages_are_what_the_program_prints() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
        for page in Page::value_variants() {
            let name = page.to_possible_value().expect("a name");
            let path = folder.join(format!("{}.md", name.get_name()));
            let committed = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                committed == text(*page),
                "{} is not what the program prints; run: just reference",
                path.display()
            );
        }
    }
}

//! The page of commands: each one's help.

use std::fmt::Write as _;

use clap::Command;

use crate::help::{self, Form};

/// As wide as a code block of the book is.
const WIDTH: usize = 100;

pub fn page() -> String {
    let mut command = help::command(Form::Screen)
        .term_width(WIDTH)
        .disable_help_subcommand(true);
    command.build();
    let mut page = String::from(
        "# Commands\n\n\
         What each command prints for `--help`. `countersign man` has the same as a manual page, and \
         `countersign completions SHELL` has it for the shell.\n",
    );
    write(&mut page, &mut command);
    page
}

fn write(page: &mut String, command: &mut Command) {
    let name = command
        .get_bin_name()
        .unwrap_or(command.get_name())
        .to_owned();
    let help = command.render_help().to_string();
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    let _ = write!(
        page,
        "\n## {name}\n\n```text\n{}\n```\n",
        help.join("\n").trim_end()
    );
    for below in command.get_subcommands_mut() {
        if !below.is_hide_set() {
            write(page, below);
        }
    }
}

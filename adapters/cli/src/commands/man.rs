//! `countersign man`

use std::{fmt::Write as _, fs, io, path::PathBuf};

use clap::{Args as ClapArgs, Command};
use clap_mangen::Man;

use crate::{
    help::{self, Form},
    settings::table::SETTINGS,
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign man > /usr/local/share/man/man1/countersign.1\n  \
    countersign man --dir /usr/local/share/man/man1\n  \
    countersign man | man -l -\n\n\
    Exit codes: 0 done, 73 the pages cannot be made.")]
pub struct ManArgs {
    /// Write a page for each command into this folder, instead of one of all to standard output.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Prints one page, or writes many.
pub fn run(args: &ManArgs) -> Result<(), Stop> {
    let mut command = help::command(Form::Full).disable_help_subcommand(true);
    command.build();
    let Some(dir) = &args.dir else {
        let page = page(&command).map_err(|error| Stop::internal(error.to_string()))?;
        return stop::print(&page);
    };
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(command, dir))
        .and_then(|()| {
            let top = dir.join("countersign.1");
            let page = fs::read_to_string(&top)?;
            fs::write(top, page + &environment())
        })
        .map_err(|error| {
            Stop::cannot_create(
                format!("{}: {error}", dir.display()),
                "name a folder that this user may write to",
            )
        })
}

/// One page of all commands: each a section of its own.
fn page(command: &Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    let mut page = lossless(page)?;
    let mut below: Vec<&Command> = command.get_subcommands().collect();
    below.reverse();
    while let Some(command) = below.pop() {
        if command.is_hide_set() {
            continue;
        }
        let mut section = Vec::new();
        let man = Man::new(command.clone());
        man.render_synopsis_section(&mut section)?;
        man.render_description_section(&mut section)?;
        man.render_options_section(&mut section)?;
        man.render_extra_section(&mut section)?;
        let name = command.get_bin_name().unwrap_or(command.get_name());
        let _ = writeln!(page, ".SH \"{}\"", name.to_uppercase());
        page.push_str(&lossless(section)?.replace(".SH ", ".SS "));
        below.extend(command.get_subcommands());
    }
    page.push_str(&environment());
    Ok(page)
}

/// The section of all settings, as variables.
fn environment() -> String {
    let mut section = String::from(".SH ENVIRONMENT\n");
    for setting in SETTINGS {
        let doc = setting.doc.replace('\\', "\\\\").replace('-', "\\-");
        let _ = write!(section, ".TP\n\\fB{}\\fR\n\\&{doc}\n", setting.variable);
        if !setting.default.is_empty() {
            let _ = writeln!(section, "The default is {}.", setting.default);
        }
    }
    section
}

fn lossless(text: Vec<u8>) -> io::Result<String> {
    String::from_utf8(text).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_in_the_manual() {
        let mut command = help::command(Form::Full).disable_help_subcommand(true);
        command.build();
        let page = page(&command).unwrap();
        let (_, section) = page.split_once(".SH ENVIRONMENT").unwrap();
        for setting in SETTINGS {
            assert!(section.contains(&format!("\\fB{}\\fR", setting.variable)));
        }
    }
}

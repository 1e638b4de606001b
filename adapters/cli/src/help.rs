//! The command line as clap knows it, with its settings and its help from the table of settings.

use std::{ffi::OsStr, fmt::Write as _};

use clap::{Arg, ArgAction, Command, CommandFactory as _, builder::StyledStr};

use crate::{
    args::Args,
    settings::{layers::CONFIG, table},
};

/// For whom the help is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `-h`: what there is.
    Brief,
    /// `--help`: also what it is for, and examples; on one screen.
    Screen,
    /// The manual and the reference: everything.
    Full,
}

impl Form {
    /// What these arguments ask for.
    pub fn asked(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Self {
        let brief = arguments.into_iter().any(|argument| argument == "-h");
        if brief { Self::Brief } else { Self::Screen }
    }
}

/// In which order commands are listed, and under which heading.
pub const GROUPS: [(&str, &[&str]); 5] = [
    ("Run", &["serve", "migrate", "health", "doctor"]),
    ("Look", &["tail", "ls", "get", "stats"]),
    ("Send", &["send", "sign", "verify", "replay"]),
    ("Data", &["export", "import", "copy", "purge"]),
    (
        "Set up",
        &["gen-secret", "config", "openapi", "completions", "man"],
    ),
];

const TOP: &str = "Without a command, it serves. That needs a secret: the one that the providers sign with.\n\n\
    Settings are taken from flags, then the environment, then the file .env in the working\n\
    directory, then the configuration file (--config), in this order. `countersign config show`\n\
    lists all of them, with what they are set to, and by what; the manual says what each is for.\n\n\
    Examples:\n  \
    WEBHOOK_SECRET=\"$(countersign gen-secret)\" countersign\n  \
    countersign doctor\n\n\
    Exit codes: 0 done, 2 usage, 65 wrong data, 66 no input, 69 unavailable, 70 internal error,\n\
    73 output cannot be made, 77 not let in, 78 configuration.";

/// The whole command line.
pub fn command(form: Form) -> Command {
    let command = decorated(Args::command(), form);
    let listed = listed(&command);
    let command = command.mut_args(|arg| match arg.get_env() {
        // `serve` has them; here they would hide the commands.
        Some(_) if form != Form::Full => arg.hide(true),
        _ => arg,
    });
    let command = command.help_template(listed);
    match form {
        Form::Brief => command.after_help("More: countersign --help, countersign COMMAND --help"),
        Form::Screen | Form::Full => command.after_help(TOP),
    }
}

/// The commands in groups. clap lists them in one.
fn listed(command: &Command) -> StyledStr {
    let header = command.get_styles().get_header();
    let literal = command.get_styles().get_literal();
    let mut text = String::from("{about}\n\n{usage-heading} {usage}\n");
    for (heading, names) in GROUPS {
        let commands = names
            .iter()
            .filter_map(|name| command.find_subcommand(name));
        let commands: Vec<_> = commands.collect();
        if commands.is_empty() {
            continue;
        }
        let _ = write!(text, "\n{header}{heading}:{header:#}\n");
        for command in commands {
            let (name, about) = (command.get_name(), command.get_about());
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {literal}{name:<12}{literal:#}{about}");
        }
    }
    let _ = write!(
        text,
        "\n{header}Options:{header:#}\n{{options}}{{after-help}}"
    );
    text.into()
}

fn decorated(mut command: Command, form: Form) -> Command {
    let uses_settings = command.get_arguments().any(|arg| variable(arg).is_some());
    let has_config = command.get_arguments().any(|arg| arg.get_id() == CONFIG);
    if uses_settings && !has_config {
        command = command.arg(config());
    }
    command = command.mut_args(|arg| described(arg, form));
    // Where anything is only for the long help, clap takes two screens for it.
    if form != Form::Full
        && let Some(long) = command.get_long_about().map(ToString::to_string)
    {
        let short = command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        let more = long.strip_prefix(&short).unwrap_or(&long);
        let more = more.trim_start_matches('.').trim().to_owned();
        let examples = command.get_after_help().map(ToString::to_string);
        command = command.long_about(None::<&'static str>);
        if form == Form::Screen {
            let variables = (command.get_name() == "serve").then(without_flags);
            let parts = [Some(more), variables, examples].into_iter().flatten();
            let parts = parts.filter(|part| !part.is_empty());
            command = command.after_help(parts.collect::<Vec<_>>().join("\n\n"));
        }
    }
    if form == Form::Brief {
        command = command.after_help(None::<&'static str>);
    }
    command.mut_subcommands(|command| decorated(command, form))
}

/// The variables that have no flag.
fn without_flags() -> String {
    let names = table::SETTINGS
        .iter()
        .filter(|setting| setting.flag.is_none())
        .map(|setting| setting.variable);
    format!(
        "Variables without a flag: {}.",
        names.collect::<Vec<_>>().join(", ")
    )
}

/// The argument for the configuration file, for commands that have settings.
fn config() -> Arg {
    Arg::new(CONFIG)
        .long("config")
        .env("CONFIG_FILE")
        .value_name("FILE")
        .default_value("")
        .hide_default_value(true)
        .action(ArgAction::Set)
}

fn variable(arg: &Arg) -> Option<&'static table::Setting> {
    table::find(arg.get_env().and_then(OsStr::to_str)?)
}

/// What the table says of the argument, where the argument says nothing itself.
fn described(arg: Arg, form: Form) -> Arg {
    let Some(setting) = variable(&arg) else {
        let arg = if form == Form::Full {
            arg
        } else {
            arg.long_help(None::<&'static str>)
        };
        return arg.hide_env_values(true);
    };
    let own = arg.get_help().is_some();
    let blank = arg
        .get_default_values()
        .iter()
        .all(|value| value.is_empty());
    let mut arg = arg
        .help_heading(setting.group.heading())
        .hide_default_value(blank)
        .hide_env_values(true);
    if !own {
        arg = arg.help(setting.short());
        if form == Form::Full {
            arg = arg.long_help(setting.doc);
        }
    } else if form != Form::Full {
        arg = arg.long_help(None::<&'static str>);
    }
    arg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        for form in [Form::Brief, Form::Screen, Form::Full] {
            command(form).debug_assert();
        }
    }

    #[test]
    fn every_command_is_listed_once() {
        let command = command(Form::Screen);
        let visible = command
            .get_subcommands()
            .filter(|command| !command.is_hide_set());
        for command in visible {
            let name = command.get_name();
            let groups = GROUPS.iter().filter(|(_, names)| names.contains(&name));
            assert_eq!(groups.count(), 1, "put {name} into GROUPS of help.rs");
        }
    }

    #[test]
    fn help_fits_on_a_screen() {
        let mut all = vec![command(Form::Screen)];
        while let Some(mut command) = all.pop() {
            let name = command.get_name().to_owned();
            // Whatever the width of the terminal in which the test runs.
            command = command.term_width(100);
            let lines = command.render_help().to_string().lines().count();
            assert!(lines <= 72, "{name} has {lines} lines");
            let long = command.get_arguments().find(|arg| {
                arg.get_long_help().is_some()
                    || arg
                        .get_possible_values()
                        .iter()
                        .any(|value| value.get_help().is_some())
            });
            assert!(
                long.is_none(),
                "{name}: {long:?} makes clap's help long; have no doc comments on the values of a \
                 ValueEnum"
            );
            all.extend(command.get_subcommands().cloned());
        }
    }
}

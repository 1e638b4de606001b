//! `countersign completions`

use clap::{Args as ClapArgs, Command};
use clap_complete::Shell;

use crate::{
    help::{self, Form},
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign completions bash > ~/.local/share/bash-completion/completions/countersign\n  \
    countersign completions zsh > ~/.zfunc/_countersign\n  \
    countersign completions fish > ~/.config/fish/completions/countersign.fish")]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The command line without what is hidden, which clap would complete.
fn shown(command: &Command) -> Command {
    let commands = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set());
    Command::new("countersign")
        .version(env!("CARGO_PKG_VERSION"))
        .args(command.get_arguments())
        .subcommands(commands.cloned())
}

/// Prints the shell's script.
pub fn run(args: &CompletionsArgs) -> Result<(), Stop> {
    let mut script = Vec::new();
    let mut command = shown(&help::command(Form::Full));
    clap_complete::generate(args.shell, &mut command, "countersign", &mut script);
    let script = String::from_utf8(script).map_err(|error| Stop::internal(error.to_string()))?;
    stop::print(&script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_not_completed() {
        let shown = shown(&help::command(Form::Full));
        let known = |name: &str| {
            shown
                .get_subcommands()
                .any(|below| below.get_name() == name)
        };
        assert!(known("serve") && known("doctor") && !known("reference"));
        assert!(shown.get_arguments().any(|arg| arg.get_id() == "bind"));
    }
}

//! `countersign completions`

use clap::Args as ClapArgs;
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

/// Prints the shell's script.
pub fn run(args: &CompletionsArgs) -> Result<(), Stop> {
    let mut script = Vec::new();
    let mut command = help::command(Form::Full);
    clap_complete::generate(args.shell, &mut command, "countersign", &mut script);
    let script = String::from_utf8(script).map_err(|error| Stop::internal(error.to_string()))?;
    stop::print(&script)
}

//! From where a setting is taken: a flag, the environment, `.env`, the configuration file, or the
//! default, in this order.

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use clap::{ArgMatches, Command, FromArgMatches as _, parser::ValueSource};

use super::{
    file::ConfigFile,
    table::{self, SETTINGS, Setting},
};
use crate::{args::Args, keys::secret, stop::Stop};

/// The id of the argument that names the configuration file, in every command that has settings.
pub const CONFIG: &str = "config";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Flag(&'static str),
    Variable(&'static str),
    /// A variable that only `.env` has.
    DotEnv(&'static str),
    /// The configuration file, and the line there.
    File(PathBuf, usize),
    /// The file that this setting names, which has the value of another.
    NamedBy(&'static str),
    Default,
    /// There is no value, nor a default.
    NotSet,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::DotEnv(name) => write!(f, ".env, {name}"),
            Self::File(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::NamedBy(name) => write!(f, "the file of {name}"),
            Self::Default => f.write_str("default"),
            Self::NotSet => f.write_str("not set"),
        }
    }
}

/// A setting with what it is set to.
#[derive(Debug, Clone)]
pub struct Value {
    pub setting: &'static Setting,
    pub text: Option<String>,
    pub origin: Origin,
}

/// What there is below the flags.
#[derive(Debug, Default)]
struct Layers {
    /// The variables whose flag is given, and not blank.
    flags: BTreeSet<&'static str>,
    /// The variables that only `.env` has.
    dotenv: BTreeSet<String>,
    file: Option<ConfigFile>,
}

/// What this process was started with: the environment of a process does not change, and what the
/// file says of settings holds until the next start.
static LAYERS: OnceLock<Layers> = OnceLock::new();

/// A variable, or what the configuration file says in its place.
pub fn environment(name: &str) -> Option<OsString> {
    match LAYERS.get() {
        Some(layers) => layers.below_flags(name).0,
        None => std::env::var_os(name),
    }
}

/// What the configuration file said of settings at the start.
pub fn file_at_start() -> Option<&'static ConfigFile> {
    LAYERS.get()?.file.as_ref()
}

/// The command line, as it is meant: with what the environment and the file say where it is silent.
pub struct Parsed {
    pub args: Args,
    /// Every setting and where it comes from; or everything that is wrong with `.env` and the
    /// configuration file, and then `args` lacks them.
    pub values: Result<Vec<Value>, Vec<Stop>>,
}

/// Reads the command line; ends the program where that asks for help or cannot be understood.
pub fn parse(command: &Command, dotenv: Result<BTreeSet<String>, Stop>) -> Parsed {
    let matches = command.clone().get_matches();
    let (path, leaf) = leaf(&matches);
    let (dotenv, mut faults) = match dotenv {
        Ok(names) => (names, Vec::new()),
        Err(stop) => (BTreeSet::new(), vec![stop]),
    };
    let file = config_file(leaf).map(|path| ConfigFile::read(&path));
    let file = match file.transpose() {
        Ok(file) => file,
        Err(wrong) => {
            faults.extend(wrong);
            None
        }
    };
    let flags = flags(command, &path, leaf);
    let layers = LAYERS.get_or_init(|| Layers {
        flags,
        dotenv,
        file,
    });
    let database = layers.database_url(leaf).unwrap_or_else(|stop| {
        faults.push(stop);
        None
    });
    let layered = layered(command.clone(), &path, &|arg| {
        layers.beneath(arg, database.as_ref())
    });
    let values = layers.values(command, &path, leaf, database.as_ref());
    // Nothing can be wrong with them a second time that was not the first.
    let matches = layered.get_matches();
    Parsed {
        args: Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()),
        values: if faults.is_empty() {
            Ok(values)
        } else {
            Err(faults)
        },
    }
}

/// The names of the command that was asked for, and what came after them.
fn leaf(matches: &ArgMatches) -> (Vec<String>, &ArgMatches) {
    let (mut path, mut leaf) = (Vec::new(), matches);
    while let Some((name, below)) = leaf.subcommand() {
        path.push(name.to_owned());
        leaf = below;
    }
    (path, leaf)
}

/// The settings that the command with these names has as arguments, with their ids.
fn arguments<'a>(
    command: &'a Command,
    path: &[String],
) -> impl Iterator<Item = (&'static Setting, &'a str)> {
    let command = path
        .iter()
        .try_fold(command, |command, name| command.find_subcommand(name));
    let arguments = command.into_iter().flat_map(Command::get_arguments);
    arguments.filter_map(|arg| {
        let setting = table::find(arg.get_env().and_then(OsStr::to_str)?)?;
        Some((setting, arg.get_id().as_str()))
    })
}

/// The variables of the settings whose flag is given, and not blank.
fn flags(command: &Command, path: &[String], leaf: &ArgMatches) -> BTreeSet<&'static str> {
    let given = arguments(command, path).filter(|(_, id)| {
        let value = leaf.get_raw(id).and_then(|mut all| all.next());
        leaf.value_source(id) == Some(ValueSource::CommandLine)
            && value.is_some_and(|value| !is_blank(value))
    });
    given.map(|(setting, _)| setting.variable).collect()
}

/// Changes the arguments of the command with these names.
fn layered(command: Command, path: &[String], change: &dyn Fn(clap::Arg) -> clap::Arg) -> Command {
    match path {
        [] => command.mut_args(change),
        [name, below @ ..] => {
            command.mut_subcommand(name, |command| layered(command, below, change))
        }
    }
}

fn config_file(leaf: &ArgMatches) -> Option<PathBuf> {
    let path = leaf.try_get_one::<String>(CONFIG).ok()??.trim();
    (!path.is_empty()).then(|| path.into())
}

fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
}

impl Layers {
    /// What the environment says, or else the file. A blank variable is not set; it is what there is
    /// if the file says nothing either.
    ///
    /// A setting and its file are one setting in two spellings: what is said of the one at a higher
    /// place wins over what is said of the other. At the same place, both are there to be refused.
    fn below_flags(&self, variable: &str) -> (Option<OsString>, Origin) {
        let Some(setting) = table::find(variable) else {
            return (std::env::var_os(variable), Origin::NotSet);
        };
        let other = setting.other();
        if other.is_some_and(|other| self.flags.contains(other.variable)) {
            return (None, Origin::NotSet);
        }
        let blank = || std::env::var_os(variable).filter(|value| is_blank(value));
        let Some((place, value, origin)) = self.found(setting) else {
            return (blank(), Origin::NotSet);
        };
        let theirs = other.and_then(|other| self.found(other));
        if theirs.is_some_and(|(theirs, ..)| theirs < place) {
            return (blank(), Origin::NotSet);
        }
        (Some(value), origin)
    }

    /// What is said of it below the flags, and at which place: the lower the number, the higher.
    fn found(&self, setting: &'static Setting) -> Option<(u8, OsString, Origin)> {
        let variable = setting.variable;
        if let Some(value) = std::env::var_os(variable).filter(|value| !is_blank(value)) {
            return Some(if self.dotenv.contains(variable) {
                (1, value, Origin::DotEnv(variable))
            } else {
                (0, value, Origin::Variable(variable))
            });
        }
        let file = self.file.as_ref()?;
        let value = file.get(variable)?;
        let origin = Origin::File(file.path.clone(), value.line);
        Some((2, value.text.clone().into(), origin))
    }

    /// The URL of the file that `DATABASE_URL_FILE` names, if that one counts.
    fn database_url(&self, leaf: &ArgMatches) -> Result<Option<String>, Stop> {
        const URL: &str = "DATABASE_URL";
        const FILE: &str = "DATABASE_URL_FILE";
        let id = "database_url";
        let Ok(true) = leaf.try_contains_id(id) else {
            return Ok(None);
        };
        if leaf.value_source(id) == Some(ValueSource::CommandLine) {
            return Ok(None);
        }
        let (_, url) = self.below_flags(URL);
        let (path, file) = self.below_flags(FILE);
        let path = match (url, file, path) {
            (_, Origin::NotSet, _) | (_, _, None) => return Ok(None),
            (Origin::NotSet, _, Some(path)) => path,
            _ => {
                return Err(Stop::configuration(
                    format!("{URL} and {FILE} are both set"),
                    "leave one of them out",
                ));
            }
        };
        secret::in_file(FILE, Path::new(&path))
            .map(Some)
            .map_err(|stop| match std::fs::metadata(&path) {
                Ok(_) => stop.advising("write the URL of the database into it"),
                Err(_) => stop,
            })
    }

    /// The argument, with what the file says as its default, and without a blank variable.
    fn beneath(&self, arg: clap::Arg, database: Option<&String>) -> clap::Arg {
        let variable = arg.get_env().and_then(OsStr::to_str).map(str::to_owned);
        let Some(variable) = variable.filter(|name| table::find(name).is_some()) else {
            return arg;
        };
        let unset = |arg: clap::Arg| arg.env(None::<&'static str>);
        if variable == "DATABASE_URL"
            && let Some(url) = database
        {
            return unset(arg).default_value(url.clone());
        }
        match self.below_flags(&variable) {
            (Some(value), Origin::File(..)) => {
                unset(arg).default_value(value.to_string_lossy().into_owned())
            }
            // Blank, or its other spelling holds.
            (_, Origin::NotSet) => unset(arg),
            _ => arg,
        }
    }

    /// Every setting, as this command has it.
    fn values(
        &self,
        command: &Command,
        path: &[String],
        leaf: &ArgMatches,
        database: Option<&String>,
    ) -> Vec<Value> {
        let values = SETTINGS.iter().map(|setting| {
            let flag = arguments(command, path)
                .find(|(known, _)| known.variable == setting.variable)
                .map(|(_, id)| id)
                .filter(|id| leaf.value_source(id) == Some(ValueSource::CommandLine));
            let (text, origin) = match (flag, setting.flag) {
                // A flag that is blank is the default, whatever is said below.
                (Some(_), _) if !self.flags.contains(setting.variable) => (None, Origin::NotSet),
                (Some(id), Some(flag)) => {
                    let text = leaf.get_raw(id).and_then(|mut all| all.next());
                    (text.map(OsStr::to_owned), Origin::Flag(flag))
                }
                _ if setting.variable == "DATABASE_URL" && database.is_some() => (
                    database.map(Into::into),
                    Origin::NamedBy("DATABASE_URL_FILE"),
                ),
                _ => self.below_flags(setting.variable),
            };
            match (text, origin) {
                (_, Origin::NotSet) | (None, _) => Value {
                    setting,
                    text: (!setting.default.is_empty()).then(|| setting.default.to_owned()),
                    origin: if setting.default.is_empty() {
                        Origin::NotSet
                    } else {
                        Origin::Default
                    },
                },
                (Some(text), origin) => Value {
                    setting,
                    text: Some(text.to_string_lossy().into_owned()),
                    origin,
                },
            }
        });
        values.collect()
    }
}

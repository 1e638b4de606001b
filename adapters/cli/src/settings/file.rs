//! The settings of the configuration file: its keys at the top, beside the `[[source]]` tables.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use toml::de::{DeTable, DeValue};

use super::table::{Kind, SETTINGS, Setting};
use crate::{
    database_url::{self, Database},
    stop::Stop,
};

/// The tables of sources, which `keys` reads.
const SOURCES: &str = "source";

/// From this similarity on (of 1), a name is what was meant.
const SIMILAR: f64 = 0.75;

/// The file, read once: a pipe can be read only once, and between two reads it may be changed.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigFile {
    pub path: PathBuf,
    /// All of it, also the sources, which may hold secrets.
    text: String,
    values: Vec<FileValue>,
}

/// Without the text.
impl fmt::Debug for ConfigFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigFile")
            .field("path", &self.path)
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}

/// A key and its value.
#[derive(Debug, Clone)]
pub struct FileValue {
    pub setting: &'static Setting,
    /// As a variable of the environment would say it.
    pub text: String,
    /// The first is 1.
    pub line: usize,
}

impl PartialEq for FileValue {
    fn eq(&self, other: &Self) -> bool {
        self.setting.variable == other.setting.variable && self.text == other.text
    }
}

impl Eq for FileValue {}

impl ConfigFile {
    /// From where the paths in it are.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// # Errors
    /// Everything that is wrong with it, by its lines.
    pub fn read(path: &Path) -> Result<Self, Vec<Stop>> {
        let text = text(path).map_err(|stop| vec![stop])?;
        Self::parse(path, &text)
    }

    /// # Errors
    /// Everything that is wrong with it, by its lines.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Vec<Stop>> {
        let table = DeTable::parse(text)
            .map_err(|error| vec![not_understood(path, text, &error, "it is not TOML")])?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for (key, value) in table.get_ref() {
            let name: &str = key.get_ref();
            if name == SOURCES {
                continue;
            }
            let line = line_at(text, key.span().start);
            let place = format!("{}, line {line}", path.display());
            let read = setting(&place, name)
                .and_then(|setting| Ok((setting, self::value(&place, setting, value.get_ref())?)));
            match read {
                // As a blank variable: not set.
                Ok((_, text)) if text.trim().is_empty() => {}
                Ok((setting, text)) if setting.variable == "DATABASE_URL" => {
                    values.push(FileValue {
                        setting,
                        text: from_folder(folder, text),
                        line,
                    });
                }
                // As the files of sources are: from where this file is.
                Ok((setting, text)) if setting.instead_of.is_some() => values.push(FileValue {
                    setting,
                    text: folder.join(text).to_string_lossy().into_owned(),
                    line,
                }),
                Ok((setting, text)) => values.push(FileValue {
                    setting,
                    text,
                    line,
                }),
                Err(stop) => faults.push((line, stop)),
            }
        }
        faults.sort_by_key(|(line, _)| *line);
        if faults.is_empty() {
            Ok(Self {
                path: path.to_owned(),
                text: text.to_owned(),
                values,
            })
        } else {
            Err(faults.into_iter().map(|(_, stop)| stop).collect())
        }
    }

    /// All of it, as it was read. It may hold secrets.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says of this variable's setting.
    pub fn get(&self, variable: &str) -> Option<&FileValue> {
        let mut values = self.values.iter();
        values.find(|value| value.setting.variable == variable)
    }

    /// Which keys have other values in the two, or are in one of them only.
    pub fn changed(&self, before: &Self) -> Vec<String> {
        let changed = SETTINGS
            .iter()
            .filter(|setting| self.get(setting.variable) != before.get(setting.variable));
        changed.filter_map(Setting::key).collect()
    }
}

/// What the file at `path` says.
///
/// # Errors
/// If it cannot be read.
fn text(path: &Path) -> Result<String, Stop> {
    fs::read_to_string(path).map_err(|error| {
        Stop::configuration(
            format!("CONFIG_FILE cannot be read: {}: {error}", path.display()),
            "name a file in UTF-8 that the user whom this program runs as can read",
        )
    })
}

/// Never the file's own words: they may be a secret. Names of members are not.
pub fn not_understood(path: &Path, text: &str, error: &toml::de::Error, help: &str) -> Stop {
    let line = error.span().map_or_else(String::new, |span| {
        format!(", line {}", line_at(text, span.start))
    });
    let said = error.message();
    let what = if said.starts_with("missing field") || said.starts_with("unknown field") {
        said
    } else {
        "it cannot be understood"
    };
    Stop::configuration(format!("{}{line}: {what}", path.display()), help)
}

fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset)
        .map_or(0, |before| before.matches('\n').count())
        + 1
}

fn setting(place: &str, name: &str) -> Result<&'static Setting, Stop> {
    let known = SETTINGS
        .iter()
        .find(|setting| setting.variable.to_lowercase() == name);
    match known {
        Some(setting) if setting.is_secret() => Err(Stop::configuration(
            format!("{place}: {name} must not stand in this file"),
            format!("write it into a file of its own, and name that here: {name}_file = \"…\""),
        )),
        Some(setting) if setting.kind == Kind::NotInFile => Err(Stop::configuration(
            format!("{place}: {name} names this file, and cannot stand in it"),
            "remove the line",
        )),
        Some(setting) => Ok(setting),
        None => Err(unknown(place, name)),
    }
}

fn unknown(place: &str, name: &str) -> Stop {
    let keys = SETTINGS.iter().filter_map(Setting::key);
    let nearest = keys
        .chain([SOURCES.to_owned()])
        .map(|key| (strsim::jaro_winkler(&key, &name.to_lowercase()), key))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    // What is no name may be a secret, in the wrong place.
    let is_name = name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let shown = if is_name {
        format!("{name:?}")
    } else {
        format!("of {} bytes", name.len())
    };
    let help = match nearest {
        Some((_, key)) if key == SOURCES => {
            "is it [[source]]? countersign config show has all settings".to_owned()
        }
        Some((_, key)) => {
            format!("is it {key}? countersign config show has all settings")
        }
        None => "remove it; countersign config show has all settings".to_owned(),
    };
    Stop::configuration(format!("{place}: there is no setting {shown}"), help)
}

/// As a variable of the environment would say it.
fn value(place: &str, setting: &Setting, value: &DeValue<'_>) -> Result<String, Stop> {
    let name = setting.variable.to_lowercase();
    let wrong = |needed: &str, example: &str| {
        Stop::configuration(
            format!(
                "{place}: {name} must be {needed} (it is {})",
                described(value)
            ),
            format!("write it as {name} = {example}"),
        )
    };
    match (setting.kind, value) {
        (Kind::Text | Kind::List | Kind::Instant, DeValue::String(text)) => {
            without_password(place, setting, text)
        }
        (Kind::Text, _) => Err(wrong("a string", "\"…\"")),
        (Kind::Number, DeValue::Integer(number)) => {
            i64::from_str_radix(number.as_str(), number.radix())
                .map(|number| number.to_string())
                .map_err(|_| wrong("a number", "1000"))
        }
        (Kind::Number, _) => Err(wrong("a number, without quotation marks", "1000")),
        (Kind::Boolean, DeValue::Boolean(truth)) => Ok(truth.to_string()),
        (Kind::Boolean, _) => Err(wrong("true or false, without quotation marks", "true")),
        (Kind::List, DeValue::Array(items)) => {
            let items = items.iter().map(|item| item.get_ref().as_str());
            let items: Option<Vec<_>> = items.collect();
            items
                .map(|items| items.join(","))
                .ok_or_else(|| wrong("an array of strings", "[\"…\", \"…\"]"))
        }
        (Kind::List, _) => Err(wrong("an array of strings", "[\"…\", \"…\"]")),
        (Kind::Instant, DeValue::Datetime(instant)) => Ok(instant.to_string()),
        (Kind::Instant, _) => Err(wrong("an instant", "2026-12-01T00:00:00Z")),
        (Kind::Secret | Kind::NotInFile, _) => Err(unknown(place, &name)),
    }
}

fn without_password(place: &str, setting: &Setting, text: &str) -> Result<String, Stop> {
    if setting.variable == "DATABASE_URL" && database_url::has_password(text) {
        return Err(Stop::configuration(
            format!("{place}: database_url has a password, which must not stand in this file"),
            "write the URL into a file of its own, and name that here: database_url_file = \"…\"",
        ));
    }
    Ok(text.to_owned())
}

/// The URL of a file that is relative to this folder, as one that is relative to the working
/// directory.
fn from_folder(folder: &Path, url: String) -> String {
    /// What has a meaning in a URL.
    const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');
    let path = match database_url::parse(&url) {
        Ok(Database::SqliteFile(path)) if path.is_relative() => folder.join(path),
        _ => return url,
    };
    match path.to_str() {
        Some(path) if folder != Path::new("") => {
            format!("sqlite://{}", utf8_percent_encode(path, RESERVED))
        }
        _ => url,
    }
}

/// The type, and of what is not a text also the value.
fn described(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("a string of {} characters", text.chars().count()),
        DeValue::Integer(number) => format!("the number {}", number.as_str()),
        DeValue::Float(number) => format!("the number {}", number.as_str()),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(_) => "a date or time".to_owned(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ConfigFile, Vec<String>> {
        let parsed = ConfigFile::parse(Path::new("c.toml"), text);
        parsed.map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_type_becomes_what_a_variable_would_say() {
        let file = parse(
            "bind = \"0.0.0.0:80\"\nretention_days = 1_000\nrefuse_conflicts = true\n\
             allowed_hosts = [\"a\", \"b\"]\ntrusted_proxies = \"10.0.0.1, ::1\"\n\
             webhook_secret_previous_expires_at = 2026-12-01T00:00:00Z\n[[source]]\nname = \"x\"\n",
        )
        .unwrap();
        let text = |variable| {
            file.get(variable)
                .map(|value| (value.text.as_str(), value.line))
        };
        assert_eq!(text("BIND"), Some(("0.0.0.0:80", 1)));
        assert_eq!(text("RETENTION_DAYS"), Some(("1000", 2)));
        assert_eq!(text("REFUSE_CONFLICTS"), Some(("true", 3)));
        assert_eq!(text("ALLOWED_HOSTS"), Some(("a,b", 4)));
        assert_eq!(text("TRUSTED_PROXIES"), Some(("10.0.0.1, ::1", 5)));
        let expiry = Some(("2026-12-01T00:00:00Z", 6));
        assert_eq!(text("WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT"), expiry);
        assert_eq!(text("LOG_LEVEL"), None);
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        let faults = parse("bnid = \"x\"\n\nmax_connections = \"many\"\nrefuse_conflicts = 1\n");
        let faults = faults.unwrap_err();
        assert_eq!(faults.len(), 3);
        assert!(faults[0].contains("line 1") && faults[0].contains("is it bind?"));
        assert!(faults[1].contains("line 3") && faults[1].contains("a string of 4 characters"));
        assert!(faults[2].contains("line 4") && faults[2].contains("true or false"));
    }

    #[test]
    fn secrets_do_not_stand_in_it_and_are_not_repeated() {
        for text in [
            "webhook_secret = \"hunter2\"",
            "read_token = \"hunter2\"",
            "database_url = \"postgres://u:hunter2@h/d\"",
            "database_url = \"postgres://h/d?password=hunter2\"",
            "\"whsec_hunter2+/==\" = 1",
            "config_file = \"hunter2\"",
            "bind = hunter2",
        ] {
            let faults = parse(text).unwrap_err();
            assert!(!faults.concat().contains("hunter2"), "{faults:?}");
        }
        assert!(parse("database_url = \"postgres://u@h/d\"").is_ok());
    }

    #[test]
    fn what_is_blank_is_not_set() {
        let file = parse("bind = \"\"\nwebhook_secret_previous_file = \" \"").unwrap();
        for variable in ["BIND", "WEBHOOK_SECRET_PREVIOUS_FILE"] {
            assert_eq!(file.get(variable), None, "{variable}");
        }
    }

    #[test]
    fn a_relative_database_is_in_the_folder_of_the_file() {
        for (folder, url, seen) in [
            (
                "/etc/c s",
                "sqlite://data/app.db",
                "sqlite:///etc/c%20s/data/app.db",
            ),
            ("conf", "sqlite+aiosqlite:///app.db", "sqlite://conf/app.db"),
            ("conf", "sqlite:///var/app.db", "sqlite:///var/app.db"),
            ("", "sqlite://app.db", "sqlite://app.db"),
            ("/etc", "postgres://u@h/d", "postgres://u@h/d"),
            ("/etc", "memory:", "memory:"),
        ] {
            let path = Path::new(folder).join("c.toml");
            let file = ConfigFile::parse(&path, &format!("database_url = \"{url}\"")).unwrap();
            assert_eq!(
                file.get("DATABASE_URL").unwrap().text,
                seen,
                "{folder} {url}"
            );
        }
    }

    #[test]
    fn what_has_changed_is_found() {
        let before = parse("bind = \"a:1\"\nlog_level = \"INFO\"").unwrap();
        let now = parse("log_level = \"INFO\"\nretention_days = 3").unwrap();
        assert_eq!(now.changed(&before), ["bind", "retention_days"]);
        assert!(now.changed(&now).is_empty());
    }
}

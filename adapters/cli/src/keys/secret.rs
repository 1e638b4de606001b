//! One secret, from a variable or a file.

use std::{ffi::OsString, fs, path::Path};

use crate::stop::Stop;

/// What a secret is for, in case there is none.
pub const HELP: &str = "set it to the secret that the provider signs with, in the environment or in \
     .env; to make one: openssl rand -hex 32";

/// The text without one newline at its end (LF or CR LF), which editors and `echo` add to a file. A
/// second one, and blanks, are the secret's.
pub fn without_newline(text: &str) -> &str {
    let line = text.strip_suffix('\n').unwrap_or(text);
    line.strip_suffix('\r')
        .filter(|_| line.len() < text.len())
        .unwrap_or(line)
}

/// What the variable says; `None` if it is not set.
///
/// # Errors
/// If it is not UTF-8.
pub fn variable(name: &str, value: Option<OsString>) -> Result<Option<String>, Stop> {
    let text = value.map(OsString::into_string).transpose();
    text.map_err(|_| Stop::configuration(format!("{name} is not UTF-8"), HELP))
}

/// What the file says that `setting` names; `None` if that is blank.
///
/// # Errors
/// If it cannot be read.
pub fn in_file_or_blank(setting: &str, path: &Path) -> Result<Option<String>, Stop> {
    let text = fs::read_to_string(path).map_err(|error| {
        Stop::configuration(
            format!("{setting} cannot be read: {}: {error}", path.display()),
            "name a file in UTF-8 that the user whom this program runs as can read",
        )
    })?;
    Ok((!text.trim().is_empty()).then(|| without_newline(&text).to_owned()))
}

/// What the file says that `setting` names.
///
/// # Errors
/// If it cannot be read, or is blank.
pub fn in_file(setting: &str, path: &Path) -> Result<String, Stop> {
    in_file_or_blank(setting, path)?.ok_or_else(|| blank_file(setting, path))
}

/// The file that `setting` names has no secret.
pub fn blank_file(setting: &str, path: &Path) -> Stop {
    Stop::configuration(
        format!("{setting} names a file that is blank: {}", path.display()),
        "write the secret into it that the provider signs with",
    )
}

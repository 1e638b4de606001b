//! The file `.env` in the working directory. Only there: one that lies somewhere above is somebody
//! else's.

use std::{collections::BTreeSet, env, fs, io};

use crate::stop::Stop;

/// Adds what `.env` says to the environment, and says what it added; what the environment says
/// already, wins.
///
/// A value that means something else than it says is refused: dotenv files know variables and
/// escapes, and a secret in which some of it was replaced would sign nothing that a provider does.
pub fn load() -> Result<BTreeSet<String>, Stop> {
    let text = match fs::read_to_string(".env") {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => {
            return Err(Stop::configuration(
                format!(".env cannot be read: {error}"),
                "make the file readable (as UTF-8), or remove it",
            ));
        }
    };
    if let Some(line) = ambiguous_line(&text) {
        return Err(Stop::configuration(
            format!(".env has a $ or a \\ in line {line}, outside of single quotes"),
            "put the value in single quotes, which take it as it is: NAME='value'",
        ));
    }
    let names = dotenvy::from_read_iter(text.as_bytes())
        .map_while(Result::ok)
        .map(|(name, _)| name)
        .filter(|name| env::var_os(name).is_none())
        .collect();
    dotenvy::from_read(text.as_bytes()).map_err(|error| {
        // Never the line itself: it may hold the secret.
        let line = match &error {
            // It is the line or only its value, and a quote that is not closed takes the
            // following lines with it.
            dotenvy::Error::LineParse(bad, _) => {
                let first = bad.lines().next().unwrap_or_default();
                text.lines().position(|line| line.ends_with(first))
            }
            _ => None,
        };
        let place = line.map_or_else(String::new, |line| format!(", in line {}", line + 1));
        Stop::configuration(
            format!(".env cannot be understood{place}"),
            "every line must be NAME=value; put a value with blanks or a # into single quotes",
        )
    })?;
    Ok(names)
}

/// The number of the first line whose value dotenv would change.
fn ambiguous_line(text: &str) -> Option<usize> {
    let ambiguous = |line: &str| {
        let line = line.trim_start();
        let value = line.split_once('=').map_or("", |(_, value)| value);
        !line.starts_with('#') && !value.trim().starts_with('\'') && value.contains(['$', '\\'])
    };
    text.lines().position(ambiguous).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::ambiguous_line;

    #[test]
    fn values_that_dotenv_would_change_are_found() {
        for plain in ["A=b\nB='$x\\y'", "# $x\nA=b", "", "A = 'x$'"] {
            assert_eq!(ambiguous_line(plain), None, "{plain}");
        }
        for changed in ["A=b\nB=$x", "A=b\nB=\"a\\n\"", "A=b\nB=pa$$word"] {
            assert_eq!(ambiguous_line(changed), Some(2), "{changed}");
        }
    }
}

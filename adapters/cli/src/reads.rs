//! Who may read: the settings, and what is said about them at the start.

use std::{ffi::OsString, fs, net::SocketAddr, path::PathBuf, str::FromStr, sync::Arc};

use clap::{
    Args as ClapArgs,
    builder::{OsStringValueParser, TypedValueParser as _},
};
use countersign_core::Clock;
use countersign_hmac::SharedReadToken;
use countersign_http::access::{AllowedHost, Reads, TrustedProxy};

use crate::{keys::secret, stop::Stop};

/// A shorter token can be guessed.
const SHORTEST_GOOD_TOKEN: usize = 16;

#[derive(Debug, Default, ClapArgs)]
pub struct ReadsArgs {
    // clap's own parser of paths refuses a blank one, which is not set.
    #[arg(
        long,
        env = "READ_TOKEN_FILE",
        value_name = "FILE",
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    pub read_token_file: Option<PathBuf>,
    #[arg(long, env = "ALLOWED_HOSTS", value_name = "HOSTS", default_value = "")]
    pub allowed_hosts: String,
    #[arg(
        long,
        env = "TRUSTED_PROXIES",
        value_name = "ADDRESSES",
        default_value = ""
    )]
    pub trusted_proxies: String,
}

/// Who may read, as far as the settings say it.
pub struct ReadSettings {
    token: Option<SharedReadToken>,
    /// In bytes.
    length: Option<usize>,
    is_short: bool,
    allowed_hosts: Vec<AllowedHost>,
    trusted_proxies: Vec<TrustedProxy>,
}

impl ReadSettings {
    /// # Errors
    /// The first setting that is wrong.
    pub fn new(args: &ReadsArgs, token: Option<OsString>) -> Result<Self, Stop> {
        let token = self::token(token, args.read_token_file.as_ref())?;
        Ok(Self {
            length: token.as_ref().map(String::len),
            is_short: token
                .as_ref()
                .is_some_and(|token| token.len() < SHORTEST_GOOD_TOKEN),
            // From here on nobody knows the token itself.
            token: token
                .map(|token| SharedReadToken::new(&token))
                .transpose()
                .map_err(|error| Stop::internal(error.to_string()))?,
            allowed_hosts: list(
                &args.allowed_hosts,
                "ALLOWED_HOSTS",
                "write ALLOWED_HOSTS as api,inbox.example.com",
            )?,
            trusted_proxies: list(
                &args.trusted_proxies,
                "TRUSTED_PROXIES",
                "write TRUSTED_PROXIES as 10.0.0.5,fd00::/8; a name can point anywhere, so it \
                 cannot be trusted",
            )?,
        })
    }

    /// How many bytes the token has, if there is one.
    pub fn token_length(&self) -> Option<usize> {
        self.length
    }

    /// Whether it may be guessed.
    pub fn is_short(&self) -> bool {
        self.is_short
    }

    /// Says who may read, and warns of what may not be meant.
    pub fn log(&self, bind: SocketAddr) {
        let reads = if self.token.is_some() {
            "with READ_TOKEN"
        } else {
            "protected mode"
        };
        tracing::info!(
            reads,
            allowed_hosts = self.allowed_hosts.len(),
            trusted_proxies = self.trusted_proxies.len(),
            "who may read"
        );
        if self.is_short {
            tracing::warn!(
                "READ_TOKEN is shorter than {SHORTEST_GOOD_TOKEN} bytes and may be guessed; to \
                 make a good one: openssl rand -hex 32"
            );
        }
        if self.token.is_none() && !bind.ip().is_loopback() {
            tracing::warn!(
                bind = %bind,
                "this server listens for other machines, and no READ_TOKEN is set: every machine \
                 on a private network that can reach it can read all messages; reads from \
                 public addresses, by unknown names, or through proxies that say so in a header \
                 are refused (403). Behind a container's port mapping, every client may look \
                 private. Set READ_TOKEN to decide who may read, from wherever"
            );
        }
    }

    /// For the HTTP adapter; sessions end by this clock.
    pub fn into_reads(self, clock: Arc<dyn Clock>) -> Reads {
        let reads = Reads::default()
            .with_allowed_hosts(self.allowed_hosts)
            .with_trusted_proxies(self.trusted_proxies);
        match self.token {
            Some(token) => reads.with_token(Arc::new(token), clock),
            None => reads,
        }
    }
}

/// The token that a client shows: the one that the server asks for, from the same settings.
///
/// # Errors
/// If it is set twice, is blank, or cannot be read.
pub fn token_to_show(file: Option<&PathBuf>) -> Result<Option<String>, Stop> {
    token(crate::settings::layers::environment("READ_TOKEN"), file)
}

fn token(variable: Option<OsString>, file: Option<&PathBuf>) -> Result<Option<String>, Stop> {
    const HELP: &str = "set it to what readers have to show (to make one: openssl rand -hex 32), \
        or leave it out, and reads are answered only to this machine and private networks";
    let is_blank = |text: &OsString| text.to_str().is_some_and(|text| text.trim().is_empty());
    if variable.as_ref().is_some_and(is_blank) {
        return Err(Stop::configuration("READ_TOKEN is blank", HELP));
    }
    let file = file.filter(|path| !is_blank(&path.as_os_str().to_owned()));
    let (setting, token) = match (variable, file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(Stop::configuration(
                "READ_TOKEN and READ_TOKEN_FILE are both set",
                "leave one of them out",
            ));
        }
        (Some(value), None) => {
            let value = value
                .into_string()
                .map_err(|_| Stop::configuration("READ_TOKEN is not UTF-8", HELP))?;
            ("READ_TOKEN", value)
        }
        (None, Some(path)) => {
            let text = fs::read_to_string(path).map_err(|error| {
                Stop::configuration(
                    format!(
                        "READ_TOKEN_FILE cannot be read: {}: {error}",
                        path.display()
                    ),
                    "make the file readable for the user that this program runs as",
                )
            })?;
            ("READ_TOKEN_FILE", secret::without_newline(&text).to_owned())
        }
    };
    if token.trim().is_empty() {
        return Err(Stop::configuration(format!("{setting} is blank"), HELP));
    }
    Ok(Some(token))
}

/// The parts of a text between commas.
fn list<T: FromStr>(text: &str, setting: &str, help: &str) -> Result<Vec<T>, Stop>
where
    T::Err: std::fmt::Display,
{
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .map(|part| {
            part.parse().map_err(|error| {
                Stop::configuration(format!("{setting} has {part:?}, which {error}"), help)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn args(hosts: &str, proxies: &str) -> ReadsArgs {
        ReadsArgs {
            read_token_file: None,
            allowed_hosts: hosts.to_owned(),
            trusted_proxies: proxies.to_owned(),
        }
    }

    #[test]
    fn without_settings_there_is_no_token() {
        let settings = ReadSettings::new(&ReadsArgs::default(), None).unwrap();
        assert!(settings.token.is_none() && settings.allowed_hosts.is_empty());
        let blank = ReadSettings::new(&args(" , ", " "), None).unwrap();
        assert!(blank.allowed_hosts.is_empty() && blank.trusted_proxies.is_empty());
    }

    #[test]
    fn a_token_is_not_blank_and_a_short_one_is_noticed() {
        let new = |token: &str| ReadSettings::new(&ReadsArgs::default(), Some(token.into()));
        assert!(new("").is_err() && new(" \n").is_err());
        assert!(new("fifteen-bytes-x").unwrap().is_short);
        assert!(!new("sixteen-bytes-xy").unwrap().is_short);
    }

    #[test]
    fn one_newline_at_the_end_of_the_file_is_no_part_of_the_token() {
        let path = std::env::temp_dir().join(format!("read-token-{}", std::process::id()));
        let token_of = |text: &str| {
            fs::File::create(&path)
                .unwrap()
                .write_all(text.as_bytes())
                .unwrap();
            token(None, Some(&path))
        };
        assert_eq!(token_of("secret\n"), Ok(Some("secret".to_owned())));
        assert_eq!(token_of("secret\r\n"), Ok(Some("secret".to_owned())));
        assert_eq!(token_of("secret\n\n"), Ok(Some("secret\n".to_owned())));
        assert_eq!(token_of("secret"), Ok(Some("secret".to_owned())));
        assert!(token_of("\n").is_err());
        fs::remove_file(&path).unwrap();
        assert!(token(None, Some(&path)).is_err());
        assert!(token(Some("secret".into()), Some(&path)).is_err());
        for blank in ["", " "] {
            assert_eq!(token(None, Some(&PathBuf::from(blank))), Ok(None));
        }
        // That it is blank, and not that there are two.
        let blank = token(Some(" ".into()), Some(&path)).unwrap_err();
        assert_eq!(blank.message(), "READ_TOKEN is blank");
    }

    #[test]
    fn lists_are_checked() {
        let settings = ReadSettings::new(&args("api, Inbox.example.com", "10.0.0.0/8,::1"), None);
        let settings = settings.unwrap();
        assert_eq!(
            (settings.allowed_hosts.len(), settings.trusted_proxies.len()),
            (2, 2)
        );
        for (hosts, proxies) in [
            ("a:80", ""),
            ("*", ""),
            ("http://a", ""),
            ("", "proxy"),
            ("", "10/8"),
        ] {
            assert!(
                ReadSettings::new(&args(hosts, proxies), None).is_err(),
                "{hosts} {proxies}"
            );
        }
    }
}

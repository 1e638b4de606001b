//! Every setting, once: from here come the help, the keys of the configuration file, `config show`
//! and `docs/reference/settings.md`.

/// What a setting is about; the headings of the help and of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Listening,
    Storing,
    Signing,
    Reading,
    Limits,
    Logging,
    Configuring,
}

impl Group {
    pub const ALL: [Self; 7] = [
        Self::Listening,
        Self::Storing,
        Self::Signing,
        Self::Reading,
        Self::Limits,
        Self::Logging,
        Self::Configuring,
    ];

    pub const fn heading(self) -> &'static str {
        match self {
            Self::Listening => "Listening",
            Self::Storing => "Storing",
            Self::Signing => "Sources and keys",
            Self::Reading => "Who may read",
            Self::Limits => "Limits",
            Self::Logging => "Logging",
            Self::Configuring => "Configuration",
        }
    }
}

/// What a value is, in the configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Boolean,
    /// An array of strings, or one string with commas between.
    List,
    /// RFC 3339, as TOML's own date-time or as a string.
    Instant,
    /// A text that nobody may see. It is no key of the file: its `_FILE` is.
    Secret,
    /// A key of nothing: what names the file cannot stand in it.
    NotInFile,
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The variable of the environment. The key in the configuration file is the same in lower case.
    pub variable: &'static str,
    /// With its dashes; what is secret has none, because every process on a machine can read flags.
    pub flag: Option<&'static str>,
    pub kind: Kind,
    /// What holds if nobody says anything; blank if that is nothing.
    pub default: &'static str,
    pub group: Group,
    /// What it does, and its range. The first sentence is the short help.
    pub doc: &'static str,
    /// The variable that gives the same in another way; both in one place are refused.
    pub instead_of: Option<&'static str>,
}

impl Setting {
    pub fn key(&self) -> Option<String> {
        let in_file = !matches!(self.kind, Kind::Secret | Kind::NotInFile);
        in_file.then(|| self.variable.to_lowercase())
    }

    /// The setting that says the same in the other way.
    pub fn other(&self) -> Option<&'static Self> {
        SETTINGS.iter().find(|other| {
            other.instead_of == Some(self.variable) || self.instead_of == Some(other.variable)
        })
    }

    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }

    /// Its first sentence.
    pub fn short(&self) -> &'static str {
        let end = self.doc.find(". ").unwrap_or(self.doc.len());
        self.doc[..end].trim_end_matches('.')
    }
}

const fn setting(
    variable: &'static str,
    flag: Option<&'static str>,
    kind: Kind,
    default: &'static str,
    group: Group,
    doc: &'static str,
) -> Setting {
    Setting {
        variable,
        flag,
        kind,
        default,
        group,
        doc,
        instead_of: None,
    }
}

impl Setting {
    const fn instead_of(self, other: &'static str) -> Self {
        Self {
            instead_of: Some(other),
            ..self
        }
    }
}

/// All of them, in the order in which they are shown.
pub const SETTINGS: &[Setting] = &[
    setting(
        "BIND",
        Some("--bind"),
        Kind::Text,
        super::DEFAULT_BIND,
        Group::Listening,
        "The address that the server listens on, HOST:PORT. 0.0.0.0:8000 is every address of this \
         machine; the image has that.",
    ),
    setting(
        "MAX_CONNECTIONS",
        Some("--max-connections"),
        Kind::Number,
        super::DEFAULT_MAX_CONNECTIONS,
        Group::Listening,
        "How many connections there may be at once, 1 to 1000000. Never more than the limit of open \
         files less a reserve, and where memory is limited (a container) no more than fit into a \
         quarter of it. At the limit, a connection that only waits, or has sent a part of a request \
         only, makes room; if there is none, a new one is answered 503.",
    ),
    setting(
        "KEEP_ALIVE_SECONDS",
        Some("--keep-alive-seconds"),
        Kind::Number,
        super::DEFAULT_KEEP_ALIVE_SECONDS,
        Group::Listening,
        "How long a connection may be idle between two requests, 1 to 86400. Longer than whatever \
         is in front keeps its connections (60 at most balancers).",
    ),
    setting(
        "SHUTDOWN_DELAY_SECONDS",
        Some("--shutdown-delay-seconds"),
        Kind::Number,
        super::DEFAULT_SHUTDOWN_DELAY_SECONDS,
        Group::Listening,
        "For how long to go on accepting connections after SIGTERM, 0 to 300. /health/ready answers \
         503 meanwhile: as long as a balancer needs to notice; in Kubernetes, 5.",
    ),
    setting(
        "DATABASE_URL",
        Some("--database-url"),
        Kind::Text,
        super::DEFAULT_DATABASE_URL,
        Group::Storing,
        "Where messages are kept: sqlite://FILE, postgres://USER:PASSWORD@HOST/DATABASE, or memory: \
         (forgets at the end). sqlite://x is relative, sqlite:///x absolute; SQLAlchemy's spelling \
         works, too: with sqlite+aiosqlite, three slashes are relative and four absolute. The \
         folder is made. With a password, not in the configuration file.",
    ),
    setting(
        "DATABASE_URL_FILE",
        None,
        Kind::Text,
        "",
        Group::Storing,
        "A file with the DATABASE_URL, which may hold a password. One newline at its end is left out.",
    )
    .instead_of("DATABASE_URL"),
    setting(
        "RETENTION_DAYS",
        Some("--retention-days"),
        Kind::Number,
        "",
        Group::Storing,
        "After how many days messages are taken away. Without it, they are kept for ever.",
    ),
    setting(
        "REFUSE_CONFLICTS",
        Some("--refuse-conflicts"),
        Kind::Boolean,
        "false",
        Group::Storing,
        "Answer 409 to a message that has a known id and other content, instead of 200. Most \
         providers send such a message again, and give up at last.",
    ),
    setting(
        "WEBHOOK_SECRET",
        None,
        Kind::Secret,
        "",
        Group::Signing,
        "The secret that the provider signs with. Required, unless the configuration file has \
         sources; countersign gen-secret makes a good one.",
    ),
    setting(
        "WEBHOOK_SECRET_FILE",
        None,
        Kind::Text,
        "",
        Group::Signing,
        "A file with that secret. One newline at its end is left out; SIGHUP reads it again.",
    )
    .instead_of("WEBHOOK_SECRET"),
    setting(
        "WEBHOOK_SECRET_LABEL",
        None,
        Kind::Text,
        "current",
        Group::Signing,
        "What the key is called in messages, metrics and the log, such as 2026-11.",
    ),
    setting(
        "WEBHOOK_SECRET_PREVIOUS",
        None,
        Kind::Secret,
        "",
        Group::Signing,
        "A second secret that is valid, too, while the provider changes to the new one.",
    ),
    setting(
        "WEBHOOK_SECRET_PREVIOUS_FILE",
        None,
        Kind::Text,
        "",
        Group::Signing,
        "A file with the second secret. A blank file is no second secret; SIGHUP reads it again.",
    )
    .instead_of("WEBHOOK_SECRET_PREVIOUS"),
    setting(
        "WEBHOOK_SECRET_PREVIOUS_LABEL",
        None,
        Kind::Text,
        "previous",
        Group::Signing,
        "What the second key is called.",
    ),
    setting(
        "WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT",
        None,
        Kind::Instant,
        "",
        Group::Signing,
        "From when on the second secret vouches for nothing (RFC 3339), such as \
         2026-12-01T00:00:00Z.",
    ),
    setting(
        "SIGNATURE_SCHEME",
        Some("--signature-scheme"),
        Kind::Text,
        "generic",
        Group::Signing,
        "How POST /webhook is signed: generic, standard-webhooks, github, stripe, slack or shopify.",
    ),
    setting(
        "SIGNATURE_TOLERANCE_SECONDS",
        Some("--signature-tolerance-seconds"),
        Kind::Number,
        "300",
        Group::Signing,
        "How many seconds a signature's timestamp may be off, in schemes that sign one: 1 to 86400.",
    ),
    setting(
        "READ_TOKEN",
        None,
        Kind::Secret,
        "",
        Group::Reading,
        "What whoever reads messages has to show. Without it, reads are answered only to this \
         machine and private networks. Unlike the others, it must not be blank.",
    ),
    setting(
        "READ_TOKEN_FILE",
        Some("--read-token-file"),
        Kind::Text,
        "",
        Group::Reading,
        "A file with that token. One newline at its end is left out.",
    )
    .instead_of("READ_TOKEN"),
    setting(
        "ALLOWED_HOSTS",
        Some("--allowed-hosts"),
        Kind::List,
        "",
        Group::Reading,
        "Without a token: the names, beside localhost, by which this server may be asked for \
         messages. Separated by commas, without ports.",
    ),
    setting(
        "TRUSTED_PROXIES",
        Some("--trusted-proxies"),
        Kind::List,
        "",
        Group::Reading,
        "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Addresses or networks \
         (10.0.0.0/8), separated by commas.",
    ),
    setting(
        "MAX_BODY_BYTES",
        Some("--max-body-bytes"),
        Kind::Number,
        "65536",
        Group::Limits,
        "The longest webhook body, in bytes, 1 to 16777216. A longer one is answered 413; the \
         default holds every valid message, even fully escaped.",
    ),
    setting(
        "RATE_LIMIT",
        Some("--rate-limit"),
        Kind::Text,
        "",
        Group::Limits,
        "How many requests one address may send, REQUESTS/SECONDS such as 600/60: so many at once, \
         and as many again within so many seconds (1 to 1000000, 1 to 86400). Beyond it, 429 with \
         Retry-After; not less than what a provider sends at once. Without it, there is no limit. \
         Behind a proxy, set TRUSTED_PROXIES, too, or all are one.",
    ),
    setting(
        "LOG_LEVEL",
        Some("--log-level"),
        Kind::Text,
        "INFO",
        Group::Logging,
        "From which severity on to log: DEBUG, INFO, WARNING, ERROR or CRITICAL (which is ERROR). \
         Lines say WARN for the third.",
    ),
    setting(
        "LOG_FORMAT",
        Some("--log-format"),
        Kind::Text,
        "auto",
        Group::Logging,
        "How lines are written: json, text (to be read), or auto. auto is text on a terminal, and json \
         otherwise. Text has colours on a terminal, unless NO_COLOR is set.",
    ),
    setting(
        "CONFIG_FILE",
        Some("--config"),
        Kind::NotInFile,
        "",
        Group::Configuring,
        "A TOML file with settings, by their names in lower case, and with more sources. SIGHUP \
         reads the sources again; other settings need a restart.",
    ),
];

/// The setting of this variable.
pub fn find(variable: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.variable == variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arguments of `serve`, by their variables.
    fn arguments() -> std::collections::BTreeMap<String, clap::Arg> {
        let command = <crate::args::Args as clap::CommandFactory>::command();
        let serve = command.find_subcommand("serve").expect("a command");
        let arguments = serve.get_arguments().filter_map(|arg| {
            let variable = arg.get_env()?.to_str()?.to_owned();
            Some((variable, arg.clone()))
        });
        arguments.collect()
    }

    #[test]
    fn the_flags_of_serve_and_their_defaults_are_those_of_the_table() {
        let arguments = arguments();
        for (variable, arg) in &arguments {
            let setting = find(variable).unwrap_or_else(|| panic!("{variable} is not here"));
            let flag = arg.get_long().map(|long| format!("--{long}"));
            assert_eq!(setting.flag, flag.as_deref(), "{variable}");
            let defaults = arg.get_default_values();
            if let Some(default) = defaults.first().filter(|default| !default.is_empty()) {
                assert_eq!(*default, setting.default, "{variable}");
            }
        }
        for setting in SETTINGS.iter().filter(|setting| setting.flag.is_some()) {
            assert!(
                arguments.contains_key(setting.variable),
                "{}",
                setting.variable
            );
        }
    }

    #[test]
    fn defaults_that_are_made_elsewhere_are_said_here() {
        let default = |variable| find(variable).map(|setting| setting.default.to_owned());
        let scheme = countersign_hmac::Scheme::default().to_string();
        assert_eq!(default("SIGNATURE_SCHEME"), Some(scheme));
        let keys = crate::keys::default_labels();
        assert_eq!(default("WEBHOOK_SECRET_LABEL").as_deref(), Some(keys.0));
        assert_eq!(
            default("WEBHOOK_SECRET_PREVIOUS_LABEL").as_deref(),
            Some(keys.1)
        );
    }

    #[test]
    fn every_group_is_shown_once() {
        for group in Group::ALL {
            let times = Group::ALL.iter().filter(|other| **other == group).count();
            assert_eq!(times, 1, "{group:?}");
        }
        for setting in SETTINGS {
            assert!(Group::ALL.contains(&setting.group), "{}", setting.variable);
        }
    }

    #[test]
    fn what_a_setting_stands_for_is_a_setting() {
        for setting in SETTINGS {
            assert!(setting.doc.ends_with('.'), "{}", setting.variable);
            if let Some(other) = setting.instead_of {
                assert!(find(other).is_some(), "{other}");
                assert_eq!(setting.variable, format!("{other}_FILE"));
            }
        }
    }
}

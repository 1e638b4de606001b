//! The page of settings.

use std::fmt::Write as _;

use super::cell;
use crate::settings::table::{Group, Kind, SETTINGS, Setting};

const BEGINNING: &str = "# Settings\n\n\
    A setting is taken from the first of these that has it:\n\n\
    1. a **flag** of the command;\n\
    2. a **variable** of the environment;\n\
    3. the same in a file `.env` in the working directory;\n\
    4. a **key** of the configuration file (`--config` or `CONFIG_FILE`, TOML);\n\
    5. the default.\n\n\
    A variable or key that is blank is not set (but for `READ_TOKEN`, which must not be blank); a flag \
    that is blank is the default. A setting and its `_FILE` are one setting in two spellings: the one \
    that is said at the higher place wins, and both at the same place are refused. \
    `countersign config show` says what holds, and from where; `countersign config check` names \
    everything that is wrong.\n\n\
    In `.env`, put a value with a `$`, `\\`, `#` or blank into single quotes, so that it means what it \
    says (also to `docker compose`); other uses of `$` and `\\` are refused.\n\n\
    In the configuration file, a key is the variable's name in lower case. Keys stand before the first \
    `[[source]]`; names of files, also that of an SQLite \
    database, are relative to the file's folder. Secrets, and a `database_url` with a \
    password, do not stand there, but in files of their own. An unknown key, or a value of the wrong \
    type, keeps the program from starting, and is named with its line.\n\n\
    ```toml\n\
    bind = \"0.0.0.0:8000\"\n\
    retention_days = 90\n\
    allowed_hosts = [\"inbox.example.com\"]\n\
    webhook_secret_file = \"/run/secrets/webhook\"\n\n\
    [[source]]\n\
    name = \"shop\"\n\
    scheme = \"shopify\"\n\
    secrets = [{ label = \"2026-11\", file = \"/run/secrets/shop\" }]\n\
    ```\n\n\
    **`SIGHUP`** reads the sources of the configuration file again, and every file with a signing \
    secret. Everything else needs a restart; the log warns if another key of the file has changed.\n";

const END: &str = "\n## Of single commands\n\n\
    `COPY_FROM` and `COPY_TO` are the databases of `countersign copy` (`--from`, `--to`), written as \
    `DATABASE_URL` is.\n\n\
    ## Of others\n\n\
    Traces have OpenTelemetry's own variables, `OTEL_…`, which are neither flags nor keys: \
    [how](../how-to/observe.md#traces). `NO_COLOR` is that of [no-color.org](https://no-color.org).\n";

pub fn page() -> String {
    let mut page = BEGINNING.to_owned();
    for group in Group::ALL {
        let _ = writeln!(page, "\n## {}", group.heading());
        for setting in SETTINGS.iter().filter(|setting| setting.group == group) {
            page.push_str(&entry(setting));
        }
    }
    page.push_str(END);
    page
}

fn entry(setting: &Setting) -> String {
    let code = |text: &str| format!("`{}`", cell(text));
    let rows = [
        ("flag", setting.flag.map(code)),
        ("key in the file", setting.key().as_deref().map(code)),
        ("type", Some(kind(setting.kind).to_owned())),
        (
            "default",
            (!setting.default.is_empty()).then(|| code(setting.default)),
        ),
        (
            "in place of",
            setting
                .instead_of
                .map(|other| format!("{}; both at the same place are refused", code(other))),
        ),
    ];
    let rows = rows
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}: {}", value?)));
    format!(
        "\n### `{}`\n\n{}\n\n{}.\n",
        setting.variable,
        setting.doc,
        rows.collect::<Vec<_>>().join(" · ")
    )
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::NotInFile => "string",
        Kind::Number => "number",
        Kind::Boolean => "`true` or `false`",
        Kind::List => "list (an array in the file, commas elsewhere)",
        Kind::Instant => "instant (RFC 3339)",
        Kind::Secret => "secret",
    }
}

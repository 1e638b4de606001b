//! Configurations, good and bad.

use std::{collections::BTreeMap, fs, path::PathBuf};

use countersign_core::{SourceName, Timestamp};
use countersign_hmac::{Scheme, Signer};

use super::*;
use crate::clock::SystemClock;

/// A folder of its own, away in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("countersign-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read(args: &KeyArgs, variables: &[(&str, &str)]) -> Result<Vec<SourceConfig>, String> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let file = match args.config.as_str() {
        "" => Ok(None),
        path => ConfigFile::read(path.as_ref()).map(Some),
    };
    let keys = file.map_err(Stop::first_of).and_then(|file| {
        let environment = |name: &str| variables.get(name).map(Into::into);
        Keys::read(args, file.as_ref(), environment, &clock)
    });
    keys.map(|keys| keys.configured).map_err(|stop| {
        let text = stop.to_string();
        assert!(!text.contains("CANARY"), "{text}");
        assert!(text.contains("help: "), "{text}");
        text
    })
}

#[test]
fn the_scheme_of_a_source_is_that_of_the_file() {
    let text = "[[source]]\nname = \"shop\"\nscheme = \"shopify\"\nsecrets = []\n";
    let file = ConfigFile::parse("c.toml".as_ref(), text).expect("TOML");
    let of = |name: &str| file::scheme_of(&file, &SourceName::try_from(name).expect("a name"));
    assert_eq!(of("shop"), Ok(Some(Scheme::Shopify)));
    assert_eq!(of("partner"), Ok(None));
}

/// The signature of one body, as it would be sent to this source.
fn signed(args: &SigningArgs, source: &str, file: &str) -> Result<(Scheme, String), String> {
    let folder = Folder::new();
    folder.write("new", "CANARY-new\n");
    let path = folder.write("c.toml", file);
    let file = ConfigFile::read(path.as_ref()).expect("TOML");
    let environment = |name: &str| (name == "WEBHOOK_SECRET").then(|| "CANARY-default".into());
    let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").expect("an instant");
    let source = SourceName::try_from(source).expect("a name");
    let (scheme, signer) = args
        .signer_of(&source, Some(&file), &environment, now)
        .map_err(|stop| stop.to_string())?;
    let headers = signer.headers("msg_1", SystemClock.now(), b"{}");
    let header = headers.into_iter().next().expect("a header");
    Ok((scheme, header.1))
}

#[test]
fn a_source_of_the_file_is_signed_with_its_own_secret_that_lasts_longest() {
    let file = "[[source]]\nname = \"shop\"\nscheme = \"shopify\"\nsecrets = [
        { label = \"old\", secret = \"CANARY-old\", expires_at = \"2999-01-01T00:00:00Z\" },
        { label = \"new\", file = \"new\" },
    ]\n";
    let args = SigningArgs::default();
    let with = |scheme, secret: &str| {
        let signer = Signer::new(scheme, secret).expect("a secret");
        let headers = signer.headers("msg_1", SystemClock.now(), b"{}");
        Ok((scheme, headers.into_iter().next().expect("a header").1))
    };
    assert_eq!(
        signed(&args, "shop", file),
        with(Scheme::Shopify, "CANARY-new")
    );
    // What the file does not have, is signed with the environment's; but a name that is none there is a mistake.
    let of_environment = with(Scheme::Generic, "CANARY-default");
    assert_eq!(signed(&args, "default", file), of_environment);
    assert_eq!(
        signed(&args, "partner", "log_level = \"info\"\n"),
        of_environment
    );
    let unknown = signed(&args, "partner", file).expect_err("no such source");
    assert!(unknown.contains("no source partner") && unknown.contains("it has: shop"));
    let github = SigningArgs {
        scheme: "github".to_owned(),
        ..args
    };
    assert_eq!(
        signed(&github, "shop", file),
        with(Scheme::GitHub, "CANARY-new")
    );
}

#[test]
fn what_vouches_for_nothing_signs_nothing() {
    let args = SigningArgs::default();
    let with = |secrets: &str| {
        let file = format!("[[source]]\nname = \"p\"\nsecrets = [{secrets}]\n");
        signed(&args, "p", &file).expect_err("no key")
    };
    let ended = "{ label = \"old\", secret = \"CANARY\", expires_at = \"2025-12-31T23:59:59Z\" }";
    assert!(with(ended).contains("source p: every key has expired"));
    assert!(with("").contains("source p has no secrets"));
    assert!(with("{ label = \"a\", secret = \" \" }").contains("source p, key a: "));
}

#[test]
fn of_two_places_none_is_guessed() {
    let file = "[[source]]\nname = \"default\"\nsecrets = [{ label = \"a\", secret = \"CANARY-of-the-file\" }]\n";
    let refused = signed(&SigningArgs::default(), "default", file).expect_err("two secrets");
    assert!(refused.contains("WEBHOOK_SECRET is set") && refused.contains("--secret-file"));
}

#[test]
fn what_only_verifies_does_not_sign() {
    let key =
        |label: &str, secret: &str| format!("{{ label = \"{label}\", secret = \"{secret}\" }}");
    let file = |keys: &[String]| {
        format!(
            "[[source]]\nname = \"p\"\nscheme = \"standard-webhooks\"\nsecrets = [{}]\n",
            keys.join(", ")
        )
    };
    let public = key(
        "public",
        "whpk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    );
    let secret = key("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let args = SigningArgs::default();
    let refused = signed(&args, "p", &file(std::slice::from_ref(&public)));
    assert!(refused.is_err_and(|text| text.contains("source p, key public: ")));
    let signed = signed(&args, "p", &file(&[public, secret]));
    assert_eq!(
        signed.map(|(scheme, _)| scheme),
        Ok(Scheme::StandardWebhooks)
    );
}

fn from_environment(variables: &[(&str, &str)]) -> Result<Vec<SourceConfig>, String> {
    read(&KeyArgs::default(), variables)
}

fn from_file(text: &str, variables: &[(&str, &str)]) -> Result<Vec<SourceConfig>, String> {
    let folder = Folder::new();
    let args = KeyArgs {
        config: folder.write("countersign.toml", text),
        ..KeyArgs::default()
    };
    read(&args, variables)
}

/// The labels and secrets of all sources.
fn keys(sources: Result<Vec<SourceConfig>, String>) -> Vec<(String, String, String)> {
    let sources = sources.expect("a configuration");
    let all = sources.iter().flat_map(|source| {
        let keys = source.keys.iter();
        keys.map(|key| {
            (
                source.name.to_string(),
                key.label.to_string(),
                key.secret.expose().to_owned(),
            )
        })
    });
    all.collect()
}

fn triple(source: &str, label: &str, secret: &str) -> (String, String, String) {
    (source.to_owned(), label.to_owned(), secret.to_owned())
}

#[test]
fn one_secret_is_enough_and_is_taken_as_it_is() {
    let sources = from_environment(&[("WEBHOOK_SECRET", " CANARY ")]);
    assert!(!format!("{sources:?}").contains("CANARY"));
    assert_eq!(keys(sources), [triple("default", "current", " CANARY ")]);
}

#[test]
fn two_secrets_are_for_a_rotation() {
    let sources = from_environment(&[
        ("WEBHOOK_SECRET", "new"),
        ("WEBHOOK_SECRET_LABEL", "2026-11"),
        ("WEBHOOK_SECRET_PREVIOUS", "old"),
        ("WEBHOOK_SECRET_PREVIOUS_LABEL", ""),
        ("WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT", "2026-12-01T00:00:00Z"),
    ]);
    let end = sources
        .as_ref()
        .ok()
        .and_then(|all| all[0].keys[1].expires_at);
    assert_eq!(
        end.map(|end| end.to_string()).as_deref(),
        Some("2026-12-01T00:00:00Z")
    );
    let expected = [
        triple("default", "2026-11", "new"),
        triple("default", "previous", "old"),
    ];
    assert_eq!(keys(sources), expected);
}

#[test]
fn files_lose_one_newline() {
    let folder = Folder::new();
    for (text, secret) in [
        ("a", "a"),
        ("a\n", "a"),
        ("a\r\n", "a"),
        ("a\n\n", "a\n"),
        (" a \n", " a "),
        ("a\r", "a\r"),
    ] {
        let path = folder.write("secret", text);
        let sources = from_environment(&[("WEBHOOK_SECRET_FILE", &path), ("WEBHOOK_SECRET", "")]);
        assert_eq!(
            keys(sources),
            [triple("default", "current", secret)],
            "{text:?}"
        );
    }
}

#[test]
fn a_previous_key_is_taken_away_by_a_blank_file() {
    let folder = Folder::new();
    let blank = folder.write("blank", "\n");
    let variables = [
        ("WEBHOOK_SECRET", "s"),
        ("WEBHOOK_SECRET_PREVIOUS_FILE", blank.as_str()),
        ("WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT", "2026-12-01T00:00:00Z"),
    ];
    assert_eq!(
        keys(from_environment(&variables)),
        [triple("default", "current", "s")]
    );
}

#[test]
fn variables_that_are_wrong_are_refused_by_name() {
    let folder = Folder::new();
    let file = folder.write("secret", "CANARY");
    let blank = folder.write("blank", " \n");
    let one = ("WEBHOOK_SECRET", "CANARY");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[], "WEBHOOK_SECRET is not set"),
        (&[("WEBHOOK_SECRET", " \t")], "WEBHOOK_SECRET is blank"),
        (
            &[one, ("WEBHOOK_SECRET_FILE", &file)],
            "WEBHOOK_SECRET and WEBHOOK_SECRET_FILE are both set",
        ),
        (
            &[("WEBHOOK_SECRET_FILE", "/nowhere")],
            "WEBHOOK_SECRET_FILE cannot be read: /nowhere",
        ),
        (
            &[("WEBHOOK_SECRET_FILE", &blank)],
            "WEBHOOK_SECRET_FILE names a file that is blank",
        ),
        (
            &[("WEBHOOK_SECRET_PREVIOUS", "CANARY")],
            "WEBHOOK_SECRET is not set",
        ),
        (
            &[one, ("WEBHOOK_SECRET_LABEL", "a b")],
            "WEBHOOK_SECRET_LABEL must be of",
        ),
        (
            &[
                one,
                ("WEBHOOK_SECRET_PREVIOUS", "x"),
                ("WEBHOOK_SECRET_PREVIOUS_LABEL", "current"),
            ],
            "are both called current",
        ),
        (
            &[
                one,
                ("WEBHOOK_SECRET_PREVIOUS", "x"),
                ("WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT", "soon"),
            ],
            "WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT must be an RFC 3339",
        ),
        (
            &[
                one,
                ("WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT", "2026-12-01T00:00:00Z"),
            ],
            "but WEBHOOK_SECRET_PREVIOUS is not",
        ),
    ];
    for (variables, text) in cases {
        let refused = from_environment(variables).expect_err(text);
        assert!(refused.contains(text), "{refused}");
    }
    for (scheme, tolerance, text) in [
        ("githup", "", "SIGNATURE_SCHEME must be one of"),
        (
            "",
            "0",
            "SIGNATURE_TOLERANCE_SECONDS must be a number from 1 to 86400",
        ),
        ("", "5m", "SIGNATURE_TOLERANCE_SECONDS must be"),
        (
            "standard-webhooks",
            "",
            "source default, key current: the secret is not base64",
        ),
    ] {
        let args = KeyArgs {
            signature_scheme: scheme.to_owned(),
            signature_tolerance_seconds: tolerance.to_owned(),
            ..KeyArgs::default()
        };
        let refused = read(&args, &[("WEBHOOK_SECRET", "CANARY!")]).expect_err(text);
        assert!(refused.contains(text), "{refused}");
    }
}

#[test]
fn a_file_has_more_sources() {
    let text = r#"
        [[source]]
        name = "partner"
        scheme = "standard-webhooks"
        tolerance_seconds = 60
        secrets = [
          { label = "new", env = "PARTNER_SECRET" },
          { label = "old", secret = "aHVzaA", expires_at = 2026-12-01T00:00:00Z },
          { label = "older", secret = "aHVzaA", expires_at = "2026-11-01T00:00:00Z" },
        ]
        [[source]]
        name = "shop"
        secrets = [{ label = "a", secret = "b" }]
    "#;
    let variables = [
        ("WEBHOOK_SECRET", "default's"),
        ("PARTNER_SECRET", "whsec_aHVzaA=="),
    ];
    let sources = from_file(text, &variables).expect("a configuration");
    assert_eq!(sources[1].scheme, Scheme::StandardWebhooks);
    assert_eq!(sources[1].tolerance.seconds(), 60);
    assert!(sources[1].keys[1].expires_at > sources[1].keys[2].expires_at);
    assert_eq!(sources[2].scheme, Scheme::Generic);
    let expected = [
        triple("default", "current", "default's"),
        triple("partner", "new", "whsec_aHVzaA=="),
        triple("partner", "old", "aHVzaA"),
        triple("partner", "older", "aHVzaA"),
        triple("shop", "a", "b"),
    ];
    assert_eq!(keys(Ok(sources)), expected);
    // Nothing but named sources will do, too.
    let sources = from_file(text, &variables[1..]).expect("a configuration");
    assert!(sources.iter().all(|source| !source.name.is_default()));
}

#[test]
fn the_default_source_may_be_in_the_file_and_nowhere_else() {
    let text = r#"source = [{ name = "default", scheme = "github", secrets = [{ label = "a", secret = "b" }] }]"#;
    let sources = from_file(text, &[("WEBHOOK_SECRET", "")]).expect("a configuration");
    assert_eq!(sources[0].name, SourceName::default());
    for name in [
        "WEBHOOK_SECRET",
        "WEBHOOK_SECRET_FILE",
        "WEBHOOK_SECRET_PREVIOUS",
    ] {
        let refused = from_file(text, &[(name, "CANARY")]).expect_err("twice");
        assert!(refused.contains(name), "{refused}");
    }
}

#[test]
fn files_by_relative_paths_lie_beside_the_configuration() {
    let folder = Folder::new();
    folder.write("shop.secret", "from a file\n");
    let text = r#"source = [{ name = "shop", secrets = [{ label = "a", file = "shop.secret" }] }]"#;
    let args = KeyArgs {
        config: folder.write("countersign.toml", text),
        ..KeyArgs::default()
    };
    assert_eq!(keys(read(&args, &[])), [triple("shop", "a", "from a file")]);
}

#[test]
fn files_that_are_wrong_are_refused_by_place() {
    let source = |inside: &str| format!("[[source]]\nname = \"shop\"\n{inside}");
    let secrets = |inside: &str| source(&format!("secrets = [{inside}]"));
    for (text, said) in [
        ("[[source]\n", "line 1: it cannot be understood".to_owned()),
        (
            "[[source]]\nname = \"shop\"\n",
            "missing field `secrets`".to_owned(),
        ),
        (
            "\nCANARY = CANARY\n",
            "line 2: it cannot be understood".to_owned(),
        ),
        ("sources = []", "there is no setting \"sources\"".to_owned()),
        (
            &source("secrets = \"CANARY\""),
            "line 3: it cannot be understood".to_owned(),
        ),
        (
            &source("secrets = []"),
            "source shop: it has no secret".to_owned(),
        ),
        (
            &source("secrets = []\nscheme = \"x\""),
            "source shop: scheme must be one of".to_owned(),
        ),
        (
            &source("secrets = []\ntolerance_seconds = 0"),
            "source shop: tolerance_seconds must be".to_owned(),
        ),
        (
            &secrets("{ label = \"a\", secret = \"CANARY\", key = 1 }"),
            "unknown field `key`".to_owned(),
        ),
        (
            &secrets("{ label = \"a\" }"),
            "source shop, key a: there must be one of".to_owned(),
        ),
        (
            &secrets("{ label = \"a\", secret = \"CANARY\", env = \"X\" }"),
            "source shop, key a: there must be one of".to_owned(),
        ),
        (
            &secrets("{ label = \"a\", env = \"X\" }"),
            "source shop, key a: the variable X is not set".to_owned(),
        ),
        (
            &secrets("{ label = \"a\", file = \"/nowhere\" }"),
            "source shop, key a: file cannot be read".to_owned(),
        ),
        (
            &secrets("{ label = \"a\", secret = \" \" }"),
            "source shop, key a: the secret is empty or blank".to_owned(),
        ),
        (
            &secrets("{ label = \"a b\", secret = \"CANARY\" }"),
            "source shop: a label must be of".to_owned(),
        ),
        (
            &secrets("{ label = \"a\", secret = \"CANARY\", expires_at = 3 }"),
            "source shop, key a: expires_at must be an RFC 3339".to_owned(),
        ),
        (
            &secrets("{ label = \"a\", secret = \"CANARY\", expires_at = 2026-12-01 }"),
            "expires_at must be an RFC 3339".to_owned(),
        ),
        (
            &secrets("{ label = \"a\", secret = \"CANARY\" }, { label = \"a\", secret = \"x\" }"),
            "source shop, key a: the label is there twice".to_owned(),
        ),
        (
            "[[source]]\nname = \"a/b\"\nsecrets = []",
            "the name of a source must be of".to_owned(),
        ),
    ] {
        let refused = from_file(text, &[("WEBHOOK_SECRET", "s")]).expect_err(text);
        assert!(refused.contains(&said), "{said:?} in {refused}");
    }
    let args = KeyArgs {
        config: "/nowhere".to_owned(),
        ..KeyArgs::default()
    };
    let refused = read(&args, &[("WEBHOOK_SECRET", "s")]).expect_err("no file");
    assert!(
        refused.contains("CONFIG_FILE cannot be read: /nowhere"),
        "{refused}"
    );
}

//! gen-secret, send and verify.

use std::fs;

use super::{NEW, NOON, OLD, setup};
use crate::http::app::sign_with;

#[tokio::test]
async fn every_scheme_is_sent_verified_and_told_apart() {
    let mut setup = setup();
    let schemes = [
        "generic",
        "github",
        "stripe",
        "slack",
        "shopify",
        "standard-webhooks",
    ];
    let mut tables = Vec::new();
    for scheme in schemes {
        let (status, secret, err) = setup.run(&["gen-secret", "--scheme", scheme]);
        assert_eq!(
            (status, err.as_str(), secret.lines().count()),
            (Some(0), "", 1)
        );
        setup.write(scheme, &secret);
        tables.push(format!(
            "[[source]]\nname = \"{scheme}s\"\nscheme = \"{scheme}\"\nsecrets = [{{ label = \"{scheme}-key\", file = \"{scheme}\" }}]\n"
        ));
    }
    let (status, pair, _) = setup.run(&["gen-secret", "--ed25519"]);
    assert_eq!(status, Some(0));
    let (private, public) = pair.trim_end().split_once('\n').expect("two lines");
    assert!(private.starts_with("whsk_") && public.starts_with("whpk_"));
    setup.write("private", private);
    setup.write("public", public);
    tables.push("[[source]]\nname = \"ed25519\"\nscheme = \"standard-webhooks\"\nsecrets = [{ label = \"pk\", file = \"public\" }]\n".to_owned());
    let path = setup.write("countersign.toml", &tables.concat());
    setup.set("CONFIG_FILE", &path);
    let mut server = setup.serve();
    let url = server.url("");
    let send = |source: &str, scheme: &str, file: &str| {
        let arguments = [
            "send",
            "--url",
            &url,
            "--source",
            source,
            "--scheme",
            scheme,
            "--secret-file",
            file,
            "--count",
            "3",
        ];
        setup.run(&arguments).0
    };
    for scheme in schemes {
        assert_eq!(
            send(&format!("{scheme}s"), scheme, scheme),
            Some(0),
            "{scheme}"
        );
        // The private key of nobody here; to most schemes, no secret at all.
        let knows_pairs = scheme == "standard-webhooks";
        assert_eq!(
            send(&format!("{scheme}s"), scheme, "private"),
            Some(if knows_pairs { 69 } else { 78 }),
            "{scheme}"
        );
    }
    assert_eq!(send("ed25519", "standard-webhooks", "private"), Some(0));
    // As the file has the source, whether it is named or stands in the URL.
    for scheme in schemes {
        let source = format!("{scheme}s");
        let named = setup.run(&["send", "--url", &url, "--source", &source]).0;
        let to = server.url(&format!("/webhook/{source}"));
        let at_url = setup.run(&["send", "--url", &to]).0;
        assert_eq!((named, at_url), (Some(0), Some(0)), "{scheme}");
    }
    let (status, _, err) = setup.run(&["send", "--url", &url, "--source", "ed25519"]);
    assert_eq!(status, Some(78), "a public key does not sign: {err}");
    assert_eq!(
        send("githubs", "generic", "github"),
        Some(69),
        "unstamped is not enough"
    );
    let live: Vec<_> = server
        .log
        .iter()
        .filter(|line| line.contains("a source is live"))
        .collect();
    assert_eq!(live.len(), 7);
    server.signal("TERM");
    server.ended();
    let log = server.log.join("\n");
    for name in schemes.into_iter().chain(["private", "public"]) {
        let secret = fs::read_to_string(setup.folder.path().join(name)).expect("a file");
        assert!(!log.contains(secret.trim()), "{name}");
    }
}

/// A request to verify, signed at noon with `--scheme slack`'s way.
const SLACK: [&str; 3] = ["--at", NOON, "--signature-scheme=slack"];

#[test]
fn verify_says_by_which_key_or_why_not() {
    let mut setup = setup();
    setup.set("WEBHOOK_SECRET", NEW);
    setup.set("WEBHOOK_SECRET_PREVIOUS", OLD);
    setup.set("WEBHOOK_SECRET_LABEL", "2026-11");
    let body = br#"{"message_id":"m1"}"#;
    let signed = |secret: &str, body: &[u8]| format!("X-Signature: {}", sign_with(secret, body));
    let verify = |header: &str, body: &[u8]| setup.run_with(&["verify", "--header", header], body);

    let (status, out, err) = verify(&signed(NEW, body), body);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert_eq!(out, "source default: the signature is right, key 2026-11\n");
    let (_, out, _) = verify(&signed(OLD, body), body);
    assert_eq!(
        out,
        "source default: the signature is right, key previous\n"
    );

    let with_newline = [&body[..], b"\n"].concat();
    let right = sign_with(NEW, &with_newline);
    for (header, said) in [
        (signed(NEW, body), "trailing_newline"),
        (
            signed("CANARY-nobodys-secret", body),
            "under any configured secret",
        ),
        (
            format!("X-Hub-Signature-256: sha256={right}"),
            "other_scheme",
        ),
        ("X-Signature: CANARY".to_owned(), "the form of a signature"),
        ("Host: here".to_owned(), "the signature header is missing"),
    ] {
        let (status, out, err) = verify(&header, &with_newline);
        assert_eq!((status, out.as_str()), (Some(65), ""), "{err}");
        assert!(
            err.contains(said) && err.contains("help: "),
            "{said:?} in {err}"
        );
        assert!(!err.contains("CANARY") && !err.contains(&right), "{err}");
    }

    // From files, with a stamp.
    let at = 1_736_935_200;
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, NEW.as_bytes());
    let content = [format!("v0:{at}:").as_bytes(), body].concat();
    let digest = ring::hmac::sign(&key, &content);
    let hex = countersign_core::Digest::from_store(digest.as_ref()).expect("a digest");
    setup.write("headers",
        &format!(
            "POST /webhook HTTP/1.1\r\nX-Slack-Signature: v0={hex}\r\nx-slack-request-timestamp: {at}\r\n"
        ),
    );
    let path = setup.folder.path().join("body");
    fs::write(&path, body).expect("a file");
    let files = ["verify", "body", "--headers-file", "headers"];
    let (status, out, err) = setup.run(&[&files[..], &SLACK].concat());
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");
    let (status, _, err) = setup.run(&[&files[..], &SLACK[2..]].concat());
    assert_eq!(status, Some(65));
    assert!(err.contains("seconds off") && err.contains("--at"), "{err}");

    for (arguments, code) in [
        (&["verify", "nowhere"][..], 66),
        (&["verify", "body", "--headers-file", "nowhere"], 66),
        (&["verify", "body", "--header", "CANARY"], 78),
        (&["verify", "body", "--source", "nobody"], 78),
        (&["verify", "body", "--at", "noon"], 78),
    ] {
        let (status, out, err) = setup.run(arguments);
        assert_eq!((status, out.as_str()), (Some(code), ""), "{err}");
        assert!(err.contains("help: ") && !err.contains("CANARY"), "{err}");
    }
}

#[test]
fn fresh_secrets_are_printed_and_nothing_else() {
    let setup = setup();
    let mut seen = std::collections::BTreeSet::new();
    for arguments in [&["gen-secret"][..], &["gen-secret", "--scheme", "github"]] {
        let (status, out, err) = setup.run(arguments);
        assert_eq!((status, err.as_str()), (Some(0), ""));
        let secret = out.strip_suffix('\n').expect("a line");
        assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(seen.insert(secret.to_owned()));
    }
    let (_, out, _) = setup.run(&["gen-secret", "--scheme", "standard-webhooks"]);
    assert!(
        out.starts_with("whsec_") && out.trim_end().len() == 50,
        "{out}"
    );
    let (status, out, _) = setup.run(&["gen-secret", "--scheme", "none"]);
    assert_eq!((status, out.as_str()), (Some(78), ""));
    let (status, _, _) = setup.run(&["gen-secret", "--ed25519", "--scheme", "github"]);
    assert_eq!(status, Some(2));
}

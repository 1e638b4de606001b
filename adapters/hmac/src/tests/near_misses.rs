//! Every mistake, for every scheme in which it can be made.

use NearMissCause::{
    Base64Secret, ByteOrderMark, DigestCase, DigestEncoding, EmptyBody, ExpiredSecret, HexSecret,
    JsonCompact, JsonEscapes, JsonIndented, JsonSorted, JsonSpaced, LineEndings, OtherScheme,
    OtherSource, PrefixedSecret, QuotedSecret, Sha1, Sha512, TimestampNotSigned, TimestampUnit,
    TrailingNewline, TrimmedSecret, WrongPrefix,
};
use ring::hmac;

use super::*;
use crate::encoding;

/// A signature of this scheme's form, over anything.
fn forged(scheme: Scheme, algorithm: hmac::Algorithm, key: &[u8], content: &[u8]) -> Sent {
    let digest = hmac::sign(&hmac::Key::new(algorithm, key), content);
    let (hex, base64) = (
        encoding::to_hex(digest.as_ref()),
        encoding::to_base64(digest.as_ref()),
    );
    let value = match scheme {
        Scheme::Generic => hex,
        Scheme::GitHub => format!("sha256={hex}"),
        Scheme::Stripe => format!("t={NOW},v1={hex}"),
        Scheme::Slack => format!("v0={hex}"),
        Scheme::Shopify => base64,
        Scheme::StandardWebhooks => format!("v1,{base64}"),
    };
    Sent::signed(scheme, SECRET, b"").map(scheme, |_| value)
}

/// What the scheme signs: this before the body.
fn content(scheme: Scheme, body: &[u8]) -> Vec<u8> {
    let preamble = match scheme {
        Scheme::Generic | Scheme::GitHub | Scheme::Shopify => String::new(),
        Scheme::Stripe => format!("{NOW}."),
        Scheme::Slack => format!("v0:{NOW}:"),
        Scheme::StandardWebhooks => format!("msg_1.{NOW}."),
    };
    [preamble.as_bytes(), body].concat()
}

/// The bytes of a secret.
fn bytes(scheme: Scheme, secret: &str) -> Vec<u8> {
    match scheme {
        Scheme::StandardWebhooks => {
            encoding::copied_base64(secret.trim_start_matches("whsec_").as_bytes()).expect("base64")
        }
        _ => secret.into(),
    }
}

fn seen(scheme: Scheme, sent: &Sent, body: &[u8]) -> Option<NearMissCause> {
    cause(&*only(scheme, SECRET, NOW), sent, body)
}

#[test]
fn bodies_that_changed_on_their_way() {
    let cases: [(NearMissCause, &str, &str); 15] = [
        (TrailingNewline, "a\n", "a"),
        (TrailingNewline, "a", "a\n"),
        (TrailingNewline, "a", "a\r\n"),
        (TrailingNewline, "a\r\n", "a"),
        (LineEndings, "a\r\nb\r\n", "a\nb\n"),
        (LineEndings, "a\nb", "a\r\nb"),
        (LineEndings, "a\rb\nc", "a\rb\r\nc"),
        (ByteOrderMark, "\u{feff}a", "a"),
        (ByteOrderMark, "a", "\u{feff}a"),
        (EmptyBody, "", "a"),
        (
            JsonCompact,
            r#"{"b":1,"a":[1,2]}"#,
            r#"{"b": 1, "a": [1, 2]}"#,
        ),
        (
            JsonSpaced,
            r#"{"b": 1, "a": [1, 2]}"#,
            r#"{"b":1,"a":[1,2]}"#,
        ),
        (JsonSorted, r#"{"a":[1,2],"b":1}"#, r#"{"b":1,"a":[1,2]}"#),
        (JsonIndented, "{\n  \"b\": 1\n}", r#"{"b":1}"#),
        (JsonEscapes, r#"{"b":"\u00e9"}"#, r#"{"b":"é"}"#),
    ];
    let pair = crate::fresh_key_pair().expect("randomness");
    for (expected, signed, received) in cases {
        for scheme in Scheme::ALL {
            let sent = Sent::signed(scheme, SECRET, signed.as_bytes());
            assert_eq!(
                seen(scheme, &sent, received.as_bytes()),
                Some(expected),
                "{scheme} {signed:?}"
            );
        }
        let scheme = Scheme::StandardWebhooks;
        let sent = Sent::signed(scheme, &pair.private, signed.as_bytes());
        let found = cause(
            &*only(scheme, &pair.public, NOW),
            &sent,
            received.as_bytes(),
        );
        assert_eq!(found, Some(expected), "ed25519 {signed:?}");
    }
}

#[test]
fn secrets_that_were_read_otherwise() {
    for scheme in Scheme::ALL
        .into_iter()
        .filter(|scheme| *scheme != Scheme::StandardWebhooks)
    {
        let cases: &[(NearMissCause, &str, Vec<u8>)] = &[
            (TrimmedSecret, "hush", b"hush\n".into()),
            (TrimmedSecret, "hush", b"hush\r\n".into()),
            (TrimmedSecret, "hush", b" hush".into()),
            (TrimmedSecret, "hush\n", b"hush".into()),
            (TrimmedSecret, " hush ", b"hush".into()),
            (QuotedSecret, "hush", b"\"hush\"".into()),
            (QuotedSecret, "'hush'", b"hush".into()),
            (HexSecret, "00ff10", vec![0, 255, 16]),
            (HexSecret, "hush", b"68757368".into()),
            (HexSecret, "h\u{ff}", b"68C3BF".into()),
            (Base64Secret, "aHVzaA==", b"hush".into()),
            (Base64Secret, "hush", b"aHVzaA==".into()),
            (PrefixedSecret, "hush", b"whsec_hush".into()),
            (PrefixedSecret, "whsec_hush", b"hush".into()),
            (
                Base64Secret,
                SECRET,
                bytes(Scheme::StandardWebhooks, SECRET),
            ),
        ];
        for (expected, configured, key) in cases {
            let sent = forged(scheme, hmac::HMAC_SHA256, key, &content(scheme, BODY));
            let found = cause(&*only(scheme, configured, NOW), &sent, BODY);
            assert_eq!(found, Some(*expected), "{scheme} {configured:?}");
        }
    }
    let inside = SECRET.trim_start_matches("whsec_");
    let scheme = Scheme::StandardWebhooks;
    let cases: &[(NearMissCause, &str, Vec<u8>)] = &[
        (Base64Secret, SECRET, inside.into()),
        (Base64Secret, inside, inside.into()),
        (PrefixedSecret, SECRET, SECRET.into()),
        (PrefixedSecret, inside, SECRET.into()),
        (TrimmedSecret, SECRET, format!("{SECRET}\n").into()),
        (TrimmedSecret, SECRET, format!("{inside}\n").into()),
        (QuotedSecret, SECRET, format!("\"{SECRET}\"").into()),
        (
            HexSecret,
            SECRET,
            encoding::to_hex(&bytes(scheme, SECRET)).into(),
        ),
        (
            HexSecret,
            "00ff00ff00ff00ff",
            vec![0, 255, 0, 255, 0, 255, 0, 255],
        ),
    ];
    for (expected, configured, key) in cases {
        let sent = forged(scheme, hmac::HMAC_SHA256, key, &content(scheme, BODY));
        let found = cause(&*only(scheme, configured, NOW), &sent, BODY);
        assert_eq!(found, Some(*expected), "{configured:?}");
    }
}

#[test]
fn expired_secrets_and_those_of_other_sources() {
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for scheme in Scheme::ALL {
        let keys = vec![key("new", SECRET, None), key("old", other, Some(NOW))];
        let one = verifier(vec![source("default", scheme, keys)], NOW);
        let sent = Sent::signed(scheme, other, BODY);
        assert_eq!(cause(&*one, &sent, BODY), Some(ExpiredSecret), "{scheme}");
        let mend = one.diagnose(&sent, BODY).expect("a near miss").mend;
        assert!(mend.contains("key old,"), "{mend}");

        for theirs in Scheme::ALL {
            let two = verifier(
                vec![
                    source("default", scheme, vec![key("current", SECRET, None)]),
                    source("shop", theirs, vec![key("till", other, None)]),
                ],
                NOW,
            );
            // Signed as either scheme signs.
            for signed in [scheme, theirs] {
                let sent = Sent::signed(signed, other, BODY);
                assert_eq!(
                    cause(&*two, &sent, BODY),
                    Some(OtherSource),
                    "{scheme} {theirs} {signed}"
                );
                let mend = two.diagnose(&sent, BODY).expect("a near miss").mend;
                assert!(
                    mend.contains("source shop") && mend.contains("till"),
                    "{mend}"
                );
            }
        }
    }
}

#[test]
fn of_other_sources_64_keys_are_tried() {
    let secret = |number: usize| format!("secret-{number:0>20}");
    let keys = (1..=65).map(|number| key(&format!("key{number}"), &secret(number), None));
    let configured = vec![
        source("default", Scheme::Generic, vec![key("own", SECRET, None)]),
        source("shop", Scheme::Generic, keys.collect()),
    ];
    let verifier = verifier(configured, NOW);
    for (number, found) in [(1, true), (64, true), (65, false)] {
        let sent = Sent::signed(Scheme::Generic, &secret(number), BODY);
        let cause = cause(&*verifier, &sent, BODY);
        assert_eq!(cause == Some(OtherSource), found, "{number}: {cause:?}");
    }
}

#[test]
fn digests_that_are_written_otherwise() {
    for scheme in Scheme::ALL {
        let sent = |change: &dyn Fn(&str, &str) -> String| {
            let digest = hmac::sign(
                &hmac::Key::new(hmac::HMAC_SHA256, &bytes(scheme, SECRET)),
                &content(scheme, BODY),
            );
            let (hex, base64) = (
                encoding::to_hex(digest.as_ref()),
                encoding::to_base64(digest.as_ref()),
            );
            let value = change(&hex, &base64);
            let value = if scheme == Scheme::Stripe {
                format!("t={NOW},{value}")
            } else {
                value
            };
            Sent::signed(scheme, SECRET, BODY).map(scheme, |_| value)
        };
        let prefix = match scheme {
            Scheme::Generic | Scheme::Shopify => "",
            Scheme::GitHub => "sha256=",
            Scheme::Stripe => "v1=",
            Scheme::Slack => "v0=",
            Scheme::StandardWebhooks => "v1,",
        };
        let in_base64 = matches!(scheme, Scheme::Shopify | Scheme::StandardWebhooks);
        let right = |hex: &str, base64: &str| {
            if in_base64 {
                base64.to_owned()
            } else {
                hex.to_owned()
            }
        };
        let other = sent(&|hex, base64| format!("{prefix}{}", right(base64, hex)));
        assert_eq!(seen(scheme, &other, BODY), Some(DigestEncoding), "{scheme}");
        if !in_base64 && scheme != Scheme::Generic {
            let upper = sent(&|hex, _| format!("{prefix}{}", hex.to_uppercase()));
            assert_eq!(seen(scheme, &upper, BODY), Some(DigestCase), "{scheme}");
        }
        for wrong in [
            "sha1=",
            "SHA256=",
            "v2=",
            "v1=",
            "v0=",
            "sha256:",
            "HMAC-SHA256=",
        ] {
            if wrong != prefix {
                let sent = sent(&|hex, base64| format!("{wrong}{}", right(hex, base64)));
                assert_eq!(
                    seen(scheme, &sent, BODY),
                    Some(WrongPrefix),
                    "{scheme} {wrong}"
                );
            }
        }
        if !prefix.is_empty() {
            let none = sent(&right);
            assert_eq!(seen(scheme, &none, BODY), Some(WrongPrefix), "{scheme}");
        }
    }
}

#[test]
fn other_hashes() {
    for scheme in Scheme::ALL {
        for (expected, algorithm) in [
            (Sha1, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            (Sha512, hmac::HMAC_SHA512),
        ] {
            let sent = forged(
                scheme,
                algorithm,
                &bytes(scheme, SECRET),
                &content(scheme, BODY),
            );
            assert_eq!(seen(scheme, &sent, BODY), Some(expected), "{scheme}");
        }
    }
    let sent = Sent::new(&[(
        "x-hub-signature",
        "sha1=0000000000000000000000000000000000000000",
    )]);
    assert_eq!(seen(Scheme::GitHub, &sent, BODY), Some(Sha1));
}

#[test]
fn times_that_are_not_signed_or_in_another_unit() {
    for scheme in Scheme::ALL
        .into_iter()
        .filter(|scheme| scheme.is_timestamped())
    {
        let sent = forged(scheme, hmac::HMAC_SHA256, &bytes(scheme, SECRET), BODY);
        assert_eq!(
            seen(scheme, &sent, BODY),
            Some(TimestampNotSigned),
            "{scheme}"
        );
        let mend = only(scheme, SECRET, NOW)
            .diagnose(&sent, BODY)
            .expect("a near miss")
            .mend;
        let what = match scheme {
            Scheme::StandardWebhooks => "sign id, a dot, the timestamp, a dot and the body",
            Scheme::Slack => "sign v0:, the timestamp, a colon and the body",
            _ => "sign the timestamp, a dot and the body",
        };
        assert!(mend.contains(what), "{mend}");

        // Signed in the one and sent in the other, or both in the wrong one.
        for (signed, sent_as) in [
            (NOW.to_string(), format!("{NOW}000")),
            (format!("{NOW}000"), NOW.to_string()),
            (format!("{NOW}000"), format!("{NOW}000")),
            (
                "2025-10-09T08:53:20Z".to_owned(),
                "2025-10-09T08:53:20Z".to_owned(),
            ),
            (format!("{NOW}.5"), format!("{NOW}.5")),
        ] {
            let content = content(scheme, BODY);
            let content = String::from_utf8_lossy(&content).replacen(&NOW.to_string(), &signed, 1);
            let sent = forged(
                scheme,
                hmac::HMAC_SHA256,
                &bytes(scheme, SECRET),
                content.as_bytes(),
            );
            let sent = match scheme {
                Scheme::Stripe => sent.map(scheme, |value| {
                    value.replace(&format!("t={NOW}"), &format!("t={sent_as}"))
                }),
                _ => sent.set(scheme.headers()[1], &sent_as),
            };
            assert_eq!(
                seen(scheme, &sent, BODY),
                Some(TimestampUnit),
                "{scheme} {signed}"
            );
        }
        // What is only old is old.
        let old = Sent::signed_at(scheme, SECRET, BODY, NOW - 1000);
        assert_eq!(seen(scheme, &old, BODY), None, "{scheme}");
    }
    let scheme = Scheme::StandardWebhooks;
    let content = [b"msg_1.", BODY].concat();
    let sent = forged(scheme, hmac::HMAC_SHA256, &bytes(scheme, SECRET), &content);
    assert_eq!(seen(scheme, &sent, BODY), Some(TimestampNotSigned));
}

#[test]
fn requests_of_another_scheme() {
    for scheme in Scheme::ALL {
        for theirs in Scheme::ALL.into_iter().filter(|theirs| *theirs != scheme) {
            let sent = Sent::signed(theirs, SECRET, BODY);
            assert_eq!(
                seen(scheme, &sent, BODY),
                Some(OtherScheme),
                "{scheme} {theirs}"
            );
            let mend = only(scheme, SECRET, NOW)
                .diagnose(&sent, BODY)
                .expect("a near miss")
                .mend;
            assert!(mend.contains(theirs.name()), "{mend}");
            // Also where the digest is nobody's.
            let nobodys = Sent::signed(theirs, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", BODY);
            assert_eq!(
                seen(scheme, &nobodys, BODY),
                Some(OtherScheme),
                "{scheme} {theirs}"
            );
        }
    }
    // Another scheme's bytes in this one's header.
    for (scheme, theirs) in [
        (Scheme::Stripe, Scheme::Slack),
        (Scheme::Slack, Scheme::Stripe),
        (Scheme::StandardWebhooks, Scheme::Stripe),
        (Scheme::StandardWebhooks, Scheme::Slack),
    ] {
        let sent = forged(
            scheme,
            hmac::HMAC_SHA256,
            &bytes(scheme, SECRET),
            &content(theirs, BODY),
        );
        assert_eq!(
            seen(scheme, &sent, BODY),
            Some(OtherScheme),
            "{scheme} {theirs}"
        );
    }
    for theirs in [Scheme::Stripe, Scheme::Slack] {
        let sent = forged(
            Scheme::Generic,
            hmac::HMAC_SHA256,
            SECRET.as_bytes(),
            &content(theirs, BODY),
        );
        let sent = sent.set("x-timestamp", NOW.to_string());
        assert_eq!(
            seen(Scheme::Generic, &sent, BODY),
            Some(OtherScheme),
            "{theirs}"
        );
    }
    let undotted = [NOW.to_string().as_bytes(), BODY].concat();
    let sent = forged(
        Scheme::Generic,
        hmac::HMAC_SHA256,
        SECRET.as_bytes(),
        &undotted,
    );
    let sent = sent.set("x-timestamp", NOW.to_string());
    assert_eq!(seen(Scheme::Generic, &sent, BODY), Some(OtherScheme));
}

#[test]
fn signatures_in_another_header() {
    for scheme in [Scheme::Generic, Scheme::GitHub, Scheme::Shopify] {
        let own = scheme.headers()[0];
        let sent = Sent::signed(scheme, SECRET, BODY).renamed(own, "x-webhook-signature");
        assert_eq!(seen(scheme, &sent, BODY), Some(OtherScheme), "{scheme}");
        let mend = only(scheme, SECRET, NOW)
            .diagnose(&sent, BODY)
            .expect("a near miss")
            .mend;
        assert!(mend.contains("right") && mend.contains(own), "{mend}");
    }
    let twilio = Sent::new(&[("x-twilio-signature", "x")]);
    assert_eq!(seen(Scheme::Generic, &twilio, BODY), Some(OtherScheme));
    assert_eq!(seen(Scheme::Generic, &Sent::default(), BODY), None);
}

/// What is refused for another reason than its digest is not called another mistake.
#[test]
fn a_right_digest_is_not_called_wrong() {
    let wrong = ",v1=0000000000000000000000000000000000000000000000000000000000000000";
    let many = Sent::signed(Scheme::Stripe, SECRET, BODY)
        .map(Scheme::Stripe, |value| value.to_owned() + &wrong.repeat(8));
    assert_eq!(seen(Scheme::Stripe, &many, BODY), None);

    // Signed at the time that another header says, which this scheme does not read.
    let earlier = NOW - 60;
    let sent = Sent::signed_at(Scheme::Slack, SECRET, BODY, earlier)
        .set("x-slack-request-timestamp", NOW.to_string())
        .set("x-timestamp", earlier.to_string());
    assert_eq!(seen(Scheme::Slack, &sent, BODY), None);
}

#[test]
fn what_is_no_near_miss_has_no_name() {
    let stranger = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for scheme in Scheme::ALL {
        let sent = Sent::signed(scheme, stranger, BODY);
        assert_eq!(seen(scheme, &sent, BODY), None, "{scheme}");
        let sent = Sent::signed(scheme, SECRET, BODY);
        assert_eq!(seen(scheme, &sent, b"{\"other\":1}"), None, "{scheme}");
        let mut repeated = sent.clone();
        repeated.0.extend(sent.0.clone());
        assert_eq!(seen(scheme, &repeated, BODY), None, "{scheme}");
    }
}

#[test]
fn the_worst_that_can_come_is_answered() {
    // Escapes, members out of order, deep, many signatures, many keys.
    let members = (0..900).map(|n| format!(r#""k{}":["é/<",{{"z":{n},"a":"x\u00e9"}}]"#, 1000 - n));
    let body = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    assert!(body.len() > 30_000 && body.len() < 65_536, "{}", body.len());
    let keys = (0..8).map(|n| key(&format!("k{n}"), &format!("{SECRET}{n}aaa"), None));
    let keys: Vec<_> = keys.collect();
    for scheme in Scheme::ALL {
        let others = (0..50).map(|n| source(&format!("s{n}"), scheme, keys.clone()));
        let own = source("default", scheme, keys.clone());
        let all = std::iter::once(own).chain(others).collect();
        let verifier = verifier(all, NOW);
        let sent = Sent::signed(
            scheme,
            "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            body.as_bytes(),
        );
        assert_eq!(cause(&*verifier, &sent, body.as_bytes()), None);
    }
}

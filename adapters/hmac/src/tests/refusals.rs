//! What is refused, and as what.

use proptest::prelude::*;

use super::*;
use crate::{HexHmacSha256, KeyFault, encoding, fresh_key_pair};

fn right(scheme: Scheme) -> Sent {
    Sent::signed(scheme, SECRET, BODY)
}

fn says(scheme: Scheme, sent: &Sent) -> Result<(), Refusal> {
    verdict(scheme, SECRET, sent, BODY)
}

#[test]
fn every_header_is_needed_once() {
    for scheme in Scheme::ALL {
        assert_eq!(says(scheme, &right(scheme)), Ok(()), "{scheme}");
        for name in scheme.headers() {
            let missing = right(scheme).without(name);
            assert_eq!(says(scheme, &missing), Err(Refusal::Missing), "{name}");
            let mut repeated = right(scheme);
            let value = repeated.get(name).as_bytes().to_vec();
            repeated.0.push(((*name).to_owned(), value));
            assert_eq!(says(scheme, &repeated), Err(Refusal::Repeated), "{name}");
        }
    }
}

#[test]
fn headers_have_other_names() {
    for scheme in Scheme::ALL {
        let mut sent = right(scheme);
        let names = scheme.headers().iter().zip(scheme.other_headers());
        for (name, other) in names {
            sent = sent.renamed(name, other);
        }
        assert_eq!(says(scheme, &sent), Ok(()), "{scheme}");
    }
    // A set is not mixed.
    let mixed = right(Scheme::StandardWebhooks).renamed("webhook-id", "svix-id");
    assert_eq!(
        says(Scheme::StandardWebhooks, &mixed),
        Err(Refusal::Missing)
    );
    // With both sets, it is the one that the specification names.
    let mut both = right(Scheme::StandardWebhooks);
    for name in Scheme::StandardWebhooks.other_headers() {
        both = both.set(name, "other");
    }
    assert_eq!(says(Scheme::StandardWebhooks, &both), Ok(()));
    let shopify = right(Scheme::Shopify);
    let twice = shopify
        .clone()
        .set("shopify-hmac-sha256", shopify.get("x-shopify-hmac-sha256"));
    assert_eq!(says(Scheme::Shopify, &twice), Ok(()));
    let twice = shopify.set("shopify-hmac-sha256", "other");
    assert_eq!(says(Scheme::Shopify, &twice), Err(Refusal::Repeated));
}

#[test]
fn values_of_another_form_are_malformed() {
    let generic = right(Scheme::Generic);
    let digest = generic.get("x-signature");
    let base64 = right(Scheme::Shopify);
    let base64 = base64.get("x-shopify-hmac-sha256");
    let cases: &[(Scheme, Vec<String>)] = &[
        (
            Scheme::Generic,
            vec![
                String::new(),
                "sha256=".into(),
                format!("0x{digest}"),
                format!("SHA256={digest}"),
                format!("sha1={digest}"),
                format!("sha256=sha256={digest}"),
                format!("sha256 ={digest}"),
                format!("{digest},{digest}"),
                format!("{digest}0"),
                digest[..63].into(),
                digest.replacen(&digest[..1], "g", 1),
                digest.replacen(&digest[..1], "+", 1),
                base64.into(),
            ],
        ),
        (
            Scheme::GitHub,
            vec![
                String::new(),
                digest.into(),
                format!("sha256={}", digest.to_uppercase()),
                format!("SHA256={digest}"),
                format!("sha256= {digest}"),
                format!("sha1={}", &digest[..40]),
                format!("sha256={digest} "),
            ],
        ),
        (
            Scheme::Shopify,
            vec![
                String::new(),
                digest.into(),
                format!("{base64}="),
                format!("sha256={base64}"),
                base64[..8].into(),
            ],
        ),
        (
            Scheme::Slack,
            vec![
                String::new(),
                digest.into(),
                format!("v1={digest}"),
                format!("v0={}", digest.to_uppercase()),
            ],
        ),
        (
            Scheme::Stripe,
            vec![
                String::new(),
                format!("v1={digest}"),
                format!("t={NOW}"),
                format!("t={NOW},v0={digest}"),
                format!("t={NOW},v1={}", &digest[..62]),
                format!("t={NOW},t={NOW},v1={digest}"),
                format!("t=,v1={digest}"),
                format!("t=+{NOW},v1={digest}"),
                format!("t={NOW}.5,v1={digest}"),
                format!("t={NOW}{}", format!(",v1={digest}").repeat(17)),
            ],
        ),
        (
            Scheme::StandardWebhooks,
            vec![
                String::new(),
                "v1,".into(),
                "v1".into(),
                base64.into(),
                format!("v1,{}", &base64[..8]),
                format!("v1={base64}"),
                format!("v2,{base64}"),
                format!("v1a,{base64}"),
                format!("v1,{base64} ").repeat(17),
            ],
        ),
    ];
    for (scheme, values) in cases {
        for value in values {
            let sent = right(*scheme).set(scheme.headers()[0], value);
            assert_eq!(
                says(*scheme, &sent),
                Err(Refusal::Malformed),
                "{scheme} {value:?}"
            );
        }
        let sent = right(*scheme).set(scheme.headers()[0], b"\xff\xfe");
        assert_eq!(says(*scheme, &sent), Err(Refusal::Malformed));
    }
}

#[test]
fn the_usual_spellings_of_the_generic_scheme_are_taken() {
    let sent = right(Scheme::Generic);
    let digest = sent.get("x-signature");
    for value in [
        digest.to_uppercase(),
        format!("sha256={digest}"),
        format!("sha256= {}", digest.to_uppercase()),
        format!("  {digest}\t"),
    ] {
        let sent = Sent::new(&[("x-signature", &value)]);
        assert_eq!(says(Scheme::Generic, &sent), Ok(()), "{value:?}");
    }
}

#[test]
fn timestamps_are_digits() {
    for (scheme, header) in [
        (Scheme::Slack, "x-slack-request-timestamp"),
        (Scheme::StandardWebhooks, "webhook-timestamp"),
    ] {
        for text in [
            "hello",
            "",
            " 1760000000",
            "+1760000000",
            "-1760000000",
            "1760000000.0",
            "99999999999999999999",
        ] {
            let sent = right(scheme).set(header, text);
            assert_eq!(says(scheme, &sent), Err(Refusal::Malformed), "{text:?}");
        }
        let other = right(scheme).set(header, (NOW + 1).to_string());
        assert_eq!(says(scheme, &other), Err(Refusal::Mismatch));
    }
}

#[test]
fn an_id_cannot_pass_for_a_part_of_the_body() {
    for id in ["", "msg.1"] {
        let signer = Signer::new(Scheme::StandardWebhooks, SECRET).expect("a secret");
        let headers = signer.headers(id, at(NOW), BODY);
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let verdict = says(Scheme::StandardWebhooks, &Sent::new(&headers));
        assert_eq!(verdict, Err(Refusal::Malformed));
    }
}

#[test]
fn the_window_is_asked_only_of_right_signatures() {
    for scheme in Scheme::ALL
        .into_iter()
        .filter(|scheme| scheme.is_timestamped())
    {
        for (skew, right) in [
            (-301, false),
            (-300, true),
            (-299, true),
            (299, true),
            (300, true),
            (301, false),
        ] {
            let sent = Sent::signed_at(scheme, SECRET, BODY, NOW + skew);
            let expected = if right {
                Ok(())
            } else {
                Err(Refusal::Stale { skew_seconds: skew })
            };
            assert_eq!(says(scheme, &sent), expected, "{scheme} {skew}");
            let other = verdict(scheme, SECRET, &sent, b"other");
            assert_eq!(other, Err(Refusal::Mismatch));
        }
        let mut narrow = source("default", scheme, vec![key("current", SECRET, None)]);
        narrow.tolerance = Tolerance::try_from(1).expect("a tolerance");
        let narrow = verifier(vec![narrow], NOW);
        let sent = |skew| Sent::signed_at(scheme, SECRET, BODY, NOW + skew);
        assert!(narrow.verify(&sent(-1), BODY).is_ok());
        assert_eq!(
            narrow.verify(&sent(-2), BODY),
            Err(Refusal::Stale { skew_seconds: -2 })
        );
    }
}

#[test]
fn one_right_signature_of_many_is_enough() {
    for scheme in [Scheme::Stripe, Scheme::StandardWebhooks] {
        let other = Sent::signed(scheme, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", BODY);
        let other = other.get(scheme.headers()[0]);
        let bad = other.replace(&format!("t={NOW},"), "");
        let join = |all: [&str; 5]| {
            if scheme == Scheme::Stripe {
                all.join(",")
            } else {
                all.join(" ")
            }
        };
        let several = right(scheme).map(scheme, |good| join([good, &bad, &bad, "v9,x", &bad]));
        assert_eq!(says(scheme, &several), Ok(()), "{scheme}");
        let none = right(scheme).map(scheme, |_| join([other, &bad, &bad, "v9,x", &bad]));
        assert_eq!(says(scheme, &none), Err(Refusal::Mismatch), "{scheme}");
    }
}

#[test]
fn a_right_signature_that_comes_twice_is_right() {
    let twice = right(Scheme::StandardWebhooks)
        .map(Scheme::StandardWebhooks, |value| format!("{value} {value}"));
    assert_eq!(says(Scheme::StandardWebhooks, &twice), Ok(()));
    let twice = right(Scheme::Stripe).map(Scheme::Stripe, |value| {
        let (_, digest) = value.split_once(",v1=").expect("a digest");
        format!("{value},v1={digest}")
    });
    assert_eq!(says(Scheme::Stripe, &twice), Ok(()));

    let pair = fresh_key_pair().expect("randomness");
    let twice = Sent::signed(Scheme::StandardWebhooks, &pair.private, BODY)
        .map(Scheme::StandardWebhooks, |value| format!("{value} {value}"));
    let said = verdict(Scheme::StandardWebhooks, &pair.public, &twice, BODY);
    assert_eq!(said, Ok(()));
}

#[test]
fn a_secret_does_not_show_itself() {
    let shown = format!("{:?}", key("current", SECRET, None));
    assert!(
        shown.contains("Secret(…)") && !shown.contains(SECRET),
        "{shown}"
    );
}

#[test]
fn the_plain_verifier_of_the_generic_scheme_takes_what_it_signs() {
    let verifier = HexHmacSha256::new(SECRET).expect("a secret");
    let signature = verifier.sign(BODY);
    assert_eq!(signature, right(Scheme::Generic).get("x-signature"));
    let sent = Sent::new(&[("x-signature", &signature)]);
    assert_eq!(verifier.verify(&sent, BODY), Ok(label("current")));
    assert_eq!(verifier.verify(&sent, b"other"), Err(Refusal::Mismatch));
}

#[test]
fn the_key_that_vouches_is_named_until_it_expires() {
    for scheme in Scheme::ALL {
        let old = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let keys = || vec![key("new", SECRET, None), key("old", old, Some(NOW + 10))];
        let sent = |secret| Sent::signed(scheme, secret, BODY);
        let says = |now, secret| {
            verifier(vec![source("default", scheme, keys())], now).verify(&sent(secret), BODY)
        };
        assert_eq!(says(NOW, SECRET), Ok(label("new")));
        assert_eq!(says(NOW + 9, old), Ok(label("old")));
        assert_eq!(says(NOW + 10, old), Err(Refusal::Mismatch));
        assert_eq!(says(NOW + 10, SECRET), Ok(label("new")));
    }
}

#[test]
fn secrets_and_public_keys_stand_side_by_side() {
    let pair = crate::fresh_key_pair().expect("randomness");
    let scheme = Scheme::StandardWebhooks;
    let keys = vec![key("mac", SECRET, None), key("ed25519", &pair.public, None)];
    let verifier = verifier(vec![source("default", scheme, keys)], NOW);
    let mac = Sent::signed(scheme, SECRET, BODY);
    let public = Sent::signed(scheme, &pair.private, BODY);
    assert_eq!(verifier.verify(&mac, BODY), Ok(label("mac")));
    assert_eq!(verifier.verify(&public, BODY), Ok(label("ed25519")));
    assert_eq!(verifier.verify(&public, b"other"), Err(Refusal::Mismatch));
    let both = mac.map(scheme, |first| {
        format!("{} {first}", public.get("webhook-signature"))
    });
    assert_eq!(verifier.verify(&both, BODY), Ok(label("mac")));
}

#[test]
fn unfit_sources_are_refused_by_name() {
    let refused =
        |configured| match sources(configured, &(Arc::new(Stopped(NOW)) as Arc<dyn Clock>)) {
            Ok(_) => panic!("they are fit"),
            Err(invalid) => {
                assert!(!invalid.to_string().contains("hush"));
                (invalid.to_string(), invalid.fault)
            }
        };
    let one = |scheme, keys| vec![source("shop", scheme, keys)];
    let (text, fault) = refused(one(Scheme::Generic, vec![key("a", " ", None)]));
    assert_eq!(fault, KeyFault::Blank);
    assert_eq!(text, "source shop, key a: the secret is empty or blank");
    let (_, fault) = refused(one(
        Scheme::StandardWebhooks,
        vec![key("a", "hush-hush!", None)],
    ));
    assert_eq!(fault, KeyFault::NotBase64);
    let (text, fault) = refused(one(Scheme::Generic, vec![]));
    assert_eq!(fault, KeyFault::NoKeys);
    assert_eq!(text, "source shop: it has no secret");
    let twice = vec![key("a", "hush", None), key("a", "hush", None)];
    assert_eq!(
        refused(one(Scheme::Generic, twice)).1,
        KeyFault::DuplicateLabel
    );
    let shop = || source("shop", Scheme::Generic, vec![key("a", "hush", None)]);
    assert_eq!(refused(vec![shop(), shop()]).1, KeyFault::DuplicateSource);
}

fn scheme() -> impl Strategy<Value = Scheme> {
    proptest::sample::select(Scheme::ALL.to_vec())
}

proptest! {
    #[test]
    fn any_body_and_secret_verifies(scheme in scheme(), secret in proptest::collection::vec(any::<u8>(), 1..80), body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let secret = encoding::to_base64(&secret);
        let sent = Sent::signed(scheme, &secret, &body);
        prop_assert_eq!(verdict(scheme, &secret, &sent, &body), Ok(()));
    }

    #[test]
    fn any_flipped_bit_of_the_body_refuses(scheme in scheme(), body in proptest::collection::vec(any::<u8>(), 1..200), at in any::<proptest::sample::Index>(), bit in 0..8_u8) {
        let sent = Sent::signed(scheme, SECRET, &body);
        let mut flipped = body.clone();
        flipped[at.index(body.len())] ^= 1 << bit;
        prop_assert_eq!(verdict(scheme, SECRET, &sent, &flipped), Err(Refusal::Mismatch));
    }

    #[test]
    fn any_flipped_bit_of_a_header_refuses(scheme in scheme(), which in any::<proptest::sample::Index>(), at in any::<proptest::sample::Index>(), bit in 0..8_u8) {
        let mut sent = right(scheme);
        let which = which.index(sent.0.len());
        let value = &mut sent.0[which].1;
        let at = at.index(value.len());
        let was = value[at];
        value[at] ^= 1 << bit;
        let same = scheme == Scheme::Generic && was.eq_ignore_ascii_case(&value[at]);
        prop_assert_eq!(says(scheme, &sent).is_ok(), same);
    }

    #[test]
    fn any_headers_are_answered(scheme in scheme(), values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..100), 3), body in proptest::collection::vec(any::<u8>(), 0..50)) {
        let names = scheme.headers().iter();
        let sent = Sent(names.zip(values).map(|(name, value)| ((*name).to_owned(), value)).collect());
        let verifier = only(scheme, SECRET, NOW);
        prop_assert!(verifier.verify(&sent, &body).is_err());
        prop_assert_eq!(verifier.diagnose(&sent, &body), None);
    }
}

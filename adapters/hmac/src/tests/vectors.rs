//! What providers and their libraries have published, each with its source.

use super::*;

/// A published request: scheme, secret, headers, body, and when it was signed.
struct Vector {
    scheme: Scheme,
    secret: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    at: i64,
}

const SLACK_FORM: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const SLACK_EVENT: &str = r#"{"token":"aF5ynEYQH0dFN9imlgcADxDB","team_id":"XXXXXXXXX","api_app_id":"YYYYYYYYY","event":{"type":"app_mention","user":"AAAAAAAAA","text":"<@EEEEEEEEE> hello world","client_msg_id":"477cc591-ch73-a14z-4db8-g0cd76321bec","ts":"1531431954.000073","channel":"TTTTTTTTT","event_ts":"1531431954.000073"},"type":"event_callback","event_id":"TvBP7LRED7","event_time":1531431954,"authed_users":["EEEEEEEEE"]}"#;
const README_BODY: &str = r#"{"message_id":"msg_123","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00Z","text":"Hello"}"#;

const VECTORS: &[Vector] = &[
    // adnanh/webhook, internal/hook/hook_test.go
    Vector {
        scheme: Scheme::Generic,
        secret: "secret",
        headers: &[(
            "x-signature",
            "f417af3a21bd70379b5796d5f013915e7029f62c580fb0f500f59a35a6f04c89",
        )],
        body: r#"{"a": "z"}"#,
        at: NOW,
    },
    Vector {
        scheme: Scheme::Generic,
        secret: "secret",
        headers: &[(
            "x-signature",
            "sha256=f9e66e179b6747ae54108f82f8ade8b3c25d76fd30afde6c395822c530196169",
        )],
        body: "",
        at: NOW,
    },
    // The example of the original service; the digest is what `openssl dgst -sha256 -hmac` computes.
    Vector {
        scheme: Scheme::Generic,
        secret: "mysecret123",
        headers: &[(
            "x-signature",
            "87e383e3ca610caae2941005aae8fc7ba0f88a72e8c02057e54ee30d04e45ce9",
        )],
        body: README_BODY,
        at: NOW,
    },
    // GitHub, "Validating webhook deliveries"
    Vector {
        scheme: Scheme::GitHub,
        secret: "It's a Secret to Everybody",
        headers: &[(
            "x-hub-signature-256",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        )],
        body: "Hello, World!",
        at: NOW,
    },
    // octokit/webhooks-methods.js, test/sign.test.ts
    Vector {
        scheme: Scheme::GitHub,
        secret: "mysecret",
        headers: &[(
            "x-hub-signature-256",
            "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3",
        )],
        body: r#"{"foo":"bar"}"#,
        at: NOW,
    },
    // standard-webhooks, libraries/rust/src/lib.rs
    Vector {
        scheme: Scheme::StandardWebhooks,
        secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        headers: &[
            ("webhook-id", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
            ("webhook-timestamp", "1649367553"),
            (
                "webhook-signature",
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
        ],
        body: r#"{"email":"test@example.com","username":"test_user"}"#,
        at: 1_649_367_553,
    },
    // docs.svix.com, "Verifying webhooks manually"; also the libraries of Standard Webhooks
    Vector {
        scheme: Scheme::StandardWebhooks,
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        headers: &[
            ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("svix-timestamp", "1614265330"),
            (
                "svix-signature",
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ],
        body: r#"{"test": 2432232314}"#,
        at: 1_614_265_330,
    },
    // svix/svix-webhooks, server/svix-server/src/worker.rs, test_asymmetric_key_signing
    Vector {
        scheme: Scheme::StandardWebhooks,
        secret: "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
        headers: &[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            (
                "webhook-signature",
                "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
            ),
        ],
        body: r#"{"test": 2432232314}"#,
        at: 1_614_265_330,
    },
    // slackapi/python-slack-sdk, tests/slack_sdk/signature/test_signature_verifier.py
    Vector {
        scheme: Scheme::Slack,
        secret: "8f742231b10e8888abcd99yyyzzz85a5",
        headers: &[
            ("x-slack-request-timestamp", "1531420618"),
            (
                "x-slack-signature",
                "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            ),
        ],
        body: SLACK_FORM,
        at: 1_531_420_618,
    },
    // slack-go/slack, security_test.go
    Vector {
        scheme: Scheme::Slack,
        secret: "e6b19c573432dcc6b075501d51b51bb8",
        headers: &[
            ("x-slack-request-timestamp", "1531431954"),
            (
                "x-slack-signature",
                "v0=adada4ed31709aef585c2580ca3267678c6a8eaeb7e0c1aca3ee57b656886b2c",
            ),
        ],
        body: SLACK_EVENT,
        at: 1_531_431_954,
    },
    // stripe/stripe-python, DUMMY_WEBHOOK_PAYLOAD; the digest is computed, for none is published
    Vector {
        scheme: Scheme::Stripe,
        secret: "whsec_test_secret",
        headers: &[(
            "stripe-signature",
            "t=1492774577,v1=d21d91b425674689e03346536b8fec6384a8721d43ebe269a1689a3ad22cba9c",
        )],
        body: "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\",\n  \"data\": { \"object\": { \"id\": \"rdr_123\", \"object\": \"terminal.reader\" } }\n}",
        at: 1_492_774_577,
    },
    // The first one in base64
    Vector {
        scheme: Scheme::Shopify,
        secret: "secret",
        headers: &[(
            "x-shopify-hmac-sha256",
            "9BevOiG9cDebV5bV8BORXnAp9ixYD7D1APWaNabwTIk=",
        )],
        body: r#"{"a": "z"}"#,
        at: NOW,
    },
    // sqlpage/SQLpage, tests of sqlpage.hmac with Shopify's form
    Vector {
        scheme: Scheme::Shopify,
        secret: "test-webhook-secret",
        headers: &[(
            "shopify-hmac-sha256",
            "QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw=",
        )],
        body: r#"{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}"#,
        at: NOW,
    },
];

#[test]
fn published_vectors_verify_and_nothing_beside_them() {
    for vector in VECTORS {
        let sent = Sent::new(vector.headers);
        let body = vector.body.as_bytes();
        let verifier = only(vector.scheme, vector.secret, vector.at);
        assert_eq!(verifier.verify(&sent, body), Ok(label("current")));
        let more = [body, b" "].concat();
        assert_eq!(verifier.verify(&sent, &more), Err(Refusal::Mismatch));
        assert_eq!(verifier.diagnose(&sent, body), None);
        if vector.scheme.is_timestamped() {
            for (seconds, right) in [(299, true), (300, true), (301, false)] {
                for skew in [seconds, -seconds] {
                    let verdict =
                        only(vector.scheme, vector.secret, vector.at - skew).verify(&sent, body);
                    let stale = Refusal::Stale { skew_seconds: skew };
                    assert_eq!(verdict.is_ok(), right, "{skew}");
                    assert!(right || verdict == Err(stale), "{skew}");
                }
            }
        }
    }
}

#[test]
fn what_is_signed_is_what_providers_publish() {
    for vector in VECTORS {
        if vector.secret.starts_with("whpk_") {
            continue;
        }
        let signer = Signer::new(vector.scheme, vector.secret).expect("a secret");
        let id = vector
            .headers
            .iter()
            .find(|(name, _)| name.ends_with("-id"));
        let id = id.map_or("", |(_, id)| *id);
        let headers = signer.headers(id, at(vector.at), vector.body.as_bytes());
        assert_eq!(headers.len(), vector.headers.len());
        let values: Vec<_> = vector.headers.iter().map(|(_, value)| *value).collect();
        for (name, value) in headers {
            let value = value.as_str();
            let known = values
                .iter()
                .any(|known| known.trim_start_matches("sha256=") == value || *known == value);
            assert!(known, "{name}");
        }
    }
}

#[test]
fn a_private_key_signs_as_svix_publishes() {
    let pair = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    let seed = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc";
    for private in [pair, seed] {
        let signer = Signer::new(Scheme::StandardWebhooks, private).expect("a private key");
        let headers = signer.headers(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at(1_614_265_330),
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(
            headers[0].1,
            "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
        );
    }
}

#[test]
fn stripes_header_is_read_as_its_libraries_read_it() {
    // arlyon/async-stripe, async-stripe-webhook/src/webhook.rs: the body is not published
    let value = "t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39";
    let claim = Scheme::Stripe
        .read(&Sent::new(&[("stripe-signature", value)]))
        .expect("a claim");
    assert_eq!(claim.preamble, b"1492774577.");
    assert_eq!(claim.macs.len(), 1);
    assert_eq!(claim.macs[0][..3], [0x52, 0x57, 0xa8]);
}

#[test]
fn fresh_keys_verify_what_they_sign() {
    for scheme in Scheme::ALL {
        let secret = crate::fresh_secret(scheme).expect("randomness");
        assert_ne!(secret, crate::fresh_secret(scheme).expect("randomness"));
        let sent = Sent::signed(scheme, &secret, BODY);
        assert_eq!(verdict(scheme, &secret, &sent, BODY), Ok(()), "{scheme}");
    }
    let pair = crate::fresh_key_pair().expect("randomness");
    let sent = Sent::signed(Scheme::StandardWebhooks, &pair.private, BODY);
    let verdict = verdict(Scheme::StandardWebhooks, &pair.public, &sent, BODY);
    assert_eq!(verdict, Ok(()));
    assert!(Signer::new(Scheme::StandardWebhooks, &pair.public).is_err());
}

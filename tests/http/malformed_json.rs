//! What is signed and no message is 422, what is not signed is 401, whatever it says; never a 5xx.

use std::sync::Arc;

use countersign_memory::MemoryRepository;

use super::app::{App, sign};

/// Beyond the usual limit, so that depth and digits are met by the parser.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

const REST: &str = r#""from":"+12","to":"+13","ts":"2025-01-01T00:00:00Z""#;

/// A message with this text, as it stands in JSON, without quotes around it.
fn text(json: &str) -> Vec<u8> {
    format!(r#"{{"message_id":"m",{REST},"text":{json}}}"#).into_bytes()
}

fn with(member: &str) -> Vec<u8> {
    format!(r#"{{"message_id":"m",{REST},{member}}}"#).into_bytes()
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<(&'static str, Vec<u8>, u16)> {
    let good = text("\"x\"");
    let behind = |tail: &[u8]| [&good[..], tail].concat();
    let deep = |open: &str, close: &str| {
        with(&format!(
            "\"x\":{}{}",
            open.repeat(100_000),
            close.repeat(100_000)
        ))
    };
    let many_keys: Vec<String> = (0..100_000).map(|n| format!("\"k{n}\":0")).collect();
    let characters = |c: &str, n: usize| text(&format!("\"{}\"", c.repeat(n)));
    vec![
        ("empty", Vec::new(), 422),
        ("a blank", b" ".to_vec(), 422),
        (
            "bad UTF-8",
            [
                b"{\"message_id\":\"\xff\",".as_slice(),
                REST.as_bytes(),
                b"}",
            ]
            .concat(),
            422,
        ),
        (
            "overlong UTF-8",
            [
                b"{\"message_id\":\"\xc0\xaf\",".as_slice(),
                REST.as_bytes(),
                b"}",
            ]
            .concat(),
            422,
        ),
        (
            "UTF-16",
            "{}".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            422,
        ),
        ("a NUL", text("\"a\\u0000b\""), 422),
        ("a raw NUL", text("\"a\0b\""), 422),
        ("a raw newline", text("\"a\nb\""), 422),
        ("a BOM", [b"\xef\xbb\xbf".as_slice(), &good].concat(), 422),
        ("a lone high surrogate", text("\"\\ud83d\""), 422),
        ("a lone low surrogate", text("\"\\ude00\""), 422),
        (
            "surrogates the wrong way round",
            text("\"\\ude00\\ud83d\""),
            422,
        ),
        ("a bad escape", text("\"\\x41\""), 422),
        ("deep arrays", deep("[", "]"), 422),
        (
            "deep objects",
            deep("{\"a\":", "}").into_iter().collect(),
            422,
        ),
        ("only opening", b"[".repeat(100_000), 422),
        ("duplicate keys", with("\"message_id\":\"n\""), 422),
        ("1e400", with("\"x\":1e400"), 422),
        (
            "a million digits in a field",
            text(&"9".repeat(1_000_000)),
            422,
        ),
        ("many keys", with(&many_keys.join(",")), 200),
        ("null for a text", text("null"), 200),
        (
            "null for an id",
            format!("{{\"message_id\":null,{REST}}}").into_bytes(),
            422,
        ),
        ("null", b"null".to_vec(), 422),
        ("an array", b"[]".to_vec(), 422),
        ("an array of one", [b"[", &good[..], b"]"].concat(), 422),
        ("a number", b"1".to_vec(), 422),
        ("a text", b"\"x\"".to_vec(), 422),
        ("a number for a text", text("1"), 422),
        ("an object for a text", text("{}"), 422),
        (
            "an object for an id",
            format!("{{\"message_id\":{{}},{REST}}}").into_bytes(),
            422,
        ),
        ("4096 characters", characters("x", 4096), 200),
        ("4097 characters", characters("x", 4097), 422),
        ("4096 emoji", characters("\u{1F600}", 4096), 200),
        ("4097 emoji", characters("\u{1F600}", 4097), 422),
        (
            "4096 escaped emoji",
            characters("\\ud83d\\ude00", 4096),
            200,
        ),
        ("4096 composed", characters("\u{e9}", 4096), 200),
        // Two characters each.
        ("4096 decomposed", characters("e\u{301}", 4096), 422),
        ("a huge text", characters("x", 3_000_000), 422),
        ("trailing bytes", behind(b"x"), 422),
        ("a second document", behind(b"{}"), 422),
        ("trailing NUL", behind(b"\0"), 422),
        ("trailing blanks", behind(b" \r\n\t"), 200),
        ("a comment", behind(b"// x"), 422),
        ("a comment within", with("/* x */ \"x\":0"), 422),
        ("a trailing comma", with("\"x\":0,"), 422),
        ("single quotes", b"{'message_id':'m'}".to_vec(), 422),
        ("NaN", with("\"x\":NaN"), 422),
        ("Infinity", with("\"x\":-Infinity"), 422),
        ("a leading zero", with("\"x\":01"), 422),
        ("a bare key", with("x:0"), 422),
        ("half of it", good[..good.len() / 2].to_vec(), 422),
    ]
}

#[tokio::test]
async fn what_is_no_message_is_422_if_it_is_signed_and_401_if_not() {
    let app = App::over_configured(Arc::new(MemoryRepository::new()), |config, _| {
        config.max_body_bytes = MAX_BODY_BYTES;
    })
    .await;
    let mut wrong = Vec::new();
    for (name, body, status) in cases() {
        let signed = app.webhook(&body).header("X-Signature", sign(&body));
        let answer = app.send(signed).await;
        if answer.status != status {
            wrong.push(format!("{name}: {} {}", answer.status, answer.text));
        }
        let unsigned = app.send(app.webhook(&body)).await;
        assert_eq!(unsigned.status, 401, "{name}: {unsigned:?}");
        assert_eq!(unsigned.text, r#"{"detail":"invalid signature"}"#, "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

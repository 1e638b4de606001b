//! The body of a webhook, as it is parsed once its signature is right.
//!
//! Nothing panics; what is accepted keeps the limits of the specification, and so does what it is
//! when it is written again.
#![no_main]

use countersign_core::Timestamp;
use countersign_http::parse_webhook;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|body: &[u8]| {
    let Some(message) = parse_webhook(body) else {
        return;
    };
    let id = message.id.as_str();
    assert!((1..=255).contains(&id.chars().count()) && !id.chars().any(char::is_control));
    for number in [message.from.as_str(), message.to.as_str()] {
        let digits = number.strip_prefix('+').expect("a plus");
        assert!((2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
        assert!(!digits.starts_with('0'));
    }
    assert!((Timestamp::MIN..=Timestamp::MAX).contains(&message.ts));
    let text = message.text.as_ref().map(|text| text.as_str());
    assert!(text.is_none_or(|text| text.chars().count() <= 4096 && !text.contains('\0')));

    let again = json!({
        "message_id": id,
        "from": message.from.as_str(),
        "to": message.to.as_str(),
        "ts": message.ts.to_string(),
        "text": text,
    });
    let again = parse_webhook(again.to_string().as_bytes());
    assert_eq!(again.as_ref(), Some(&message));
    assert_eq!(again.map(|again| again.digest()), Some(message.digest()));
});

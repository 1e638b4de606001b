//! What is looked for in a request that was refused: bodies and headers of strangers are taken apart
//! and put together in many ways.
//!
//! Nothing panics; and what is found says nothing of the secret or the body.
#![no_main]

use std::sync::LazyLock;

use countersign_core::{SourceName, Sources};
use countersign_fuzz::{SECRETS, SignedRequest, sources};
use countersign_hmac::Scheme;
use libfuzzer_sys::fuzz_target;

static SOURCES: LazyLock<Sources> = LazyLock::new(sources);

fuzz_target!(|input: &[u8]| {
    let request = SignedRequest::read(input);
    for scheme in Scheme::ALL {
        let name = SourceName::try_from(scheme.name()).expect("a name");
        let verifier = &SOURCES[&name];
        // The digest of one scheme in the headers of another is a mistake that people make.
        for signed_as in [scheme, Scheme::Generic] {
            let request = request.signed_as(signed_as);
            if verifier.verify(&request, &request.body).is_ok() {
                continue;
            }
            if let Some(near_miss) = verifier.diagnose(&request, &request.body) {
                let mend = &near_miss.mend;
                assert!(!mend.is_empty());
                for private in SECRETS.iter().chain(&["CANARY"]) {
                    assert!(!mend.contains(private), "{mend}");
                }
            }
        }
    }
});

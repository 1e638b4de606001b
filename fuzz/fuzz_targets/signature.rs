//! The headers of all signature schemes.
//!
//! Nothing panics; what is accepted has the right digest of these bytes in its headers; and no other
//! body is accepted with the same headers.
#![no_main]

use std::sync::LazyLock;

use countersign_core::{SourceName, Sources};
use countersign_fuzz::{SignedRequest, sources};
use countersign_hmac::Scheme;
use libfuzzer_sys::fuzz_target;

static SOURCES: LazyLock<Sources> = LazyLock::new(sources);

fuzz_target!(|input: &[u8]| {
    let request = SignedRequest::read(input);
    for scheme in Scheme::ALL {
        let name = SourceName::try_from(scheme.name()).expect("a name");
        let verifier = &SOURCES[&name];
        let mut request = request.signed_as(scheme);
        if verifier.verify(&request, &request.body).is_ok() {
            assert!(
                request.has_digest(scheme),
                "{scheme}: accepted without its digest"
            );
            request.body.push(b' ');
            assert!(
                verifier.verify(&request, &request.body).is_err(),
                "{scheme}: another body is accepted, too"
            );
        }
    }
});

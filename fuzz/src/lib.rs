//! What the targets share. Each target is a file in `fuzz_targets/` and says what it asserts; the
//! committed inputs of `seeds/` are where the fuzzer begins.

mod application;
mod signed;

pub use application::{Answer, Application};
pub use signed::{SECRETS, SignedRequest, sources};

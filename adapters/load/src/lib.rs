//! What load is made of: texts that look like messages ([`Texts`]), and an HTTP client that costs
//! next to nothing ([`HttpClient`]), because it shares the machine with the server it measures.
//!
//! `countersign send` and the benchmarks use the same, so that what is found in one is what was
//! put in by the other.

mod client;
mod texts;

pub use client::{Answer, HttpClient};
pub use texts::Texts;

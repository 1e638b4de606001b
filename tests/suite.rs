//! Every test that crosses a crate, in one binary.
//!
//! - `architecture`: who may depend on whom
//! - `store`: what every message repository must do, each against each, and against the model
//! - `faults`: thousands of plans of what can go wrong with a store, each played to the end
//! - `http`: scenarios over a real socket; every answer is checked against the specification
//! - `specification`: the committed document is the real one
//! - `binary`: the program as its operator meets it (`program` starts it)
//! - `protected`: who may read, as its operator sets it
//! - `canary`: what is private appears in no log, metric or error
//! - `metrics`: a server shows every metric of the catalogue, and no other
//! - `keys`: secrets as their operator meets them: configured, rotated, tried, never shown
//! - `repeats`: what came again is counted, and the counts are kept
//! - `retention`: messages are taken away by their age, and by an operator
//! - `operating`: the commands that talk to a running server
//! - `instances`: several of it on one PostgreSQL
//! - `stopping`: it stops in steps, and restarts without a refused connection
//! - `traces`: what a collector is sent, and that one that is away costs nothing
//! - `copying`: messages from one database into another, and into files and back
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod architecture;
mod binary;
mod canary;
mod copying;
mod faults;
mod fixture;
mod http;
mod instances;
mod keys;
mod metrics;
mod operating;
mod program;
mod protected;
mod repeats;
mod retention;
mod specification;
mod stopping;
mod store;
mod traces;

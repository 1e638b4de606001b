//! Single steps.

fn main() {}

//! What the program prints for help, and for the mistakes that are made most often.
//!
//! To write it anew: `just snapshots`; read the difference like code.

#[test]
fn help_and_mistakes() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .timeout(std::time::Duration::from_secs(20))
        .run();
}

//! Runs the corpus: `cargo test -p hence-tests [-- FILTER]`, `cargo bless [FILTER]`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hence_tests::run()
}

//! Tries a target on damaged inputs: `cargo xtask fuzz TARGET SECONDS [SEED]`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hence_tests::fuzzing::fuzz()
}

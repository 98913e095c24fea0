//! Tries simulated schedules: `cargo xtask simulate COUNT [FIRST]`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hence_tests::simulation::simulate()
}

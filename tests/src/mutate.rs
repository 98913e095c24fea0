//! Prints how well mistakes are told: `cargo xtask mutate [--all] [--show misses|places|fixes|spurious [KIND…]]`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hence_tests::mutate()
}

//! The `hence` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    hence_cli::run(std::env::args_os())
}

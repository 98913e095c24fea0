//! The project's own commands, `cargo xtask …`: what CI runs, and the checks of the tree that no compiler makes.
//!
//! Nothing depends on this crate. Each check is a file in `tidy/` that takes the tree and returns problems.

mod cargo;
mod codegen;
mod layers;
mod packages;
mod tidy;
mod tree;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [ARGUMENTS]   set up, check the tree, run all tests; arguments go to `cargo test`
  tidy               check the tree: layers, files, names, pages of diagnostics, generated parts
  mutate [ARGUMENTS] measure how mistakes are told: --all, --show misses|valid|places|fixes|spurious [KIND …]
  fuzz TARGET SECONDS [SEED]
                     try damaged inputs: lex, parse, format, check, bundle, csv, integration, jit
  simulate COUNT [FIRST]
                     run the engine through crashes and failures, by seeds
  codegen            write the generated parts of the documentation
  ci                 what CI runs: format, clippy, test
  bless [ARGUMENTS]  run the tests, taking what they find as what they expect
  setup              install what the tests need beside Rust
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else { bail!("no command\n\n{USAGE}") };
    match command.as_str() {
        "test" => test(rest),
        "tidy" => tidy(),
        "mutate" => cargo::measure("mutate", rest),
        "fuzz" => cargo::measure("fuzz", rest),
        "simulate" => cargo::measure("simulate", rest),
        "codegen" => codegen(),
        "ci" => ci(),
        "bless" => cargo::bless(rest),
        "setup" => setup(),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        unknown => bail!("no command `{unknown}`\n\n{USAGE}"),
    }
}

/// Installs what the tests need beside Rust, so that `cargo xtask test` stays enough on a fresh machine.
fn setup() -> Result<()> {
    packages::install()
}

fn tidy() -> Result<()> {
    let problems = tidy::run()?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    if problems.is_empty() {
        eprintln!("tidy: no problems");
        return Ok(());
    }
    bail!("tidy found {} problems", problems.len())
}

fn codegen() -> Result<()> {
    for path in codegen::write()? {
        eprintln!("wrote {path}");
    }
    Ok(())
}

/// Runs the tests last, so that their results end the output, and runs them whatever tidy says.
fn test(arguments: &[String]) -> Result<()> {
    setup()?;
    let tidy = tidy();
    let tests = cargo::test(arguments);
    tidy.and(tests)
}

fn ci() -> Result<()> {
    cargo::format_check()?;
    cargo::clippy()?;
    test(&[])
}

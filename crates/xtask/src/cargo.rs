//! Calls of cargo. Every one of them builds the whole workspace with the same profile and features, so that they
//! share their artifacts.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tree;

/// Checks the format of all crates.
pub(crate) fn format_check() -> Result<()> {
    run(&["fmt", "--all", "--check"], &[])
}

/// Runs clippy with warnings denied.
pub(crate) fn clippy() -> Result<()> {
    run(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])
}

/// Runs all tests.
pub(crate) fn test(arguments: &[String]) -> Result<()> {
    run(&["test", "--workspace"], arguments)
}

/// Runs all tests, which then write what they find where they would compare.
pub(crate) fn bless(arguments: &[String]) -> Result<()> {
    let mut command = command(&["test", "--workspace"], arguments);
    finish(command.env("HENCE_BLESS", "1"))
}

/// Runs a measuring command of the tests' package; optimized, for the times.
pub(crate) fn measure(binary: &str, arguments: &[String]) -> Result<()> {
    let mut command =
        command(&["run", "--release", "--package", "hence-tests", "--bin", binary, "--"], arguments);
    finish(&mut command)
}

/// Returns what `cargo metadata` says of the packages of the workspace.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    said(&["metadata", "--no-deps", "--format-version", "1"])
}

/// Returns the same with all packages that these depend on.
pub(crate) fn all_metadata() -> Result<serde_json::Value> {
    said(&["metadata", "--locked", "--format-version", "1"])
}

fn said(arguments: &[&str]) -> Result<serde_json::Value> {
    let mut command = command(arguments, &[]);
    let output = command.output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("cannot read what cargo metadata prints")
}

fn command(arguments: &[&str], more: &[String]) -> Command {
    // The cargo that runs xtask, so that a chosen toolchain stays chosen.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(arguments).args(more).current_dir(tree::root());
    command
}

fn run(arguments: &[&str], more: &[String]) -> Result<()> {
    finish(&mut command(arguments, more))
}

fn finish(command: &mut Command) -> Result<()> {
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let words = format!("cargo {}", words.join(" "));
    eprintln!("$ {words}");
    let status = command.status().with_context(|| format!("cannot run `{words}`"))?;
    if !status.success() {
        bail!("`{words}` failed");
    }
    Ok(())
}

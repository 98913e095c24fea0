//! What the tests need beside Rust: programs, and the packages of the system that have them.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// A program, and the Debian package that has it.
const PROGRAMS: &[(&str, &str)] = &[("nvim", "neovim")];

/// Installs those programs that are not there; quick where all are.
pub(crate) fn install() -> Result<()> {
    let missing: Vec<&str> =
        PROGRAMS.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !is_there("apt-get") {
        bail!("the tests need {names}: install them with the package manager of this system");
    }
    // The lists of a fresh machine are empty or old.
    if !apt(&["update"])? || !apt(&install_arguments(&missing))? {
        bail!("cannot install {names}; `apt-get install {names}` says why");
    }
    Ok(())
}

fn install_arguments<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    [&["install", "--yes", "--no-install-recommends"], packages].concat()
}

fn apt(arguments: &[&str]) -> Result<bool> {
    eprintln!("$ apt-get {}", arguments.join(" "));
    let mut command = Command::new("apt-get");
    let status = command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
    Ok(status.context("cannot run apt-get")?.success())
}

/// Whether a program is in one of the folders of `PATH`.
fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not() {
        assert!(is_there("cargo"));
        assert!(!is_there("no-such-program-anywhere"));
    }

    #[test]
    fn packages_are_installed_without_a_question() {
        assert_eq!(install_arguments(&["a", "b"]), ["install", "--yes", "--no-install-recommends", "a", "b"]);
    }
}

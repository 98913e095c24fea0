//! What the tests need beside Rust: programs, the packages of the system that have them, and packages of npm and PyPI.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tree;

/// A program, and the Debian package that has it.
const PROGRAMS: &[(&str, &str)] = &[
    ("nvim", "neovim"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("chromium", "chromium"),
    ("python3", "python3"),
];

/// The Debian package of a database that tests start for themselves, and where it has its programs, out of `PATH` and a
/// folder for each version.
const POSTGRES: &str = "postgresql";
const POSTGRES_FOLDER: &str = "/usr/lib/postgresql";

/// Folders with packages of npm, as their lock files name them.
const NODE: &[&str] = &["editors/tests", "editors/vscode", "tests/node"];

/// The folder whose `requirements.txt` names packages of PyPI; they are installed in its `.venv`.
const PYTHON: &str = "tests/python";

/// Installs what is not there; quick where all is.
pub(crate) fn install() -> Result<()> {
    programs()?;
    NODE.iter().try_for_each(|folder| node_packages(&tree::root().join(folder)))?;
    python_packages(&tree::root().join(PYTHON))
}

/// Installs the packages of a folder into an environment of its own. A copy of the list that is written at the end tells
/// what is there.
fn python_packages(folder: &Path) -> Result<()> {
    let (list, environment) = (folder.join("requirements.txt"), folder.join(".venv"));
    let wanted = std::fs::read_to_string(&list).context("cannot read the list of packages of PyPI")?;
    let installed = environment.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // Debian has the part of Python that makes environments in a package of its own.
    if !make_environment(&environment)? {
        let made = is_there("apt-get") && apt(&["update"])? && apt(&install_arguments(&["python3-venv"]))?;
        if !made || !make_environment(&environment)? {
            bail!("cannot make an environment of Python in {}", environment.display());
        }
    }
    eprintln!("$ pip install -r {}", list.display());
    let mut pip = Command::new(environment.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&list);
    if !pip.status().context("cannot run pip")?.success() {
        bail!("cannot install the packages of {}", list.display());
    }
    std::fs::write(installed, wanted).context("cannot write what is installed")
}

fn make_environment(folder: &Path) -> Result<bool> {
    let status = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).status();
    Ok(status.context("cannot run python3")?.success())
}

/// Installs the packages of a folder. npm leaves a file behind that is as new as what it has installed.
fn node_packages(folder: &Path) -> Result<()> {
    let written = |name: &str| std::fs::metadata(folder.join(name)).and_then(|file| file.modified());
    let wanted = written("package-lock.json").context("cannot read a lock file of npm")?;
    if written("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    eprintln!("$ npm ci in {}", folder.display());
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let status =
        Command::new("npm").args(arguments).current_dir(folder).status().context("cannot run npm")?;
    if !status.success() {
        bail!("cannot install the packages of npm in {}", folder.display());
    }
    Ok(())
}

fn programs() -> Result<()> {
    let mut missing: Vec<&str> =
        PROGRAMS.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    if !has_postgres() {
        missing.push(POSTGRES);
    }
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

/// Whether PostgreSQL is there, with what makes a new database.
fn has_postgres() -> bool {
    let versions = std::fs::read_dir(POSTGRES_FOLDER).into_iter().flatten().flatten();
    let has = |program: &str, folder: &Path| folder.join("bin").join(program).is_file();
    let mut folders = versions.map(|version| version.path());
    (is_there("initdb") && is_there("postgres"))
        || folders.any(|folder| has("initdb", &folder) && has("postgres", &folder))
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

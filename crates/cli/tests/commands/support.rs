//! Folders with projects, and the binary run in them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

/// A rule without mistakes, in canonical layout.
pub(crate) const GOOD: &str = "\
/// Tags customers of big orders.
rule big_order \"Big order\"
when shop.order.created
if   total > 100 EUR
then crm.add_tag(user: customer.id, tag: \"big\")
";

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Holds the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Returns the output, which is one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Returns the output, which is JSON Lines.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Json> {
        let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        self.out.lines().map(line).collect()
    }
}

/// Returns the command in a folder, with nothing in its environment that could change what it does.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hence"));
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in ["HENCE_STORE", "HENCE_LISTEN", "HENCE_SERVER", "HENCE_TOKEN", "HENCE_LOG"] {
        command.env_remove(name);
    }
    command
}

/// Runs the command in a folder.
pub(crate) fn hence(folder: &Path, arguments: &[&str]) -> Ran {
    finish(command(folder, arguments), b"")
}

/// Runs the command with something to read on standard input.
pub(crate) fn hence_reading(folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut command = command(folder, arguments);
    command.stdin(Stdio::piped());
    finish(command, input)
}

fn finish(mut command: Command, input: &[u8]) -> Ran {
    let mut child = command.spawn().unwrap();
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read to the end is no mistake of the test.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("ended by {}", output.status));
    let ran = Ran { code, out: text(output.stdout), err: text(output.stderr) };
    assert!(!ran.err.contains("panicked"), "{ran:#?}");
    ran
}

/// Makes a folder with files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(folder.path(), name, text.as_bytes());
    }
    folder
}

/// Writes a file, making the folders it is in.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Makes a project with one rule file.
pub(crate) fn project(rule: &str) -> TempDir {
    folder(&[("hence.toml", "name = \"example\"\n"), ("rules/example.rule", rule)])
}

/// An order as the shop would send it.
pub(crate) fn order() -> Json {
    let fixture = include_str!("../../../connectors/fixtures/shop/order_created.json");
    let mut fixture: Json = serde_json::from_str(fixture).unwrap();
    fixture["body"].take()
}

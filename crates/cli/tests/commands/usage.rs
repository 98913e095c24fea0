//! What every command refuses: exit code 2, something clear on standard error, nothing on standard output.

use crate::support::{GOOD, folder, hence, project, write};

#[test]
fn no_arguments_show_what_there_is() {
    let folder = folder(&[]);
    let ran = hence(folder.path(), &[]).exits(2);
    assert!(ran.err.contains("Usage: hence <COMMAND>"), "{ran:#?}");
    let ran = hence(folder.path(), &["--help"]).exits(0);
    assert!(ran.out.contains("Usage: hence <COMMAND>"), "{ran:#?}");
    let ran = hence(folder.path(), &["--version"]).exits(0);
    assert!(ran.out.starts_with("hence "), "{ran:#?}");
}

#[test]
fn unknown_commands_and_flags_are_named() {
    let project = project(GOOD);
    let cases: [(&[&str], &str); 7] = [
        (&["chek"], "error: unrecognized subcommand 'chek'"),
        (&["check", "--formt", "json"], "error: unexpected argument '--formt' found"),
        (&["check", "--format", "xml"], "error: invalid value 'xml' for '--format <FORMAT>'"),
        (&["check", "a", "b"], "error: unexpected argument 'b' found"),
        (&["fmt", "--check", "--stdin"], "error: the argument '--check' cannot be used with '--stdin'"),
        (&["run"], "error: the following required arguments were not provided:"),
        (&["serve", "--listen", "everywhere"], "error: invalid value 'everywhere' for '--listen <LISTEN>'"),
    ];
    for (arguments, expected) in cases {
        let ran = hence(project.path(), arguments).exits(2);
        assert!(ran.err.starts_with(expected) && ran.out.is_empty(), "{ran:#?}");
    }
}

#[test]
fn paths_that_are_not_there_are_named() {
    let project = project(GOOD);
    for command in ["check", "fmt", "fix", "serve"] {
        let ran = hence(project.path(), &[command, "gone"]).exits(2);
        assert!(ran.err.starts_with("hence: cannot read gone: "), "{ran:#?}");
        assert_eq!((ran.out.as_str(), ran.err.lines().count()), ("", 1), "{ran:#?}");
    }
    let ran =
        hence(project.path(), &["run", "--event", "shop.order.created", "--data", "gone.json"]).exits(2);
    assert!(ran.err.starts_with("hence: cannot read gone.json: "), "{ran:#?}");
}

#[test]
fn a_folder_without_a_project_is_no_project() {
    let folder = folder(&[("notes.txt", "nothing here")]);
    for arguments in [
        &["check"][..],
        &["fmt"],
        &["fix"],
        &["run", "--data", "-"],
        &["why", "big_order", "--data", "-"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let ran = hence(folder.path(), arguments).exits(2);
        let expected = "hence: there is no project in .: neither a hence.toml nor a rule file\n";
        assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", expected), "{arguments:?}");
    }
    assert!(!folder.path().join(".hence").exists());
}

#[test]
fn files_that_are_not_utf8_are_diagnostics() {
    let project = project(GOOD);
    write(project.path(), "rules/latin.rule", b"// gr\xfc\xdfe\n");
    for arguments in [&["check"][..], &["run", "--data", "-"], &["serve", "--listen", "127.0.0.1:0"]] {
        let ran = hence(project.path(), arguments).exits(1);
        assert!(ran.err.starts_with("error[H0007]: this file is not UTF-8"), "{ran:#?}");
    }
    write(project.path(), "hence.toml", b"name = \"gr\xfc\xdfe\"\n");
    let ran = hence(project.path(), &["check"]).exits(1);
    assert!(ran.err.contains("hence.toml:1:"), "{ran:#?}");
}

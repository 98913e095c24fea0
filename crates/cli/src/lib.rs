//! The `hence` command: arguments in, one call, printed result out.
//!
//! Each command is one file in `commands/`. Results go to standard output, diagnostics to standard error. Every
//! command exits with 0 where all is well, 1 where rules, texts or data are wrong, 2 where it could not run.
//!
//! Start with [`run`].

mod commands;
mod events;
mod jit;
mod loading;
mod output;
mod settings;
mod surface;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Rules for when something happens: when … if … then …
#[derive(Debug, Parser)]
#[command(name = "hence", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a project: rules, an event to try them on, CI and editor settings.
    New(commands::new::Arguments),
    /// Parses, type-checks and lints a project.
    Check(commands::check::Arguments),
    /// Applies the fixes that are certain.
    Fix(commands::fix::Arguments),
    /// Brings rules into the one layout.
    Fmt(commands::fmt::Arguments),
    /// Runs events through the rules and prints what matched and the actions, without performing any.
    Run(commands::run::Arguments),
    /// Runs the tests of a project on virtual time.
    Test(commands::test::Arguments),
    /// Tells why a rule matches an event or does not.
    Why(commands::why::Arguments),
    /// Measures what events cost, which rules cost most, and what the index could not use.
    Bench(commands::bench::Arguments),
    /// Makes a bundle: rules and integrations in one file that can be served anywhere.
    Build(commands::build::Arguments),
    /// Makes an integration of a description: OpenAPI, AsyncAPI, JSON Schema, GitHub's webhooks.
    Import(commands::import::Arguments),
    /// Compares versions of an integration, and makes one of samples.
    Schema(commands::schema::Arguments),
    /// Prints what is in a bundle.
    Inspect(commands::inspect::Arguments),
    /// Prints the long text of a diagnostic code.
    Explain(commands::explain::Arguments),
    /// Serves an editor on standard input and output: the language server.
    Lsp(commands::lsp::Arguments),
    /// Runs the daemon: takes webhooks and events, and carries out what the rules say.
    Serve(commands::serve::Arguments),
    /// Sends a project to a daemon, which checks and tests it and then runs it.
    Deploy(commands::releases::Deploy),
    /// Has a daemon run the release that ran before, or another one.
    Rollback(commands::releases::Rollback),
    /// Lists what a daemon has run and runs.
    Releases(commands::releases::List),
    /// Manages the tokens of a daemon: who may ask it for what.
    Token(commands::token::Arguments),
    /// Copies the store of a daemon, which goes on running meanwhile.
    Backup(commands::backup::Backup),
    /// Puts a copy in the place of a store, while no daemon runs on it.
    Restore(commands::backup::Restore),
    /// Prints what completes the commands in a shell.
    Completions(commands::completions::Arguments),
    /// Writes the manual pages.
    Man(commands::man::Arguments),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All is well.
    Well,
    /// Rules, texts or data are wrong.
    Wrong,
}

/// Runs a command. `arguments` begin with the name of the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing is left to be done where not even this can be printed.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = match arguments.command {
        Command::New(arguments) => commands::new::run(&arguments),
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Fix(arguments) => commands::fix::run(&arguments),
        Command::Fmt(arguments) => commands::fmt::run(&arguments),
        Command::Run(arguments) => commands::run::run(&arguments),
        Command::Test(arguments) => commands::test::run(&arguments),
        Command::Why(arguments) => commands::why::run(&arguments),
        Command::Bench(arguments) => commands::bench::run(&arguments),
        Command::Build(arguments) => commands::build::run(&arguments),
        Command::Import(arguments) => commands::import::run(&arguments),
        Command::Inspect(arguments) => commands::inspect::run(&arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::Lsp(arguments) => commands::lsp::run(&arguments),
        Command::Schema(arguments) => commands::schema::run(&arguments),
        Command::Serve(arguments) => commands::serve::run(&arguments),
        Command::Deploy(arguments) => commands::releases::deploy(&arguments),
        Command::Rollback(arguments) => commands::releases::rollback(&arguments),
        Command::Releases(arguments) => commands::releases::list(&arguments),
        Command::Token(arguments) => commands::token::run(&arguments),
        Command::Backup(arguments) => commands::backup::backup(&arguments),
        Command::Restore(arguments) => commands::backup::restore(&arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments, Arguments::command()),
        Command::Man(arguments) => commands::man::run(&arguments, Arguments::command()),
    };
    match result {
        Ok(Ending::Well) => ExitCode::SUCCESS,
        Ok(Ending::Wrong) => ExitCode::from(1),
        Err(error) => {
            output::error(&error);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use hence_project::SETTINGS;

    use super::*;

    #[test]
    fn every_flag_and_variable_of_the_daemon_that_sets_something_stands_in_the_table_of_settings() {
        let command = Arguments::command();
        let serve = command.find_subcommand("serve").unwrap();
        let taken: Vec<(&str, String)> = serve
            .get_arguments()
            .filter_map(|argument| {
                let environment = argument.get_env()?.to_string_lossy().into_owned();
                Some((argument.get_long()?, environment))
            })
            .collect();
        for (flag, environment) in &taken {
            let known = SETTINGS.iter().any(|known| known.flag == *flag && known.environment == *environment);
            assert!(known, "--{flag} ({environment}) is not in the table");
        }
        for setting in SETTINGS.iter().filter(|setting| !setting.flag.is_empty()) {
            let known = taken.iter().any(|(flag, _)| *flag == setting.flag);
            assert!(known, "`hence serve` takes no --{}", setting.flag);
        }
    }
}

//! External functions: nothing runs them yet, so that what calls one is not loaded to be run.

use hence_diagnostics::{Code, Diagnostic};
use hence_ir::{Program, externals};

/// Returns what keeps a program from being run: the calls of external functions. Tests say the values of these.
pub fn unrunnable(program: &Program) -> Vec<Diagnostic> {
    let calls = externals(program).into_iter().map(|call| {
        let message =
            format!("`{}` calls `{}`, and nothing here runs external functions", call.rule, call.function);
        Diagnostic::new(Code::NoSandbox, call.span, message)
            .label(format!("computed by `{}`", call.file))
            .help("take the rule out; tests give the function a value, such as `with risk_score returns 0.9`")
    });
    let mut diagnostics: Vec<Diagnostic> = calls.collect();
    hence_diagnostics::sort(&mut diagnostics);
    diagnostics
}

//! External functions: those that files of the project compute. Without what runs such files nothing that calls one
//! may be loaded; tests say their values instead.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_types::Value;

use crate::{ConstantId, Operation, Program};

/// A call of an external function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// The rule that calls it.
    pub rule: Arc<str>,
    /// The function.
    pub function: Arc<str>,
    /// The file that computes it.
    pub file: Arc<str>,
    /// The source text of the call.
    pub span: Span,
}

/// Returns the calls of external functions, each function once for each rule.
pub fn externals(program: &Program) -> Vec<External> {
    let mut found: Vec<External> = Vec::new();
    for rule in &program.rules {
        for node in &rule.code.nodes {
            let Operation::External { function, file, arguments: _ } = &node.operation else { continue };
            if !found.iter().any(|known| known.rule == rule.name && known.function == *function) {
                let (rule, function, file) = (Arc::clone(&rule.name), Arc::clone(function), Arc::clone(file));
                found.push(External { rule, function, file, span: node.span });
            }
        }
    }
    found
}

/// Returns the program in which an external function has a value, whatever its arguments.
pub fn answered(program: &Program, function: &str, value: &Value) -> Program {
    let mut program = program.clone();
    for rule in &mut program.rules {
        let constant = ConstantId(rule.code.constants.len() as u32);
        let mut is_used = false;
        for node in &mut rule.code.nodes {
            if let Operation::External { function: called, .. } = &node.operation
                && **called == *function
            {
                node.operation = Operation::Constant(constant);
                is_used = true;
            }
        }
        if is_used {
            rule.code.constants.push(value.clone());
        }
    }
    program
}

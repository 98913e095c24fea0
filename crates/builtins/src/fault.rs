//! What can go wrong while an expression is evaluated. A fault ends that evaluation, never the engine.

use std::fmt;
use std::sync::Arc;

use hence_types::Currency;

/// A fault of an evaluation, with the facts its message needs. Its place is the evaluator's to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A value that the schema promises is not there, or is of another type than declared.
    Missing,
    /// The result has no room in its type.
    Overflow {
        /// The operator or function, as written.
        operation: &'static str,
    },
    /// A division by zero.
    DivisionByZero,
    /// Two amounts of different currencies.
    Currencies {
        /// The left currency.
        left: Currency,
        /// The right currency.
        right: Currency,
    },
    /// An argument that the function is not defined for.
    Argument {
        /// The function, as written.
        function: &'static str,
        /// What is wrong, such as "no zone is named `Mars/Base`".
        reason: String,
    },
    /// A function that a file computes, and nothing here runs such files.
    NoSandbox {
        /// The function.
        function: Arc<str>,
    },
    /// Values of types the checker does not let through; a defect of Hence.
    Internal {
        /// The operator or function, as written.
        operation: &'static str,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing => f.write_str("a value is missing that the schema promises"),
            Fault::Overflow { operation } => write!(f, "the result of `{operation}` is too large"),
            Fault::DivisionByZero => f.write_str("division by zero"),
            Fault::Currencies { left, right } => write!(f, "{left} and {right} are different currencies"),
            Fault::Argument { function, reason } => write!(f, "`{function}`: {reason}"),
            Fault::NoSandbox { function } => {
                write!(f, "`{function}` is an external function, and nothing runs it here")
            }
            Fault::Internal { operation } => {
                write!(f, "internal error: `{operation}` got values the checker rejects")
            }
        }
    }
}

impl std::error::Error for Fault {}

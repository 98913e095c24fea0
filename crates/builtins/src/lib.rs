//! Operators and functions: signature, meaning, documentation and examples, one file each.
//!
//! This is the only definition of every operator and function. The checker asks [`Operator::result`] and
//! [`Function::result`] for types, the interpreter calls [`Operator::apply`] and [`Function::apply`], the editor
//! and the reference print the documentation, and tests run the examples. What is missing, what overflows, what
//! a currency means: decided here, once.
//!
//! `and`, `or`, `not`, `else`, `if` and the quantifiers are not here: they decide what is evaluated, so they
//! belong to the evaluators; they are listed with their documentation in [`forms`].
//!
//! Start with [`BinaryOperator::definition`] and [`FunctionId::definition`].

mod cast;
mod fault;
pub mod forms;
mod functions;
mod operators;
mod pattern;
mod presence;
#[cfg(test)]
mod testing;

pub use cast::{cast, takes_cast};
pub use fault::Fault;
pub use functions::{Context, Function, FunctionId, Parameter, SignatureError};
pub use operators::{
    BinaryOperator, Case, Example, Operator, between, folded, negate, negated_type, takes_range,
};
pub use pattern::Pattern;
pub use presence::Presence;

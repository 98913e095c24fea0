//! `--jit`: whether conditions are compiled.

use std::sync::Arc;

use clap::ValueEnum;
use hence_jit::{Mode, Tiers};
use hence_vm::Evaluator;

/// When conditions are compiled to machine code. Answers are the same whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Jit {
    /// Never.
    Off,
    /// Those that are evaluated often, in the background.
    Auto,
    /// Each before it is evaluated for the first time.
    Always,
}

impl Jit {
    /// Returns what evaluates conditions so.
    pub(crate) fn evaluator(self) -> Arc<dyn Evaluator> {
        let mode = match self {
            Jit::Off => Mode::Off,
            Jit::Auto => Mode::Auto,
            Jit::Always => Mode::Always,
        };
        Arc::new(Tiers::new(mode))
    }
}

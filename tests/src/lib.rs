//! The harness of the corpus: every file below `corpus/` is a test of its own, and its folder says how far it runs.
//!
//! ```text
//! syntax/   the tree                          format/   the canonical text
//! check/    the diagnostics and their places  ir/       the compiled rules
//! eval/     the verdict on each event, why    run/      the actions called for each event
//! decide/   the answer to each context
//! ide/      what an editor is told at marked places
//! ```
//!
//! Beside the corpus it holds the examples that documentation shows to what they say: the pages of diagnostics
//! (`explain/`), operators, functions and forms (`examples/`), and the layout of the rules in `examples/` of the
//! repository (`layout/`), and the reference of the language (`reference/`). `mutations/` makes valid files wrong and measures what is said of it, and
//! `fuzz/` tries every stage on damaged files. `simulation/` runs the engine through crashes, failures and clocks that jump.
//!
//! Start with [`run`], then `cases`.

mod case;
mod cases;
mod decided;
mod difference;
mod driven;
mod evaluated;
mod events;
mod examples;
mod expected;
pub mod fuzzing;
mod ide;
mod marks;
mod mutation;
mod pages;
mod random;
mod reference;
mod runner;
pub mod simulation;
mod stages;

pub use mutation::mutate;
pub use runner::run;

//! A test: its name and what it does.

/// What keeps a test from passing, for people.
pub(crate) type Failed = String;

/// A test.
pub(crate) struct Case {
    /// The name, such as `check/names/unknown_field.rule`.
    pub(crate) name: String,
    test: Box<dyn Fn(Mode) -> Result<(), Failed> + Send + Sync>,
}

/// Whether a test compares, or writes what it finds as what is expected from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Compare,
    Bless,
}

impl Case {
    pub(crate) fn new(
        name: impl Into<String>,
        test: impl Fn(Mode) -> Result<(), Failed> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), test: Box::new(test) }
    }

    /// Runs the test. One that panics fails, and the others still run.
    pub(crate) fn run(&self, mode: Mode) -> Result<(), Failed> {
        let test = std::panic::AssertUnwindSafe(|| (self.test)(mode));
        std::panic::catch_unwind(test).unwrap_or_else(|_| Err("it panicked, as is printed above".to_owned()))
    }
}

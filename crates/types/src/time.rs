//! Calendar lengths of time.

/// A calendar length of time. Weeks are seven days and years twelve months; `1 day` keeps the wall clock
/// across a change of daylight-saving time, where `24 h` (a duration) does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Period {
    /// Months, years included.
    pub months: i32,
    /// Days, weeks included.
    pub days: i32,
}

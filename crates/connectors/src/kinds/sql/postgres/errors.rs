//! What an error of a PostgreSQL means: whether anything was done, and whether trying again may help.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use super::super::Problem;

/// States after which the same may succeed: classes of two characters, or whole codes, of appendix A of PostgreSQL's
/// manual.
const PASSING: &[&str] = &[
    "08",    // connections
    "25006", // a transaction that may only read: a database that takes the place of another
    "25P03", // broken off as nothing was asked for long
    "25P04", // broken off as the transaction took long
    "26000", // a prepared statement that is gone: a pool of connections in between
    "40",    // a deadlock, a conflict of transactions
    "53",    // no memory, no place on disk, too many connections
    "55006", // an object in use
    "55P03", // a lock that others hold
    "57",    // broken off by an operator, shut down, starting
    "58",    // errors of the system around
];

/// What a plan that was prepared before a table changed is answered with.
const STALE_PLAN: &str = "cached plan must not change result type";

/// Returns the problem of an error before the transaction was to be committed: nothing was done.
pub(super) fn of(error: &Error) -> Problem {
    match error.as_db_error() {
        Some(answer) if is_passing(answer) => Problem::for_now(said(answer)),
        Some(answer) => Problem::mistake(said(answer)),
        None if is_lost(error) => {
            Problem::for_now(format!("the connection to the database was lost: {}", causes(error)))
        }
        None => Problem::mistake(format!("the database cannot be asked: {}", causes(error))),
    }
}

/// Returns the problem of an error of the commit itself: unless the database says that it refused, nobody knows.
pub(super) fn of_commit(error: &Error) -> Problem {
    let refused = |answer: &&DbError| {
        let state = answer.code().code();
        // A constraint that is looked at last, or a conflict of transactions.
        state.starts_with("23") || state.starts_with("40")
    };
    match error.as_db_error().filter(refused) {
        Some(_) => of(error),
        None => Problem::unknown(format!("whether it was done is not known: {}", causes(error))),
    }
}

/// Returns the problem of a connection that could not be made.
pub(super) fn of_connecting(address: &impl std::fmt::Display, error: &Error) -> Problem {
    Problem::for_now(format!("the database `{address}` cannot be opened: {}", causes(error)))
}

fn is_passing(answer: &DbError) -> bool {
    let state = answer.code().code();
    PASSING.iter().any(|passing| state.starts_with(passing)) || answer.message() == STALE_PLAN
}

fn is_lost(error: &Error) -> bool {
    error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// What the database says, with what it says of it.
fn said(answer: &DbError) -> String {
    let detail = answer.detail().or(answer.hint()).map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("the database says: {}{detail}", answer.message())
}

/// The innermost cause, which says what matters.
fn causes(error: &Error) -> String {
    if let Some(answer) = error.as_db_error() {
        return answer.message().to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

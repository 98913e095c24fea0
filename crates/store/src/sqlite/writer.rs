//! The one thread that writes. Whatever waits when it begins goes into one transaction, so that many callers
//! share one write to disk. If one of them is refused all is taken back and done again with each in a savepoint, so that it
//! harms no other: that is rare, and a savepoint copies every page that a job changes.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use hence_engine::store::Error;
use hence_engine::{Accepted, Change, Commits, NewEvent};
use rusqlite::Connection;

use super::errors::Address;
use super::{events, executions, firings, rules, steps, timers, waits, watches};

/// The most jobs in one transaction: bounds how long the first of them waits.
const BATCH: usize = 4096;

/// From how many pages on the log is copied back into the file.
const CHECKPOINT_PAGES: i64 = 4_000;

/// From how many pages on (64 MiB of 4 KiB) the log is also begun anew, which waits for readers.
const RESTART_PAGES: i64 = 16_384;

/// The refusal of a change that is never refused.
const NEVER_REFUSED: Error = Error::Conflict { what: String::new() };

/// Something to write, and where the answer goes.
enum Job {
    Accept(Vec<NewEvent>, SyncSender<Result<Vec<Accepted>, Error>>),
    Apply(Vec<Change>, SyncSender<Result<Vec<Accepted>, Error>>),
    Write(Statements),
}

/// Statements on the writing connection; gives what answers after the commit. Not run if the transaction did not begin.
type Statements = Box<dyn FnOnce(&Thread, Option<&Error>) -> Answer + Send>;

/// The writing thread. Dropping it waits until all jobs are done.
pub(super) struct Writer {
    address: Address,
    queue: Mutex<Option<Sender<Job>>>,
    thread: Option<JoinHandle<()>>,
    /// Why the last write failed, if it did.
    failed: Failed,
    commits: Arc<Mutex<Commits>>,
}

/// Why the last write failed, if it did. A change that is refused is no failure.
type Failed = Arc<Mutex<Option<Error>>>;

impl Writer {
    pub(super) fn start(address: Address, connection: Connection) -> Result<Self, Error> {
        let (queue, jobs) = channel();
        let (failed, commits) = (Failed::default(), Arc::<Mutex<Commits>>::default());
        let thread = Thread {
            address: address.clone(),
            connection,
            copied: 0,
            has_failed: Cell::default(),
            failed: Arc::clone(&failed),
            commits: Arc::clone(&commits),
        };
        let thread = Builder::new().name("hence-store".to_owned()).spawn(move || thread.run(&jobs));
        let thread = thread.map_err(|error| address.io_error(&error))?;
        Ok(Self { address, queue: Mutex::new(Some(queue)), thread: Some(thread), failed, commits })
    }

    pub(super) fn accept(&self, events: Vec<NewEvent>) -> Result<Vec<Accepted>, Error> {
        self.ask(|answer| Job::Accept(events, answer))
    }

    pub(super) fn apply(&self, changes: Vec<Change>) -> Result<Vec<Accepted>, Error> {
        self.ask(|answer| Job::Apply(changes, answer))
    }

    /// Runs statements, and returns what they give.
    pub(super) fn write<T: Send + 'static>(
        &self,
        statements: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.ask(|answer| {
            Job::Write(Box::new(move |thread, broken| {
                let write = || statements(&thread.connection).map_err(|error| thread.address.error(&error));
                answer_after_commit(thread.guarded(broken, write), answer)
            }))
        })
    }

    /// Returns what writing has cost.
    pub(super) fn commits(&self) -> Commits {
        *self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether it can write; where it last could not, it tries.
    pub(super) fn check(&self) -> Result<(), Error> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if !failed {
            return Ok(());
        }
        let sql = "UPDATE migrations SET applied_at = applied_at WHERE number = 1";
        self.write(|connection| connection.prepare_cached(sql)?.execute([])).map(drop)
    }

    fn ask<T>(&self, job: impl FnOnce(SyncSender<Result<T, Error>>) -> Job) -> Result<T, Error> {
        let (answer, answered) = sync_channel(1);
        let sent = match &*self.queue.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(queue) => queue.send(job(answer)).is_ok(),
            None => false,
        };
        if sent { answered.recv().unwrap_or_else(|_| Err(self.stopped())) } else { Err(self.stopped()) }
    }

    fn stopped(&self) -> Error {
        self.address.unavailable("its writing thread has ended")
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has already been reported, and there is nobody left to hear of it.
            drop(thread.join());
        }
    }
}

/// What the thread owns.
struct Thread {
    address: Address,
    connection: Connection,
    /// How many pages of the log were copied back when it was last looked at.
    copied: i64,
    /// Whether a job of the batch could not be written.
    has_failed: Cell<bool>,
    failed: Failed,
    commits: Arc<Mutex<Commits>>,
}

/// An answer that waits for the commit.
type Answer = Box<dyn FnOnce(Option<&Error>)>;

impl Thread {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Some(batch) = next_batch(jobs) {
            self.write(batch);
            if let Err(error) = self.checkpoint() {
                // Not fatal: the log grows and the next batch tries again.
                tracing::warn!(store = %self.address, %error, "the log of the store could not be copied back");
            }
        }
    }

    /// Writes a batch in one transaction and answers after the commit. If the transaction fails, so do all jobs.
    fn write(&self, batch: Vec<Job>) {
        let (started, writes) = (Instant::now(), batch.len() as u64);
        let begun = self.execute("BEGIN IMMEDIATE");
        let (begun, answers) = match begun.and_then(|()| self.together(&batch)) {
            Ok(Some(accepted)) => (Ok(()), batch.into_iter().zip(accepted).map(answer_of).collect()),
            begun => {
                let begun = begun.map(drop);
                let broken = begun.as_ref().err();
                let answers: Vec<Answer> = batch.into_iter().map(|job| self.job(job, broken)).collect();
                (begun, answers)
            }
        };
        let committed = begun.and_then(|()| self.execute("COMMIT"));
        if committed.is_err() && !self.connection.is_autocommit() {
            // The error of the commit is the one that is told.
            drop(self.execute("ROLLBACK"));
        }
        if committed.is_ok() {
            let took = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
            commits.count += 1;
            commits.writes += writes;
            commits.nanoseconds = commits.nanoseconds.saturating_add(took);
        }
        let error = committed.err();
        if error.is_some() || !self.has_failed.replace(false) {
            self.note(error.as_ref());
        }
        answers.into_iter().for_each(|answer| answer(error.as_ref()));
    }

    /// Does all jobs of a batch in the transaction that was begun; nothing if one of them is refused or of a kind that
    /// cannot be done twice, and the transaction is then as if it were just begun.
    fn together(&self, batch: &[Job]) -> Result<Option<Vec<Vec<Accepted>>>, Error> {
        if batch.iter().any(|job| matches!(job, Job::Write(_))) {
            return Ok(None);
        }
        let mut accepted = Vec::with_capacity(batch.len());
        for job in batch {
            let done = match job {
                Job::Accept(new, _) => self.accept(new),
                Job::Apply(changes, _) => self.apply_all(changes),
                Job::Write(_) => return Ok(None),
            };
            match done {
                Ok(done) => accepted.push(done),
                Err(_) => {
                    // SQLite may have ended it by itself.
                    if !self.connection.is_autocommit() {
                        self.execute("ROLLBACK")?;
                    }
                    self.execute("BEGIN IMMEDIATE")?;
                    return Ok(None);
                }
            }
        }
        Ok(Some(accepted))
    }

    fn accept(&self, new: &[NewEvent]) -> Result<Vec<Accepted>, Error> {
        let accepted = new.iter().map(|event| events::accept(&self.connection, event));
        accepted.collect::<rusqlite::Result<_>>().map_err(|error| self.address.error(&error))
    }

    fn apply_all(&self, changes: &[Change]) -> Result<Vec<Accepted>, Error> {
        changes.iter().map(|change| self.apply(change)).filter_map(Result::transpose).collect()
    }

    /// Remembers whether the last write failed.
    fn note(&self, error: Option<&Error>) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = error.cloned();
    }

    fn job(&self, job: Job, broken: Option<&Error>) -> Answer {
        match job {
            Job::Accept(new, answer) => {
                answer_after_commit(self.guarded(broken, || self.accept(&new)), answer)
            }
            Job::Write(statements) => statements(self, broken),
            Job::Apply(changes, answer) => {
                answer_after_commit(self.guarded(broken, || self.apply_all(&changes)), answer)
            }
        }
    }

    /// Runs a job in a savepoint and takes it back if it fails.
    ///
    /// SQLite ends the whole transaction by itself after some errors, as a full disk; what comes after in the
    /// batch fails then, and so does the commit.
    fn guarded<T>(&self, broken: Option<&Error>, job: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        if let Some(error) = broken {
            return Err(error.clone());
        }
        if self.connection.is_autocommit() {
            return Err(self.address.unavailable("the transaction was ended by an error before"));
        }
        self.execute("SAVEPOINT job")?;
        let result = job();
        if let Err(error) = &result
            && !matches!(error, Error::Conflict { .. })
        {
            self.has_failed.set(true);
            self.note(Some(error));
        }
        if result.is_err() && !self.connection.is_autocommit() {
            self.execute("ROLLBACK TO job")?;
        }
        if !self.connection.is_autocommit() {
            self.execute("RELEASE job")?;
        }
        result
    }

    /// Writes a change; tells what became of it if it is an event.
    fn apply(&self, change: &Change) -> Result<Option<Accepted>, Error> {
        let connection = &self.connection;
        let (written, conflict) = match change {
            Change::EventMatched(sequence) => (
                events::matched(connection, *sequence),
                Error::Conflict { what: format!("event {}", sequence.0) },
            ),
            Change::RuleKept(kept) => return self.done(rules::keep(connection, kept)),
            Change::ExecutionStarted(execution) => {
                (executions::insert(connection, execution), executions::conflict(&execution.id))
            }
            Change::ExecutionChanged(execution) => {
                (executions::update(connection, execution), executions::conflict(&execution.id))
            }
            Change::StepStarted(step) => (
                steps::insert(connection, step),
                Error::Conflict { what: format!("step {} of execution {}", step.sequence, step.execution) },
            ),
            Change::StepEnded(end) => {
                (steps::end(connection, end).map(|()| true), executions::conflict(&end.execution))
            }
            Change::WatchBegun(watched) => return self.done(timers::begin_watch(connection, watched)),
            Change::WatchEnded(target) => return self.done(timers::end_watch(connection, target)),
            Change::TimerSet(timer) => return self.done(timers::set(connection, timer)),
            Change::TimerDropped(key) => return self.done(timers::remove(connection, key)),
            Change::TimerFired(timer) => (timers::fired(connection, timer), timers::conflict(timer)),
            Change::EventAccepted(event) => {
                let accepted = events::accept(connection, event);
                return accepted.map(Some).map_err(|error| self.address.error(&error));
            }
            Change::WaitBegun(wait) => {
                (waits::begin(connection, wait), executions::conflict(&wait.execution))
            }
            Change::Fired(firing) => (
                firings::insert(connection, firing),
                Error::Conflict { what: "a run that counts".to_owned() },
            ),
            Change::WaitsEnded(execution) => {
                (waits::end_all(connection, execution).map(|()| true), executions::conflict(execution))
            }
            Change::WaitEnded { execution, strand } => {
                (waits::end(connection, execution, *strand).map(|()| true), executions::conflict(execution))
            }
            Change::WatchKept(state) => (watches::keep(connection, state).map(|()| true), NEVER_REFUSED),
            Change::WatchForgotten(id) => (watches::forget(connection, id).map(|()| true), NEVER_REFUSED),
            Change::LookedAt(up_to) => (watches::look_at(connection, up_to).map(|()| true), NEVER_REFUSED),
            Change::WatchesLoaded { watches, looked_at } => {
                (watches::load(connection, watches, looked_at).map(|()| true), NEVER_REFUSED)
            }
        };
        match written {
            Ok(true) => Ok(None),
            Ok(false) => Err(conflict),
            Err(error) => Err(self.address.error(&error)),
        }
    }

    fn done(&self, written: rusqlite::Result<()>) -> Result<Option<Accepted>, Error> {
        written.map(|()| None).map_err(|error| self.address.error(&error))
    }

    /// Copies the log back into the file when it has grown, and begins it anew when it is large.
    ///
    /// Copying alone never begins it anew under constant load, as some reader always stands in it; waiting for
    /// the readers at a high mark keeps it bounded. A mark is looked at again only after as much growth, so that
    /// a reader that stays does not have every batch wait.
    fn checkpoint(&mut self) -> Result<(), Error> {
        let (pages, _) = self.log("PRAGMA wal_checkpoint(NOOP)")?;
        if pages < self.copied {
            self.copied = 0;
        }
        if pages - self.copied >= CHECKPOINT_PAGES {
            let how = if pages >= RESTART_PAGES {
                "PRAGMA wal_checkpoint(RESTART)"
            } else {
                "PRAGMA wal_checkpoint(PASSIVE)"
            };
            self.log(how)?;
            self.copied = pages;
        }
        Ok(())
    }

    /// Returns how many pages the log has, and how many of them are copied back.
    fn log(&self, pragma: &str) -> Result<(i64, i64), Error> {
        let mut statement =
            self.connection.prepare_cached(pragma).map_err(|error| self.address.error(&error))?;
        let pages = statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?)));
        pages.map_err(|error| self.address.error(&error))
    }

    fn execute(&self, sql: &str) -> Result<(), Error> {
        let executed = self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        executed.map(drop).map_err(|error| self.address.error(&error))
    }
}

/// Waits for a job, and returns it with those that wait already; nothing once there can be no more.
fn next_batch(jobs: &Receiver<Job>) -> Option<Vec<Job>> {
    let first = jobs.recv().ok()?;
    Some(std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1)).collect())
}

fn answer_of((job, accepted): (Job, Vec<Accepted>)) -> Answer {
    match job {
        Job::Accept(_, answer) | Job::Apply(_, answer) => answer_after_commit(Ok(accepted), answer),
        Job::Write(_) => Box::new(|_| {}),
    }
}

fn answer_after_commit<T: 'static>(result: Result<T, Error>, to: SyncSender<Result<T, Error>>) -> Answer {
    Box::new(move |error| {
        let answer = match error {
            Some(error) => Err(error.clone()),
            None => result,
        };
        // A caller that has gone away needs no answer.
        drop(to.send(answer));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_that_wait_share_a_transaction_up_to_a_limit() {
        let (queue, jobs) = channel();
        let (answer, _answered) = sync_channel(1);
        for _ in 0..BATCH + 20 {
            queue.send(Job::Apply(Vec::new(), answer.clone())).unwrap();
        }
        drop(queue);
        assert_eq!(next_batch(&jobs).map(|batch| batch.len()), Some(BATCH));
        assert_eq!(next_batch(&jobs).map(|batch| batch.len()), Some(20));
        assert!(next_batch(&jobs).is_none());
    }

    #[test]
    fn a_store_that_becomes_read_only_says_so_until_it_can_be_written() {
        let address = Address::new("x");
        let mut connection = Connection::open_in_memory().unwrap();
        super::super::schema::prepare(&address, &mut connection).unwrap();
        let writer = Writer::start(address, connection).unwrap();
        // The answer is that of the transaction, which does not begin while nothing can be written.
        let set = |is_read_only: bool| {
            let set = writer.ask(|answer| {
                Job::Write(Box::new(move |thread, _| {
                    thread.connection.pragma_update(None, "query_only", is_read_only).unwrap();
                    answer_after_commit(Ok(()), answer)
                }))
            });
            drop(set);
        };
        let write = || {
            let sql = "UPDATE migrations SET applied_at = 0 WHERE number = 1";
            writer.write(move |connection| connection.execute(sql, []))
        };
        assert_eq!((write(), writer.check()), (Ok(1), Ok(())));
        set(true);
        let read_only = Error::ReadOnly { store: "x".into() };
        assert_eq!(write(), Err(read_only.clone()));
        assert_eq!(writer.check(), Err(read_only));
        set(false);
        assert_eq!(writer.check(), Ok(()));
        assert_eq!(write(), Ok(1));
    }
}

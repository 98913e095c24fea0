//! A store that fails when it is told to, as a disk does that is full or taken away: for tests of whatever uses a store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hence_engine::store::Error;
use hence_engine::{Change, Store};

use crate::gated::{Gate, Gated};

/// A store that fails when it is told to.
pub struct Faulty {
    store: Arc<dyn Store>,
    writes: Mutex<Option<Error>>,
    reads: Mutex<Option<Error>>,
    /// How reads fail once something was written.
    reads_then: Mutex<Option<Error>>,
}

impl Faulty {
    /// Returns a store that does not fail yet.
    pub fn over(store: Arc<dyn Store>) -> Gated<Self> {
        let (writes, reads, reads_then) = Default::default();
        Gated(Self { store, writes, reads, reads_then })
    }

    /// Has everything that writes fail so from now on, or not any more.
    pub fn fail_writes(&self, error: Option<Error>) {
        *locked(&self.writes) = error;
    }

    /// Has everything that reads fail so from now on, or not any more.
    pub fn fail_reads(&self, error: Option<Error>) {
        *locked(&self.reads) = error;
    }

    /// Has everything that reads fail so after the next write.
    pub fn fail_reads_after_a_write(&self, error: Error) {
        *locked(&self.reads_then) = Some(error);
    }
}

impl Gate for Faulty {
    fn read<T>(&self, read: impl FnOnce(&dyn Store) -> Result<T, Error>) -> Result<T, Error> {
        let error = locked(&self.reads).clone();
        error.map_or_else(|| read(&*self.store), Err)
    }

    fn write<T>(
        &self,
        _changes: &[Change],
        write: impl FnOnce(&dyn Store) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let error = locked(&self.writes).clone();
        let written = error.map_or_else(|| write(&*self.store), Err)?;
        if let Some(error) = locked(&self.reads_then).take() {
            self.fail_reads(Some(error));
        }
        Ok(written)
    }
}

fn locked(error: &Mutex<Option<Error>>) -> MutexGuard<'_, Option<Error>> {
    error.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Copies of a store: made while the daemon runs, and put back while it does not.

use std::fs::File;
use std::path::{Path, PathBuf};

use hence_engine::store::Error;
use rusqlite::{Connection, OpenFlags};

use super::errors::Address;
use super::{BUSY_TIMEOUT, Sqlite, lock, schema};

impl Sqlite {
    /// Copies the store in a file to another file, as it is at one moment. A daemon that runs on it goes on meanwhile.
    /// Returns the size of the copy in bytes.
    ///
    /// # Errors
    /// If there is no store, the target is there already or cannot be written, or the copy is not whole.
    pub fn backup(store: &Path, target: &Path) -> Result<u64, Error> {
        let address = Address::new(&store.display().to_string());
        let connection = existing(&address, store)?;
        let copy = Address::new(&target.display().to_string());
        if target.exists() {
            return Err(copy.unavailable("there is a file of this name already"));
        }
        // A failure in the middle leaves nothing behind that looks like a copy.
        let partial = beside(target, ".partial");
        let made = make_copy(&address, &connection, &copy, &partial, target);
        if made.is_err() {
            // It may not have been begun.
            let _ = std::fs::remove_file(&partial);
        }
        made
    }

    /// Puts a copy in the place of a store. No daemon runs on it, and there is none yet, unless it is to be replaced: then
    /// it is kept beside, its name ending in `.replaced`, or in `.replaced-2` and so on where others were kept before.
    /// Returns where it is kept, if there was one.
    ///
    /// # Errors
    /// If the copy is no whole store, was written by a newer version, the place is taken or held, or cannot be written.
    pub fn restore(copy: &Path, store: &Path, replace: bool) -> Result<Option<PathBuf>, Error> {
        let (from, to) =
            (Address::new(&copy.display().to_string()), Address::new(&store.display().to_string()));
        check(&from, &existing(&from, copy)?)?;
        let _lock = lock(store, &to)?;
        if store.exists() && !replace {
            return Err(to.unavailable("there is a store already"));
        }
        let partial = beside(store, ".partial");
        let failed = |error: std::io::Error| to.io_error(&error);
        std::fs::copy(copy, &partial).map_err(failed)?;
        synced(&partial).map_err(failed)?;
        let (is_there, kept) = (store.exists(), free_beside(store));
        for suffix in SUFFIXES {
            let old = beside(store, suffix);
            if old.exists() {
                std::fs::rename(&old, beside(&kept, suffix)).map_err(failed)?;
            }
        }
        std::fs::rename(&partial, store).map_err(failed)?;
        folder_synced(store).map_err(failed)?;
        Ok(is_there.then_some(kept))
    }
}

/// What the names of the files of a store end in.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

/// Returns the first name for a store that is replaced that no file has.
fn free_beside(store: &Path) -> PathBuf {
    let mut kept = beside(store, ".replaced");
    let mut number = 2_u64;
    while SUFFIXES.iter().any(|suffix| beside(&kept, suffix).symlink_metadata().is_ok()) {
        kept = beside(store, &format!(".replaced-{number}"));
        number += 1;
    }
    kept
}

fn make_copy(
    address: &Address,
    connection: &Connection,
    copy: &Address,
    partial: &Path,
    target: &Path,
) -> Result<u64, Error> {
    if partial.exists() {
        std::fs::remove_file(partial).map_err(|error| copy.io_error(&error))?;
    }
    let into = partial.to_string_lossy();
    connection.execute("VACUUM INTO ?1", [&*into]).map_err(|error| address.error(&error))?;
    check(copy, &existing(copy, partial)?)?;
    let written = || {
        synced(partial)?;
        std::fs::rename(partial, target)?;
        folder_synced(target)?;
        Ok(std::fs::metadata(target)?.len())
    };
    written().map_err(|error: std::io::Error| copy.io_error(&error))
}

/// Opens a file that is there.
fn existing(address: &Address, path: &Path) -> Result<Connection, Error> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(connection)
    };
    if !path.is_file() {
        return Err(address.unavailable("there is no such file"));
    }
    let connection = open().map_err(|error| address.error(&error))?;
    schema::refuse_other(address, &connection)?;
    Ok(connection)
}

/// Holds that a store is whole.
fn check(address: &Address, connection: &Connection) -> Result<(), Error> {
    let found = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    let found = found.map_err(|error| address.error(&error))?;
    if found == "ok" { Ok(()) } else { Err(address.corrupt(found)) }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn synced(path: &Path) -> std::io::Result<()> {
    File::options().write(true).open(path)?.sync_all()
}

/// Makes durable that a file has its name.
fn folder_synced(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use hence_engine::{EventFilter, NewEvent, Store};
    use hence_types::jiff::Timestamp;

    use super::*;

    fn event(id: &str) -> NewEvent {
        NewEvent {
            id: id.into(),
            source: "shop".into(),
            name: "shop.order.created".into(),
            received_at: Timestamp::UNIX_EPOCH,
            occurred_at: Timestamp::UNIX_EPOCH,
            payload: "{}".into(),
            mismatches: Vec::new(),
            target: None,
            cause: None,
            trace: None,
        }
    }

    fn ids(path: &Path) -> Vec<String> {
        let store = Sqlite::open(path).unwrap();
        let events = store.events(&EventFilter::default(), None, 100).unwrap().items;
        events.iter().map(|stored| stored.event.id.to_string()).collect()
    }

    #[test]
    fn a_copy_is_made_while_the_store_is_written_and_put_back_later() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("hence.db"), folder.path().join("copy.db"));
        let store = Sqlite::open(&path).unwrap();
        store.accept(&[event("e1")]).unwrap();
        assert!(Sqlite::backup(&path, &copy).unwrap() > 0);
        store.accept(&[event("e2")]).unwrap();

        let held = Sqlite::restore(&copy, &path, true).unwrap_err();
        assert!(matches!(held, Error::Locked { .. }), "{held}");
        drop(store);
        let taken = Sqlite::restore(&copy, &path, false).unwrap_err().to_string();
        assert!(taken.contains("there is a store already"), "{taken}");
        let replaced = folder.path().join("hence.db.replaced");
        assert_eq!(Sqlite::restore(&copy, &path, true).unwrap().as_ref(), Some(&replaced));
        assert_eq!(ids(&path), ["e1"]);
        assert_eq!(ids(&replaced), ["e2", "e1"]);
    }

    #[test]
    fn what_was_replaced_before_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        drop(Sqlite::open(&at("copy.db")).unwrap());
        assert_eq!(Sqlite::restore(&at("copy.db"), &at("hence.db"), true).unwrap(), None);
        let kept = ["hence.db.replaced", "hence.db.replaced-2", "hence.db.replaced-3"];
        for (number, name) in kept.iter().enumerate() {
            Sqlite::open(&at("hence.db")).unwrap().accept(&[event(&format!("e{number}"))]).unwrap();
            assert_eq!(Sqlite::restore(&at("copy.db"), &at("hence.db"), true).unwrap(), Some(at(name)));
        }
        for (number, name) in kept.iter().enumerate() {
            assert_eq!(ids(&at(name)), [format!("e{number}")]);
        }
        assert!(ids(&at("hence.db")).is_empty());
    }

    #[test]
    fn what_is_no_store_is_neither_copied_nor_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let missing = Sqlite::backup(&at("no.db"), &at("copy.db")).unwrap_err().to_string();
        assert!(missing.contains("there is no such file"), "{missing}");
        Connection::open(at("other.db")).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        let other = Sqlite::backup(&at("other.db"), &at("copy.db")).unwrap_err().to_string();
        assert!(other.contains("another program"), "{other}");
        std::fs::write(at("text.db"), "no database at all, but longer than the head of one is".repeat(4))
            .unwrap();
        assert!(matches!(
            Sqlite::restore(&at("text.db"), &at("hence.db"), false),
            Err(Error::Corrupt { .. })
        ));
        drop(Sqlite::open(&at("hence.db")).unwrap());
        std::fs::write(at("there.db"), "").unwrap();
        let there = Sqlite::backup(&at("hence.db"), &at("there.db")).unwrap_err().to_string();
        assert!(there.contains("a file of this name"), "{there}");
        assert!(!at("copy.db").exists() && !at("copy.db.partial").exists());
    }
}

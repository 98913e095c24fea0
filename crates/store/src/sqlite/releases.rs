//! Releases.

use hence_engine::store::Error;
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Sqlite;
use crate::releases::{
    Activation, Canary, Disabled, NewRelease, Origin, RECENT, Release, Releases, StoredContent,
};

const COLUMNS: &str = "id, hash, origin, made_at, made_by, note, rules";

impl Releases for Sqlite {
    fn add_release(&self, release: &NewRelease, activate: bool) -> Result<u64, Error> {
        let release = release.clone();
        self.writer.write(move |connection| {
            let sql = "INSERT INTO releases (hash, origin, made_at, made_by, note, rules, content)
                VALUES (?, ?, ?, ?, ?, ?, ?)";
            connection.prepare_cached(sql)?.execute(params![
                release.hash,
                release.origin.as_str(),
                release.made_at.as_microsecond(),
                release.made_by,
                release.note,
                serde_json::json!(release.rules).to_string(),
                release.content,
            ])?;
            let id = number(connection.last_insert_rowid());
            if activate {
                let who = release.made_by.clone();
                record(
                    connection,
                    &Activation { release: id, at: release.made_at, who, is_rollback: false },
                )?;
            }
            Ok(id)
        })
    }

    fn releases(&self, before: Option<u64>, limit: usize) -> Result<Vec<Release>, Error> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM releases WHERE id < ? ORDER BY id DESC LIMIT ?");
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let wanted = params![before.map_or(i64::MAX, stored), limit];
            connection.prepare_cached(&sql)?.query_map(wanted, release)?.collect()
        })
    }

    fn release(&self, id: u64) -> Result<Option<Release>, Error> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM releases WHERE id = ?");
            connection.prepare_cached(&sql)?.query_row([stored(id)], release).optional()
        })
    }

    fn content(&self, id: u64) -> Result<StoredContent, Error> {
        self.read(|connection| {
            let sql = "SELECT content FROM releases WHERE id = ?";
            let found: Option<Vec<u8>> =
                connection.prepare_cached(sql)?.query_row([stored(id)], |row| row.get(0)).optional()?;
            Ok(match found {
                // No content is empty: one that was forgotten is.
                Some(content) if content.is_empty() => StoredContent::Forgotten,
                Some(content) => StoredContent::Kept(content),
                None => StoredContent::Unknown,
            })
        })
    }

    fn forget_contents(&self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.writer.write(move |connection| {
            // One that was active ran until the next was made active, and the last one runs still.
            let sql = "UPDATE releases SET content = x'' WHERE id IN (
                SELECT id FROM releases WHERE made_at < ?1 AND content <> x''
                AND id NOT IN (SELECT release FROM canary)
                AND id NOT IN (SELECT release FROM activations GROUP BY release
                    ORDER BY max(sequence) DESC LIMIT ?2)
                AND id NOT IN (SELECT a.release FROM activations a
                    JOIN activations b ON b.sequence = a.sequence + 1 WHERE b.at >= ?1)
                ORDER BY id LIMIT ?3)";
            connection.prepare_cached(sql)?.execute(params![before.as_microsecond(), RECENT, limit])
        })
    }

    fn latest_of_place(&self) -> Result<Option<Release>, Error> {
        self.read(|connection| {
            let sql =
                format!("SELECT {COLUMNS} FROM releases WHERE origin = 'place' ORDER BY id DESC LIMIT 1");
            connection.prepare_cached(&sql)?.query_row([], release).optional()
        })
    }

    fn activate(&self, activation: &Activation) -> Result<(), Error> {
        let activation = activation.clone();
        self.writer.write(move |connection| record(connection, &activation))
    }

    fn activations(&self) -> Result<Vec<Activation>, Error> {
        self.read(|connection| {
            let sql = "SELECT release, at, who, is_rollback FROM activations ORDER BY sequence";
            let activation = |row: &Row<'_>| {
                Ok(Activation {
                    release: number(row.get("release")?),
                    at: instant(row, "at")?,
                    who: row.get("who")?,
                    is_rollback: row.get("is_rollback")?,
                })
            };
            connection.prepare_cached(sql)?.query_map([], activation)?.collect()
        })
    }

    fn set_canary(&self, canary: Option<&Canary>) -> Result<(), Error> {
        let canary = canary.cloned();
        self.writer.write(move |connection| {
            let Some(Canary { release, percent, at, who }) = canary else {
                return end_canary(connection);
            };
            let sql =
                "INSERT OR REPLACE INTO canary (only_one, release, percent, at, who) VALUES (1, ?, ?, ?, ?)";
            let values = params![stored(release), percent, at.as_microsecond(), who];
            connection.prepare_cached(sql)?.execute(values).map(drop)
        })
    }

    fn canary(&self) -> Result<Option<Canary>, Error> {
        self.read(|connection| {
            let canary = |row: &Row<'_>| {
                Ok(Canary {
                    release: number(row.get("release")?),
                    percent: row.get("percent")?,
                    at: instant(row, "at")?,
                    who: row.get("who")?,
                })
            };
            let sql = "SELECT release, percent, at, who FROM canary";
            connection.prepare_cached(sql)?.query_row([], canary).optional()
        })
    }

    fn disable_rule(&self, disabled: &Disabled) -> Result<bool, Error> {
        let Disabled { rule, at, who } = disabled.clone();
        let changed = self.writer.write(move |connection| {
            let sql =
                "INSERT INTO disabled_rules (rule, at, who) VALUES (?, ?, ?) ON CONFLICT (rule) DO NOTHING";
            connection.prepare_cached(sql)?.execute(params![rule, at.as_microsecond(), who])
        });
        Ok(changed? == 1)
    }

    fn enable_rule(&self, rule: &str) -> Result<bool, Error> {
        let rule = rule.to_owned();
        let changed = self.writer.write(move |connection| {
            connection.prepare_cached("DELETE FROM disabled_rules WHERE rule = ?")?.execute([rule])
        });
        Ok(changed? == 1)
    }

    fn disabled_rules(&self) -> Result<Vec<Disabled>, Error> {
        self.read(|connection| {
            let disabled = |row: &Row<'_>| {
                Ok(Disabled { rule: row.get("rule")?, at: instant(row, "at")?, who: row.get("who")? })
            };
            let sql = "SELECT rule, at, who FROM disabled_rules ORDER BY rule";
            connection.prepare_cached(sql)?.query_map([], disabled)?.collect()
        })
    }
}

fn record(connection: &Connection, activation: &Activation) -> rusqlite::Result<()> {
    let sql = "INSERT INTO activations (release, at, who, is_rollback) VALUES (?, ?, ?, ?)";
    let Activation { release, at, who, is_rollback } = activation;
    let values = params![stored(*release), at.as_microsecond(), who, is_rollback];
    connection.prepare_cached(sql)?.execute(values)?;
    end_canary(connection)
}

fn end_canary(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM canary")?.execute([]).map(drop)
}

fn release(row: &Row<'_>) -> rusqlite::Result<Release> {
    let origin: String = row.get("origin")?;
    let rules: String = row.get("rules")?;
    Ok(Release {
        id: number(row.get("id")?),
        hash: row.get("hash")?,
        origin: Origin::parse(&origin).unwrap_or(Origin::Deployed),
        made_at: instant(row, "made_at")?,
        made_by: row.get("made_by")?,
        note: row.get("note")?,
        rules: serde_json::from_str(&rules).unwrap_or_default(),
    })
}

fn instant(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Ok(Timestamp::from_microsecond(row.get(column)?).unwrap_or_default())
}

fn stored(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

fn number(id: i64) -> u64 {
    u64::try_from(id).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn new(hash: &str, origin: Origin) -> NewRelease {
        NewRelease {
            hash: hash.to_owned(),
            origin,
            made_at: at(1),
            made_by: "ann".to_owned(),
            note: "why".to_owned(),
            rules: BTreeMap::from([("vip".to_owned(), "1".to_owned())]),
            content: hash.as_bytes().to_vec(),
        }
    }

    fn store(folder: &tempfile::TempDir) -> Sqlite {
        Sqlite::open(&folder.path().join("hence.db")).unwrap()
    }

    #[test]
    fn releases_are_kept_with_their_content_and_history() {
        let folder = tempfile::tempdir().unwrap();
        {
            let store = store(&folder);
            assert_eq!(store.add_release(&new("a", Origin::Place), true).unwrap(), 1);
            assert_eq!(store.add_release(&new("b", Origin::Deployed), false).unwrap(), 2);
            let activation = Activation { release: 2, at: at(2), who: "bob".to_owned(), is_rollback: false };
            store.activate(&activation).unwrap();
        }
        let store = store(&folder);
        let listed: Vec<u64> = store.releases(None, 10).unwrap().iter().map(|release| release.id).collect();
        assert_eq!(listed, [2, 1]);
        assert_eq!(store.releases(Some(2), 10).unwrap().len(), 1);
        let first = store.release(1).unwrap().unwrap();
        let NewRelease { hash, origin, made_at, made_by, note, rules, content } = new("a", Origin::Place);
        assert_eq!(first, Release { id: 1, hash, origin, made_at, made_by, note, rules });
        assert_eq!(store.content(1).unwrap(), StoredContent::Kept(content));
        let unknown = (store.release(3).unwrap(), store.content(3).unwrap());
        assert_eq!(unknown, (None, StoredContent::Unknown));
        assert_eq!(store.latest_of_place().unwrap(), Some(first));
        let active: Vec<u64> = store.activations().unwrap().iter().map(|active| active.release).collect();
        assert_eq!(active, [1, 2]);
    }

    #[test]
    fn a_release_that_is_not_there_cannot_be_active() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let activation = Activation { release: 7, at: at(2), who: String::new(), is_rollback: false };
        assert!(store.activate(&activation).is_err());
        assert_eq!(store.activations().unwrap(), []);
    }

    #[test]
    fn content_is_forgotten_of_what_has_not_run_for_long_and_is_none_of_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        // Releases 1 to 14 run one after the other, for ten seconds each; 15 is a canary, and 16 never runs.
        for release in 1..=14 {
            store.add_release(&new("x", Origin::Deployed), false).unwrap();
            let at = at(10 * i64::try_from(release).unwrap());
            store.activate(&Activation { release, at, who: String::new(), is_rollback: false }).unwrap();
        }
        for _ in 15..=16 {
            store.add_release(&new("x", Origin::Deployed), false).unwrap();
        }
        let canary = Canary { release: 15, percent: 10, at: at(150), who: String::new() };
        store.set_canary(Some(&canary)).unwrap();
        let forgotten = || -> Vec<u64> {
            (1..=16).filter(|id| store.content(*id).unwrap() == StoredContent::Forgotten).collect()
        };
        assert_eq!(store.forget_contents(at(1), 100).unwrap(), 0, "none was made before then");
        // Release 2 ran until 30.
        assert_eq!(store.forget_contents(at(30), 100).unwrap(), 2);
        assert_eq!(forgotten(), [1, 16]);
        assert_eq!(store.forget_contents(at(1000), 2).unwrap(), 2);
        assert_eq!(store.forget_contents(at(1000), 2).unwrap(), 1);
        assert_eq!(forgotten(), [1, 2, 3, 4, 16]);
        assert_eq!(store.forget_contents(at(1000), 2).unwrap(), 0);
        assert_eq!(store.releases(None, 100).unwrap().len(), 16);
    }

    #[test]
    fn a_canary_ends_where_a_release_becomes_active() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store.add_release(&new("a", Origin::Place), true).unwrap();
        store.add_release(&new("b", Origin::Deployed), false).unwrap();
        for percent in [10, 50] {
            let canary = Canary { release: 2, percent, at: at(2), who: "ann".to_owned() };
            store.set_canary(Some(&canary)).unwrap();
            assert_eq!(store.canary().unwrap(), Some(canary));
        }
        let activation = Activation { release: 2, at: at(3), who: "ann".to_owned(), is_rollback: false };
        store.activate(&activation).unwrap();
        assert_eq!(store.canary().unwrap(), None);
    }

    #[test]
    fn rules_are_turned_off_and_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let disabled = Disabled { rule: "vip".to_owned(), at: at(3), who: "ann".to_owned() };
        assert!(store.disable_rule(&disabled).unwrap());
        assert!(!store.disable_rule(&disabled).unwrap());
        assert_eq!(store.disabled_rules().unwrap(), [disabled]);
        assert!(store.enable_rule("vip").unwrap());
        assert!(!store.enable_rule("vip").unwrap());
    }
}

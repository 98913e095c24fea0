//! Tokens and the record of who did what.

use hence_engine::store::Error;
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{Sqlite, micros};
use crate::access::{Access, Audited, Role, Session, Token};

impl Access for Sqlite {
    fn add_token(&self, token: &Token) -> Result<bool, Error> {
        let token = token.clone();
        let added = self.writer.write(move |connection| {
            let sql = "INSERT INTO tokens (name, role, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO NOTHING";
            connection.prepare_cached(sql)?.execute(params![
                token.name,
                token.role.as_str(),
                token.hash,
                token.created_at.as_microsecond(),
                micros(token.expires_at),
            ])
        });
        Ok(added? == 1)
    }

    fn tokens(&self) -> Result<Vec<Token>, Error> {
        self.read(|connection| {
            let sql = "SELECT name, role, hash, created_at, expires_at, revoked_at, last_used_at FROM tokens ORDER BY name";
            connection.prepare_cached(sql)?.query_map([], token)?.collect()
        })
    }

    fn revoke_token(&self, name: &str, at: Timestamp) -> Result<bool, Error> {
        let name = name.to_owned();
        let revoked = self.writer.write(move |connection| {
            let sql = "UPDATE tokens SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL";
            connection.prepare_cached(sql)?.execute(params![at.as_microsecond(), name])
        });
        Ok(revoked? == 1)
    }

    fn used_token(&self, name: &str, at: Timestamp) -> Result<(), Error> {
        let name = name.to_owned();
        let used = self.writer.write(move |connection| {
            let sql = "UPDATE tokens SET last_used_at = ? WHERE name = ?";
            connection.prepare_cached(sql)?.execute(params![at.as_microsecond(), name])
        });
        used.map(drop)
    }

    fn add_session(&self, session: &Session) -> Result<(), Error> {
        let session = session.clone();
        let added = self.writer.write(move |connection| {
            let created_at = session.created_at.as_microsecond();
            connection.prepare_cached("DELETE FROM sessions WHERE expires_at <= ?")?.execute([created_at])?;
            let sql = "INSERT INTO sessions (hash, token, created_at, expires_at) VALUES (?, ?, ?, ?)";
            connection.prepare_cached(sql)?.execute(params![
                session.hash,
                session.token,
                created_at,
                session.expires_at.as_microsecond(),
            ])
        });
        added.map(drop)
    }

    fn sessions(&self, at: Timestamp) -> Result<Vec<Session>, Error> {
        self.read(|connection| {
            let sql =
                "SELECT hash, token, created_at, expires_at FROM sessions WHERE expires_at > ? ORDER BY hash";
            connection.prepare_cached(sql)?.query_map([at.as_microsecond()], session)?.collect()
        })
    }

    fn end_session(&self, hash: &str) -> Result<bool, Error> {
        let hash = hash.to_owned();
        let ended = self.writer.write(move |connection| {
            connection.prepare_cached("DELETE FROM sessions WHERE hash = ?")?.execute([hash])
        });
        Ok(ended? == 1)
    }

    fn record(&self, line: &Audited) -> Result<(), Error> {
        let line = line.clone();
        let recorded = self.writer.write(move |connection: &Connection| {
            let sql = "INSERT INTO audit (at, who, role, action, target, status, before, after)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
            connection.prepare_cached(sql)?.execute(params![
                line.at.as_microsecond(),
                line.who,
                line.role.as_str(),
                line.action,
                line.target,
                line.status,
                line.before.to_string(),
                line.after.to_string(),
            ])
        });
        recorded.map(drop)
    }

    fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<(i64, Audited)>, Error> {
        self.read(|connection| {
            let sql = "SELECT sequence, at, who, role, action, target, status, before, after FROM audit
                WHERE sequence < ? ORDER BY sequence DESC LIMIT ?";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let lines = params![before.unwrap_or(i64::MAX), limit];
            connection.prepare_cached(sql)?.query_map(lines, audited)?.collect()
        })
    }
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    Ok(Token {
        name: row.get("name")?,
        role: role(row)?,
        hash: row.get("hash")?,
        created_at: instant(row, "created_at")?.unwrap_or_default(),
        expires_at: instant(row, "expires_at")?,
        revoked_at: instant(row, "revoked_at")?,
        last_used_at: instant(row, "last_used_at")?,
    })
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        hash: row.get("hash")?,
        token: row.get("token")?,
        created_at: instant(row, "created_at")?.unwrap_or_default(),
        expires_at: instant(row, "expires_at")?.unwrap_or_default(),
    })
}

fn audited(row: &Row<'_>) -> rusqlite::Result<(i64, Audited)> {
    let json =
        |column| row.get::<_, String>(column).map(|text| serde_json::from_str(&text).unwrap_or_default());
    let line = Audited {
        at: instant(row, "at")?.unwrap_or_default(),
        who: row.get("who")?,
        role: role(row)?,
        action: row.get("action")?,
        target: row.get("target")?,
        status: row.get("status")?,
        before: json("before")?,
        after: json("after")?,
    };
    Ok((row.get("sequence")?, line))
}

/// A role that is none, as only damage can make it, may do the least.
fn role(row: &Row<'_>) -> rusqlite::Result<Role> {
    row.get::<_, String>("role").map(|role| Role::parse(&role).unwrap_or(Role::Viewer))
}

fn instant(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let micros: Option<i64> = row.get(column)?;
    Ok(micros.and_then(|micros| Timestamp::from_microsecond(micros).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn made(name: &str, role: Role) -> Token {
        let hash = format!("hash of {name}");
        Token {
            name: name.to_owned(),
            role,
            hash,
            created_at: at(1),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        }
    }

    #[test]
    fn tokens_are_kept_by_name_and_revoked_once() {
        let store = Sqlite::open_in_memory().unwrap();
        let viewer = Token { expires_at: Some(at(9)), ..made("grafana", Role::Viewer) };
        assert!(store.add_token(&made("root", Role::Admin)).unwrap());
        assert!(store.add_token(&viewer).unwrap());
        assert!(!store.add_token(&Token { hash: "other".to_owned(), ..viewer.clone() }).unwrap());
        assert_eq!(store.tokens().unwrap(), [viewer.clone(), made("root", Role::Admin)]);
        assert!(viewer.is_valid(at(8)) && !viewer.is_valid(at(9)));
        assert!(store.revoke_token("root", at(5)).unwrap());
        assert!(!store.revoke_token("root", at(6)).unwrap());
        assert!(!store.revoke_token("nobody", at(6)).unwrap());
        let revoked = store.tokens().unwrap().remove(1);
        assert_eq!(revoked.revoked_at, Some(at(5)));
        assert!(!revoked.is_valid(at(5)));
    }

    #[test]
    fn the_last_use_of_a_token_is_kept() {
        let store = Sqlite::open_in_memory().unwrap();
        store.add_token(&made("root", Role::Admin)).unwrap();
        assert_eq!(store.tokens().unwrap()[0].last_used_at, None);
        store.used_token("root", at(7)).unwrap();
        assert_eq!(store.tokens().unwrap()[0].last_used_at, Some(at(7)));
    }

    #[test]
    fn sessions_end_by_themselves_or_when_told_to_and_those_that_ended_are_forgotten() {
        let store = Sqlite::open_in_memory().unwrap();
        store.add_token(&made("root", Role::Admin)).unwrap();
        let session = |hash: &str, from: i64, until: i64| Session {
            hash: hash.to_owned(),
            token: "root".to_owned(),
            created_at: at(from),
            expires_at: at(until),
        };
        store.add_session(&session("a", 1, 10)).unwrap();
        store.add_session(&session("b", 2, 20)).unwrap();
        assert_eq!(store.sessions(at(9)).unwrap(), [session("a", 1, 10), session("b", 2, 20)]);
        assert_eq!(store.sessions(at(10)).unwrap(), [session("b", 2, 20)]);
        store.add_session(&session("c", 10, 30)).unwrap();
        assert_eq!(store.sessions(at(0)).unwrap(), [session("b", 2, 20), session("c", 10, 30)]);
        assert!(store.end_session("b").unwrap());
        assert!(!store.end_session("b").unwrap());
        assert_eq!(store.sessions(at(0)).unwrap(), [session("c", 10, 30)]);
        store.add_session(&Session { token: "nobody".to_owned(), ..session("d", 1, 2) }).unwrap_err();
    }

    #[test]
    fn the_record_is_read_from_the_latest_line_on() {
        let store = Sqlite::open_in_memory().unwrap();
        let line = |target: &str| Audited {
            at: at(3),
            who: "root".to_owned(),
            role: Role::Admin,
            action: "DELETE /v1/tokens/{name}".to_owned(),
            target: target.to_owned(),
            status: 204,
            before: serde_json::json!({"role": "viewer"}),
            after: serde_json::Value::Null,
        };
        for target in ["a", "b", "c"] {
            store.record(&line(target)).unwrap();
        }
        let latest = store.audit(None, 2).unwrap();
        assert_eq!(latest.iter().map(|(_, line)| line.target.as_str()).collect::<Vec<_>>(), ["c", "b"]);
        assert_eq!(store.audit(latest.last().map(|(number, _)| *number), 2).unwrap(), [(1, line("a"))]);
    }
}

//! Versions of rules that have run.

use hence_engine::{KeptRule, RuleVersion};
use rusqlite::{Connection, OptionalExtension, params};

use super::shared;

/// Keeps a version, unless it is kept already.
pub(super) fn keep(connection: &Connection, kept: &KeptRule) -> rusqlite::Result<()> {
    let sql = "INSERT INTO rule_versions (rule, version, code) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![&*kept.rule, &*kept.version, &*kept.code]).map(drop)
}

/// Returns the names and versions that are kept, in their order.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<RuleVersion>> {
    connection
        .prepare_cached("SELECT rule, version FROM rule_versions ORDER BY rule, version")?
        .query_map([], |row| Ok((shared(row, "rule")?, shared(row, "version")?)))?
        .collect()
}

/// Returns a version.
pub(super) fn one(connection: &Connection, rule: &str, version: &str) -> rusqlite::Result<Option<KeptRule>> {
    connection
        .prepare_cached("SELECT rule, version, code FROM rule_versions WHERE rule = ? AND version = ?")?
        .query_row([rule, version], |row| {
            let code: Vec<u8> = row.get("code")?;
            Ok(KeptRule { rule: shared(row, "rule")?, version: shared(row, "version")?, code: code.into() })
        })
        .optional()
}

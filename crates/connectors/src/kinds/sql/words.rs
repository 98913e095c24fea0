//! What kind of statement a text is, by its words alone: enough to know whether it changes rows and whether it would end
//! the transaction that it stands in.

/// Words that begin or end a transaction.
const CONTROL: &[&str] =
    &["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE"];
/// Words that begin a statement which changes rows, or a part of one.
const CHANGING: &[&str] = &["INSERT", "UPDATE", "DELETE", "MERGE", "COPY"];
/// Words that begin a statement which gives rows.
const READING: &[&str] = &["SELECT", "VALUES", "TABLE", "SHOW", "EXPLAIN"];

/// Returns whether a statement begins or ends a transaction, or a part of one.
pub(super) fn controls_transaction(statement: &str) -> bool {
    Words::of(statement).next().is_some_and(|(word, _)| CONTROL.contains(&&*word))
}

/// Returns whether a statement gives rows and changes none itself: `SELECT`, also after `WITH …`.
pub(super) fn is_reading(statement: &str) -> bool {
    let mut words = Words::of(statement);
    let Some((first, depth)) = words.next() else { return false };
    if first != "WITH" {
        return READING.contains(&&*first);
    }
    // What is within brackets belongs to the tables that are named first.
    let mut outer = words.filter(|(_, at)| *at == depth).map(|(word, _)| word);
    outer
        .find(|word| READING.contains(&&**word) || CHANGING.contains(&&**word))
        .is_some_and(|word| READING.contains(&&*word))
}

/// The words of a statement in capitals, with how many brackets are open around each: without texts, quoted names and
/// comments.
struct Words<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Words<'a> {
    fn of(statement: &'a str) -> Self {
        Self { rest: statement, depth: 0 }
    }

    /// Leaves out what stands before the end of `end`, and `end` itself; all if it has none.
    fn skip_past(&mut self, end: &str) {
        self.rest = self.rest.split_once(end).map_or("", |(_, rest)| rest);
    }

    /// Leaves out a comment between `/*` and `*/`, which may have others within.
    fn skip_comment(&mut self) {
        let mut open = 1_usize;
        while open > 0 && !self.rest.is_empty() {
            let begins = self.rest.find("/*").unwrap_or(usize::MAX);
            let ends = self.rest.find("*/").unwrap_or(usize::MAX);
            if begins < ends {
                open = open.saturating_add(1);
                self.skip_past("/*");
            } else {
                open = open.saturating_sub(1);
                self.skip_past("*/");
            }
        }
    }
}

impl Iterator for Words<'_> {
    type Item = (String, usize);

    fn next(&mut self) -> Option<(String, usize)> {
        loop {
            let mut characters = self.rest.chars();
            let first = characters.next()?;
            let after = characters.as_str();
            if first.is_alphabetic() || first == '_' {
                let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
                let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
                let (found, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                return Some((found.to_ascii_uppercase(), self.depth));
            }
            self.rest = after;
            match first {
                '(' => self.depth = self.depth.saturating_add(1),
                ')' => self.depth = self.depth.saturating_sub(1),
                // Two quotes within are seen as the end of one text and the beginning of another.
                '\'' => self.skip_past("'"),
                '"' => self.skip_past("\""),
                '-' if after.starts_with('-') => self.skip_past("\n"),
                '/' if after.starts_with('*') => {
                    self.skip_past("*");
                    self.skip_comment();
                }
                '$' => {
                    // `$tag$ … $tag$`, or the mark of a parameter.
                    let tag = after.split('$').next().filter(|tag| after.len() > tag.len());
                    let is_tag = |tag: &&str| {
                        tag.chars().all(|c| c.is_alphanumeric() || c == '_')
                            && !tag.starts_with(|c: char| c.is_ascii_digit())
                    };
                    if let Some(tag) = tag.filter(is_tag) {
                        let end = format!("${tag}$");
                        self.skip_past("$");
                        self.skip_past(&end);
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_rows_is_told_from_what_changes_them() {
        for reading in [
            "SELECT 1",
            "  -- all of them\n/* a /* b */ c */ (select 1) union values (2)",
            "TABLE members",
            "WITH a AS (SELECT 1), \"UPDATE\" AS (SELECT ')') SELECT * FROM a",
            "WITH a AS (UPDATE members SET x = 1 RETURNING x) SELECT * FROM a",
            "WITH a AS (SELECT $q$ ) DELETE $q$) SELECT $1",
        ] {
            assert!(is_reading(reading), "{reading}");
        }
        for changing in [
            "INSERT INTO a SELECT 1",
            "update a set b = 1",
            "WITH a AS (SELECT ')') DELETE FROM b USING a",
            "WITH a AS (SELECT $1) INSERT INTO b SELECT * FROM a",
            "",
            "CREATE TABLE a ()",
        ] {
            assert!(!is_reading(changing), "{changing}");
        }
    }

    #[test]
    fn what_would_end_the_transaction_is_known() {
        for control in ["COMMIT", " rollback to a", "/* */ begin immediate", "END", "Savepoint x"] {
            assert!(controls_transaction(control), "{control}");
        }
        for other in
            ["SELECT 'COMMIT'", "\"COMMIT\"", "UPDATE a SET b = 'x' -- COMMIT", "'", "/* open", "$a$ x"]
        {
            assert!(!controls_transaction(other), "{other}");
        }
    }
}

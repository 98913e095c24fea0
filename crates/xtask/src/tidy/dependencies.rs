//! What is depended on: licences, bans and sources, as `deny.toml` has them. The program `cargo deny` reads the same file; this
//! check needs nothing but cargo. Known vulnerabilities are not looked for here, as that needs a list from elsewhere.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value as Json;

use super::Problem;

const RULES: &str = "deny.toml";

#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// Checks all packages that cargo knows of, `rules` being the text of the file.
pub(super) fn check(metadata: &Json, rules: &str) -> Result<Vec<Problem>> {
    let rules: Rules = toml::from_str(rules).context(RULES)?;
    let mut problems = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |member: &str| package[member].as_str().unwrap_or_default();
        let mut problem = |message: String| {
            problems.push(Problem::new(format!("{} {}", text("name"), text("version")), message));
        };
        if !is_allowed(text("license"), &rules.licenses.allow) {
            problem(format!("its licence `{}` is not allowed by {RULES}", text("license")));
        }
        if rules.bans.deny.iter().any(|banned| banned.name == text("name")) {
            problem(format!("it is banned by {RULES}"));
        }
        let source = text("source");
        let is_known = rules.sources.allow_registry.iter().any(|known| source == format!("registry+{known}"));
        if !source.is_empty() && !is_known {
            problem(format!("its source `{source}` is not allowed by {RULES}"));
        }
    }
    Ok(problems)
}

/// Returns whether an expression of SPDX is satisfied by licences that are allowed. `/` is how `OR` was written before.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut place = 0;
    let satisfied = either(&words, &mut place, allowed);
    satisfied == Some(true) && place == words.len()
}

/// `both OR both …`; nothing if it is no expression.
fn either(words: &[&str], place: &mut usize, allowed: &[String]) -> Option<bool> {
    let mut satisfied = both(words, place, allowed)?;
    while words.get(*place) == Some(&"OR") {
        *place += 1;
        satisfied |= both(words, place, allowed)?;
    }
    Some(satisfied)
}

/// `one AND one …`
fn both(words: &[&str], place: &mut usize, allowed: &[String]) -> Option<bool> {
    let mut satisfied = one(words, place, allowed)?;
    while words.get(*place) == Some(&"AND") {
        *place += 1;
        satisfied &= one(words, place, allowed)?;
    }
    Some(satisfied)
}

/// A licence, possibly `WITH` an exception, or an expression in brackets.
fn one(words: &[&str], place: &mut usize, allowed: &[String]) -> Option<bool> {
    let word = *words.get(*place)?;
    *place += 1;
    if word == "(" {
        let satisfied = either(words, place, allowed)?;
        let is_closed = words.get(*place) == Some(&")");
        *place += 1;
        return is_closed.then_some(satisfied);
    }
    let mut name = word.to_owned();
    if words.get(*place) == Some(&"WITH") {
        name = format!("{word} WITH {}", words.get(*place + 1)?);
        *place += 2;
    }
    Some(allowed.contains(&name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_expression_is_satisfied_by_what_is_allowed() {
        let allowed: Vec<String> = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("MIT OR GPL-3.0", true),
            ("GPL-3.0/MIT", true),
            ("MIT AND GPL-3.0", false),
            ("ISC AND (GPL-3.0 OR MIT)", true),
            ("ISC AND GPL-3.0 OR MIT", true),
            ("Apache-2.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT MIT", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
        }
    }

    #[test]
    fn what_is_not_allowed_is_told_by_name() {
        let rules = "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"bad\" }]\n[sources]\nallow-registry = [\"https://a\"]\n";
        let package = |name: &str, license: &str, source: Option<&str>| json!({"name": name, "version": "1.0.0", "license": license, "source": source});
        let metadata = json!({"packages": [
            package("ours", "MIT", None),
            package("fine", "MIT", Some("registry+https://a")),
            package("copyleft", "GPL-3.0", Some("registry+https://a")),
            package("bad", "MIT", Some("registry+https://a")),
            package("forked", "MIT", Some("git+https://b")),
        ]});
        let problems = check(&metadata, rules).unwrap();
        let told: Vec<String> = problems.iter().map(|problem| problem.place.clone()).collect();
        assert_eq!(told, ["copyleft 1.0.0", "bad 1.0.0", "forked 1.0.0"]);
    }
}

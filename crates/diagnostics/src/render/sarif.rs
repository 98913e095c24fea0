//! SARIF 2.1.0, which code hosts read into their list of alerts. Only what Hence has is written.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{Code, Diagnostic, Edit, Fix, Label, Level, Severity, Sources, Span, explain};

/// Returns one SARIF log with one run.
pub fn sarif(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let codes: Vec<Code> =
        diagnostics.iter().map(|one| one.code).collect::<BTreeSet<_>>().into_iter().collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "hence",
                    version: env!("CARGO_PKG_VERSION"),
                    rules: codes.iter().copied().map(Rule::of).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results: diagnostics.iter().map(|one| Outcome::of(sources, &codes, one)).collect(),
        }],
    };
    // Only maps with keys that are not texts can fail to serialise, and there is none.
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

/// A code of the register.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    help: Help,
    default_configuration: Configuration,
}

impl Rule {
    fn of(code: Code) -> Self {
        let level = match code.level() {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        };
        let page = code.page();
        Self {
            id: code.as_str(),
            name: code.name(),
            short_description: Message { text: explain::first_paragraph(code).replace('\n', " ") },
            help: Help { text: page, markdown: page },
            default_configuration: Configuration { level },
        }
    }
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Repair>,
}

impl<'a> Outcome<'a> {
    fn of(sources: &'a Sources, codes: &[Code], diagnostic: &'a Diagnostic) -> Self {
        let mut lines = vec![diagnostic.message.clone()];
        lines.extend(diagnostic.notes.iter().map(|note| format!("note: {note}")));
        lines.extend(diagnostic.helps.iter().map(|help| format!("help: {help}")));
        Self {
            rule_id: diagnostic.code.as_str(),
            rule_index: codes.binary_search(&diagnostic.code).unwrap_or_default(),
            level: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            },
            message: Message { text: lines.join("\n") },
            locations: Location::of(sources, &diagnostic.primary).into_iter().collect(),
            related_locations: diagnostic
                .secondary
                .iter()
                .filter_map(|label| Location::of(sources, label))
                .collect(),
            fixes: diagnostic.fixes.iter().filter_map(|fix| Repair::of(sources, fix)).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

impl<'a> Location<'a> {
    fn of(sources: &Sources, label: &'a Label) -> Option<Self> {
        Some(Self {
            physical_location: Physical {
                artifact_location: Artifact::of(sources, label.span)?,
                region: Region::of(sources, label.span)?,
            },
            message: Some(Text { text: &label.text }).filter(|message| !message.text.is_empty()),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

impl Artifact {
    fn of(sources: &Sources, span: Span) -> Option<Self> {
        Some(Self { uri: uri(sources.get(span.file)?.name()) })
    }
}

/// Returns a path as a relative reference: with `/`, everything else that is not plain percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

impl Region {
    fn of(sources: &Sources, span: Span) -> Option<Self> {
        let source = sources.get(span.file)?;
        let range = source.clamp(span);
        let (start, end) = (source.line_column(range.start), source.line_column(range.end));
        Some(Self {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Repair {
    description: Message,
    artifact_changes: Vec<Change>,
}

impl Repair {
    fn of(sources: &Sources, fix: &Fix) -> Option<Self> {
        let replacement = |edit: &Edit| {
            Some(Replacement {
                deleted_region: Region::of(sources, edit.span)?,
                inserted_content: Message { text: edit.text.clone() },
            })
        };
        let change = Change {
            artifact_location: Artifact::of(sources, fix.edits.first()?.span)?,
            replacements: fix.edits.iter().filter_map(replacement).collect(),
        };
        Some(Self { description: Message { text: fix.title.clone() }, artifact_changes: vec![change] })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Applicability;
    use serde_json::{Value, json};

    fn log() -> Value {
        let mut sources = Sources::new();
        let file = sources.add("my rules/ä.rule", "when x\nif totl\n");
        let schema = sources.add("shop.json", "{ \"total\": 1 }");
        let span = Span::new(file, 10, 14);
        let found = Diagnostic::new(Code::UnknownField, span, "no field `totl`")
            .label("did you mean `total`?")
            .secondary(Span::new(schema, 2, 9), "declared here")
            .help("look it up")
            .fix(Fix::replace(Applicability::Safe, span, "total", "replace `totl`"));
        let lint = Diagnostic::new(Code::MixedAndOr, Span::new(file, 0, 4), "mixed");
        serde_json::from_str(&sarif(&sources, &[lint, found])).unwrap()
    }

    #[test]
    fn a_result_names_its_rule_place_relations_and_fix() {
        let log = log();
        assert_eq!(log["version"], "2.1.0");
        let region = json!({ "startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 8 });
        assert_eq!(
            log["runs"][0]["results"][1],
            json!({
                "ruleId": "H1003",
                "ruleIndex": 0,
                "level": "error",
                "message": { "text": "no field `totl`\nhelp: look it up" },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": "my%20rules/%C3%A4.rule" },
                        "region": region,
                    },
                    "message": { "text": "did you mean `total`?" },
                }],
                "relatedLocations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": "shop.json" },
                        "region": { "startLine": 1, "startColumn": 3, "endLine": 1, "endColumn": 10 },
                    },
                    "message": { "text": "declared here" },
                }],
                "fixes": [{
                    "description": { "text": "replace `totl`" },
                    "artifactChanges": [{
                        "artifactLocation": { "uri": "my%20rules/%C3%A4.rule" },
                        "replacements": [{ "deletedRegion": region, "insertedContent": { "text": "total" } }],
                    }],
                }],
            })
        );
    }

    #[test]
    fn rules_are_the_codes_that_occur_in_order() {
        let log = log();
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["H1003", "H4001"]);
        assert_eq!(rules[1]["defaultConfiguration"], json!({ "level": "warning" }));
        assert_eq!(log["runs"][0]["results"][0]["ruleIndex"], 1);
    }
}

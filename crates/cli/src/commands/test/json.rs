//! What came of tests as one JSON document.

use hence_diagnostics::{Sources, Span};
use hence_testing::{Coverage, Failure, MadeCall, RanExecution};
use serde_json::{Value as Json, json};

use super::Ran;

pub(super) fn document(sources: &Sources, ran: &[Ran], coverage: Option<&Coverage>) -> Json {
    let tests: Vec<Json> = ran.iter().map(|ran| test(sources, ran)).collect();
    let passed = ran.iter().filter(|ran| ran.report.passed()).count();
    let mut document = json!({ "tests": tests, "passed": passed, "failed": ran.len() - passed });
    if let (Some(coverage), Some(members)) = (coverage, document.as_object_mut()) {
        members.insert("coverage".to_owned(), covered(sources, coverage));
    }
    document
}

fn test(sources: &Sources, ran: &Ran) -> Json {
    let report = &ran.report;
    json!({
        "name": report.name,
        "place": place(sources, report.span),
        "passed": report.passed(),
        "milliseconds": ran.took.as_secs_f64() * 1000.0,
        "failures": report.failures.iter().map(|it| failure(sources, it)).collect::<Vec<_>>(),
        "calls": report.calls.iter().map(call).collect::<Vec<_>>(),
        "executions": report.executions.iter().map(execution).collect::<Vec<_>>(),
    })
}

fn failure(sources: &Sources, failure: &Failure) -> Json {
    let lines = failure.difference.iter();
    let difference: Vec<Json> =
        lines.map(|line| json!({ "mark": line.mark().to_string(), "text": line.text() })).collect();
    json!({
        "code": failure.code.as_str(),
        "message": failure.message,
        "place": place(sources, failure.span),
        "difference": difference,
    })
}

fn call(call: &MadeCall) -> Json {
    let attempts: Vec<Json> = call
        .attempts
        .iter()
        .map(|attempt| json!({ "at": attempt.at.to_string(), "error": attempt.error }))
        .collect();
    json!({
        "action": &*call.action,
        "arguments": call.arguments,
        "succeeded": call.succeeded(),
        "attempts": attempts,
    })
}

fn execution(execution: &RanExecution) -> Json {
    json!({
        "rule": &*execution.rule,
        "branch": execution.branch.as_str(),
        "event": execution.event,
        "variant": execution.variant,
        "status": execution.status.as_str(),
        "stopped": execution.stopped,
        "error": execution.error,
        "reason": execution.reason,
    })
}

fn covered(sources: &Sources, coverage: &Coverage) -> Json {
    let (all, covered) = coverage.count();
    let rules: Vec<Json> = coverage
        .rules
        .iter()
        .map(|rule| {
            let atoms: Vec<Json> = rule
                .atoms
                .iter()
                .map(|atom| {
                    json!({
                        "text": sources.slice(atom.span),
                        "place": place(sources, atom.span),
                        "true": atom.seen.held,
                        "false": atom.seen.failed,
                        "undecided": atom.seen.undecided,
                    })
                })
                .collect();
            json!({ "rule": rule.rule, "place": place(sources, rule.span), "conditions": atoms })
        })
        .collect();
    json!({ "conditions": all, "covered": covered, "rules": rules })
}

fn place(sources: &Sources, span: Span) -> Json {
    let Some(source) = sources.get(span.file) else { return Json::Null };
    let at = source.line_column(span.start);
    json!({ "file": source.name(), "line": at.line, "column": at.column })
}

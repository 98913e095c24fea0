//! Comments that silence a lint for the line or the item below them, or for the line they end:
//! `// hence: allow never-true — the campaign is paused`.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Severity, Span, nearest};
use hence_syntax::ast::Item;
use hence_syntax::{Parsed, Token, TokenKind};

/// What begins a comment that is meant for the checker.
const LEAD: &str = "hence:";
const FORM: &str = "write `// hence: allow NAME — reason`";

/// A comment that silences.
struct Silence<'a> {
    /// The comment.
    span: Span,
    /// The names as written, with what they mean.
    names: Vec<(&'a str, Option<Code>)>,
    has_reason: bool,
    /// Where it holds.
    holds: Span,
}

/// Takes away from what is reported of a file what its comments silence, and reports comments without a reason and
/// those that silence nothing.
pub(crate) fn apply(parsed: &Parsed, diagnostics: &mut Vec<Diagnostic>) {
    // Most files have none, so that this costs next to nothing.
    if !parsed.text.contains(LEAD) {
        return;
    }
    let in_file = |one: &Diagnostic| one.primary.span.file == parsed.file;
    let errors = parsed.diagnostics.iter().chain(diagnostics.iter().filter(|one| in_file(one)));
    let has_errors = errors.filter(|one| one.severity == Severity::Error).count() > 0;
    for silence in silences(parsed, diagnostics) {
        let mut used: Vec<Code> = Vec::new();
        let codes: Vec<Code> = silence.names.iter().filter_map(|(_, code)| *code).collect();
        diagnostics.retain(|one| {
            let silenced = in_file(one)
                && codes.contains(&one.code)
                && one.severity != Severity::Error
                && silence.holds.start <= one.primary.span.start
                && one.primary.span.start < silence.holds.end;
            if silenced {
                used.push(one.code);
            }
            !silenced
        });
        if !silence.has_reason {
            diagnostics.push(
                Diagnostic::new(
                    Code::SilenceWithoutReason,
                    silence.span,
                    "this does not say why it silences",
                )
                .label("a reason is missing")
                .help(FORM),
            );
        }
        // Where something is wrong the lints may not have looked.
        if !has_errors {
            let idle = silence.names.iter().filter(|(_, code)| code.is_none_or(|code| !used.contains(&code)));
            diagnostics.extend(idle.map(|(name, code)| unused(&silence, name, *code)));
        }
    }
}

fn unused(silence: &Silence<'_>, name: &str, code: Option<Code>) -> Diagnostic {
    let new = |message: String| Diagnostic::new(Code::UnusedSilence, silence.span, message);
    if code.is_some() {
        let diagnostic = new(format!("`{name}` reports nothing here")).label("silences nothing");
        return match silence.names.len() {
            1 => diagnostic.fix(Fix::replace(Applicability::Likely, silence.span, "", "remove the comment")),
            _ => diagnostic,
        };
    }
    match Code::parse(name) {
        Some(_) => new(format!("`{name}` is no lint and cannot be silenced")).label("an error stays one"),
        None => {
            let lints = Code::ALL.iter().filter(|code| is_lint(**code)).map(|code| code.name());
            let diagnostic = new(format!("no lint is named `{name}`"));
            match nearest(name, lints) {
                Some(near) => diagnostic.label(format!("did you mean `{near}`?")),
                None => diagnostic.label("unknown lint").help(FORM),
            }
        }
    }
}

fn is_lint(code: Code) -> bool {
    code.as_str().starts_with("H4")
}

/// Finds the comments of a file. One that is meant for the checker and not understood is reported.
fn silences<'a>(parsed: &'a Parsed, diagnostics: &mut Vec<Diagnostic>) -> Vec<Silence<'a>> {
    let mut found = Vec::new();
    for (at, token) in
        parsed.tokens().iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Comment)
    {
        let comment = parsed.text.get(token.span.range()).unwrap_or_default().trim_end();
        let span = Span::new(parsed.file, token.span.start, token.span.start + comment.len() as u32);
        let Some(order) = comment.trim_start_matches('/').trim().strip_prefix(LEAD) else { continue };
        let words = order.trim().strip_prefix("allow").filter(|rest| rest.starts_with([' ', '\t']));
        let (names, reason) = names_and_reason(words.unwrap_or_default());
        if names.is_empty() {
            let what = "this comment is not understood";
            diagnostics
                .push(Diagnostic::new(Code::UnusedSilence, span, what).label("silences nothing").help(FORM));
            continue;
        }
        let names = names.into_iter().map(|name| (name, Code::parse(name).filter(|code| is_lint(*code))));
        let holds = holds(parsed, at, token).unwrap_or(token.span);
        found.push(Silence { span, names: names.collect(), has_reason: !reason.is_empty(), holds });
    }
    found
}

/// Splits `never-true, always-true — reason`.
fn names_and_reason(text: &str) -> (Vec<&str>, &str) {
    let mut names = Vec::new();
    let mut rest = text.trim();
    loop {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        // A dash that stands alone begins the reason.
        if name.trim_matches('-').is_empty() {
            return (names, reason(rest));
        }
        names.push(name);
        match after.trim_start().strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return (names, reason(after)),
        }
    }
}

fn reason(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | ':'))
}

/// Returns where a comment holds: its own line if something stands before it, otherwise the line or the item below.
fn holds(parsed: &Parsed, at: usize, comment: &Token) -> Option<Span> {
    let line_end = |from: u32| {
        let rest = parsed.text.get(from as usize..).unwrap_or_default();
        from + rest.find('\n').unwrap_or(rest.len()) as u32
    };
    let text = |token: &Token| parsed.text.get(token.span.range()).unwrap_or_default();
    let before = parsed.text.get(..comment.span.start as usize).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    if !before.get(line_start..).unwrap_or_default().trim().is_empty() {
        return Some(Span::new(parsed.file, line_start as u32, comment.span.start));
    }
    for token in parsed.tokens().get(at + 1..)? {
        if token.kind == TokenKind::Blank && text(token).matches('\n').count() > 1 {
            return None;
        }
        if !token.kind.is_trivia() {
            let start = token.span.start;
            let item = parsed.items.iter().find(|item: &&Item| item.span.start == start);
            return Some(item.map_or(Span::new(parsed.file, start, line_end(start)), |item| item.span));
        }
    }
    None
}

#[cfg(test)]
mod tests;

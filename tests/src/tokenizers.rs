//! All that cuts `.rule` files into tokens cuts them alike: the lexer, the grammar for tree-sitter in
//! `editors/tree-sitter` and the TextMate grammar in `editors/vscode`, on every byte of every rule file of the
//! repository.
//!
//! Each byte has a class, such as part of a number or of a comment. The lexer says which; the others say it by the
//! names that editors choose colours by.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on ends by panicking"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hence_diagnostics::{FileId, Severity, Sources};
use hence_syntax::ast::ItemKind;
use hence_syntax::{Class as TokenClass, TokenKind};
use tree_sitter::{Parser, Query, QueryCursor, StreamingIterator as _, Tree};

#[path = "tokenizers/generated.rs"]
mod generated;
#[path = "tokenizers/language.rs"]
mod language;

/// What a byte is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Comment,
    Documentation,
    Text,
    Escape,
    Pattern,
    Number,
    Boolean,
    Reserved,
    /// A name, or a keyword that may be one: which of them is for the parser to say.
    Word,
    Mark,
    /// No token of the language: editors may show it as they like, to the end of a line that it leaves open.
    Bad,
}

fn root() -> PathBuf {
    std::fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

/// All rule files of the repository that are texts, in order.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["tests/corpus", "examples", "crates/cli/templates"].map(|folder| root().join(folder)).into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rule") {
                files.push(path);
            }
        }
    }
    files.retain(|path| std::fs::read_to_string(path).is_ok());
    files.sort();
    assert!(files.len() > 500, "{}", files.len());
    files
}

/// The classes by the lexer.
fn by_lexer(text: &str) -> Vec<Class> {
    let mut classes = vec![Class::Blank; text.len()];
    lex(text, 0, &mut classes);
    classes
}

fn lex(text: &str, offset: usize, classes: &mut [Class]) {
    let tokens = hence_syntax::lex(FileId::default(), text);
    let significant: Vec<_> = tokens.iter().filter(|token| !token.kind.is_trivia()).collect();
    let is = |at: Option<usize>, kinds: &[TokenKind]| {
        at.and_then(|at| significant.get(at)).is_some_and(|token| kinds.contains(&token.kind))
    };
    let mut number = 0usize;
    for token in &tokens {
        let range = token.span.range();
        let class = match token.kind {
            TokenKind::Blank => Class::Blank,
            TokenKind::Comment => Class::Comment,
            TokenKind::DocComment => Class::Documentation,
            TokenKind::Text => {
                number += 1;
                text_parts(&text[range.clone()], offset + range.start, classes);
                continue;
            }
            TokenKind::RawText => Class::Text,
            TokenKind::Pattern => Class::Pattern,
            kind => match kind.class() {
                TokenClass::Literal => Class::Number,
                TokenClass::Name | TokenClass::Contextual => Class::Word,
                TokenClass::Mark => Class::Mark,
                TokenClass::Trivia | TokenClass::Bad => Class::Bad,
                TokenClass::Reserved => {
                    let before = number.checked_sub(1);
                    let joined = before.is_some_and(|at| significant[at].span.end == token.span.start);
                    let taken = joined && is(before, &[TokenKind::Dot, TokenKind::OptionalDot]);
                    if taken || is(Some(number + 1), &[TokenKind::Colon]) {
                        Class::Word
                    } else if matches!(kind, TokenKind::True | TokenKind::False) {
                        Class::Boolean
                    } else {
                        Class::Reserved
                    }
                }
            },
        };
        number += usize::from(!token.kind.is_trivia());
        classes[offset + range.start..offset + range.end].fill(class);
    }
}

/// The classes of a text with its quotes.
fn text_parts(written: &str, offset: usize, classes: &mut [Class]) {
    let end = written.len() - 1;
    let mut paint = |from: usize, to: usize, class| classes[offset + from..offset + to].fill(class);
    paint(0, written.len(), Class::Text);
    let mut holes = Vec::new();
    let mut at = 1;
    while at < end {
        let rest = &written[at..end];
        let length = rest.chars().next().unwrap().len_utf8();
        let (part, class) = if rest.starts_with("{{") || rest.starts_with("}}") {
            (2, Class::Escape)
        } else if let Some(after) = rest.strip_prefix("\\u{") {
            let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
            (if after[digits..].starts_with('}') { digits + 4 } else { 2 }, Class::Escape)
        } else if let Some(after) = rest.strip_prefix('\\') {
            (1 + after.chars().next().map_or(0, char::len_utf8), Class::Escape)
        } else if let Some(after) = rest.strip_prefix('{') {
            let hole = hence_syntax::hole_length(after);
            if hole == after.len() {
                // The braces do not match.
                paint(0, written.len(), Class::Bad);
                return;
            }
            paint(at, at + 1, Class::Mark);
            paint(at + 1 + hole, at + 2 + hole, Class::Mark);
            holes.push((at + 1, hole));
            at += hole + 2;
            continue;
        } else {
            (length, Class::Text)
        };
        paint(at, at + part, class);
        at += part;
    }
    for (start, length) in holes {
        classes[offset + start..offset + start + length].fill(Class::Blank);
        lex(&written[start..start + length], offset + start, classes);
    }
}

/// The class that the name of a colour stands for, of tree-sitter or TextMate.
fn named(name: &str, written: &str) -> Class {
    // Two words may be one keyword: `extern fn`.
    let word = written.split(' ').next().unwrap_or_default();
    let is_contextual = TokenKind::of_word(word).class() == TokenClass::Contextual;
    let starts = |start: &str| name.starts_with(start);
    if starts("comment.documentation") || starts("comment.block.documentation") {
        Class::Documentation
    } else if starts("comment") {
        Class::Comment
    } else if starts("string.escape") || starts("constant.character.escape") {
        Class::Escape
    } else if starts("string.regexp") {
        Class::Pattern
    } else if starts("variable") || starts("function") || starts("property") || starts("entity.name") {
        Class::Word
    } else if starts("string") {
        Class::Text
    } else if starts("number") || starts("constant.numeric") {
        Class::Number
    } else if starts("boolean") || starts("constant.language") {
        Class::Boolean
    } else if starts("keyword.operator.hence") || starts("operator") || starts("punctuation") {
        Class::Mark
    } else if starts("keyword") {
        if is_contextual { Class::Word } else { Class::Reserved }
    } else if starts("constant") || starts("namespace") {
        Class::Word
    } else if starts("error") || starts("invalid") {
        Class::Bad
    } else {
        panic!("no class stands for the name `{name}`");
    }
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&language::hence()).unwrap();
    parser
}

fn query(name: &str) -> Query {
    let path = root().join("editors/tree-sitter/queries").join(name);
    Query::new(&language::hence(), &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The classes by the names that the query for colours gives.
fn by_tree_sitter(query: &Query, tree: &Tree, text: &str) -> Vec<Class> {
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(query, tree.root_node(), text.as_bytes());
    let mut found = Vec::new();
    while let Some((matched, index)) = captures.next() {
        let capture = matched.captures[*index];
        let name = query.capture_names()[capture.index as usize];
        found.push((capture.node.byte_range(), matched.pattern_index, name));
    }
    // What is within counts before what is around it, and of patterns for the same the later one.
    found.sort_by_key(|(range, pattern, _)| (range.start, std::cmp::Reverse(range.end), *pattern));
    let mut classes = vec![Class::Blank; text.len()];
    for (range, _, name) in found {
        let class = named(name, &text[range.clone()]);
        classes[range].fill(class);
    }
    classes
}

/// The classes by the TextMate grammar, of all files.
fn by_textmate(files: &[PathBuf], texts: &[String]) -> Vec<Vec<Class>> {
    let folder = root().join("editors/tests");
    let mut node = Command::new("node")
        .arg(folder.join("textmate.mjs"))
        .arg(root().join("editors/vscode/syntaxes/hence.tmLanguage.json"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js is missing; `cargo xtask setup` installs it");
    let paths: Vec<&str> = files.iter().map(|path| path.to_str().unwrap()).collect();
    node.stdin.take().unwrap().write_all(paths.join("\n").as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "the packages may be missing: `cargo xtask setup` installs them");
    let lines = String::from_utf8(output.stdout).unwrap();
    let classes = lines.lines().zip(texts).map(|(line, text)| {
        let tokens: Vec<(usize, usize, String)> = serde_json::from_str(line).unwrap();
        let mut classes = vec![Class::Blank; text.len()];
        for (start, end, scope) in tokens {
            if !scope.starts_with("source") && !scope.starts_with("meta") {
                classes[start..end].fill(named(&scope, &text[start..end]));
                continue;
            }
            // What has no name of its own is a mark without a colour, or nothing.
            for (class, byte) in classes[start..end].iter_mut().zip(text[start..end].bytes()) {
                if b"()[]{},:.".contains(&byte) {
                    *class = Class::Mark;
                }
            }
        }
        classes
    });
    classes.collect()
}

/// Says where the classes first differ, if they do.
fn difference(text: &str, lexer: &[Class], other: &[Class]) -> Option<String> {
    let mut open = false;
    for (at, byte) in text.bytes().enumerate() {
        open &= byte != b'\n';
        open |= lexer[at] == Class::Bad;
        if open || byte.is_ascii_whitespace() || lexer[at] == Class::Blank || lexer[at] == other[at] {
            continue;
        }
        let line = text[..text.floor_char_boundary(at)].matches('\n').count();
        let column = at - text[..text.floor_char_boundary(at)].rfind('\n').map_or(0, |start| start + 1);
        return Some(format!(
            "line {}, byte {column} is {:?} and shown as {:?}: {}",
            line + 1,
            lexer[at],
            other[at],
            text.lines().nth(line).unwrap_or_default()
        ));
    }
    None
}

#[track_caller]
fn none(differences: &[String]) {
    assert!(differences.is_empty(), "{} files differ:\n{}", differences.len(), differences.join("\n"));
}

fn texts(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn differences(files: &[PathBuf], texts: &[String], others: &[Vec<Class>]) -> Vec<String> {
    let all = files.iter().zip(texts).zip(others);
    all.filter_map(|((path, text), other)| {
        Some(format!("{}: {}", path.display(), difference(text, &by_lexer(text), other)?))
    })
    .collect()
}

#[test]
fn tree_sitter_cuts_every_file_as_the_lexer_does() {
    let (mut parser, query, files) = (parser(), query("highlights.scm"), files());
    let texts = texts(&files);
    let others: Vec<_> =
        texts.iter().map(|text| by_tree_sitter(&query, &parser.parse(text, None).unwrap(), text)).collect();
    none(&differences(&files, &texts, &others));
}

#[test]
fn textmate_cuts_every_file_as_the_lexer_does() {
    let files = files();
    let texts = texts(&files);
    let others = by_textmate(&files, &texts);
    assert_eq!(others.len(), files.len());
    none(&differences(&files, &texts, &others));
}

#[test]
fn tree_sitter_takes_what_the_parser_takes_and_finds_its_items() {
    let (mut parser, tags) = (parser(), query("tags.scm"));
    let mut wrong = Vec::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut sources = Sources::new();
        let file = sources.add("a.rule", text.clone());
        let parsed = hence_syntax::parse(&sources, file);
        if parsed.diagnostics.iter().any(|one| one.severity == Severity::Error) {
            continue;
        }
        let tree = parser.parse(&text, None).unwrap();
        let names: Vec<&str> = parsed
            .items
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Rule(rule) => Some(rule.name.span),
                ItemKind::Fn(function) => Some(function.name.span),
                ItemKind::Const(constant) => Some(constant.name.span),
                ItemKind::Table(table) => Some(table.name.span),
                ItemKind::Group(group) => Some(group.name.span),
                ItemKind::Extern(function) => Some(function.name.span),
                ItemKind::Test(_) | ItemKind::Broken(_) => None,
            })
            .map(|span| &text[span.range()])
            .collect();
        let found = tagged(&tags, &tree, &text);
        if tree.root_node().has_error() || found != names {
            wrong.push(format!("{}: {names:?}, not {found:?}", path.display()));
        }
    }
    none(&wrong);
}

fn tagged<'t>(tags: &Query, tree: &Tree, text: &'t str) -> Vec<&'t str> {
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(tags, tree.root_node(), text.as_bytes());
    let mut found = Vec::new();
    while let Some((matched, index)) = captures.next() {
        let capture = matched.captures[*index];
        if tags.capture_names()[capture.index as usize] == "name" {
            found.push(&text[capture.node.byte_range()]);
        }
    }
    found
}

#[test]
fn the_other_queries_fit_the_grammar() {
    for name in ["folds.scm", "indents.scm", "tags.scm"] {
        assert!(query(name).pattern_count() > 0, "{name}");
    }
    // Zed takes them from the folder of its extension alone.
    let zed = root().join("editors/zed/languages/hence");
    for name in ["brackets.scm", "highlights.scm", "indents.scm", "outline.scm"] {
        let text = std::fs::read_to_string(zed.join(name)).unwrap();
        assert!(Query::new(&language::hence(), &text).unwrap().pattern_count() > 0, "{name}");
    }
    let same = |folder: &Path| std::fs::read_to_string(folder.join("highlights.scm")).unwrap();
    assert_eq!(same(&zed), same(&root().join("editors/tree-sitter/queries")));
}

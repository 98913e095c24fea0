//! Tests: what is given against the payloads of events, what is expected against actions and rules.

use std::sync::Arc;

use hence_diagnostics::{Diagnostic, Span, nearest};
use hence_schema::{Action, Catalog, EntryPoint};
use hence_syntax::Parsed;
use hence_syntax::ast::{
    Answer, AnswerKind, Argument, BinaryOperator, Count, Expectation, ExpectedBlock, ExpectedCall,
    ExpectedRule, ExpectedSet, Expression, ExpressionKind, Given, ItemKind, Name, Path, Test, TestClauseKind,
    UnaryOperator,
};
use hence_syntax::tree::print_expression;
use hence_types::{Record, TASK_ANSWERED, Type};

use crate::checker::Checker;
use crate::declarations::Declarations;
use crate::declarations::ItemPlace;
use crate::errors::decision::{ExternalAnswer, NotDecided, UnknownEntryPoint};
use crate::errors::names::{
    DuplicateArgument, UnknownAction, UnknownArgument, UnknownEvent, UnknownIntegration,
};
use crate::errors::shape::{MisplacedBinder, UnnamedArgument};
use crate::errors::test::{
    IncompleteTest, NoCount, NoSuchCondition, NotComputable, NotManual, ReturnsNothing, UnknownRule,
    ValueType,
};

/// Returns a count of a test, if it is a whole number.
pub fn count(count: &Count) -> Option<u32> {
    count.digits.parse().ok()
}

/// What a test is given that comes from a person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ByPerson<'a> {
    /// `given manual.recalculate { since: 2026-01-01 }`: somebody starts this rule.
    Run(&'a Name),
    /// `given answer.manager { approved: true }`: whoever has this role answers what was asked first.
    Answer(&'a Name),
}

/// Returns what comes from a person, unless an integration is named so.
pub fn by_person<'a>(given: &'a Path, catalog: &Catalog) -> Option<ByPerson<'a>> {
    let [first, name] = given.names.as_slice() else { return None };
    if catalog.integrations.contains_key(&first.text) {
        return None;
    }
    match first.text.as_str() {
        "manual" => Some(ByPerson::Run(name)),
        "answer" => Some(ByPerson::Answer(name)),
        _ => None,
    }
}

/// What a value belongs to, for messages.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    declared: Option<Span>,
    /// Whether `_` stands for any value.
    pattern: bool,
}

impl<'a> Checker<'a> {
    pub(crate) fn test(&mut self, test: &Test) {
        if let Some(at) = &test.at {
            self.expression(at);
        }
        let (mut given, mut expected) = (false, false);
        for clause in &test.clauses {
            match &clause.kind {
                TestClauseKind::Wait { time, .. } => {
                    given = true;
                    self.expression(time);
                }
                TestClauseKind::Given(event) => {
                    given = true;
                    self.given(event);
                }
                TestClauseKind::With(answer) => self.answer(answer),
                TestClauseKind::Expect(expectation) => {
                    expected = true;
                    match expectation {
                        Expectation::Rule(rule) => self.expected_rule(rule),
                        Expectation::Call(call) => self.expected_call(call),
                        Expectation::Set(set) => self.expected_set(test, set),
                        Expectation::Block(block) => self.expected_block(test, block),
                        Expectation::NothingElse => {}
                    }
                }
            }
        }
        for (is_there, missing) in [(given, "given"), (expected, "expect")] {
            if !is_there {
                self.report(IncompleteTest { title: test.title.1, missing });
            }
        }
    }

    fn given(&mut self, given: &Given) {
        if let Some(after) = &given.after {
            self.expression(after);
        }
        if let [only] = given.event.names.as_slice()
            && let Some(entry_point) = self.catalog.entry_point(&only.text)
        {
            return self.given_fields(given, &entry_point.context);
        }
        match by_person(&given.event, self.catalog) {
            Some(ByPerson::Run(rule)) => return self.given_run(given, rule),
            Some(ByPerson::Answer(_)) => {
                if let Some(event) = self.catalog.event_by_full_name(TASK_ANSWERED) {
                    self.given_fields(given, &event.payload);
                }
                return;
            }
            None => {}
        }
        if let [only] = given.event.names.as_slice()
            && !self.catalog.integrations.contains_key(&only.text)
        {
            let candidates: Vec<String> =
                self.catalog.entry_points().map(|found| found.name.to_string()).collect();
            if nearest(&only.text, candidates.iter().map(String::as_str)).is_some() {
                self.report(UnknownEntryPoint { name: only.clone(), candidates });
                return;
            }
        }
        let Some((integration, name)) = self.integration_of(&given.event) else { return };
        let Some(event) = integration.events.get(&name) else {
            let (integration_id, declared) = (integration.id.clone(), integration.origin);
            let candidates = integration.events.keys().cloned().collect();
            let span = rest_of(&given.event);
            let written = name;
            self.report(UnknownEvent { integration: integration_id, written, span, declared, candidates });
            return;
        };
        self.given_fields(given, &event.payload);
    }

    /// `given manual.recalculate { since: 2026-01-01 }`: somebody starts a rule.
    fn given_run(&mut self, given: &Given, rule: &Name) {
        let Some(record) = self.declarations.manual.get(rule.text.as_str()) else {
            if self.declarations.rules.contains_key(rule.text.as_str()) {
                self.report(NotManual { rule: rule.text.clone(), span: rule.span });
            } else {
                self.facts.asks_for_names = true;
                let candidates = self.declarations.manual.keys().map(ToString::to_string).collect();
                let (written, span) = (rule.text.clone(), rule.span);
                self.report(UnknownRule { written, span, candidates, is_action: false });
            }
            return;
        };
        let record = Arc::clone(record);
        self.given_fields(given, &record);
    }

    fn given_fields(&mut self, given: &Given, shape: &Arc<Record>) {
        if let Some(payload) = &given.payload
            && let ExpressionKind::Record(fields) = &payload.kind
        {
            self.fields(fields, shape, false);
        }
    }

    /// Returns the integration that a path begins with, and the rest of the path.
    fn integration_of(&mut self, path: &Path) -> Option<(&'a hence_schema::Integration, String)> {
        let (first, rest) = path.names.split_first()?;
        let rest: Vec<&str> = rest.iter().map(|name| name.text.as_str()).collect();
        let found = self.catalog.integrations.get(&first.text);
        if found.is_none() {
            let candidates = self.catalog.integrations.keys().cloned().collect();
            self.report(UnknownIntegration { written: first.text.clone(), span: first.span, candidates });
        }
        found.map(|found| (&**found, rest.join(".")))
    }

    fn action_of(&mut self, path: &Path) -> Option<&'a Action> {
        let (integration, name) = self.integration_of(path)?;
        let found = integration.actions.get(&name);
        if found.is_none() {
            self.report(UnknownAction {
                integration: integration.id.clone(),
                written: name,
                span: rest_of(path),
                declared: integration.origin,
                candidates: integration.actions.keys().cloned().collect(),
            });
        }
        found
    }

    fn answer(&mut self, answer: &Answer) {
        self.counted(answer.count.as_ref());
        if self.external_answer(answer) {
            return;
        }
        let Some(action) = self.action_of(&answer.action) else { return };
        let AnswerKind::Returns(value) = &answer.kind else { return };
        match &action.result {
            Some(result) if result.is_optional() && is_word(value, "missing") => {}
            Some(result) => {
                let name = &*action.full_name;
                self.value(value, result, Place { name, declared: Some(action.origin), pattern: false });
            }
            None => {
                let (action, declared) = (action.full_name.to_string(), action.origin);
                self.report(ReturnsNothing { action, span: value.span, declared });
            }
        }
    }

    /// Checks the value of an external function; whether it is one.
    fn external_answer(&mut self, answer: &Answer) -> bool {
        let [only] = answer.action.names.as_slice() else { return false };
        if !self.declarations.externals.contains_key(&only.text) {
            return false;
        }
        let Some(function) = self.declarations.functions.get(&only.text) else { return false };
        let name = only.text.clone();
        match (&answer.kind, &answer.count) {
            (AnswerKind::Fails(_, span), _) => {
                let label = "whether it fails is not part of a test";
                self.report(ExternalAnswer { function: name, span: *span, label });
            }
            (AnswerKind::Returns(_), Some(count)) => {
                let label = "a function has no order of calls";
                self.report(ExternalAnswer { function: name, span: count.span, label });
            }
            (AnswerKind::Returns(value), None) => {
                let place = Place { name: &name, declared: Some(function.span), pattern: false };
                self.value(value, &function.what.result, place);
            }
        }
        true
    }

    /// The entry points that a test asks for a decision.
    fn decided(&self, test: &Test) -> Vec<&'a EntryPoint> {
        let given = test.clauses.iter().filter_map(|clause| match &clause.kind {
            TestClauseKind::Given(given) => Some(given.event.text()),
            TestClauseKind::With(_) | TestClauseKind::Expect(_) | TestClauseKind::Wait { .. } => None,
        });
        given.filter_map(|name| self.catalog.entry_point(&name)).collect()
    }

    /// Whether a test gives something that is neither an event nor an entry point; its own report tells of that.
    fn gives_unknown(&self, test: &Test) -> bool {
        test.clauses.iter().any(|clause| match &clause.kind {
            TestClauseKind::Given(given) => {
                let written = given.event.text();
                let event = written.split_once('.').and_then(|(id, name)| self.catalog.event(id, name));
                event.is_none()
                    && self.catalog.entry_point(&written).is_none()
                    && by_person(&given.event, self.catalog).is_none()
            }
            TestClauseKind::With(_) | TestClauseKind::Expect(_) | TestClauseKind::Wait { .. } => false,
        })
    }

    fn expected_set(&mut self, test: &Test, set: &ExpectedSet) {
        let field = set.field.text();
        let decided = self.decided(test);
        if decided.is_empty() && self.gives_unknown(test) {
            return;
        }
        let found = decided.iter().find_map(|entry_point| entry_point.settable.get(&field));
        match (found, &set.value) {
            (Some(found), Some(value)) => {
                let place = Place { name: &field, declared: Some(found.origin), pattern: true };
                self.value(value, &found.ty, place);
            }
            (Some(_), None) => {}
            (None, _) => {
                let fields = decided.iter().flat_map(|entry_point| entry_point.settable.keys());
                self.report(NotDecided {
                    what: format!("set `{field}`"),
                    span: set.field.span,
                    entry_points: decided.iter().map(|entry_point| entry_point.name.to_string()).collect(),
                    candidates: fields.cloned().collect(),
                });
            }
        }
    }

    fn expected_block(&mut self, test: &Test, block: &ExpectedBlock) {
        let decided = self.decided(test);
        let unknown = decided.is_empty() && self.gives_unknown(test);
        if !unknown && !decided.iter().any(|entry_point| entry_point.block) {
            self.report(NotDecided {
                what: "block anything".to_owned(),
                span: block.span,
                entry_points: decided.iter().map(|entry_point| entry_point.name.to_string()).collect(),
                candidates: Vec::new(),
            });
        }
        if let Some(reason) = &block.reason {
            self.value(reason, &Type::String, Place { name: "the reason", declared: None, pattern: true });
        }
    }

    fn counted(&mut self, written: Option<&Count>) {
        if let Some(written) = written
            && count(written).is_none()
        {
            self.report(NoCount { count: written.clone() });
        }
    }

    fn expected_call(&mut self, call: &ExpectedCall) {
        self.counted(call.count.as_ref());
        if let Some(after) = &call.after {
            self.expression(after);
        }
        let Some(action) = self.action_of(&call.action) else { return };
        let of = action.full_name.to_string();
        let names = || action.params.keys().map(ToString::to_string).collect();
        let mut given: Vec<&Name> = Vec::new();
        for argument in &call.arguments {
            let (name, value) = match argument {
                Argument::Named(name, value) => (name, value),
                Argument::Positional(value) => {
                    self.report(UnnamedArgument { of: of.clone(), span: value.span, names: names() });
                    continue;
                }
                Argument::Binder { variable, .. } => {
                    self.report(MisplacedBinder { variable: variable.clone() });
                    continue;
                }
            };
            if let Some(first) = given.iter().find(|before| before.text == name.text) {
                let first = first.span;
                self.report(DuplicateArgument { name: name.clone(), first });
                continue;
            }
            given.push(name);
            match action.params.get(name.text.as_str()) {
                Some(param) => {
                    let place = Place { name: &name.text, declared: Some(param.origin), pattern: true };
                    self.value(value, &param.ty, place);
                }
                None => self.report(UnknownArgument {
                    name: name.clone(),
                    of: of.clone(),
                    origin: Some(action.origin),
                    candidates: names(),
                }),
            }
        }
    }

    fn expected_rule(&mut self, expected: &ExpectedRule) {
        let written = expected.rule.text();
        if expected.name().is_some() && self.declarations.rules.contains_key(written.as_str()) {
            return;
        }
        self.facts.asks_for_names = true;
        let candidates: Vec<String> = self.declarations.rules.keys().map(ToString::to_string).collect();
        if self.declarations.may_be_hidden(&written, &candidates) {
            self.facts.broken = true;
            return;
        }
        let action = written.split_once('.').and_then(|(id, name)| self.catalog.action(id, name));
        self.report(UnknownRule {
            is_action: action.is_some(),
            written,
            span: expected.rule.span,
            candidates,
        });
    }

    /// Checks the fields that are given of a record; those left out are not asked for.
    fn fields(&mut self, fields: &[(Name, Expression)], shape: &Arc<Record>, pattern: bool) {
        let mut given: Vec<&Name> = Vec::new();
        for (name, value) in fields {
            if let Some(first) = given.iter().find(|before| before.text == name.text) {
                let first = first.span;
                self.report(DuplicateArgument { name: name.clone(), first });
                continue;
            }
            given.push(name);
            match shape.fields.get(name.text.as_str()) {
                Some(field) => {
                    let place = Place { name: &name.text, declared: field.origin, pattern };
                    if !is_word(value, "missing") {
                        self.value(value, &field.ty, place);
                    }
                }
                None => self.unknown_field(name, None, &Type::Record(Arc::clone(shape))),
            }
        }
    }

    /// Checks a value that is given or compared.
    fn value(&mut self, value: &Expression, ty: &Type, place: Place<'_>) {
        if place.pattern && (is_word(value, "_") || is_word(value, "missing")) {
            return;
        }
        match (&value.ungrouped().kind, ty.required()) {
            (ExpressionKind::Record(fields), Type::Record(shape)) => {
                self.fields(fields, shape, place.pattern)
            }
            (ExpressionKind::Record(fields), Type::Map(element)) => {
                fields.iter().for_each(|(_, value)| self.value(value, element, place));
            }
            (ExpressionKind::Record(fields), Type::Json) => {
                fields.iter().for_each(|(_, value)| self.value(value, &Type::Json, place));
            }
            (ExpressionKind::List(elements), Type::List(element)) => {
                elements.iter().for_each(|value| self.value(value, element, place));
            }
            (ExpressionKind::List(elements), Type::Json) => {
                elements.iter().for_each(|value| self.value(value, &Type::Json, place));
            }
            _ => self.single_value(value, ty, place),
        }
    }

    fn single_value(&mut self, value: &Expression, ty: &Type, place: Place<'_>) {
        let before = self.diagnostics.len();
        let found = self.expect(value, ty);
        if !found.agrees_with(ty) {
            let found = self.operand(value, found);
            let (name, wanted) = (place.name.to_owned(), ty.clone());
            self.report(ValueType { name, wanted, found, declared: place.declared });
        } else if self.diagnostics.len() == before
            && !found.is_error()
            && self.declarations.value(value, &self.zone).is_none()
        {
            self.report(NotComputable { span: value.span });
        }
    }
}

/// Returns whether an expression is nothing but this word, as `_` and `missing` stand for no value of their own.
fn is_word(value: &Expression, word: &str) -> bool {
    if let ExpressionKind::Name(name) = &value.kind { name.text == word } else { false }
}

/// The place of a path without its first name.
fn rest_of(path: &Path) -> Span {
    match path.names.as_slice() {
        [_, first, .., last] => first.span.to(last.span),
        [_, only] => only.span,
        _ => path.span,
    }
}

/// Reports every `because` of a test that names no part of its rule's condition.
pub(crate) fn reasons(
    test: &Test,
    files: &[Parsed],
    declarations: &Declarations,
    is_broken: impl Fn(ItemPlace) -> bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for clause in &test.clauses {
        let TestClauseKind::Expect(Expectation::Rule(expected)) = &clause.kind else { continue };
        let (Some(because), Some(name)) = (&expected.because, expected.name()) else { continue };
        let Some(rule) = rule(files, declarations, &name.text) else { continue };
        if declarations.rules.get(name.text.as_str()).is_some_and(|declared| is_broken(declared.place)) {
            continue;
        }
        let condition = rule.condition.as_ref();
        if !conditions(files, declarations, condition, because).is_empty() {
            continue;
        }
        let rule = name.text.clone();
        let (span, has_condition) = (because.span, condition.is_some());
        let condition = condition.map(|condition| condition.span);
        diagnostics.push(NoSuchCondition { span, rule, condition, has_condition }.into());
    }
}

fn rule<'a>(
    files: &'a [Parsed],
    declarations: &Declarations,
    name: &str,
) -> Option<&'a hence_syntax::ast::Rule> {
    let place = declarations.rules.get(name)?.place;
    match &files.get(place.file)?.items.get(place.item)?.kind {
        ItemKind::Rule(rule) => Some(rule),
        ItemKind::Fn(_)
        | ItemKind::Extern(_)
        | ItemKind::Const(_)
        | ItemKind::Group(_)
        | ItemKind::Table(_)
        | ItemKind::Test(_)
        | ItemKind::Broken(_) => None,
    }
}

/// Returns the places of the parts of a condition that say the same as `wanted`, blanks and parentheses aside. The
/// bodies of functions that the condition calls are parts of it.
pub fn conditions(
    files: &[Parsed],
    declarations: &Declarations,
    condition: Option<&Expression>,
    wanted: &Expression,
) -> Vec<Span> {
    let wanted = print_expression(wanted);
    let mut found = Vec::new();
    let mut called: Vec<String> = Vec::new();
    let mut open: Vec<&Expression> = condition.into_iter().collect();
    while let Some(part) = open.pop() {
        if print_expression(part) == wanted {
            found.push(part.span);
        }
        if let ExpressionKind::Binary {
            operator: BinaryOperator::And | BinaryOperator::Or,
            left,
            right,
            ..
        } = &part.kind
        {
            open.extend([&**left, &**right]);
        } else if let ExpressionKind::Group(inner)
        | ExpressionKind::Unary { operator: UnaryOperator::Not, operand: inner } = &part.kind
        {
            open.push(inner);
        } else if let ExpressionKind::Call { callee, .. } = &part.kind
            && let ExpressionKind::Name(name) = &callee.kind
            && let Some(function) = declarations.functions.get(&name.text)
            && !called.contains(&name.text)
        {
            called.push(name.text.clone());
            let place = function.place;
            let item = files.get(place.file).and_then(|file| file.items.get(place.item));
            if let Some(ItemKind::Fn(function)) = item.map(|item| &item.kind) {
                open.push(&function.body);
            }
        }
    }
    found
}

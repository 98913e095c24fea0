//! Calls: functions of the project, built-in functions, quantifiers, actions.

use hence_builtins::{FunctionId, SignatureError};
use hence_diagnostics::Span;
use hence_schema::{Action, Integration};
use hence_syntax::ast::{Argument, Expression, ExpressionKind, Name};
use hence_types::Type;

use super::elsewhere;
use crate::checker::{Checker, Within};
use crate::declarations::FunctionSignature;
use crate::errors::names::{
    DuplicateArgument, UnknownAction, UnknownArgument, UnknownFunction, UnknownIntegration,
};
use crate::errors::shape::{MisplacedBinder, MisplacedCall, UnnamedArgument};
use crate::errors::types::{ArgumentCount, ArgumentType, MissingArgument, NotAList, Unsuitable};
use crate::facts::{QuantifierKind, Use};

impl Checker<'_> {
    /// A call within an expression.
    pub(super) fn call(
        &mut self,
        expression: &Expression,
        callee: &Expression,
        arguments: &[Argument],
        parentheses: Span,
    ) -> Type {
        if let Some(Argument::Binder { .. }) = arguments.first() {
            return self.quantifier(expression, callee, arguments);
        }
        if let Some(action) = self.find_action(callee) {
            self.report(MisplacedCall {
                name: action.full_name.to_string(),
                span: callee.span,
                is_action: true,
            });
            self.check_arguments_only(arguments);
            return Type::Error;
        }
        let ExpressionKind::Name(name) = &callee.kind else {
            self.unknown_callee(callee);
            self.check_arguments_only(arguments);
            return Type::Error;
        };
        if let Some(function) = self.declarations.functions.get(&name.text) {
            let signature = function.what.clone();
            let declared = function.span;
            self.facts.set_use(expression.id, Use::Function(name.text.clone()));
            return self.function_call(name, &signature, declared, arguments, parentheses);
        }
        if let Some(function) = FunctionId::by_name(&name.text) {
            self.facts.set_use(expression.id, Use::Builtin(function));
            return self.builtin_call(name, function, arguments);
        }
        self.facts.asks_for_names = true;
        let mut candidates: Vec<String> = self.declarations.functions.keys().cloned().collect();
        candidates.extend(FunctionId::ALL.iter().map(|function| function.definition().name.to_owned()));
        if self.declarations.may_be_hidden(&name.text, &candidates) {
            self.facts.broken = true;
        } else {
            // `NOT (…)` is read as a call.
            candidates.push("not".to_owned());
            self.report(UnknownFunction {
                name: name.clone(),
                elsewhere: elsewhere::function(&name.text),
                candidates,
                quantifier: false,
            });
        }
        self.check_arguments_only(arguments);
        // It may have been a word before a test of what is there.
        self.lost |= arguments.iter().any(
            |argument| matches!(argument, Argument::Positional(value) if *self.facts.ty(value.id) == Type::Bool),
        );
        Type::Error
    }

    /// Reports `a.b(…)` where it is no action.
    fn unknown_callee(&mut self, callee: &Expression) {
        let path = callee.as_path();
        if let Some([integration, rest @ ..]) = path.as_deref()
            && !rest.is_empty()
            && !self.names_a_value(integration)
        {
            let written: Vec<&str> = rest.iter().map(|name| name.text.as_str()).collect();
            let first = rest.first().map_or(callee.span, |name| name.span);
            self.unknown_action(integration, &written.join("."), first.to(callee.span));
            return;
        }
        let ty = self.expression(callee);
        if !ty.is_error() {
            let message = "only functions and actions can be called".to_owned();
            let found = self.operand(callee, ty);
            self.report(Unsuitable { message, found, help: None });
        }
    }

    /// Whether a name stands for a variable, a constant or a part of the event.
    fn names_a_value(&self, name: &Name) -> bool {
        let text = name.text.as_str();
        self.environment.find(text).is_some()
            || self.declarations.constants.contains_key(text)
            || self.within == Within::Rule
                && (text == "event"
                    || self.aliases.iter().any(|alias| alias.text == text)
                    || self.payload().fields.contains_key(text))
    }

    fn unknown_action(&mut self, integration: &Name, written: &str, span: Span) {
        match self.catalog.integrations.get(&integration.text) {
            Some(found) => self.report(UnknownAction {
                integration: integration.text.clone(),
                written: written.to_owned(),
                span: Span::new(span.file, span.end - (written.len() as u32).min(span.end), span.end),
                declared: found.origin,
                candidates: found.actions.keys().cloned().collect(),
            }),
            None => self.report(UnknownIntegration {
                written: integration.text.clone(),
                span: integration.span,
                candidates: self.catalog.integrations.keys().cloned().collect(),
            }),
        }
    }

    /// Reports a call of an integration that is there and has no such action.
    pub(crate) fn named_action(&mut self, call: &Expression) {
        let ExpressionKind::Call { callee, .. } = &call.kind else { return };
        let path = callee.as_path();
        if let Some([integration, _, ..]) = path.as_deref()
            && self.catalog.integrations.contains_key(&integration.text)
            && self.find_action(callee).is_none()
        {
            self.unknown_callee(callee);
        }
    }

    /// Returns the action a path names, if it is one and no variable or field hides it.
    fn find_action(&self, callee: &Expression) -> Option<&Action> {
        let path = callee.as_path()?;
        let [integration, rest @ ..] = path.as_slice() else { return None };
        let integration: &Integration = self.catalog.integrations.get(&integration.text)?;
        let names: Vec<&str> = rest.iter().map(|name| name.text.as_str()).collect();
        integration.actions.get(&names.join("."))
    }

    fn check_arguments_only(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            match argument {
                Argument::Named(_, value) | Argument::Positional(value) => {
                    self.expression(value);
                }
                Argument::Binder { variable, list, .. } => {
                    self.expression(list);
                    self.report(MisplacedBinder { variable: variable.clone() });
                }
            }
        }
    }

    fn quantifier(&mut self, expression: &Expression, callee: &Expression, arguments: &[Argument]) -> Type {
        let (Some(Argument::Binder { id, variable, list }), rest) = (arguments.first(), arguments.get(1..))
        else {
            return Type::Error;
        };
        let name =
            callee.as_path().and_then(|path| if let [name] = path.as_slice() { Some(*name) } else { None });
        let kind = name.and_then(|name| {
            QuantifierKind::ALL.iter().find(|(word, _)| *word == name.text).map(|(_, kind)| *kind)
        });
        let found = self.expression(list);
        let found = self.need(list, found, "a quantifier needs a list", None);
        let element = if let Type::List(element) = &found {
            element.as_ref().clone()
        } else {
            if !found.is_error() {
                let found = self.operand(list, found.clone());
                let quantifier = name.map_or("a quantifier".to_owned(), |name| name.text.clone());
                self.report(NotAList { quantifier, found });
            }
            Type::Error
        };
        let Some(kind) = kind else {
            if let Some(name) = name {
                let candidates = QuantifierKind::ALL.iter().map(|(word, _)| (*word).to_owned()).collect();
                let is_function = FunctionId::by_name(&name.text).is_some()
                    || self.declarations.functions.contains_key(&name.text);
                if is_function && let Some(Argument::Binder { variable, .. }) = arguments.first() {
                    self.report(MisplacedBinder { variable: variable.clone() });
                } else {
                    self.report(UnknownFunction {
                        name: name.clone(),
                        elsewhere: None,
                        candidates,
                        quantifier: true,
                    });
                }
            } else {
                self.unknown_callee(callee);
            }
            return Type::Error;
        };
        self.facts.set_use(expression.id, Use::Quantifier(kind));
        let origin = self.facts.origin(list.id);
        let scope = self.environment.clone();
        self.bind(variable, *id, element.clone(), origin);
        let name = name.map_or_else(String::new, |name| name.text.clone());
        let result = match rest {
            Some([Argument::Positional(body)]) => self.quantified(kind, &name, &element, body),
            _ => {
                self.report(ArgumentCount {
                    signature: format!("{name}(x in list, …)"),
                    of: name,
                    too_many: arguments.len() > 2,
                    span: expression.span,
                });
                Type::Error
            }
        };
        self.environment = scope;
        result
    }

    fn function_call(
        &mut self,
        name: &Name,
        signature: &FunctionSignature,
        declared: Span,
        arguments: &[Argument],
        parentheses: Span,
    ) -> Type {
        let words: Vec<String> =
            signature.parameters.iter().map(|(name, ty, _)| format!("{name}: {ty}")).collect();
        let shown = format!("{}({})", name.text, words.join(", "));
        if arguments.len() > signature.parameters.len() {
            self.report(ArgumentCount {
                of: name.text.clone(),
                signature: shown,
                too_many: true,
                span: name.span.to(parentheses),
            });
            self.check_arguments_only(arguments);
            return signature.result.clone();
        }
        let mut given: Vec<(usize, Span)> = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let (at, value, span) = match argument {
                Argument::Positional(value) => (Some(index), value, value.span),
                Argument::Named(argument, value) => {
                    let at =
                        signature.parameters.iter().position(|(parameter, ..)| *parameter == argument.text);
                    if at.is_none() {
                        self.report(UnknownArgument {
                            name: argument.clone(),
                            of: name.text.clone(),
                            origin: Some(declared),
                            candidates: signature.parameters.iter().map(|(name, ..)| name.clone()).collect(),
                        });
                    }
                    (at, value, argument.span)
                }
                Argument::Binder { variable, list, .. } => {
                    self.report(MisplacedBinder { variable: variable.clone() });
                    (Some(index), list, list.span)
                }
            };
            let parameter = at.and_then(|at| signature.parameters.get(at));
            let Some((parameter, wanted, place)) = parameter else {
                self.expression(value);
                continue;
            };
            if let Some((_, first)) = given.iter().find(|(before, _)| Some(*before) == at) {
                let name = Name { text: parameter.clone(), span };
                let first = *first;
                self.report(DuplicateArgument { name, first });
            }
            given.extend(at.map(|at| (at, span)));
            self.argument(&name.text, parameter, wanted, value, Some(*place));
        }
        let missing: Vec<String> = signature
            .parameters
            .iter()
            .enumerate()
            .filter(|(at, (_, ty, _))| !ty.is_optional() && !given.iter().any(|(before, _)| before == at))
            .map(|(_, (name, ..))| name.clone())
            .collect();
        if !missing.is_empty() {
            self.report(ArgumentCount {
                of: name.text.clone(),
                signature: shown,
                too_many: false,
                span: name.span.to(parentheses),
            });
        }
        signature.result.clone()
    }

    /// Checks an argument against the type of its parameter.
    pub(crate) fn argument(
        &mut self,
        of: &str,
        parameter: &str,
        wanted: &Type,
        value: &Expression,
        declared: Option<Span>,
    ) {
        let found = self.expect(value, wanted);
        if found.agrees_with(wanted) {
            return;
        }
        if found.required().agrees_with(wanted) {
            self.need(value, found, &format!("`{of}` needs `{parameter}`"), None);
            return;
        }
        let found = self.operand(value, found);
        self.report(ArgumentType {
            of: of.to_owned(),
            parameter: parameter.to_owned(),
            wanted: format!("`{wanted}`"),
            found,
            declared,
        });
    }

    fn builtin_call(&mut self, name: &Name, function: FunctionId, arguments: &[Argument]) -> Type {
        let definition = function.definition();
        let mut types = Vec::new();
        let mut values = Vec::new();
        let mut reported = false;
        for argument in arguments {
            let value = match argument {
                Argument::Positional(value) => value,
                Argument::Named(argument, value) => {
                    let candidates = definition.parameters.iter().map(|p| p.name.to_owned()).collect();
                    let of = definition.name.to_owned();
                    if !definition.parameters.iter().any(|parameter| parameter.name == argument.text) {
                        self.report(UnknownArgument { name: argument.clone(), of, origin: None, candidates });
                        reported = true;
                    } else if definition.parameters.get(types.len()).is_none_or(|p| p.name != argument.text) {
                        self.report(UnnamedArgument {
                            of: definition.name.to_owned(),
                            span: argument.span,
                            names: Vec::new(),
                        });
                        reported = true;
                    }
                    value
                }
                Argument::Binder { variable, list, .. } => {
                    self.report(MisplacedBinder { variable: variable.clone() });
                    reported = true;
                    list
                }
            };
            let ty = self.expression(value);
            let ty = self.need(value, ty, &format!("`{}` needs a value", definition.name), None);
            types.push(ty);
            values.push(value);
        }
        match (definition.result)(&types) {
            Ok(ty) => ty,
            Err(_) if reported || types.iter().any(Type::is_error) => Type::Error,
            Err(SignatureError::Count) => {
                let span = arguments.last().map_or(name.span, |last| name.span.to(argument_span(last)));
                self.report(ArgumentCount {
                    of: name.text.clone(),
                    signature: signature(function),
                    too_many: arguments.len() > definition.parameters.len(),
                    span,
                });
                Type::Error
            }
            Err(SignatureError::Argument(at)) => {
                let parameter = definition.parameters.get(at).or(definition.parameters.last());
                if let (Some(value), Some(ty), Some(parameter)) = (values.get(at), types.get(at), parameter) {
                    let found = self.operand(value, ty.clone());
                    self.report(ArgumentType {
                        of: definition.name.to_owned(),
                        parameter: parameter.name.to_owned(),
                        wanted: parameter.takes.to_owned(),
                        found,
                        declared: None,
                    });
                }
                Type::Error
            }
        }
    }

    /// Checks a call that is a step, or the value of a `let`: an action. Returns the type of its result.
    /// What is no action is checked as an expression; then the flag is false.
    pub(crate) fn action_call(&mut self, expression: &Expression) -> (Type, bool) {
        let ExpressionKind::Call { callee, arguments, parentheses } = &expression.kind else {
            return (self.expression(expression), false);
        };
        let Some(action) = self.find_action(callee).cloned() else {
            return (self.expression(expression), false);
        };
        self.placed_action(&action, callee);
        let of = action.full_name.to_string();
        let mut given: Vec<Name> = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let (name, value) = match argument {
                Argument::Named(name, value) => (name.clone(), value),
                Argument::Positional(value) if action.read && at < action.params.len() => {
                    let name = action.params.get_index(at).map(|(name, _)| name.to_string());
                    (Name { text: name.unwrap_or_default(), span: value.span }, value)
                }
                Argument::Positional(value) => {
                    self.expression(value);
                    let names = action.params.keys().map(ToString::to_string).collect();
                    self.report(UnnamedArgument { of: of.clone(), span: value.span, names });
                    continue;
                }
                Argument::Binder { variable, list, .. } => {
                    self.expression(list);
                    self.report(MisplacedBinder { variable: variable.clone() });
                    continue;
                }
            };
            if let Some(first) = given.iter().find(|before| before.text == name.text) {
                let first = first.span;
                self.report(DuplicateArgument { name, first });
                self.expression(value);
                continue;
            }
            given.push(name.clone());
            match action.params.get(name.text.as_str()) {
                Some(param) => self.argument(&of, &name.text, &param.ty, value, Some(param.origin)),
                None => {
                    self.expression(value);
                    self.report(UnknownArgument {
                        name: name.clone(),
                        of: of.clone(),
                        origin: Some(action.origin),
                        candidates: action.params.keys().map(ToString::to_string).collect(),
                    });
                }
            }
        }
        let unnamed = arguments.len() > given.len();
        let required: Vec<&str> = action
            .params
            .iter()
            .filter(|(name, param)| !param.ty.is_optional() && !given.iter().any(|g| *g.text == ***name))
            .map(|(name, _)| &**name)
            .collect();
        // What is written under a name near to that of a parameter is not reported as missing as well.
        let unknown = given.iter().filter(|name| !action.params.contains_key(name.text.as_str()));
        let meant: Vec<&str> = unknown
            .filter_map(|name| hence_diagnostics::nearest(&name.text, required.iter().copied()))
            .collect();
        let mut missing = action
            .params
            .iter()
            .filter(|(name, _)| required.contains(&&***name) && !meant.contains(&&***name))
            .peekable();
        if missing.peek().is_some() && !unnamed {
            let declared = missing.peek().map(|(_, param)| param.origin);
            let names: Vec<String> = missing.map(|(name, _)| name.to_string()).collect();
            let closer = Span::new(parentheses.file, parentheses.end.saturating_sub(1), parentheses.end);
            self.report(MissingArgument {
                of,
                names,
                call: callee.span,
                closer,
                has_arguments: !arguments.is_empty(),
                declared,
            });
        }
        self.facts.set_use(expression.id, Use::Action(action.full_name.clone()));
        self.facts.set_origin(expression.id, Some(action.origin));
        let result = action.result.clone().unwrap_or(Type::Nothing);
        self.facts.set_type(expression.id, result.clone());
        (result, true)
    }

    /// Checks a step that is a call.
    pub(crate) fn call_step(&mut self, expression: &Expression) {
        let ExpressionKind::Call { callee, .. } = &expression.kind else { return };
        let before = self.diagnostics.len();
        let (_, is_action) = self.action_call(expression);
        let only_reads = is_action && self.find_action(callee).is_some_and(|action| action.read);
        if (!is_action || only_reads) && self.diagnostics.len() == before {
            let name = super::called(callee);
            self.report(MisplacedCall { name, span: callee.span, is_action: false });
        }
    }
}

fn argument_span(argument: &Argument) -> Span {
    match argument {
        Argument::Named(name, value) => name.span.to(value.span),
        Argument::Positional(value) => value.span,
        Argument::Binder { variable, list, .. } => variable.span.to(list.span),
    }
}

/// Returns a built-in function as `name(parameter, parameter?)`.
fn signature(function: FunctionId) -> String {
    let definition = function.definition();
    let parameters: Vec<String> = definition
        .parameters
        .iter()
        .map(|parameter| format!("{}{}", parameter.name, if parameter.optional { "?" } else { "" }))
        .collect();
    format!("{}({})", definition.name, parameters.join(", "))
}

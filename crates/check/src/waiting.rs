//! `wait`: for a length of time, until an instant, for another event.

use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, Span};
use hence_syntax::ast::{Ask, Expression, Name, NodeId, Path, Step, WaitFor};
use hence_types::{Record, Type};

use crate::checker::Checker;
use crate::errors::shape::ClauseValue;
use crate::errors::types::Unsuitable;

/// What the other event is called within `where`.
const IT: &str = "it";

impl Checker<'_> {
    /// `wait 3 days`, `wait until renews_at`
    pub(crate) fn wait(&mut self, until: bool, value: &Expression) {
        if !until {
            return self.length(
                value,
                "wait",
                "an instant or a day stands after `until`: `wait until due_at`",
            );
        }
        let ty = self.expression(value);
        let ty = self.need(value, ty, "`wait until` needs an instant", None);
        if matches!(ty, Type::Error | Type::DateTime | Type::Date) {
            return;
        }
        let message = format!("`wait until` takes a day or an instant, not `{ty}`");
        let help = Some("a length of time stands alone: `wait 3 days`".to_owned());
        let found = self.operand(value, ty);
        self.report(Unsuitable { message, found, help });
    }

    /// Checks a length of time.
    fn length(&mut self, value: &Expression, after: &str, help: &str) {
        let ty = self.expression(value);
        let ty = self.need(value, ty, &format!("`{after}` needs a length of time"), None);
        if matches!(ty, Type::Error | Type::Duration | Type::Period) {
            return;
        }
        let message = format!("`{after}` takes a length of time such as `3 days`, not `{ty}`");
        let found = self.operand(value, ty);
        self.report(Unsuitable { message, found, help: Some(help.to_owned()) });
    }

    /// How long something is waited for: `up to 3 days`.
    pub(crate) fn limit(&mut self, value: &Expression) {
        self.length(value, "up to", "say how long, not until when: `up to 3 days`");
    }

    /// `wait for shop.order.paid where …`: what arrives may be missing, as the wait may end without it.
    pub(crate) fn wait_for(&mut self, step: &Step, wait: &WaitFor) {
        let event = self.event_of(&wait.event);
        let payload = event.map(|event| Arc::clone(&event.payload));
        if let Some(condition) = &wait.condition {
            self.where_clause(wait.it, payload.as_ref(), &wait.event, condition);
        }
        match &wait.limit {
            Some(limit) => self.limit(limit),
            None => self.without_limit(wait.event.span),
        }
        if let Some(name) = &wait.name {
            let ty = payload.map_or(Type::Error, Type::Record);
            self.bind(name, step.id, ty.optional(), None);
        }
    }

    /// `ask "manager" "Approve {total}?" up to 48 h`: the answer may be missing, as nobody may answer in time.
    pub(crate) fn ask(&mut self, step: &Step, ask: &Ask) {
        if ask.role.0.trim().is_empty() {
            let message = "nobody is asked".to_owned();
            self.report(ClauseValue {
                message,
                label: "expected who, such as `\"manager\"`",
                span: ask.role.1,
            });
        }
        let ty = self.expression(&ask.question);
        let ty = self.need(&ask.question, ty, "`ask` needs a question", None);
        if !matches!(ty, Type::Error | Type::String | Type::Enum(_)) {
            let message = format!("`ask` takes a question as text, not `{ty}`");
            let found = self.operand(&ask.question, ty);
            let help = Some("put it into a text: `\"Approve {total}?\"`".to_owned());
            self.report(Unsuitable { message, found, help });
        }
        match &ask.limit {
            Some(limit) => self.limit(limit),
            None => self.report(
                Diagnostic::new(Code::WaitWithoutLimit, step.span, "this question may never be answered")
                    .label("if nobody answers, the execution waits for ever")
                    .help("say how long: `up to 48 h`; the answer is then missing"),
            ),
        }
        if let Some(name) = &ask.name {
            self.bind(name, step.id, Type::Bool.optional(), None);
        }
    }

    /// Checks which event is meant; `it` is that event there.
    pub(crate) fn where_clause(
        &mut self,
        it: NodeId,
        payload: Option<&Arc<Record>>,
        event: &Path,
        condition: &Expression,
    ) {
        let scope = self.environment.clone();
        let ty = payload.map_or(Type::Error, |payload| Type::Record(Arc::clone(payload)));
        self.bind(&Name { text: IT.to_owned(), span: event.span }, it, ty, None);
        self.condition(condition, "`where`");
        self.environment = scope;
    }

    fn without_limit(&mut self, span: Span) {
        self.report(
            Diagnostic::new(Code::WaitWithoutLimit, span, "this wait may never end")
                .label("if the event does not arrive, the execution waits for ever")
                .help("say how long: `, up to 3 days`; what arrives is then missing"),
        );
    }
}

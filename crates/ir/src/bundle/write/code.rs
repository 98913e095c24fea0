//! Expressions, constants and patterns → their stored form.

use hence_builtins::Pattern;
use hence_types::{Decimal, Value};

use super::{Writer, number};
use crate::bundle::wire;
use crate::{MatchArm, Node, Operation, Segment};

impl Writer {
    pub(super) fn node(&mut self, node: &Node) -> wire::Node {
        wire::Node { operation: self.operation(&node.operation), span: self.span(node.span) }
    }

    fn operation(&mut self, operation: &Operation) -> wire::Operation {
        match operation {
            Operation::Constant(id) => wire::Operation::Constant(id.0),
            Operation::Slot(id) => wire::Operation::Slot(id.0),
            Operation::Local(id) => wire::Operation::Local(id.0),
            Operation::Now => wire::Operation::Now,
            Operation::Today => wire::Operation::Today,
            Operation::Field { base, index, name } => {
                wire::Operation::Field { base: base.0, index: *index, name: self.word(name) }
            }
            Operation::Index { base, index } => wire::Operation::Index { base: base.0, index: index.0 },
            Operation::And(left, right) => wire::Operation::And(left.0, right.0),
            Operation::Or(left, right) => wire::Operation::Or(left.0, right.0),
            Operation::Not(operand) => wire::Operation::Not(operand.0),
            Operation::Negate(operand) => wire::Operation::Negate(operand.0),
            Operation::Binary { operator, case, left, right } => wire::Operation::Binary {
                operator: (*operator).into(),
                case: (*case).into(),
                left: left.0,
                right: right.0,
            },
            Operation::Between { operand, low, high } => {
                wire::Operation::Between { operand: operand.0, low: low.0, high: high.0 }
            }
            Operation::Matches { operand, pattern } => {
                wire::Operation::Matches { operand: operand.0, pattern: pattern.0 }
            }
            Operation::Groups { operand, pattern, shape } => {
                wire::Operation::Groups { operand: operand.0, pattern: pattern.0, shape: self.record(shape) }
            }
            Operation::External { function, file, arguments } => wire::Operation::External {
                function: self.word(function),
                file: self.word(file),
                arguments: arguments.iter().map(|argument| argument.0).collect(),
            },
            Operation::Presence { test, operand } => {
                wire::Operation::Presence { test: (*test).into(), operand: operand.0 }
            }
            Operation::IsEvent(trigger) => wire::Operation::IsEvent(*trigger),
            Operation::Default { operand, default } => {
                wire::Operation::Default { operand: operand.0, default: default.0 }
            }
            Operation::If { condition, yes, no } => {
                wire::Operation::If { condition: condition.0, yes: yes.0, no: no.0 }
            }
            Operation::Call { function, arguments } => wire::Operation::Call {
                function: self.word(function.name()),
                arguments: arguments.iter().map(|argument| argument.0).collect(),
            },
            Operation::Bind { local, value, body } => {
                wire::Operation::Bind { local: local.0, value: value.0, body: body.0 }
            }
            Operation::Quantifier { quantifier, local, list, body, empty } => wire::Operation::Quantifier {
                quantifier: (*quantifier).into(),
                local: local.0,
                list: list.0,
                body: body.0,
                empty: empty.0,
            },
            Operation::Table { rows, every } => wire::Operation::Table {
                rows: rows.iter().map(|(condition, result)| (condition.0, result.0)).collect(),
                every: *every,
            },
            Operation::Text(segments) => {
                wire::Operation::Text(segments.iter().map(|segment| self.segment(segment)).collect())
            }
            Operation::List(elements) => {
                wire::Operation::List(elements.iter().map(|element| element.0).collect())
            }
            Operation::InRange { operand, low, high } => {
                wire::Operation::InRange { operand: operand.0, low: low.0, high: high.0 }
            }
            Operation::As { operand, ty } => wire::Operation::As { operand: operand.0, ty: self.ty(ty) },
            Operation::Match { subject, arms, missing, otherwise } => wire::Operation::Match {
                subject: subject.0,
                arms: arms.iter().map(arm).collect(),
                missing: missing.map(|body| body.0),
                otherwise: otherwise.map(|body| body.0),
            },
            Operation::Record { shape, fields } => wire::Operation::Record {
                shape: self.record(shape),
                fields: fields.iter().map(|field| field.0).collect(),
            },
        }
    }

    fn segment(&mut self, segment: &Segment) -> wire::Segment {
        match segment {
            Segment::Literal(text) => wire::Segment::Literal(self.word(text)),
            Segment::Value(node) => wire::Segment::Value(node.0),
        }
    }

    pub(super) fn pattern(&mut self, pattern: &Pattern) -> u32 {
        let stored =
            wire::Pattern { source: pattern.source().to_owned(), ignoring_case: pattern.ignores_case() };
        number(self.patterns.insert_full(stored).0)
    }

    pub(super) fn constants(&mut self, constants: &[Value]) -> Vec<wire::Value> {
        let mut stored = Vec::new();
        for constant in constants {
            self.value(constant, &mut stored);
        }
        stored
    }

    /// Appends a value after its parts.
    fn value(&mut self, value: &Value, stored: &mut Vec<wire::Value>) {
        let value = match value {
            Value::Missing => wire::Value::Missing,
            Value::Bool(truth) => wire::Value::Bool(*truth),
            Value::Int(int) => wire::Value::Int(*int),
            Value::Decimal(number) => wire::Value::Decimal(decimal(number)),
            Value::Float(float) => wire::Value::Float(float.to_bits()),
            Value::String(text) => wire::Value::String(self.word(text)),
            Value::Date(date) => {
                wire::Value::Date { year: date.year(), month: date.month(), day: date.day() }
            }
            Value::Time(time) => wire::Value::Time {
                hour: time.hour(),
                minute: time.minute(),
                second: time.second(),
                nanosecond: time.subsec_nanosecond(),
            },
            Value::DateTime(instant) => wire::Value::DateTime {
                seconds: instant.as_second(),
                nanoseconds: instant.subsec_nanosecond(),
            },
            Value::Duration(duration) => {
                wire::Value::Duration { seconds: duration.as_secs(), nanoseconds: duration.subsec_nanos() }
            }
            Value::Period(period) => wire::Value::Period { months: period.months, days: period.days },
            Value::Percent(percent) => wire::Value::Percent(decimal(percent)),
            Value::Money(money) => wire::Value::Money {
                amount: decimal(&money.amount),
                currency: self.word(money.currency.as_str()),
            },
            Value::List(elements) => {
                elements.iter().for_each(|element| self.value(element, stored));
                wire::Value::List(number(elements.len()))
            }
            Value::Map(members) => {
                members.values().for_each(|member| self.value(member, stored));
                wire::Value::Map(members.keys().map(|key| self.word(key)).collect())
            }
            Value::Record(record) => {
                record.fields.iter().for_each(|field| self.value(field, stored));
                wire::Value::Record(self.record(&record.shape))
            }
            Value::Json(text) => wire::Value::Json(self.word(text)),
        };
        stored.push(value);
    }
}

fn arm(arm: &MatchArm) -> wire::MatchArm {
    wire::MatchArm { values: arm.values.iter().map(|value| value.0).collect(), body: arm.body.0 }
}

fn decimal(decimal: &Decimal) -> wire::Decimal {
    wire::Decimal {
        negative: decimal.is_sign_negative(),
        digits: decimal.mantissa().unsigned_abs(),
        scale: decimal.scale(),
    }
}

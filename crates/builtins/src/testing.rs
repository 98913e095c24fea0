//! A tiny evaluator of literals, operators and calls, so that tests and examples read as authors write.
//!
//! It knows no names and no types; the language's own parser and checker live above this crate.

use std::iter::Peekable;
use std::sync::{Arc, LazyLock};
use std::vec::IntoIter;

use hence_types::jiff::{SignedDuration, tz::TimeZone};
use hence_types::time::{parse_date, parse_instant, parse_time};
use hence_types::{Currency, Field, Money, Period, Record, RecordValue, Type, Value};
use regex::Regex;

use crate::{BinaryOperator, Case, Context, Fault, FunctionId, SignatureError, negate};

/// 10 o'clock of Friday, 27 November 2026 in the zone.
pub(crate) fn context_in(zone: &str) -> Context {
    Context { now: parse_instant("2026-11-27T10:00Z").unwrap(), zone: TimeZone::get(zone).unwrap() }
}

/// Evaluates an expression of literals, in UTC.
pub(crate) fn evaluate(expression: &str) -> Result<Value, Fault> {
    evaluate_in("UTC", expression)
}

fn evaluate_in(zone: &str, expression: &str) -> Result<Value, Fault> {
    let mut parser = Parser { tokens: tokens(expression).into_iter().peekable(), context: context_in(zone) };
    let value = parser.comparison()?;
    assert!(parser.tokens.next().is_none(), "more after the expression: {expression}");
    Ok(value)
}

/// Asserts what an expression gives, as a literal.
#[track_caller]
pub(crate) fn gives(expression: &str, literal: &str) {
    gives_in("UTC", expression, literal);
}

/// Asserts what an expression gives in a time zone.
#[track_caller]
pub(crate) fn gives_in(zone: &str, expression: &str, literal: &str) {
    let value = evaluate_in(zone, expression).map(|value| value.to_string());
    assert_eq!(value, Ok(literal.to_owned()), "{expression}");
}

/// Asserts the message of the fault an expression ends with.
#[track_caller]
pub(crate) fn fails(expression: &str, message: &str) {
    let fault = evaluate(expression).map(|value| value.to_string()).map_err(|fault| fault.to_string());
    assert_eq!(fault, Err(message.to_owned()), "{expression}");
}

/// Asserts the type of a call for types of arguments: as written, or `count` or `argument 1` for what does not fit.
#[track_caller]
pub(crate) fn call_type(name: &str, arguments: &[&str], expected: &str) {
    let types: Vec<Type> = arguments.iter().map(|text| ty(text)).collect();
    let result = match (FunctionId::by_name(name).unwrap().definition().result)(&types) {
        Ok(ty) => ty.to_string(),
        Err(SignatureError::Count) => "count".to_owned(),
        Err(SignatureError::Argument(place)) => format!("argument {place}"),
    };
    assert_eq!(result, expected, "{name}({})", arguments.join(", "));
}

/// Asserts the type of an operator's result, `none` where it does not take the operands.
#[track_caller]
pub(crate) fn operator_type(left: &str, operator: BinaryOperator, right: &str, expected: &str) {
    let definition = operator.definition();
    let result = (definition.result)(&ty(left), &ty(right)).map_or("none".to_owned(), |ty| ty.to_string());
    assert_eq!(result, expected, "{left} {} {right}", definition.symbol);
}

/// Reads a type as authors write it; `a|b` is an enumeration.
pub(crate) fn ty(text: &str) -> Type {
    let inner = |prefix: &str| {
        let inner = text.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>'));
        inner.map(|inner| Arc::new(ty(inner)))
    };
    if let Some(required) = text.strip_suffix('?') {
        return ty(required).optional();
    }
    if let Some(element) = inner("list<") {
        return Type::List(element);
    }
    if let Some(element) = inner("map<") {
        return Type::Map(element);
    }
    if let Some(fields) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let fields = fields.split(',').filter_map(|field| field.split_once(':'));
        let fields =
            fields.map(|(name, field)| (name.trim().into(), Field::plain(ty(field.trim())))).collect();
        return Type::Record(Arc::new(Record { name: None, fields, origin: None }));
    }
    if text.contains('|') {
        let values = text.split('|').map(Arc::from).collect();
        return Type::Enum(Arc::new(hence_types::Enumeration { name: None, values, origin: None }));
    }
    match text {
        "unknown" => Type::Error,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "decimal" => Type::Decimal,
        "float" => Type::Float,
        "string" => Type::String,
        "date" => Type::Date,
        "time" => Type::Time,
        "datetime" => Type::DateTime,
        "duration" => Type::Duration,
        "period" => Type::Period,
        "percent" => Type::Percent,
        "money" => Type::Money(None),
        "json" => Type::Json,
        "nothing" => Type::Nothing,
        currency => Type::Money(Some(Currency::parse(currency).unwrap())),
    }
}

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) "(?:[^"\\]|\\.)*" | `[^`]*`
        | \d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?
        | \d\d:\d\d(?::\d\d(?:\.\d+)?)?
        | \d[\d_]*(?:\.\d+)?%? | \w+ | [=!<>]= | \S"#,
    )
    .unwrap()
});

fn tokens(expression: &str) -> Vec<String> {
    TOKEN.find_iter(expression).map(|token| token.as_str().to_owned()).collect()
}

struct Parser {
    tokens: Peekable<IntoIter<String>>,
    context: Context,
}

impl Parser {
    fn take(&mut self, token: &str) -> bool {
        self.tokens.next_if(|next| next == token).is_some()
    }

    fn expect(&mut self, token: &str) {
        assert!(self.take(token), "`{token}` expected before {:?}", self.tokens.peek());
    }

    fn apply(
        &self,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
        case: Case,
    ) -> Result<Value, Fault> {
        (operator.definition().apply)(left, right, case, &self.context)
    }

    fn comparison(&mut self) -> Result<Value, Fault> {
        let left = self.sum()?;
        let negated = self.take("not");
        let Some(word) = self.tokens.peek().cloned() else { return Ok(left) };
        let symbol = match word.as_str() {
            "starts" | "ends" => format!("{word} with"),
            "within" | "older" => format!("{word} {}", self.tokens.clone().nth(1).unwrap_or_default()),
            _ => word,
        };
        let operators = BinaryOperator::ALL.get(..13).unwrap_or_default();
        let Some(operator) = operators.iter().find(|operator| operator.definition().symbol == symbol) else {
            return Ok(left);
        };
        for token in symbol.split(' ') {
            self.expect(token);
        }
        let right = self.sum()?;
        let case = if self.take("ignoring") { Case::Ignored } else { Case::Sensitive };
        if case == Case::Ignored {
            self.expect("case");
        }
        let value = self.apply(*operator, &left, &right, case)?;
        Ok(if negated { Value::Bool(value.as_bool() == Some(false)) } else { value })
    }

    fn sum(&mut self) -> Result<Value, Fault> {
        let mut left = self.product()?;
        if self.take("else") {
            let default = self.sum()?;
            return Ok(if left.is_missing() { default } else { left });
        }
        loop {
            let operator = if self.take("+") {
                BinaryOperator::Add
            } else if self.take("-") {
                BinaryOperator::Subtract
            } else {
                return Ok(left);
            };
            let right = self.product()?;
            left = self.apply(operator, &left, &right, Case::Sensitive)?;
        }
    }

    fn product(&mut self) -> Result<Value, Fault> {
        let mut left = self.unary()?;
        loop {
            let operator = if self.take("*") {
                BinaryOperator::Multiply
            } else if self.take("/") {
                BinaryOperator::Divide
            } else if self.take("%") {
                BinaryOperator::Remainder
            } else {
                return Ok(left);
            };
            let right = self.unary()?;
            left = self.apply(operator, &left, &right, Case::Sensitive)?;
        }
    }

    fn unary(&mut self) -> Result<Value, Fault> {
        if self.take("-") { negate(&self.unary()?) } else { self.primary() }
    }

    fn primary(&mut self) -> Result<Value, Fault> {
        let token = self.tokens.next().expect("an expression");
        match token.as_str() {
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            "missing" => return Ok(Value::Missing),
            "(" => {
                let value = self.comparison()?;
                self.expect(")");
                return Ok(value);
            }
            "[" => return self.values("]").map(|list| Value::List(list.into())),
            "{" => return self.record(),
            _ => {}
        }
        if let Some(text) = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            let text = text.replace("{{", "{").replace("}}", "}").replace("\\\"", "\"").replace("\\n", "\n");
            return Ok(Value::text(text));
        }
        if let Some(literal) = time_literal(&token) {
            return Ok(literal);
        }
        if let Some(percent) = token.strip_suffix('%') {
            return Ok(Value::Percent(percent.parse().unwrap()));
        }
        if token.starts_with(|first: char| first.is_ascii_digit()) {
            return Ok(self.number(&token.replace('_', "")));
        }
        self.expect("(");
        if token == "float" {
            let digits: String = std::iter::from_fn(|| self.tokens.next_if(|next| next != ")")).collect();
            let float = digits.parse().unwrap();
            self.expect(")");
            return Ok(Value::Float(float));
        }
        let mut arguments = self.values(")")?;
        match token.as_str() {
            "map" => Ok(as_map(&arguments.remove(0))),
            name => {
                let function = FunctionId::by_name(name).unwrap_or_else(|| panic!("no function `{name}`"));
                (function.definition().apply)(&arguments, &self.context)
            }
        }
    }

    fn values(&mut self, end: &str) -> Result<Vec<Value>, Fault> {
        let mut values = Vec::new();
        while !self.take(end) {
            values.push(self.comparison()?);
            self.take(",");
        }
        Ok(values)
    }

    fn record(&mut self) -> Result<Value, Fault> {
        let mut shape = Record::default();
        let mut values = Vec::new();
        while !self.take("}") {
            let name = self.tokens.next().unwrap();
            self.expect(":");
            shape.fields.insert(name.trim_matches('`').into(), Field::plain(Type::Json));
            values.push(self.comparison()?);
            self.take(",");
        }
        Ok(Value::Record(Arc::new(RecordValue { shape: Arc::new(shape), fields: values.into() })))
    }

    fn number(&mut self, digits: &str) -> Value {
        let unit = self.tokens.next_if(|next| next.chars().all(char::is_alphabetic) && !is_operator(next));
        let Some(unit) = unit else {
            return if digits.contains('.') {
                Value::Decimal(digits.parse().unwrap())
            } else {
                Value::Int(digits.parse().unwrap())
            };
        };
        if let Some(currency) = Currency::parse(&unit) {
            return Value::Money(Money { amount: digits.parse().unwrap(), currency });
        }
        let count = || digits.parse::<i32>().unwrap();
        match unit.trim_end_matches('s') {
            "" => {
                let nanoseconds = digits.parse::<f64>().unwrap() * 1e9;
                Value::Duration(SignedDuration::from_nanos(nanoseconds as i64))
            }
            "m" => Value::Duration(SignedDuration::from_mins(count().into())),
            "h" => Value::Duration(SignedDuration::from_hours(count().into())),
            "day" => Value::Period(Period::days(count())),
            "week" => Value::Period(Period::days(count() * 7)),
            "month" => Value::Period(Period::months(count())),
            "year" => Value::Period(Period::months(count() * 12)),
            unit => panic!("no unit `{unit}`"),
        }
    }
}

fn is_operator(word: &str) -> bool {
    ["in", "not", "contains", "ignoring", "within", "older"].contains(&word)
}

fn time_literal(token: &str) -> Option<Value> {
    parse_instant(token)
        .map(Value::DateTime)
        .or_else(|| parse_date(token).map(Value::Date))
        .or_else(|| parse_time(token).map(Value::Time))
}

fn as_map(record: &Value) -> Value {
    let Value::Record(record) = record else { panic!("no record: {record}") };
    let members = record.shape.fields.keys().cloned().zip(record.fields.iter().cloned());
    Value::Map(Arc::new(members.collect()))
}

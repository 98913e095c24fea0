//! Evaluators of expressions.

use std::sync::Arc;

use datalogic_rs::{CustomOperator, DataValue, datavalue::OwnedDataValue, operator::EvalContext};
use regex::Regex;

use crate::conditions::{Entry, Workload};
use crate::order::{EMAIL, Plain};

/// Whether an address is as `complex` wants it: JsonLogic has no patterns, so the host gives it one.
struct Known(Regex);

impl CustomOperator for Known {
    fn evaluate<'a>(
        &self,
        arguments: &[&'a DataValue<'a>],
        _: &mut EvalContext<'_, 'a>,
        arena: &'a bumpalo::Bump,
    ) -> datalogic_rs::Result<&'a DataValue<'a>> {
        let email = arguments.first().and_then(|value| value.as_str()).unwrap();
        Ok(arena.alloc(DataValue::Bool(self.0.is_match(email))))
    }
}

pub(crate) fn datalogic<'c>(workload: &Workload, payloads: &'c [String]) -> Entry<'c> {
    let engine = datalogic_rs::Engine::builder().add_operator("known", Known(Regex::new(EMAIL).unwrap()));
    let engine: &'static datalogic_rs::Engine = Box::leak(Box::new(engine.build()));
    let logic: &'static datalogic_rs::Logic =
        Box::leak(Box::new(engine.compile(&workload.datalogic).unwrap()));
    let holder: &'static bumpalo::Bump = Box::leak(Box::new(bumpalo::Bump::new()));
    let value = |payload: &String| -> &'static DataValue<'static> {
        holder.alloc(OwnedDataValue::from_json(payload).unwrap().to_arena(holder))
    };
    let values: Vec<&'static DataValue<'static>> = payloads.iter().map(value).collect();
    let mut arena = bumpalo::Bump::new();
    let mut other = bumpalo::Bump::new();
    Entry {
        name: "datalogic-rs",
        held: Box::new(move |place| {
            arena.reset();
            engine.evaluate(logic, values[place], &arena).unwrap().as_bool().unwrap()
        }),
        bytes: Box::new(move |place| {
            other.reset();
            engine.evaluate(logic, payloads[place].as_str(), &other).unwrap().as_bool().unwrap()
        }),
    }
}

pub(crate) fn zen<'c>(workload: &Workload, payloads: &'c [String]) -> Entry<'c> {
    use zen_expression::{compile_expression, scope::Scope, variable::Variable, vm::VM};
    let expression = compile_expression(&workload.zen).unwrap();
    let scope = |payload: &str| Scope::new(serde_json::from_str::<Variable>(payload).unwrap());
    let scopes: Vec<Scope> = payloads.iter().map(|payload| scope(payload)).collect();
    let (mut vm, mut other, code) = (VM::new(), VM::new(), expression.clone());
    Entry {
        name: "zen",
        held: Box::new(move |place| {
            code.evaluate_with_scope(&scopes[place], &mut vm).unwrap().as_bool().unwrap()
        }),
        bytes: Box::new(move |place| {
            let scope = scope(&payloads[place]);
            expression.evaluate_with_scope(&scope, &mut other).unwrap().as_bool().unwrap()
        }),
    }
}

fn dynamic(value: &Plain) -> rhai::Dynamic {
    match value {
        Plain::Null => rhai::Dynamic::UNIT,
        Plain::Bool(truth) => (*truth).into(),
        Plain::Int(int) => (*int).into(),
        Plain::Float(float) => (*float).into(),
        Plain::Text(text) => text.as_str().into(),
        Plain::List(list) => list.iter().map(dynamic).collect::<Vec<_>>().into(),
        Plain::Map(map) => {
            let members = map.iter().map(|(name, value)| (name.as_str().into(), dynamic(value)));
            members.collect::<rhai::Map>().into()
        }
    }
}

pub(crate) fn rhai<'c>(workload: &Workload, payloads: &'c [String]) -> Entry<'c> {
    let mut engine = rhai::Engine::new();
    let email = Regex::new(EMAIL).unwrap();
    // Rhai has no patterns, so the host gives it one.
    engine.register_fn("known", move |text: rhai::ImmutableString| email.is_match(&text));
    let engine = Arc::new(engine);
    let ast = Arc::new(engine.compile(&workload.rhai).unwrap());
    let scope = |payload: &str| {
        let mut scope = rhai::Scope::new();
        scope.push_dynamic("order", dynamic(&Plain::parse(payload)));
        scope
    };
    let mut scopes: Vec<rhai::Scope<'_>> = payloads.iter().map(|payload| scope(payload)).collect();
    let (own, code) = (Arc::clone(&engine), Arc::clone(&ast));
    Entry {
        name: "rhai",
        held: Box::new(move |place| own.eval_ast_with_scope(&mut scopes[place], &code).unwrap()),
        bytes: Box::new(move |place| engine.eval_ast_with_scope(&mut scope(&payloads[place]), &ast).unwrap()),
    }
}

pub(crate) fn cel<'c>(workload: &Workload, payloads: &'c [String]) -> Entry<'c> {
    use cel::{Context, Env, Program, Value};
    let env = Arc::new(Env::stdlib());
    let program: Arc<Program> = Arc::new(env.compile(&workload.cel).unwrap());
    let own = Arc::clone(&env);
    let context = move |payload: &str| {
        let mut context = Context::with_env(Arc::clone(&own));
        context.add_variable("order", Plain::parse(payload)).unwrap();
        context
    };
    let contexts: Vec<Context<'_, '_>> = payloads.iter().map(|payload| context(payload)).collect();
    let code = Arc::clone(&program);
    Entry {
        name: "cel",
        held: Box::new(move |place| code.execute(&contexts[place]).unwrap() == Value::Bool(true)),
        bytes: Box::new(move |place| {
            program.execute(&context(&payloads[place])).unwrap() == Value::Bool(true)
        }),
    }
}

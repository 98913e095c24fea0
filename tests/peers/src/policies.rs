//! Engines of policies, which answer whether something is allowed.

use std::sync::Arc;

use crate::conditions::{Entry, Workload};
use crate::order::Plain;

/// Cedar: amounts are cents, as it has whole numbers and its decimals cannot be added; what is null is left out.
pub(crate) fn cedar<'c>(workload: &Workload, payloads: &'c [String]) -> Option<Entry<'c>> {
    use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
    let policy = format!("permit (principal, action, resource) when {{ {} }};", workload.cedar.as_ref()?);
    let policies: Arc<PolicySet> = Arc::new(policy.parse().unwrap());
    let name = |text: &str| -> EntityUid { text.parse().unwrap() };
    let names = [r#"User::"rules""#, r#"Action::"decide""#, r#"Order::"one""#].map(name);
    let request = move |payload: &str| {
        let [principal, action, resource] = names.clone();
        let context = Context::from_pairs(members(&Plain::parse(payload))).unwrap();
        Request::new(principal, action, resource, context, None).unwrap()
    };
    let requests: Vec<Request> = payloads.iter().map(|payload| request(payload)).collect();
    let allowed = {
        let (authorizer, entities) = (Authorizer::new(), Entities::empty());
        Arc::new(move |request: &Request| {
            authorizer.is_authorized(request, &policies, &entities).decision() == Decision::Allow
        })
    };
    let other = Arc::clone(&allowed);
    Some(Entry {
        name: "cedar",
        held: Box::new(move |place| allowed(&requests[place])),
        bytes: Box::new(move |place| other(&request(&payloads[place]))),
    })
}

fn members(value: &Plain) -> Vec<(String, cedar_policy::RestrictedExpression)> {
    let Plain::Map(map) = value else { unreachable!("an order is an object") };
    let member = |(name, value): (&String, &Plain)| Some((name.clone(), restricted(value)?));
    map.iter().filter_map(member).collect()
}

fn restricted(value: &Plain) -> Option<cedar_policy::RestrictedExpression> {
    use cedar_policy::RestrictedExpression as Value;
    Some(match value {
        Plain::Null => return None,
        Plain::Bool(truth) => Value::new_bool(*truth),
        Plain::Int(int) => Value::new_long(*int),
        Plain::Float(float) => Value::new_long((float * 100.0).round() as i64),
        Plain::Text(text) => Value::new_string(text.clone()),
        Plain::List(list) => Value::new_set(list.iter().filter_map(restricted)),
        Plain::Map(_) => Value::new_record(members(value)).unwrap(),
    })
}

/// Rego, by the virtual machine of `regorus`.
pub(crate) fn rego<'c>(workload: &Workload, payloads: &'c [String]) -> Entry<'c> {
    use regorus::{Engine, Value, languages::rego::compiler::Compiler, rvm::vm::RegoVM};
    const ENTRY: &str = "data.order.allow";
    let mut engine = Engine::new();
    let policy = format!("package order\n\ndefault allow := false\n\n{}\n", workload.rego);
    engine.add_policy("order.rego".into(), policy).unwrap();
    let policy = engine.compile_with_entrypoint(&ENTRY.into()).unwrap();
    let program = Compiler::compile_from_policy(&policy, &[ENTRY]).unwrap();
    let machine = || {
        let mut machine = RegoVM::new();
        machine.load_program(Arc::clone(&program));
        machine.set_data(Value::new_object()).unwrap();
        machine
    };
    let value = |payload: &String| Value::from_json_str(payload).unwrap();
    let values: Vec<Value> = payloads.iter().map(value).collect();
    let [mut own, mut other] = [machine(), machine()].map(|mut machine| {
        move |input: Value| {
            machine.set_input(input);
            machine.execute().unwrap() == Value::from(true)
        }
    });
    Entry {
        name: "regorus",
        held: Box::new(move |place| own(values[place].clone())),
        bytes: Box::new(move |place| other(value(&payloads[place]))),
    }
}

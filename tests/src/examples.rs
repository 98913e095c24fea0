//! `examples/`: what the documentation of operators, functions and forms shows is what rules compute, through the
//! whole pipeline.

use hence_builtins::forms::FORMS;
use hence_builtins::{BinaryOperator, Context, Example, FunctionId};
use hence_diagnostics::Severity;
use hence_diagnostics::render::{TextOptions, text};
use hence_project::Project;
use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_vm::EventInput;

use crate::case::{Case, Failed};
use crate::events::NOW;

/// Returns a test for each operator, function and form.
pub(crate) fn cases() -> Vec<Case> {
    let operators = BinaryOperator::ALL.iter().map(|operator| {
        let definition = operator.definition();
        (format!("operator {}", definition.symbol), definition.examples)
    });
    let functions = FunctionId::ALL.iter().map(|function| {
        let definition = function.definition();
        (format!("function {}", definition.name), definition.examples)
    });
    let forms = FORMS.iter().map(|form| (format!("form {}", form.name), form.examples));
    let all = operators.chain(functions).chain(forms);
    all.map(|(name, examples)| Case::new(format!("examples/{name}"), move |_| hold(examples))).collect()
}

fn hold(examples: &[Example]) -> Result<(), Failed> {
    if examples.is_empty() {
        return Err("the documentation shows no example".to_owned());
    }
    examples.iter().try_for_each(holds)
}

/// Holds one example, `expression` is `result`, to what a rule with that condition does.
fn holds(example: &Example) -> Result<(), Failed> {
    let Example { expression, result } = example;
    let condition = format!("({expression}) == ({result})");
    let rule = format!(
        "rule example\nwhen shop.order.created\nif {condition}\nthen log.write(message: \"it is\")\n"
    );
    let project = Project::of_text("example.rule", &rule);
    let errors: Vec<_> =
        project.diagnostics().iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    if !errors.is_empty() {
        let shown = text(&project.sources, &errors, TextOptions::default());
        return Err(format!("`{condition}` is no condition:\n\n{shown}"));
    }
    let Some(rule) = project.program().rule("example") else {
        return Err(format!("`{condition}` is not compiled"));
    };
    let now: Timestamp = NOW.parse().map_err(|error| format!("{error}"))?;
    let event = EventInput { name: "shop.order.created", id: "e1", time: now, source: "shop", payload: "{}" };
    let slots = hence_vm::decode(&rule.plan, &event);
    match hence_vm::verdict(rule, &slots, &Context { now, zone: TimeZone::UTC }) {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("`{condition}` is false")),
        Err(failure) => Err(format!("`{condition}` fails: {failure}")),
    }
}

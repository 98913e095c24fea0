//! The printed form of the tree: an indented S-expression without places, stable enough for snapshots.
//!
//! Two texts that mean the same to every later stage print alike. A node is `(kind details…)`; its parts stand
//! on lines of their own below it, unless all of it is short.

mod test;
mod trigger;

use std::fmt::Write;

use crate::ast::{
    Argument, Block, CallClause, CallClauseKind, ClauseKind, Expression, ExpressionKind, Item, ItemKind,
    MatchArm, MatchPattern, Name, OnError, Parameter, Path, Presence, Resolution, Step, StepKind, Table,
    TextPart, TypeExpression, TypeExpressionKind, UnaryOperator, WaitFor,
};

/// How wide a node may be to stand on one line.
const SHORT: usize = 72;

/// Prints an item, with a line break at its end.
pub fn print(item: &Item) -> String {
    let mut node = match &item.kind {
        ItemKind::Rule(rule) => {
            let mut node = Node::new("rule").word(&rule.name.text);
            if let Some((title, _)) = &rule.title {
                node = node.quoted(title);
            }
            if let Some(family) = &rule.family {
                let rows = Node::new("for-each").word(&family.row.text).part(expression(&family.rows));
                node = node.part(rows);
                if family.title.iter().any(|part| matches!(part, TextPart::Expression(_))) {
                    node = node.part(Node::new("title").parts(family.title.iter().map(text_part)));
                }
            }
            node = node.parts(rule.clauses.iter().map(|header| clause(&header.kind)));
            node = node.parts(rule.triggers.iter().map(trigger::node));
            if let Some(condition) = &rule.condition {
                node = node.part(Node::new("if").part(expression(condition)));
            }
            node = node.part(steps("then", &rule.then));
            match &rule.otherwise {
                Some(otherwise) => node.part(steps("otherwise", otherwise)),
                None => node,
            }
        }
        ItemKind::Fn(function) => {
            let mut node = Node::new("fn").word(&function.name.text);
            node = node.parts(function.parameters.iter().map(parameter));
            node.part(Node::new("result").word(&type_text(&function.result))).part(expression(&function.body))
        }
        ItemKind::Extern(function) => {
            let mut node = Node::new("extern-fn").word(&function.name.text);
            node = node.parts(function.parameters.iter().map(parameter));
            node = node.part(Node::new("result").word(&type_text(&function.result)));
            node.part(Node::new("from").quoted(&function.file.0))
        }
        ItemKind::Group(group) => {
            let node = Node::new("group").word(&group.name.text);
            match &group.resolution {
                Resolution::All => node.word("all"),
                Resolution::First => node.word("first"),
                Resolution::Unique => node.word("unique"),
                Resolution::Best(value) => node.part(Node::new("best-by").part(expression(value))),
            }
        }
        ItemKind::Const(constant) => {
            Node::new("const").word(&constant.name.text).part(expression(&constant.value))
        }
        ItemKind::Test(test) => test::node(test),
        ItemKind::Table(item) => table(item),
        ItemKind::Broken(name) => {
            let node = Node::new("broken");
            match name {
                Some(name) => node.word(&name.text),
                None => node,
            }
        }
    };
    if !item.doc.is_empty() {
        node.parts.insert(0, Node::new("doc").quoted(&item.doc));
    }
    let mut out = String::new();
    node.write(&mut out, 0);
    out.push('\n');
    out
}

/// Prints an expression on one line, parentheses left out: two that mean the same print alike.
pub fn print_expression(whole: &Expression) -> String {
    fn flat(node: &Node, out: &mut String) {
        if let ("group", [inner]) = (node.head.as_str(), node.parts.as_slice()) {
            return flat(inner, out);
        }
        let _ = write!(out, "({}", node.head);
        for part in &node.parts {
            out.push(' ');
            flat(part, out);
        }
        out.push(')');
    }
    let mut out = String::new();
    flat(&expression(whole), &mut out);
    out
}

fn table(table: &Table) -> Node {
    let mut node = Node::new("table").word(&table.name.text);
    node = node.parts(table.parameters.iter().map(parameter));
    node = node.part(Node::new("result").word(&type_text(&table.result)));
    node = node.part(Node::new(&table.policy.text().replace(' ', "-")));
    if let Some((path, _)) = &table.file {
        node = node.part(Node::new("from").quoted(path));
    }
    for row in &table.rows {
        let cells = row.cells.iter().map(|cell| match &cell.condition {
            Some(condition) => expression(condition),
            None => Node::new("_"),
        });
        node = node.part(Node::new("row").parts(cells).part(expression(&row.result)));
    }
    node
}

/// A node: its kind and details, and its parts.
struct Node {
    head: String,
    parts: Vec<Node>,
}

impl Node {
    fn new(kind: &str) -> Self {
        Self { head: kind.to_owned(), parts: Vec::new() }
    }

    fn word(mut self, word: &str) -> Self {
        self.head.push(' ');
        self.head.push_str(word);
        self
    }

    fn quoted(mut self, text: &str) -> Self {
        let _ = write!(self.head, " {text:?}");
        self
    }

    fn path(self, path: &Path) -> Self {
        let text = path.text();
        self.word(&text)
    }

    fn part(mut self, part: Node) -> Self {
        self.parts.push(part);
        self
    }

    fn parts(mut self, parts: impl IntoIterator<Item = Node>) -> Self {
        self.parts.extend(parts);
        self
    }

    fn width(&self) -> usize {
        self.parts.iter().map(|part| part.width() + 1).sum::<usize>() + self.head.chars().count() + 2
    }

    fn write(&self, out: &mut String, indent: usize) {
        let short = indent + self.width() <= SHORT;
        out.push('(');
        out.push_str(&self.head);
        for part in &self.parts {
            if short {
                out.push(' ');
            } else {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent + 2));
            }
            part.write(out, indent + 2);
        }
        out.push(')');
    }
}

fn steps(kind: &str, steps: &[Step]) -> Node {
    Node::new(kind).parts(steps.iter().map(step))
}

fn clause(clause: &ClauseKind) -> Node {
    let node = Node::new(clause.keyword());
    match clause {
        ClauseKind::Priority(number, _) => node.word(number),
        ClauseKind::Group(name) => node.word(&name.text),
        ClauseKind::Disabled => node,
        ClauseKind::Owner(text, _) | ClauseKind::Timezone(text, _) => node.quoted(text),
        ClauseKind::Tags(tags) => tags.iter().fold(node, |node, (tag, _)| node.quoted(tag)),
        ClauseKind::Active { from, until } => {
            let end = |kind, moment: &Option<Expression>| {
                moment.as_ref().map(|moment| Node::new(kind).part(expression(moment)))
            };
            node.parts(end("from", from)).parts(end("until", until))
        }
        ClauseKind::Until(exit) => awaited(node, exit),
        ClauseKind::Once(by) => node.parts(by.iter().map(expression)),
        ClauseKind::Limit { count: (count, _), per, by } => {
            node.word(count).part(Node::new("per").part(expression(per))).parts(keys(by))
        }
        ClauseKind::Rollout { share, by } => node.part(expression(share)).parts(keys(by)),
        ClauseKind::Variant { shares, by, .. } => {
            let share = |(name, share): &(Name, Expression)| {
                Node::new("share").word(&name.text).part(expression(share))
            };
            node.parts(shares.iter().map(share)).parts(keys(by))
        }
        ClauseKind::Debounce { quiet, by } => node.part(expression(quiet)).parts(keys(by)),
        ClauseKind::Overlap { mode, by } => node.word(mode.as_str()).parts(keys(by)),
    }
}

fn keys(by: &[Expression]) -> Option<Node> {
    (!by.is_empty()).then(|| Node::new("by").parts(by.iter().map(expression)))
}

fn awaited(node: Node, wait: &WaitFor) -> Node {
    let condition = wait.condition.iter().map(|condition| Node::new("where").part(expression(condition)));
    let limit = wait.limit.iter().map(|limit| Node::new("up-to").part(expression(limit)));
    node.path(&wait.event).parts(condition.chain(limit))
}

fn call_clause(clause: &CallClause) -> Node {
    match &clause.kind {
        CallClauseKind::Timeout(length) => Node::new("timeout").part(expression(length)),
        CallClauseKind::OnError { retry, then } => {
            let mut node = Node::new("on-error");
            if let Some(retry) = retry {
                let mut part = Node::new("retry").word(&retry.times.0);
                if retry.doubling {
                    part = part.word("doubling");
                }
                part = part.part(expression(&retry.every));
                node = node.part(part.parts(retry.up_to.as_ref().map(expression)));
            }
            match then {
                OnError::Stop => node.word("stop"),
                OnError::Continue => node.word("continue"),
                OnError::Steps(handler) => node.part(block("steps", handler)),
            }
        }
    }
}

fn step(step: &Step) -> Node {
    let node = step_kind(step).parts(step.clauses.iter().map(call_clause));
    match &step.label {
        Some(label) => Node::new("label").word(&label.text).part(node),
        None => node,
    }
}

fn step_kind(step: &Step) -> Node {
    match &step.kind {
        StepKind::Call(call) => expression(call),
        StepKind::Let(name, value) => Node::new("let").word(&name.text).part(expression(value)),
        StepKind::If { condition, then, otherwise } => {
            let node = Node::new("if").part(expression(condition)).part(block("then", then));
            match otherwise {
                Some(otherwise) => node.part(block("else", otherwise)),
                None => node,
            }
        }
        StepKind::Stop => Node::new("stop"),
        StepKind::StopAll => Node::new("stop").word("all"),
        StepKind::Set { target, value, .. } => Node::new("set").path(target).part(expression(value)),
        StepKind::Block(reason) => Node::new("block").part(expression(reason)),
        StepKind::Wait { until, value } => {
            Node::new(if *until { "wait-until" } else { "wait" }).part(expression(value))
        }
        StepKind::WaitFor(wait) => {
            let node = Node::new("wait-for");
            let node = wait.name.iter().fold(node, |node, name| node.word("let").word(&name.text));
            awaited(node, wait)
        }
        StepKind::Ask(ask) => {
            let node = Node::new("ask");
            let node = ask.name.iter().fold(node, |node, name| node.word("let").word(&name.text));
            let limit = ask.limit.iter().map(|limit| Node::new("up-to").part(expression(limit)));
            node.quoted(&ask.role.0).part(expression(&ask.question)).parts(limit)
        }
        StepKind::For { variable, list, at_a_time, body } => {
            let node = Node::new("for").word(&variable.text).part(expression(list));
            let node = at_a_time.iter().fold(node, |node, (number, _)| node.word("at-a-time").word(number));
            node.part(block("each", body))
        }
        StepKind::Emit { event, payload } => {
            Node::new("emit").path(event).parts(payload.iter().map(expression))
        }
        StepKind::Parallel(blocks) => {
            Node::new("parallel").parts(blocks.iter().map(|part| block("steps", part)))
        }
        StepKind::Attempt { body, error, handler } => {
            let node = Node::new("attempt");
            let node = error.iter().fold(node, |node, error| node.word(&error.text));
            node.part(block("steps", body)).part(block("on-error", handler))
        }
    }
}

fn block(kind: &str, block: &Block) -> Node {
    steps(kind, &block.steps)
}

fn parameter(parameter: &Parameter) -> Node {
    Node::new("parameter").word(&parameter.name.text).word(&type_text(&parameter.ty))
}

fn type_text(ty: &TypeExpression) -> String {
    let text = match &ty.kind {
        TypeExpressionKind::Named(path) => path.text(),
        TypeExpressionKind::List(element) => format!("list<{}>", type_text(element)),
        TypeExpressionKind::Map(element) => format!("map<{}>", type_text(element)),
    };
    if ty.optional { text + "?" } else { text }
}

fn not(node: Node, negated: bool) -> Node {
    if negated { Node::new("not").part(node) } else { node }
}

fn expression(expression: &Expression) -> Node {
    match &expression.kind {
        ExpressionKind::Error => Node::new("error"),
        ExpressionKind::Bool(value) => Node::new(if *value { "true" } else { "false" }),
        ExpressionKind::Number(digits) => Node::new("number").word(digits),
        ExpressionKind::Percent(digits) => Node::new("percent").word(digits),
        ExpressionKind::Money(digits, currency) => Node::new("money").word(digits).word(currency),
        ExpressionKind::Length(digits, unit) => {
            let unit = format!("{unit:?}").to_lowercase();
            Node::new("length").word(digits).word(&unit)
        }
        ExpressionKind::Date(text) => Node::new("date").word(text),
        ExpressionKind::Time(text) => Node::new("time").word(text),
        ExpressionKind::DateTime(text, zone) => {
            let node = Node::new("datetime").word(text);
            match zone {
                Some((zone, _)) => node.quoted(zone),
                None => node,
            }
        }
        ExpressionKind::Text(parts) => Node::new("text").parts(parts.iter().map(text_part)),
        ExpressionKind::Pattern(pattern, flags) => {
            let node = Node::new("pattern").quoted(pattern);
            if flags.is_empty() { node } else { node.word(flags) }
        }
        ExpressionKind::NamedPattern { pattern, name } => {
            Node::new("as").word(&name.text).part(self::expression(pattern))
        }
        ExpressionKind::Name(name) => Node::new("name").word(&name.text),
        ExpressionKind::Field { .. }
        | ExpressionKind::Index { .. }
        | ExpressionKind::Call { .. }
        | ExpressionKind::List(_)
        | ExpressionKind::Record(_)
        | ExpressionKind::Group(_) => compound(expression),
        ExpressionKind::Unary { .. }
        | ExpressionKind::Binary { .. }
        | ExpressionKind::Between { .. }
        | ExpressionKind::Range { .. }
        | ExpressionKind::As { .. }
        | ExpressionKind::Presence { .. }
        | ExpressionKind::IsEvent { .. }
        | ExpressionKind::Default { .. }
        | ExpressionKind::If { .. }
        | ExpressionKind::Match { .. } => operation(expression),
    }
}

fn compound(whole: &Expression) -> Node {
    if let ExpressionKind::Field { base, name, optional } = &whole.kind {
        Node::new(if *optional { "optional-field" } else { "field" }).word(&name.text).part(expression(base))
    } else if let ExpressionKind::Index { base, index } = &whole.kind {
        Node::new("index").part(expression(base)).part(expression(index))
    } else if let ExpressionKind::Call { callee, arguments, .. } = &whole.kind {
        Node::new("call").part(expression(callee)).parts(arguments.iter().map(argument))
    } else if let ExpressionKind::List(parts) = &whole.kind {
        Node::new("list").parts(parts.iter().map(expression))
    } else if let ExpressionKind::Record(fields) = &whole.kind {
        Node::new("record").parts(fields.iter().map(|(name, value)| named(name, value)))
    } else if let ExpressionKind::Group(inner) = &whole.kind {
        Node::new("group").part(expression(inner))
    } else {
        Node::new("error")
    }
}

fn operation(whole: &Expression) -> Node {
    if let ExpressionKind::Unary { operator, operand } = &whole.kind {
        let operator = match operator {
            UnaryOperator::Not => "not",
            UnaryOperator::Minus => "-",
        };
        Node::new(operator).part(expression(operand))
    } else if let ExpressionKind::Binary { operator, negated, ignoring_case, left, right, .. } = &whole.kind {
        let operator = operator.symbol().replace(' ', "-");
        let node = Node::new(&operator);
        let node = if ignoring_case.is_some() { node.word("ignoring-case") } else { node };
        not(node.part(expression(left)).part(expression(right)), *negated)
    } else if let ExpressionKind::Between { negated, operand, low, high, .. } = &whole.kind {
        not(Node::new("between").parts([operand, low, high].map(|part| expression(part))), *negated)
    } else if let ExpressionKind::Range { low, high } = &whole.kind {
        Node::new("..").part(expression(low)).part(expression(high))
    } else if let ExpressionKind::As { operand, ty } = &whole.kind {
        Node::new("as").word(&type_text(ty)).part(expression(operand))
    } else if let ExpressionKind::Presence { test, negated, operand } = &whole.kind {
        let test = match test {
            Presence::Present => "present",
            Presence::Missing => "missing",
            Presence::Empty => "empty",
        };
        not(Node::new(test).part(expression(operand)), *negated)
    } else if let ExpressionKind::IsEvent { path, negated, operand } = &whole.kind {
        not(Node::new("is").path(path).part(expression(operand)), *negated)
    } else if let ExpressionKind::Default { operand, default } = &whole.kind {
        Node::new("else").part(expression(operand)).part(expression(default))
    } else if let ExpressionKind::If { condition, yes, no } = &whole.kind {
        Node::new("choice").parts([condition, yes, no].map(|part| expression(part)))
    } else if let ExpressionKind::Match { subject, arms } = &whole.kind {
        Node::new("match").part(expression(subject)).parts(arms.iter().map(arm))
    } else {
        Node::new("error")
    }
}

fn arm(arm: &MatchArm) -> Node {
    let node = match &arm.pattern {
        MatchPattern::Values(values) => Node::new("arm").parts(values.iter().map(expression)),
        MatchPattern::Missing(_) => Node::new("arm missing"),
        MatchPattern::Else(_) => Node::new("arm else"),
    };
    node.part(Node::new("->").part(expression(&arm.value)))
}

fn text_part(part: &TextPart) -> Node {
    match part {
        TextPart::Literal(literal) => Node::new("literal").quoted(literal),
        TextPart::Expression(inner) => expression(inner),
    }
}

fn named(name: &Name, value: &Expression) -> Node {
    Node::new(&format!("{}:", name.text)).part(expression(value))
}

fn argument(argument: &Argument) -> Node {
    match argument {
        Argument::Named(name, value) => named(name, value),
        Argument::Positional(value) => expression(value),
        Argument::Binder { variable, list, .. } => {
            Node::new("each").word(&variable.text).part(expression(list))
        }
    }
}

#[cfg(test)]
mod tests {
    use hence_diagnostics::Sources;

    use super::print;

    #[test]
    fn a_tree_prints_without_places() {
        let mut sources = Sources::new();
        let text = "/// Doc\nrule a \"T\" priority 3\nwhen x.y as e or x.z\nif a.b not in [1, 2 EUR] and c else \"d {e}\" is missing\n\
                    then x.do(to: b, all(i in c, i?.d))\n  let f = -1 if f { stop } else if g { stop }\notherwise stop";
        let file = sources.add("a.rule", text);
        let printed: String = crate::parse(&sources, file).items.iter().map(print).collect();
        assert_eq!(
            printed,
            r#"(rule a "T"
  (doc "Doc")
  (priority 3)
  (when x.y as e)
  (when x.z)
  (if
    (and
      (not (in (field b (name a)) (list (number 1) (money 2 EUR))))
      (missing (else (name c) (text (literal "d ") (name e))))))
  (then
    (call
      (field do (name x))
      (to: (name b))
      (call (name all) (each i (name c)) (optional-field d (name i))))
    (let f (- (number 1)))
    (if (name f) (then (stop)) (else (if (name g) (then (stop))))))
  (otherwise (stop)))
"#
        );
    }
}

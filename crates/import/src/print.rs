//! JSON as people write integration files: what fits on a line stands on one.

use serde_json::Value as Json;

/// The longest line that an object or list may take.
const WIDTH: usize = 116;

/// Returns a JSON text with two blanks for each level, short objects and lists on one line, and a line end at the end.
pub fn print(json: &Json) -> String {
    let mut text = String::new();
    write(json, 0, 0, &mut text);
    text.push('\n');
    text
}

/// Writes a value. `before` is how much of its line is taken.
fn write(json: &Json, level: usize, before: usize, text: &mut String) {
    let (open, close, empty) = match json {
        Json::Array(items) => ('[', ']', items.is_empty()),
        Json::Object(members) => ('{', '}', members.is_empty()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            text.push_str(&json.to_string());
            return;
        }
    };
    if empty {
        text.extend([open, close]);
        return;
    }
    // What stands at the top always has lines of its own.
    if level > 0
        && let Some(line) = one_line(json, WIDTH.saturating_sub(before))
    {
        text.push_str(&line);
        return;
    }
    text.push(open);
    let indent = "  ".repeat(level + 1);
    let mut first = true;
    let mut begin = |text: &mut String| {
        text.push_str(if first { "\n" } else { ",\n" });
        text.push_str(&indent);
        first = false;
    };
    for item in json.as_array().into_iter().flatten() {
        begin(text);
        write(item, level + 1, indent.len(), text);
    }
    for (name, member) in json.as_object().into_iter().flatten() {
        begin(text);
        let name = Json::String(name.clone()).to_string();
        text.push_str(&name);
        text.push_str(": ");
        write(member, level + 1, indent.len() + name.len() + 2, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(level));
    text.push(close);
}

/// Returns a value on one line, if it is no longer than that.
fn one_line(json: &Json, width: usize) -> Option<String> {
    let mut line = String::new();
    let fits = |line: &String| line.chars().count() <= width;
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => line = json.to_string(),
        Json::Array(items) => {
            line.push('[');
            for (index, item) in items.iter().enumerate() {
                line.push_str(if index == 0 { "" } else { ", " });
                line.push_str(&one_line(item, width)?);
                if !fits(&line) {
                    return None;
                }
            }
            line.push(']');
        }
        Json::Object(members) if members.is_empty() => line.push_str("{}"),
        Json::Object(members) => {
            line.push_str("{ ");
            for (index, (name, member)) in members.iter().enumerate() {
                line.push_str(if index == 0 { "" } else { ", " });
                line.push_str(&Json::String(name.clone()).to_string());
                line.push_str(": ");
                line.push_str(&one_line(member, width)?);
                if !fits(&line) {
                    return None;
                }
            }
            line.push_str(" }");
        }
    }
    fits(&line).then_some(line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_on_a_line_stands_on_one() {
        let long = "x".repeat(120);
        let text = print(&json!({ "a": { "b": [1, {}, []] }, "c": [long, 2.50], "d": "\"" }));
        assert_eq!(
            text,
            format!(
                "{{\n  \"a\": {{ \"b\": [1, {{}}, []] }},\n  \"c\": [\n    \"{long}\",\n    2.5\n  ],\n  \"d\": \"\\\"\"\n}}\n"
            )
        );
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap()["c"][0], long);
    }
}

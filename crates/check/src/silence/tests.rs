//! Comments that silence.

use crate::tests::reported;

/// A rule that never runs, with a comment above its condition and one above the rule.
fn rule(above_rule: &str, above_line: &str) -> String {
    format!(
        "{above_rule}\nrule one\nwhen shop.order.created\n{above_line}\nif id > 5 and id < 3\nthen log.write(message: \"x\")\n"
    )
}

#[test]
fn the_line_and_the_item_below_are_silenced() {
    assert_eq!(reported(&rule("", "")), ["H4006 id < 3"]);
    for separator in [" — ", " - ", ": ", " because ", "–"] {
        let comment = format!("// hence: allow never-true{separator}it is paused");
        assert_eq!(reported(&rule("", &comment)), [""; 0], "{comment}");
        assert_eq!(reported(&rule(&comment, "")), [""; 0], "{comment}");
    }
    let documented = "// hence: allow H4006 — it is paused\n/// Documentation.";
    assert_eq!(reported(&rule(documented, "")), [""; 0]);
    let text = rule("", "").replace("id < 3\n", "id < 3 // hence: allow never-true — it is paused\n");
    assert_eq!(reported(&text), [""; 0]);
}

#[test]
fn a_reason_is_asked_for() {
    for comment in
        ["// hence: allow never-true", "// hence: allow never-true —", "//hence:allow  never-true - "]
    {
        assert_eq!(reported(&rule("", comment)), [format!("H4014 {}", comment.trim_end())], "{comment}");
    }
}

#[test]
fn what_silences_nothing_is_told() {
    let apart = "// hence: allow never-true — it is paused\n";
    assert_eq!(
        reported(&rule(apart, "")),
        ["H4015 // hence: allow never-true — it is paused", "H4006 id < 3"]
    );
    for name in ["always-true", "never-tru", "unknown-field"] {
        let comment = format!("// hence: allow {name} — it is paused");
        assert_eq!(
            reported(&rule("", &comment)),
            [format!("H4015 {comment}"), "H4006 id < 3".to_owned()],
            "{name}"
        );
    }
    let both = "// hence: allow never-true, always-true — it is paused";
    assert_eq!(reported(&rule("", both)), [format!("H4015 {both}")]);
    let wrong = "// hence: alow never-true";
    assert_eq!(reported(&rule("", wrong)), [format!("H4015 {wrong}"), "H4006 id < 3".to_owned()]);
}

#[test]
fn nothing_is_called_unused_where_there_are_errors() {
    let comment = "// hence: allow never-true — it is paused";
    let text = rule("", comment).replace("id > 5", "idd > 5");
    assert_eq!(reported(&text), ["H1006 idd"]);
}

//! Where placeholders may stand in HTML, and how they are escaped there.

use super::*;

/// The names of the placeholders with how they are escaped.
#[track_caller]
fn escapes(text: &str) -> Vec<(String, Escape)> {
    let html = parse(text);
    assert_eq!(html.problems, [], "{text}");
    let placeholder = |part: HtmlPart| match part {
        HtmlPart::Literal(_) => None,
        HtmlPart::Placeholder { name, escape } => Some((name, escape)),
    };
    html.parts.into_iter().filter_map(placeholder).collect()
}

/// What is told of a text: the guilty part and the message.
fn problems(text: &str) -> Vec<String> {
    let told = |problem: &Problem| {
        let guilty = text.get(problem.at..problem.at + problem.length).unwrap();
        assert!(!problem.help.is_empty());
        format!("{guilty}: {}", problem.message)
    };
    parse(text).problems.iter().map(told).collect()
}

/// The text, its placeholders between marks that no template has.
fn marked(text: &str) -> String {
    let part = |part: HtmlPart| match part {
        HtmlPart::Literal(text) => text,
        HtmlPart::Placeholder { name, .. } => format!("«{name}»"),
    };
    parse(text).parts.into_iter().map(part).collect()
}

#[test]
fn a_placeholder_is_escaped_for_its_place() {
    let (text, part, address) = (Escape::Text, Escape::AddressPart, Escape::Address);
    for (html, expected) in [
        ("Hello {a}!", text),
        ("<p>{ a }</p>", text),
        ("<p title=\"x {a}\">", text),
        ("<img alt='{a}'/>", text),
        ("<td data-order=\"{a}\" ARIA-label='x'>", text),
        ("<title>{a}</title>", text),
        ("<textarea><b title={a}></textarea>", text),
        ("1 < 2 {a}", text),
        ("<a href=\"{a}\">", address),
        ("<a HREF = ' {a}'>", address),
        ("<img src=\"{a}?x=1\">", address),
        ("<a href=\"https://example.com/{a}\">", part),
        ("<a href=\"HTTPS://example.com?q={a}&amp;x=1\">", part),
        ("<a href='/orders/{a}'>", part),
        ("<a href='#{a}'>", part),
        ("<a href='orders-{a}'>", part),
        ("<a href='mailto:{a}'>", part),
        ("<a href='tel:+49{a}'>", part),
        ("<a href='//example.com/{a}'>", part),
    ] {
        assert_eq!(escapes(html), [("a".to_owned(), expected)], "{html}");
    }
    let all = escapes("<a href=\"{base}/orders/{number}?{q}\">");
    assert_eq!(all.iter().map(|(_, escape)| *escape).collect::<Vec<_>>(), [address, part, part]);
}

#[test]
fn where_a_value_could_be_more_than_text_a_placeholder_is_refused() {
    let host = "a placeholder stands in the host of an address";
    let unclear = "a placeholder stands in an address whose beginning is unclear";
    for (html, expected) in [
        ("<script>var a = '{a}';</script>", "a placeholder stands in the element `script`"),
        ("<STYLE>p { color: {a} }</STYLE>", "a placeholder stands in the element `style`"),
        ("<style>p { color: {a} }", "a placeholder stands in the element `style`"),
        ("<!-- {a} -->", "a placeholder stands in a comment"),
        ("<!--[if mso]><a href=\"{a}\"><![endif]-->", "a placeholder stands in a comment"),
        ("<!DOCTYPE {a}>", "a placeholder stands in a declaration"),
        ("<noscript>{a}</noscript>", "a placeholder stands in the element `noscript`"),
        ("<p onclick=\"{a}\">", "a placeholder stands in the attribute `onclick`"),
        ("<p style='color: {a}'>", "a placeholder stands in the attribute `style`"),
        ("<img srcset=\"{a}\">", "a placeholder stands in the attribute `srcset`"),
        ("<p title={a}>", "a placeholder stands in an attribute without quotes"),
        ("<a href=/x/{a}>", "a placeholder stands in an attribute without quotes"),
        ("<p {a}>", "a placeholder stands in a tag and in no value"),
        ("<p x{a}=\"\">", "a placeholder stands in a tag and in no value"),
        ("<p{a}>", "a placeholder stands in a tag and in no value"),
        ("<iframe src=\"{a}\"></iframe>", "a placeholder stands in the element `iframe`"),
        ("<meta content=\"0;url={a}\">", "a placeholder stands in the element `meta`"),
        ("<base href=\"{a}\">", "a placeholder stands in the element `base`"),
        ("<a href=\"https://{a}/x\">", host),
        ("<a href=\"https://example.com{a}\">", host),
        ("<a href=\"https:{a}\">", host),
        ("<a href=\"https:/{a}\">", host),
        ("<a href=\"//{a}\">", host),
        ("<a href=\"/\\{a}\">", host),
        ("<a href=\"javascript:f('{a}')\">", "a placeholder stands in an address of the scheme `javascript`"),
        ("<a href=\"data:text/html,{a}\">", "a placeholder stands in an address of the scheme `data`"),
        ("<a href=\"&#106;avascript:{a}\">", unclear),
        ("<a href=\"javascript&colon;{a}\">", unclear),
        ("<a href=\"java\tscript:{a}\">", unclear),
    ] {
        assert_eq!(problems(html), [format!("{{a}}: {expected}")], "{html}");
        // It is not in what would be sent.
        assert!(!parse(html).parts.iter().any(|part| matches!(part, HtmlPart::Placeholder { .. })), "{html}");
        assert_eq!(parse(html).names.iter().map(|(_, name)| *name).collect::<Vec<_>>(), ["a"], "{html}");
    }
}

#[test]
fn what_does_not_end_is_told() {
    for (html, expected) in [
        ("a } b", "}: a brace has no partner"),
        ("a {b", "{: a brace has no partner"),
        ("<p title=\"x>{a}", "\": this quote has no partner"),
        ("<p", "<: this tag has no end"),
    ] {
        assert!(problems(html).contains(&expected.to_owned()), "{html}");
    }
}

#[test]
fn what_is_no_placeholder_stays_as_it_is() {
    for (html, expected) in [
        ("<style>p { color: red } @media x { a { b: c } }</style>", None),
        ("<!-- {x y} {} -->", None),
        ("a {{b}} <p title=\"{{}}\">", Some("a {b} <p title=\"{}\">")),
        ("<p>a</p ><br/><a b=c d>ä € <3 </>", None),
        ("", None),
    ] {
        assert_eq!(problems(html), Vec::<String>::new(), "{html}");
        assert_eq!(marked(html), expected.unwrap_or(html));
    }
}

#[test]
fn no_text_has_it_panic_or_lose_anything() {
    // All texts of some length of what has a meaning in HTML.
    let pieces = ["<", ">", "\"", "'", "=", "/", "{", "}", "a", " ", "!--", "style", "é"];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts =
            texts.iter().flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}"))).collect();
        for text in &texts {
            let html = parse(text);
            if !text.contains(['{', '}']) {
                assert_eq!(marked(text), *text);
                assert!(html.names.is_empty());
            }
        }
    }
}

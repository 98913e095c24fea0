//! Amounts written as elsewhere: `50 eur`, `50€`, `$50`.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span};

use crate::token::{Token, TokenKind};

/// What else currencies are called.
const NAMES: &[(&str, &str)] = &[
    ("€", "EUR"),
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("$", "USD"),
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("£", "GBP"),
    ("pound", "GBP"),
    ("pounds", "GBP"),
    ("eur", "EUR"),
    ("usd", "USD"),
    ("gbp", "GBP"),
    ("chf", "CHF"),
    ("jpy", "JPY"),
    ("cny", "CNY"),
    ("inr", "INR"),
    ("cad", "CAD"),
    ("aud", "AUD"),
    ("sek", "SEK"),
    ("nok", "NOK"),
    ("dkk", "DKK"),
    ("pln", "PLN"),
    ("czk", "CZK"),
    ("brl", "BRL"),
];

/// Reports such amounts and reads them as they were meant. Returns whether there were any.
pub(super) fn mend(text: &str, tokens: &mut [Token], diagnostics: &mut Vec<Diagnostic>) -> bool {
    let mut found = false;
    for at in 0..tokens.len() {
        let Some(number) = tokens.get(at).copied().filter(|token| token.kind == TokenKind::Number) else {
            continue;
        };
        let digits = text.get(number.span.range()).unwrap_or_default();
        let after = tokens.get(at + 1).copied();
        let after = after.and_then(|token| code(text, token).map(|code| (token, code)));
        if let Some((token, code)) = after
            && on_one_line(text, number.span, token.span)
        {
            diagnostics.push(told(token.span, number.span.to(token.span), digits, code));
            if let Some(token) = tokens.get_mut(at + 1) {
                token.kind = TokenKind::Currency;
            }
            found = true;
            continue;
        }
        let sign = at.checked_sub(1).and_then(|before| tokens.get(before)).copied();
        let sign = sign.filter(|sign| sign.kind == TokenKind::Unknown && sign.span.end == number.span.start);
        if let Some((sign, code)) = sign.and_then(|sign| code(text, sign).map(|code| (sign, code))) {
            diagnostics.push(told(sign.span, sign.span.to(number.span), digits, code));
            // The sign becomes the number and the number the currency: only their kinds matter to the grammar.
            if let Some(token) = tokens.get_mut(at - 1) {
                token.kind = TokenKind::Number;
            }
            if let Some(token) = tokens.get_mut(at) {
                token.kind = TokenKind::Currency;
            }
            found = true;
        }
    }
    found
}

fn code(text: &str, token: Token) -> Option<&'static str> {
    if token.kind != TokenKind::Word && token.kind != TokenKind::Unknown {
        return None;
    }
    let written = text.get(token.span.range()).unwrap_or_default().to_lowercase();
    NAMES.iter().find(|(name, _)| *name == written).map(|(_, code)| *code)
}

fn on_one_line(text: &str, before: Span, after: Span) -> bool {
    let between = text.get(before.end as usize..after.start as usize).unwrap_or_default();
    !between.contains('\n')
}

fn told(place: Span, amount: Span, digits: &str, code: &str) -> Diagnostic {
    let right = format!("{digits} {code}");
    Diagnostic::new(Code::SyntaxError, place, format!("this amount of money is written `{right}`"))
        .label("a currency is three capital letters behind the number")
        .fix(Fix::replace(Applicability::Likely, amount, right.clone(), format!("write `{right}`")))
}

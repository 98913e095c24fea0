//! `domain_of`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "domain_of";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The domain of an e-mail address or web address, in small letters.",
    details: "Missing where the text is neither. A port, a path and a name before `@` are left out; `www.` stays, \
               as it is part of the domain.",
    examples: &[
        Example { expression: "domain_of(\"Ann@Example.com\")", result: "\"example.com\"" },
        Example {
            expression: "domain_of(\"https://shop.example.com:8080/cart?id=1\")",
            result: "\"shop.example.com\"",
        },
    ],
    parameters: &[Parameter { name: "text", takes: "text", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::text_to_text(types).map(Type::optional)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let domain = domain(arguments::text(values, 0, NAME)?);
    Ok(domain.map_or(Value::Missing, Value::text))
}

fn domain(text: &str) -> Option<String> {
    let text = text.trim();
    let (certain, rest) = match text.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, text.strip_prefix("mailto:").unwrap_or(text)),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (certain, host) = match authority.rsplit_once('@') {
        Some((_, host)) => (true, host),
        None => (certain, authority),
    };
    let domain = match host.rsplit_once(':') {
        Some((domain, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => domain,
        _ => host,
    };
    let domain = domain.trim_end_matches('.');
    let plausible = !domain.is_empty() && !domain.contains(char::is_whitespace);
    (plausible && (certain || domain.contains('.'))).then(|| domain.to_lowercase())
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn what_is_no_address_has_no_domain() {
        gives("domain_of(\"hello\")", "missing");
        gives("domain_of(\"\")", "missing");
        gives("domain_of(\"a b@c d\")", "missing");
        gives("domain_of(\"@\")", "missing");
    }

    #[test]
    fn the_parts_around_the_domain_are_left_out() {
        gives("domain_of(\"example.com/path@x\")", "\"example.com\"");
        gives("domain_of(\"http://user:pass@localhost:80#top\")", "\"localhost\"");
        gives("domain_of(\"mailto:a@b.example?subject=x\")", "\"b.example\"");
        gives("domain_of(\"http://[::1]:80/\")", "\"[::1]\"");
        call_type("domain_of", &["string"], "string?");
    }
}

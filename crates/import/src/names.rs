//! Names of other systems → names that integration files allow.

/// Splits a name into its words: `getUserByID`, `get-user`, `HTTPServer2` → lower-case words.
fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, c) in characters.iter().copied().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| characters.get(before)).copied();
        let after = characters.get(index + 1).copied();
        let begins = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(|after| after.is_ascii_lowercase()))
            });
        if begins {
            words.push(std::mem::take(&mut word));
        }
        word.push(c.to_ascii_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Returns `list_users` for `listUsers`: the name of an action, an id or a setting.
pub(crate) fn snake(name: &str) -> String {
    let joined = words(name).join("_");
    match joined.chars().next() {
        None => String::new(),
        Some(first) if first.is_ascii_digit() => format!("n{joined}"),
        Some(_) => joined,
    }
}

/// Returns `order.created` for `order/created` or `Order.Created`: the name of an event.
pub(crate) fn dotted(name: &str) -> String {
    let parts = name.split(['.', '/', ':', '#', '$']).map(snake).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(".")
}

/// Returns `PullRequest` for `pull-request`: the name of a type.
pub(crate) fn pascal(name: &str) -> String {
    let mut pascal = String::new();
    for part in name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        // A name that is written in capitals and small letters already is kept as it is.
        if part.chars().next().is_some_and(|first| first.is_ascii_uppercase()) {
            pascal.push_str(part);
            continue;
        }
        for word in words(part) {
            let mut characters = word.chars();
            pascal.extend(characters.next().map(|first| first.to_ascii_uppercase()));
            pascal.push_str(characters.as_str());
        }
    }
    match pascal.chars().next() {
        None => "Type".to_owned(),
        Some(first) if first.is_ascii_uppercase() => pascal,
        Some(_) => format!("T{pascal}"),
    }
}

/// Returns the name of a parameter or field as it may stand in an action: letters, digits and `_`.
pub(crate) fn parameter(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(plain) && name.chars().next().is_some_and(|first| !first.is_ascii_digit()) {
        return name.to_owned();
    }
    let snake = snake(name);
    if snake.is_empty() { "value".to_owned() } else { snake }
}

/// Returns the name, or the name with the first number after it that nothing has yet.
pub(crate) fn unique(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    let mut number = 2_u32;
    loop {
        let candidate = if name.contains('_') || name.starts_with(|c: char| c.is_ascii_lowercase()) {
            format!("{name}_{number}")
        } else {
            format!("{name}{number}")
        };
        if !taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_systems_become_names_of_integrations() {
        for (name, expected) in [
            ("listUsers", "list_users"),
            ("getUserByID", "get_user_by_id"),
            ("HTTPServer2Go", "http_server2_go"),
            ("GET /pets/{petId}", "get_pets_pet_id"),
            ("2fa", "n2fa"),
            ("ü", ""),
        ] {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(dotted("issues$opened"), "issues.opened");
        assert_eq!(dotted("light/measured"), "light.measured");
        assert_eq!(dotted("newPet"), "new_pet");
        assert_eq!(pascal("pull-request"), "PullRequest");
        assert_eq!(pascal("HTTPValidationError"), "HTTPValidationError");
        assert_eq!(pascal("payment_intent"), "PaymentIntent");
        assert_eq!(pascal("3d"), "T3d");
        assert_eq!(parameter("X-Trace-ID"), "x_trace_id");
        assert_eq!(parameter("petId"), "petId");
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let taken = ["add_pet", "add_pet_2", "Pet"];
        let unique = |name| unique(name, |name| taken.contains(&name));
        assert_eq!((unique("add_pet").as_str(), unique("Pet").as_str()), ("add_pet_3", "Pet2"));
        assert_eq!(unique("other"), "other");
    }
}

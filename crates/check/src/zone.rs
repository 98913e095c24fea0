//! Time zones by their names, and what was meant where none has a name.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use hence_types::jiff::tz::{TimeZone, db};

/// Returns the time zone of a name that stands, in quotes, at a place.
///
/// # Errors
///
/// No zone has the name; the diagnostic has this code, and the zone that is near as its fix.
pub fn time_zone(name: &str, span: Span, code: Code) -> Result<TimeZone, Box<Diagnostic>> {
    if let Ok(zone) = TimeZone::get(name) {
        return Ok(zone);
    }
    let diagnostic = Diagnostic::new(code, span, format!("no time zone is named `{name}`"));
    Err(Box::new(match meant(name) {
        Some(near) => {
            let right = format!("\"{near}\"");
            let title = format!("write `{right}`");
            diagnostic.label(format!("did you mean `{near}`?")).fix(Fix::replace(
                Applicability::Likely,
                span,
                right,
                title,
            ))
        }
        None => diagnostic.label("expected a name such as `Europe/Berlin`"),
    }))
}

/// Returns the zone of a city, or the one whose name is near.
fn meant(name: &str) -> Option<String> {
    let known: Vec<String> = db().available().map(|name| name.to_string()).collect();
    let wanted = name.trim().replace(' ', "_").to_lowercase();
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_lowercase();
    let of_city = known.iter().filter(|zone| zone.contains('/') && city(zone) == wanted);
    // Some cities stand under a second name, such as that of their state.
    if let Some(found) = of_city.min_by_key(|zone| (zone.matches('/').count(), zone.len())) {
        return Some(found.clone());
    }
    nearest(name, known.iter().map(String::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cities_and_near_names_are_found() {
        assert_eq!(meant("Berlin").as_deref(), Some("Europe/Berlin"));
        assert_eq!(meant("new york").as_deref(), Some("America/New_York"));
        assert_eq!(meant("Europe/Berln").as_deref(), Some("Europe/Berlin"));
        assert_eq!(meant("Mars/Base"), None);
    }
}

//! The packages of the workspace against the layer table. Dependencies of tests alone are free: they can make no
//! crate harder to use.

use serde_json::Value;

use super::Problem;
use crate::layers::{OUTSIDE, PLACES, Place, RUN_SIDE, SOURCE_SIDE, of_package};

pub(super) fn check(metadata: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        if OUTSIDE.contains(&name) {
            continue;
        }
        let Some(place) = of_package(name) else {
            problems.push(Problem::new(name, "is not in the layer table, crates/xtask/src/layers.rs"));
            continue;
        };
        let manifest = package["manifest_path"].as_str().unwrap_or_default().replace('\\', "/");
        if !manifest.ends_with(&format!("crates/{}/Cargo.toml", place.folder)) {
            problems.push(Problem::new(name, format!("stands elsewhere than in crates/{}", place.folder)));
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["kind"] != "dev" {
                let used = dependency["name"].as_str().unwrap_or_default();
                problems.extend(edge(name, place, used));
            }
        }
    }
    problems
}

/// Returns what is wrong with one crate's use of a library.
fn edge(name: &str, place: &Place, used: &str) -> Option<Problem> {
    if OUTSIDE.contains(&used) {
        return Some(Problem::new(name, format!("uses {used}, which nothing may use")));
    }
    if let Some(target) = of_package(used) {
        if target.layer >= place.layer {
            let layers = format!("layer {} uses {used} of layer {}", place.layer, target.layer);
            return Some(Problem::new(name, format!("{layers}; a crate uses lower layers only")));
        }
        if RUN_SIDE.contains(&place.folder) && SOURCE_SIDE.contains(&target.folder) {
            return Some(Problem::new(
                name,
                format!("uses {used}, but sees the compiled form, never the source"),
            ));
        }
        return None;
    }
    if place.keeps.contains(&used) {
        return None;
    }
    let owner = PLACES.iter().find(|owner| owner.keeps.contains(&used))?;
    Some(Problem::new(name, format!("uses {used}, which is kept in hence-{} alone", owner.folder)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn problems_of(name: &str, folder: &str, dependencies: Value) -> Vec<String> {
        let manifest = format!("somewhere/crates/{folder}/Cargo.toml");
        let package = json!({ "name": name, "manifest_path": manifest, "dependencies": dependencies });
        check(&json!({ "packages": [package] })).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lower_layers_may_be_used() {
        let used = json!([{ "name": "hence-types", "kind": null }, { "name": "serde", "kind": null }]);
        assert_eq!(problems_of("hence-builtins", "builtins", used), [""; 0]);
    }

    #[test]
    fn a_layer_may_not_use_its_own() {
        assert_eq!(
            problems_of("hence-types", "types", json!([{ "name": "hence-syntax", "kind": null }])),
            ["hence-types: layer 1 uses hence-syntax of layer 1; a crate uses lower layers only"]
        );
    }

    #[test]
    fn the_engine_may_not_use_the_source_though_it_is_lower() {
        assert_eq!(
            problems_of("hence-engine", "engine", json!([{ "name": "hence-syntax", "kind": null }])),
            ["hence-engine: uses hence-syntax, but sees the compiled form, never the source"]
        );
    }

    #[test]
    fn dependencies_of_tests_are_free() {
        let used = json!([{ "name": "hence-compile", "kind": "dev" }]);
        assert_eq!(problems_of("hence-vm", "vm", used), [""; 0]);
    }

    #[test]
    fn a_library_stays_in_its_crate() {
        assert_eq!(
            problems_of("hence-engine", "engine", json!([{ "name": "rusqlite", "kind": null }])),
            ["hence-engine: uses rusqlite, which is kept in hence-store alone"]
        );
    }

    #[test]
    fn an_unknown_crate_and_a_wrong_folder_are_problems() {
        assert_eq!(
            problems_of("hence-utils", "utils", json!([])),
            ["hence-utils: is not in the layer table, crates/xtask/src/layers.rs"]
        );
        assert_eq!(
            problems_of("hence-types", "kinds", json!([])),
            ["hence-types: stands elsewhere than in crates/types"]
        );
    }
}

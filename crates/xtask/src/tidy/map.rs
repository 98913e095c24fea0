//! The code map in `ARCHITECTURE.md`: it has a row for every crate there is, with its layer, and no other.

use super::Problem;
use crate::layers::PLACES;
use crate::tree::File;

const DOCUMENT: &str = "ARCHITECTURE.md";

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else {
        return vec![Problem::new(DOCUMENT, "is missing")];
    };
    let rows: Vec<(usize, u32, &str)> = document
        .lines()
        .filter_map(|(number, line)| row(line).map(|(layer, name)| (number, layer, name)))
        .collect();
    let exists = |folder: &str| {
        let manifest = format!("crates/{folder}/Cargo.toml");
        files.iter().any(|file| file.path == manifest)
    };
    let mut problems = Vec::new();
    for (number, layer, folder) in &rows {
        let known = PLACES.iter().any(|place| place.folder == *folder && place.layer == *layer);
        if !known || !exists(folder) {
            let message = format!("no crate `{folder}` is on layer {layer}");
            problems.push(Problem::at(DOCUMENT, *number, message));
        }
    }
    for place in PLACES.iter().filter(|place| exists(place.folder)) {
        if !rows.iter().any(|(_, _, folder)| *folder == place.folder) {
            let message = format!("the code map has no row for `{}`, layer {}", place.folder, place.layer);
            problems.push(Problem::new(DOCUMENT, message));
        }
    }
    problems
}

/// Returns the layer and the crate of a row such as ``| 2 | `schema` | … |``.
fn row(line: &str) -> Option<(u32, &str)> {
    let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
    let layer = cells.next()?.parse().ok()?;
    let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
    Some((layer, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_and_the_crates_agree() {
        let map = "| 0 | `diagnostics` | x |\n| 3 | `syntax` | x |\n| 1 | `types` | x |\n";
        let files = [
            File::new(DOCUMENT, map),
            File::new("crates/diagnostics/Cargo.toml", ""),
            File::new("crates/syntax/Cargo.toml", ""),
            File::new("crates/schema/Cargo.toml", ""),
        ];
        let found: Vec<String> = check(&files).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "ARCHITECTURE.md:2: no crate `syntax` is on layer 3",
                "ARCHITECTURE.md:3: no crate `types` is on layer 1",
                "ARCHITECTURE.md: the code map has no row for `schema`, layer 2",
            ]
        );
    }
}

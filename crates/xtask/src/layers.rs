//! The layer table: which crates there may be, and which may use which. `ARCHITECTURE.md` shows the part of it
//! that exists; crates that do not exist yet have their place here, so that adding one is no new decision.

/// A crate's place.
pub(crate) struct Place {
    /// The folder under `crates/`; the package is `hence-<folder>`.
    pub(crate) folder: &'static str,
    /// The layer. A crate uses only crates of lower layers.
    pub(crate) layer: u32,
    /// Libraries that no other crate may use.
    pub(crate) keeps: &'static [&'static str],
}

const fn place(layer: u32, folder: &'static str, keeps: &'static [&'static str]) -> Place {
    Place { folder, layer, keeps }
}

/// All crates that have a layer, lowest first.
pub(crate) const PLACES: &[Place] = &[
    place(0, "diagnostics", &["ariadne"]),
    place(1, "syntax", &["logos", "pest", "pest_derive"]),
    place(1, "types", &["ecow", "wide"]),
    place(2, "builtins", &["regex"]),
    place(2, "schedule", &["croner"]),
    place(2, "schema", &["jsonschema"]),
    place(3, "check", &[]),
    place(3, "ir", &["postcard"]),
    place(4, "compile", &[]),
    place(4, "import", &["yaml-rust2"]),
    place(5, "project", &[]),
    place(5, "vm", &[]),
    place(6, "index", &["hashbrown"]),
    place(
        6,
        "jit",
        &["cranelift", "cranelift-codegen", "cranelift-frontend", "cranelift-jit", "cranelift-module"],
    ),
    place(6, "wasm", &["wasmtime"]),
    place(7, "engine", &[]),
    place(8, "store", &["rusqlite", "postgres", "tokio-postgres"]),
    place(
        8,
        "connectors",
        &["reqwest", "lettre", "rusqlite", "tokio-postgres", "tokio-rustls", "rustls-platform-verifier"],
    ),
    place(8, "testing", &[]),
    place(9, "lsp", &["lsp-server", "lsp-types"]),
    place(9, "ui", &["rust-embed"]),
    place(10, "server", &["axum", "hyper", "hyper-util", "tokio-rustls"]),
    place(11, "cli", &["clap"]),
];

/// Packages outside the layers: they may use anything, and nothing uses them.
pub(crate) const OUTSIDE: &[&str] = &["hence-xtask", "hence-tests"];

/// Crates that see the compiled form and never the source, though the crates of [`SOURCE_SIDE`] are lower.
pub(crate) const RUN_SIDE: &[&str] = &["ir", "vm", "index", "jit", "wasm", "engine", "store", "connectors"];

/// Crates that know the source.
pub(crate) const SOURCE_SIDE: &[&str] = &["syntax", "check", "compile"];

/// Returns the place of a package, such as `hence-syntax`.
pub(crate) fn of_package(package: &str) -> Option<&'static Place> {
    let folder = package.strip_prefix("hence-")?;
    PLACES.iter().find(|place| place.folder == folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_each_crate_once() {
        assert!(PLACES.is_sorted_by_key(|place| place.layer));
        let mut folders: Vec<_> = PLACES.iter().map(|place| place.folder).collect();
        folders.sort_unstable();
        folders.dedup();
        assert_eq!(folders.len(), PLACES.len());
    }

    #[test]
    fn both_sides_are_crates_of_the_table() {
        for folder in RUN_SIDE.iter().chain(SOURCE_SIDE) {
            assert!(of_package(&format!("hence-{folder}")).is_some(), "{folder}");
        }
    }
}

//! Compiles the grammar for tree-sitter, which `src/tokenizers.rs` holds to the lexer.

fn main() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../editors/tree-sitter/src");
    println!("cargo:rerun-if-changed={source}");
    cc::Build::new()
        .include(source)
        .files(["parser.c", "scanner.c"].map(|file| format!("{source}/{file}")))
        .warnings(false)
        .compile("tree-sitter-hence");
}

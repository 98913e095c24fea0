//! What is generated out of `grammar.js` is what it says now. `cargo bless tree_sitter` writes it anew.

use std::fs::{create_dir_all, read_to_string, write};
use std::path::Path;

/// The version of the tables: Neovim 0.10 reads none that is newer.
const ABI: usize = 14;

#[test]
fn the_tree_sitter_parser_is_that_of_its_grammar() {
    let grammar = super::root().join("editors/tree-sitter");
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    tree_sitter_generate::generate_parser_in_directory(&grammar, Some(output), None, ABI, None, Some("node"))
        .unwrap();
    let kept = grammar.join("src");
    for name in [
        "grammar.json",
        "node-types.json",
        "parser.c",
        "tree_sitter/alloc.h",
        "tree_sitter/array.h",
        "tree_sitter/parser.h",
    ] {
        let made = read_to_string(folder.path().join(name)).unwrap();
        let path = kept.join(name);
        if std::env::var_os("HENCE_BLESS").is_some() {
            create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
            write(path, made).unwrap();
        } else {
            let same = read_to_string(&path).is_ok_and(|text| text == made);
            assert!(same, "{} is not what grammar.js gives: run `cargo bless tree_sitter`", path.display());
        }
    }
}

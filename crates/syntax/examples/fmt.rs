//! tmp
use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).ok();
    let mut sources = hence_diagnostics::Sources::new();
    let file = sources.add("a.rule", text);
    let formatted = hence_syntax::format(&sources, file);
    println!("{}", formatted.text);
    println!("{}", hence_diagnostics::render::text(&sources, &formatted.problems, Default::default()));
}

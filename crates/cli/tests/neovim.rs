//! A real editor: Neovim, without a screen, set up by the file that `editors/neovim` has.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends by panicking")]

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

const RULE: &str = "/// Thanks.\nrule thank \"Thank\"\nwhen shop.order.created\nif   totl > 100 EUR\nthen crm.add_tag(user: customer.id, tag: \"x\")\n";

/// Runs a script in Neovim, in a project with one rule file, and returns what it writes to `answer.json`.
fn neovim(script: &str) -> Json {
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    std::fs::write(root.join("hence.toml"), "").unwrap();
    std::fs::write(root.join("a.rule"), RULE).unwrap();
    let script_path = root.join("script.lua");
    std::fs::write(&script_path, format!("{PRELUDE}\n{script}\n")).unwrap();
    grammar(&root.join(".data/nvim/site"));
    let setup = concat!(env!("CARGO_MANIFEST_DIR"), "/../../editors/neovim/hence.lua");
    let output = Command::new("nvim")
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n"])
        .arg("--cmd")
        .arg(format!("let g:hence_path = '{}'", env!("CARGO_BIN_EXE_hence")))
        .args(["-c", "filetype on"])
        .arg("-c")
        .arg(format!("luafile {setup}"))
        .arg("-c")
        .arg(format!("luafile {}", script_path.display()))
        .current_dir(&root)
        .env("XDG_CACHE_HOME", root.join(".cache"))
        .env("XDG_STATE_HOME", root.join(".state"))
        .env("XDG_DATA_HOME", root.join(".data"))
        .output()
        .expect("Neovim is missing; `cargo xtask setup` installs it");
    let answer = std::fs::read_to_string(root.join("answer.json"));
    let answer = answer.unwrap_or_else(|_| panic_with(&output.stderr));
    serde_json::from_str(&answer).unwrap()
}

#[expect(clippy::panic, reason = "a test that cannot go on ends by panicking")]
fn panic_with(stderr: &[u8]) -> String {
    panic!("Neovim gave no answer:\n{}", String::from_utf8_lossy(stderr))
}

/// Installs the grammar for tree-sitter as `editors/README.md` says.
fn grammar(site: &Path) {
    let grammar = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../editors/tree-sitter");
    for folder in ["parser", "queries/hence"] {
        std::fs::create_dir_all(site.join(folder)).unwrap();
    }
    let source = grammar.join("src");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-I"])
        .arg(&source)
        .args([source.join("parser.c"), source.join("scanner.c")])
        .arg("-o")
        .arg(site.join("parser/hence.so"))
        .status()
        .unwrap();
    assert!(built.success());
    for query in std::fs::read_dir(grammar.join("queries")).unwrap() {
        let query = query.unwrap();
        std::fs::copy(query.path(), site.join("queries/hence").join(query.file_name())).unwrap();
    }
}

/// What every script begins with: the file is open and its first diagnostics are there.
const PRELUDE: &str = r#"
local function answer(value)
  local file = io.open("answer.json", "w")
  file:write(vim.fn.json_encode(value))
  file:close()
  vim.cmd("qall!")
end
local function guarded(body)
  local fine, problem = pcall(body)
  if not fine then answer({ problem = tostring(problem) }) end
end
local function diagnostics(count)
  vim.wait(20000, function() return #vim.diagnostic.get(0) == count end, 20)
  return vim.diagnostic.get(0)
end
local function ask(method, extra)
  local params = vim.lsp.util.make_position_params()
  for key, value in pairs(extra or {}) do params[key] = value end
  local all = vim.lsp.buf_request_sync(0, method, params, 20000)
  for _, one in pairs(all or {}) do return one.result end
end
vim.cmd("edit a.rule")
vim.bo.filetype = "hence"
"#;

#[test]
fn neovim_shows_a_mistake_and_takes_it_back_when_it_is_mended() {
    let answer = neovim(
        r#"guarded(function()
          local first = diagnostics(1)[1]
          vim.api.nvim_win_set_cursor(0, { 4, 5 })
          vim.api.nvim_buf_set_text(0, 3, 5, 3, 9, { "total" })
          answer({ code = first.code, line = first.lnum, column = first.col, left = #diagnostics(0) })
        end)"#,
    );
    assert_eq!(answer["code"], "H1006", "{answer}");
    assert_eq!(
        (&answer["line"], &answer["column"], &answer["left"]),
        (&3.into(), &5.into(), &0.into()),
        "{answer}"
    );
}

#[test]
fn neovim_hovers_completes_finds_and_lays_out() {
    let answer = neovim(
        r#"guarded(function()
          diagnostics(1)
          vim.api.nvim_win_set_cursor(0, { 5, 10 })
          local hover = ask("textDocument/hover").contents.value
          local place = ask("textDocument/definition")
          if place[1] then place = place[1] end
          vim.api.nvim_buf_set_lines(0, 3, 4, false, { "if   customer.ti" })
          vim.api.nvim_win_set_cursor(0, { 4, 16 })
          vim.cmd("startinsert!")
          local list = ask("textDocument/completion")
          vim.api.nvim_buf_set_lines(0, 3, 4, false, { "if total>100 EUR" })
          local edits = ask("textDocument/formatting", { options = { tabSize = 2, insertSpaces = true } })
          vim.lsp.util.apply_text_edits(edits, 0, "utf-16")
          local line = vim.api.nvim_buf_get_lines(0, 3, 4, false)[1]
          answer({ hover = hover, uri = place.uri or place.targetUri, item = list.items[1].label, line = line })
        end)"#,
    );
    assert!(answer["hover"].as_str().unwrap_or_default().contains("crm.add_tag("), "{answer}");
    assert!(answer["uri"].as_str().unwrap_or_default().ends_with("integrations/crm.json"), "{answer}");
    assert_eq!(
        (&answer["item"], &answer["line"]),
        (&"tier".into(), &"if   total > 100 EUR".into()),
        "{answer}"
    );
}

#[test]
fn neovim_colours_by_the_grammar() {
    let answer = neovim(
        r#"guarded(function()
          local get = vim.treesitter.get_query or vim.treesitter.query.get
          local query = get("hence", "highlights")
          local tree = vim.treesitter.get_parser(0, "hence"):parse()[1]
          local seen = {}
          for id, node in query:iter_captures(tree:root(), 0, 0, -1) do
            local line, column = node:start()
            seen[line .. ":" .. column] = query.captures[id]
          end
          answer({
            active = vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()] ~= nil,
            keyword = seen["2:0"], name = seen["1:5"], number = seen["3:12"], text = seen["4:41"],
          })
        end)"#,
    );
    let expected = serde_json::json!({
        "active": true, "keyword": "keyword", "name": "function", "number": "number", "text": "string",
    });
    assert_eq!(answer, expected);
}

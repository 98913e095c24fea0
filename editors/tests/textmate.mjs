// The tokens of files as the TextMate grammar cuts them: paths come on standard input, a line each; for each file a line
// of JSON goes out, with `[start, end, scope]` in UTF-8 bytes for every token, its innermost scope only.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

const [grammarPath] = process.argv.slice(2);
const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");

await oniguruma.loadWASM(readFileSync(wasm).buffer);
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () => textmate.parseRawGrammar(readFileSync(grammarPath, "utf8"), grammarPath),
});
const grammar = await registry.loadGrammar("source.hence");

for (const path of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  let stack = textmate.INITIAL;
  let at = 0;
  const tokens = [];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const found = grammar.tokenizeLine(line, stack);
    stack = found.ruleStack;
    const bytes = (end) => Buffer.byteLength(line.slice(0, end));
    for (const token of found.tokens) {
      const end = Math.min(token.endIndex, line.length);
      if (token.startIndex < end) tokens.push([at + bytes(token.startIndex), at + bytes(end), token.scopes.at(-1)]);
    }
    at += Buffer.byteLength(line) + 1;
  }
  console.log(JSON.stringify(tokens));
}

// A page with one editor: Monaco, the editor of VS Code, speaking with the language server of a daemon at `/lsp`.
// `?daemon=ws://…&token=…&file=rules/a.rule` says of which. Colours are those of VS Code: the TextMate grammar, and what
// the server knows on top of it.

import * as monaco from "monaco-editor";
import * as oniguruma from "vscode-oniguruma";
import { INITIAL, parseRawGrammar, Registry } from "vscode-textmate";

self.MonacoEnvironment = { getWorker: () => new Worker("/worker.js") };

const asked = new URLSearchParams(location.search);

/// The tokens of the grammar that VS Code uses. A scope such as `string.quoted.double.hence` is a colour by its start.
async function colours() {
  await oniguruma.loadWASM(await fetch("/onig.wasm"));
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => parseRawGrammar(await (await fetch("/hence.tmLanguage.json")).text(), "hence.json"),
  });
  const grammar = await registry.loadGrammar("source.hence");
  const state = (stack) => ({ stack, clone: () => state(stack), equals: (other) => stack.equals(other.stack) });
  monaco.languages.setTokensProvider("hence", {
    getInitialState: () => state(INITIAL),
    tokenize: (line, { stack }) => {
      const found = grammar.tokenizeLine(line, stack);
      const tokens = found.tokens.map(({ startIndex, scopes }) => ({ startIndex, scopes: scopes.at(-1) }));
      return { tokens, endState: state(found.ruleStack) };
    },
  });
}

function connect() {
  const socket = new WebSocket(asked.get("daemon"), ["hence.lsp", `hence.token.${asked.get("token")}`]);
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = () => reject(new Error("the daemon takes no connection"));
  });
}

monaco.languages.register({ id: "hence", extensions: [".rule"] });
monaco.languages.setLanguageConfiguration("hence", {
  comments: { lineComment: "//" },
  brackets: [["{", "}"], ["[", "]"], ["(", ")"]],
});
await colours();
new monaco.lsp.MonacoLspClient(monaco.lsp.WebSocketTransport.fromWebSocket(await connect()));

const uri = monaco.Uri.parse(`hence:///${asked.get("file")}`);
const model = monaco.editor.createModel(asked.get("text"), "hence", uri);
self.monaco = monaco;
self.editor = monaco.editor.create(document.getElementById("rules"), {
  model,
  fontSize: 15,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  wordBasedSuggestions: "off",
  cursorBlinking: "solid",
  "semanticHighlighting.enabled": true,
});

// Drives Monaco in Chromium against a daemon: `node browser.mjs URL TOKEN PICTURES`, where URL is that of the daemon. What
// is seen in the page goes to standard output as JSON; pictures of it go into a folder.

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const [daemon, token, pictures] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

const TEXT = `/// Thanks those who spend much, and tells sales.
rule thank_big_spenders "Thank big spenders"
when shop.order.created as order
if   order.totl > 100 EUR
then crm.add_tag(user: order.customer.id, tag: "big-spender")
     log.write(message: "{order.id} is worth {order.total}")
`;

/// The files of the page, by their names.
async function page() {
  const bundle = (entry, outfile, format) =>
    build({
      absWorkingDir: here,
      entryPoints: [entry],
      outfile: join("/", outfile),
      bundle: true,
      minify: true,
      write: false,
      format,
      target: "es2022",
      loader: { ".ttf": "dataurl" },
      logLevel: "error",
    });
  const bundles = await Promise.all([
    bundle("page.js", "page.js", "esm"),
    bundle(require.resolve("monaco-editor/editor/editor.worker.js"), "worker.js", "iife"),
  ]);
  const files = new Map(bundles.flatMap((one) => one.outputFiles).map((file) => [file.path, file.contents]));
  files.set("/", readFileSync(join(here, "page.html")));
  files.set("/onig.wasm", readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
  files.set("/hence.tmLanguage.json", readFileSync(join(here, "../vscode/syntaxes/hence.tmLanguage.json")));
  return files;
}

const TYPES = { ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json" };

function serve(files) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const found = files.get(pathname);
    response.writeHead(found ? 200 : 404, { "content-type": TYPES[extname(pathname)] ?? "text/html" });
    response.end(found);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/// Opens a page with a text, at a size that a picture of it has.
async function open(browser, address, text) {
  const tab = await browser.newPage({ viewport: { width: 820, height: 270 } });
  const problems = [];
  tab.on("pageerror", (error) => problems.push(String(error)));
  const query = new URLSearchParams({ daemon: `${daemon.replace("http", "ws")}/lsp`, token, file: "rules/new.rule", text });
  await tab.goto(`${address}/?${query}`);
  await tab.waitForFunction(() => self.editor !== undefined);
  await tab.evaluate(() => self.editor.focus());
  return { tab, problems };
}

const markers = (tab) =>
  tab.evaluate(() =>
    self.monaco.editor.getModelMarkers({}).map((one) => [one.code?.value ?? one.code, one.startLineNumber, one.startColumn]),
  );

const text = (tab) => tab.evaluate(() => self.editor.getValue());

const place = (tab, line, column) =>
  tab.evaluate(([lineNumber, column]) => self.editor.setPosition({ lineNumber, column }), [line, column]);

/// Asks for something until it is shown: the session may still be starting, and a hint goes when the text is told of.
async function shows(tab, action, selector) {
  for (let tries = 0; tries < 30; tries++) {
    await tab.evaluate((action) => self.editor.trigger("test", action, null), action);
    const shown = tab.locator(selector).first();
    if (await shown.waitFor({ timeout: 1000 }).then(() => true, () => false)) return;
  }
  throw new Error(`${action} shows no ${selector}`);
}

/// A mistake is underlined, and the quick fix mends it.
async function mends(browser, address) {
  const { tab, problems } = await open(browser, address, TEXT);
  await tab.waitForSelector(".squiggly-error");
  const found = await markers(tab);
  await place(tab, 4, 13);
  await shows(tab, "editor.action.quickFix", ".action-widget .monaco-list-row");
  const offered = await tab.locator(".action-widget .monaco-list-row").allInnerTexts();
  await tab.screenshot({ path: join(pictures, "quick-fix.png") });
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => self.monaco.editor.getModelMarkers({}).length === 0);
  const mended = await text(tab);
  await tab.close();
  return { found, offered, mended, problems };
}

/// What is pointed at is explained.
async function hovers(browser, address) {
  const { tab, problems } = await open(browser, address, TEXT.replace("totl", "total"));
  await place(tab, 5, 12);
  await shows(tab, "editor.action.showHover", ".monaco-hover-content:visible >> text=add_tag");
  const shown = await tab.locator(".monaco-hover-content:visible").first().innerText();
  await tab.screenshot({ path: join(pictures, "hover.png") });
  await tab.close();
  return { shown, problems };
}

/// What can stand at a place is proposed, and what is chosen is written.
async function completes(browser, address) {
  const { tab, problems } = await open(browser, address, TEXT.replace("order.totl > 100 EUR", "order."));
  await place(tab, 4, 12);
  await shows(tab, "editor.action.triggerSuggest", ".suggest-widget.visible .monaco-list-row >> text=total");
  const proposed = await tab.locator(".suggest-widget .monaco-list-row .label-name").allInnerTexts();
  await tab.screenshot({ path: join(pictures, "completion.png") });
  await tab.keyboard.type("tot");
  await tab.waitForFunction(() => document.querySelectorAll(".suggest-widget .monaco-list-row").length === 1);
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => self.editor.getValue().includes("order.total\n"));
  const written = await text(tab);
  await tab.close();
  return { proposed, written, problems };
}

const server = await serve(await page());
const address = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const answer = {
    mends: await mends(browser, address),
    hovers: await hovers(browser, address),
    completes: await completes(browser, address),
  };
  console.log(JSON.stringify(answer));
} finally {
  await browser.close();
  server.close();
}

// Makes hence.vsix, or the file that is named: `npm ci && npm run package`. Nothing but what the extension needs goes in.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const run = (name, ...args) => execFileSync(join(here, "node_modules", ".bin", name), args, { cwd: here, stdio: "inherit" });

mkdirSync(join(here, "schemas"), { recursive: true });
copyFileSync(join(root, "crates/schema/format/integration.schema.json"), join(here, "schemas/integration.schema.json"));
copyFileSync(join(root, "LICENSE"), join(here, "LICENSE"));
rmSync(join(here, "out"), { recursive: true, force: true });
run("tsc", "--noEmit");
run("esbuild", "src/extension.ts", "--bundle", "--outfile=out/extension.js", "--external:vscode", "--format=cjs", "--platform=node", "--target=node18", "--minify");
run("vsce", "package", "--no-dependencies", "--allow-missing-repository", "--out", process.argv[2] ?? "hence.vsix");

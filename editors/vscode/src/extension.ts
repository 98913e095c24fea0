// The extension: it starts `hence lsp` and shows its tests in the test explorer. Everything else is in the server.

import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Hence");
  context.subscriptions.push(output);
  context.subscriptions.push(
    vscode.commands.registerCommand("hence.restart", async () => {
      await client?.stop();
      client = undefined;
      await start(output);
    }),
    vscode.commands.registerCommand("hence.showOutput", () => output.show()),
    vscode.commands.registerCommand("hence.testFile", () => runHere("hence.runTests", [])),
    vscode.commands.registerCommand("hence.explainHere", async () => {
      const rule = ruleAtCursor();
      if (rule === undefined) {
        void vscode.window.showWarningMessage("The cursor is in no rule.");
        return;
      }
      const answer = (await runHere("hence.explain", rule)) as { text: string } | undefined;
      if (answer !== undefined) {
        output.appendLine(answer.text);
        output.show(true);
      }
    }),
  );
  await start(output);
  explorer(context);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(output: vscode.OutputChannel): Promise<void> {
  const command = vscode.workspace.getConfiguration("hence").get<string>("path", "hence");
  const server: ServerOptions = { command, args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "hence" },
      { scheme: "file", pattern: "**/hence.toml" },
      { scheme: "file", pattern: "**/integrations/*.json" },
    ],
    outputChannel: output,
  };
  client = new LanguageClient("hence", "Hence", server, options);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const told = await vscode.window.showErrorMessage(
      `\`${command} lsp\` could not be started: ${String(error)}`,
      "Open the setting",
    );
    if (told !== undefined) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "hence.path");
    }
  }
}

/** Runs a command of the server on the file in the editor. */
async function runHere(command: string, argument: unknown): Promise<unknown> {
  const editor = vscode.window.activeTextEditor;
  if (client === undefined || editor?.document.languageId !== "hence") {
    return undefined;
  }
  return execute(command, editor.document.uri, argument);
}

async function execute(command: string, uri: vscode.Uri, argument: unknown): Promise<unknown> {
  const params = { command, arguments: [client?.code2ProtocolConverter.asUri(uri), argument] };
  return client?.sendRequest("workspace/executeCommand", params);
}

/** The name of the rule that the cursor is in. */
function ruleAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  for (let line = editor?.selection.active.line ?? -1; editor !== undefined && line >= 0; line -= 1) {
    const found = /^\s*rule\s+([A-Za-z_][A-Za-z0-9_]*)/.exec(editor.document.lineAt(line).text);
    if (found !== null) {
      return found[1];
    }
  }
  return undefined;
}

interface Listed {
  name: string;
  range: { start: { line: number; character: number }; end: { line: number; character: number } };
}

interface Ran {
  tests: { name: string; passed: boolean; report: string; failedAt?: Listed["range"] }[];
}

/** The test explorer: a folder for each file, a leaf for each test. */
function explorer(context: vscode.ExtensionContext): void {
  const controller = vscode.tests.createTestController("hence", "Hence");
  context.subscriptions.push(controller);
  const listed = async (document: vscode.TextDocument): Promise<void> => {
    if (document.languageId !== "hence" || document.uri.scheme !== "file" || client === undefined) {
      return;
    }
    const id = document.uri.toString();
    const tests = ((await execute("hence.listTests", document.uri, undefined)) ?? []) as Listed[];
    if (tests.length === 0) {
      controller.items.delete(id);
      return;
    }
    const file = controller.createTestItem(id, vscode.workspace.asRelativePath(document.uri), document.uri);
    for (const test of tests) {
      const item = controller.createTestItem(`${id}#${test.name}`, test.name, document.uri);
      item.range = range(test.range);
      file.children.add(item);
    }
    controller.items.add(file);
  };
  const run = async (request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> => {
    const run = controller.createTestRun(request);
    const files = new Map<string, vscode.TestItem[]>();
    const add = (item: vscode.TestItem): void => {
      if (item.children.size > 0) {
        item.children.forEach(add);
      } else if (item.uri !== undefined && !(request.exclude ?? []).includes(item)) {
        const id = item.uri.toString();
        files.set(id, [...(files.get(id) ?? []), item]);
      }
    };
    if (request.include === undefined) {
      controller.items.forEach(add);
    } else {
      request.include.forEach(add);
    }
    for (const [id, items] of files) {
      if (token.isCancellationRequested) {
        break;
      }
      items.forEach((item) => run.started(item));
      const names = items.map((item) => item.label);
      const ran = (await execute("hence.runTests", vscode.Uri.parse(id), names)) as Ran | undefined;
      for (const item of items) {
        const test = ran?.tests.find((test) => test.name === item.label);
        if (test === undefined) {
          run.skipped(item);
        } else if (test.passed) {
          run.passed(item);
        } else {
          const message = new vscode.TestMessage(test.report);
          if (item.uri !== undefined && test.failedAt !== undefined) {
            message.location = new vscode.Location(item.uri, range(test.failedAt));
          }
          run.failed(item, message);
        }
      }
    }
    run.end();
  };
  controller.createRunProfile("Run", vscode.TestRunProfileKind.Run, (request, token) => run(request, token), true);
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument((document) => void listed(document)),
    vscode.workspace.onDidSaveTextDocument((document) => void listed(document)),
  );
  vscode.workspace.textDocuments.forEach((document) => void listed(document));
}

function range(range: Listed["range"]): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

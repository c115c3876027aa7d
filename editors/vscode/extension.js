// Starts `transom lsp` and leaves the rest to it.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { serverCommand } = require("./server.js");

/** @type {LanguageClient | undefined} */
let client;

function start(context) {
  const configuration = vscode.workspace.getConfiguration("transom");
  const run = serverCommand(context.extensionPath, {
    path: configuration.get("path"),
    settings: configuration.get("settings"),
  });
  const selector = ["yaml", "json", "dockercompose"].map((language) => ({ scheme: "file", language }));
  client = new LanguageClient("transom", "transom", run, { documentSelector: selector });
  return client.start();
}

async function activate(context) {
  const restart = async () => {
    await client?.stop();
    await start(context);
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("transom.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("transom.path") || event.affectsConfiguration("transom.settings")) return restart();
    }),
  );
  await start(context);
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };

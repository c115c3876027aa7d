// Starts `transom lsp` and leaves the rest to it.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { serverCommand } = require("./server.js");

/** @type {LanguageClient | undefined} */
let client;

/** When that one runs, or why it does not. */
let starting = Promise.resolve();

/** How long what is asked for next waits for a server to answer, in milliseconds. */
const PATIENCE = 5000;

/** When all that was asked for is done: two starts at once would leave a server that nobody stops. */
let turn = Promise.resolve();

/** @param {() => Promise<void>} work done after what was asked for before, however that came out */
function inTurn(work) {
  turn = turn.catch(() => {}).then(work);
  return turn;
}

async function start(context, output) {
  const configuration = vscode.workspace.getConfiguration("transom");
  const run = serverCommand(context.extensionPath, {
    path: configuration.get("path"),
    settings: configuration.get("settings"),
  });
  const selector = ["yaml", "json", "dockercompose"].map((language) => ({ scheme: "file", language }));
  client = new LanguageClient("transom", "transom", run, { documentSelector: selector, outputChannel: output });
  starting = client.start();
  await Promise.race([starting, new Promise((done) => setTimeout(done, PATIENCE).unref())]);
}

/**
 * Lets go of the client in any case. One that is not running throws: it could not be started, and never will
 * be, or its server has not answered yet, and is stopped as soon as it does.
 */
async function stop() {
  const [old, started] = [client, starting];
  client = undefined;
  await old?.stop().catch(() => void started.then(() => old.stop()).catch(() => {}));
}

async function activate(context) {
  const output = vscode.window.createOutputChannel("transom");
  const restart = () => inTurn(() => stop().then(() => start(context, output)));
  // Where it cannot be started, the client has shown why. The next path or restart may be better.
  const attempt = () => restart().catch(() => {});
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("transom.restart", attempt),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("transom.path") || event.affectsConfiguration("transom.settings")) return attempt();
    }),
  );
  await attempt();
}

function deactivate() {
  return inTurn(stop);
}

module.exports = { activate, deactivate };

// Packages the extension, unpacks the package, and runs what is in it: the bundle against a stand-in of
// the editor's module (stand-in.cjs), and the server that it starts, over the protocol.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, chmodSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import rpc from "vscode-languageserver-protocol/node";
import yauzl from "yauzl";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const { serverCommand } = require("./server.js");

async function unpack(file, folder) {
  const zip = await promisify(yauzl.open)(file, { lazyEntries: false, autoClose: false });
  const entries = [];
  await new Promise((done, fail) => zip.on("entry", (entry) => entries.push(entry)).on("end", done).on("error", fail));
  for (const entry of entries.filter((entry) => !entry.fileName.endsWith("/"))) {
    const to = join(folder, entry.fileName);
    mkdirSync(dirname(to), { recursive: true });
    await pipeline(await promisify(zip.openReadStream.bind(zip))(entry), createWriteStream(to));
  }
  zip.close();
  return entries.map((entry) => entry.fileName).sort();
}

const folder = mkdtempSync(join(tmpdir(), "transom-vsix-"));
/** The folder of the extension as an editor has it. */
const extension = join(folder, "extension");
/** The files in the package. */
let names;

before(async () => {
  const vsix = join(folder, "transom.vsix");
  const server = process.env.TRANSOM ? ["--server", process.env.TRANSOM] : [];
  const made = spawnSync(process.execPath, [join(here, "build.mjs"), "--package", ...server, "--out", vsix], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stdout + made.stderr);
  names = await unpack(vsix, folder);
  chmodSync(serverCommand(extension, {}).command, 0o755); // The editor does so by the package's own modes.
});

after(() => rmSync(folder, { recursive: true, force: true }));

test("the package runs without anything else", async () => {
  const inside = ["dist/extension.js", "package.json", "readme.md", "server/transom", "LICENSE-APACHE", "LICENSE-MIT"];
  for (const name of inside) assert.ok(names.includes(`extension/${name}`), `${name} is not among ${names}`);
  assert.ok(!names.some((name) => name.includes("node_modules")), `${names}`);

  // Nothing but the editor's own module is loaded from outside.
  const bundle = readFileSync(join(extension, "dist/extension.js"), "utf8");
  const loaded = new Set([...bundle.matchAll(/\brequire\("([^".][^"]*)"\)/g)].map((match) => match[1].replace("node:", "")));
  assert.deepEqual([...loaded].filter((name) => !builtinModules.includes(name)), ["vscode"]);

  const { command, args } = serverCommand(extension, {});
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const connection = rpc.createProtocolConnection(new rpc.StreamMessageReader(child.stdout), new rpc.StreamMessageWriter(child.stdin));
  const published = new Promise((done) => connection.onNotification(rpc.PublishDiagnosticsNotification.type, done));
  connection.listen();
  const about = await connection.sendRequest(rpc.InitializeRequest.type, { processId: process.pid, rootUri: null, capabilities: {}, workspaceFolders: null });
  assert.equal(about.serverInfo.name, "transom");
  await connection.sendNotification(rpc.InitializedNotification.type, {});
  const text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  hostPID: true\n  containers: [{name: web, image: iis}]\n";
  const uri = "file:///web.yaml";
  await connection.sendNotification(rpc.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "yaml", version: 1, text } });
  const { diagnostics } = await published;
  assert.ok(diagnostics.some((it) => it.code === "WIN201" && it.range.start.line === 5), JSON.stringify(diagnostics));
  await connection.sendRequest(rpc.ShutdownRequest.type);
  await connection.sendNotification(rpc.ExitNotification.type);
  assert.equal(await new Promise((done) => child.on("exit", done)), 0);
});

test("a server that does not start can be replaced, and there is never more than one", async (run) => {
  mkdirSync(join(extension, "node_modules/vscode"), { recursive: true });
  copyFileSync(join(here, "stand-in.cjs"), join(extension, "node_modules/vscode/index.js"));
  // Every process that the bundle starts.
  const processes = require("node:child_process");
  const started = [];
  const { spawn: original } = processes;
  processes.spawn = (...given) => {
    const child = original(...given);
    started.push(child);
    return child;
  };
  run.after(() => {
    processes.spawn = original;
    started.forEach((child) => child.kill());
  });
  const alive = () => started.filter((child) => child.pid && child.exitCode === null && child.signalCode === null).length;
  /** How many processes run; one that was told to end may take a moment. */
  const running = async (expected) => {
    for (let patience = 100; alive() > expected && patience > 0; patience -= 1) await sleep(50);
    return alive();
  };
  const { editor } = require(join(extension, "node_modules/vscode"));
  const { activate, deactivate } = require(join(extension, "dist/extension.js"));
  const set = (path) => {
    editor.configuration.path = path;
    return editor.changes.fire({ affectsConfiguration: (name) => name === "transom.path" });
  };

  editor.configuration.path = join(extension, "nowhere");
  await activate({ extensionPath: extension, subscriptions: [] });
  assert.equal(await running(0), 0);
  assert.ok(editor.messages.some((message) => message.includes("transom")), "the editor shows why");
  await set("");
  assert.equal(await running(1), 1, "another path starts it");
  await set(join(extension, "nowhere"));
  await set("");
  await editor.commands["transom.restart"]();
  assert.equal(await running(1), 1);
  const count = started.length;
  await Promise.all([editor.commands["transom.restart"](), editor.commands["transom.restart"](), set("")]);
  assert.equal(started.length, count + 3, "each has its turn");
  assert.equal(await running(1), 1, "nothing is left of those before");
  // What is asked for last holds, also where the editor ends meanwhile.
  const last = editor.commands["transom.restart"]();
  await deactivate();
  await last;
  assert.equal(await running(0), 0);
  await set(join(extension, "nowhere"));
  await deactivate();
  if (process.platform === "win32") return;
  const silent = join(extension, "silent");
  writeFileSync(silent, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  const asked = set(silent);
  while (started.at(-1).spawnfile !== silent) await sleep(50);
  await set("");
  await asked;
  assert.deepEqual(started.slice(-2).map((child) => child.spawnfile), [silent, serverCommand(extension, {}).command]);
  assert.equal(started.at(-1).exitCode, null, "one that never answers is not waited for forever");
  await deactivate();
  // The library would hear of its end, and complain of it to nobody.
  const one = started.at(-2);
  for (const from of [one, one.stdin, one.stdout, one.stderr]) from.removeAllListeners();
});

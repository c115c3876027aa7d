// Packages the extension, unpacks the package, and runs what is in it: the bundle against a stand-in of
// the editor's module, and the server that it would start, over the protocol.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, chmodSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import rpc from "vscode-languageserver-protocol/node";
import yauzl from "yauzl";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

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

test("the package runs without anything else", async (run) => {
  const folder = mkdtempSync(join(tmpdir(), "transom-vsix-"));
  run.after(() => rmSync(folder, { recursive: true, force: true }));
  const vsix = join(folder, "transom.vsix");
  const server = process.env.TRANSOM ? ["--server", process.env.TRANSOM] : [];
  const made = spawnSync(process.execPath, [join(here, "build.mjs"), "--package", ...server, "--out", vsix], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stdout + made.stderr);
  const names = await unpack(vsix, folder);
  const inside = ["dist/extension.js", "package.json", "readme.md", "server/transom", "LICENSE-APACHE", "LICENSE-MIT"];
  for (const name of inside) assert.ok(names.includes(`extension/${name}`), `${name} is not among ${names}`);
  assert.ok(!names.some((name) => name.includes("node_modules")), `${names}`);
  const extension = join(folder, "extension");

  // Nothing but the editor's own module is loaded from outside.
  const bundle = readFileSync(join(extension, "dist/extension.js"), "utf8");
  const loaded = new Set([...bundle.matchAll(/\brequire\("([^".][^"]*)"\)/g)].map((match) => match[1].replace("node:", "")));
  const { builtinModules } = require("node:module");
  assert.deepEqual([...loaded].filter((name) => !builtinModules.includes(name)), ["vscode"]);

  const { serverCommand } = require("./server.js");
  const { command, args } = serverCommand(extension, {});
  chmodSync(command, 0o755); // The editor does so by the package's own modes.
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

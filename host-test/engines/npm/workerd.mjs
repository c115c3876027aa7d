// Asks the bundled Worker in workerd what comes on stdin: `workerd.mjs TOOLS PROJECT`.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [tools, project] = process.argv.slice(2);
const { default: program } = createRequire(join(tools, "package.json"))("workerd");
const config = join(project, "bundles/workerd.capnp");
writeFileSync(
  config,
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    compatibilityDate = "2026-01-01",
    modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "./transom.wasm", wasm = embed "transom.wasm")],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
);
const workerd = spawn(program, ["serve", config, "--control-fd=3"], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
workerd.on("exit", (code) => process.exit(code ?? 0));
for await (const line of createInterface({ input: workerd.stdio[3] })) {
  const { event, port } = JSON.parse(line);
  if (event === "listen") {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: readFileSync(0) });
    process.stdout.write((await response.text()) + "\n", () => workerd.kill());
  }
}

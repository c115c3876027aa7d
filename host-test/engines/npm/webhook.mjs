// Starts a webhook and asks it once, over TLS: `webhook.mjs FILE`. The answer on stdout.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const webhook = spawn(process.execPath, [process.argv[2]], { env: { ...process.env, PORT: port }, stdio: "inherit" });
const ask = (body) =>
  new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method: "POST", ca: readFileSync("tls/tls.crt") };
    const sent = request(options, async (response) => resolve(Buffer.concat(await response.toArray()).toString()));
    sent.on("error", reject).end(body);
  });

const body = readFileSync(0);
for (let tries = 0; ; tries++) {
  try {
    console.log(await ask(body));
    break;
  } catch (error) {
    if (error.code !== "ECONNREFUSED" || tries === 1200) {
      webhook.kill();
      throw error;
    }
    await setTimeout(100);
  }
}
webhook.kill();

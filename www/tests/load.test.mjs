// What a visit costs, and what Lighthouse says of the pages. Times are printed, for machines differ; what
// does not depend on them is held.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { launch, loaded, open, quit, require, stage } from "./chromium.mjs";

/** Bytes on their way until one can work. */
const BUDGET = 400_000;
const on = stage();

test("the first load is within its budget", async () => {
  const { page, close } = await open(on.browser, on.server.address, { serviceWorkers: "block" });
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const names = new Map();
  const sizes = [];
  session.on("Network.requestWillBeSent", ({ requestId, request }) => names.set(requestId, request.url.split("/").at(-1)));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => sizes.push([names.get(requestId), encodedDataLength]));
  const start = performance.now();
  await page.goto(`${on.server.address}playground/index.html`);
  await page.waitForFunction(() => document.body.dataset.judged);
  const time = performance.now() - start;
  // The worker's script is loaded by another session.
  if (!sizes.some(([name]) => name === "worker.js")) sizes.push(["worker.js", gzipSync(readFileSync(loaded("worker.js"))).length]);
  const all = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.log(`# first load: ${all} bytes of ${BUDGET}, judged after ${Math.round(time)} ms: ${sizes.map((size) => size.join(" ")).join(", ")}`);
  assert.ok(sizes.some(([name]) => name === "playground.packed"), "the module was seen on its way");
  assert.ok(all <= BUDGET, `${all} bytes`);
  await close();
});

test("Lighthouse: accessibility and best practices, and nothing that blocks", { timeout: 300_000 }, async () => {
  const { default: lighthouse } = await import(require.resolve("lighthouse"));
  const { default: desktop } = await import(require.resolve("lighthouse/core/config/desktop-config.js"));
  const port = await new Promise((taken) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => taken(port));
    });
  });
  const browser = await launch([`--remote-debugging-port=${port}`]);
  try {
    const runs = [["playground/index.html", "desktop"], ["playground/index.html", "phone"], ["rules/WIN101-windows-pod-not-pinned.html", "phone"]];
    for (const [path, name] of runs) {
      const flags = { port, logLevel: "error", onlyCategories: ["performance", "accessibility", "best-practices"] };
      const { lhr } = await lighthouse(on.server.address + path, flags, name === "desktop" ? desktop : undefined);
      const score = (category) => Math.round(100 * lhr.categories[category].score);
      const says = (audit) => lhr.audits[audit].displayValue;
      const what = `${path} on a ${name}`;
      console.log(
        `# ${what}: performance ${score("performance")}, accessibility ${score("accessibility")}, best practices ${score("best-practices")}; ` +
          `first paint ${says("first-contentful-paint")}, largest ${says("largest-contentful-paint")}, interactive ${says("interactive")}, blocked ${says("total-blocking-time")}, shift ${says("cumulative-layout-shift")}`,
      );
      const failed = Object.values(lhr.audits).filter(({ score, scoreDisplayMode }) => scoreDisplayMode === "binary" && score === 0);
      assert.ok(score("accessibility") >= 95 && score("best-practices") >= 95, `${what}: ${failed.map(({ id }) => id)}`);
      if (path.startsWith("playground")) {
        assert.equal(lhr.audits["render-blocking-resources"].details?.items.length ?? 0, 0, `${what}: something blocks the first paint`);
      }
      assert.ok(lhr.audits["cumulative-layout-shift"].numericValue < 0.1, `${what}: the layout shifts`);
    }
  } finally {
    await quit(browser);
  }
});

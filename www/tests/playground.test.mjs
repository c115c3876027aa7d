// The playground as somebody uses it, in Chromium: as it lies in dist/www, as the single file, and as
// transom-server serves it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { loaded, open, phones, require, serve, shot, stage, www } from "./chromium.mjs";

const single = join(dirname(www), "playground.html");
const DESKTOP = { viewport: { width: 1440, height: 900 }, permissions: ["clipboard-read", "clipboard-write"] };
/** What no service worker of another test answers. */
const BARE = { ...DESKTOP, serviceWorkers: "block" };

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web} # the shop
spec:
  hostNetwork: true # for the old days
  nodeSelector: {kubernetes.io/os: windows}
  tolerations: [{key: os, value: windows, effect: NoSchedule}]
  containers:
    - name: web
      image: mcr.microsoft.com/windows/nanoserver:ltsc2022
      resources: {limits: {memory: 256Mi}, requests: {memory: 256Mi}}
`;

const on = stage();

/** The page with something in it, judged. */
async function start(hash = "", options = BARE, address = `${on.server.address}playground/index.html`) {
  const opened = await open(on.browser, new URL("..", address).href, options);
  await opened.page.goto(address + hash);
  await settled(opened.page);
  return opened;
}

/** Waits until the worker has judged what is there now. */
const settled = (page, times = 0) => page.waitForFunction((times) => Number(document.body.dataset.judged ?? 0) > times, times);
const judged = (page) => page.evaluate(() => Number(document.body.dataset.judged ?? 0));

/** Does something that leads to another judgement, and waits for it. */
async function andJudge(page, act) {
  const before = await judged(page);
  await act();
  await settled(page, before);
}

/** Holds back the module that comes with the first touch of the page; gives what lets it go. */
async function hold(page) {
  let letGo;
  const gone = new Promise((go) => (letGo = go));
  await page.route("**/whole.packed", (route) => gone.then(() => route.continue()));
  return letGo;
}

/** Pastes a text in the place of all that is there. */
async function paste(page, text) {
  await page.locator("#editor .cm-content").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await andJudge(page, () =>
    page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      document.querySelector("#editor .cm-content").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, text),
  );
}

/** What is in the editor, by the download button, for the editor itself only draws what can be seen. */
async function textOf(page) {
  await page.click("#tab-output");
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("[data-download]").first().click()]);
  const text = readFileSync(await download.path(), "utf8");
  await page.click("#tab-findings");
  return text;
}

const tally = (page) => page.textContent("#tally");

test("paste, squiggle, quick fix, undo: comments and layout stay", async () => {
  const { page, problems, close } = await start();
  await paste(page, POD);
  assert.match(await tally(page), /^1 error/);
  const squiggle = page.locator("#editor .squiggle.error");
  assert.equal((await squiggle.allTextContents()).join(""), "hostNetwork: true");
  await squiggle.first().hover();
  const tip = page.locator(".cm-tooltip .tip");
  await tip.waitFor();
  assert.match(await tip.textContent(), /host.*WIN401 host-network/s);
  assert.match(await tip.textContent(), /ignored in silence/);
  const finding = page.locator('[data-rule="WIN401"]');
  assert.equal(await finding.locator(".stages .past").count(), 6);
  await page.mouse.move(0, 0);
  await andJudge(page, () => finding.locator(".fix").click());
  assert.equal(await finding.count(), 0);
  assert.doesNotMatch(await tally(page), /error/);
  assert.match(await page.textContent(".lands.guarded, .lands.yes"), /^Windows: can land/);
  const fixed = await textOf(page);
  assert.match(fixed, /metadata: \{name: web\} # the shop\n/);
  assert.doesNotMatch(fixed, /hostNetwork: true/);
  await page.click("#tab-changes");
  await page.locator(".diff .cm-deletedChunk").first().waitFor();
  assert.match(await page.textContent(".diff"), /hostNetwork: true/);
  await andJudge(page, () => page.click("#undo"));
  assert.equal(await textOf(page), POD);
  assert.deepEqual(problems, []);
  await close();
});

test("where it would have failed, and in which words", async () => {
  const { page, problems, close } = await start("#example=windows-pod-not-pinned");
  const finding = page.locator('[data-rule="WIN101"]');
  await finding.locator(".toggle[aria-expanded=true]").waitFor();
  assert.equal(await finding.locator(".stages .here").textContent(), "scheduler");
  assert.equal(await finding.locator(".error-text").first().textContent(), "no match for platform in manifest");
  assert.match(await page.textContent(".pool.linux .pod.wrong"), /web/);
  assert.deepEqual(problems, []);
  await close();
});

test("fix all, on every example: nothing safe is left, and nothing new comes", async () => {
  const { page, problems, close } = await start();
  const { applications, rules } = JSON.parse(readFileSync(loaded("examples.json"), "utf8"));
  assert.ok(Object.keys(applications).length >= 6);
  const wrong = await page.evaluate(async (names) => {
    const wrong = [];
    const turn = () => Number(document.body.dataset.judged);
    const next = async (act) => {
      const before = turn();
      act();
      while (turn() === before) await new Promise((done) => setTimeout(done, 2));
      // Settings come after the files, with a judgement of their own.
      await new Promise((done) => setTimeout(done, 15));
    };
    const findings = () => new Set([...document.querySelectorAll("#panel-findings .finding")].map((one) => one.dataset.rule));
    for (const name of names) {
      await next(() => (location.hash = `#example=${name}`));
      const before = findings();
      if (names.indexOf(name) >= 8 && before.size === 0) wrong.push(`${name}: nothing is found`);
      const button = document.getElementById("fix-all");
      if (!button) continue;
      await next(() => button.click());
      if (document.getElementById("fix-all")) wrong.push(`${name}: something safe is left`);
    }
    return wrong;
  }, [...Object.keys(applications), ...Object.keys(rules)]);
  assert.deepEqual(wrong, []);
  assert.deepEqual(problems, []);
  await close();
});

test("every case of the corpus is decided as the command line decides, byte for byte", async () => {
  const { page, problems, close } = await start();
  const { today, cases } = JSON.parse(readFileSync(process.env.CORPUS, "utf8"));
  const decisions = await page.evaluate(
    async ({ today, cases, version }) => {
      const worker = new Worker(`${version}/worker.js`);
      const ask = (call, argument) =>
        new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => ("error" in data ? reject(new Error(data.error)) : resolve(data.answer));
          worker.postMessage({ id: 0, call, argument });
        });
      await ask("start", { module: await (await fetch(`${version}/playground.packed`)).arrayBuffer(), today });
      const all = [];
      for (const { name, text, settings } of cases) {
        await ask("configure", { text: "{}" });
        await ask("configure", { text: settings });
        await ask("put", { files: { [name]: text } });
        const { files } = await ask("check", {});
        await ask("put", { files: { [name]: null } });
        all.push(files[0].objects.map(({ decision }) => JSON.stringify(decision)));
      }
      worker.terminate();
      return all;
    },
    { today, cases, version: basename(dirname(loaded("worker.js"))) },
  );
  assert.ok(cases.length > 50);
  for (const [index, { name, decisions: native }] of cases.entries()) assert.deepEqual(decisions[index], native, name);
  assert.deepEqual(problems, []);
  await close();
});

test("a link carries 200 KB there and back, with the settings", async () => {
  const { page, problems, close } = await start();
  // Nothing that would come to nothing when compressed.
  let seed = 1;
  const word = () => (seed = (seed * 48271) % 2147483647).toString(36);
  let text = POD;
  while (text.length < 200_000) text += `# ${word()} ${word()} ü ${word()}\n`;
  await paste(page, text);
  await andJudge(page, () => page.selectOption("#platform", "gke"));
  await page.click("#tab-output");
  await page.waitForFunction(() => document.getElementById("link")?.value.includes("#s="));
  const link = await page.inputValue("#link");
  const other = await start(link.slice(link.indexOf("#")));
  assert.equal(await other.page.inputValue("#platform"), "gke");
  assert.equal(await textOf(other.page), text);
  assert.deepEqual([...problems, ...other.problems], []);
  const cut = await open(on.browser, on.server.address, BARE);
  await cut.page.goto(link.slice(0, -20));
  await cut.page.getByText("cut off").first().waitFor();
  await Promise.all([close(), other.close(), cut.close()]);
});

test("what can be copied", async () => {
  const { page, problems, close } = await start();
  await paste(page, POD.replace("name: web}", "name: web, namespace: shop}").replace(/  nodeSelector.*\n/, ""));
  await page.click("#tab-output");
  const copied = async (id) => {
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await page.click(id);
    for (;;) {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      if (text) return text;
    }
  };
  assert.match(await copied("#copy-markdown"), /### Pod shop\/web\n\n- \*\*error\*\* \[WIN101 windows-pod-not-pinned\]\(http:.*\/rules\/WIN101-.*\) manifest\.yaml:4/);
  assert.ok(JSON.parse(await copied("#copy-patch")).every(({ op, path }) => op && path));
  assert.match(await copied("#copy-kubectl"), /^# pod web --namespace shop: .*\n# .*: kubectl replace --force --filename manifest\.yaml\n$/);
  assert.match(await copied("#copy-cli"), /^transom check manifest\.yaml\n/);
  await andJudge(page, () => page.locator("#editor .cm-content").press("ControlOrMeta+End").then(() => page.keyboard.insertText("---\na: [1\n---\n")));
  assert.match(await copied("#copy-markdown"), /### Not judged\n\n- manifest\.yaml:\d+: /);
  await andJudge(page, () => page.click("#undo"));
  const { kind, response } = JSON.parse(await copied("#copy-admission"));
  assert.equal(kind, "AdmissionReview");
  assert.equal(response.allowed, false);
  await paste(page, `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n${POD.slice(POD.indexOf("spec:")).replace(/  nodeSelector.*\n/, "").replace(/^/gm, "    ").trimEnd()}\n`);
  assert.match(await copied("#copy-kubectl"), /^kubectl patch deployment\.apps web --type json --patch '\[.*\n$/);
  await drop(page, "-x.yaml", POD.replace(/  nodeSelector.*\n/, ""));
  assert.match(await copied("#copy-kubectl"), / --filename \.\/-x\.yaml\n$/);
  assert.equal(await copied("#copy-cli"), "transom check ./-x.yaml\ntransom fix --diff ./-x.yaml\n");
  assert.deepEqual(problems, []);
  await close();
});

test("addresses that open nothing are said to, and others are forgiven", async () => {
  const { page, problems, close } = await start("#s=broken");
  assert.match(await page.textContent("#notice"), /cut off/);
  assert.match(await page.textContent("#panel-findings h2"), /Nothing to judge yet/);
  for (const [hash, says] of [["#example=constructor", /no example constructor/], ["#example=__proto__", /no example/], ["#nothing", /Nothing is known of #nothing/]]) {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await page.waitForFunction((says) => new RegExp(says).test(document.getElementById("notice")?.textContent ?? ""), says.source);
  }
  await andJudge(page, () => page.evaluate(() => (location.hash = "#example=win401")));
  assert.equal(await page.locator('[data-rule="WIN401"]').count(), 1);
  assert.equal(await page.locator("#notice").count(), 0);
  await page.click("#tab-output");
  await page.waitForFunction(() => document.getElementById("link")?.value.includes("#s="));
  const link = await page.inputValue("#link");
  const other = await start(link.slice(link.indexOf("#")).replace("=", "%3D"));
  assert.equal(await other.page.locator('[data-rule="WIN401"]').count(), 1);
  assert.deepEqual([...problems, ...other.problems], []);
  await Promise.all([close(), other.close()]);
});

test("what is found is said, and fields are named as they are written", async () => {
  const { page, problems, close } = await start();
  const said = (text) => page.waitForFunction((text) => document.getElementById("say").textContent.includes(text), text);
  await paste(page, POD.replace("hostNetwork: true # for the old days", "securityContext: {fsGroup: 1000}"));
  assert.match(await page.textContent('[data-rule="WIN202"] .message'), /^securityContext\.fsGroup/);
  assert.match(await page.textContent('[data-rule="WIN202"] .help'), /^[A-Z]/);
  await said(/^\d+ \w+/.exec(await tally(page))[0]);
  await paste(page, POD);
  await said("1 error");
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("F8");
  await page.locator(".cm-tooltip .tip").waitFor();
  await said("hostNetwork");
  assert.equal(await page.locator('[data-rule="WIN401"].at').count(), 1);
  assert.equal(await page.textContent("#position"), "line 5, column 3");
  await page.keyboard.press("Escape");
  await page.locator(".cm-tooltip .tip").waitFor({ state: "detached" });
  await andJudge(page, () => page.keyboard.press("ControlOrMeta+."));
  await said("Fixed");
  await andJudge(page, () => page.click("#undo"));
  await said("1 error");
  await page.click("#examples-button");
  await page.locator("[data-example]").first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.type), "search");
  assert.deepEqual(problems, []);
  await close();
});

test("nothing that was typed is lost", async () => {
  const { page, problems, close } = await start();
  await page.reload();
  await settled(page);
  assert.equal(await page.evaluate(() => "draft" in sessionStorage), false);
  await paste(page, POD);
  await andJudge(page, () => page.selectOption("#platform", "gke"));
  await page.reload();
  await settled(page);
  assert.equal(await textOf(page), POD);
  assert.equal(await page.inputValue("#platform"), "gke");
  // An example that is opened can be taken back.
  await page.click("#examples-button");
  await andJudge(page, () => page.locator("[data-example]").first().click());
  assert.notEqual(await textOf(page), POD);
  await andJudge(page, () => page.click("#undo"));
  assert.equal(await textOf(page), POD);
  // A link holds what is open, wherever one goes in the page.
  await page.click("#share-button");
  await page.waitForFunction(() => location.hash.startsWith("#s="));
  const address = page.url();
  await page.click("#tab-findings");
  await page.locator("button.rule").first().click();
  await page.locator("dialog .prose h2, dialog .prose h3").first().waitFor();
  assert.equal(await page.locator('dialog .prose a[href^="#"]:not(.button)').count(), 0);
  await page.keyboard.press("Escape");
  await page.locator(".skip").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "results");
  assert.equal(page.url(), address);
  // What the address names comes first, for whoever goes there.
  await page.goto("about:blank");
  await page.goto(`${on.server.address}playground/index.html#example=host-network`);
  await settled(page);
  assert.match(await textOf(page), /hostNetwork/);
  assert.deepEqual(problems, []);
  await close();
});

test("a page that is loaded again knows what was opened", async () => {
  const { page, problems, close } = await start();
  const save = async () => {
    await page.click("#tab-output");
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("[data-download]").click()]);
    return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
  };
  const reload = async () => {
    await page.reload();
    await settled(page);
  };
  const type = async (text) => {
    await page.locator("#editor .cm-content").press("ControlOrMeta+Home");
    await andJudge(page, () => page.keyboard.insertText(text));
  };
  // What is pasted into the page's own example gets another name.
  await type("# ours\n");
  await reload();
  assert.match((await save())[1], /^# ours\n/);
  await paste(page, POD);
  assert.deepEqual(await save(), ["manifest.yaml", POD]);
  const mixed = `\ufeff${POD.replace("\n", "\r\n")}`;
  await drop(page, "mixed.yaml", mixed);
  await type("# ours\n");
  await reload();
  await page.click("#tab-changes");
  assert.match(await page.textContent("#diff-summary"), /^1 line added/);
  await andJudge(page, () => page.getByRole("button", { name: "Take all back" }).click());
  assert.deepEqual(await save(), ["mixed.yaml", mixed]);
  // What is typed while something that the address names is judged is one's own, too.
  await page.evaluate(async (text) => {
    const content = document.querySelector("#editor .cm-content");
    const isShown = new Promise((shown) => new MutationObserver(shown).observe(content, { childList: true, subtree: true }));
    location.hash = "#example=host-network";
    await isShown;
    const data = new DataTransfer();
    data.setData("text/plain", text);
    content.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, "# ours\n");
  await page.locator('[data-rule="WIN401"] .line', { hasText: "line 15" }).waitFor({ state: "attached" });
  await reload();
  assert.match((await save())[1], /^# ours\n/);
  assert.deepEqual(problems, []);
  await close();
});

test("an AdmissionReview is answered", async () => {
  const { page, problems, close } = await start("#example=admission-review");
  const response = page.locator(".response pre");
  await page.waitForFunction(() => document.querySelector(".response pre")?.textContent.includes("uid"));
  assert.equal(JSON.parse(await response.textContent()).response.uid, "705ab4f5-6393-11e8-b7cc-42010a800002");
  assert.deepEqual(problems, []);
  await close();
});

/** What a browser gives for a folder that is dropped, of which tests cannot drop a real one. */
const dropUnread = (page, name, files) =>
  page.evaluate(
    ([name, files]) => {
      const entry = (name, content) =>
        typeof content === "string"
          ? { isFile: true, name, file: (take) => take(new File([content], name)) }
          : { isDirectory: true, name, createReader: () => ({ entries: Object.entries(content), readEntries(take) { take(this.entries.splice(0, 1).map(([name, content]) => entry(name, content))); } }) };
      const drop = new Event("drop", { bubbles: true, cancelable: true });
      Object.defineProperty(drop, "dataTransfer", { value: { types: ["Files"], items: [{ webkitGetAsEntry: () => entry(name, files) }] } });
      document.querySelector("#editor .cm-content").dispatchEvent(drop);
    },
    [name, files],
  );
const drop = (page, name, files) => andJudge(page, () => dropUnread(page, name, files));

test("a folder is dropped: its files are each other's context", async () => {
  const { page, problems, close } = await start();
  const node = "apiVersion: v1\nkind: Node\nmetadata: {name: win-1, labels: {kubernetes.io/os: windows}}\nspec: {taints: [{key: team, value: a, effect: NoSchedule}]}\n";
  await drop(page, "deploy", { "pod.yaml": POD, "README.md": "nothing", "transom.yaml": "platform: aks\n", nodes: { "node.yml": node }, ".git": { "config.yaml": "a: b" } });
  assert.deepEqual((await page.locator("#files button").allTextContents()).map((name) => name.replace(/\d+$/, "")), ["deploy/nodes/node.yml", "deploy/pod.yaml"]);
  assert.match(await page.textContent(".pool.windows"), /win-1.*team=a:NoSchedule/s);
  assert.equal(await page.inputValue("#platform"), "aks");
  assert.deepEqual(problems, []);
  await close();
});

test("settings that come with files are taken, or it is said why not", async () => {
  const { page, problems, close } = await start();
  const said = (text) => page.locator("#say", { hasText: text }).waitFor({ state: "attached" });
  // A manifest may have the name of settings, and settings one by which nobody finds them.
  await drop(page, "deploy", { "pod.yaml": POD, "transom.yaml": POD, a: { "transom.yml": "platform: gke\n", b: { "transom.yaml": "platform: aks\n" } } });
  assert.deepEqual((await page.locator("#files button").allTextContents()).map((name) => name.replace(/\d+$/, "")), ["deploy/pod.yaml", "deploy/transom.yaml"]);
  await said("1 file left out: deploy/a/transom.yml: settings are read from transom.yaml alone: rename it");
  assert.equal(await page.inputValue("#platform"), "aks");
  await drop(page, "deploy", { "pod.yaml": POD, "transom.yaml": "a\0" });
  await said("1 file left out: deploy/transom.yaml: a binary file");
  assert.equal(await page.inputValue("#platform"), "aks");
  // Wrong ones leave nothing in force of what was open before.
  await drop(page, "deploy", { "pod.yaml": POD, "transom.yaml": "platform: azure\n" });
  await said(/^Settings not applied: .*azure/);
  assert.equal(await page.inputValue("#platform"), "");
  await dropUnread(page, "transom.yml", "platform: aks\n");
  await said("Nothing could be read: transom.yml: settings are read from transom.yaml alone: rename it");
  // Alone they are for what is open.
  await drop(page, "transom.yaml", "\ufeffplatform: aks\r\ncni: azure\r\n");
  assert.equal(await page.inputValue("#platform"), "aks");
  await page.click("#tab-output");
  await page.click("#copy-cli");
  await said("Command line copied");
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /<<'EOF'\nplatform: aks\ncni: azure\nEOF\n/);
  assert.deepEqual(problems, []);
  await close();
});

test("several files are ported, and one undo takes it back, also what was opened", async () => {
  const { page, problems, close } = await start();
  const shop = await tally(page);
  const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  securityContext: {runAsUser: 1000}\n  containers:\n  - {name: web, image: mcr.microsoft.com/dotnet/aspnet:8.0}\n";
  await drop(page, "deploy", { "a.yaml": pod, "b.yaml": pod.replace("name: web}", "name: api}") });
  const before = await tally(page);
  await andJudge(page, () => page.click("#port-button"));
  await page.locator(".changed li").nth(1).waitFor();
  assert.match(await page.textContent("#diff-summary"), /in 2 files/);
  const { length } = await page.locator("ol.decisions > li").all();
  assert.equal(await page.locator("#panel-changes h3", { hasText: "For you to decide" }).first().textContent(), `For you to decide (${length})`);
  assert.deepEqual((await page.locator("#panel-changes h4").allTextContents()).slice(0, 2), ["deploy/a.yaml", "deploy/b.yaml"]);
  await page.locator("ol.decisions").nth(1).locator("button.line").first().click();
  assert.match(await page.textContent("#files [aria-pressed=true]"), /b\.yaml/);
  await page.locator("#panel-changes h3", { hasText: "in deploy/b.yaml" }).waitFor();
  await andJudge(page, () => page.keyboard.press("ControlOrMeta+z"));
  await page.getByText("All files are as they were opened").waitFor();
  assert.equal(await tally(page), before);
  await andJudge(page, () => page.click("#redo"));
  assert.match(await page.textContent("#diff-summary"), /in 2 files/);
  await andJudge(page, () => page.click("#undo"));
  await andJudge(page, () => page.click("#undo"));
  assert.equal(await tally(page), shop);
  await andJudge(page, () => page.click("#redo"));
  assert.equal(await page.locator("#files button").count(), 2);
  assert.deepEqual(problems, []);
  await close();
});

test("what is left to decide comes and goes with the port", async () => {
  const { page, problems, close } = await start();
  const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  securityContext: {runAsUser: 1000, fsGroup: 1000}\n  containers:\n  - {name: web, image: mcr.microsoft.com/dotnet/aspnet:8.0}\n";
  const left = (state) => page.locator("#panel-changes h3", { hasText: "For you to decide" }).waitFor({ state });
  await drop(page, "deploy", { "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n", "pod.yaml": pod });
  await page.locator("#files button").nth(1).click();
  await page.locator("#editor .cm-content").press("ControlOrMeta+Home");
  await andJudge(page, () => page.keyboard.insertText("# ours\n"));
  await andJudge(page, () => page.click("#port-button"));
  await left("attached");
  await andJudge(page, () => page.click("#undo"));
  await left("detached");
  await andJudge(page, () => page.click("#redo"));
  await left("attached");
  // Taken back while a file is shown that the port left alone.
  await page.locator("#files button").nth(0).click();
  await andJudge(page, () => page.getByRole("button", { name: "Take all back" }).click());
  await page.getByText("All files are as they were opened").waitFor();
  await left("detached");
  await andJudge(page, () => page.click("#undo"));
  await left("attached");
  assert.deepEqual(problems, []);
  await close();
});

test("a fix in a file that is not shown is undone alone", async () => {
  const { page, problems, close } = await start();
  await drop(page, "deploy", { "a.yaml": POD, "b.yaml": POD });
  const findings = page.locator('[data-rule="WIN401"]');
  await andJudge(page, () => findings.nth(1).locator(".fix").click());
  assert.equal(await findings.count(), 1);
  await andJudge(page, () => page.click("#undo"));
  await page.locator("#say", { hasText: "Taken back in deploy/b.yaml" }).waitFor({ state: "attached" });
  assert.equal(await findings.count(), 2);
  await andJudge(page, () => page.click("#redo"));
  assert.equal(await findings.count(), 1);
  assert.deepEqual(problems, []);
  await close();
});

test("a fix is that of the finding beside it, whatever the settings are by then", async () => {
  const { page, problems, close } = await start();
  await paste(page, POD.replace(/  tolerations.*\n/, "").replace("resources:", "securityContext: {runAsUser: 1000}\n      resources:"));
  await page.keyboard.press("ControlOrMeta+Home");
  for (let times = 0; times < 9 && !/runAsUser/.test(await page.locator(".cm-tooltip .tip").allTextContents()); times++) await page.keyboard.press("F8");
  const button = page.locator(".cm-tooltip .tip", { hasText: "WIN202" }).locator("button").first();
  await button.waitFor();
  // The findings before it go.
  await page.selectOption("#platform", "aks");
  await page.locator('[data-rule="WIN109"]').waitFor({ state: "detached" });
  await button.click();
  await page.locator('[data-rule="WIN202"]').waitFor({ state: "detached" });
  assert.equal(await page.locator('[data-rule="WIN401"]').count(), 1);
  assert.deepEqual(problems, []);
  await close();
});

test("a fix that comes after its file was closed changes nothing", async () => {
  const { page, problems, close } = await start();
  const letGo = await hold(page);
  await paste(page, POD);
  await page.locator('[data-rule="WIN401"] .fix').click();
  await drop(page, "manifest.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n");
  const clean = await tally(page);
  letGo();
  await page.click("#port-button");
  await page.locator("#say", { hasText: "There is nothing to port" }).waitFor({ state: "attached" });
  assert.equal(await tally(page), clean);
  await andJudge(page, () => page.click("#undo"));
  assert.equal(await textOf(page), POD);
  assert.deepEqual(problems, []);
  await close();
});

test("what is opened while settings wait to be changed takes the place of what was found", async () => {
  const { page, problems, close } = await start();
  const letGo = await hold(page);
  await paste(page, POD);
  const place = await page.locator('[data-rule="WIN401"] button.line').first().elementHandle();
  await page.selectOption("#platform", "gke");
  const text = POD.replace(/  hostNetwork.*\n/, "");
  await drop(page, "deploy", { "a.yaml": text, "b.yaml": text, "transom.yaml": "platform: aks\n" });
  assert.equal(await page.locator('[data-rule="WIN401"]').count(), 0);
  // Somebody pressed it just before it went away.
  await place.evaluate((button) => button.click());
  assert.equal((await page.locator("#files button[aria-pressed=true]").textContent()).replace(/\d+$/, ""), "deploy/a.yaml");
  letGo();
  await page.waitForFunction(() => document.querySelector("#platform").value === "aks");
  assert.equal(await textOf(page), text);
  assert.deepEqual(problems, []);
  await close();
});

test("undo takes nothing away that was done later in another file", async () => {
  const { page, problems, close } = await start();
  const shop = await tally(page);
  await drop(page, "deploy", { "a.yaml": POD, "b.yaml": POD });
  const files = page.locator("#files button");
  await files.nth(1).click();
  await page.locator("#editor .cm-content").press("ControlOrMeta+Home");
  await andJudge(page, () => page.keyboard.insertText("# ours\n"));
  await files.nth(0).click();
  assert.equal(await page.isDisabled("#undo"), true);
  await page.locator("#editor .cm-content").press("ControlOrMeta+z");
  assert.equal(await files.count(), 2);
  await files.nth(1).click();
  await page.getByText("# ours").first().waitFor();
  await andJudge(page, () => page.click("#undo"));
  await andJudge(page, () => page.click("#undo"));
  assert.equal(await tally(page), shop);
  assert.equal(await page.isDisabled("#undo"), true);
  assert.deepEqual(problems, []);
  await close();
});

test("what if: findings come and go with the cluster, and the settings are text, too", async () => {
  const { page, problems, close } = await start("#example=missing-windows-toleration");
  await page.click("#tab-whatif");
  await page.locator(".settings-editor .cm-content").waitFor();
  await andJudge(page, () => page.locator('[data-control="platform-aks"]').check({ force: true }));
  await andJudge(page, () => page.locator('[data-control="platform-openshift"]').check({ force: true }));
  await page.locator(".difference .come li").first().waitFor();
  assert.match(await page.textContent(".difference"), /WIN109/);
  await andJudge(page, () => page.locator('[data-control="build-20348"]').check());
  assert.match(await page.textContent(".settings-editor .cm-content"), /platform: openshift.*builds:.*20348/s);
  await page.locator(".platforms .would .badge").first().waitFor();
  await page.locator(".settings-editor .cm-content").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await andJudge(page, () => page.keyboard.insertText("platform: azure\n"));
  await page.locator(".errors li").first().waitFor();
  assert.match(await page.textContent(".errors"), /platform|aks/);
  // What may stand there is said while it is typed.
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("pla", { delay: 20 });
  await page.locator(".cm-tooltip-autocomplete", { hasText: "platform" }).waitFor();
  // For a moment after it opened, Enter is still a new line.
  await page.waitForTimeout(200);
  await page.keyboard.press("Enter");
  await page.keyboard.type("ak", { delay: 20 });
  await page.locator(".cm-tooltip-autocomplete", { hasText: "aks" }).waitFor();
  await page.waitForTimeout(200);
  await page.keyboard.press("Enter");
  assert.equal((await page.textContent(".settings-editor .cm-content")).trim(), "platform: aks");
  assert.deepEqual(problems, []);
  await close();
});

test("what if: what is refused is said, and changes nothing", async () => {
  const { page, problems, close } = await start();
  await page.click("#tab-whatif");
  const text = () => page.textContent(".settings-editor .cm-content");
  await page.locator(".settings-editor .cm-content").waitFor();
  assert.equal(await page.textContent(".difference"), "");
  // Builds, and no nodes that could have them.
  await andJudge(page, () => page.locator('[data-control="build-20348"]').check());
  await andJudge(page, () => page.locator('[data-control="present"]').check());
  const says = (wanted) =>
    page.waitForFunction((wanted) => document.querySelector(".settings-editor .cm-content").textContent === wanted, wanted);
  const unchecked = (name) => page.waitForFunction((name) => !document.querySelector(`[data-control="${name}"]`).checked, name);
  await says("windows:  present: false");
  await unchecked("build-20348");
  await andJudge(page, () => page.locator('[data-control="build-26100"]').check());
  await unchecked("present");
  await andJudge(page, () => page.locator('[data-control="build-26100"]').uncheck());
  await says("");
  await page.fill("#taints", "garbage!!::");
  await page.keyboard.press("Tab");
  await page.locator("#taints-refused", { hasText: "Not applied: " }).waitFor();
  assert.equal(await page.inputValue("#taints"), "garbage!!::");
  assert.equal(await text(), "");
  // It goes with the settings that it was asked for.
  await andJudge(page, () => page.selectOption("#platform", "aks"));
  await page.locator("#taints-refused").waitFor({ state: "detached" });
  assert.equal(await page.inputValue("#taints"), "");
  await andJudge(page, () => page.selectOption("#platform", ""));
  await page.waitForFunction(() => document.querySelector(".settings-editor .cm-content").textContent === "");
  // Text that is wrong.
  await page.locator(".settings-editor .cm-content").focus();
  await andJudge(page, () => page.keyboard.insertText("platform: aks\ncni: nothing\n"));
  await page.locator(".difference", { hasText: "Not applied: " }).waitFor();
  await page.selectOption("#platform", "eks");
  await page.locator("#say", { hasText: "Not applied: " }).waitFor({ state: "attached" });
  assert.equal(await page.inputValue("#platform"), "");
  assert.match(await text(), /platform: aks/);
  await page.selectOption("#cni", "calico");
  await page.locator(".difference", { hasText: "more" }).waitFor();
  assert.equal(await page.inputValue("#platform"), "aks");
  await page.click("#reset");
  await says("");
  assert.deepEqual(problems, []);
  await close();
});

test("what if: what is chosen and typed at the same time all counts", async () => {
  const { page, problems, close } = await start();
  const letGo = await hold(page);
  await page.click("#tab-whatif");
  const editor = page.locator(".settings-editor .cm-content");
  await editor.waitFor();
  await page.selectOption("#platform", "gke");
  await page.selectOption("#cni", "calico");
  await editor.focus();
  await page.keyboard.insertText("rules: {WIN803: off}\n");
  letGo();
  await page.waitForFunction(() => /^rules: \{WIN803: off\}platform: gkecni: calico$/.test(document.querySelector(".settings-editor .cm-content").textContent));
  assert.equal(await page.inputValue("#platform"), "gke");
  assert.equal(await page.inputValue("#cni"), "calico");
  await page.evaluate(() => [20348, 26100].forEach((build) => document.querySelector(`[data-control="build-${build}"]`).click()));
  await page.waitForFunction(() => /20348.*26100/.test(document.querySelector(".settings-editor .cm-content").textContent));
  assert.deepEqual(problems, []);
  await close();
});

test("what cannot be loaded is said, and tried again", async () => {
  const { page, close } = await start();
  const missing = /\/(?:whole\.packed|docs\.json)$/;
  await page.route(missing, (route) => route.abort());
  await page.click("#tab-whatif");
  await page.locator("#cni").waitFor();
  await page.selectOption("#cni", "calico");
  await page.locator("#cni-refused", { hasText: "Not applied: Failed to fetch" }).waitFor();
  assert.equal(await page.inputValue("#cni"), "");
  await page.click("#tab-output");
  await page.evaluate(() => (document.getElementById("say").textContent = ""));
  await page.click("#copy-admission");
  await page.locator("#say", { hasText: "Failed to fetch" }).waitFor({ state: "attached" });
  // The text does without links.
  await page.click("#copy-markdown");
  await page.locator("#say", { hasText: "Markdown copied" }).waitFor({ state: "attached" });
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /- \*\*error\*\* \\\[WIN/);
  await page.unroute(missing);
  await page.click("#tab-whatif");
  await andJudge(page, () => page.selectOption("#cni", "calico"));
  await page.locator("#cni-refused").waitFor({ state: "detached" });
  assert.equal(await page.inputValue("#cni"), "calico");
  await close();
});

test("a manifest for Linux is ported, with what a person must decide", async () => {
  const { page, problems, close } = await start();
  await paste(page, "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  securityContext: {runAsUser: 1000, fsGroup: 1000}\n  containers:\n  - {name: web, image: mcr.microsoft.com/dotnet/aspnet:8.0} # the shop\n");
  await andJudge(page, () => page.click("#port-button"));
  await page.locator(".decisions li").first().waitFor();
  await page.locator(".diff .cm-changedLine").first().waitFor();
  const text = await textOf(page);
  assert.match(text, /nanoserver-ltsc2022.*# the shop/);
  assert.match(text, /kubernetes\.io\/os: windows/);
  await paste(page, "a: {{ .Values.a }}\n{{- if }}\n");
  await andJudge(page, () => page.click("#port-button"));
  await page.locator("#say", { hasText: "mend the rest first" }).waitFor({ state: "attached" });
  assert.deepEqual(problems, []);
  await close();
});

test("what was taken back can be had again, and what was opened stays known", async () => {
  const { page, problems, close } = await start();
  const changes = () => page.textContent("#panel-changes");
  const save = async () => {
    await page.click("#tab-output");
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("[data-download]").click()]);
    await page.click("#tab-changes");
    return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
  };
  const fixAll = async () => {
    await page.click("#tab-findings");
    await andJudge(page, () => page.click("#fix-all"));
    await page.click("#tab-changes");
  };
  const shop = await save();
  assert.equal(shop[0], "shop.yaml");
  await andJudge(page, () => page.click("#port-button"));
  const ported = await save();
  const summary = await page.textContent("#diff-summary");
  const takeBack = page.getByRole("button", { name: "Take all back" });
  await andJudge(page, () => takeBack.click());
  assert.deepEqual(await save(), shop);
  await andJudge(page, () => page.click("#undo"));
  assert.deepEqual(await save(), ported);
  assert.equal(await page.textContent("#diff-summary"), summary);
  await andJudge(page, () => takeBack.click());
  assert.deepEqual(await save(), shop);
  // Line ends of two kinds, and nothing in common but the line that is fixed.
  const mixed = POD.replace(/  nodeSelector.*\n/, "").replace("\n", "\r\n");
  await drop(page, "mixed.yaml", mixed);
  await fixAll();
  await page.getByText("lines removed or replaced").waitFor();
  await andJudge(page, () => takeBack.click());
  assert.deepEqual(await save(), ["mixed.yaml", mixed]);
  // A text of one line, of which taking back leaves nothing.
  const json = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec: { containers: [{ name: "web", image: "mcr.microsoft.com/windows/nanoserver:ltsc2022" }] } });
  await paste(page, json);
  assert.match(await changes(), /as it was opened or pasted/);
  await fixAll();
  await andJudge(page, () => takeBack.click());
  await andJudge(page, () => page.click("#undo"));
  await andJudge(page, () => takeBack.click());
  assert.equal((await save())[1], json);
  // What was pasted is taken back with what it is compared to.
  for (let times = 0; times < 3; times++) await andJudge(page, () => page.click("#undo"));
  assert.equal((await save())[1], mixed);
  assert.match(await changes(), /as it was opened or pasted/);
  assert.deepEqual(problems, []);
  await close();
});

test("of thousands of lines, those that changed are shown", async () => {
  const { page, problems, close } = await start();
  const before = Array.from({ length: 300 }, (_, index) => POD.replace("name: web}", `name: web-${index}}`).replace(/  nodeSelector.*\n/, "")).join("---\n");
  await paste(page, before);
  await andJudge(page, () => page.click("#fix-all"));
  await page.click("#tab-changes");
  await page.locator(".diff .cm-changedLine").first().waitFor();
  const [, added, removed] = /^(\d+) lines added or changed, (\d+) lines removed/.exec(await page.textContent("#diff-summary"));
  assert.equal(added - removed, (await textOf(page)).split("\n").length - before.split("\n").length);
  assert.ok(added >= 300 && added <= 900, added);
  assert.deepEqual(problems, []);
  await close();
});

test("a broken document beside a good one, and 5 MB at once", async () => {
  const { page, problems, close } = await start();
  await paste(page, `${POD}---\na: [1\nb: }\n---\n${POD}`);
  assert.match(await tally(page), /^2 errors.*in 2 objects/);
  assert.match(await page.textContent(".problem"), /Not YAML/);
  const many = `${POD}---\n`.repeat(Math.ceil(5_000_000 / POD.length));
  // How long nothing else could happen in the page.
  await page.evaluate(() => {
    globalThis.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (globalThis.longest = Math.max(globalThis.longest, duration)))).observe({ type: "longtask" });
  });
  await paste(page, many);
  assert.match(await tally(page), new RegExp(`in ${many.split("---").length - 1} objects`));
  // Of what is only counted nobody knows where it lands.
  assert.match(await page.textContent(".pool.windows .pods > .soft"), /^\d+\+ more$/);
  assert.equal(await page.textContent(".pool.linux .empty"), "No pod that is listed can land here");
  console.log(`# 5 MB: judged in ${/judged in (.*)/.exec(await page.textContent("#status"))?.[1]}, the page busy for ${Math.round(await page.evaluate(() => globalThis.longest))} ms at most`);
  assert.deepEqual(problems, []);
  await close();
});

/** Waits until everything of a version that may be asked for later has come, too. */
const kept = (page, version = basename(dirname(loaded("worker.js")))) =>
  page.evaluate(async (version) => {
    await navigator.serviceWorker.ready;
    const list = await (await fetch("sw.js", { cache: "no-store" })).text();
    const names = [...list.matchAll(/"([0-9a-f]{16}\/[^"]+)"/g)].map(([, name]) => name).filter((name) => name.startsWith(version));
    const isThere = async (name) => (await caches.match(new URL(name, location.href))) !== undefined;
    const isKept = async () => navigator.serviceWorker.controller && names.length > 0 && (await Promise.all(names.map(isThere))).every(Boolean);
    while (!(await isKept())) await new Promise((done) => setTimeout(done, 20));
  }, version);

test("a new version comes with the next visit, and leaves open pages alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "transom-"));
  const playground = join(folder, "playground");
  cpSync(join(www, "playground"), playground, { recursive: true });
  // As servers of files do.
  const server = await serve(folder, { "cache-control": "max-age=600" });
  const { page, problems, close } = await start("", DESKTOP, `${server.address}playground/index.html`);
  await kept(page);

  const [old, fresh] = [basename(dirname(loaded("worker.js"))), "0123456789abcdef"];
  renameSync(join(playground, old), join(playground, fresh));
  for (const name of ["index.html", "sw.js"]) {
    const text = readFileSync(join(playground, name), "utf8");
    writeFileSync(join(playground, name), text.replaceAll(old, fresh).replace("<title>", "<title>New: "));
  }
  // What is open has its own parts, though the server has them no more.
  await page.click("#examples-button");
  await page.locator("[data-example]").first().waitFor();
  await page.keyboard.press("Escape");

  await page.reload();
  await settled(page);
  assert.match(await page.title(), /^New: /);
  await kept(page, fresh);
  await page.context().setOffline(true);
  await page.reload();
  await settled(page);
  assert.match(await page.title(), /^New: /);
  assert.deepEqual(problems, []);
  await close();
  server.close();
  rmSync(folder, { recursive: true });
});

test("hosts that send on to the folder of the page, and what is loaded once", async () => {
  const asked = [];
  const server = await serve(www, { "cache-control": "max-age=600" }, { isShort: true, asked });
  const { page, problems, close } = await start("", DESKTOP, `${server.address}playground/index.html`);
  await kept(page);
  for (const name of ["playground.packed", "page.js"]) assert.equal(asked.filter((path) => path.endsWith(`/${name}`)).length, 1, name);
  for (const name of ["index.html", ""]) {
    await page.goto(`${server.address}playground/${name}`);
    await settled(page);
  }
  await page.context().setOffline(true);
  for (const name of ["index.html", ""]) {
    await page.goto(`${server.address}playground/${name}`);
    await settled(page);
  }
  assert.deepEqual(problems, []);
  await close();
  server.close();
});

test("offline after the first visit", async () => {
  const { page, problems, close } = await start("", DESKTOP);
  await kept(page);
  await page.context().setOffline(true);
  await page.reload();
  await settled(page);
  assert.match(await tally(page), /error/);
  await page.click("#examples-button");
  await page.locator("[data-example]").first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator("button.rule").first().click();
  await page.locator("dialog .prose p.lead").waitFor();
  assert.deepEqual(problems, []);
  await close();
});

test("the single file, from a disk and from transom-server", async () => {
  const folder = mkdtempSync(join(tmpdir(), "transom-"));
  const copy = join(folder, "playground.html");
  writeFileSync(copy, readFileSync(single));
  const settings = ["--http", "--listen", "127.0.0.1:0", "--drain-delay", "0s"];
  const program = spawn(process.env.SERVER, ["serve", ...settings, "--playground", copy], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    let address;
    for await (const line of createInterface(program.stderr)) {
      address = /127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (address) break;
    }
    for (const url of [pathToFileURL(copy).href, `http://${address}/play`]) {
      const { page, problems, close } = await open(on.browser, url.startsWith("file:") ? "file:" : `http://${address}`, BARE);
      await page.goto(url);
      await settled(page);
      await paste(page, POD);
      assert.match(await tally(page), /^1 error/, url);
      await andJudge(page, () => page.click('[data-rule="WIN401"] .fix'));
      await page.click("#tab-changes");
      await page.locator(".diff .cm-deletedChunk").first().waitFor();
      await page.click("#tab-findings");
      await page.locator("button.rule, #examples-button").first().click();
      await page.locator("dialog .body").waitFor();
      await page.keyboard.press("Escape");
      await page.click("#tab-output");
      await page.getByText(url.startsWith("file:") ? "on this disk" : "Everything is in the link").waitFor();
      await page.goto(`${url}?url=deploy.yaml`);
      await page.locator("#notice", { hasText: "?url=" }).waitFor();
      assert.deepEqual(problems, [], url);
      await close();
    }
  } finally {
    program.kill();
    rmSync(folder, { recursive: true });
  }
});

test("phones: one part at a time, nothing sticks out", async () => {
  for (const [index, phone] of phones.entries()) {
    const { page, problems, close } = await start("", { ...phone, serviceWorkers: "block" });
    for (const part of ["editor", "findings", "whatif", "changes", "output"]) {
      await page.tap(`.panes [data-to="${part}"]`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${part} is ${wide} px too wide`);
      await shot(page, `playground-phone-${index + 1}-${part}`);
    }
    await page.tap('.panes [data-to="findings"]');
    await andJudge(page, () => page.tap("#fix-all"));
    assert.deepEqual(problems, []);
    await close();
  }
});

test("long names stay within what holds them", async () => {
  const name = "x".repeat(253);
  const long = POD.replace("name: web}", `name: ${name}}`).replace("- name: web", `- name: ${name.slice(0, 63)}`).replace("nodeSelector: {", `nodeSelector: {${name.slice(0, 63)}: a, `);
  const clean = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
  const sides = [...phones.map((phone) => ({ ...phone, serviceWorkers: "block" })), BARE];
  for (const [index, options] of sides.entries()) {
    const { page, problems, close } = await start("", options);
    const isPhone = options !== BARE;
    await drop(page, name, { [`${name}.yaml`]: long, "clean.yaml": clean, [`broken-${name}.yaml`]: "a: [1\n" });
    for (const part of ["findings", "whatif", "changes", "output"]) {
      await page.click(isPhone ? `.panes [data-to="${part}"]` : `#tab-${part}`);
      // What is not seen is not laid out.
      await page.addStyleTag({ content: ".card { content-visibility: visible !important }" });
      const out = await page.locator(`#panel-${part}`).evaluate((panel) => {
        const end = (element) => element.getBoundingClientRect().right - parseFloat(getComputedStyle(element).paddingRight);
        const holders = [panel, ...panel.querySelectorAll(".card, .problem, .pool")];
        const inside = (holder) => [...holder.querySelectorAll("*")].filter((element) => !element.closest(".cm-editor, pre, .unseen, .would, option"));
        return holders.flatMap((holder) => inside(holder).filter((element) => element.getBoundingClientRect().right > end(holder) + 1).map((element) => `${holder.className || holder.id}: ${element.tagName}.${element.className} ${element.textContent.slice(0, 20)}`));
      });
      assert.deepEqual(out, [], part);
      await shot(page, `playground-long-names-${index + 1}-${part}`);
      if (part === "findings") await andJudge(page, () => page.locator('[data-rule="WIN401"] .fix').click());
    }
    assert.deepEqual(problems, []);
    await close();
  }
});

test("axe finds nothing in any state, in both themes", async () => {
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await start("", { ...BARE, colorScheme, bypassCSP: true });
    await page.evaluate(axe);
    const look = async (state) => {
      await shot(page, `playground-${colorScheme}-${state}`);
      const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
      const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join("\n  ")}`);
      assert.deepEqual(said, [], `${state} in ${colorScheme}`);
    };
    await look("findings");
    await page.click("#tab-whatif");
    await page.locator(".platforms .would .badge").first().waitFor();
    await andJudge(page, () => page.locator('[data-control="platform-gke"]').check({ force: true }));
    await look("what-if");
    await page.click("#tab-findings");
    await andJudge(page, () => page.click("#port-button"));
    await page.locator(".diff .cm-changedLine").first().waitFor();
    await look("ported");
    await page.click("#tab-output");
    await look("output");
    await page.click("#examples-button");
    await page.locator("[data-example]").first().waitFor();
    await look("examples");
    await close();
  }
});

test("keyboard only: to a finding, to its line, to its fix", async () => {
  const { page, problems, close } = await start();
  await paste(page, POD);
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("F8");
  await andJudge(page, () => page.keyboard.press("ControlOrMeta+."));
  assert.equal(await page.locator('[data-rule="WIN401"]').count(), 0);
  await page.locator("#tab-findings").focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-whatif");
  await page.keyboard.press("End");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-output");
  assert.deepEqual(problems, []);
  await close();
});

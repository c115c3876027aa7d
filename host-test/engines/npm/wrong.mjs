// What callers do wrong, and what they are told.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { applyFixes, configure, evaluate, explain, review, rules, SettingsError, Transom } from "transom";
import { load } from "transom/load";

const itself = { spec: { parts: [] } };
itself.spec.parts.push(itself);
let deep = {};
for (let i = 0; i < 100_000; i++) {
  deep = { deep };
}

test("what no JSON can hold", () => {
  for (const [input, message] of [
    [undefined, "input is undefined, not an object, JSON text or bytes"],
    [() => 1, "input is a function, not an object, JSON text or bytes"],
    [Symbol("x"), "input is a symbol, not an object, JSON text or bytes"],
    [new Map(), "input is a Map, not an object, JSON text or bytes"],
    [Promise.resolve({}), "input is a Promise, not an object, JSON text or bytes"],
    [new Response("{}"), "input is a Response, not an object, JSON text or bytes"],
    [{ spec: { "a/b": [1n] } }, "input cannot be written as JSON: /spec/a~1b/0 is a BigInt"],
    [10n, "input is a BigInt, not an object, JSON text or bytes"],
    [NaN, "input is NaN, not an object, JSON text or bytes"],
    [new Date(NaN), "input cannot be written as JSON: it is an invalid Date"],
    [{ toJSON() {} }, "input cannot be written as JSON: its toJSON gives nothing"],
    [{ metadata: { labels: new Map([["a", "b"]]) } }, "input cannot be written as JSON: /metadata/labels is a Map"],
    [{ spec: Promise.resolve() }, "input cannot be written as JSON: /spec is a Promise"],
    [{ spec: [{ a: new Uint8Array(1) }] }, "input cannot be written as JSON: /spec/0/a is a Uint8Array"],
    [{ spec: { replicas: 1 / 0 } }, "input cannot be written as JSON: /spec/replicas is Infinity"],
    [{ metadata: { creationTimestamp: new Date(NaN) } }, "input cannot be written as JSON: /metadata/creationTimestamp is an invalid Date"],
    [{ spec: { toJSON: () => ({ set: new Set() }) } }, "input cannot be written as JSON: /spec/set is a Set"],
    [{ spec: { toJSON: () => new Array(-1) } }, "input cannot be written as JSON: /spec: Invalid array length"],
    [{ get spec() { throw new Error("not loaded"); } }, "input cannot be written as JSON: /spec: not loaded"],
    [itself, "input cannot be written as JSON: /spec/parts/0 stands in itself"],
    [deep, "input cannot be written as JSON: it is nested too deeply"],
    ['{"kind": "Pod\ud800"}', "input is no Unicode text: half a surrogate pair at 13"],
  ]) {
    for (const ask of [evaluate, review, (input) => evaluate(input, { now: "2027-01-01" })]) {
      assert.throws(() => ask(input), { name: "TypeError", message });
    }
    if (message.startsWith("input cannot")) {
      assert.throws(() => applyFixes(input, []), { name: "TypeError", message: message.replace("input", "object") });
    }
  }
});

test("fixes are for what can be judged", () => {
  const spec = { containers: [{ name: "a", image: "mcr.microsoft.com/windows/nanoserver:ltsc2022" }] };
  const pod = { apiVersion: "v1", kind: "Pod", spec };
  const fixed = applyFixes(pod, evaluate(pod));
  assert.notDeepEqual(fixed, pod);
  // As libraries that watch their objects have it.
  const watched = (value) => (typeof value === "object" ? new Proxy(value, { get: (of, name) => watched(of[name]) }) : value);
  class Kept {
    constructor() {
      Object.assign(this, pod);
    }
    toJSON() {
      return pod;
    }
  }
  for (const input of [watched(pod), { ...pod, save() {} }, new Kept(), Object.assign(Object.create(null), pod)]) {
    assert.deepEqual(evaluate(input), evaluate(pod));
    assert.deepEqual(applyFixes(input, evaluate(input)), fixed);
  }
  for (const text of ["{}", Buffer.from("{}"), new ArrayBuffer(2), new Date(0), null, 1]) {
    assert.throws(() => applyFixes(text, []), { name: "TypeError", message: "applyFixes takes the object that was judged, not its text" });
  }
  assert.throws(() => applyFixes(new Map(), []), { name: "TypeError", message: "object is a Map, not JSON" });
  const add = (value) => [{ op: "add", path: "/x", value }];
  assert.deepEqual(applyFixes({}, add(watched({ a: [1] }))), { x: { a: [1] } });
  const message = "operation 0 (add /x) does not apply: value cannot be written as JSON: /a is a Map";
  assert.throws(() => applyFixes({}, add({ a: new Map() })), { message });
});

test("what JSON leaves out is left out", () => {
  const pod = { kind: "Pod", apiVersion: "v1", metadata: { name: "web", labels: undefined }, spec: { containers: [] } };
  const { labels, ...metadata } = pod.metadata;
  assert.deepEqual(evaluate(pod), evaluate({ ...pod, metadata }));
  const time = new Date("2027-01-01");
  assert.equal(evaluate({ kind: "Pod", metadata: { creationTimestamp: time } }).object.kind, "Pod");
});

test("half a surrogate pair in a value is what JSON text makes of it", () => {
  const pod = { kind: "Pod", apiVersion: "v1", metadata: { name: "a\ud800b" } };
  assert.deepEqual(evaluate(pod), evaluate('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a\\ud800b"}}'));
});

test("anything else gets a Decision", () => {
  const inputs = ["", "{", "[".repeat(1_000_000), "null", null, 1, true, [], {}, { request: 1 }, new Uint8Array([0xff])];
  for (const input of inputs) {
    for (const options of [undefined, {}, { now: new Date(0), context: [], comments: [], settings: {} }]) {
      const decision = evaluate(input, options);
      assert.equal(decision.kind, "Decision");
      assert.equal(decision.allowed, false, JSON.stringify(input));
      assert.equal(decision.findings[0].rule, "WIN001");
      assert.equal(review(input, options).response.allowed, false);
    }
  }
});

test("bytes are taken as they are", () => {
  const text = '{"kind": "Pod", "metadata": {"name": "ä"}}';
  const bytes = new TextEncoder().encode(`xx${text}xx`);
  const name = (input) => evaluate(input).object.name;
  assert.equal(name(Buffer.from(text)), "ä");
  assert.equal(name(bytes.subarray(2, -2)), "ä");
  assert.equal(name(new DataView(bytes.buffer, 2, bytes.length - 4)), "ä");
  assert.equal(name(bytes.slice(2, -2).buffer), "ä");
});

test("options", () => {
  const message = "there is no option `platform`; there are: settings, context, now, comments";
  assert.throws(() => evaluate({}, { platform: "aks" }), { name: "TypeError", message });
  assert.throws(() => evaluate({}, null), { message: "options are null, not an object" });
  assert.throws(() => evaluate({}, "aks"), { message: "options are a string, not an object" });
  for (const [options, what] of [
    [Promise.resolve({}), "a Promise"],
    [new Map(), "a Map"],
    [new Set(), "a Set"],
    [new Date(0), "a Date"],
    [new ArrayBuffer(1), "an ArrayBuffer"],
    [[], "an Array"],
  ]) {
    assert.throws(() => evaluate({}, options), { name: "TypeError", message: `options are ${what}, not an object` });
  }
  for (const [options, message] of [
    [{ settings: new Uint8Array(1) }, "options.settings is a Uint8Array, not an object"],
    [{ context: new Set() }, "options.context is a Set, not an array of objects"],
    [{ now: () => 1 }, "options.now is a function, not a Date or a text"],
    [{ now: new Date(NaN) }, "options.now cannot be written as JSON: it is an invalid Date"],
  ]) {
    assert.throws(() => evaluate({}, options), { name: "TypeError", message });
  }
  assert.match(evaluate({ kind: "Pod" }, { settings: "{}" }).findings[0].message, /expected an object, found a string/);
  assert.deepEqual(evaluate({ kind: "Pod" }, { settings: undefined }), evaluate({ kind: "Pod" }));
  assert.throws(() => evaluate({}, { context: [1n] }), {
    message: "options.context cannot be written as JSON: /0 is a BigInt",
  });
  const [finding] = evaluate({ kind: "Pod" }, { settings: { platform: "x" } }).findings;
  assert.equal(finding.rule, "WIN001");
  const own = { request: { kind: "Pod" }, settings: { platform: "aks" } };
  assert.deepEqual(evaluate(own, { settings: { platform: "x" } }), evaluate(own));
  // No text of an input can end the envelope it is put into.
  assert.match(evaluate('{"kind": "Pod"}, "settings": {}', { settings: {} }).findings[0].message, /no JSON text/);
});

test("settings", () => {
  assert.deepEqual(configure({ platform: "aks" }), { valid: true, errors: [] });
  const verdict = configure({ platform: "x", cni: 1 });
  assert.equal(verdict.valid, false);
  assert.deepEqual(verdict.errors.map(({ path }) => path).sort(), ["/cni", "/platform"]);
  assert.equal(configure("platform: aks").valid, false);
  assert.deepEqual(configure(null), { valid: true, errors: [] });
  assert.throws(() => configure(), { name: "TypeError", message: "settings is undefined, not an object, JSON text or bytes" });
  assert.throws(() => configure(NaN), { name: "TypeError", message: "settings is NaN, not an object, JSON text or bytes" });
  assert.throws(
    () => new Transom({ platform: "x" }),
    (error) => error instanceof SettingsError && error.errors[0].path === "/platform" && /\/platform: /.test(error.message),
  );
});

test("each Transom has settings of its own, and many may come and go", () => {
  const pod = { kind: "Pod", spec: { containers: [{ name: "a", image: "mcr.microsoft.com/windows/nanoserver:ltsc2022" }] } };
  const off = new Transom({ rules: { WIN101: "off" } });
  for (let i = 0; i < 20_000; i++) {
    new Transom('{"platform": "eks"}');
  }
  assert.equal(off.evaluate(pod).allowed, true);
  assert.equal(new Transom().evaluate(pod).allowed, false);
  assert.equal(evaluate(pod).allowed, false);
});

test("fixes that do not fit", () => {
  const pod = { spec: { list: [1] } };
  for (const [patch, message] of [
    [[{ op: "remove", path: "/spec/x" }], 'operation 0 (remove /spec/x) does not apply: there is no "x"'],
    [[{ op: "replace", path: "/spec/list/1", value: 1 }], 'operation 0 (replace /spec/list/1) does not apply: there is no element "1"'],
    [[{ op: "add", path: "/spec/list/01", value: 1 }], 'operation 0 (add /spec/list/01) does not apply: there is no element "01"'],
    [[{ op: "add", path: "/a/b", value: 1 }], 'operation 0 (add /a/b) does not apply: there is no "a"'],
    [[{ op: "add", path: "/spec/list/0/b", value: 1 }], "operation 0 (add /spec/list/0/b) does not apply: nothing can stand under 1"],
    [[{ op: "add", path: "/__proto__/x", value: 1 }], 'operation 0 (add /__proto__/x) does not apply: there is no "__proto__"'],
    [[{ op: "add", path: "/spec" }], "operation 0 (add /spec) does not apply: it has no value"],
    [[{ op: "replace", path: "/spec" }], "operation 0 (replace /spec) does not apply: it has no value"],
    [[{ op: "test", path: "/x" }], "operation 0 (test /x) does not apply: it has no value"],
    [[{ op: "x", path: "/spec" }], "operation 0 (x /spec) does not apply: there is no such operation"],
    [[{ op: "test", path: "/spec", value: {} }], "operation 0 (test /spec) does not apply: the value is another one"],
    [[{ op: "move", from: "/spec", path: "/spec/list" }], "operation 0 (move /spec/list) does not apply: nothing moves into itself"],
    [[{ op: "add", path: "spec", value: 1 }], "operation 0 (add spec) does not apply: a path begins with /"],
    [[{ patch: [] }], "a patch is an array of operations; of several fixes apply one, then evaluate again"],
    [{ rule: "WIN803" }, "there is no patch: pass a Decision, a fix, a finding that has one, or operations"],
    [undefined, "there is no patch: pass a Decision, a fix, a finding that has one, or operations"],
  ]) {
    assert.throws(() => applyFixes(pod, patch), { message });
  }
  assert.throws(() => applyFixes("{}", []), { name: "TypeError" });
  assert.throws(() => applyFixes({ kind: "AdmissionReview", request: {} }, []), { name: "TypeError" });
  assert.deepEqual(pod, { spec: { list: [1] } });
});

test("what is no rule and no error", () => {
  const message = (what) => `explain takes a rule or the text of an error, not ${what}`;
  assert.throws(() => explain(), { name: "TypeError", message: message("undefined") });
  assert.throws(() => explain(null), { name: "TypeError", message: message("null") });
  assert.throws(() => explain(["WIN101"]), { name: "TypeError", message: message("object") });
});

test("a byte order mark says nothing", () => {
  const marked = '\uFEFF{"kind": "Pod", "metadata": {"name": "web", "annotations": {"transom.dev/ignore.x": "until=2026-01-01"}}}';
  for (const input of [marked, new TextEncoder().encode(marked)]) {
    assert.equal(evaluate(input).object.name, "web");
    assert.deepEqual(evaluate(input, { settings: { rules: { WIN004: "off" } } }).findings, []);
  }
  assert.deepEqual(configure("\uFEFF{}"), { valid: true, errors: [] });
});

test("the module from where it is", async () => {
  const file = new URL("node_modules/transom/transom.wasm", import.meta.url);
  for (const address of [file, file.href]) {
    assert.equal((await load(address)).evaluate({ kind: "Pod" }).kind, "Decision");
  }
  await assert.rejects(load(new URL("missing.wasm", file)), { code: "ENOENT" });
  const message = "the module cannot be fetched: its address answers 404";
  await assert.rejects(load(new Response(null, { status: 404 })), { message });
});

test("JSON Patch", () => {
  const value = { "a/b": 1, "~1": [1, 2], c: { d: null } };
  const patch = [
    { op: "test", path: "/~01", value: [1, 2] },
    { op: "add", path: "/~01/-", value: 3 },
    { op: "add", path: "/~01/0", value: 0 },
    { op: "replace", path: "/a~1b", value: { e: 1 } },
    { op: "copy", from: "/a~1b", path: "/f" },
    { op: "add", path: "/f/g", value: true },
    { op: "move", from: "/c/d", path: "/h" },
    { op: "remove", path: "/~01/1" },
    { op: "add", path: "/__proto__", value: 1 },
  ];
  const patched = applyFixes(value, patch);
  assert.equal(JSON.stringify(patched), '{"a/b":{"e":1},"~1":[0,2,3],"c":{},"f":{"e":1,"g":true},"h":null,"__proto__":1}');
  assert.deepEqual(applyFixes(value, [{ op: "replace", path: "", value: { x: 1 } }]), { x: 1 });
  patch[3].value.e = 2;
  assert.equal(patched["a/b"].e, 1);
});

test("pointers that are none", () => {
  assert.throws(() => applyFixes({ "a~2": 1 }, [{ op: "remove", path: "/a~2" }]), /~ stands before 0 or 1/);
});

test("what all share stays as it is", () => {
  rules().length = 0;
  assert.throws(() => (explain("WIN101")[0].id = "x"), TypeError);
  assert.equal(explain("WIN101")[0].id, "WIN101");
});

test("options change no path and no message", () => {
  const request = { uid: 1, kind: { kind: "Pod" }, operation: "CREATE", object: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: {} } };
  const admission = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
  for (const input of [admission, request, { request: admission }, {}, [], 1, "[ ]", " { } ", JSON.stringify(admission, null, 1), request.object]) {
    for (const options of [{ now: "2026-12-01" }, { settings: {}, context: [] }]) {
      assert.deepEqual(evaluate(input, options), evaluate(input), JSON.stringify(input));
      assert.deepEqual(review(input, options), review(input), JSON.stringify(input));
    }
  }
  const ignored = { ...request, object: { ...request.object, metadata: { name: "a", annotations: { "transom.dev/ignore.host-network": "until=2026-12-01" } } } };
  const expired = (now) => evaluate({ ...admission, request: { ...ignored, uid: "1" } }, { now }).findings.at(-1).rule;
  assert.deepEqual([expired("2026-11-30"), expired("2026-12-02")], ["WIN003", "WIN002"]);
});

test("another module is not taken in", async () => {
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  // In a process of its own, where there is no module yet.
  const code = `
    import { load } from "transom/load";
    const empty = new Uint8Array([${empty}]);
    const error = await load(empty).catch((error) => error);
    const judge = await load(new URL(import.meta.resolve("transom/transom.wasm")));
    console.log(error.message, judge.evaluate({ apiVersion: "v1", kind: "Pod" }).allowed);
    console.log(await load(empty).catch((error) => error instanceof TypeError));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf-8" });
  assert.equal(said, "this is not the module that the package has as transom/transom.wasm true\ntrue\n");
});

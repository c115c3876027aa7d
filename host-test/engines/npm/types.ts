// What the types say, both ways: `@ts-expect-error` fails where there is no error.
import { applyFixes, configure, evaluate, explain, review, SettingsError, Transom } from "transom";
import type { AdmissionReview, Decision, Finding, Fix, Input, Judge, Operation, Placement, Rule, Settings, Verdict } from "transom";
import * as core from "transom/core";
import { load } from "transom/load";

const settings: Settings = { platform: "aks", kubernetes: { version: "1.36" }, rules: { WIN101: "warn", "host-port": false } };
// @ts-expect-error: there is no such platform
const platform: Settings = { platform: "azure" };
// @ts-expect-error: there is no such rule
const rule: Settings = { rules: { WIN999: "off" } };
// @ts-expect-error: a taint has an effect
const taint: Settings = { windows: { taints: [{ key: "os" }] } };

const decision: Decision = evaluate({ kind: "Pod" }, { settings, context: [{}], now: new Date(), comments: [{ text: "x", at: [""] }] });
const placement: Placement | undefined = decision.target?.placement.windows;
const paths: string[] | undefined = decision.targets?.map((target) => target.path);
// @ts-expect-error: there may be no target
decision.target.intent;
// @ts-expect-error: settings are an option
evaluate({}, { platform: "aks" });
// @ts-expect-error: a number is nothing to judge
evaluate(1);

function value(operation: Operation): unknown {
  // @ts-expect-error: whoever removes has no value
  if (operation.op === "move") return undefined;
  return operation.op === "remove" ? undefined : operation.value;
}

const deployment = { kind: "Deployment", spec: { replicas: 1 } };
const replicas: number = applyFixes(deployment, decision).spec.replicas;
const fix: Fix | undefined = decision.findings[0]?.fix;
if (fix) applyFixes(deployment, fix);
applyFixes(deployment, [{ op: "test", path: "/kind", value: "Deployment" }]);

const judges: Judge[] = [new Transom(settings), new core.Transom('{"platform": "aks"}')];
const inputs: Input[] = ["{}", new Uint8Array(), new ArrayBuffer(0), {}, []];
const answer: AdmissionReview = review(inputs[0] ?? "");
const allowed: boolean = answer.response.allowed;
const verdict: Verdict = configure(null);
const rules: readonly Rule[] = explain("WIN101");
// @ts-expect-error: the core explains nothing
core.explain;
load(fetch("transom.wasm"), settings).then((judge) => judges.push(judge));
const isWrong = (error: unknown): error is SettingsError => error instanceof SettingsError;
const error: Finding | undefined = decision.findings.find(({ stage }) => stage === "api-server");

export { allowed, error, isWrong, paths, placement, platform, replicas, rule, rules, taint, value, verdict };

// Answers every line of standard input, `{input, settings}` with the settings as text or null, by the
// component that jco has transpiled into the folder of the first argument.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { evaluation } = await import(pathToFileURL(`${process.argv[2]}/transom.js`));

// The records are the Decision as it is in JSON, but for what an empty value or a variant stands for.
const operation = ({ tag, val }) =>
  tag === "remove" ? { op: tag, path: val } : { op: tag, path: val.path, value: JSON.parse(val.value) };
const finding = ({ help, fix, ...rest }) => ({
  ...rest,
  help: help || undefined,
  fix: fix && { ...fix, patch: fix.patch.map(operation) },
});
const decision = ({ targets, findings, suppressed, patch, ...rest }) => ({
  apiVersion: "transom.dev/v1",
  kind: "Decision",
  ...rest,
  targets: targets.length > 0 ? targets : undefined,
  findings: findings.map(finding),
  suppressed: suppressed.map((one) => ({ ...one, finding: undefined, ...finding(one.finding) })),
  patch: patch.map(operation),
});

function answer({ input, settings }) {
  const policy = settings === null ? new evaluation.Policy() : evaluation.Policy.withSettings(settings);
  const answers = [policy, evaluation].map((judge) => ({
    decision: judge.evaluateJson(input),
    record: decision(judge.evaluate(input)),
    review: judge.review(input),
  }));
  policy[Symbol.dispose]?.();
  return { configured: answers[0], free: answers[1] };
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(answer(JSON.parse(line))));
  } catch (error) {
    // What `withSettings` refuses, jco throws.
    if (!Array.isArray(error.payload)) throw error;
    console.log(JSON.stringify({ errors: error.payload }));
  }
}

// What is asked of the package about one input: whatever way the input takes, and whatever the fixes
// make of the object at `at`, the JSON Pointer to it.
export function answers({ evaluate, review, applyFixes }, { input, at }) {
  const value = JSON.parse(input);
  const { request, ...options } = value;
  const isEnvelope = request !== undefined && value.kind === undefined && Object.keys(options).length > 0;
  const [bare, given] = isEnvelope ? [request, options] : [value, {}];
  const decision = evaluate(input);
  const decisions = [
    decision,
    evaluate(value),
    evaluate(new TextEncoder().encode(input)),
    evaluate(bare, given),
    evaluate(JSON.stringify(bare), given),
    evaluate(input, given),
  ];
  const object = at.split("/").slice(1).reduce((value, key) => value?.[key], value);
  const before = JSON.stringify(object);
  const fixes = decision.findings.flatMap(({ fix }) => fix ?? []);
  const fixed = [decision, ...fixes].filter(({ patch }) => patch.length > 0).map((fix) => applyFixes(object, fix));
  return {
    decisions: decisions.map((decision) => JSON.stringify(decision)),
    review: JSON.stringify(review(input)),
    fixed,
    untouched: JSON.stringify(object) === before,
  };
}

// How large the memory is after inputs of very different sizes, and after many small ones; and
// whether the answers are still those of the first time.
import { policy } from "./policy.mjs";

const pod = (annotation) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", annotations: { note: annotation } },
  spec: { containers: [{ name: "web", image: "mcr.microsoft.com/windows/nanoserver:ltsc2022" }] },
});
const decide = (input) => JSON.stringify(policy.evaluate(input, "transom/decision"));
const memory = () => policy.mem.buffer.byteLength;

const first = decide(pod(""));
decide(pod("x".repeat(3_000_000)));
decide({ a: 1 });
decide(pod("y".repeat(2_000_000)));
const before = memory();
let same = true;
for (let i = 0; i < 100_000; i++) {
  same &&= decide(pod("")) === first;
  if (i % 10_000 === 0) {
    policy.setData({ transom: { settings: {} }, other: "z".repeat(i) });
  }
}
console.log(JSON.stringify({ before, after: memory(), same }));

// A question a line on stdin, `{"entrypoint", "input": "JSON text", "data"}`; a line of two answers for
// each on stdout: to the input as text, and as the object that JavaScript makes of it.
import { createInterface } from "node:readline";
import { policy } from "./policy.mjs";

const answer = (input, entrypoint) => JSON.stringify(policy.evaluate(input, entrypoint)[0].result);

for await (const line of createInterface({ input: process.stdin })) {
  const { entrypoint, input, data } = JSON.parse(line);
  policy.setData(data);
  const bytes = new TextEncoder().encode(input);
  const asText = answer(bytes.buffer, entrypoint);
  const asObject = answer(JSON.parse(input), entrypoint);
  process.stdout.write(JSON.stringify([asText, asObject]) + "\n");
}

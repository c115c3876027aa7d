// The subjects as a JSON array on stdin; the ids of the rules for each on stdout.
import { readFileSync } from "node:fs";
import { explain, rules } from "transom";

const subjects = JSON.parse(readFileSync(0, "utf8"));
const found = subjects.map((subject) => explain(subject).map((rule) => rule.id));
console.log(JSON.stringify({ found, rules: rules() }));

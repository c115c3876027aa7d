// A Worker that answers the lines it is sent.
import * as transom from "transom";
import { answers } from "./answers.mjs";

export default {
  async fetch(request) {
    const lines = (await request.text()).trimEnd().split("\n");
    return new Response(lines.map((line) => JSON.stringify(answers(transom, JSON.parse(line)))).join("\n"));
  },
};

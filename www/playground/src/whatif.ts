// The cluster as controls, what a change of it brings and takes, and the settings as text.
import { json } from "./assets.js";
import { fill, h, icon, prose, sentence } from "./dom.js";
import { Editor } from "./editor.js";
import type { Judge } from "./judge.js";
import type { Settings } from "./protocol.js";
import { fail } from "./say.js";
import type { Known, Store } from "./store.js";
import { counted, severityOf } from "./words.js";

const PLATFORMS = [
  ["", "Any", "nothing is assumed"],
  ["aks", "AKS", "Azure"],
  ["eks", "EKS", "Amazon"],
  ["gke", "GKE", "Google"],
  ["openshift", "OpenShift", "Red Hat"],
] as const;
const BUILDS = [
  [17763, "Server 2019"],
  [20348, "Server 2022"],
  [26100, "Server 2025"],
] as const;
const VERSIONS = ["1.36", "1.35", "1.34", "1.33", "1.32", "1.31", "1.30"];
const CNIS = ["azure", "azure-npm", "azure-cilium", "calico", "antrea", "flannel-overlay", "flannel-host-gw", "vpc", "ovn", "none"];

/** A field of the settings, and its value; null takes it out. */
type Field = [path: string[], value: unknown];

/** What is to be set, where these settings are in force. */
export type Fields = (settings: Settings) => Field[];

export interface Host {
  store: Store;
  /** Sets fields of the settings' text, or takes them out; or says why that is not applied. */
  set(fields: Fields): Promise<string | undefined>;
  /** Takes another text. */
  setText(text: string): void;
  ask: Judge["ask"];
}

export class WhatIf {
  readonly #host: Host;
  readonly #controls = h("div", { class: "controls" });
  readonly #difference = h("div", { class: "difference", role: "status" });
  readonly #text = h("div", { class: "settings-editor" });
  readonly #errors = h("ul", { class: "errors" });
  readonly #reset = h("button", { class: "button small", type: "button", id: "reset", onclick: () => this.#clear() }, "Reset");
  #editor: Editor | undefined;
  /** What a control asked for that was not applied to a text. */
  #refused: { field: string; why: string; typed: string; text: string } | undefined;

  constructor(panel: HTMLElement, host: Host) {
    this.#host = host;
    const help = h("dl", { class: "schema" });
    const reference = h("details", {}, h("summary", {}, "What can be set"), help);
    reference.addEventListener("toggle", () => {
      if (help.childElementCount === 0) void json<Schema>("settings.schema.json").then((schema) => fill(help, ...described(schema, [])), fail);
    });
    fill(
      panel,
      h("div", { class: "row" }, h("h2", {}, "What if the cluster were another one?"), this.#reset),
      this.#controls,
      this.#difference,
      h("h3", {}, "The same as text"),
      h("p", { class: "soft" }, "As transom.yaml for the command line, or as the settings of any engine. ", "Point at a field for its meaning; Ctrl-Space says what may stand there."),
      this.#text,
      this.#errors,
      reference,
    );
  }

  /** Makes the editor of the settings, the first time that the panel is seen. */
  async open(): Promise<void> {
    const { settingsHelp } = await import("./settings-help.js");
    this.#editor ??= new Editor(
      this.#text,
      "Settings",
      { changed: () => this.#host.setText(this.#editor?.text.toString() ?? ""), fixHere: () => false },
      settingsHelp(this.#host.ask),
    );
  }

  show(): void {
    const { store } = this.#host;
    const { text, configured } = store.settings;
    const { settings } = configured;
    if (this.#refused?.text !== text) this.#refused = undefined;
    if (this.#editor && this.#editor.text.toString() !== text) this.#editor.replace(text);
    this.#editor?.mark(
      configured.errors.map(({ from, to, message }) => ({ from, to, severity: "error", show: () => h("div", { class: "tip error" }, h("p", { class: "message" }, icon("error"), message)) })),
    );
    this.#reset.hidden = text.trim() === "";
    fill(this.#errors, configured.errors.map(({ message }) => h("li", {}, icon("error"), message)));

    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["control"] : undefined;
    const refused = this.#refused;
    const why = (field: string) => refused?.field === field && h("p", { class: "refused", id: `${field}-refused` }, icon("error"), h("span", {}, "Not applied: ", prose(refused.why)));
    const { windows = {}, kubernetes = {} } = settings;
    const builds = new Set(windows.builds ?? []);
    const taints = windows.taints;
    const isPreset = (value: string) => (settings.platform ?? "") === value || (value === "" && settings.platform === "generic");
    fill(
      this.#controls,
      h(
        "fieldset",
        { class: "platforms" },
        h("legend", {}, "Platform"),
        PLATFORMS.map(([value, name, who]) =>
          h(
            "label",
            {},
            h("input", { type: "radio", name: "platform", value, checked: isPreset(value), "data-control": `platform-${value}`, onchange: this.#choose("platform", ["platform"]) }),
            h("span", {}, h("strong", {}, name), h("small", {}, who), h("span", { class: "would", "data-platform": value })),
          ),
        ),
        why("platform"),
      ),
      h(
        "div",
        { class: "fields" },
        h(
          "label",
          {},
          "Kubernetes",
          h(
            "select",
            { id: "kubernetes", "data-control": "kubernetes", onchange: this.#choose("kubernetes", ["kubernetes", "version"]) },
            h("option", { value: "" }, "the newest"),
            [...new Set([...(kubernetes.version ? [kubernetes.version] : []), ...VERSIONS])].map((version) => h("option", { value: version, selected: version === kubernetes.version }, version)),
          ),
          why("kubernetes"),
        ),
        h(
          "label",
          {},
          "Network (CNI)",
          h(
            "select",
            { id: "cni", "data-control": "cni", onchange: this.#choose("cni", ["cni"]) },
            h("option", { value: "" }, "the platform's"),
            CNIS.map((cni) => h("option", { value: cni, selected: cni === settings.cni }, cni)),
          ),
          why("cni"),
        ),
        h(
          "label",
          {},
          "Taints of Windows nodes",
          h("input", {
            type: "text",
            id: "taints",
            "data-control": "taints",
            placeholder: store.cluster.taints === undefined ? "not known" : store.cluster.taints.join(", ") || "none",
            "aria-invalid": refused?.field === "taints" && "true",
            value: refused?.field === "taints" ? refused.typed : taints === undefined ? "" : taints.length === 0 ? "none" : taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`).join(", "),
            "aria-describedby": `taints-help${refused?.field === "taints" ? " taints-refused" : ""}`,
            onchange: (event: Event) => this.#setTaints((event.target as HTMLInputElement).value),
          }),
          h("small", { class: "soft", id: "taints-help" }, "key=value:NoSchedule, or none; empty for the platform's"),
          why("taints"),
        ),
      ),
      h(
        "fieldset",
        { class: "builds" },
        h("legend", {}, "Windows builds"),
        BUILDS.map(([build, name]) =>
          h(
            "label",
            {},
            h("input", { type: "checkbox", checked: builds.has(build), "data-control": `build-${build}`, onchange: (event: Event) => this.#setBuild(build, (event.target as HTMLInputElement).checked) }),
            `${name} `,
            h("small", { class: "soft" }, String(build)),
          ),
        ),
        h(
          "label",
          {},
          h("input", { type: "checkbox", checked: windows.present === false, "data-control": "present", onchange: (event: Event) => this.#setPresent(!(event.target as HTMLInputElement).checked) }),
          "no Windows nodes at all",
        ),
        why("builds"),
      ),
    );
    if (focused) this.#controls.querySelector<HTMLElement>(`[data-control="${focused}"]`)?.focus();
    void this.#compare().catch(fail);
  }

  #clear(): void {
    this.#refused = undefined;
    this.#host.setText("");
    this.#controls.querySelector<HTMLElement>("input:checked")?.focus();
  }

  /** Asks for other settings by one of the controls. */
  #set(field: string, fields: Fields, typed = ""): void {
    this.#refused = undefined;
    void this.#host.set(fields).then((why) => {
      if (why === undefined) return;
      this.#refused = { field, why, typed, text: this.#host.store.settings.text };
      this.show();
    });
  }

  /** Sets a field to what is chosen. */
  #choose(field: string, path: string[]): (event: Event) => void {
    return ({ target }) => {
      const { value } = target as HTMLInputElement | HTMLSelectElement;
      this.#set(field, () => [[path, value || null]]);
    };
  }

  /** Says which findings came and went with the last change, where there was one that is in force. */
  difference(change: [before: Map<string, Known>, after: Map<string, Known>] | undefined): void {
    const [wrong] = this.#host.store.settings.configured.errors;
    if (!change) return fill(this.#difference, wrong && h("p", {}, "Not applied: ", prose(wrong.message)));
    const [before, after] = change;
    const come = [...after].filter(([key]) => !before.has(key)).map(([, value]) => value);
    const gone = [...before].filter(([key]) => !after.has(key)).map(([, value]) => value);
    const list = (all: Known[], kind: "come" | "gone") =>
      h(
        "ul",
        { class: kind },
        all.slice(0, 30).map(({ object, finding }) =>
          h("li", {}, icon(kind === "come" ? "plus" : "minus"), h("span", { class: `badge ${severityOf(finding.action)}` }, finding.rule), " ", sentence(finding.message, finding.path), h("span", { class: "soft" }, ` ${object}`)),
        ),
        all.length > 30 && h("li", { class: "soft" }, `and ${all.length - 30} more`),
      );
    fill(
      this.#difference,
      come.length + gone.length === 0
        ? h("p", { class: "soft" }, "The same findings as before.")
        : [
            h("p", {}, h("strong", { class: "come" }, `${counted(come.length, "finding")} more`), ", ", h("strong", { class: "gone" }, `${gone.length} gone`), " by this change"),
            come.length > 0 && list(come, "come"),
            gone.length > 0 && list(gone, "gone"),
          ],
    );
  }

  /** Writes beside each platform what would be found there. */
  async #compare(): Promise<void> {
    const counts = await this.#host.ask("whatIf", { variants: PLATFORMS.map(([value]) => ({ platform: value || "generic" })) });
    PLATFORMS.forEach(([value], index) => {
      const place = this.#controls.querySelector(`[data-platform="${value}"]`);
      const count = counts[index];
      if (!place || !count) return;
      fill(
        place,
        count.deny > 0 && h("span", { class: "badge error" }, counted(count.deny, "error")),
        count.warn > 0 && h("span", { class: "badge warning" }, counted(count.warn, "warning")),
        count.deny + count.warn === 0 && h("span", { class: "badge good" }, "clean"),
      );
    });
  }

  #setBuild(build: number, isOn: boolean): void {
    this.#set("builds", ({ windows = {} }) => {
      const builds = new Set(windows.builds);
      if (isOn) builds.add(build);
      else builds.delete(build);
      return [[["windows", "builds"], builds.size > 0 ? [...builds].sort((a, b) => a - b) : null], ...(windows.present === false ? [NO_PRESENT] : [])];
    });
  }

  /** Where there are no nodes, nothing can be said of them. */
  #setPresent(isPresent: boolean): void {
    const about = ["builds", "taints"].map((name): Field => [["windows", name], null]);
    this.#set("builds", () => (isPresent ? [NO_PRESENT] : [[["windows", "present"], false], ...about]));
  }

  #setTaints(text: string): void {
    const set = (value: unknown) => this.#set("taints", () => [[["windows", "taints"], value], ...(value === null ? [] : [NO_PRESENT])], text);
    const words = text.split(",").map((word) => word.trim()).filter(Boolean);
    if (words.length === 0) return set(null);
    if (words[0] === "none") return set([]);
    const taints = words.map((word) => {
      const [, key = word, value, effect = "NoSchedule"] = /^([^=:]+)(?:=([^:]*))?(?::(.*))?$/.exec(word) ?? [];
      return { key, ...(value ? { value } : {}), effect };
    });
    set(taints);
  }
}

/** Says nothing of whether there are Windows nodes. */
const NO_PRESENT: Field = [["windows", "present"], null];

/** As much of JSON Schema as the settings' has. */
export interface Schema {
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: boolean | Schema;
}

function described(schema: Schema, path: string[]): HTMLElement[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (name === "$schema") return [];
    const way = [...path, name];
    const values = field.enum ? field.enum.map(String).join(", ") : String(field.type ?? "");
    // The rules have a page each.
    const below = name === "rules" ? [] : described(field.type === "array" && field.items ? field.items : field, way);
    return [h("dt", {}, h("code", {}, way.join("."))), h("dd", {}, field.description ?? "", " ", h("span", { class: "soft" }, name === "rules" ? "a rule's id or name: deny, warn, info, off" : values)), ...below];
  });
}

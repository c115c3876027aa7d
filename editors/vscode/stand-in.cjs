// A stand-in of the editor's module `vscode`, as far as the extension and its library of the protocol look at
// it. test.mjs puts it where the bundle finds it, and gets at what is behind it by `editor`.

class Disposable {
  constructor(call) {
    this.call = call;
  }
  dispose() {
    this.call?.();
  }
  static from(...all) {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
}

class EventEmitter {
  listeners = new Set();
  event = (listener) => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(event) {
    return Promise.all([...this.listeners].map((listener) => listener(event)));
  }
  dispose() {}
}

/** What the test sees and sets. */
const editor = { configuration: {}, commands: {}, messages: [], changes: new EventEmitter() };

/** What has something of every name: events that never come, registrations, classes. */
function anything(known) {
  return new Proxy(known, {
    get(object, name) {
      if (name in object || typeof name === "symbol") return object[name];
      if (/^on[A-Z]/.test(name)) return () => new Disposable();
      if (/^(register|create)/.test(name)) return () => anything(new Disposable());
      if (/^[A-Z]/.test(name)) return (object[name] = class extends Disposable {});
      return undefined;
    },
  });
}

/** An enum whose numbers nobody minds. */
const numbers = () => new Proxy({}, { get: () => 1 });

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
}
CodeActionKind.Empty = new CodeActionKind("");
for (const name of ["QuickFix", "Refactor", "Source"]) CodeActionKind[name] = new CodeActionKind(name.toLowerCase());

const show = (message) => Promise.resolve(void editor.messages.push(message));
const uri = (text, fsPath) => ({ toString: () => text, scheme: text.split(":")[0], fsPath });

const vscode = anything({
  editor,
  Disposable,
  EventEmitter,
  CodeActionKind,
  version: "1.99.0",
  env: anything({ language: "en", appName: "stand-in" }),
  Uri: { parse: (text) => uri(text, text.replace("file://", "")), file: (path) => uri(`file://${path}`, path) },
  workspace: anything({
    getConfiguration: (section) => ({
      get: (name, otherwise) => (section === "transom" && name in editor.configuration ? editor.configuration[name] : otherwise),
      inspect() {},
    }),
    onDidChangeConfiguration: editor.changes.event,
    textDocuments: [],
    notebookDocuments: [],
    createFileSystemWatcher: () => anything(new Disposable()),
  }),
  window: anything({
    createOutputChannel: () => ({ append() {}, appendLine() {}, show() {}, clear() {}, dispose() {} }),
    showErrorMessage: show,
    showWarningMessage: show,
    visibleTextEditors: [],
    tabGroups: anything({ all: [] }),
  }),
  languages: anything({ createDiagnosticCollection: () => ({ set() {}, delete() {}, clear() {}, dispose() {} }), match: () => 1 }),
  commands: anything({
    registerCommand: (name, call) => {
      editor.commands[name] = call;
      return new Disposable();
    },
  }),
  extensions: anything({}),
  l10n: { t: (text) => text },
});
for (const name of [
  "CompletionItemKind",
  "CompletionItemTag",
  "CompletionTriggerKind",
  "DiagnosticSeverity",
  "DiagnosticTag",
  "DocumentHighlightKind",
  "FoldingRangeKind",
  "SymbolKind",
  "SymbolTag",
]) {
  vscode[name] = numbers();
}

module.exports = vscode;

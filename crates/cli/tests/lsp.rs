//! `transom lsp`, asked by a client over its stdin and stdout, and by Neovim.

mod common;

use std::fs;
use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use common::Folder;
use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use url::Url;

/// A bound on waiting for what never comes; nothing depends on how long it is.
const PATIENCE: Duration = Duration::from_secs(120);

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web} # 𝄞
spec:
  os: {name: windows} # 𝄞
  nodeSelector: {kubernetes.io/os: windows}
  tolerations: [{operator: Exists}]
  containers:
  - {name: 𝄞, image: 'mcr.microsoft.com/windows/nanoserver:ltsc2022', securityContext: {windowsOptions: {runAsUserName: ContainerUser}, procMount: Default}, resources: {limits: {memory: 1Gi, cpu: 1}, requests: {memory: 1Gi}}}
";

const CLASS: &str = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: win}\nhandler: runhcs-wcow-process\nscheduling: {nodeSelector: {kubernetes.io/os: windows}}\n";

/// For Windows by its class alone.
const OF_CLASS: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  runtimeClassName: win\n  containers: [{name: web, image: 'mcr.microsoft.com/windows/nanoserver:ltsc2022'}]\n";

struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    incoming: Receiver<Message>,
    last: i32,
}

impl Client {
    fn start(folder: &Folder, encodings: &[&str], with_folder: bool) -> (Self, Value) {
        Self::start_with(folder.command(&["lsp", "--stdio"]), folder, encodings, with_folder)
    }

    fn start_with(mut command: Command, folder: &Folder, encodings: &[&str], with_folder: bool) -> (Self, Value) {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("transom runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, incoming) = channel();
        thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut stdout) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut client = Client { stdin: child.stdin.take(), child, incoming, last: 0 };
        let folders = if with_folder { json!([{"uri": root(folder), "name": "it"}]) } else { Value::Null };
        let answer = client.ask(
            "initialize",
            json!({"processId": null, "rootUri": null, "workspaceFolders": folders, "capabilities": {
                "general": {"positionEncodings": encodings},
                "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}},
            }}),
        );
        client.tell("initialized", json!({}));
        (client, answer)
    }

    fn send(&mut self, message: Message) {
        message.write(self.stdin.as_mut().expect("a pipe")).expect("transom reads");
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(Message::Notification(Notification::new(method.to_owned(), params)));
    }

    fn request(&mut self, method: &str, params: Value) -> RequestId {
        self.last += 1;
        let id = RequestId::from(self.last);
        self.send(Message::Request(Request::new(id.clone(), method.to_owned(), params)));
        id
    }

    fn next(&mut self) -> Message {
        self.incoming.recv_timeout(PATIENCE).expect("transom says something")
    }

    fn answer(&mut self, id: &RequestId) -> lsp_server::Response {
        loop {
            if let Message::Response(response) = self.next()
                && response.id == *id
            {
                return response;
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let response = serde_json::to_value(Message::Response(self.answer(&id))).expect("JSON");
        assert!(response.get("error").is_none(), "{method}: {response}");
        response["result"].clone()
    }

    /// What the server wants to be told.
    fn registered(&mut self) -> Value {
        loop {
            if let Message::Request(request) = self.next()
                && request.method == "client/registerCapability"
            {
                return request.params["registrations"][0].clone();
            }
        }
    }

    /// The diagnostics of a document, the next ones for which `is_it` holds.
    fn diagnostics(&mut self, uri: &str, is_it: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        loop {
            if let Message::Notification(Notification { method, params }) = self.next()
                && method == "textDocument/publishDiagnostics"
                && params["uri"] == uri
            {
                let found = params["diagnostics"].as_array().cloned().unwrap_or_default();
                if is_it(&found) {
                    return found;
                }
            }
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn actions(&mut self, uri: &str, range: &Value, only: Value) -> Vec<Value> {
        let context = json!({"diagnostics": [], "only": only});
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
        self.ask("textDocument/codeAction", params).as_array().cloned().unwrap_or_default()
    }

    /// What an editor is offered that asks by itself, at a step of the cursor.
    fn unasked_actions(&mut self, uri: &str, range: &Value) -> Vec<Value> {
        let context = json!({"diagnostics": [], "triggerKind": 2});
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
        self.ask("textDocument/codeAction", params).as_array().cloned().unwrap_or_default()
    }

    fn end(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        drop(self.stdin.take());
        assert!(self.child.wait().expect("it ends").success());
    }
}

fn url(folder: &Folder, file: &str) -> String {
    Url::from_file_path(fs::canonicalize(&folder.0).expect("a folder").join(file)).expect("a URL").into()
}

fn root(folder: &Folder) -> String {
    Url::from_directory_path(fs::canonicalize(&folder.0).expect("a folder")).expect("a URL").into()
}

fn rules(diagnostics: &[Value]) -> Vec<String> {
    diagnostics.iter().map(|it| it["code"].as_str().unwrap_or_default().to_owned()).collect()
}

fn has(rule: &str) -> impl Fn(&[Value]) -> bool {
    move |found| rules(found).iter().any(|other| other == rule)
}

fn has_message(start: &str) -> impl Fn(&[Value]) -> bool {
    move |found| found.iter().any(|it| it["message"].as_str().is_some_and(|message| message.starts_with(start)))
}

/// Applies edits as the protocol says, by columns of one unit.
fn applied(text: &str, edits: &Value, length: fn(char) -> usize) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut left = position["character"].as_u64().expect("a column") as usize;
        let mut at = start;
        for c in text[start..].chars() {
            if left == 0 {
                break;
            }
            left -= length(c);
            at += c.len_utf8();
        }
        at
    };
    let mut spans: Vec<(usize, usize, &str)> = edits
        .as_array()
        .expect("edits")
        .iter()
        .map(|edit| {
            (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]), edit["newText"].as_str().expect("text"))
        })
        .collect();
    spans.sort_unstable();
    let mut after = text.to_owned();
    for (start, end, new) in spans.into_iter().rev() {
        after.replace_range(start..end, new);
    }
    after
}

fn edits(action: &Value, uri: &str) -> Value {
    action["edit"]["changes"][uri].clone()
}

#[test]
fn finds_explains_and_fixes_in_either_unit() {
    for (encodings, unit, length) in [
        (&["utf-16"][..], "utf-16", char::len_utf16 as fn(char) -> usize),
        (&["utf-8", "utf-16"][..], "utf-8", char::len_utf8),
    ] {
        let folder = Folder::new(&format!("lsp-{unit}"));
        let (mut client, about) = Client::start(&folder, encodings, false);
        assert_eq!(about["capabilities"]["positionEncoding"], unit);
        let uri = url(&folder, "pod.yaml");
        client.open(&uri, POD);
        let found = client.diagnostics(&uri, has("WIN201"));
        let finding = found.iter().find(|it| it["code"] == "WIN201").expect("it is there");
        let at = POD.lines().nth(8).and_then(|line| Some(&line[..line.find("procMount")?])).expect("the line");
        let column: usize = at.chars().map(length).sum();
        assert_eq!(finding["range"]["start"], json!({"line": 8, "character": column}), "{unit}");
        assert_eq!(finding["severity"], 1);
        assert_eq!(finding["source"], "transom");
        let because = &finding["relatedInformation"][0];
        assert_eq!(because["message"], "meant for Windows: os.name is windows", "{found:?}");
        assert_eq!(because["location"]["range"]["start"]["line"], 4);

        let hover = client
            .ask("textDocument/hover", json!({"textDocument": {"uri": uri}, "position": finding["range"]["start"]}));
        let text = hover["contents"]["value"].as_str().expect("markdown");
        assert!(text.contains("rejected-linux-field") && text.contains("procMount"), "{text}");
        assert!(text.contains("Shows at: api-server: the API server refuses the object\n"), "{text}");
        assert_eq!(hover["range"], finding["range"]);

        let actions = client.actions(&uri, &finding["range"], Value::Null);
        let fix = actions.first().expect("a fix");
        assert_eq!((&fix["isPreferred"], &fix["kind"]), (&json!(true), &json!("quickfix")), "{actions:?}");
        assert_eq!(fix["diagnostics"][0]["code"], "WIN201");
        assert_eq!(client.unasked_actions(&uri, &finding["range"]).first(), Some(fix));
        let nowhere = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
        assert!(client.unasked_actions(&uri, &nowhere).is_empty());
        let fixed = applied(POD, &edits(fix, &uri), length);
        assert_eq!(fixed, POD.replace(", procMount: Default", ""));

        // The change is sent as an editor would: only what is another text.
        let changes: Vec<Value> = edits(fix, &uri)
            .as_array()
            .expect("edits")
            .iter()
            .map(|edit| json!({"range": edit["range"], "text": edit["newText"]}))
            .collect();
        client.tell(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": changes}),
        );
        client.diagnostics(&uri, |found| !has("WIN201")(found));

        client.tell("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
        client.diagnostics(&uri, <[Value]>::is_empty);
        client.end();
    }
}

#[test]
fn marks_unsafe_fixes_accepts_findings_and_fixes_all() {
    let folder = Folder::new("lsp-actions");
    let (mut client, _) = Client::start(&folder, &[], false);
    let uri = url(&folder, "pod.yaml");
    let text = POD.replace(
        "  os: {name: windows} # 𝄞\n",
        "  os: {name: windows}\n  hostNetwork: true\n  shareProcessNamespace: true # why?\n",
    );
    client.open(&uri, &text);
    let found = client.diagnostics(&uri, has("WIN401"));
    let of = |rule: &str| found.iter().find(|it| it["code"] == rule).expect("it is there")["range"].clone();

    let actions = client.actions(&uri, &of("WIN401"), json!(["quickfix"]));
    let titles: Vec<&str> = actions.iter().filter_map(|action| action["title"].as_str()).collect();
    assert_eq!(
        titles,
        [
            "Give the pod a network of its own (unsafe: look at what it changes)",
            "Accept host-network here, by a comment"
        ]
    );
    assert_eq!(actions[0]["isPreferred"], false);
    let accepted = applied(&text, &edits(&actions[1], &uri), char::len_utf16);
    assert!(accepted.contains("  hostNetwork: true # transom: ignore[host-network] -- TODO: say why\n"), "{accepted}");
    // A line with a comment gets the new one above it.
    let shared = text.lines().position(|line| line.contains("shareProcessNamespace")).expect("the line");
    let range = json!({"start": {"line": shared, "character": 4}, "end": {"line": shared, "character": 4}});
    let actions = client.actions(&uri, &range, json!(["quickfix"]));
    let accept = actions
        .iter()
        .find(|action| action["title"] == "Accept rejected-linux-field here, by a comment")
        .expect("an action");
    let accepted = applied(&text, &edits(accept, &uri), char::len_utf16);
    assert!(
        accepted.contains(
            "\n  # transom: ignore[rejected-linux-field] -- TODO: say why\n  shareProcessNamespace: true # why?\n"
        ),
        "{accepted}"
    );

    let nowhere = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
    for kind in ["source.fixAll", "source.fixAll.transom", "source"] {
        let actions = client.actions(&uri, &nowhere, json!([kind]));
        assert_eq!(actions.len(), 1, "{kind}: {actions:?}");
        let fixed = applied(&text, &edits(&actions[0], &uri), char::len_utf16);
        assert_eq!(
            fixed,
            text.replace("  shareProcessNamespace: true # why?\n", "").replace(", procMount: Default", "")
        );
    }
    assert!(client.actions(&uri, &nowhere, json!(["refactor"])).is_empty());

    // The rule in a comment explains itself, and its name is completed.
    for (version, comment) in [(2, "# transom: ignore[host-network] -- so"), (3, "#transom:ignore[host-network] -- so")]
    {
        let text = format!("{comment}\na: 1\n");
        client.tell(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}),
        );
        let at = json!({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 22}});
        let hover = client.ask("textDocument/hover", at.clone());
        let page = format!("/blob/v{}/docs/rules/WIN401-host-network.md", env!("CARGO_PKG_VERSION"));
        assert!(hover["contents"]["value"].as_str().expect("markdown").contains(&page), "{comment}: {hover}");
        let items = client.ask("textDocument/completion", at);
        let items = items.as_array().expect("items");
        let item = items.iter().find(|item| item["label"] == "host-port").expect("it is there");
        let completed = applied(comment, &json!([item["textEdit"]]), char::len_utf16);
        assert_eq!(completed, comment.replace("host-network", "host-port"));
    }
    client.end();
}

#[test]
fn helps_with_settings_and_heeds_them() {
    let folder = Folder::new("lsp-settings");
    folder.write("transom.yaml", "rules:\n  rejected-linux-field: warn\n");
    let (mut client, _) = Client::start(&folder, &[], true);
    let (pod, settings) = (url(&folder, "deploy/pod.yaml"), url(&folder, "transom.yaml"));
    client.open(&pod, POD);
    let found = client.diagnostics(&pod, has("WIN201"));
    assert_eq!(found.iter().find(|it| it["code"] == "WIN201").expect("it is there")["severity"], 2);

    // What stands in the editor holds, saved or not.
    client.open(&settings, "rules:\n  rejected-linux-field: \"off\"\n");
    client.diagnostics(&pod, |found| !has("WIN201")(found));

    let text = "platform: aksx\nrules:\n  linux-image: warn\nwin";
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": settings, "version": 2}, "contentChanges": [{"text": text}]}),
    );
    client.diagnostics(&settings, |found| !found.is_empty());
    let at = |line: u32, character: u32| json!({"textDocument": {"uri": settings}, "position": {"line": line, "character": character}});
    let labels = |items: &Value| -> Vec<String> {
        items.as_array().expect("items").iter().filter_map(|item| item["label"].as_str()).map(str::to_owned).collect()
    };
    assert_eq!(
        labels(&client.ask("textDocument/completion", at(0, 14))),
        ["aks", "eks", "gke", "openshift", "generic"]
    );
    assert!(labels(&client.ask("textDocument/completion", at(2, 6))).contains(&"linux-image".to_owned()));
    assert!(labels(&client.ask("textDocument/completion", at(2, 17))).contains(&"\"off\"".to_owned()));
    assert!(labels(&client.ask("textDocument/completion", at(3, 3))).contains(&"windows".to_owned()));
    let text = "platform: aksx\nrules:\n  linux-imag: warn\n  linux-image: warn\n";
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": settings, "version": 3}, "contentChanges": [{"text": text}]}),
    );
    let mistakes = client.diagnostics(&settings, |found| found.len() == 2);
    assert_eq!(mistakes[0]["range"]["start"], json!({"line": 0, "character": 10}), "{mistakes:?}");
    assert_eq!(mistakes[1]["range"]["start"]["line"], 2, "{mistakes:?}");
    let hover = client.ask("textDocument/hover", at(3, 5));
    assert!(hover["contents"]["value"].as_str().expect("markdown").contains("WIN601"));
    let hover = client.ask("textDocument/hover", at(0, 3));
    assert!(hover["contents"]["value"].as_str().expect("markdown").contains("Who runs the cluster"));
    let text = "platform: aks\nplatform: eks\nrules: {lin";
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": settings, "version": 4}, "contentChanges": [{"text": text}]}),
    );
    assert!(labels(&client.ask("textDocument/completion", at(2, 11))).contains(&"linux-image".to_owned()));
    let text = "platform: aks\nplatform: eks\n";
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": settings, "version": 5}, "contentChanges": [{"text": text}]}),
    );
    let mistakes = client.diagnostics(&settings, |found| {
        found.iter().any(|one| one["message"].as_str().is_some_and(|message| message.contains("set twice")))
    });
    assert_eq!(mistakes[0]["range"]["start"], json!({"line": 1, "character": 0}), "{mistakes:?}");
    // A name that does not exist is marked itself, as on the command line.
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": settings, "version": 6}, "contentChanges": [{"text": "rules: {WIN1O1: warn}\n"}]}),
    );
    let mistakes = client.diagnostics(&settings, has_message("there is no rule `WIN1O1`"));
    let place = json!({"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 14}});
    assert_eq!(mistakes[0]["range"], place, "{mistakes:?}");
    // What is completed in quotes takes the place of the quotes, too.
    let text = "rules:\n  WIN101: \"\"\n";
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": settings, "version": 7}, "contentChanges": [{"text": text}]}),
    );
    let items = client.ask("textDocument/completion", at(1, 11));
    let off = items.as_array().expect("items").iter().find(|item| item["label"] == "off").expect("it is there");
    assert_eq!(applied(text, &json!([off["textEdit"]]), char::len_utf16), "rules:\n  WIN101: \"off\"\n");
    assert_eq!(off["filterText"], "\"off");
    // A colon and a dash get their blanks, and a word is replaced as a whole.
    let text = "platform:\nlookUp:\n-\nrules: {WIN101: info} # and\n";
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": settings, "version": 8}, "contentChanges": [{"text": text}]}),
    );
    let mut completed = |line: u32, character: u32, label: &str| {
        let items = client.ask("textDocument/completion", at(line, character));
        let item = items.as_array().expect("items").iter().find(|item| item["label"] == label)?;
        Some(applied(text, &json!([item["textEdit"]]), char::len_utf16))
    };
    assert_eq!(completed(0, 9, "eks"), Some(text.replace("platform:", "platform: eks")));
    assert_eq!(completed(0, 4, "cni"), Some(text.replace("platform:", "cni:")));
    assert_eq!(completed(2, 1, "Node"), Some(text.replace("-\n", "- Node\n")));
    assert_eq!(completed(3, 12, "host-network"), Some(text.replace("WIN101", "host-network")));
    assert_eq!(completed(3, 17, "warn"), Some(text.replace("info", "warn")));
    assert_eq!(completed(3, 26, "cni"), None);
    client.end();
}

/// It would take minutes if each place were counted from the beginning of its line.
#[test]
fn a_long_line_keeps_nobody_waiting() {
    let folder = Folder::new("lsp-long-line");
    let (mut client, _) = Client::start(&folder, &[], false);
    let (long, pod) = (url(&folder, "long.json"), url(&folder, "pod.yaml"));
    let item = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"𝄞"},"spec":{"os":{"name":"windows"},"hostNetwork":true,"containers":[{"name":"a","image":"b","securityContext":{"procMount":"Default"}}]}}"#;
    let items = vec![item; 3_000].join(",");
    client.open(&long, &format!(r#"{{"apiVersion":"v1","kind":"List","items":[{items}]}}"#));
    client.open(&pod, POD);
    client.diagnostics(&pod, has("WIN201"));
    let found = client.diagnostics(&long, has("WIN401"));
    let last = found.iter().rfind(|it| it["code"] == "WIN401").expect("it is there");
    let before = item.find("\"hostNetwork").map(|at| item[..at].encode_utf16().count()).expect("it is there");
    let begin = r#"{"apiVersion":"v1","kind":"List","items":["#.len();
    let place = begin + 2_999 * (item.encode_utf16().count() + 1) + before;
    assert_eq!(last["range"]["start"], json!({"line": 0, "character": place}));
    client.end();
}

#[test]
fn what_is_no_message_is_refused_and_the_server_goes_on() {
    let folder = Folder::new("lsp-malformed");
    let mut child = folder
        .command(&["lsp"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("transom runs");
    let bodies = [
        r"{bad}",
        "[]",
        r#"{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": []}"#,
        r#"{"jsonrpc": "2.0", "id": 2, "method": "initialize", "params": {"capabilities": {}}}"#,
        r#"{"jsonrpc": "2.0", "id": 3}"#,
        r#"{"jsonrpc": "2.0", "method": 4}"#,
        r#"{"jsonrpc": "2.0", "id": 5, "method": "a", "params": {"text": "\ud834"}}"#,
        r#"{"jsonrpc": "2.0", "id": 1.5, "method": "textDocument/hover"}"#,
        r#"{"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": "no"}}"#,
        r#"{"jsonrpc": "2.0", "id": 6, "method": "shutdown"}"#,
        r#"{"jsonrpc": "2.0", "method": "exit"}"#,
    ];
    let frames: String = bodies.iter().map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len())).collect();
    child.stdin.take().expect("a pipe").write_all(frames.as_bytes()).expect("transom reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let told = String::from_utf8(output.stdout).expect("text");
    let answers = told.split("Content-Length: ").filter_map(|frame| frame.split_once("\r\n\r\n"));
    let mut answers: Vec<(String, Option<i64>)> = answers
        .map(|(length, body)| {
            assert_eq!(length, body.len().to_string());
            let answer: Value = serde_json::from_str(body).expect("JSON");
            (answer["id"].to_string(), answer["error"]["code"].as_i64())
        })
        .collect();
    answers.sort();
    let expected = [
        ("1", Some(-32602)),
        ("1.5", Some(-32600)),
        ("2", None),
        ("3", Some(-32600)),
        ("6", None),
        ("null", Some(-32700)),
        ("null", Some(-32700)),
        ("null", Some(-32600)),
        ("null", Some(-32600)),
    ];
    assert_eq!(answers, expected.map(|(id, code)| (id.to_owned(), code)));
}

#[test]
fn other_languages_are_not_judged() {
    let folder = Folder::new("lsp-languages");
    let (mut client, _) = Client::start(&folder, &[], true);
    let (text, pod) = (url(&folder, "pod.txt"), url(&folder, "pod.yaml"));
    let document = json!({"uri": text, "languageId": "plaintext", "version": 1, "text": POD});
    client.tell("textDocument/didOpen", json!({"textDocument": document}));
    client.open(&pod, POD);
    let first = loop {
        match client.next() {
            Message::Notification(Notification { method, params }) if method == "textDocument/publishDiagnostics" => {
                break params;
            }
            _ => {}
        }
    };
    assert_eq!(first["uri"], pod);
    client.end();
}

#[test]
fn whoever_does_not_shut_down_gets_exit_code_1() {
    let folder = Folder::new("lsp-exit");
    let (mut client, _) = Client::start(&folder, &[], true);
    client.tell("exit", Value::Null);
    assert_eq!(client.child.wait().expect("it ends").code(), Some(1));
}

#[test]
fn whoever_does_not_even_begin_gets_exit_code_1() {
    let exit = r#"{"jsonrpc": "2.0", "method": "exit"}"#;
    let early = format!("Content-Length: {}\r\n\r\n{exit}", exit.len());
    let folder = Folder::new("lsp-wire");
    for (input, said) in [
        (&*early, ""),
        ("Content-Length: 99999999999999\r\n\r\n{}", "error: a message of 99999999999999 bytes is refused"),
        ("hello\n", "error: no header of the protocol"),
        ("Content-Length: 2\r\n\r\n[]", ""),
    ] {
        let mut command = folder.command(&["lsp"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("transom runs");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("transom reads");
        let output = child.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{input}: {told}");
        assert!(told.starts_with(said) && told.lines().count() <= 1, "{input}: {told}");
    }
}

#[test]
fn other_files_of_the_folder_are_context() {
    let folder = Folder::new("lsp-folder");
    folder.write(".ignore", "cluster\n");
    folder.write("cluster/class.yaml", CLASS);
    let (mut client, _) = Client::start(&folder, &[], true);
    let (uri, class_uri) = (url(&folder, "web.yaml"), url(&folder, "cluster/class.yaml"));
    client.open(&uri, OF_CLASS);
    client.diagnostics(&uri, |found| !has("WIN101")(found));

    // Deleted, and the editor says so.
    fs::remove_file(folder.0.join("cluster/class.yaml")).expect("it is there");
    client.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": class_uri, "type": 3}]}));
    client.diagnostics(&uri, has("WIN101"));

    // Written anew, in the editor and not saved.
    client.open(&class_uri, CLASS);
    client.diagnostics(&uri, |found| !has("WIN101")(found));
    client.tell(
        "workspace/didChangeWorkspaceFolders",
        json!({"event": {"added": [], "removed": [
        {"uri": root(&folder), "name": "it"}]}}),
    );
    client.diagnostics(&uri, has("WIN101"));
    client.end();
}

#[test]
fn patches_are_no_objects() {
    let folder = Folder::new("lsp-patches");
    folder.write("app/kustomization.yaml", "resources: [pod.yaml]\npatches: [{path: patches/pod.yaml}]\n");
    let (mut client, _) = Client::start(&folder, &[], true);
    let uri = url(&folder, "app/patches/pod.yaml");
    let linux = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: nginx}]\n";
    client.open(&uri, linux);
    client.diagnostics(&uri, <[Value]>::is_empty);
    let nowhere = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
    let actions = client.actions(&uri, &nowhere, json!(["refactor"]));
    assert!(actions.is_empty(), "{actions:?}");
    let change = json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": POD}]});
    client.tell("textDocument/didChange", change);
    client.diagnostics(&uri, <[Value]>::is_empty);

    // Not one any longer, and the editor says so.
    folder.write("app/kustomization.yaml", "resources: [pod.yaml]\n");
    let changed = url(&folder, "app/kustomization.yaml");
    client.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": changed, "type": 2}]}));
    client.diagnostics(&uri, has("WIN201"));
    client.end();
}

#[test]
fn what_becomes_a_patch_is_context_no_longer() {
    for (name, class) in [("kustomization.yaml", "class.yaml"), ("Kustomization", "../patches/class.yaml")] {
        let folder = Folder::new(&format!("lsp-patched-{name}"));
        folder.write(&format!("app/{class}"), CLASS);
        folder.write(&format!("app/{name}"), format!("resources: [{class}]\n"));
        let (mut client, _) = Client::start(&folder, &[], true);
        let watchers = client.registered()["registerOptions"]["watchers"].clone();
        assert_eq!(watchers, json!([{"globPattern": "**/*.{yaml,yml,json}"}, {"globPattern": "**/Kustomization"}]));
        let (uri, changed) = (url(&folder, "web.yaml"), url(&folder, &format!("app/{name}")));
        client.open(&uri, OF_CLASS);
        client.diagnostics(&uri, |found| !has("WIN101")(found));

        let mut change = |text: &str| {
            folder.write(&format!("app/{name}"), text);
            client.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": changed, "type": 2}]}));
            client.diagnostics(&uri, |found| has("WIN101")(found) == text.starts_with("patches"));
        };
        change(&format!("patches: [{{path: {class}}}]\n"));
        change(&format!("resources: [{class}]\n"));
        client.end();
    }
}

#[test]
fn templates_are_not_yaml_yet_and_placeholders_are_said() {
    let folder = Folder::new("lsp-templates");
    folder.write("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    let (mut client, _) = Client::start(&folder, &[], true);
    let filled = url(&folder, "set.yaml");
    client.open(&filled, &format!("{POD}---\napiVersion: v1\nkind: ConfigMap\ndata:\n  a: {{{{cluster_name}}}}\n"));
    let found = client.diagnostics(&filled, has("WIN201"));
    assert!(has_message("`{{cluster_name}}` is a placeholder that has to be filled in first")(&found), "{found:?}");

    let nowhere = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
    for (name, text, rule) in [
        ("pod.yaml", format!("{POD}---\na: {{{{ .Values.a }}}}\n"), Some("WIN201")),
        ("chart/templates/pod.yaml", format!("{POD}---\na: {{{{ a }}}}\n"), Some("WIN201")),
        ("chart/templates/quoted.yaml", POD.replace("{name: web}", "{name: '{{ .Release.Name }}'}"), None),
    ] {
        let uri = url(&folder, name);
        client.open(&uri, &text);
        let found = client.diagnostics(&uri, |_| true);
        assert!(found.iter().all(|it| it["code"].is_string()), "{name}: {found:?}");
        assert_eq!(rules(&found).iter().find(|rule| *rule == "WIN201").map(String::as_str), rule, "{name}: {found:?}");
        // What takes the file as a whole is for what it makes.
        let actions = client.actions(&uri, &nowhere, json!(["source", "refactor"]));
        assert!(actions.is_empty(), "{name}: {actions:?}");
    }
    client.end();
}

#[test]
fn late_answers_are_not_given_and_unknown_questions_are_refused() {
    let folder = Folder::new("lsp-cancel");
    let (mut client, _) = Client::start(&folder, &[], false);
    let uri = url(&folder, "many.yaml");
    let many: String = (0..400).map(|_| format!("{POD}---\n")).collect();
    client.open(&uri, &many);
    // Each change makes the work on the one before worth nothing.
    for version in 2..30 {
        let change =
            json!({"range": {"start": {"line": 2, "character": 17}, "end": {"line": 2, "character": 18}}, "text": "x"});
        client.tell(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}),
        );
    }
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 3, "character": 0}});
    let params =
        json!({"textDocument": {"uri": uri}, "range": whole, "context": {"diagnostics": [], "only": ["quickfix"]}});
    let first = client.request("textDocument/codeAction", params.clone());
    let second = client.request("textDocument/codeAction", params);
    client.tell("$/cancelRequest", json!({"id": 3}));
    let unknown = client.request("textDocument/rename", json!({}));
    assert_eq!(second, RequestId::from(3));
    let mut versions = Vec::new();
    let mut answers = Vec::new();
    while answers.len() < 3 || versions.last() != Some(&29) {
        match client.next() {
            Message::Response(response) => answers.push((response.id, response.response_result)),
            Message::Notification(told) if told.method == "textDocument/publishDiagnostics" => {
                versions.push(told.params["version"].as_i64().expect("a version"));
            }
            _ => {}
        }
    }
    let of = |id: &RequestId| {
        let answer = answers.iter().find(|(other, _)| other == id).expect("an answer");
        answer.1.as_ref().map_err(|error| error.code).map(Value::is_array)
    };
    assert_eq!([of(&first), of(&second), of(&unknown)], [Ok(true), Err(-32800), Err(-32601)]);
    assert!(versions.is_sorted() && versions.len() < 29, "{versions:?}");
    client.end();
}

#[test]
fn nobody_waits_for_long_work() {
    let folder = Folder::new("lsp-long");
    let (mut client, _) = Client::start(&folder, &[], false);
    let uri = url(&folder, "many.yaml");
    let linux = POD.replace("  os: {name: windows} # 𝄞\n", "").replace("os: windows", "os: linux");
    client.open(&uri, &format!("{POD}---\n{linux}---\n").repeat(300));
    client.diagnostics(&uri, has("WIN201"));
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}});
    let params = json!({"textDocument": {"uri": uri}, "range": whole, "context": {"diagnostics": []}});
    let place = json!({"textDocument": {"uri": uri}, "position": {"line": 8, "character": 130}});

    let cancelled = client.request("textDocument/codeAction", params.clone());
    client.tell("$/cancelRequest", json!({"id": client.last}));
    let hover = client.request("textDocument/hover", place);
    let unanswered = client.request("textDocument/codeAction", params);
    let mut answers = Vec::new();
    while answers.len() < 2 {
        if let Message::Response(response) = client.next() {
            answers.push((response.id, response.response_result.map_err(|error| error.code)));
        }
    }
    assert_eq!(answers[0], (cancelled, Err(-32800)));
    assert_eq!((&answers[1].0, answers[1].1.is_ok()), (&hover, true));

    // Whoever leaves meanwhile waits for nothing, either.
    let down = client.request("shutdown", Value::Null);
    let mut answers = Vec::new();
    while answers.last() != Some(&(down.clone(), None)) {
        if let Message::Response(response) = client.next() {
            answers.push((response.id, response.response_result.err().map(|error| error.code)));
        }
    }
    assert_eq!(answers[0], (unanswered, Some(-32800)));
    // There is nothing left to ask.
    let late = client.request("textDocument/hover", Value::Null);
    assert_eq!(client.answer(&late).response_result.expect_err("it is refused").code, -32600);
    client.tell("exit", Value::Null);
    assert!(client.child.wait().expect("it ends").success());
}

#[test]
fn comments_are_tried_on_their_own_document_alone() {
    let folder = Folder::new("lsp-accept");
    let (mut client, _) = Client::start(&folder, &[], false);
    let uri = url(&folder, "two.yaml");
    let flow = "{apiVersion: v1, kind: Pod, metadata: {name: flow}, spec: {os: {name: windows}, hostNetwork: true, containers: [{name: a, image: b}]}}";
    let host = POD.replace("  os:", "  hostNetwork: true\n  os:");
    let text = format!("{host}--- {flow} # so\n---\n{host}");
    client.open(&uri, &text);
    client.diagnostics(&uri, has("WIN401"));
    let mut accepting = |line: usize, of: &str| {
        let line = text.lines().enumerate().skip(line).find(|(_, text)| text.contains(of)).expect("the line").0;
        let range = json!({"start": {"line": line, "character": 0}, "end": {"line": line, "character": 300}});
        let actions = client.actions(&uri, &range, json!(["quickfix"]));
        let accept = actions.iter().find(|it| it["title"] == "Accept host-network here, by a comment");
        accept.map(|accept| applied(&text, &edits(accept, &uri), char::len_utf16))
    };
    let comment = "  hostNetwork: true # transom: ignore[host-network] -- TODO: say why\n";
    let last = accepting(12, "  hostNetwork").expect("an action");
    assert!(last.ends_with(&host.replace("  hostNetwork: true\n", comment)), "{last}");
    let first = accepting(0, "  hostNetwork").expect("an action");
    assert!(first.starts_with(&host.replace("  hostNetwork: true\n", comment)), "{first}");
    // Above its line it would be about the document above.
    assert_eq!(accepting(0, "--- {"), None);
    client.end();
}

#[test]
fn ports_a_document_to_windows() {
    let folder = Folder::new("lsp-port");
    folder.write("transom.yaml", "windows: {builds: [20348]}\n");
    let (mut client, _) = Client::start(&folder, &[], false);
    let uri = url(&folder, "web.yaml");
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  securityContext: {runAsUser: 1000}\n  containers:\n  - {name: web, image: mcr.microsoft.com/dotnet/aspnet:8.0} # the shop\n";
    client.open(&uri, text);
    let nowhere = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
    let actions = client.actions(&uri, &nowhere, json!(["refactor"]));
    let [port] = &actions[..] else { panic!("{actions:?}") };
    assert!(port["title"].as_str().is_some_and(|title| title.starts_with("Port to Windows")), "{port}");
    let ported = applied(text, &edits(port, &uri), char::len_utf16);
    assert!(
        ported.contains("kubernetes.io/os: windows") && ported.contains("nanoserver-ltsc2022} # the shop"),
        "{ported}"
    );
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let unasked = client.unasked_actions(&uri, &whole);
    assert!(!unasked.is_empty() && unasked.iter().all(|action| action["kind"] == "quickfix"), "{unasked:?}");
    client.end();
}

#[test]
fn a_manifest_may_be_called_like_settings() {
    let folder = Folder::new("lsp-names");
    folder.write("transom.yaml", "rules: {rejected-linux-field: info}\n");
    folder.write("deploy/transom.yaml", POD);
    let (mut client, _) = Client::start(&folder, &[], false);
    let uri = url(&folder, "deploy/transom.yaml");
    client.open(&uri, POD);
    let found = client.diagnostics(&uri, has("WIN201"));
    let finding = found.iter().find(|it| it["code"] == "WIN201").expect("it is there");
    assert_eq!(finding["severity"], 3, "the settings above hold: {finding}");
    client.end();
}

#[test]
fn one_file_of_settings_may_hold_for_all() {
    let folder = Folder::new("lsp-one");
    folder.write("transom.yaml", "rules: {rejected-linux-field: info}\n");
    folder.write("all.yaml", "rules: {rejected-linux-field: warn}\n");
    let (mut client, _) = Client::start_with(folder.command(&["lsp", "--settings", "all.yaml"]), &folder, &[], false);
    let uri = url(&folder, "pod.yaml");
    client.open(&uri, POD);
    let found = client.diagnostics(&uri, has("WIN201"));
    assert_eq!(found.iter().find(|it| it["code"] == "WIN201").expect("it is there")["severity"], 2);
    client.end();
}

#[test]
fn what_the_baseline_knows_is_not_shown() {
    let folder = Folder::new("lsp-baseline");
    folder.write("deploy/pod.yaml", POD);
    folder.write("deploy/other.yaml", POD);
    let done = folder.command(&["baseline", "deploy/pod.yaml"]).output().expect("transom runs");
    assert!(done.status.success(), "{done:?}");
    // Former versions wrote what they were given.
    let written = String::from_utf8(folder.read("transom-baseline.json")).expect("text");
    let absolute = folder.0.join("deploy/pod.yaml").display().to_string().replace('\\', "/");
    folder.write("transom-baseline.json", written.replace("deploy/pod.yaml", &absolute));
    let (mut client, _) = Client::start(&folder, &[], true);
    let (pod, other) = (url(&folder, "deploy/pod.yaml"), url(&folder, "deploy/other.yaml"));
    let baseline = url(&folder, "transom-baseline.json");
    client.open(&other, POD);
    client.diagnostics(&other, has("WIN201"));
    // What has come since is.
    client.open(&pod, &POD.replace("  os:", "  hostNetwork: true\n  os:"));
    let found = client.diagnostics(&pod, has("WIN401"));
    assert!(!has("WIN201")(&found), "{found:?}");

    folder.write("transom-baseline.json", "{}");
    client.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": baseline, "type": 2}]}));
    client.diagnostics(&baseline, has_message("this is no baseline: "));
    client.diagnostics(&pod, has("WIN201"));
    fs::remove_file(folder.0.join("transom-baseline.json")).expect("it is there");
    client.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": baseline, "type": 3}]}));
    client.diagnostics(&baseline, <[Value]>::is_empty);
    client.end();
}

/// Of a file in no folder of the editor, nobody tells what became of those beside it.
#[test]
fn what_vanished_files_had_is_known_from_the_next_save_on() {
    let folder = Folder::new("lsp-baseline-renamed");
    folder.write("deploy/pod.yaml", POD);
    let done = folder.command(&["baseline", "deploy/pod.yaml"]).output().expect("transom runs");
    assert!(done.status.success(), "{done:?}");
    let (mut client, _) = Client::start(&folder, &[], false);
    let other = url(&folder, "deploy/other.yaml");
    client.open(&other, POD);
    client.diagnostics(&other, has("WIN201"));
    fs::rename(folder.0.join("deploy/pod.yaml"), folder.0.join("deploy/other.yaml")).expect("it is there");
    client.tell("textDocument/didSave", json!({"textDocument": {"uri": other}}));
    client.diagnostics(&other, |found| !has("WIN201")(found));
    client.end();
}

#[test]
fn what_the_environment_says_stands_over_settings() {
    let folder = Folder::new("lsp-environment");
    folder.write("transom.yaml", "platform: aks\nrules: {missing-windows-toleration: info}\n");
    let mut command = folder.command(&["lsp"]);
    command.env("TRANSOM_PLATFORM", "openshift");
    let (mut client, _) = Client::start_with(command, &folder, &[], false);
    let uri = url(&folder, "pod.yaml");
    client.open(&uri, &POD.replace("  tolerations: [{operator: Exists}]\n", ""));
    // The nodes of OpenShift are tainted, those of AKS are not.
    let found = client.diagnostics(&uri, has("WIN109"));
    assert_eq!(found.iter().find(|it| it["code"] == "WIN109").expect("it is there")["severity"], 3);
    client.end();
}

/// A real editor: it shows what is wrong, and its own code applies the fix.
#[test]
fn neovim_shows_and_fixes() {
    if !host_test::engine::is_there("nvim", "--version", "the language server in Neovim") {
        return;
    }
    let folder = Folder::new("lsp-neovim");
    folder.write("pod.yaml", POD);
    folder.write("try.lua", NEOVIM);
    let mut command = Command::new("nvim");
    command.args(["--headless", "--clean", "-n", "-c", "luafile try.lua"]);
    command.current_dir(&folder.0).env("TRANSOM", env!("CARGO_BIN_EXE_transom")).env("HOME", &folder.0);
    let output = command.stdin(Stdio::null()).output().expect("nvim runs");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}");
    let after = String::from_utf8(folder.read("pod.yaml")).expect("text");
    assert_eq!(after, POD.replace(", procMount: Default", ""), "{told}");
    let shown = String::from_utf8(folder.read("shown.txt")).expect("text");
    assert!(shown.contains("8: WIN201 container 𝄞: securityContext.procMount is refused"), "{shown}");
}

const NEOVIM: &str = r#"
local function try()
  vim.cmd('edit pod.yaml')
  local id = vim.lsp.start_client({ cmd = { vim.env.TRANSOM, 'lsp' }, root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(0, id)
  local function shown(code)
    return vim.tbl_filter(function(it) return it.code == code end, vim.diagnostic.get(0))
  end
  assert(vim.wait(120000, function() return #shown('WIN201') > 0 end, 20), 'no diagnostics')
  local lines = {}
  for _, it in ipairs(vim.diagnostic.get(0)) do
    table.insert(lines, it.lnum .. ': ' .. it.code .. ' ' .. (it.message:gsub('\n', ' ')))
  end
  vim.fn.writefile(lines, 'shown.txt')
  local it = shown('WIN201')[1]
  vim.api.nvim_win_set_cursor(0, { it.lnum + 1, it.col })
  local params = vim.lsp.util.make_range_params()
  params.context = { diagnostics = {} }
  local answers = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 120000)
  for _, action in ipairs(answers[id].result) do
    if action.isPreferred then
      vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(id).offset_encoding)
      break
    end
  end
  assert(vim.wait(120000, function() return #shown('WIN201') == 0 end, 20), 'it is still shown')
  vim.cmd('write')
  vim.lsp.stop_client(id)
end
local ok, problem = pcall(try)
if not ok then
  io.stderr:write(tostring(problem) .. '\n')
  vim.cmd('cquit 1')
end
vim.cmd('qall!')
"#;

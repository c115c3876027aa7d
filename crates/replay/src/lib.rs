//! An API server's audit log, replayed: what admission would have said to the requests in it.
//!
//! The log is JSON lines, as the log backend writes them: an `Event` of `audit.k8s.io/v1` each, or an
//! `EventList`, as the webhook backend sends them; or an array of these, as jq and clouds make of it. What is
//! judged are the requests that create or change an object and were let through: by the object that was
//! sent, or, of a patch, by what came of it. How much there is depends on the audit policy: level
//! `RequestResponse` has both, `Request` has what was sent, `Metadata` has neither.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::io::{self, BufRead, Read};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use transom_manifests::{Action, Context, Judge};

/// How many lines that cannot be read are named; the others are counted.
const NAMED: usize = 10;

/// What Windows programs begin a text with.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event {
    #[serde(deserialize_with = "known")]
    kind: String,
    #[serde(deserialize_with = "known")]
    items: Vec<Value>,
    #[serde(rename = "auditID", deserialize_with = "known")]
    audit_id: String,
    #[serde(deserialize_with = "known")]
    stage: String,
    #[serde(deserialize_with = "known")]
    verb: String,
    user: Value,
    object_ref: Option<ObjectReference>,
    response_status: Value,
    request_object: Value,
    response_object: Value,
    #[serde(deserialize_with = "known")]
    request_received_timestamp: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ObjectReference {
    #[serde(deserialize_with = "known")]
    resource: String,
    #[serde(deserialize_with = "known")]
    namespace: String,
    #[serde(deserialize_with = "known")]
    name: String,
    #[serde(deserialize_with = "known")]
    api_group: String,
    #[serde(deserialize_with = "known")]
    api_version: String,
    #[serde(deserialize_with = "known")]
    subresource: String,
}

/// A value; to Kubernetes `null` is none.
fn known<'d, D: Deserializer<'d>, T: Default + Deserialize<'d>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// What came of a log.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// Events in the log.
    pub events: usize,
    /// Requests that were judged.
    pub judged: usize,
    /// Of these, how many would have been denied.
    pub denied: usize,
    /// Of these, how many would have been warned of, and not denied.
    pub warned: usize,
    /// Requests that create or change something and were refused then, too.
    pub refused: usize,
    /// Requests that create or change something, whose object is not in the log.
    pub without_object: usize,
    /// Lines that are no events, and requests that could not be judged.
    pub unreadable: usize,
    /// The first of these, and why.
    pub errors: Vec<String>,
    /// Only requests in this namespace.
    #[serde(skip)]
    pub only: Option<String>,
    /// By namespace; empty for what is in none.
    pub namespaces: BTreeMap<String, Namespace>,
}

/// What would have come of the requests in a namespace.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Requests that were judged.
    pub judged: usize,
    /// Requests that would have been denied.
    pub denied: usize,
    /// Requests that would have been warned of, and not denied.
    pub warned: usize,
    /// By the rule's id.
    pub rules: BTreeMap<String, Rule>,
}

/// What a rule says to the requests in a namespace.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Requests that it would have denied.
    pub denied: usize,
    /// Requests that it would have warned of.
    pub warned: usize,
    /// The objects that these were about: `Deployment shop/web`.
    pub objects: BTreeSet<String>,
    /// The first of the requests.
    pub first: Request,
}

/// A request, to find it again.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `create`, `update` or `patch`.
    pub verb: String,
    /// Whose it was.
    pub user: String,
    /// When it came.
    pub time: String,
    /// `auditID` of its event.
    pub audit_id: String,
    /// What the rule says.
    pub message: String,
}

impl Replay {
    /// Replays a log, event by event. `label` is what it is called.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn add(&mut self, label: &str, log: &mut dyn BufRead, judge: &Judge, context: &Context) -> io::Result<()> {
        let mut log = Log { bytes: log, line: 1 };
        log.skip_byte_order_mark()?;
        let mut text = Vec::new();
        while let Some(first) = log.skip_blank()? {
            if first == b'[' {
                let items = Items { replay: self, label, judge, context };
                if let Err(error) = serde_json::Deserializer::from_reader(&mut log).deserialize_seq(items) {
                    if error.is_io() {
                        return Err(error.into());
                    }
                    self.fail(format!("{label}:{}: this is no JSON: {error}", log.line));
                    // Nobody knows where the next event begins.
                    return Ok(());
                }
            } else {
                let line = log.line;
                log.rest_of_line(&mut text)?;
                let event = serde_json::from_slice(text.trim_ascii_end());
                self.read(&format_args!("{label}:{line}"), event, judge, context);
            }
        }
        Ok(())
    }

    fn read(&mut self, place: &dyn Display, event: serde_json::Result<Event>, judge: &Judge, context: &Context) {
        match event {
            Ok(event) if event.kind == "EventList" => {
                for (index, item) in event.items.into_iter().enumerate() {
                    let place = format_args!("{place}: item {}", index + 1);
                    self.read(&place, serde_json::from_value(item), judge, context);
                }
            }
            Ok(event) if event.kind == "Event" => self.event(place, &event, judge, context),
            Ok(_) => self.fail(format!("{place}: this is no event of an audit log")),
            Err(error) if error.is_data() => self.fail(format!("{place}: this is no event of an audit log: {error}")),
            Err(error) => self.fail(format!("{place}: this is no JSON: {error}")),
        }
    }

    /// Counts something that cannot be read, and why.
    pub fn fail(&mut self, error: String) {
        self.unreadable += 1;
        if self.errors.len() < NAMED {
            self.errors.push(error);
        }
    }

    fn event(&mut self, place: &dyn Display, event: &Event, judge: &Judge, context: &Context) {
        self.events += 1;
        let operation = match event.verb.as_str() {
            "create" => "CREATE",
            "update" | "patch" => "UPDATE",
            _ => return,
        };
        let Some(reference) = &event.object_ref else { return };
        if self.only.as_ref().is_some_and(|only| *only != reference.namespace) {
            return;
        }
        // Of a request there is an event for each stage that the audit policy does not leave out.
        if event.stage != "ResponseComplete"
            || !matches!(reference.subresource.as_str(), "" | "ephemeralcontainers" | "resize")
        {
            return;
        }
        if event.response_status["code"].as_u64().is_some_and(|code| code >= 400) {
            self.refused += 1;
            return;
        }
        let is_object = |value: &&Value| value.is_object() && value["kind"] != "Status";
        let sent = Some(&event.request_object).filter(|_| event.verb != "patch").filter(is_object);
        let Some(object) = sent.or_else(|| Some(&event.response_object).filter(is_object)) else {
            self.without_object += 1;
            return;
        };
        match judge.value(&review(event, reference, operation, object), context) {
            Ok(decision) => self.count(event, reference, &decision),
            Err(error) => self.fail(format!("{place}: the request could not be judged: {error}")),
        }
    }

    fn count(&mut self, event: &Event, reference: &ObjectReference, decision: &transom_manifests::Decision) {
        let with = |action| decision.findings.iter().any(|finding| finding.action == action);
        let (denied, warned) = (with(Action::Deny), !with(Action::Deny) && with(Action::Warn));
        let namespace = self.namespaces.entry(reference.namespace.clone()).or_default();
        for count in [&mut self.judged, &mut namespace.judged] {
            *count += 1;
        }
        for count in [&mut self.denied, &mut namespace.denied] {
            *count += usize::from(denied);
        }
        for count in [&mut self.warned, &mut namespace.warned] {
            *count += usize::from(warned);
        }
        let object = decision.object.as_ref().map(transom_manifests::Reference::short).unwrap_or_default();
        let speaking: BTreeSet<&str> = decision.findings.iter().map(|finding| finding.rule.as_str()).collect();
        for id in speaking {
            // What a rule finds several times in one request counts once, as the worst of it.
            let of_rule = || decision.findings.iter().filter(|finding| finding.rule == id);
            let worst = |action| of_rule().find(|finding| finding.action == action);
            let (deny, warn) = (worst(Action::Deny), worst(Action::Warn));
            let Some(finding) = deny.or(warn) else { continue };
            let rule = namespace.rules.entry(id.to_owned()).or_insert_with(|| Rule {
                name: finding.name.clone(),
                first: Request {
                    verb: event.verb.clone(),
                    user: event.user["username"].as_str().unwrap_or_default().to_owned(),
                    time: event.request_received_timestamp.clone(),
                    audit_id: event.audit_id.clone(),
                    message: finding.message.clone(),
                },
                ..Rule::default()
            });
            rule.objects.insert(object.clone());
            rule.denied += usize::from(deny.is_some());
            rule.warned += usize::from(deny.is_none());
        }
    }
}

/// A log as it is read.
struct Log<'l> {
    bytes: &'l mut dyn BufRead,
    /// The line of the next byte, from 1.
    line: usize,
}

impl Log<'_> {
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.bytes.fill_buf() {
                // As all other ways to read do it.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map(|bytes| bytes.first().copied()),
            }
        }
    }

    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        for byte in BYTE_ORDER_MARK {
            if self.peek()? == Some(*byte) {
                self.bytes.consume(1);
            }
        }
        Ok(())
    }

    /// The next byte that is no white space, which stays to be read; none at the end.
    fn skip_blank(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.bytes.consume(1);
            self.line += usize::from(byte == b'\n');
        }
        Ok(None)
    }

    /// Reads up to the end of the line, in place of what is in `text`.
    fn rest_of_line(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        text.clear();
        self.bytes.read_until(b'\n', text)?;
        self.line += 1;
        Ok(())
    }
}

impl Read for Log<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.bytes.read(into)?;
        self.line += into[..length].iter().filter(|byte| **byte == b'\n').count();
        Ok(length)
    }
}

/// Takes the events of an array one after another: a log may be larger than the memory.
struct Items<'a> {
    replay: &'a mut Replay,
    label: &'a str,
    judge: &'a Judge,
    context: &'a Context,
}

impl<'d> Visitor<'d> for Items<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("events of an audit log")
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut items: A) -> Result<(), A::Error> {
        let Items { replay, label, judge, context } = self;
        let mut count = 0;
        // What is no event is a value all the same, after which there may be others.
        while let Some(item) = items.next_element::<Value>()? {
            count += 1;
            replay.read(&format_args!("{label}: item {count}"), serde_json::from_value(item), judge, context);
        }
        Ok(())
    }
}

/// The request as the API server would have put it to a webhook.
fn review(event: &Event, reference: &ObjectReference, operation: &str, object: &Value) -> Value {
    let mut object = object.clone();
    // Older API servers leave out what the resource says.
    let version = if reference.api_group.is_empty() {
        reference.api_version.clone()
    } else {
        format!("{}/{}", reference.api_group, reference.api_version)
    };
    if object["apiVersion"].as_str().unwrap_or_default().is_empty() {
        object["apiVersion"] = version.into();
    }
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": event.audit_id, "operation": operation, "userInfo": event.user,
            "kind": {"group": reference.api_group, "version": reference.api_version, "kind": object["kind"]},
            "resource": {"group": reference.api_group, "version": reference.api_version, "resource": reference.resource},
            "subResource": reference.subresource, "namespace": reference.namespace, "name": reference.name,
            "object": object,
        },
    })
}

#[cfg(test)]
mod tests {
    use transom::Transom;

    use super::*;

    fn pod(name: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": {"containers":
            [{"name": "web", "image": "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022"}]}})
    }

    fn event(verb: &str, more: Value) -> Value {
        let mut event = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": "a1",
            "stage": "ResponseComplete", "verb": verb, "user": {"username": "alice"},
            "objectRef": {"resource": "pods", "namespace": "shop", "name": "web", "apiVersion": "v1"},
            "responseStatus": {"code": 201}, "requestReceivedTimestamp": "2026-11-20T10:00:00.000000Z"});
        for (key, value) in more.as_object().expect("fields") {
            event[key] = value.clone();
        }
        event
    }

    fn replay(lines: &[String]) -> Replay {
        let mut replay = Replay::default();
        let judge = Judge::new(Transom::new(), "2026-11-21");
        let text = lines.join("\n");
        replay.add("audit.log", &mut text.as_bytes(), &judge, &Context::default()).expect("it can be read");
        replay
    }

    #[test]
    fn says_what_would_have_been_denied() {
        let good = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}});
        let patch = json!({"spec": {"containers": []}});
        let events = [
            event("create", json!({"requestObject": pod("web")})),
            event("create", json!({"requestObject": pod("web"), "stage": "RequestReceived"})),
            event("patch", json!({"requestObject": patch, "responseObject": pod("api")})),
            event("patch", json!({"requestObject": patch, "level": "Request"})),
            event("create", json!({"level": "Metadata"})),
            event("create", json!({"requestObject": pod("web"), "responseStatus": {"code": 403}})),
            event("create", json!({"requestObject": good})),
            event("get", json!({})),
            event(
                "create",
                json!({"requestObject": {"kind": "Binding"}, "objectRef": {"resource": "pods", "subresource": "binding"}}),
            ),
            json!({"kind": "EventList", "items": [event("update", json!({"requestObject": pod("web")}))]}),
        ];
        let replay = replay(&events.map(|event| event.to_string()));
        let counts =
            [replay.events, replay.judged, replay.denied, replay.warned, replay.refused, replay.without_object];
        assert_eq!(counts, [10, 4, 3, 0, 1, 2]);
        let shop = &replay.namespaces["shop"];
        assert_eq!((shop.judged, shop.denied), (4, 3));
        let rule = &shop.rules["WIN101"];
        assert_eq!((rule.name.as_str(), rule.denied), ("windows-pod-not-pinned", 3));
        assert_eq!(rule.objects, BTreeSet::from(["Pod shop/api".to_owned(), "Pod shop/web".to_owned()]));
        assert_eq!((rule.first.user.as_str(), rule.first.verb.as_str()), ("alice", "create"));
        assert_eq!((replay.unreadable, replay.errors.len()), (0, 0));
    }

    #[test]
    fn reads_arrays_and_byte_order_marks() {
        let created = event("create", json!({"requestObject": pod("web")}));
        let text = |replay: &Replay| (replay.events, replay.denied, replay.errors.clone());
        let whole = serde_json::to_string_pretty(&json!([created, created])).expect("JSON");
        assert_eq!(text(&replay(&[whole.clone(), created.to_string()])), (3, 3, vec![]));
        assert_eq!(text(&replay(&[format!("\u{feff}{created}")])), (1, 1, vec![]));
        assert_eq!(text(&replay(&[format!("\u{feff}{whole}")])), (2, 2, vec![]));
        let odd = replay(&[String::new(), json!([1, {"kind": "Pod"}, created]).to_string()]);
        assert_eq!((odd.events, odd.unreadable), (1, 2));
        assert!(odd.errors[0].starts_with("audit.log: item 1: this is no event of an audit log: "), "{:?}", odd.errors);
        assert_eq!(odd.errors[1], "audit.log: item 2: this is no event of an audit log");
        let nulls = event("create", json!({"requestObject": pod("web"), "stage": null}));
        let named =
            event("create", json!({"requestObject": pod("web"), "objectRef": {"resource": "pods", "name": null}}));
        let list = json!({"kind": "EventList", "items": [named, nulls, {"kind": "Event", "verb": 1}, created]});
        let list = replay(&[list.to_string()]);
        assert_eq!((list.events, list.judged, list.unreadable), (3, 2, 1));
        assert!(list.errors[0].starts_with("audit.log:1: item 3: this is no event"), "{:?}", list.errors);
        let more = replay(&[format!("[{created}]{created}"), format!("[{created}] [{created}]")]);
        assert_eq!(text(&more), (4, 4, vec![]));
        let cut = replay(&[String::new(), format!("[{created},"), "{".to_owned()]);
        assert_eq!((cut.events, cut.unreadable), (1, 1));
        assert!(cut.errors[0].starts_with("audit.log:3: this is no JSON: EOF"), "{:?}", cut.errors);
    }

    #[test]
    fn names_lines_that_it_cannot_read() {
        let replay = replay(&["{".to_owned(), String::new(), "{\"kind\": \"Pod\"}".to_owned()]);
        assert_eq!(replay.unreadable, 2);
        assert!(replay.errors[0].starts_with("audit.log:1: this is no JSON: "), "{:?}", replay.errors);
        assert_eq!(replay.errors[1], "audit.log:3: this is no event of an audit log");
    }

    #[test]
    fn counts_the_lines_of_arrays() {
        let created = event("create", json!({"requestObject": pod("web")}));
        let array = format!("[\n{created},\r\n{created}\n]");
        let replay =
            replay(&[array.clone(), "{".to_owned(), String::new(), format!("{array}]"), "[\n]\n[,".to_owned()]);
        let places: Vec<_> = replay.errors.iter().map(|error| error.split(": ").next().unwrap_or_default()).collect();
        assert_eq!((replay.events, places), (4, vec!["audit.log:5", "audit.log:10", "audit.log:13"]));
    }

    /// What breaks off behind an event of an array comes too late for a line that is read as a whole.
    #[test]
    fn takes_the_events_of_an_array_as_they_come() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let start = format!("[{},", event("create", json!({"requestObject": pod("web")})));
        let mut log = io::BufReader::new(start.as_bytes().chain(Broken));
        let mut replay = Replay::default();
        let judge = Judge::new(Transom::new(), "2026-11-21");
        let result = replay.add("audit.log", &mut log, &judge, &Context::default());
        assert_eq!(result.expect_err("it cannot be read").to_string(), "the disk is gone");
        assert_eq!((replay.events, replay.unreadable), (1, 0));
    }
}

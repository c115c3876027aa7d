//! From bytes to a Decision: read, prepare, ask every rule, suppress, decide, put the fixes together.

use crate::admission::{self, Input, Request};
use crate::context::Context;
use crate::finding::{Action, Finding, Report, Severity};
use crate::fix::{Fix, Operation, Patches};
use crate::json;
use crate::look_up::{self, Ask};
use crate::object::pod::OldObject;
use crate::object::read::{PLACEHOLDER, WrongType};
use crate::object::{Body, Object, is_in_no_namespace};
use crate::parse::Spans;
use crate::platform::{Evidence, Os, Placement};
use crate::pod::{Placements, Pod, World, is_bound};
use crate::pointer::Pointer;
use crate::rules::{self, Check, Rule, Subject, input::wrong_type};
use crate::selection;
use crate::settings::{self, Settings, Switch};
use crate::suppress::{self, Suppressed, Suppression};
use crate::text;

/// What a Decision says of itself.
pub(crate) const API_VERSION: &str = "transom.dev/v1";
pub(crate) const KIND: &str = "Decision";

/// What decides.
pub(crate) const MODULE: &str = "transom";
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Everything found out about one input.
#[derive(Debug)]
pub(crate) struct Decision<'a> {
    /// The request it answers.
    pub(crate) request: &'a Request<'a>,
    /// The `apiVersion` of the AdmissionReview that was read, where it was one.
    pub(crate) review: Option<&'a str>,
    /// Whether nothing speaks against the object.
    pub(crate) allowed: bool,
    /// The JSON Pointer of the object in the input.
    pub(crate) object_at: &'static str,
    /// The object judged.
    pub(crate) object: Option<&'a Object<'a>>,
    /// What its pods are meant for and where they can land.
    pub(crate) targets: Vec<Target>,
    /// What is wrong, in the order of the objects and then of the rules. The operations of its fixes are still to
    /// be made: see [`Decision::with_patches`].
    pub(crate) findings: Vec<Finding>,
    /// What would be wrong, had it not been suppressed.
    pub(crate) suppressed: Vec<Suppressed>,
    /// All safe fixes together; made with the operations of each.
    pub(crate) patch: Vec<Operation>,
    /// Whether settings ask for the patch to be applied at admission.
    pub(crate) mutate: bool,
    /// What was read, for who wants patches.
    source: Option<(&'a str, &'a Spans)>,
}

/// What one pod is meant for and where it can land.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) path: Pointer,
    pub(crate) intent: Option<Os>,
    placement: Placements,
    pub(crate) evidence: Vec<Evidence>,
}

/// What a host knows beside an input. The input's own settings and context count more.
#[derive(Clone, Copy, Default)]
pub struct Around<'a> {
    /// Settings (JSON), each in the place of those before it. Where something is wrong with the last ones, every mistake
    /// is a finding of what is judged, and those before them stay in force.
    pub settings: &'a [&'a str],
    /// Objects (JSON) that rules may look up. What is no JSON is left out.
    pub context: &'a [&'a str],
    /// Who can be asked for more of them.
    pub cluster: Option<&'a Ask<'a>>,
}

/// Judges `bytes`, and hands the Decision to `write` while what it borrows is alive.
pub(crate) fn decide<T>(bytes: &[u8], configured: &Settings, write: fn(Decision<'_>) -> T) -> T {
    decide_in(bytes, configured, &Around::default(), write)
}

/// The same, with what is known beside the input.
pub(crate) fn decide_in<T>(
    bytes: &[u8],
    configured: &Settings,
    around: &Around<'_>,
    write: fn(Decision<'_>) -> T,
) -> T {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let read = std::str::from_utf8(bytes).map_err(|error| error.to_string()).and_then(|text| {
        let input = admission::read(text).map_err(|error| error.to_string())?;
        Ok((text, input))
    });
    match read {
        Ok((text, input)) => judge(text, &input, configured, around, write),
        Err(error) => refuse(format!("this is no JSON text: {error}"), configured, write),
    }
}

/// The field at the end of a path, with the position in it where the path goes on to an element: `args[1]`.
fn field_name(path: &Pointer) -> String {
    let mut name = String::new();
    for segment in path.segments() {
        match segment.parse::<usize>() {
            Ok(index) => name.push_str(&format!("[{index}]")),
            Err(_) => name = segment,
        }
    }
    name
}

/// The Decision for an input that is no JSON at all.
pub(crate) fn refuse<T>(message: String, configured: &Settings, write: fn(Decision<'_>) -> T) -> T {
    let request = Request::default();
    let mut decision = Decision::empty(&request, configured);
    let help = "pass a Kubernetes object or an AdmissionReview as JSON";
    decision.refuse(configured, Pointer::root(), message, help);
    decision.allowed = decision.is_allowed();
    write(decision)
}

fn judge<T>(
    text: &str,
    input: &Input<'_>,
    configured: &Settings,
    around: &Around<'_>,
    write: fn(Decision<'_>) -> T,
) -> T {
    let of_host = around.settings.iter().map(|text| settings::read(text));
    let all: Vec<_> = of_host.chain(input.settings.as_ref().map(settings::read_value)).collect();
    let right = all.iter().rposition(Result::is_ok);
    let settings = right.and_then(|index| all[index].as_ref().ok()).unwrap_or(configured);
    let mut decision = Decision::empty(&input.request, settings);
    decision.review = input.review.as_deref();
    if let Some(object) = &input.object {
        decision.object = Some(object);
        decision.object_at = input.object_at;
    }
    let request = &input.request;
    let is_read = matches!(request.sub_resource(), "" | "ephemeralcontainers" | "resize");
    let is_passed_over = request.is_unread()
        || !is_read
        || input.object.as_ref().is_some_and(|o| is_exempt(o, settings, request) || is_going(o, request));
    if !is_passed_over {
        // What stands before settings that are right would not be in force anyway.
        let wrong = all.iter().skip(right.map_or(0, |index| index + 1));
        for mistake in wrong.filter_map(|read| read.as_ref().err()).flatten() {
            let message = format!("wrong settings, so the others stay in force: {}", mistake.message);
            decision.refuse(settings, Pointer::raw("/settings").join(&mistake.path), message, "correct the settings");
        }
    }
    match &input.object {
        _ if is_passed_over => {}
        None => decision.refuse_input(settings, input),
        Some(object) if object.kind.is_empty() || object.kind == "AdmissionReview" => {
            decision.refuse_input(settings, input)
        }
        Some(object) => {
            let ask = |ask| look_up::around(object, request, settings, ask);
            let answers = around.cluster.map(ask).unwrap_or_default();
            let found = look_up::read(&answers);
            let known: Vec<Object<'_>> = around.context.iter().filter_map(|text| look_up::read_object(text)).collect();
            let context = Context::new(found.iter().chain(&known).chain(&input.context).chain([object]));
            // Where the platform's nodes have no taint by themselves, somebody may have given them one.
            let preset = settings.taints();
            let is_open = settings.windows.taints.is_none() && preset.as_ref().is_none_or(Vec::is_empty);
            let taints = if is_open { context.windows_taints().or(preset) } else { preset };
            let world = World { settings, context: &context, request, taints: taints.as_deref() };
            let at = |index| Pointer::raw("/comments").index(index);
            let comments = input.comments.iter().enumerate();
            let comments = comments.flat_map(|(index, comment)| Suppression::read_comment(comment, &at(index)));
            let today = suppress::today(input.now.as_deref());
            let wrong = input.wrong.iter().filter(|wrong| !is_in_context(wrong));
            let (around, wrong): (Vec<_>, Vec<_>) = wrong.partition(|wrong| wrong.is_around);
            around.into_iter().for_each(|wrong| decision.refuse_type(settings, wrong));
            // No object hides what is wrong around it.
            let (first, is_right) = (decision.findings.len(), wrong.is_empty());
            decision.judge_object(object, world, &Pointer::root(), wrong, today);
            decision.suppress(comments.collect(), first, today, world, object, is_right);
        }
    }
    decision.allowed = decision.is_allowed();
    decision.source = Some((text, &input.spans));
    write(decision)
}

impl<'a> Decision<'a> {
    fn empty(request: &'a Request<'a>, settings: &Settings) -> Self {
        Decision {
            request,
            review: None,
            allowed: true,
            object_at: "",
            object: None,
            targets: Vec::new(),
            findings: Vec::new(),
            suppressed: Vec::new(),
            patch: Vec::new(),
            mutate: settings.mutate,
            source: None,
        }
    }

    /// Adds a finding about the input itself.
    fn refuse(&mut self, settings: &Settings, path: Pointer, message: String, help: &'static str) {
        if settings.switch(&wrong_type::RULE) != Some(Switch::Off) {
            self.findings.push(finding(settings, &wrong_type::RULE, path, message, help));
        }
    }

    fn refuse_input(&mut self, settings: &Settings, input: &Input<'_>) {
        let is_request = input.review.is_some() || self.request.uid.is_some() || self.request.operation.is_some();
        if let Some(wrong) = input.wrong.iter().find(|wrong| wrong.path == Pointer::root()) {
            let message = format!("{wrong}: this is neither a Kubernetes object nor an AdmissionReview");
            self.refuse(settings, Pointer::root(), message, "pass an object with `apiVersion` and `kind`");
        } else if self.object.is_some_and(|o| o.kind == "AdmissionReview") {
            self.refuse(
                settings,
                Pointer::raw("/request"),
                "this AdmissionReview has no request".into(),
                "pass the whole AdmissionReview",
            );
        } else if is_request {
            self.refuse(
                settings,
                Pointer::root(),
                "the request has no object to judge".into(),
                "pass the object with the request",
            );
        } else {
            self.refuse_kindless(settings, Pointer::raw("/kind"));
        }
    }

    fn refuse_kindless(&mut self, settings: &Settings, path: Pointer) {
        let message = "this is no Kubernetes object: it has no `kind`".into();
        self.refuse(settings, path, message, "pass an object with `apiVersion` and `kind`");
    }

    fn refuse_type(&mut self, settings: &Settings, wrong: &WrongType) {
        let help = match (wrong.found, wrong.expected) {
            (PLACEHOLDER, _) => "fill it in first, and check what comes out",
            (_, "string") => "put the value in quotes",
            _ => "write the value as the type that the field has",
        };
        if settings.switch(&wrong_type::RULE) == Some(Switch::Off) {
            return;
        }
        let mut report = Report::new(settings, &wrong_type::RULE);
        let finding = report.finding(wrong.path.clone(), format!("{}: {wrong}", field_name(&wrong.path))).help(help);
        if wrong.found == PLACEHOLDER {
            finding.severity(Severity::Info);
        }
        self.findings.extend(report.into_findings());
    }

    /// Judges an object, or each one of a List. `wrong` are the values of a wrong type in it.
    fn judge_object(
        &mut self,
        object: &Object<'_>,
        world: World<'_>,
        path: &Pointer,
        wrong: Vec<&WrongType>,
        today: &str,
    ) {
        let settings = world.settings;
        if is_exempt(object, settings, world.request) {
            return;
        }
        if let Body::List(items) = &object.body {
            let path = path.key("items");
            let mut in_items: Vec<Vec<&WrongType>> = vec![Vec::new(); items.len()];
            for wrong in wrong {
                match position_below(&wrong.path, &path).and_then(|index| in_items.get_mut(index)) {
                    Some(in_item) => in_item.push(wrong),
                    None => self.refuse_type(settings, wrong),
                }
            }
            for (index, (item, wrong)) in items.iter().zip(in_items).enumerate() {
                let path = path.index(index);
                let kind = path.key("kind");
                if item.kind.is_empty() && !wrong.iter().any(|wrong| [&path, &kind].contains(&&wrong.path)) {
                    self.refuse_kindless(settings, kind);
                }
                if item.kind == "AdmissionReview" {
                    let message = "an AdmissionReview in a List is not judged".into();
                    self.refuse(settings, path.clone(), message, "pass it by itself");
                }
                self.judge_object(item, world, &path, wrong, today);
            }
            return;
        }
        let first = self.findings.len();
        let is_right = wrong.is_empty();
        wrong.into_iter().for_each(|wrong| self.refuse_type(settings, wrong));
        let mut report = Report::new(settings, &wrong_type::RULE);
        let pods: Vec<Pod<'_>> =
            object.workloads().iter().filter_map(|workload| Pod::new(object, workload, world, path.as_str())).collect();
        let selected = selection::pods(object, world);
        let subject = Subject { object, world, path, pods: &selected };
        for (position, rule) in rules::all().iter().copied().enumerate() {
            if settings.switch_at(position) == Some(Switch::Off) {
                continue;
            }
            report.begin(rule);
            match rule.check {
                Check::Pod(check) => pods.iter().for_each(|pod| check(pod, &mut report)),
                Check::Object(check) => check(&subject, &mut report),
                Check::Both(check_pod, check_object) => {
                    pods.iter().for_each(|pod| check_pod(pod, &mut report));
                    check_object(&subject, &mut report);
                }
                Check::Input => {}
            }
        }
        let mut findings = report.into_findings();
        for finding in &mut findings {
            if finding.fix.as_ref().is_some_and(|fix| !is_allowed_on_update(fix, object, &pods, world.request)) {
                finding.fix = None;
            }
        }
        if world.request.sub_resource() == "ephemeralcontainers" {
            findings
                .retain(|f| text::contains(f.path.as_str(), "/ephemeralContainers") || f.rule.id.starts_with("WIN2"));
        }
        self.findings.extend(findings);
        if !settings.ignore_annotations {
            let mut suppressions = Suppression::read(&object.metadata, &path.key("metadata"), path);
            for pod in pods.iter().filter(|pod| !pod.is_pod()) {
                if let Some(metadata) = pod.metadata {
                    let scope = pod.at("").parent().unwrap_or_default();
                    suppressions.extend(Suppression::read(metadata, &pod.metadata_at(""), &scope));
                }
            }
            self.suppress(suppressions, first, today, world, object, is_right);
        }
        self.targets.extend(pods.into_iter().map(|pod| Target {
            path: pod.at(""),
            intent: pod.intent.map(|intent| intent.os),
            placement: pod.placement,
            evidence: pod.evidence,
        }));
    }

    /// Takes out what `suppressions` hide of the findings from the number `first` on. `is_right` says that every value
    /// has the type of its field.
    fn suppress(
        &mut self,
        suppressions: Vec<Suppression<'_>>,
        first: usize,
        today: &str,
        world: World<'_>,
        object: &Object<'_>,
        is_right: bool,
    ) {
        if suppressions.is_empty() {
            return;
        }
        let World { settings, request, .. } = world;
        let new = |rule, path, message, help| finding(settings, rule, path, message, help);
        // Of a Pod that is bound, rules about how it comes to be are silent, and of a value of a wrong type those that
        // would have read it.
        let all_said = is_right && request.sub_resource().is_empty() && !is_bound(object, request);
        let findings = self.findings.split_off(first);
        let (kept, hidden) = suppress::apply(suppressions, findings, &self.suppressed, today, all_said, settings, new);
        self.findings.extend(kept);
        self.suppressed.extend(hidden);
    }

    /// The same with the operations that its fixes take, and all safe ones together. That is a second pass over the
    /// text, which is left to who answers with patches.
    pub(crate) fn with_patches(mut self) -> Self {
        let fixes: Vec<&Fix> = self.findings.iter().filter_map(|f| f.fix.as_ref()).collect();
        let Some((text, spans)) = self.source.filter(|_| !fixes.is_empty()) else { return self };
        let patches = Patches::of(&fixes, text, spans, self.object_at);
        let fixable = self.findings.iter_mut().filter(|f| f.fix.is_some());
        for (finding, patch) in fixable.zip(patches.each) {
            finding.fix = finding.fix.take().and_then(|fix| fix.with(patch));
        }
        self.patch = patches.safe;
        self
    }

    fn is_allowed(&self) -> bool {
        !self.findings.iter().any(|f| f.action == Action::Deny)
    }

    /// The name of the object, or else of the request.
    pub(crate) fn name(&self) -> &str {
        match self.object.map_or("", |object| object.name()) {
            "" => self.request.name.as_deref().unwrap_or_default(),
            name => name,
        }
    }

    /// The namespace of the object, or else of the request.
    pub(crate) fn namespace(&self) -> Option<&str> {
        let requested = self.request.namespace.as_deref().filter(|namespace| !namespace.is_empty());
        self.object.and_then(|object| object.namespace()).or(requested)
    }

    /// The Decision as JSON, with its patches.
    pub(crate) fn into_json(self) -> String {
        self.with_patches().write()
    }

    fn write(&self) -> String {
        let mut text = String::new();
        let mut out = json::Object::new(&mut text);
        out.text("apiVersion", API_VERSION);
        out.text("kind", KIND);
        out.some_text("uid", self.request.uid.as_deref());
        out.boolean("allowed", self.allowed);
        if let Some(object) = self.object {
            let mut reference = json::Object::new(out.field("object"));
            reference.text("apiVersion", &object.api_version);
            reference.text("kind", &object.kind);
            reference.some_text("namespace", self.namespace());
            reference.text("name", self.name());
            reference.end();
        }
        if !self.targets.is_empty() {
            write_target(&self.targets, None, out.field("target"));
        }
        if self.targets.len() > 1 {
            let write =
                |target: &Target, out: &mut String| write_target(std::slice::from_ref(target), Some(&target.path), out);
            out.array("targets", &self.targets, write);
        }
        out.array("findings", &self.findings, write_finding);
        out.array("suppressed", &self.suppressed, |suppressed, out| {
            let mut object = json::Object::new(out);
            write_essence(&suppressed.finding, &mut object);
            object.text("reason", &suppressed.reason);
            object.some_text("until", suppressed.until.as_deref());
            object.text("by", suppressed.by.as_str());
            object.end();
        });
        out.array("patch", &self.patch, Operation::write);
        let mut module = json::Object::new(out.field("module"));
        module.text("name", MODULE);
        module.text("version", VERSION);
        module.end();
        out.end();
        text
    }
}

fn finding(settings: &Settings, rule: &'static Rule, path: Pointer, message: String, help: &'static str) -> Finding {
    let mut report = Report::new(settings, rule);
    report.finding(path, message).help(help);
    report.into_findings().remove(0)
}

/// Whether settings leave an object alone.
fn is_exempt(object: &Object<'_>, settings: &Settings, request: &Request<'_>) -> bool {
    let namespace = request.namespace_of(object);
    let is_in_one = !matches!(object.body, Body::List(_)) && !is_in_no_namespace(&object.kind);
    let is_in_it = |exempt: &String| is_in_one && exempt == namespace;
    settings.exempt_namespaces.iter().any(is_in_it) || settings.exempt_kinds.iter().any(|exempt| object.kind == *exempt)
}

/// Whether a request is about an object that is being deleted: all that is left to change is its finalizers,
/// and who may not take them away cannot get rid of it.
fn is_going(object: &Object<'_>, request: &Request<'_>) -> bool {
    request.is_update() && object.metadata.deletion_timestamp.is_some()
}

/// Which element of the array at `array` a value is, or is in.
fn position_below(value: &Pointer, array: &Pointer) -> Option<usize> {
    let below = value.as_str().strip_prefix(array.as_str())?.strip_prefix('/')?;
    below.split('/').next()?.parse().ok()
}

/// Whether a value is of an object that is only looked up.
fn is_in_context(wrong: &WrongType) -> bool {
    let path = wrong.path.as_str();
    wrong.is_around && path.trim_start_matches("/request").starts_with("/context/")
}

/// Whether the API server takes the change for an object that exists already: of a Pod only
/// metadata and more tolerations (and new node labels while it is gated), of a Job's template
/// nothing, or where it should run as long as it was suspended and had not started. Of what a subresource is
/// not about it takes nothing over.
fn is_allowed_on_update(fix: &Fix, object: &Object<'_>, pods: &[Pod<'_>], request: &Request<'_>) -> bool {
    if !request.sub_resource().is_empty() {
        return false;
    }
    let exists = request.is_update() || is_bound(object, request);
    let Some(pod) = pods.first().filter(|_| exists) else {
        return true;
    };
    let is_below = Pointer::is_below;
    if pod.is_pod() {
        let is_gated = pod.spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty());
        let selector = pod.at("/nodeSelector");
        let is_new_label = |path: &Pointer| {
            let key = path.segments().last().unwrap_or_default();
            is_gated
                && is_below(path, &selector)
                && pod.spec.node_selector.as_ref().is_none_or(|s| s.get(&key).is_none())
        };
        return fix.only_appends_to(&pod.at("/tolerations"))
            || fix.paths().all(|path| is_below(path, &pod.metadata_at("")) || is_new_label(path));
    }
    if object.is("batch", "Job") {
        let template = Pointer::raw(&pod.workload.at);
        let movable = [
            pod.at("/nodeSelector"),
            pod.at("/affinity/nodeAffinity"),
            pod.at("/tolerations"),
            pod.metadata_at("/labels"),
            pod.metadata_at("/annotations"),
        ];
        let is_waiting = request.old_object.as_ref().map_or(pod.workload.suspended, OldObject::is_waiting);
        return fix.paths().all(|path| {
            !is_below(path, &template) || (is_waiting && movable.iter().any(|place| is_below(path, place)))
        });
    }
    true
}

/// The intent of all these, if they agree.
pub(crate) fn common_intent(targets: &[Target]) -> Option<Os> {
    let first = targets.first()?.intent;
    first.filter(|_| targets.iter().all(|t| t.intent == first))
}

/// The best placement of any of these, on each system.
pub(crate) fn best_placement(targets: &[Target]) -> Placements {
    let best = |os| targets.iter().map(|t| t.placement.of(os)).max().unwrap_or(Placement::No);
    Placements { windows: best(Os::Windows), linux: best(Os::Linux) }
}

/// Writes one pod's target, or what several have in common.
fn write_target(targets: &[Target], path: Option<&Pointer>, out: &mut String) {
    let (intent, best) = (common_intent(targets), best_placement(targets));
    let mut object = json::Object::new(out);
    object.some_text("path", path.map(Pointer::as_str));
    object.text("intent", intent.map_or("unknown", Os::as_str));
    let mut placement = json::Object::new(object.field("placement"));
    placement.text("windows", best.windows.as_str());
    placement.text("linux", best.linux.as_str());
    placement.end();
    let evidence: Vec<&Evidence> = targets.iter().flat_map(|target| &target.evidence).collect();
    object.array("evidence", &evidence, |evidence, out| {
        let mut object = json::Object::new(out);
        object.text("path", evidence.path.as_str());
        object.text("says", evidence.says.as_str());
        object.text("because", &evidence.because);
        object.end();
    });
    object.end();
}

/// Writes a finding with its fix.
pub(crate) fn write_finding(finding: &Finding, out: &mut String) {
    let mut object = json::Object::new(out);
    write_essence(finding, &mut object);
    if let Some(fix) = &finding.fix {
        let mut object = json::Object::new(object.field("fix"));
        object.text("title", &fix.title);
        object.text("safety", fix.safety.as_str());
        object.array("patch", &fix.patch, Operation::write);
        object.end();
    }
    object.end();
}

/// Writes what every finding says, suppressed or not.
fn write_essence(finding: &Finding, object: &mut json::Object<'_>) {
    object.text("rule", finding.rule.id);
    object.text("name", finding.rule.name);
    object.text("severity", finding.severity.as_str());
    object.text("action", finding.action.as_str());
    object.text("path", finding.path.as_str());
    object.text("message", &finding.message);
    object.some_text("help", Some(&*finding.help).filter(|help| !help.is_empty()));
    object.text("stage", finding.stage.as_str());
}

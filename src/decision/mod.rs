//! From bytes to a Decision: read, prepare, ask every rule, suppress, decide, put the fixes together.
//!
//! [`judge`] is the way of one input. What it asks of each object is in `objects`, what it says of an
//! input that is none in `refuse`, and its answer as JSON in `write`.

mod objects;
mod refuse;
mod write;

use crate::admission::{self, Input, Request};
use crate::context::Context;
use crate::finding::{Action, Finding};
use crate::fix::{Fix, Operation, Patches};
use crate::look_up::{self, Ask};
use crate::object::{Body, Object, is_cluster_scoped};
use crate::parse::Spans;
use crate::platform::{Evidence, Os, Placement, Placements};
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::settings::{self, Mistake, Settings};
use crate::suppress::{self, Suppressed};
use crate::update::is_being_deleted;
use crate::world::{self, World};

pub(crate) use refuse::refuse;
pub(crate) use write::write_finding;

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
    /// The settings in force.
    settings: &'a Settings,
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

/// Judges what was read: by the settings in force, in the world around it, unless it is passed over.
fn judge<T>(
    text: &str,
    input: &Input<'_>,
    configured: &Settings,
    around: &Around<'_>,
    write: fn(Decision<'_>) -> T,
) -> T {
    let read = read_settings(input, around);
    let (settings, mistakes) = in_force(&read, configured);
    let mut decision = Decision::of(input, settings);
    if is_passed_over(input, settings) {
        return write(decision);
    }
    decision.refuse_settings(mistakes);
    match input.object.as_ref().filter(|object| is_kubernetes(object)) {
        None => decision.refuse_input(input),
        Some(object) => {
            let request = &input.request;
            let answers = around.cluster.map(|ask| look_up::around(object, request, settings, ask)).unwrap_or_default();
            let found = look_up::read(&answers);
            let known: Vec<Object<'_>> = around.context.iter().filter_map(|text| look_up::read_object(text)).collect();
            let context = Context::new(found.iter().chain(&known).chain(&input.context).chain([object]));
            let taints = world::windows_taints(settings, &context);
            let today = suppress::today(input.now.as_deref());
            let world = World { settings, context: &context, request, taints: taints.as_deref(), today };
            decision.judge_input(input, object, world);
        }
    }
    decision.allowed = decision.is_allowed();
    decision.source = Some((text, &input.spans));
    write(decision)
}

/// Settings as they were read.
type Read = Result<Settings, Vec<Mistake>>;

/// The settings beside an input and in it, each counting more than those before it.
fn read_settings(input: &Input<'_>, around: &Around<'_>) -> Vec<Read> {
    let of_host = around.settings.iter().map(|text| settings::read(text));
    of_host.chain(input.settings.as_ref().map(settings::read_value)).collect()
}

/// The settings that hold, of all that were `read` and those `configured` before, and what is wrong with those that
/// would hold in their place. What is wrong with others does not matter.
fn in_force<'s>(read: &'s [Read], configured: &'s Settings) -> (&'s Settings, impl Iterator<Item = &'s Mistake>) {
    let right = read.iter().rposition(Result::is_ok);
    let settings = right.and_then(|index| read[index].as_ref().ok()).unwrap_or(configured);
    let wrong = &read[right.map_or(0, |index| index + 1)..];
    (settings, wrong.iter().filter_map(|read| read.as_ref().err()).flatten())
}

/// Whether nothing is said of an input, whatever is in it.
fn is_passed_over(input: &Input<'_>, settings: &Settings) -> bool {
    let request = &input.request;
    let is_read = matches!(request.sub_resource(), "" | "ephemeralcontainers" | "resize");
    let is_left_alone = |object: &Object<'_>| is_exempt(object, settings, request) || is_being_deleted(object, request);
    request.is_unread() || !is_read || input.object.as_ref().is_some_and(is_left_alone)
}

/// Whether settings leave an object alone.
fn is_exempt(object: &Object<'_>, settings: &Settings, request: &Request<'_>) -> bool {
    let namespace = request.namespace_of(object);
    let is_in_one = !matches!(object.body, Body::List(_)) && !is_cluster_scoped(&object.kind);
    let is_in_it = |exempt: &String| is_in_one && exempt == namespace;
    settings.exempt_namespaces.iter().any(is_in_it) || settings.exempt_kinds.iter().any(|exempt| object.kind == *exempt)
}

/// Whether this is an object that can be judged: what has no kind, or is a review without a request, is not.
fn is_kubernetes(object: &Object<'_>) -> bool {
    !object.kind.is_empty() && object.kind != "AdmissionReview"
}

impl<'a> Decision<'a> {
    /// Of which nothing is known but the request.
    fn empty(request: &'a Request<'a>, settings: &'a Settings) -> Self {
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
            settings,
            source: None,
        }
    }

    /// Of which nothing is said yet.
    fn of(input: &'a Input<'a>, settings: &'a Settings) -> Self {
        let (review, object) = (input.review.as_deref(), input.object.as_ref());
        let object_at = if object.is_some() { input.object_at } else { "" };
        Decision { review, object, object_at, ..Decision::empty(&input.request, settings) }
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
}

impl Target {
    fn of(pod: Pod<'_>) -> Self {
        let intent = pod.intent.map(|intent| intent.os);
        Target { path: pod.at(""), intent, placement: pod.placement, evidence: pod.evidence }
    }
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

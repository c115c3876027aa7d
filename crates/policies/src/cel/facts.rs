//! What a pod is meant for and whether anything places it, as far as an object by itself tells.
//!
//! The core weighs more: runtime classes, namespaces, paths, commands and whatever the context has. Here
//! is only what it can never decide otherwise, so that a policy in CEL says less than the core, and
//! nothing else.

use std::sync::LazyLock;

use transom::images::repositories;
use transom::platform::Os;
use transom::platform::labels::{OS, OS_BETA, WINDOWS_BUILD};
use transom::platform::resources::{LINUX_ONLY, LINUX_ONLY_BEGIN, WINDOWS_ONLY};

use super::condition::{Condition, Field, Name, Text, all, any, containers, item, metadata, not, spec, texts};

/// Where the required terms of node affinity stand.
pub const REQUIRED: &str = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
const HOST_PROCESS: &str = "/securityContext/windowsOptions/hostProcess";

/// `os.name` names this system, whatever the letter case.
pub fn os_is(os: Os) -> Condition {
    spec("/os/name").names([os.label()])
}

/// `os.name` is exactly this.
pub fn os_is_exactly(os: Os) -> Condition {
    spec("/os/name").is([os.label()])
}

/// `os.name` is not set, or empty.
pub fn os_is_unset() -> Condition {
    not(spec("/os/name").filled())
}

/// `os.name` names none of the two systems.
fn os_is_open() -> Condition {
    not(spec("/os/name").names([Os::Windows.label(), Os::Linux.label()]))
}

/// `nodeSelector` names this system: by the label of today, else by the older one.
fn selected(os: Os) -> Condition {
    let label = |key| spec("/nodeSelector").key(key);
    let is_open = not(label(OS).names([Os::Windows.label(), Os::Linux.label()]));
    any([label(OS).names([os.label()]), all([is_open, label(OS_BETA).names([os.label()])])])
}

/// No entry of `nodeSelector` states a system.
fn selects_none() -> Condition {
    let keys = [OS, OS_BETA, WINDOWS_BUILD];
    all(keys.map(|key| not(spec("/nodeSelector").key(key).given())))
}

/// Every required term of node affinity admits nodes of this system only.
fn affine(os: Os) -> Condition {
    let names = |key: [&str; 2]| item("/key").is(key);
    let is_stated =
        all([names([OS, OS_BETA]), item("/operator").is(["In"]), item("/values").every(item("").names([os.label()]))]);
    let is_other = all([
        not(item("/key").is([OS, OS_BETA, WINDOWS_BUILD])),
        item("/operator").is(["In", "NotIn", "Exists", "DoesNotExist"]),
    ]);
    let term = all([
        item("/matchExpressions").some(is_stated.clone()),
        item("/matchExpressions").every(any([is_stated, is_other])),
        not(item("/matchFields").filled()),
    ]);
    all([selects_none(), spec(REQUIRED).key("nodeSelectorTerms").every(term)])
}

/// What a name stands for.
pub fn definition(name: Name) -> &'static Condition {
    static ALL: LazyLock<[Condition; Name::ALL.len()]> = LazyLock::new(|| Name::ALL.map(define));
    &ALL[name as usize]
}

fn define(name: Name) -> Condition {
    let host_process = Condition::Known(Name::HostProcess);
    let stated = |os| any([selected(os), affine(os)]);
    match name {
        Name::HostProcess => {
            let takes_the_pods = not(Condition::Flag(item(HOST_PROCESS), false));
            let by_pod = all([spec(HOST_PROCESS).is_true(), containers().some(takes_the_pods)]);
            any([by_pod, containers().some(item(HOST_PROCESS).is_true())])
        }
        Name::SurelyWindows => {
            let stated = any([host_process.clone(), stated(Os::Windows)]);
            // Paths of the node speak before images do.
            let has_images = all([
                not(spec("/volumes").some(item("/hostPath").given())),
                containers().every(item("/image").is_in(with_short_names(repositories::of_windows_only()))),
            ]);
            let shown = all([os_is_open(), Condition::Known(Name::Unplaced), has_images]);
            any([os_is(Os::Windows), all([not(os_is(Os::Linux)), stated]), shown])
        }
        Name::Windows => {
            let options = "/securityContext/windowsOptions";
            let asks = any([asks_for_anything(spec(options)), containers().some(asks_for_anything(item(options)))]);
            any([Condition::Known(Name::SurelyWindows), all([os_is_open(), Condition::Known(Name::Unplaced), asks])])
        }
        Name::Linux => {
            let stated = all([not(os_is(Os::Windows)), not(host_process), stated(Os::Linux)]);
            any([os_is(Os::Linux), stated])
        }
        Name::Unplaced => all([
            not(spec("/nodeSelector").filled()),
            not(spec("/nodeName").filled()),
            not(spec("/affinity/nodeAffinity").given()),
            not(spec("/runtimeClassName").filled()),
            not(metadata("/labels").key(OS).given()),
        ]),
        Name::AsksForOneSystem => asks_for_one_system(),
        Name::WantsTheHost => {
            let is_privileged = containers().some(item("/securityContext/privileged").is_true());
            let is_in_host = any([spec("/hostPID").is_true(), is_privileged]);
            all([spec("/hostNetwork").is_true(), not(host_process), is_in_host])
        }
    }
}

/// `windowsOptions` have anything in them.
pub fn says_anything(options: Field) -> Condition {
    any([asks_for_anything(options.clone()), options.key("hostProcess").given()])
}

/// `windowsOptions` have more in them than `hostProcess`, which some write into every pod as `false`.
fn asks_for_anything(options: Field) -> Condition {
    let texts = ["gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName"];
    any(texts.map(|name| options.clone().key(name).filled()))
}

/// No container has an image that runs as a HostProcess container only, by its repository or its tag.
pub fn has_ordinary_images() -> Condition {
    let by_name = Condition::Is(item("/image"), Text::Holds(texts(["hp", "hostprocess"])));
    let by_repository = item("/image").is_in(with_short_names(repositories::of_host_process()));
    not(containers().some(any([by_name, by_repository])))
}

/// Repositories by their whole names and, of Docker Hub, as they are written without it.
fn with_short_names(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut all = Vec::new();
    for name in names {
        let hub = name.strip_prefix("docker.io/");
        all.extend(hub.map(|short| short.strip_prefix("library/").unwrap_or(short).to_owned()));
        all.push(name);
    }
    all
}

/// Where a container asks for resources.
pub const LISTS: [&str; 2] = ["/resources/limits", "/resources/requests"];

fn asks_for_one_system() -> Condition {
    let names = [only_on(Os::Windows), only_on(Os::Linux)].concat();
    let of_containers = LISTS.map(|list| Condition::AsksFor(item(list), names.clone()));
    let claims = item("/resources/claims").filled();
    let of_pod = [spec("/resources").given(), spec("/resourceClaims").filled()];
    any(of_pod.into_iter().chain([containers().some(any(of_containers.into_iter().chain([claims])))]))
}

/// The resources that only nodes of this system offer.
pub fn only_on(os: Os) -> Vec<Text> {
    match os {
        Os::Windows => vec![Text::OneOf(texts(WINDOWS_ONLY.iter().copied()))],
        Os::Linux => {
            vec![Text::OneOf(texts(LINUX_ONLY.iter().copied())), Text::Begins(texts(LINUX_ONLY_BEGIN.iter().copied()))]
        }
    }
}

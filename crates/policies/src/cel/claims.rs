//! The rules that CEL can say, as far as it can: one claim for each, made of the tables that the core's
//! own checks are made of.
//!
//! A claim never says more than its rule. It may say less: what a rule learns from the cluster, from
//! commands or from what an image reference hints at is left to the core.

use transom::finding::Severity;
use transom::os_name::{self, KubeletRefusal, LinuxField, Shape};
use transom::platform::Os;
use transom::platform::labels::{ARCH, ARCH_BETA, OS, OS_BETA, WINDOWS_BUILD};
use transom::rules::network::linux_cni_annotation;
use transom::rules::{self, Rule};
use transom::volumes;

use super::condition::{Condition, Field, Name, Text, all, any, containers, either, item, metadata, not, spec, texts};
use super::facts::{LISTS, has_ordinary_images, only_on, os_is, os_is_exactly, os_is_unset, says_anything};

/// What CEL says of one rule.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The rule.
    pub rule: &'static Rule,
    /// The severity of what is found.
    pub severity: Severity,
    /// What has to hold for the pod as a whole.
    pub guard: Condition,
    /// What can be wrong, each by itself.
    pub places: Vec<Place>,
    /// Where alone it is seen, in a few words; empty where the rule asks for no less.
    pub only: &'static str,
}

/// One thing that can be wrong.
#[derive(Debug, Clone)]
pub struct Place {
    /// What it is looked for in.
    pub over: Over,
    /// The pointer to it in there; what the core reports stands there or below.
    pub at: String,
    /// What it is, for the message.
    pub what: String,
    /// When it is wrong.
    pub when: Condition,
}

/// What a condition is decided for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The spec of the pod or the template, once.
    Spec,
    /// Its metadata, once.
    Metadata,
    /// Each container.
    Containers,
    /// Each volume.
    Volumes,
}

impl Claim {
    /// The name of its variable in a policy.
    pub fn variable(&self) -> &'static str {
        self.rule.id
    }
}

/// All claims, by rule and severity.
pub fn all_claims() -> Vec<Claim> {
    let mut claims = [placement(), security(), host_process(), network(), storage(), resources()].concat();
    claims.sort_by_key(|claim| (claim.rule.id, std::cmp::Reverse(claim.severity)));
    claims
}

/// The rule with this id.
fn rule(id: &str) -> &'static Rule {
    rules::find(id).unwrap_or_else(|| panic!("there is no rule {id}"))
}

/// A claim of the severity that its rule has by default.
fn claim(id: &str, guard: Condition, places: Vec<Place>) -> Claim {
    let rule = rule(id);
    Claim { rule, severity: rule.severity, guard, places, only: "" }
}

impl Claim {
    fn of(self, severity: Severity) -> Claim {
        Claim { severity, ..self }
    }

    fn only(self, only: &'static str) -> Claim {
        Claim { only, ..self }
    }
}

/// Something of the pod as a whole, which the guard has decided already.
fn whole(at: &str, what: &str) -> Vec<Place> {
    vec![of_pod(at, what, all([]))]
}

fn of_pod(at: &str, what: &str, when: Condition) -> Place {
    Place { over: Over::Spec, at: at.to_owned(), what: what.to_owned(), when }
}

fn of_container(at: &str, what: &str, when: Condition) -> Place {
    Place { over: Over::Containers, at: at.to_owned(), what: what.to_owned(), when }
}

fn of_volume(at: &str, what: &str, when: Condition) -> Place {
    Place { over: Over::Volumes, at: at.to_owned(), what: what.to_owned(), when }
}

/// A field of the spec that is wrong where the condition on it holds.
fn pod_field(at: &str, when: impl Fn(Field) -> Condition) -> Place {
    of_pod(at, &dotted(at), when(spec(at)))
}

fn container_field(at: &str, when: impl Fn(Field) -> Condition) -> Place {
    of_container(at, &dotted(at), when(item(at)))
}

fn dotted(at: &str) -> String {
    at.trim_start_matches('/').replace('/', ".")
}

fn windows() -> Condition {
    Condition::Known(Name::Windows)
}

fn linux() -> Condition {
    Condition::Known(Name::Linux)
}

fn is_host_process() -> Condition {
    Condition::Known(Name::HostProcess)
}

/// A container is a HostProcess container: by itself, else by its pod.
fn is_host_process_container() -> Condition {
    either("/securityContext/windowsOptions/hostProcess").is_true()
}

/// The pod wants its node as only a HostProcess pod gets it on Windows, without being one.
fn wants_the_host() -> Condition {
    Condition::Known(Name::WantsTheHost)
}

/// Where nothing but the system can keep a pod off a node.
const UNPLACED: &str = "without any nodeSelector, nodeName, node affinity or runtimeClassName, \
    without a label kubernetes.io/os, and without resources or claims that choose a node";

fn placement() -> Vec<Claim> {
    let label = |key: &str| spec("/nodeSelector").key(key);
    let unplaced = || Condition::Known(Name::Unplaced);
    let both = || [Os::Windows.label(), Os::Linux.label()];
    let at = |key: &str| format!("/nodeSelector/{}", key.replace('/', "~1"));
    let has_no_terms = not(spec("/affinity/nodeAffinity").given());
    let is_invalid = |key: &str| all([label(key).given(), not(label(key).is(both()))]);
    let is_old = |old: &str, new: &str| all([label(old).given(), not(label(new).given()), has_no_terms.clone()]);
    // With one label alone nothing else can be to blame.
    let forced_to = |os: Os| {
        let others = [OS_BETA, WINDOWS_BUILD, ARCH, ARCH_BETA].map(|key| not(label(key).given()));
        all([
            label(OS).names([os.label()]),
            not(Condition::LongerThan(spec("/nodeSelector"), 1)),
            has_no_terms.clone(),
            not(spec("/runtimeClassName").filled()),
            all(others),
        ])
    };
    let is_misled =
        any([all([os_is(Os::Windows), forced_to(Os::Linux)]), all([os_is(Os::Linux), forced_to(Os::Windows)])]);
    let is_open = || all([unplaced(), not(Condition::Known(Name::AsksForOneSystem))]);
    let not_amd64 = |key: &str| all([label(key).given(), not(label(key).is(["amd64"]))]);
    vec![
        claim(
            "WIN101",
            all([windows(), not(spec("/os/name").is(both())), is_open()]),
            whole("", "nodeSelector lacks kubernetes.io/os: windows"),
        )
        .only(UNPLACED),
        claim(
            "WIN102",
            all([spec("/os/name").is(both()), is_open()]),
            whole("", "nodeSelector lacks kubernetes.io/os with the value of os.name"),
        )
        .only(UNPLACED),
        claim("WIN103", is_misled, whole(&at(OS), "os.name and nodeSelector name different systems"))
            .only("without other keys in nodeSelector, without node affinity and runtimeClassName"),
        claim(
            "WIN104",
            all([]),
            [OS, OS_BETA].map(|key| of_pod(&at(key), &format!("nodeSelector {key}"), is_invalid(key))).to_vec(),
        ),
        claim(
            "WIN105",
            all([]),
            [(OS_BETA, OS), (ARCH_BETA, ARCH)]
                .map(|(old, new)| of_pod(&at(old), &format!("nodeSelector {old}"), is_old(old, new)))
                .to_vec(),
        )
        .only("without node affinity and without the newer label"),
        claim(
            "WIN112",
            not(Condition::IsPod),
            vec![pod_field("/nodeName", |field| all([field.filled(), not(is_static())]))],
        )
        .only("of a template, and of no Pod itself"),
        claim(
            "WIN113",
            windows(),
            [ARCH, ARCH_BETA].map(|key| of_pod(&at(key), &format!("nodeSelector {key}"), not_amd64(key))).to_vec(),
        ),
        claim(
            "WIN117",
            all([]),
            vec![of_pod(
                &at(WINDOWS_BUILD),
                &format!("nodeSelector {WINDOWS_BUILD}"),
                all([label(WINDOWS_BUILD).given(), not(Condition::Is(label(WINDOWS_BUILD), Text::Build))]),
            )],
        ),
    ]
}

/// The kubelet runs the pod from a file.
fn is_static() -> Condition {
    let keys = ["kubernetes.io/config.mirror", "kubernetes.io/config.source", "kubernetes.io/config.hash"];
    any(keys.map(|key| metadata("/annotations").key(key).given()))
}

/// When the API server refuses the field beside `os.name: windows`.
fn is_refused(field: &LinuxField, from: impl Fn(&str) -> Field) -> Condition {
    match field.shape {
        Shape::OnlyTrue => from(field.at).is_true(),
        Shape::AbsentWhileEmpty => from(field.at).filled(),
        Shape::Flag(_) | Shape::Any | Shape::IdleWhileEmpty | Shape::IdleWithout(_) => from(field.at).given(),
    }
}

/// When the field asks for something.
fn is_effective(field: &LinuxField, from: impl Fn(&str) -> Field) -> Condition {
    match field.shape {
        Shape::OnlyTrue => from(field.at).is_true(),
        Shape::Flag(idle) => Condition::Flag(from(field.at), !idle),
        Shape::Any => from(field.at).given(),
        Shape::IdleWhileEmpty | Shape::AbsentWhileEmpty => from(field.at).filled(),
        Shape::IdleWithout(fields) => any(fields.iter().map(|name| from(field.at).key(name).filled())),
    }
}

fn security() -> Vec<Claim> {
    let of_pods = || os_name::linux_fields_of_pods();
    let of_containers = || os_name::linux_fields_of_containers();
    let refused = |field: &LinuxField, from: fn(&str) -> Field| {
        let refused = is_refused(field, from);
        // The rule about privileged containers speaks of it.
        if field.is_privileged() { all([refused, not(is_effective(field, from))]) } else { refused }
    };
    let ignored = |field: &LinuxField, from: fn(&str) -> Field| {
        let effective = is_effective(field, from);
        match field.refusal() {
            // The kubelet refuses pods for these.
            Some(KubeletRefusal::Value(value)) => all([effective, not(from(field.at).is([value]))]),
            _ => effective,
        }
    };
    // A HostProcess container has the rights anyhow.
    let is_spared = || all([is_host_process_container(), not(os_is_exactly(Os::Windows))]);
    let privileged = |when: &Condition| {
        let fields = of_containers().filter(|field| field.is_privileged());
        fields
            .map(|field| of_container(field.at, &field.name(), all([is_effective(field, item), when.clone()])))
            .collect()
    };
    let is_ignored = |field: &&LinuxField| field.refusal() != Some(KubeletRefusal::Effective);
    let stops = |field: Field| all([field.clone().given(), not(field.is(["SIGTERM", "SIGKILL"]))]);
    let non_root = either("/securityContext/runAsNonRoot").is_true();
    let user = either("/securityContext/windowsOptions/runAsUserName");
    let windows_options = "/securityContext/windowsOptions";
    let options =
        |when: fn(Field) -> Condition| vec![pod_field(windows_options, when), container_field(windows_options, when)];
    vec![
        claim(
            "WIN201",
            os_is_exactly(Os::Windows),
            (of_pods().map(|field| of_pod(field.at, &field.name(), refused(field, spec))))
                .chain(of_containers().map(|field| of_container(field.at, &field.name(), refused(field, item))))
                .collect(),
        ),
        claim(
            "WIN202",
            all([windows(), os_is_unset()]),
            (of_pods().filter(is_ignored).map(|field| of_pod(field.at, &field.name(), ignored(field, spec))))
                .chain(
                    (of_containers().filter(is_ignored).filter(|field| !field.is_privileged()))
                        .map(|field| of_container(field.at, &field.name(), ignored(field, item))),
                )
                .collect(),
        ),
        claim("WIN203", windows(), privileged(&not(is_spared()))),
        claim("WIN203", windows(), privileged(&is_spared())).of(Severity::Warning),
        claim("WIN204", os_is_exactly(Os::Linux), options(Field::given)).of(Severity::Error),
        claim("WIN204", all([linux(), not(os_is_exactly(Os::Linux))]), options(says_anything)),
        claim(
            "WIN205",
            spec("/os").given(),
            vec![of_pod("/os", "os.name", not(spec("/os/name").is([Os::Windows.label(), Os::Linux.label()])))],
        ),
        claim("WIN206", os_is_exactly(Os::Windows), vec![container_field(os_name::STOP_SIGNAL, stops)]),
        claim(
            "WIN207",
            windows(),
            vec![Place {
                over: Over::Containers,
                at: ANYWHERE.to_owned(),
                what: "runAsNonRoot with runAsUserName ContainerAdministrator".to_owned(),
                when: all([not(is_host_process_container()), non_root, user.names(["containeradministrator"])]),
            }],
        ),
        claim(
            "WIN216",
            all([windows(), os_is_unset()]),
            (of_pods().filter(|field| field.refusal() == Some(KubeletRefusal::Effective)))
                .map(|field| of_pod(field.at, &field.name(), is_effective(field, spec)))
                .collect(),
        ),
        claim(
            "WIN216",
            all([windows(), os_is_unset()]),
            of_pods()
                .filter_map(|field| match field.refusal() {
                    Some(KubeletRefusal::Value(value)) => Some((field, value)),
                    _ => None,
                })
                .map(|(field, value)| of_pod(field.at, &field.name(), spec(field.at).is([value])))
                .collect(),
        )
        .of(Severity::Warning),
    ]
}

/// Where a rule reports either at the container or at the pod, by which of them says so.
pub const ANYWHERE: &str = "*";

fn host_process() -> Vec<Claim> {
    let hp = "/securityContext/windowsOptions/hostProcess";
    let user = either("/securityContext/windowsOptions/runAsUserName");
    let differs = any([
        all([spec(hp).is_true(), Condition::Flag(item(hp), false)]),
        all([Condition::Flag(spec(hp), false), item(hp).is_true()]),
    ]);
    vec![
        claim("WIN301", all([]), vec![of_container(hp, &dotted(hp), differs)]),
        claim("WIN302", is_host_process(), vec![of_pod("", "hostNetwork", not(spec("/hostNetwork").is_true()))]),
        claim(
            "WIN303",
            windows(),
            vec![of_container(ANYWHERE, "no runAsUserName", all([is_host_process_container(), not(user.given())]))],
        ),
        claim(
            "WIN304",
            windows(),
            vec![container_field("/securityContext/runAsNonRoot", |field| {
                all([is_host_process_container(), field.is_true()])
            })],
        ),
        claim(
            "WIN308",
            all([windows(), containers().some(is_host_process_container())]),
            vec![pod_field("/hostAliases", Field::filled)],
        ),
        claim("WIN310", all([windows(), wants_the_host()]), whole("/hostNetwork", "hostNetwork")),
    ]
}

fn network() -> Vec<Claim> {
    let annotations = linux_cni_annotation::ANNOTATIONS.iter().map(|(name, _)| Place {
        over: Over::Metadata,
        at: format!("/annotations/{}", name.replace('/', "~1")),
        what: format!("annotation {name}"),
        when: metadata("/annotations").key(name).filled(),
    });
    let port = |when: Condition| item("/ports").some(when);
    vec![
        claim(
            "WIN401",
            all([
                windows(),
                spec("/hostNetwork").is_true(),
                not(is_host_process()),
                not(wants_the_host()),
                // Another rule speaks of the others.
                has_ordinary_images(),
            ]),
            whole("/hostNetwork", "hostNetwork"),
        ),
        claim(
            "WIN402",
            all([windows(), not(spec("/hostNetwork").is_true())]),
            vec![of_container(
                "/ports",
                "hostPort",
                all([not(is_host_process_container()), port(Condition::Above(item("/hostPort"), 0))]),
            )],
        ),
        claim(
            "WIN403",
            all([windows(), spec("/hostNetwork").is_true(), not(is_host_process())]),
            vec![pod_field("/dnsPolicy", |field| field.is(["ClusterFirstWithHostNet"]))],
        )
        .of(Severity::Warning),
        claim(
            "WIN404",
            windows(),
            vec![
                pod_field("/dnsConfig/options", Field::filled),
                pod_field("/dnsConfig/searches", |field| Condition::LongerThan(field, 1)),
            ],
        ),
        claim(
            "WIN406",
            windows(),
            vec![of_container("/ports", "a port of protocol SCTP", port(item("/protocol").is(["SCTP"])))],
        ),
        claim("WIN408", windows(), annotations.collect()),
    ]
}

fn storage() -> Vec<Claim> {
    let medium = |text: Text| Condition::Is(item("/emptyDir/medium"), text);
    let mount = |when: Condition| item("/volumeMounts").some(when);
    let propagates = |how: &str| mount(item("/mountPropagation").is([how]));
    let driver = |text: Text| Condition::Is(item("/csi/driver"), text);
    let ceph = volumes::LINUX_CSI_DRIVERS_OF_CEPH;
    let is_linux_driver = any([
        driver(Text::OneOf(texts(volumes::LINUX_CSI_DRIVERS.iter().chain(ceph).copied()))),
        driver(Text::Begins(texts([volumes::LINUX_CSI_DRIVERS_BEGIN]))),
        driver(Text::Ends(
            texts([volumes::LINUX_CSI_DRIVERS_END])
                .into_iter()
                .chain(ceph.iter().map(|name| format!(".{name}")))
                .collect(),
        )),
    ]);
    let unmountable = volumes::UNMOUNTABLE
        .iter()
        .map(|source| of_volume(&format!("/{}", source.field), source.field, item("").key(source.field).given()));
    vec![
        claim(
            "WIN501",
            windows(),
            vec![of_volume("/emptyDir/medium", "emptyDir.medium Memory", medium(Text::OneOf(texts(["Memory"]))))],
        ),
        claim(
            "WIN501",
            windows(),
            vec![of_volume(
                "/emptyDir/medium",
                "emptyDir.medium HugePages",
                medium(Text::Begins(texts(["HugePages"]))),
            )],
        )
        .of(Severity::Error),
        claim("WIN502", windows(), unmountable.collect()),
        claim("WIN503", windows(), vec![of_volume("/csi/driver", "csi.driver", is_linux_driver)]),
        claim("WIN507", windows(), vec![container_field("/volumeDevices", Field::filled)]),
        claim(
            "WIN508",
            windows(),
            vec![of_container("/volumeMounts", "mountPropagation HostToContainer", propagates("HostToContainer"))],
        ),
        claim(
            "WIN508",
            windows(),
            vec![of_container("/volumeMounts", "mountPropagation Bidirectional", propagates("Bidirectional"))],
        )
        .of(Severity::Error),
        claim(
            "WIN509",
            windows(),
            vec![of_container(
                "/volumeMounts",
                "recursiveReadOnly Enabled",
                mount(item("/recursiveReadOnly").is(["Enabled"])),
            )],
        ),
        claim("WIN518", windows(), vec![of_volume("/image", "image", item("/image").given())]),
        claim("WIN520", windows(), vec![of_volume("/flexVolume", "flexVolume", item("/flexVolume").given())]),
    ]
}

fn resources() -> Vec<Claim> {
    let offered_by = |os| any(LISTS.map(|list| Condition::AsksFor(item(list), only_on(os))));
    let asks = |os: Os| {
        vec![of_container("/resources", &format!("resources that only {} nodes offer", os.title()), offered_by(os))]
    };
    let claims = "/resources/claims";
    vec![
        claim("WIN801", windows(), asks(Os::Linux)),
        claim("WIN802", linux(), asks(Os::Windows)),
        claim(
            "WIN808",
            windows(),
            vec![
                pod_field("/resourceClaims", Field::filled),
                of_container(
                    claims,
                    &dotted(claims),
                    all([not(spec("/resourceClaims").filled()), item(claims).filled()]),
                ),
            ],
        ),
    ]
}

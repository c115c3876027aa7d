//! Taints of Windows nodes, and which pods tolerate them.

use super::os::Os;
use crate::object::pod::Toleration;
use crate::object::read::Str;

/// A taint that keeps pods off a node (`NoSchedule` or `NoExecute`; `PreferNoSchedule` never does).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taint {
    /// `key`
    pub key: String,
    /// `value`
    pub value: String,
    /// `effect`
    pub effect: String,
}

impl Taint {
    pub(crate) fn new(key: &str, value: &str, effect: &str) -> Self {
        Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() }
    }
}

/// What is known of the taints of a cluster's Windows nodes.
#[derive(Debug, Clone, Copy)]
pub enum Taints<'a> {
    /// Nothing: judge by what is customary.
    Unknown,
    /// These, and each of them keeps pods off. May be empty.
    Known(&'a [Taint]),
}

/// Key, value: the taints that are customary on Windows nodes.
///
/// `os=windows` is the example of Kubernetes' own guide, `os=Windows` what OpenShift's operator
/// sets, `node.kubernetes.io/os` GKE's and AKS hybrid's, `kubernetes.io/os` seen on AKS.
pub const CONVENTIONAL: &[(&str, &str)] = &[
    ("os", "windows"),
    ("os", "Windows"),
    ("node.kubernetes.io/os", "windows"),
    ("node.kubernetes.io/os", "Windows"),
    ("kubernetes.io/os", "windows"),
];

/// Whether one toleration tolerates one taint, as `corev1.Toleration.ToleratesTaint` decides it.
///
/// `exists` and `noSchedule` count as what they mean: the API server refuses them, and a rule says so.
pub fn tolerates(toleration: &Toleration<'_>, key: &str, value: &str, effect: &str) -> bool {
    let operator = toleration.operator.as_deref().unwrap_or_default();
    may_meet(toleration, key, effect)
        && (operator.eq_ignore_ascii_case("Exists")
            || (is_equal(operator) && toleration.value.as_deref().unwrap_or_default() == value))
}

/// Whether a toleration would tolerate a taint, were it not for the letter case of its value.
pub fn misses_by_case(toleration: &Toleration<'_>, key: &str, value: &str, effect: &str) -> bool {
    let own = toleration.value.as_deref().unwrap_or_default();
    may_meet(toleration, key, effect)
        && toleration.key.as_deref() == Some(key)
        && is_equal(toleration.operator.as_deref().unwrap_or_default())
        && own != value
        && own.eq_ignore_ascii_case(value)
}

/// Whether key and effect are a toleration's own, or left open by it.
fn may_meet(toleration: &Toleration<'_>, key: &str, effect: &str) -> bool {
    let open = |field: &Option<Str<'_>>| field.as_deref().is_none_or(str::is_empty);
    let same_effect = || toleration.effect.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(effect));
    (open(&toleration.effect) || same_effect()) && (open(&toleration.key) || toleration.key.as_deref() == Some(key))
}

fn is_equal(operator: &str) -> bool {
    operator.is_empty() || operator.eq_ignore_ascii_case("Equal")
}

/// Whether a toleration takes every taint: `operator: Exists` without a key.
pub fn is_blanket(toleration: &Toleration<'_>) -> bool {
    let exists = toleration.operator.as_deref().is_some_and(|operator| operator.eq_ignore_ascii_case("Exists"));
    exists && toleration.key.as_deref().unwrap_or_default().is_empty()
}

/// The effect that is meant by a word, whatever its letter case.
pub fn effect_named(word: &str) -> Option<&'static str> {
    ["NoSchedule", "PreferNoSchedule", "NoExecute"].into_iter().find(|effect| effect.eq_ignore_ascii_case(word))
}

/// Whether the effect keeps pods off a node.
pub fn repels(effect: &str) -> bool {
    matches!(effect, "NoSchedule" | "NoExecute")
}

/// Whether Kubernetes puts a taint with this key on a node for as long as a condition lasts.
pub fn is_condition(key: &str) -> bool {
    matches!(
        key,
        "node.cloudprovider.kubernetes.io/uninitialized"
            | "node.kubernetes.io/disk-pressure"
            | "node.kubernetes.io/memory-pressure"
            | "node.kubernetes.io/network-unavailable"
            | "node.kubernetes.io/not-ready"
            | "node.kubernetes.io/out-of-service"
            | "node.kubernetes.io/pid-pressure"
            | "node.kubernetes.io/unreachable"
            | "node.kubernetes.io/unschedulable"
    )
}

impl Taints<'_> {
    /// Whether these taints keep a pod with `tolerations` off the Windows nodes.
    ///
    /// Where the taints are unknown, tolerating any customary one counts as getting in: whoever
    /// wrote the toleration knew the taint of the cluster.
    pub fn keep_off<'t>(&self, tolerations: impl Iterator<Item = &'t Toleration<'t>> + Clone) -> bool {
        match self {
            Taints::Known(taints) => not_tolerated(taints, tolerations).next().is_some(),
            Taints::Unknown => !tolerations.clone().any(tolerates_conventional),
        }
    }
}

/// Whether a toleration lets a pod past any customary Windows taint.
pub fn tolerates_conventional(toleration: &Toleration<'_>) -> bool {
    CONVENTIONAL.iter().any(|(key, value)| tolerates(toleration, key, value, "NoSchedule"))
}

/// Those of `taints` that keep a pod with `tolerations` off.
pub fn not_tolerated<'s, 't>(
    taints: &'s [Taint],
    tolerations: impl Iterator<Item = &'t Toleration<'t>> + Clone,
) -> impl Iterator<Item = &'s Taint> {
    let is_tolerated =
        move |taint: &Taint| tolerations.clone().any(|t| tolerates(t, &taint.key, &taint.value, &taint.effect));
    taints.iter().filter(move |taint| repels(&taint.effect) && !is_tolerated(taint))
}

/// Whether the toleration is for a customary Windows taint, but for the letter case of its value.
/// `os=Windows` is customary as well as `os=windows`: it is OpenShift's.
pub fn misses_conventional_by_case(toleration: &Toleration<'_>) -> bool {
    CONVENTIONAL.iter().any(|(key, value)| misses_by_case(toleration, key, value, "NoSchedule"))
        && !tolerates_conventional(toleration)
}

/// Whether a toleration is about the operating system: by its key, by its value, or because one of
/// the known `taints` of the Windows nodes has its key.
pub fn is_about_os(toleration: &Toleration<'_>, taints: &[Taint]) -> bool {
    const KEYS: &[&str] = &["os", "kubernetes.io/os", "beta.kubernetes.io/os", "node.kubernetes.io/os", "cattle.io/os"];
    let key = toleration.key.as_deref().unwrap_or_default();
    let value = toleration.value.as_deref().unwrap_or_default();
    KEYS.contains(&key) || Os::named(value).is_some() || taints.iter().any(|taint| taint.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toleration<'a>(key: &'a str, operator: &'a str, value: &'a str, effect: &'a str) -> Toleration<'a> {
        let field = |text: &'a str| (!text.is_empty()).then(|| Str::from(text));
        Toleration {
            key: field(key),
            operator: field(operator),
            value: field(value),
            effect: field(effect),
            ..Default::default()
        }
    }

    #[test]
    fn who_tolerates_os_windows() {
        for (own, expected) in [
            (("os", "", "windows", "NoSchedule"), true),
            (("os", "Equal", "windows", ""), true),
            (("os", "Equal", "Windows", "NoSchedule"), false),
            (("os", "Equal", "windows", "NoExecute"), false),
            (("os", "Equal", "", "NoSchedule"), false),
            (("os", "Exists", "", ""), true),
            (("", "Exists", "", ""), true),
            (("", "Exists", "", "NoSchedule"), true),
            (("", "Exists", "", "NoExecute"), false),
            (("kubernetes.io/os", "Equal", "windows", "NoSchedule"), false),
            (("os", "Gt", "1", "NoSchedule"), false),
            (("os", "exists", "", "noschedule"), true),
        ] {
            let (key, operator, value, effect) = own;
            let own = toleration(key, operator, value, effect);
            assert_eq!(tolerates(&own, "os", "windows", "NoSchedule"), expected, "{own:?}");
        }
    }

    #[test]
    fn only_the_letter_case_differs() {
        let own = |value| toleration("os", "Equal", value, "NoSchedule");
        assert!(misses_by_case(&own("windows"), "os", "Windows", "NoSchedule"));
        assert!(!misses_by_case(&own("Windows"), "os", "Windows", "NoSchedule"));
        assert!(!misses_by_case(&own("win"), "os", "windows", "NoSchedule"));
        assert!(!misses_by_case(&toleration("os", "Exists", "", ""), "os", "windows", "NoSchedule"));
        assert!(misses_conventional_by_case(&own("WINDOWS")));
        assert!(!misses_conventional_by_case(&own("windows")) && !misses_conventional_by_case(&own("Windows")));
        assert!(!misses_conventional_by_case(&toleration("node.kubernetes.io/os", "", "Windows", "")));
    }

    #[test]
    fn what_keeps_a_pod_off() {
        let taint = |key: &str, effect: &str| Taint { key: key.into(), value: "windows".into(), effect: effect.into() };
        let known = [taint("os", "NoSchedule"), taint("team", "NoExecute"), taint("soft", "PreferNoSchedule")];
        let os = [toleration("os", "Equal", "windows", "")];
        let both = [toleration("os", "Exists", "", ""), toleration("team", "Exists", "", "")];
        assert!(Taints::Known(&known).keep_off(os.iter()));
        assert!(!Taints::Known(&known).keep_off(both.iter()));
        assert!(!Taints::Known(&known[2..]).keep_off([].iter()));
        assert!(!Taints::Known(&[]).keep_off([].iter()));
        assert!(Taints::Unknown.keep_off([].iter()));
        assert!(!Taints::Unknown.keep_off(os.iter()));
        assert!(Taints::Unknown.keep_off(both[1..].iter()));
    }
}

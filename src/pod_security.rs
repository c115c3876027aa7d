//! The Pod Security Standard that a namespace enforces, as the PodSecurity plug-in reads it from the
//! labels. Source: `api/helpers.go` and `policy/` of k8s.io/pod-security-admission 0.36.2.

use crate::pod::Pod;

/// A standard that a namespace enforces; `privileged` refuses nothing and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standard {
    /// Which one.
    pub level: Level,
    /// Whether it asks Windows pods only for what Windows has.
    pub excuses_windows: bool,
    /// Whether it asks every pod for what is refused beside `os.name: windows`.
    pub rules_windows_out: bool,
}

/// How strict a standard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "Kubernetes has the words")]
pub enum Level {
    Baseline,
    Restricted,
}

impl Level {
    /// Its name in the label.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

/// What the pod's namespace enforces, where it is in the context.
pub fn enforced(pod: &Pod<'_>) -> Option<Standard> {
    let namespace = pod.world.context.namespace(pod.namespace())?;
    let label = |key| namespace.metadata.label(key);
    // What cannot be read counts as the strictest level, and as the latest version.
    let level = match label("pod-security.kubernetes.io/enforce")? {
        "privileged" => return None,
        "baseline" => Level::Baseline,
        _ => Level::Restricted,
    };
    let minor = label("pod-security.kubernetes.io/enforce-version").and_then(minor);
    let excuses_windows = minor.is_none_or(|minor| minor >= 25);
    // `allowPrivilegeEscalation: false` is asked for since 1.8.
    let rules_windows_out = level == Level::Restricted && !excuses_windows && minor.is_some_and(|minor| minor >= 8);
    Some(Standard { level, excuses_windows, rules_windows_out })
}

impl Standard {
    /// Whether a pod that it admits is still admitted when `os.name: windows` takes the place of the
    /// fields that only Linux knows: older versions demand these of every pod, and newer ones excuse
    /// a pod with a user namespace, which Windows does not have, from `runAsNonRoot`.
    pub fn lets_be_named(self, pod: &Pod<'_>) -> bool {
        self.level == Level::Baseline || (self.excuses_windows && pod.spec.host_users != Some(false))
    }
}

/// The minor version in `v1.29`; `None` for `latest`.
fn minor(version: &str) -> Option<u32> {
    let minor = version.strip_prefix("v1.")?;
    let is_plain = minor.bytes().all(|b| b.is_ascii_digit()) && (minor == "0" || !minor.starts_with('0'));
    is_plain.then(|| minor.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (text, expected) in [
            ("v1.0", Some(0)),
            ("v1.24", Some(24)),
            ("latest", None),
            ("1.24", None),
            ("v1.024", None),
            ("v1.+4", None),
        ] {
            assert_eq!(minor(text), expected, "{text}");
        }
    }
}

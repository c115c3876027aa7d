//! A toleration differs from the taint of the Windows nodes only in the letter case of its value.
//!
//! Kubernetes compares the values exactly: `os=windows` does not tolerate `os=Windows`, and the pod
//! stays Pending. The example in Kubernetes' own guide is lower case, OpenShift's operator writes a
//! capital letter, and AKS hybrid's documents do so under another key. Where the taint is known,
//! from the settings or the platform, this is an error.
//!
//! Tolerate the taint as your nodes have it. Both spellings side by side do no harm, which is what
//! manifests that go to several platforms do.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: openshift}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   tolerations:
//!     - key: os
//!       operator: Equal
//!       value: windows # as in the guide
//!       effect: NoSchedule
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! # settings: {platform: openshift}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   tolerations:
//!     - key: os
//!       operator: Equal
//!       value: windows # as in the guide
//!       effect: NoSchedule
//!     - effect: NoSchedule
//!       key: os
//!       operator: Equal
//!       value: Windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   tolerations:
//!     - {key: os, operator: Equal, value: windows, effect: NoSchedule}
//!     - {key: os, operator: Equal, value: Windows, effect: NoSchedule}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::platform::Os;
use crate::platform::taints::{self, Taints, misses_by_case, tolerates};
use crate::pod::Pod;
use crate::rules::placement::missing_windows_toleration::{is_concerned, toleration};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN110",
    name: "toleration-value-case",
    summary: "A toleration differs from the taint of the Windows nodes only in the letter case of its value",
    severity: Severity::Warning,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
        "https://github.com/openshift/windows-machine-config-operator",
    ]),
    errors: docs(&["node(s) had untolerated taint {os: Windows}"]),
    check: Check::Pod(check),
};

const TITLE: &str = "Tolerate the taint in its own letter case as well";

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !is_concerned(pod) {
        return;
    }
    let fix = || pod.fix_for(Os::Windows, TITLE);
    let own = pod.spec.tolerations.as_deref().unwrap_or_default();
    match pod.world.windows_taints() {
        Taints::Known(known) => {
            for taint in pod.untolerated(known) {
                let misses = |t| misses_by_case(t, &taint.key, &taint.value, &taint.effect);
                let Some(index) = own.iter().position(misses) else { continue };
                let (key, value, effect) = (&taint.key, &taint.value, &taint.effect);
                let written = own[index].value.as_deref().unwrap_or_default();
                let message = format!(
                    "the Windows nodes carry the taint {key}={value}:{effect}, which a toleration of {key}={written} does not meet: \
                     the letter case counts"
                );
                report
                    .finding(pod.at("/tolerations").index(index).key("value"), message)
                    .severity(Severity::Error)
                    .help(format!("tolerate {key}={value} as well"))
                    .fix(fix().append(pod.at("/tolerations"), toleration(key, value, effect)));
            }
        }
        Taints::Unknown => {
            for (index, wrong) in own.iter().enumerate().filter(|(_, t)| taints::misses_conventional_by_case(t)) {
                let key = wrong.key.as_deref().unwrap_or_default();
                let effect = wrong.effect.as_deref().and_then(taints::effect_named).unwrap_or_default();
                // With the lower-case value tolerated, or asked for by an earlier twin, nothing is amiss.
                let has_lower = own.iter().any(|t| tolerates(t, key, "windows", "NoSchedule"));
                let is_twin = own[..index].iter().any(|t| t.key == wrong.key && taints::misses_conventional_by_case(t));
                if has_lower || is_twin {
                    continue;
                }
                let written = wrong.value.as_deref().unwrap_or_default();
                let message = format!(
                    "a toleration of {key}={written} does not meet the taint {key}=windows: the letter case counts"
                );
                report
                    .finding(pod.at("/tolerations").index(index).key("value"), message)
                    .help(format!("tolerate {key}=windows as well"))
                    .fix(fix().append(pod.at("/tolerations"), toleration(key, "windows", effect)));
            }
        }
    }
}

//! A Secret that is mounted lies in clear text on the disk of a Windows node.
//!
//! On Linux nodes mounted Secrets are kept in memory. Windows has no such file system: the kubelet
//! writes them to the node's system drive, where everybody with rights on the node, and its backups,
//! can read them. A file mode protects nothing, access control lists do.
//!
//! Encrypt the drives of the nodes (BitLocker) and restrict access to the kubelet's folder. Or fetch
//! the secret when the program starts, with the identity of its workload.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: tls
//!           mountPath: C:\tls
//!   volumes:
//!     - name: tls
//!       secret:
//!         secretName: web-tls
//! ```
//!
//! ## Good
//! A service account's token is no Secret, and what is not mounted is not written:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: kube-api-access-x7k2p
//!           mountPath: /var/run/secrets/kubernetes.io/serviceaccount
//!   volumes:
//!     - name: kube-api-access-x7k2p
//!       projected:
//!         sources:
//!           - serviceAccountToken: {path: token}
//!           - configMap: {name: kube-root-ca.crt}
//!     - name: unused
//!       secret:
//!         secretName: old
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::pod::Volume;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN214",
    name: "secret-on-disk",
    summary: "A Secret that is mounted lies in clear text on the disk of a Windows node",
    severity: Severity::Info,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/concepts/security/windows-security/"]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let volumes = pod.spec.volumes.as_deref().unwrap_or_default();
    if !pod.is_windows() || !volumes.iter().any(|volume| secret(volume).is_some()) {
        return;
    }
    let mounted = pod.mounted_volumes();
    for (index, volume) in volumes.iter().enumerate() {
        let Some(source) = secret(volume) else { continue };
        let name = volume.name.as_deref().unwrap_or_default();
        if mounted.binary_search(&name).is_err() {
            continue;
        }
        let at = pod.at("/volumes").index(index);
        let at = match source {
            Source::Volume => at.key("secret"),
            Source::Projection(index) => at.join("/projected/sources").index(index).key("secret"),
        };
        report
            .finding(at, format!("volume {name}: the Secret is written in clear text to the disk of the Windows node"))
            .help("encrypt the disks of the Windows nodes, or fetch the secret when the program starts");
    }
}

/// Where a volume takes a Secret from.
enum Source {
    Volume,
    /// The first such source of a projected volume.
    Projection(usize),
}

fn secret(volume: &Volume<'_>) -> Option<Source> {
    if volume.secret.is_some() {
        return Some(Source::Volume);
    }
    let sources = volume.projected.as_ref()?.sources.as_deref()?;
    sources.iter().position(|source| source.secret.is_some()).map(Source::Projection)
}

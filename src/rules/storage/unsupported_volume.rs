//! A Windows pod uses a type of volume that no Windows node can mount.
//!
//! From the network the kubelet on Windows mounts only what CSI drivers bring; SMB too comes by a
//! driver (`smb.csi.k8s.io`, `file.csi.azure.com`). For `nfs` it answers "only cifs mount is
//! supported now"; `iscsi` and `fc` need tools of Linux. `rbd`, `cephfs`, `glusterfs` and their
//! generation have left Kubernetes altogether, and `gitRepo` is switched off since 1.33, for good
//! since 1.36. The pod stays in ContainerCreating with FailedMount, also where a PersistentVolume
//! of such a type stands behind its claim.
//!
//! Put shared files on SMB (`smb.csi.k8s.io`, Azure Files), and data of one pod on a disk whose CSI
//! driver runs on Windows. What `gitRepo` did, an init container that clones does too. `cinder` and
//! `portworxVolume` are CSI volumes by now; whether their drivers run on Windows is up to them.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: media
//!           mountPath: C:\media
//!   volumes:
//!     - name: media
//!       nfs:
//!         server: nfs.example
//!         path: /exports/media
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
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: media
//!           mountPath: C:\media
//!   volumes:
//!     - name: media
//!       persistentVolumeClaim:
//!         claimName: media
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata:
//!   name: media
//! spec:
//!   accessModes: [ReadWriteMany]
//!   storageClassName: ""
//!   volumeName: media
//! ---
//! apiVersion: v1
//! kind: PersistentVolume
//! metadata:
//!   name: media
//! spec:
//!   accessModes: [ReadWriteMany]
//!   csi:
//!     driver: smb.csi.k8s.io
//!     volumeHandle: smb.example/media
//!     volumeAttributes:
//!       source: //smb.example/media
//! ```
//! Linux nodes mount NFS:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: web
//!       image: registry.example/web:3
//!   volumes:
//!     - name: media
//!       nfs:
//!         server: nfs.example
//!         path: /exports/media
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::volumes::{self, Unmountable};

pub const RULE: Rule = Rule {
    id: "WIN502",
    name: "unsupported-volume",
    summary: "A Windows pod uses a type of volume that no Windows node can mount",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/windows-storage/",
        "https://github.com/kubernetes/mount-utils/blob/master/mount_windows.go",
        "https://github.com/kubernetes/kubernetes/issues/65060",
    ]),
    errors: docs(&[
        "only cifs mount is supported now",
        "no volume plugin matched",
        "MountVolume.SetUp failed for volume",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for storage in claims::of(pod) {
        let Some((field, why)) = storage.source().and_then(volumes::unmountable) else { continue };
        let settings = pod.world.settings;
        // While it is switched on, Windows nodes with Git on them can.
        let has_git_repo = settings.feature_gate("GitRepoVolumeDriver", !settings.kubernetes_at_least(33));
        if field == volumes::GIT_REPO && has_git_repo && !settings.kubernetes_at_least(36) {
            continue;
        }
        let why = match why {
            // Linux nodes still could.
            Unmountable::Gone if matches!(field, "cephfs" | "rbd") && !settings.kubernetes_at_least(31) => {
                "the kubelet of a Windows node cannot mount it"
            }
            Unmountable::LinuxOnly => "the kubelet of a Windows node cannot mount it",
            Unmountable::Gone if field == volumes::GIT_REPO && !settings.kubernetes_at_least(36) => {
                "Kubernetes mounts it only where the feature gate GitRepoVolumeDriver is on"
            }
            Unmountable::Gone => "Kubernetes mounts it no more, on any node",
        };
        report
            .finding(
                storage.source_at(pod, field),
                format!("{}: {field}: {why}, so the pod never starts", storage.title()),
            )
            .help("use an SMB share, or a volume whose CSI driver runs on Windows");
    }
}

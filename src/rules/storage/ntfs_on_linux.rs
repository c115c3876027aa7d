//! A Linux pod asks for a volume with NTFS, which Linux nodes do not make.
//!
//! To format an empty volume the node's driver calls `mkfs.ntfs`, which is not on the images of
//! Linux nodes, nor in the containers of the drivers. The pod waits in ContainerCreating with
//! FailedMount. A volume that a Windows node has formatted before can at best be read. Most often a
//! StorageClass made for Windows pods has become the class of others too.
//!
//! Give Linux pods a class with `ext4` or `xfs`, or with no `fsType` at all, and data that both
//! systems share an SMB share.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: cache
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: cache
//!       image: redis:7
//!       volumeMounts:
//!         - name: data
//!           mountPath: /data
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: cache
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata:
//!   name: cache
//! spec:
//!   accessModes: [ReadWriteOnce]
//!   storageClassName: windows-disk
//!   resources:
//!     requests:
//!       storage: 5Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: windows-disk
//! provisioner: pd.csi.storage.gke.io
//! parameters:
//!   csi.storage.k8s.io/fstype: ntfs
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: cache
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: cache
//!       image: registry.example/cache:7-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: data
//!           mountPath: C:\data
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: cache
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata:
//!   name: cache
//! spec:
//!   accessModes: [ReadWriteOnce]
//!   storageClassName: windows-disk
//!   resources:
//!     requests:
//!       storage: 5Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: windows-disk
//! provisioner: pd.csi.storage.gke.io
//! parameters:
//!   csi.storage.k8s.io/fstype: ntfs
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::platform::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN505",
    name: "ntfs-on-linux",
    summary: "A Linux pod asks for a volume with NTFS, which Linux nodes do not make",
    severity: Severity::Warning,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/storage-classes/",
        "https://github.com/kubernetes/mount-utils/blob/master/mount_linux.go",
    ]),
    errors: docs(&["executable file \"mkfs.ntfs\" not found", "MountVolume.MountDevice failed for volume"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_for(Os::Linux) {
        return;
    }
    for storage in claims::of(pod) {
        let Some(served) = storage.served().filter(|served| served.fs_type.eq_ignore_ascii_case("ntfs")) else {
            continue;
        };
        if !storage.is_block() {
            report
                .finding(
                    storage.fs_type_at(pod, &served),
                    format!(
                        "{}: fsType {}: Linux nodes have no mkfs.ntfs to format it with",
                        storage.title(),
                        served.fs_type
                    ),
                )
                .help("use `ext4` or `xfs` for pods on Linux nodes");
        }
    }
}

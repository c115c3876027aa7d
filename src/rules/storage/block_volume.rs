//! A Windows pod uses a volume as a raw block device.
//!
//! To hand a disk to a container as a device, the kubelet maps it into the node's file system, and
//! on Windows that part is not implemented. With `volumeDevices`, or a claim with
//! `volumeMode: Block`, the pod stays in ContainerCreating with FailedMapVolume. The API server and
//! the scheduler see nothing wrong.
//!
//! Use `volumeMode: Filesystem`, which is the default, and `volumeMounts`. The mode of a claim
//! cannot be changed, so this takes a new claim.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: sql
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: sql
//!       image: registry.example/sql:3-windowsservercore-ltsc2022
//!       volumeDevices:
//!         - name: data
//!           devicePath: /dev/xvda
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: sql
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata:
//!   name: sql
//! spec:
//!   accessModes: [ReadWriteOnce]
//!   volumeMode: Block
//!   resources:
//!     requests:
//!       storage: 20Gi
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: sql
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: sql
//!       image: registry.example/sql:3-windowsservercore-ltsc2022
//!       volumeDevices: []
//!       volumeMounts:
//!         - name: data
//!           mountPath: C:\data
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: sql
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata:
//!   name: sql
//! spec:
//!   accessModes: [ReadWriteOnce]
//!   volumeMode: Filesystem
//!   resources:
//!     requests:
//!       storage: 20Gi
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::pod::{Container, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN507",
    name: "block-volume",
    summary: "A Windows pod uses a volume as a raw block device",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/windows-storage/",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/volume/util/volumepathhandler/volume_path_handler_unsupported.go",
    ]),
    errors: docs(&["MapVolume.MapPodDevice failed for volume", "not supported for this build"]),
    check: Check::Pod(check),
};

const WHY: &str = "Windows nodes cannot hand a raw block device to a container, so the pod never starts";
const HELP: &str = "claim the volume with `volumeMode: Filesystem`, and mount it with `volumeMounts`";

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        if !devices(container).is_empty() {
            let message = format!("container {}: volumeDevices: {WHY}", container.name());
            report.finding(container.at("/volumeDevices"), message).help(HELP);
        }
    }
    for storage in claims::of(pod).filter(|storage| storage.is_block()) {
        let is_it = |name: Option<&str>| name == Some(storage.name);
        if !pod.containers.iter().flat_map(devices).any(|device| is_it(device.name.as_deref())) {
            report
                .finding(storage.claim_at(pod, "/volumeMode"), format!("{}: volumeMode Block: {WHY}", storage.title()))
                .help(HELP);
        }
    }
}

fn devices<'a>(container: &Container<'a>) -> &'a [crate::object::pod::VolumeDevice<'a>] {
    container.view.volume_devices.as_deref().unwrap_or_default()
}

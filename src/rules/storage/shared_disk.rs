//! A Windows pod shares a disk that cannot be shared, or that only Linux nodes reach.
//!
//! Azure Disk, EBS and Compute Engine's disks serve one node at a time, and so do vSphere's without
//! `ReadWriteMany`: a claim with `ReadWriteMany` is never provisioned, or its second pod never
//! starts. A disk that pods of both systems use has one file system, NTFS or that of Linux, and the
//! pods of the other system cannot mount it. And a PersistentVolume whose `nodeAffinity` asks for
//! Linux nodes keeps the pod Pending for ever. ReadWriteMany on a disk is a warning; a disk that
//! both systems share, or that is out of reach, is an error.
//!
//! Share files over SMB (`file.csi.azure.com`, `smb.csi.k8s.io`), and give each Windows pod a disk of
//! its own, with the claim templates of a StatefulSet.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   replicas: 3
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels: {app: web}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: registry.example/web:3-windowsservercore-ltsc2022
//!           volumeMounts:
//!             - name: media
//!               mountPath: C:\media
//!       volumes:
//!         - name: media
//!           persistentVolumeClaim:
//!             claimName: media
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata:
//!   name: media
//! spec:
//!   accessModes: [ReadWriteMany]
//!   storageClassName: fast
//!   resources:
//!     requests:
//!       storage: 5Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: fast
//! provisioner: disk.csi.azure.com
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   replicas: 3
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels: {app: web}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: registry.example/web:3-windowsservercore-ltsc2022
//!           volumeMounts:
//!             - name: media
//!               mountPath: C:\media
//!       volumes:
//!         - name: media
//!           persistentVolumeClaim:
//!             claimName: media
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata:
//!   name: media
//! spec:
//!   accessModes: [ReadWriteMany]
//!   storageClassName: files
//!   resources:
//!     requests:
//!       storage: 5Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: files
//! provisioner: file.csi.azure.com
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: thumbnails
//! spec:
//!   selector:
//!     matchLabels: {app: thumbnails}
//!   template:
//!     metadata:
//!       labels: {app: thumbnails}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: linux
//!       containers:
//!         - name: thumbnails
//!           image: registry.example/thumbnails:3
//!       volumes:
//!         - name: media
//!           persistentVolumeClaim:
//!             claimName: media
//! ```

use crate::claims::{self, Storage};
use crate::finding::{Report, Severity, Stage};
use crate::object::Object;
use crate::platform::{Fit, Os, Reading, Selector};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::volumes;

pub const RULE: Rule = Rule {
    id: "WIN519",
    name: "shared-disk",
    summary: "A Windows pod shares a disk that cannot be shared, or that only Linux nodes reach",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes",
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#node-affinity",
        "https://learn.microsoft.com/en-us/azure/aks/concepts-storage",
        "https://github.com/kubernetes-sigs/azuredisk-csi-driver/tree/master/deploy/example/sharedisk",
    ]),
    errors: docs(&["Multi-Attach error for volume", "node(s) had volume node affinity conflict"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for storage in claims::of(pod) {
        if is_for_other_nodes(pod, &storage) {
            report
                .finding(
                    storage.at(pod, ""),
                    format!("{}: its nodeAffinity admits no Windows node, so the pod stays Pending", storage.title()),
                )
                .help("claim storage that Windows nodes can reach")
                .stage(Stage::Scheduler);
            continue;
        }
        let for_many = storage.access_mode("ReadWriteMany");
        // vSphere serves ReadWriteMany as shares of files, everything else as disks.
        let is_single = |driver: &&str| volumes::is_disk(driver) || (*driver == volumes::VSPHERE && for_many.is_none());
        let Some(driver) = storage.served().map(|served| served.driver).filter(is_single) else { continue };
        if let Some(other) = storage.claim_name(pod).and_then(|claim| linux_user(pod, claim)) {
            report
                .finding(
                    storage.at(pod, ""),
                    format!(
                        "{}: {} {} uses it on Linux nodes: a disk has one file system, which one of the two cannot mount",
                        storage.title(),
                        other.kind,
                        other.name()
                    ),
                )
                .help("share files between the systems over SMB");
        } else if let Some(index) = for_many.filter(|_| !storage.is_block()) {
            report
                .finding(
                    storage.access_mode_at(pod, index),
                    format!("{}: ReadWriteMany: a disk of {driver} serves one node at a time", storage.title()),
                )
                .help("use an SMB share, or ReadWriteOnce")
                .severity(Severity::Warning)
                .stage(if storage.persistent_volume().is_some() { Stage::Kubelet } else { Stage::Scheduler });
        }
    }
}

/// Whether no Windows node can have the labels that its PersistentVolume asks for.
fn is_for_other_nodes(pod: &Pod<'_>, storage: &Storage<'_>) -> bool {
    let affinity = storage.persistent_volume().and_then(|volume| volume.node_affinity.as_ref());
    let terms = affinity.and_then(|a| a.required.as_ref()).and_then(|r| r.node_selector_terms.as_deref());
    let nodes = pod.node_model(Os::Windows, Reading::AsWritten);
    terms.is_some_and(|terms| terms.iter().all(|term| Selector::preference_fit(term, &nodes) == Fit::No))
}

/// A workload of the same namespace whose pods use the claim on Linux nodes.
fn linux_user<'a>(pod: &Pod<'a>, claim: &str) -> Option<&'a Object<'a>> {
    let is_itself = |object: &Object<'_>| object.kind == pod.object.kind && object.name() == pod.object.name();
    let is_linux = |object: &'a Object<'a>| {
        let mut pods = object.workloads().iter().filter_map(|workload| Pod::new(object, workload, pod.world, ""));
        pods.any(|other| other.is_for(Os::Linux))
    };
    let mut users = pod.world.context.claim_users(pod.namespace(), claim).filter(|user| !is_itself(user.object));
    users.find(|user| *user.is_linux.get_or_init(|| is_linux(user.object))).map(|user| user.object)
}

//! A Windows pod uses Azure Files in a way that works on Linux nodes only.
//!
//! On Windows nodes the driver of Azure Files knows SMB and the key of the storage account, nothing
//! else. A share with `protocol: nfs`, with or without `encryptInTransit`, is not mounted;
//! `mountWithManagedIdentity`, `mountWithWorkloadIdentityToken` and `mountWithOAuthToken` need
//! Kerberos as Linux has it. The pod stays in ContainerCreating. `mountOptions` such as `uid`,
//! `dir_mode` or `mfsymlinks` are passed over without a word, and are an info.
//!
//! Use a StorageClass of its own for Windows pods, without any of these. A `clientID` alone, with
//! which the driver only fetches the key, is fine.
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
//!       csi:
//!         driver: file.csi.azure.com
//!         volumeAttributes:
//!           shareName: media # of the editors
//!           protocol: nfs
//! ```
//!
//! ## Fixed
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
//!       csi:
//!         driver: file.csi.azure.com
//!         volumeAttributes:
//!           shareName: media # of the editors
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
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
//!       storage: 100Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: files
//! provisioner: file.csi.azure.com
//! parameters:
//!   protocol: smb
//!   clientID: 00000000-0000-0000-0000-000000000000
//!   mountWithManagedIdentity: "false"
//! ```
//! Linux nodes do all of it:
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
//!       csi:
//!         driver: file.csi.azure.com
//!         volumeAttributes:
//!           shareName: media
//!           mountOptions: dir_mode=0777,mfsymlinks
//!           mountWithWorkloadIdentityToken: "true"
//! ```

use crate::claims::{self, Storage};
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::text;
use crate::volumes::AZURE_FILE;

pub const RULE: Rule = Rule {
    id: "WIN506",
    name: "azure-file-options",
    summary: "A Windows pod uses Azure Files in a way that works on Linux nodes only",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/en-us/azure/aks/azure-files-csi",
        "https://github.com/kubernetes-sigs/azurefile-csi-driver/blob/master/docs/driver-parameters.md",
        "https://github.com/kubernetes-sigs/azurefile-csi-driver/blob/master/pkg/azurefile/nodeserver.go",
        "https://github.com/kubernetes-sigs/azurefile-csi-driver/issues/941",
    ]),
    errors: docs(&["MountVolume.MountDevice failed for volume", "or accountKey is empty"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for storage in claims::of(pod) {
        let Some(served) = storage.served().filter(|served| served.driver == AZURE_FILE) else { continue };
        let nfs = served.fs_type.eq_ignore_ascii_case("nfs");
        if nfs {
            let path = storage.fs_type_at(pod, &served);
            refuse(&storage, path, "fsType nfs", "the driver mounts only SMB shares on Windows nodes", report);
        }
        let mut failed = nfs;
        for (key, value) in storage.parameters() {
            let Some(why) = lack(key, value) else { continue };
            // Behind one name everything comes together: one finding is enough.
            if !failed || storage.is_inline() {
                refuse(&storage, storage.parameter_at(pod, key), &text::join([key, value], " "), why, report);
            }
            failed = true;
        }
        if !failed {
            check_mount_options(pod, &storage, report);
        }
    }
}

fn check_mount_options(pod: &Pod<'_>, storage: &Storage<'_>, report: &mut Report<'_>) {
    let own = storage.parameters().filter(|_| storage.is_inline());
    let own = own.into_iter().find(|(key, value)| key.eq_ignore_ascii_case("mountOptions") && !value.is_empty());
    let path = match own {
        Some((key, _)) => storage.parameter_at(pod, key),
        None if storage.mount_options().is_empty() => return,
        None => storage.at(pod, ""),
    };
    let message = text::join([&storage.title(), ": mountOptions: the driver passes over them on Windows nodes"], "");
    let finding = report.finding(path.clone(), message);
    finding.help("leave them out for Windows pods").severity(Severity::Info).stage(Stage::Silent);
    if storage.is_inline() {
        finding.fix(Fix::unsafe_("Remove the mount options").remove(path));
    }
}

fn refuse(storage: &Storage<'_>, path: crate::pointer::Pointer, what: &str, why: &str, report: &mut Report<'_>) {
    let finding = report.finding(path.clone(), format!("{}: {what}: {why}, so the pod never starts", storage.title()));
    if storage.is_inline() {
        finding.help("remove it").fix(Fix::unsafe_("Remove what only Linux nodes can do").remove(path));
    } else {
        finding.help("use a StorageClass or PersistentVolume without it for Windows pods");
    }
}

/// Why Windows nodes do not mount a share for which the driver is told `key: value`.
fn lack(key: &str, value: &str) -> Option<&'static str> {
    const IDENTITY: [&str; 3] = ["mountWithManagedIdentity", "mountWithOAuthToken", "mountWithWorkloadIdentityToken"];
    let is = |name: &str| key.eq_ignore_ascii_case(name);
    if is("protocol") && value.eq_ignore_ascii_case("nfs") {
        Some("the driver mounts only SMB shares on Windows nodes")
    } else if IDENTITY.into_iter().any(is) && text::is_true(value) {
        Some("the driver mounts with an identity on Linux nodes only")
    } else if is("encryptInTransit") && text::is_true(value) {
        Some("it is for NFS, which the driver mounts on Linux nodes only")
    } else {
        None
    }
}

//! A Windows pod asks for a volume with a file system of Linux.
//!
//! Windows makes and mounts NTFS. The driver of Compute Engine's disks says so and gives up: "only
//! supports ntfs"; on GKE that happens even to a class without an `fsType`, for which `ext4` is
//! filled in. Others fail when they format. The drivers of EBS, Azure Disk and vSphere pass over
//! the value and format NTFS, so the pod runs, though not as written, and it is a warning. But EBS
//! hands `blockSize`, `inodeSize` and the like to the tool that formats, which takes no such
//! options on Windows.
//!
//! Use a StorageClass with `csi.storage.k8s.io/fstype: ntfs` for Windows pods. The parameters of a
//! class cannot be changed, so this is a new class, and a new claim. A disk that the pod itself names keeps
//! the file system that it has: asking for NTFS helps where it is still empty.
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
//!       volumeMounts:
//!         - name: data
//!           mountPath: C:\data
//!   volumes:
//!     - name: data
//!       gcePersistentDisk:
//!         pdName: sql
//!         fsType: ext4
//! ```
//!
//! ## Fixed
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
//!       volumeMounts:
//!         - name: data
//!           mountPath: C:\data
//!   volumes:
//!     - name: data
//!       gcePersistentDisk:
//!         pdName: sql
//!         fsType: ntfs
//! ```
//!
//! ## Good
//! ```yaml
//! # settings: {platform: gke}
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
//!   storageClassName: fast-windows
//!   resources:
//!     requests:
//!       storage: 20Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: fast-windows
//! provisioner: pd.csi.storage.gke.io
//! parameters:
//!   type: pd-ssd
//!   csi.storage.k8s.io/fstype: NTFS
//! ```
//! Without an `fsType`, Azure's and Amazon's disks get the file system of the node:
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
//!   volumes:
//!     - name: data
//!       ephemeral:
//!         volumeClaimTemplate:
//!           spec:
//!             accessModes: [ReadWriteOnce]
//!             resources:
//!               requests:
//!                 storage: 20Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: gp3
//!   annotations:
//!     storageclass.kubernetes.io/is-default-class: "true"
//! provisioner: ebs.csi.aws.com
//! parameters:
//!   type: gp3
//! ```

use crate::claims::{self, Behind, Storage};
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::pod::Volume;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::settings::Platform;
use crate::volumes::{self, AZURE_DISK, EBS, GCE_PD, SMB, Served, VSPHERE};

pub const RULE: Rule = Rule {
    id: "WIN504",
    name: "linux-file-system",
    summary: "A Windows pod asks for a volume with a file system of Linux",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://docs.cloud.google.com/kubernetes-engine/docs/concepts/windows-server-gke",
        "https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver/blob/master/pkg/gce-pd-csi-driver/utils_windows.go",
        "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md",
        "https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md",
        "https://github.com/kubernetes-sigs/vsphere-csi-driver/blob/master/pkg/csi/service/osutils/windows_os_utils.go",
    ]),
    errors: docs(&[
        "GCE PD CSI driver can only supports ntfs file system",
        "formatOptions not supported on Windows!",
        "MountVolume.MountDevice failed for volume",
        "Format-Volume",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for storage in claims::of(pod) {
        let Some(served) = storage.served() else { continue };
        if storage.is_block() || volumes::is_linux_csi_driver(served.driver) {
            continue;
        }
        if let Some((key, _)) = ebs_format_option(&storage, &served) {
            report
                .finding(
                    storage.parameter_at(pod, key),
                    format!(
                        "{}: {key}: NTFS is formatted without such an option, so the volume is never mounted",
                        storage.title()
                    ),
                )
                .help("use a StorageClass without parameters for Linux file systems");
        } else if is_linux_file_system(served.fs_type) {
            ask_for_ntfs(pod, &storage, &served, report);
        } else if served.fs_type.is_empty()
            && pod.world.settings.platform == Platform::Gke
            && served.driver == GCE_PD
            && let Behind::Class(..) = storage.behind
        {
            report
                .finding(
                    storage.at(pod, ""),
                    format!(
                        "{}: no fsType: GKE fills in ext4, which the driver refuses on Windows nodes",
                        storage.title()
                    ),
                )
                .help("use a StorageClass with `csi.storage.k8s.io/fstype: ntfs`")
                .severity(Severity::Warning);
        }
    }
}

fn ask_for_ntfs(pod: &Pod<'_>, storage: &Storage<'_>, served: &Served<'_>, report: &mut Report<'_>) {
    let Served { driver, fs_type, .. } = *served;
    let (severity, stage, why) = match driver {
        // The API server fills in both.
        AZURE_DISK if fs_type == "ext4" && storage.source().is_some_and(has_caching_mode) => return,
        // The one mounts shares, whatever it says; of the other nothing is known on Windows.
        SMB | "cinder.csi.openstack.org" | "kubernetes.io/cinder" => return,
        EBS | AZURE_DISK | VSPHERE => {
            (Severity::Warning, Stage::Silent, "the driver formats NTFS on Windows whatever it is asked for")
        }
        GCE_PD => (Severity::Error, Stage::Kubelet, "the driver takes only ntfs on Windows nodes"),
        _ => (Severity::Error, Stage::Kubelet, "Windows can neither make nor mount it"),
    };
    let path = storage.fs_type_at(pod, served);
    let finding = report.finding(path.clone(), format!("{}: fsType {fs_type}: {why}", storage.title()));
    finding.severity(severity).stage(stage);
    if storage.is_inline() {
        finding.help("set it to `ntfs`").fix(Fix::unsafe_("Ask for NTFS").set(path, "ntfs"));
    } else {
        finding.help("use a StorageClass with `csi.storage.k8s.io/fstype: ntfs`");
    }
}

fn has_caching_mode(volume: &Volume<'_>) -> bool {
    volume.azure_disk.as_ref().is_some_and(|disk| disk.caching_mode.is_some())
}

fn is_linux_file_system(fs_type: &str) -> bool {
    ["btrfs", "ext2", "ext3", "ext4", "xfs"].into_iter().any(|name| name.eq_ignore_ascii_case(fs_type))
}

/// A parameter that the driver of EBS turns into an option for the tool that formats.
fn ebs_format_option<'a>(storage: &Storage<'a>, served: &Served<'_>) -> Option<(&'a str, &'a str)> {
    const OPTIONS: [&str; 4] = ["blockSize", "bytesPerInode", "inodeSize", "numberOfInodes"];
    const EXT4: [&str; 3] = ["ext4BigAlloc", "ext4ClusterSize", "ext4EncryptionSupport"];
    let is_option = |key: &str| OPTIONS.iter().chain(&EXT4).any(|option| option.eq_ignore_ascii_case(key));
    let is_set = |value: &str| !value.is_empty() && !value.eq_ignore_ascii_case("false");
    let mut parameters = storage.parameters().filter(|_| served.driver == EBS);
    parameters.find(|(key, value)| is_option(key) && is_set(value))
}

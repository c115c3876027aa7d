//! A Windows pod uses a volume whose CSI driver runs on Linux nodes only.
//!
//! A CSI driver mounts its volumes through a plug-in on the node. Where it has none for Windows,
//! the kubelet there never hears of it: the claim is bound, the pod is scheduled, and then waits in
//! ContainerCreating. This goes for the drivers of NFS, EFS, FSx for Lustre, Blob storage,
//! Filestore, Cloud Storage and S3 buckets, Ceph, Longhorn, OpenEBS and local paths.
//!
//! Use a driver that has a Windows plug-in: `disk.csi.azure.com`, `file.csi.azure.com` (SMB),
//! `ebs.csi.aws.com`, `pd.csi.storage.gke.io`, `csi.vsphere.vmware.com`, `smb.csi.k8s.io` (for FSx
//! for Windows File Server too), `csi.trident.netapp.io` (SMB), or `secrets-store.csi.k8s.io`, of
//! whose providers Azure's runs on Windows. The plug-in is a DaemonSet of its own, which has to be
//! switched on in some charts.
//!
//! ## Bad
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
//!   storageClassName: efs
//!   resources:
//!     requests:
//!       storage: 5Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: efs
//! provisioner: efs.csi.aws.com
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata:
//!   name: sql
//! spec:
//!   serviceName: sql
//!   selector:
//!     matchLabels: {app: sql}
//!   template:
//!     metadata:
//!       labels: {app: sql}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: sql
//!           image: registry.example/sql:3-windowsservercore-ltsc2022
//!           volumeMounts:
//!             - name: data
//!               mountPath: C:\data
//!   volumeClaimTemplates:
//!     - metadata:
//!         name: data
//!       spec:
//!         accessModes: [ReadWriteOnce]
//!         storageClassName: fast
//!         resources:
//!           requests:
//!             storage: 20Gi
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata:
//!   name: fast
//! provisioner: disk.csi.azure.com
//! parameters:
//!   skuName: Premium_LRS
//! ```
//! Of a class that is not in the context nothing is said:
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
//!   volumes:
//!     - name: scratch
//!       ephemeral:
//!         volumeClaimTemplate:
//!           spec:
//!             accessModes: [ReadWriteOnce]
//!             storageClassName: longhorn
//!             resources:
//!               requests:
//!                 storage: 5Gi
//! ```

use crate::claims::{self, Behind};
use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::volumes;

pub const RULE: Rule = Rule {
    id: "WIN503",
    name: "linux-csi-driver",
    summary: "A Windows pod uses a volume whose CSI driver runs on Linux nodes only",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/windows-storage/",
        "https://kubernetes-csi.github.io/docs/drivers.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/efs-csi.html",
        "https://longhorn.io/docs/latest/deploy/install/#installation-requirements",
    ]),
    errors: docs(&["not found in the list of registered CSI drivers", "MountVolume.MountDevice failed for volume"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for storage in claims::of(pod) {
        let Some(served) = storage.served().filter(|served| volumes::is_linux_csi_driver(served.driver)) else {
            continue;
        };
        report
            .finding(
                storage.at(pod, "/csi/driver"),
                format!(
                    "{}: {} {} has no plug-in for Windows nodes, so the volume is never mounted",
                    storage.title(),
                    if matches!(storage.behind, Behind::Class(..)) { "provisioner" } else { "CSI driver" },
                    served.driver
                ),
            )
            .help("use storage whose driver runs on Windows: an SMB share, or the cloud's disks");
    }
}

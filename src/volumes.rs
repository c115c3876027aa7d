//! Volumes: which plug-ins and CSI drivers mount them on which system. As of 2026-11.

use crate::object::pod::Volume;

/// Why no Windows node mounts a volume of some built-in type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmountable {
    /// The kubelet's plug-in mounts it on Linux nodes only.
    LinuxOnly,
    /// The plug-in is gone from Kubernetes: no node mounts it any more.
    Gone,
}

/// The field of a volume source that the kubelet of a Windows node cannot mount, and why.
///
/// Read in `pkg/kubelet` and `pkg/volume` of Kubernetes 1.36. Sources that have become CSI volumes
/// (the clouds' disks and files, Cinder, Portworx, vSphere) are to be judged as those drivers.
pub fn unmountable(volume: &Volume<'_>) -> Option<(&'static str, Unmountable)> {
    use Unmountable::{Gone, LinuxOnly};
    let sources = [
        (volume.nfs.is_some(), "nfs", LinuxOnly),
        (volume.iscsi.is_some(), "iscsi", LinuxOnly),
        (volume.fc.is_some(), "fc", LinuxOnly),
        (volume.cephfs.is_some(), "cephfs", Gone),
        (volume.flocker.is_some(), "flocker", Gone),
        (volume.git_repo.is_some(), "gitRepo", Gone),
        (volume.glusterfs.is_some(), "glusterfs", Gone),
        (volume.photon_persistent_disk.is_some(), "photonPersistentDisk", Gone),
        (volume.quobyte.is_some(), "quobyte", Gone),
        (volume.rbd.is_some(), "rbd", Gone),
        (volume.scale_io.is_some(), "scaleIO", Gone),
        (volume.storageos.is_some(), "storageos", Gone),
    ];
    sources.into_iter().find_map(|(there, field, why)| there.then_some((field, why)))
}

/// Whether the driver's node plug-in, or the provisioner's volume, exists for Linux only.
///
/// Read in the drivers' repositories and documents; `gcsfuse`, `s3`, Lustre and the OpenEBS drivers
/// are inferred from what they mount. Drivers with a Windows plug-in are those of Azure Disk and
/// Azure Files, EBS, GCE PD, SMB, vSphere, Trident and the Secrets Store.
pub fn is_linux_csi_driver(driver: &str) -> bool {
    const LINUX: &[&str] = &[
        "azurelustre.csi.azure.com",
        "blob.csi.azure.com",
        "driver.longhorn.io",
        "efs.csi.aws.com",
        "filestore.csi.storage.gke.io",
        "fsx.csi.aws.com",
        "gcsfuse.csi.storage.gke.io",
        "io.openebs.csi-mayastor",
        "lustre.csi.storage.gke.io",
        "nfs.csi.k8s.io",
        "parallelstore.csi.storage.gke.io",
        "rancher.io/local-path",
        "s3.csi.aws.com",
    ];
    // Rook puts its namespace before the name of the driver.
    const CEPH: &[&str] = &["rbd.csi.ceph.com", "cephfs.csi.ceph.com", "nfs.csi.ceph.com"];
    let is_ceph =
        |name: &&str| driver.strip_suffix(*name).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    LINUX.binary_search(&driver).is_ok()
        || driver.starts_with("openebs.io/")
        || driver.ends_with(".csi.openebs.io")
        || CEPH.iter().any(is_ceph)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::pod::FileSource;
    use crate::object::read::Present;

    #[test]
    fn drivers() {
        for driver in [
            "nfs.csi.k8s.io",
            "rook-ceph.rbd.csi.ceph.com",
            "cephfs.csi.ceph.com",
            "zfs.csi.openebs.io",
            "openebs.io/local",
            "azurelustre.csi.azure.com",
        ] {
            assert!(is_linux_csi_driver(driver), "{driver}");
        }
        for driver in [
            "disk.csi.azure.com",
            "file.csi.azure.com",
            "ebs.csi.aws.com",
            "smb.csi.k8s.io",
            "mycephfs.csi.ceph.com",
            "csi.trident.netapp.io",
            "",
        ] {
            assert!(!is_linux_csi_driver(driver), "{driver}");
        }
    }

    #[test]
    fn sources() {
        let nfs = Volume { nfs: Some(Present), ..Volume::default() };
        assert_eq!(unmountable(&nfs), Some(("nfs", Unmountable::LinuxOnly)));
        let rbd = Volume { rbd: Some(Present), ..Volume::default() };
        assert_eq!(unmountable(&rbd), Some(("rbd", Unmountable::Gone)));
        let cinder = Volume { cinder: Some(Present), secret: Some(FileSource::default()), ..Volume::default() };
        assert_eq!(unmountable(&cinder), None);
    }
}

//! Volumes: which plug-ins and CSI drivers mount them on which system. As of 2026-11.

use crate::object::pod::{FileSource, Volume};
use crate::pointer::Pointer;

/// Why no Windows node mounts a volume of some built-in type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmountable {
    /// The kubelet's plug-in mounts it on Linux nodes only.
    LinuxOnly,
    /// The plug-in is gone from Kubernetes: no node mounts it any more.
    Gone,
}

/// A built-in type of volume that no Windows node mounts.
#[derive(Debug)]
pub struct UnmountableSource {
    /// The field of the volume.
    pub field: &'static str,
    /// Why.
    pub why: Unmountable,
    is_in: fn(&Volume<'_>) -> bool,
}

/// The types of volumes that the kubelet of a Windows node cannot mount.
///
/// Read in `pkg/kubelet` and `pkg/volume` of Kubernetes 1.36. Sources that have become CSI volumes
/// (the clouds' disks and files, Cinder, Portworx, vSphere) are to be judged as those drivers.
pub static UNMOUNTABLE: &[UnmountableSource] = &[
    linux_only("nfs", |v| v.nfs.is_some()),
    linux_only("iscsi", |v| v.iscsi.is_some()),
    linux_only("fc", |v| v.fc.is_some()),
    gone("cephfs", |v| v.cephfs.is_some()),
    gone("flocker", |v| v.flocker.is_some()),
    gone(GIT_REPO, |v| v.git_repo.is_some()),
    gone("glusterfs", |v| v.glusterfs.is_some()),
    gone("photonPersistentDisk", |v| v.photon_persistent_disk.is_some()),
    gone("quobyte", |v| v.quobyte.is_some()),
    gone("rbd", |v| v.rbd.is_some()),
    gone("scaleIO", |v| v.scale_io.is_some()),
    gone("storageos", |v| v.storageos.is_some()),
];

/// The type of volume that Windows nodes with Git on them could mount while Kubernetes had it.
pub const GIT_REPO: &str = "gitRepo";

const fn linux_only(field: &'static str, is_in: fn(&Volume<'_>) -> bool) -> UnmountableSource {
    UnmountableSource { field, why: Unmountable::LinuxOnly, is_in }
}

const fn gone(field: &'static str, is_in: fn(&Volume<'_>) -> bool) -> UnmountableSource {
    UnmountableSource { field, why: Unmountable::Gone, is_in }
}

/// The field of a volume source that the kubelet of a Windows node cannot mount, and why: see
/// [`UNMOUNTABLE`].
pub fn unmountable(volume: &Volume<'_>) -> Option<(&'static str, Unmountable)> {
    UNMOUNTABLE.iter().find(|source| (source.is_in)(volume)).map(|source| (source.field, source.why))
}

/// The CSI driver of Azure Disk.
pub const AZURE_DISK: &str = "disk.csi.azure.com";
/// The CSI driver of Azure Files.
pub const AZURE_FILE: &str = "file.csi.azure.com";
/// The CSI driver of Elastic Block Store.
pub const EBS: &str = "ebs.csi.aws.com";
/// The CSI driver of Compute Engine's persistent disks.
pub const GCE_PD: &str = "pd.csi.storage.gke.io";
/// The CSI driver of SMB shares.
pub const SMB: &str = "smb.csi.k8s.io";
/// The CSI driver of vSphere.
pub const VSPHERE: &str = "csi.vsphere.vmware.com";

/// What a CSI driver serves: a `csi` source, or one of a built-in type that has become a CSI volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served<'v> {
    /// The field of the source: `csi`, `azureDisk` and so on.
    pub field: &'static str,
    /// The driver.
    pub driver: &'v str,
    /// `fsType`; empty where it is not set.
    pub fs_type: &'v str,
}

/// What of a volume a CSI driver serves, if any. Cinder and Portworx, of which nothing is known on
/// Windows, are left out.
pub fn served<'v>(volume: &'v Volume<'v>) -> Option<Served<'v>> {
    if let Some(csi) = &volume.csi {
        let driver = csi.driver.as_deref().unwrap_or_default();
        return Some(Served { field: "csi", driver, fs_type: csi.fs_type.as_deref().unwrap_or_default() });
    }
    let sources = [
        (&volume.aws_elastic_block_store, "awsElasticBlockStore", EBS),
        (&volume.azure_disk, "azureDisk", AZURE_DISK),
        (&volume.azure_file, "azureFile", AZURE_FILE),
        (&volume.gce_persistent_disk, "gcePersistentDisk", GCE_PD),
        (&volume.vsphere_volume, "vsphereVolume", VSPHERE),
    ];
    sources.into_iter().find_map(|(source, field, driver)| {
        let fs_type = source.as_ref()?.fs_type.as_deref().unwrap_or_default();
        Some(Served { field, driver, fs_type })
    })
}

/// The CSI driver that provisions for a StorageClass: its `provisioner`, or what a built-in one has become.
pub fn driver_of(provisioner: &str) -> &str {
    match provisioner {
        "kubernetes.io/aws-ebs" => EBS,
        "kubernetes.io/azure-disk" => AZURE_DISK,
        "kubernetes.io/azure-file" => AZURE_FILE,
        "kubernetes.io/gce-pd" => GCE_PD,
        "kubernetes.io/vsphere-volume" => VSPHERE,
        driver => driver,
    }
}

/// Whether the driver's volumes are disks that one node uses at a time.
pub fn is_disk(driver: &str) -> bool {
    matches!(driver, AZURE_DISK | EBS | GCE_PD)
}

/// Drivers whose node plug-in, or provisioners whose volumes, exist for Linux only.
///
/// Read in the drivers' repositories and documents; `gcsfuse`, `s3`, Lustre and the OpenEBS drivers
/// are inferred from what they mount. Drivers with a Windows plug-in are those of Azure Disk and
/// Azure Files, EBS, GCE PD, SMB, vSphere, Trident and the Secrets Store.
pub const LINUX_CSI_DRIVERS: &[&str] = &[
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
/// What the names of further such drivers begin with.
pub const LINUX_CSI_DRIVERS_BEGIN: &str = "openebs.io/";
/// What the names of further such drivers end with.
pub const LINUX_CSI_DRIVERS_END: &str = ".csi.openebs.io";
/// Further such drivers, before whose names Rook puts its namespace and a dot.
pub const LINUX_CSI_DRIVERS_OF_CEPH: &[&str] = &["rbd.csi.ceph.com", "cephfs.csi.ceph.com", "nfs.csi.ceph.com"];

/// Whether the driver's node plug-in, or the provisioner's volume, exists for Linux only: see
/// [`LINUX_CSI_DRIVERS`].
pub fn is_linux_csi_driver(driver: &str) -> bool {
    let is_ceph =
        |name: &&str| driver.strip_suffix(*name).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    LINUX_CSI_DRIVERS.binary_search(&driver).is_ok()
        || driver.starts_with(LINUX_CSI_DRIVERS_BEGIN)
        || driver.ends_with(LINUX_CSI_DRIVERS_END)
        || LINUX_CSI_DRIVERS_OF_CEPH.iter().any(is_ceph)
}

/// Where in a volume a source of files stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAt {
    /// Its position among the sources of a projected volume; `None` where it is the volume itself.
    pub projection: Option<usize>,
    /// The field it is in: `configMap`, `secret` and so on.
    pub field: &'static str,
}

impl SourceAt {
    /// The pointer to it; `volume` is the one to the volume.
    pub fn below(self, volume: &Pointer) -> Pointer {
        match self.projection {
            None => volume.key(self.field),
            Some(index) => volume.join("/projected/sources").index(index).key(self.field),
        }
    }
}

/// The sources of the files that the kubelet writes into a volume, each with its place.
pub fn file_sources<'v>(volume: &'v Volume<'_>) -> impl Iterator<Item = (SourceAt, &'v FileSource<'v>)> {
    let own = [("configMap", &volume.config_map), ("downwardAPI", &volume.downward_api), ("secret", &volume.secret)];
    let own = own.into_iter().map(|(field, source)| (SourceAt { projection: None, field }, source));
    let projections = volume.projected.as_ref().and_then(|p| p.sources.as_deref()).unwrap_or_default();
    let projected = projections.iter().enumerate().flat_map(|(index, projection)| {
        let sources = [
            ("clusterTrustBundle", &projection.cluster_trust_bundle),
            ("configMap", &projection.config_map),
            ("downwardAPI", &projection.downward_api),
            ("secret", &projection.secret),
            ("serviceAccountToken", &projection.service_account_token),
        ];
        sources.map(|(field, source)| (SourceAt { projection: Some(index), field }, source))
    });
    own.chain(projected).filter_map(|(at, source)| Some((at, source.as_deref()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::read::AnyObject;

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
        let nfs = Volume { nfs: Some(AnyObject), ..Volume::default() };
        assert_eq!(unmountable(&nfs), Some(("nfs", Unmountable::LinuxOnly)));
        let rbd = Volume { rbd: Some(AnyObject), ..Volume::default() };
        assert_eq!(unmountable(&rbd), Some(("rbd", Unmountable::Gone)));
        let cinder = Volume { cinder: Some(AnyObject), secret: Some(Default::default()), ..Volume::default() };
        assert_eq!(unmountable(&cinder), None);
    }
}

//! CSI drivers, and on which system their node plug-in runs. As of 2026-08.

/// Whether the driver's node plug-in exists for Linux only.
///
/// Read in the drivers' repositories and documents; `gcsfuse`, `s3` and the OpenEBS drivers are
/// inferred from what they mount.
pub fn is_linux_csi_driver(driver: &str) -> bool {
    const LINUX: &[&str] = &[
        "blob.csi.azure.com",
        "driver.longhorn.io",
        "efs.csi.aws.com",
        "filestore.csi.storage.gke.io",
        "fsx.csi.aws.com",
        "gcsfuse.csi.storage.gke.io",
        "local.csi.openebs.io",
        "nfs.csi.k8s.io",
        "rancher.io/local-path",
        "s3.csi.aws.com",
    ];
    LINUX.binary_search(&driver).is_ok()
        || driver.starts_with("openebs.io/")
        || driver.ends_with(".rbd.csi.ceph.com")
        || driver.ends_with(".cephfs.csi.ceph.com")
}

//! Resources that nodes of only one operating system offer.

use super::Os;
use crate::quantity::Quantity;

/// The system whose nodes alone can offer the resource `name`.
///
/// Windows nodes have no huge pages, and the device plugins named here exist for one system:
/// NVIDIA's, AMD's, Intel's, RDMA's and KubeVirt's for Linux; the DirectX plugins of AKS and of the
/// community, and the address that EKS' webhook asks for, for Windows.
pub fn resource_os(name: &str) -> Option<Os> {
    match name {
        "microsoft.com/directx" | "directx.microsoft.com/display" | "vpc.amazonaws.com/PrivateIPv4Address" => {
            Some(Os::Windows)
        }
        "amd.com/gpu" | "gpu.intel.com/i915" | "gpu.intel.com/xe" => Some(Os::Linux),
        _ => {
            const LINUX: &[&str] = &[
                "hugepages-",
                "nvidia.com/",
                "gpu.intel.com/",
                "rdma/",
                "intel.com/",
                "smarter-devices/",
                "devices.kubevirt.io/",
            ];
            LINUX.iter().any(|prefix| name.starts_with(prefix)).then_some(Os::Linux)
        }
    }
}

/// Whether a quantity is zero. `nvidia.com/gpu: "0"` asks for nothing, and any node can give that.
pub fn is_zero(quantity: &str) -> bool {
    Quantity::read(quantity) == Some(Quantity::ZERO)
}

//! Resources that nodes of only one operating system offer.

use super::os::Os;
use crate::quantity::Quantity;

/// The resources that only Windows nodes offer: the DirectX plugins of AKS and of the community, and the
/// address that EKS' webhook asks for.
pub const WINDOWS_ONLY: &[&str] =
    &["microsoft.com/directx", "directx.microsoft.com/display", "vpc.amazonaws.com/PrivateIPv4Address"];

/// The resources that only Linux nodes offer, for whose plugins there are no others.
pub const LINUX_ONLY: &[&str] = &["amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe", "google.com/tpu"];

/// What the names of further such resources begin with: Windows nodes have no huge pages, and the device
/// plugins of NVIDIA, Intel, AWS Neuron, RDMA and KubeVirt exist for Linux.
pub const LINUX_ONLY_BEGIN: &[&str] = &[
    "hugepages-",
    "nvidia.com/",
    "gpu.intel.com/",
    "rdma/",
    "intel.com/",
    "smarter-devices/",
    "devices.kubevirt.io/",
    "aws.amazon.com/neuron",
];

/// The system whose nodes alone can offer the resource `name`.
pub fn resource_os(name: &str) -> Option<Os> {
    if WINDOWS_ONLY.contains(&name) {
        return Some(Os::Windows);
    }
    let is_linux_only = LINUX_ONLY.contains(&name) || LINUX_ONLY_BEGIN.iter().any(|prefix| name.starts_with(prefix));
    is_linux_only.then_some(Os::Linux)
}

/// Whether a quantity is zero. `nvidia.com/gpu: "0"` asks for nothing, and any node can give that.
pub fn is_zero(quantity: &str) -> bool {
    Quantity::read(quantity) == Some(Quantity::ZERO)
}

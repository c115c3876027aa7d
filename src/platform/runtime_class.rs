//! What the name or the handler of a RuntimeClass says about the operating system.

use super::os::Os;
use crate::fix::Fix;
use crate::pod::Pod;
use crate::text;

/// containerd's handler for process-isolated Windows containers, and its Hyper-V sibling.
const WINDOWS_HANDLER: &str = "runhcs-wcow";

/// Handlers that exist on Linux only, by the beginning of their names.
///
/// gVisor, Kata Containers, NVIDIA's runtime, crun, youki and the WebAssembly shims
/// (<https://github.com/containerd/runwasi>) have no Windows build of their containerd shim.
const LINUX_HANDLERS: &[&str] = &["gvisor", "runsc", "kata", "nvidia", "crun", "youki", "wasm", "spin"];

/// The system a handler runs containers of, where it is known.
pub fn handler_os(handler: &str) -> Option<Os> {
    let handler = handler.to_ascii_lowercase();
    if text::contains(&handler, WINDOWS_HANDLER) {
        Some(Os::Windows)
    } else if LINUX_HANDLERS.iter().any(|linux| starts_word(&handler, linux)) {
        Some(Os::Linux)
    } else {
        None
    }
}

/// The system that the bare name of a RuntimeClass suggests.
pub fn class_name_os(name: &str) -> Option<Os> {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("windows") { Some(Os::Windows) } else { handler_os(&lower) }
}

/// Whether a pod's RuntimeClass isolates it by Hyper-V, so that it brings a kernel of its own.
/// HostProcess containers are processes of the node, whatever their RuntimeClass says.
pub fn is_hyper_v(pod: &Pod<'_>) -> bool {
    asks_for_hyper_v(pod) && !pod.is_host_process()
}

/// Whether a pod's RuntimeClass is one of Hyper-V isolation: by its handler, or by its name where
/// the class is not known.
pub fn asks_for_hyper_v(pod: &Pod<'_>) -> bool {
    let Some(name) = pod.spec.runtime_class_name.as_deref() else { return false };
    let handler = pod.runtime_class().and_then(|class| class.handler.as_deref());
    names_hyper_v(handler.unwrap_or(name))
}

/// Whether the name or handler of a RuntimeClass is one of Hyper-V isolation.
pub fn names_hyper_v(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_hyper_v = ["hypervisor", "hyperv", "hyper-v"].iter().any(|word| text::contains(&lower, word));
    // Cloud Hypervisor is one of those that Kata Containers run on.
    is_hyper_v && !text::contains(&lower, "cloud-hypervisor") && handler_os(name) != Some(Os::Linux)
}

/// Takes the RuntimeClass away, and the overhead that was merged from it: without its class the API
/// server refuses that.
pub fn without_class(pod: &Pod<'_>, fix: Fix) -> Fix {
    let fix = fix.remove(pod.at("/runtimeClassName"));
    if pod.spec.overhead.is_some() { fix.remove(pod.at("/overhead")) } else { fix }
}

/// `kata`, `kata-qemu`, `wasmtime` and `wasmedge`, but not `spinnaker`.
fn starts_word(name: &str, word: &str) -> bool {
    name.strip_prefix(word)
        .is_some_and(|rest| word == "wasm" || word == "kata" || !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_handlers() {
        for (handler, expected) in [
            ("runhcs-wcow-process", Some(Os::Windows)),
            ("RUNHCS-WCOW-Hypervisor", Some(Os::Windows)),
            ("kata-qemu", Some(Os::Linux)),
            ("wasmtime-spin-v2", Some(Os::Linux)),
            ("spinnaker", None),
            ("crunch", None),
            ("", None),
        ] {
            assert_eq!(handler_os(handler), expected, "{handler}");
        }
        assert_eq!(class_name_os("windows-2022"), Some(Os::Windows));
    }

    #[test]
    fn hyper_v() {
        for name in ["runhcs-wcow-hypervisor", "windows-2022-hyperv", "Hyper-V"] {
            assert!(names_hyper_v(name), "{name}");
        }
        for name in ["runhcs-wcow-process", "kata-cloud-hypervisor", "kata-hypervisor", "cloud-hypervisor", ""] {
            assert!(!names_hyper_v(name), "{name}");
        }
    }
}

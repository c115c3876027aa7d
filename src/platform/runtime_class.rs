//! What the name or the handler of a RuntimeClass says about the operating system.

use super::Os;

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
    if handler.contains(WINDOWS_HANDLER) {
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

/// `kata`, `kata-qemu`, `wasmtime` and `wasmedge`, but not `spinnaker`.
fn starts_word(name: &str, word: &str) -> bool {
    name.strip_prefix(word).is_some_and(|rest| word == "wasm" || word == "kata" || !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

//! What a process has by itself and a WebAssembly module has not.

use std::env;

/// Goes to the folder that the host says it is in. WASI knows only absolute paths.
pub(crate) fn enter() {
    if let Some(folder) = env::var_os("PWD") {
        // Where this fails, the first relative path says so.
        let _ = env::set_current_dir(folder);
    }
}

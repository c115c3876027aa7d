//! A panic is a bug of transom: it is written to a file, and the user is asked to report it.

use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::panic;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs};

/// Sets what is done about a panic, in any thread.
#[expect(clippy::print_stderr, reason = "whatever prints otherwise may be what panics")]
pub(crate) fn report() {
    panic::set_hook(Box::new(|info| {
        let mut text = String::new();
        let _ = writeln!(text, "transom {} on {} {}", env!("CARGO_PKG_VERSION"), crate::SYSTEM, env::consts::ARCH);
        let _ = writeln!(text, "{info}\n\n{}", Backtrace::force_capture());
        let when = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let file = temporary().join(format!("transom-panic-{when}.txt"));
        let place = match fs::write(&file, &text) {
            Ok(()) => format!("What happened is in {}: please look it over and", file.display()),
            Err(_) => format!("{text}\nPlease"),
        };
        let issues = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");
        eprintln!(
            "transom has come to a point where it should never be: this is a bug.\n{place} report it with the file that was \
             checked, if you can share it: {issues}"
        );
    }));
    #[cfg(debug_assertions)]
    if env::var_os("TRANSOM_PANIC").is_some() {
        panic!("as TRANSOM_PANIC asks for");
    }
}

/// The folder for files that nobody will miss.
fn temporary() -> PathBuf {
    // The standard library panics where there is no such folder by its own account, as in WASI.
    if cfg!(target_family = "wasm") { env::var_os("TMPDIR").unwrap_or_default().into() } else { env::temp_dir() }
}

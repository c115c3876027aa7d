//! The module against the native core.

use std::sync::{LazyLock, Mutex, PoisonError};

use arbitrary::Unstructured;
use host_test::{difference, host};
use transom::Transom;
use transom_host::Session;

use crate::{hold, request};

/// An instance that is kept: what one input leaves behind would show in the next.
static KEPT: LazyLock<Mutex<Session>> = LazyLock::new(|| Mutex::new(host().session().expect("an instance")));

/// Compiles the module, which takes longer than any input may.
pub fn load_module() {
    LazyLock::force(&KEPT);
}

/// The module in wasmtime gives the same bytes as the native core, in a fresh instance and in one
/// that has seen all other inputs.
pub fn wasm(bytes: &[u8]) {
    let Ok(input) = request::choose(&mut Unstructured::new(bytes)) else { return };
    let text = input.to_string();
    let decision = transom::evaluate(text.as_bytes());
    let review = Transom::new().review(text.as_bytes());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    for (which, native, wasm) in [
        ("fresh", &decision, host().evaluate(&text)),
        ("kept", &decision, kept.evaluate(&text)),
        ("fresh, review", &review, host().review(&text)),
        ("kept, review", &review, kept.review(&text)),
    ] {
        let wasm = hold(wasm.map_err(|error| format!("{which}: {error}")), &text);
        let same = difference(native, &wasm).map_or(Ok(()), |text| Err(format!("{which}: {text}")));
        hold(same, &text);
    }
}

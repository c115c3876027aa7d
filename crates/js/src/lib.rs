//! transom for JavaScript: the core, behind wasm-bindgen.
//!
//! Everything here takes and gives JSON text; what makes it good JavaScript is in `www/package`.
#![allow(unsafe_code, reason = "what wasm-bindgen writes around the exports is unsafe")]

use transom::{Transom, settings};
use wasm_bindgen::prelude::wasm_bindgen;

/// The core with its settings.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Core {
    transom: Transom,
}

#[wasm_bindgen]
impl Core {
    /// With no settings.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes new settings (UTF-8 JSON); answers `{"valid": …, "errors": [{"path", "message"}]}`. Wrong
    /// ones leave the old ones in force.
    pub fn configure(&mut self, settings: &[u8]) -> String {
        settings::verdict(self.transom.configure(settings))
    }

    /// Judges one input (UTF-8 JSON); answers a Decision.
    #[must_use]
    pub fn evaluate(&self, input: &[u8]) -> String {
        self.transom.evaluate(input)
    }

    /// Judges an AdmissionReview (UTF-8 JSON); answers an AdmissionReview.
    #[must_use]
    pub fn review(&self, input: &[u8]) -> String {
        self.transom.review(input)
    }
}

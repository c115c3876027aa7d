//! The module of the browser page (`www/playground`): the files somebody has open, judged together.
//!
//! The page has the texts and the pictures; everything that knows YAML or Kubernetes is here. Offsets
//! are those of the page's editor ([`offsets`]): UTF-16 units, a line end is one. Answers are JSON text.
#![allow(unsafe_code, reason = "what wasm-bindgen writes around the exports is unsafe")]

mod answer;
mod desk;
mod offsets;
mod recall;
mod settings;
#[cfg(feature = "whole")]
mod whole;

use wasm_bindgen::prelude::wasm_bindgen;

use desk::Desk;

/// The files that are open, and the settings they are judged by.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Playground(Desk);

#[wasm_bindgen]
impl Playground {
    /// No files and no settings; `today` is a date as `YYYY-MM-DD`.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(today: &str) -> Self {
        Playground(Desk::new(today))
    }

    /// Takes settings (YAML text); answers `{"errors": [{"message", "from", "to"}], "cluster": {…}, "settings": {…}}`. Wrong
    /// ones leave the old ones in force.
    pub fn configure(&mut self, settings: &str) -> String {
        answer::text(&self.0.configure(settings))
    }

    /// Opens a file, or takes its new text.
    pub fn put(&mut self, name: &str, text: &str) {
        self.0.put(name, text);
    }

    /// Closes a file.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Judges what has to be judged anew since the last time: `{"files": [{"name", "objects", "errors"}],
    /// "nodes": […]}`.
    pub fn check(&mut self) -> String {
        answer::text(&self.0.check())
    }

    /// Where a path of an object stands: `{"from", "to"}`, or `null`.
    #[must_use]
    pub fn locate(&self, name: &str, document: usize, pointer: &str, path: &str) -> String {
        answer::text(&self.0.locate(name, document, pointer, path))
    }
}

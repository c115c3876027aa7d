//! The module of the browser page (`www/playground`): the files somebody has open, judged together.
//!
//! The page has the texts and the pictures; everything that knows YAML or Kubernetes is here. Offsets
//! are those of the page's editor ([`offsets`]): UTF-16 units, a line end is one. Answers are JSON text.
#![allow(unsafe_code, reason = "what wasm-bindgen writes around the exports is unsafe")]

mod answer;
mod desk;
#[cfg(feature = "whole")]
mod help;
mod offsets;
#[cfg(feature = "whole")]
mod port;
mod recall;
#[cfg(feature = "whole")]
mod review;
mod settings;
#[cfg(feature = "whole")]
mod what_if;

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

    /// The edits of one finding's fix: `{"rounds": [[{"from", "to", "insert"}]]}`, or `{"error"}`.
    #[must_use]
    pub fn fix(&self, name: &str, document: usize, pointer: &str, finding: usize) -> String {
        answer::text(&self.0.fix(name, document, pointer, finding))
    }

    /// All safe fixes of all files: `[{"name", "rounds", "fixes", "failures"}]` of those that change.
    #[must_use]
    pub fn fix_all(&self) -> String {
        answer::text(&self.0.fix_all())
    }

    /// All files made ones for Windows: `{"files": [{"name", "rounds"}], "decisions": […], "untouched": […]}`,
    /// the last two as `transom-port` has them, or `{"error"}`.
    #[cfg(feature = "whole")]
    #[must_use]
    pub fn port(&self) -> String {
        answer::text(&self.0.port())
    }

    /// Where a path of an object stands: `{"from", "to"}`, or `null`.
    #[must_use]
    pub fn locate(&self, name: &str, document: usize, pointer: &str, path: &str) -> String {
        answer::text(&self.0.locate(name, document, pointer, path))
    }

    /// What an API server would be told: of an AdmissionReview the answer to it, of an object the answer
    /// to the request to create it.
    #[cfg(feature = "whole")]
    #[must_use]
    pub fn review(&self, name: &str, document: usize, pointer: &str) -> String {
        self.0.review(name, document, pointer)
    }

    /// Settings (YAML text) with the field at a path (a JSON array of names) set to a value (JSON), or taken out
    /// where that is null: `{"rounds": …}`, or `{"error"}`. Comments and layout stay.
    #[must_use]
    pub fn set(&self, settings: &str, path: &str, value: &str) -> String {
        answer::text(&settings::set(settings, path, value))
    }

    /// What may stand at a position of settings (YAML text), by their schema (JSON): `{"from", "items": [{"label",
    /// "insert", "about", "isField"}]}`.
    #[cfg(feature = "whole")]
    #[must_use]
    pub fn suggest(&self, settings: &str, schema: &str, at: usize) -> String {
        answer::text(&help::suggest(settings, schema, at))
    }

    /// The field of settings whose name stands at a position: `{"from", "to", "name", "about", "values"}`, or
    /// `null`.
    #[cfg(feature = "whole")]
    #[must_use]
    pub fn describe(&self, settings: &str, schema: &str, at: usize) -> String {
        answer::text(&help::describe(settings, schema, at))
    }

    /// How many findings there would be with each of these settings (a JSON array of JSON objects, each
    /// put over the settings in force): `[{"errors", "warnings", "info"}]`.
    #[cfg(feature = "whole")]
    #[must_use]
    pub fn what_if(&self, variants: &str) -> String {
        answer::text(&self.0.what_if(variants))
    }
}

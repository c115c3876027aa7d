//! What is asked for with a press of a button: fixes, ports, answers to API servers, lines of kubectl, other
//! clusters, help with settings.

mod edits;
mod fix;
mod help;
mod kubectl;
mod port;
mod review;
mod set;
mod what_if;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Playground, answer};

#[wasm_bindgen]
impl Playground {
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
    #[must_use]
    pub fn port(&self) -> String {
        answer::text(&self.0.port())
    }

    /// What an API server would be told: of an AdmissionReview the answer to it, of an object the answer
    /// to the request to create it.
    #[must_use]
    pub fn review(&self, name: &str, document: usize, pointer: &str) -> String {
        self.0.review(name, document, pointer)
    }

    /// What applies the safe fixes to what runs already: lines for a POSIX shell.
    #[must_use]
    pub fn kubectl(&self) -> String {
        self.0.kubectl()
    }

    /// Settings (YAML text) with the field at a path (a JSON array of names) set to a value (JSON), or taken out
    /// where that is null: `{"rounds": …}`, or `{"error"}`. Comments and layout stay.
    #[must_use]
    pub fn set(&self, settings: &str, path: &str, value: &str) -> String {
        answer::text(&set::set(settings, path, value))
    }

    /// What may stand at a position of settings (YAML text), by their schema (JSON): `{"from", "to", "items":
    /// [{"label", "insert", "about", "isField", "isQuoted"}]}`.
    #[must_use]
    pub fn suggest(&self, settings: &str, schema: &str, at: usize) -> String {
        answer::text(&help::suggest(settings, schema, at))
    }

    /// The field of settings whose name stands at a position: `{"from", "to", "name", "about", "values"}`, or
    /// `null`.
    #[must_use]
    pub fn describe(&self, settings: &str, schema: &str, at: usize) -> String {
        answer::text(&help::describe(settings, schema, at))
    }

    /// How many findings there would be with each of these settings (a JSON array of JSON objects, each
    /// put over the settings in force): `[{"deny", "warn", "info"}]`, with `null` for those that are wrong.
    #[must_use]
    pub fn what_if(&self, variants: &str) -> String {
        answer::text(&self.0.what_if(variants))
    }
}

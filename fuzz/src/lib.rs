//! What must hold for any input, and inputs to try it with.
//!
//! Each target is a function of bytes that panics where something does not hold, with the input as
//! JSON or YAML in the message: that text, made small, is the case to add to `tests/corpus`.
//! [`reviews`] and the targets like it take bytes as choices: which example to start from and what
//! to change in it. The examples are the cases of the corpus and the blocks in the documentation of
//! the rules, so the targets learn of new rules by themselves.

#[path = "../../tests/blocks/mod.rs"]
mod blocks;
mod edits;
mod examples;
mod fixes;
mod places;
mod request;
mod seeds;
mod settings;
mod yaml;

#[cfg(feature = "wasm")]
mod wasm;

use arbitrary::Unstructured;
use host_test::{well_formed, well_formed_review};
use transom::Transom;

pub use seeds::{TARGETS, dictionary, reads_choices, seeds};
pub use settings::settings;
#[cfg(feature = "wasm")]
pub use wasm::{load_module, wasm};
pub use yaml::yaml;

/// Any bytes get a Decision, an AdmissionReview and an answer about settings.
pub fn evaluate(bytes: &[u8]) {
    let mut transom = Transom::new();
    let told = String::from_utf8_lossy(bytes);
    hold(well_formed(&transom.evaluate(bytes)), &told);
    hold(well_formed_review(&transom.review(bytes)), &told);
    let _ = transom.configure(bytes);
    hold(well_formed(&transom.evaluate(bytes)), &told);
}

/// What is asked of the API server in any form, made from the examples: the fixes keep their word.
pub fn reviews(bytes: &[u8]) {
    let Ok(input) = request::choose(&mut Unstructured::new(bytes)) else { return };
    hold(fixes::keep_their_word(&input), &input);
}

/// Panics with what does not hold, and for what.
#[track_caller]
fn hold<T>(result: Result<T, String>, input: &impl std::fmt::Display) -> T {
    result.unwrap_or_else(|error| panic!("{error}\n--- the input:\n{input}\n---"))
}

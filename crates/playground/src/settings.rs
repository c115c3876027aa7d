//! The settings as somebody writes them: YAML text with mistakes at their places.

use serde_json::Value;
use transom_manifests::{SettingsText, Transom, Wrong};

use crate::answer::Problem;
use crate::offsets::Offsets;

/// The core with the settings of a text, and the settings themselves; or what is wrong with the text.
pub(crate) fn read(text: &str) -> Result<(Transom, Value), Vec<Problem>> {
    let read = SettingsText::read(text).ok();
    let read = read.and_then(|read| Some((Transom::from(read.settings().ok()?), read.value().clone())));
    read.ok_or_else(|| {
        let offsets = Offsets::new(text);
        let problem = |wrong: Wrong| Problem::new(wrong.message, wrong.span, text, &offsets);
        SettingsText::everything_wrong(text).into_iter().map(problem).collect()
    })
}

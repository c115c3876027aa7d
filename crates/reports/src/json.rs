//! `{"version": 1, "files": […], "summary": {…}}`, a file a line; `schemas/check.schema.json`.

use crate::{FileReport, Tally, line};

/// The version of the shape changes when a field goes or changes its meaning.
pub(crate) const BEGIN: &str = "{\"version\":1,\"files\":[\n";

pub(crate) fn file(file: &FileReport) -> String {
    line(file)
}

pub(crate) fn end(tally: &Tally) -> String {
    format!("\n],\"summary\":{}}}\n", line(tally))
}

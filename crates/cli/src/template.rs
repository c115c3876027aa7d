//! Helm templates that were not rendered: which chart to render instead.

use transom_manifests::is_template;

use crate::input::{self, Source};
use crate::set::File;

/// The chart to render where a file is a template; `CHART` where it is in none.
pub(crate) fn of(source: &Source, file: &File) -> Option<String> {
    if source.rendered.is_some() || !file.text.contains("{{") {
        return None;
    }
    let chart = source.path.as_deref().and_then(transom_charts::chart_of);
    let is_template = is_template(&file.text, &file.stream, chart.is_some());
    is_template.then(|| chart.map_or_else(|| "CHART".to_owned(), |chart| input::label(&chart)))
}

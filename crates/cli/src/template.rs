//! Helm templates that were not rendered: which chart to render instead.

use transom_manifests::is_template;

use crate::render::frame::{Frame, Level};
use crate::render::text;
use crate::set::File;
use crate::source::{self, Source};

/// What is said of a file that was named and is one.
pub(crate) const UNRENDERED: &str = "this looks like a Helm template that was not rendered";

/// What a chart is called that nobody knows.
pub(crate) const UNKNOWN_CHART: &str = "CHART";

/// The same on the terminal, with what to do instead.
pub(crate) fn refusal(source: &Source, chart: &str) -> String {
    let frame = Frame::new(Level::Error, format!("{}: {UNRENDERED}", source.label));
    frame.note("help", text::render_first(chart)).render()
}

/// The chart to render where a file is a template; `CHART` where it is in none.
pub(crate) fn of(source: &Source, file: &File) -> Option<String> {
    if source.rendered.is_some() || !file.text.contains("{{") {
        return None;
    }
    let chart = source.path.as_deref().and_then(transom_charts::chart_of);
    let is_template = is_template(&file.text, &file.stream, chart.is_some());
    is_template.then(|| chart.map_or_else(|| UNKNOWN_CHART.to_owned(), |chart| source::label(&chart)))
}

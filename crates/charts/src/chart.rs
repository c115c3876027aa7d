//! What the `Chart.yaml` of a chart says, and where its subcharts lie.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use transom_manifests::label;
use transom_yaml::Document;

use crate::program::Kind;

/// The `Chart.yaml` of a chart that can be rendered.
pub(crate) fn description(chart: &Path) -> Result<serde_json::Value, Kind> {
    let path = chart.join("Chart.yaml");
    let stream = transom_yaml::parse(&fs::read_to_string(&path)?);
    if let Some(error) = stream.errors.first() {
        return Err(Kind::Other(format!("{}:{error}", label(&path))));
    }
    let description = stream.documents.into_iter().next().map(Document::into_value).unwrap_or_default();
    if description["type"] == "library" {
        return Err(Kind::Other(
            "this is a library chart, which renders nothing itself: check a chart that uses it".into(),
        ));
    }
    Ok(description)
}

/// The folder of a subchart in `charts/`, by the name that its parent gives it.
pub(crate) fn folder_of(parent: &Path, alias: &str) -> Option<OsString> {
    if parent.join("charts").join(alias).is_dir() {
        return Some(alias.into());
    }
    let own = description(parent).ok()?;
    let mut dependencies = own["dependencies"].as_array()?.iter();
    let name = dependencies.find(|one| one["alias"] == alias)?["name"].as_str()?.to_owned();
    let mut folders = fs::read_dir(parent.join("charts")).ok()?.flatten().map(|entry| entry.path());
    let folder = folders.find(|folder| description(folder).is_ok_and(|chart| chart["name"] == *name))?;
    folder.file_name().map(OsStr::to_owned)
}

//! What the command line would say of the cases of `tests/corpus`, for the playground to be held against.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use host_test::Case;
use serde_json::{Value, json};
use transom_manifests::{Content, Context, Judge, Transom};

use crate::tools;

/// The day on which all are judged.
const TODAY: &str = "2026-11-21";

/// Writes `[{"name", "text", "settings", "decisions"}]`; gives the path.
pub(super) fn write() -> anyhow::Result<PathBuf> {
    let cases: Vec<Value> = Case::all()
        .into_iter()
        .map(|case| judged(&case.map_err(|error| anyhow!(error))?))
        .collect::<anyhow::Result<_>>()?;
    let file = tools::target().join("playground/corpus.json");
    fs::create_dir_all(file.parent().unwrap_or(&file))?;
    fs::write(&file, json!({"today": TODAY, "cases": cases}).to_string())?;
    Ok(file)
}

fn judged(case: &Case) -> anyhow::Result<Value> {
    let text = fs::read_to_string(&case.path).with_context(|| case.path.display().to_string())?;
    let settings = case.settings.clone().unwrap_or_else(|| json!({})).to_string();
    let mut transom = Transom::new();
    // Cases about wrong settings are judged by none.
    let _ = transom.configure(settings.as_bytes());
    let judge = Judge::new(transom, TODAY);
    let stream = transom_yaml::parse(&text);
    let mut context = Context::default();
    stream.documents.iter().flat_map(Content::objects).for_each(|object| context.add(object.object()));
    let mut decisions = Vec::new();
    for document in &stream.documents {
        let Content::Objects(objects) = Content::of(document) else { continue };
        let examined = judge.document(document, &text, objects, &context);
        for (_, decision) in examined.objects() {
            let decision = decision.as_ref().map_err(|error| anyhow!("{}: {error}", case.name))?;
            decisions.push(Value::String(serde_json::to_string(decision)?));
        }
    }
    Ok(json!({"name": case.name, "text": text, "settings": settings, "decisions": decisions}))
}

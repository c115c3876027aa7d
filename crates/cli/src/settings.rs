//! The settings, as somebody wrote them into a file.

use std::path::Path;

use anyhow::{anyhow, bail};
use transom::Mistake;

use crate::input::{self, Source};
use crate::render::frame::{self, Frame, Frames, Level, Page};

/// A settings file, as text to point at and as JSON.
pub(crate) struct Settings {
    label: String,
    text: String,
    document: transom_yaml::Document,
    pub(crate) json: String,
}

impl Settings {
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let label = input::label(path);
        let source = Source { label: label.clone(), path: Some(path.to_owned()), named: true, once: false, root: 0 };
        let mut text =
            input::read(&source).map_err(|error| anyhow!("cannot read the settings {label}: {}", error.reason))?;
        if text.trim().is_empty() {
            text = "{}".into();
        }
        let mut stream = transom_yaml::parse(&text);
        if !stream.errors.is_empty() {
            let page = Page::new(&label, &text);
            return Err(stream.errors.iter().map(|error| frame::of_syntax(&page, error)).collect::<Frames>().into());
        }
        if stream.documents.len() > 1 {
            bail!("the settings {label} hold {} documents: keep one", stream.documents.len());
        }
        let Some(document) = stream.documents.pop() else { bail!("the settings {label} are empty") };
        let json = if document.value().is_null() { "{}".into() } else { document.value().to_string() };
        Ok(Settings { label, text, document, json })
    }

    /// What the file is called.
    #[cfg(feature = "module")]
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Every mistake, at its place.
    pub(crate) fn frames(&self, mistakes: &[Mistake]) -> anyhow::Error {
        let page = Page::new(&self.label, &self.text);
        let mut placed: Vec<_> =
            mistakes.iter().map(|mistake| (self.document.locate(&mistake.path).span, mistake)).collect();
        placed.sort_by_key(|(span, _)| span.start);
        let frames = placed.into_iter().map(|(span, mistake)| {
            Frame::new(Level::Error, format!("wrong settings: {}", mistake.message)).at(&page, span, None)
        });
        frames.collect::<Frames>().into()
    }
}

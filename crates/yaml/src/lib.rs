//! YAML text as JSON values that know where they stand, and JSON Patch as small text edits.
//!
//! Three things, and nothing that knows of Kubernetes:
//!
//! 1. **Read.** [`parse`] gives a [`Document`] for each `---`, its value as JSON the way kubectl
//!    reads it (`yes` is true, `0777` is octal, merge keys are merged), and a byte range for every
//!    key and value. A broken document is a [`SyntaxError`] and does not hide the others.
//! 2. **Point.** [`Document::locate`] turns a JSON Pointer into the range a code frame should show.
//! 3. **Edit.** [`Document::edits`] turns RFC 6902 operations into [`TextEdit`]s that leave
//!    comments, order, quotes and layout alone. The edited text, read again, is always the value
//!    RFC 6902 says; where that cannot be had, there is an [`EditError`] and no edit.
//!
//! ```
//! use transom_yaml::{Operation, parse};
//!
//! let text = "spec:\n  hostNetwork: true   # why?\n  containers: []\n";
//! let stream = parse(text);
//! let document = &stream.documents[0];
//! assert_eq!(document.value()["spec"]["hostNetwork"], true);
//! assert_eq!(&text[document.key_span("/spec/hostNetwork").unwrap()], "hostNetwork");
//!
//! let patch: Vec<Operation> = serde_json::from_str(
//!     r#"[{"op": "replace", "path": "/spec/hostNetwork", "value": false},
//!         {"op": "add", "path": "/spec/nodeSelector", "value": {"kubernetes.io/os": "windows"}}]"#,
//! ).unwrap();
//! assert_eq!(
//!     document.patched(text, &patch).unwrap(),
//!     "spec:\n  hostNetwork: false   # why?\n  containers: []\n  nodeSelector:\n    kubernetes.io/os: windows\n",
//! );
//! ```

use std::borrow::Cow;

mod document;
mod edit;
mod emit;
mod events;
mod lines;
mod margin;
mod patch;
mod pointer;
mod scalar;
mod tree;

pub use document::{Comment, Document, Location, Stream, Subject, SyntaxError};
pub use edit::{EditError, TextEdit, apply};
pub use emit::{YamlStyle, to_yaml};
pub use lines::{LineIndex, line_starts, with_feeds};
pub use patch::Operation;

/// Bytes in the text given to [`parse`].
pub type Span = std::ops::Range<usize>;

/// Reads a YAML text, or JSON, which is YAML.
///
/// Never fails: what cannot be read is in [`Stream::errors`]. Takes time and memory linear in the
/// length of the text; nesting beyond 255 block or 255 flow collections, and aliases that expand to
/// far more than the text, are errors of their document.
pub fn parse(text: &str) -> Stream {
    let with_feeds = lines::with_feeds(text);
    let mut stream = tree::read(&with_feeds);
    for document in &mut stream.documents {
        document.has_returns = matches!(with_feeds, Cow::Owned(_));
    }
    stream
}

//! What the editor is told is wrong, and by whom.

use lsp_types::{Diagnostic, DiagnosticSeverity, Range};

/// What diagnostics name as their source.
pub(crate) const SOURCE: &str = "transom";

/// Something that cannot be read as what it is meant to be.
pub(crate) fn error(range: Range, message: String) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some(SOURCE.to_owned()),
        message,
        ..Diagnostic::default()
    }
}

//! `transom explain` and `transom rules`.

use super::Format;

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// Id or name of a rule (WIN101, windows-pod-not-pinned), the text of an error as it was met ("no match for
    /// platform in manifest", 0xc0370101), or a field (hostPort)
    #[arg(required = true, value_name = "RULE|ERROR|FIELD")]
    pub(crate) subject: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rules {
    /// Output format
    #[arg(long, short, alias = "format", value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

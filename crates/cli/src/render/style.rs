//! The styles, each readable on black and on white.
//!
//! The sixteen colours of a terminal are the theme's: bright green and bright cyan vanish on white, and so does
//! yellow, which many terminals make bright where it is bold. So warnings are of a fixed orange.

use anstyle::{Ansi256Color, AnsiColor, Color, Style};

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = Style::new().fg_color(Some(Color::Ansi256(Ansi256Color(166)))).bold();
pub(crate) const INFO: Style = AnsiColor::BrightBlue.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Commands and names in running text.
pub(crate) const CODE: Style = AnsiColor::Cyan.on_default();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

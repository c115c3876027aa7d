//! The little Markdown that rules are documented in, for a terminal: headings, paragraphs, lists,
//! fenced blocks, code in lines.

use crate::render::style::{BOLD, CODE};

/// Styled text with lines of at most `width` columns, blocks of code excepted.
pub(crate) fn render(markdown: &str, width: usize) -> String {
    let mut out = Out { text: String::new(), width };
    let mut paragraph = String::new();
    let mut in_block = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            out.paragraph(&mut paragraph);
            if !in_block && !out.text.ends_with("\n\n") {
                out.text.push('\n');
            }
            in_block = !in_block;
        } else if in_block {
            out.text.push_str(&if line.is_empty() { "\n".to_owned() } else { format!("    {CODE}{line}{CODE:#}\n") });
        } else if let Some(heading) = line.strip_prefix("#") {
            out.paragraph(&mut paragraph);
            let heading = heading.trim_start_matches('#').trim();
            out.gap();
            out.text.push_str(&format!("{BOLD}{heading}{BOLD:#}\n"));
        } else if line.trim().is_empty() {
            out.paragraph(&mut paragraph);
            out.gap();
        } else {
            let begins_item = item(line).is_some();
            if begins_item {
                out.paragraph(&mut paragraph);
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    out.paragraph(&mut paragraph);
    out.text.truncate(out.text.trim_end_matches('\n').len());
    out.text.push('\n');
    out.text
}

/// The mark of a list's item, with the space behind it.
fn item(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if line.starts_with("- ") || line.starts_with("* ") {
        return line.get(..2);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    line.get(..digits + 2).filter(|mark| digits > 0 && mark.ends_with(". "))
}

struct Out {
    text: String,
    width: usize,
}

impl Out {
    /// An empty line, unless there is one.
    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Wraps what has come together.
    fn paragraph(&mut self, paragraph: &mut String) {
        if paragraph.is_empty() {
            return;
        }
        let indent = item(paragraph).map_or(0, str::len);
        let mut column = 0;
        for word in words(paragraph) {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > self.width {
                self.text.push('\n');
                self.text.push_str(&" ".repeat(indent));
                column = indent;
            } else if column > 0 {
                self.text.push(' ');
                column += 1;
            }
            self.text.push_str(&with_code(word));
            column += length;
        }
        self.text.push('\n');
        paragraph.clear();
    }
}

/// The words of a paragraph; code is one word, however many spaces are in it.
fn words(paragraph: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut in_code) = (0, false);
    for (at, c) in paragraph.char_indices() {
        match c {
            '`' => in_code = !in_code,
            ' ' if !in_code => {
                words.push(&paragraph[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&paragraph[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// Paints what is between backticks. They stay, for those who see no colours.
fn with_code(word: &str) -> String {
    let mut parts = word.split('`');
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut parts = parts.peekable();
    let mut is_code = true;
    while let Some(part) = parts.next() {
        if is_code && parts.peek().is_some() {
            out.push_str(&format!("{CODE}`{part}`{CODE:#}"));
        } else if is_code {
            out.push_str(&format!("`{part}"));
        } else {
            out.push_str(part);
        }
        is_code = !is_code;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(markdown: &str, width: usize) -> String {
        anstream::adapter::strip_str(&render(markdown, width)).to_string()
    }

    #[test]
    fn wraps_paragraphs_and_leaves_code_alone() {
        let markdown = "One two three\nfour `five six`.\n\n## Bad\n```yaml\na: long enough to be wrapped\n```\n\n- one\n  two three\n- four\n";
        let expected = "One two three\nfour\n`five six`.\n\nBad\n\n    a: long enough to be wrapped\n\n- one two\n  three\n- four\n";
        assert_eq!(plain(markdown, 13), expected);
    }

    #[test]
    fn paints_code() {
        assert_eq!(with_code("a`b`c`"), format!("a{CODE}`b`{CODE:#}c`"));
    }
}

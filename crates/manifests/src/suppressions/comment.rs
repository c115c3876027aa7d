//! Comments that suppress findings, as they stand in a text:
//! `# transom: ignore[rule, rule] until=2027-01-31 -- reason`, or `ignore-file[rule]`.

use transom::suppress::said;
use transom_yaml::{Comment, Span, TextEdit};

/// A comment that is for transom, or the part of one: on a line there is only one comment.
pub(super) struct SuppressionComment<'t> {
    pub(super) span: Span,
    /// Without `#`.
    pub(super) text: &'t str,
    /// The line is this comment's alone.
    own_line: bool,
    /// The comment that it is a part of.
    pub(super) whole: Comment,
}

/// How the comment stands in the text.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) span: Span,
    pub(super) own_line: bool,
    /// The names between the brackets.
    pub(super) names: Vec<Span>,
}

/// What a comment has that is for transom.
pub(super) fn in_comment<'t>(text: &'t str, comment: &Comment) -> Vec<SuppressionComment<'t>> {
    let all = &text[comment.span.clone()];
    let starts: Vec<usize> = starts(all).collect();
    let ends = starts.iter().skip(1).copied().chain([all.len()]);
    let own_line = comment.own_line && starts == [0];
    let part = |(start, end): (&usize, usize)| {
        let part = all[*start..end].trim_end();
        let span = comment.span.start + start..comment.span.start + start + part.len();
        let text = part.trim_start_matches('#').trim_start();
        SuppressionComment { span, text, own_line, whole: comment.clone() }
    };
    starts.iter().zip(ends).map(part).collect()
}

/// The comments above everything else in a file.
pub(super) fn header(text: &str) -> impl Iterator<Item = Comment> {
    let begin = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = begin.split(['\n', '\r']).map(str::trim_ascii);
    let above = lines.take_while(|line| matches!(line.as_bytes(), [] | [b'#' | b'%', ..] | b"---"));
    above.filter(|line| line.starts_with('#')).map(|line| {
        let start = line.as_ptr().addr() - text.as_ptr().addr();
        Comment { span: start..start + line.len(), text: String::new(), own_line: true }
    })
}

/// Whether there is a suppression in a comment of a text.
#[must_use]
pub fn suppresses(text: &str, comment: &Comment) -> bool {
    in_comment(text, comment).iter().any(|comment| ignored(comment.text).is_some())
}

/// Whether what follows this part of a line stands between the brackets of a suppression: `# transom: ignore[linux-`.
#[must_use]
pub fn is_in_brackets(line: &str) -> bool {
    let last = starts(line).last().and_then(|start| ignored(&line[start..]));
    last.is_some_and(|(rest, _)| rest.starts_with('[') && !rest.contains(']'))
}

/// What a comment says that suppresses findings of a rule, without `#`: `transom: ignore[rule]`.
#[must_use]
pub fn comment_about(rule: &str) -> String {
    format!("transom: ignore[{rule}]")
}

/// Where something begins in a line that is for transom.
fn starts(line: &str) -> impl Iterator<Item = usize> {
    let is_comment = |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(|c| c.is_ascii_whitespace());
    let signs = line.match_indices('#').filter(is_comment).map(|(at, _)| at);
    signs.filter(|at| said(&line[*at..]).is_some())
}

/// What comes behind `ignore` and `ignore-file` in a comment that says one of these, and whether it is the latter.
fn ignored(comment: &str) -> Option<(&str, bool)> {
    let rest = said(comment)?.strip_prefix("ignore")?;
    let of_file = rest.strip_prefix("-file");
    Some((of_file.unwrap_or(rest), of_file.is_some()))
}

impl<'t> SuppressionComment<'t> {
    pub(super) fn is_of_file(&self) -> bool {
        ignored(self.text).is_some_and(|(_, is_of_file)| is_of_file)
    }

    /// How it stands in the text, and what it says behind its brackets: nothing where it cannot be understood, or is
    /// not written as one that is about a file, or about a place in it, as `of_file` says.
    pub(super) fn written(&self, of_file: bool) -> (Written, Option<&'t str>) {
        let mut names = Vec::new();
        let ignored = ignored(self.text).filter(|(_, is_of_file)| *is_of_file == of_file);
        let list = ignored.and_then(|(rest, _)| rest.strip_prefix('[')?.split_once(']'));
        if let Some((list, rest)) = list {
            let mut at = self.span.end - rest.len() - "]".len() - list.len();
            for part in list.split(',') {
                let begin = at + part.len() - part.trim_start().len();
                names.push(begin..begin + part.trim().len());
                at += part.len() + ",".len();
            }
        }
        let written = Written { span: self.span.clone(), own_line: self.own_line, names };
        (written, list.map(|(_, rest)| rest))
    }
}

impl Written {
    /// The edit that takes some of its names out, and the comment with its last name.
    pub(super) fn without(&self, text: &str, gone: &[usize]) -> TextEdit {
        let kept: Vec<&str> = (0..)
            .zip(&self.names)
            .filter(|(index, _)| !gone.contains(index))
            .map(|(_, at)| &text[at.clone()])
            .collect();
        if let ([_, ..], Some(first), Some(last)) = (&kept[..], self.names.first(), self.names.last()) {
            return TextEdit { range: first.start..last.end, text: kept.join(", ") };
        }
        let before = text[..self.span.start].trim_end_matches([' ', '\t']);
        let range = if self.own_line && self.span.end == text.len() {
            // Without a line break at its end, the text keeps none.
            before.trim_end().len()..self.span.end
        } else if self.own_line {
            let rest = &text[self.span.end..];
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let length = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
            before.len()..self.span.end + (end + length).min(rest.len())
        } else {
            before.len()..self.span.end
        };
        TextEdit { range, text: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_with_and_without_blanks() {
        for line in [
            "# transom: ignore[linux-",
            "#transom:ignore[linux-",
            "a: 1 ## transom:  ignore-file[a,",
            "# a # transom: ignore[",
        ] {
            assert!(is_in_brackets(line), "{line}");
        }
        for line in [
            "transom: ignore[",
            "# transom: ignore",
            "# transom: ignore[a] -- b",
            "# a transom: ignore[",
            "a#transom: ignore[",
        ] {
            assert!(!is_in_brackets(line), "{line}");
        }
        for (text, is_one) in
            [("#transom:ignore[a]", true), ("# b # transom: ignore", true), ("# transom: b", false), ("# b", false)]
        {
            let comment = Comment { span: 0..text.len(), text: String::new(), own_line: true };
            assert_eq!(suppresses(text, &comment), is_one, "{text}");
        }
    }
}

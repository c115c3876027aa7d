//! Comments that say from which line of which template something was rendered.
//!
//! A mark stands at the end of a line of a template, where helm takes it along into what it renders:
//! ` #@3:17@` is line 17 of file 3. What is rendered without marks is what counts; what has them only
//! tells the lines. So no harm is done where a mark changes a value (in a block scalar, say), as long as
//! there are as many lines.

use crate::template::Template;

/// A template with a mark behind every line that can take one: not within an action or a comment, not
/// where the line end is trimmed away, not within a `define`, of which anything may be made, and not where a text may
/// go on in the next line, which a comment would end.
pub(crate) fn mark(text: &str, file: usize) -> String {
    let template = Template::read(text);
    let mut marked = String::with_capacity(text.len() * 2);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // Of each line whether the next one that is not blank may be the rest of its text.
    let mut goes_on: Vec<bool> = Vec::with_capacity(lines.len());
    let mut next = "";
    for line in lines.iter().rev() {
        goes_on.push(may_go_on(line, next));
        next = if line.trim().is_empty() { next } else { line };
    }
    for (index, (line, goes_on)) in lines.iter().zip(goes_on.into_iter().rev()).enumerate() {
        let content = line.trim_end_matches(['\n', '\r']);
        marked.push_str(content);
        let is_plain = !content.trim().is_empty() && !content.starts_with("---") && !goes_on;
        if template.lines[index].takes_mark && is_plain && !content.trim_end().ends_with("-}}") {
            marked.push_str(&format!(" #@{file}:{}@", index + 1));
        }
        marked.push_str(&line[content.len()..]);
    }
    marked
}

/// Whether a text without quotes may go on in the next line: that is none of a mapping, a list or an action, and this
/// one ends neither within brackets nor with the beginning of a block.
fn may_go_on(line: &str, next: &str) -> bool {
    let content = next.trim();
    let is_other = content.contains(": ")
        || content.ends_with(':')
        || content.starts_with(['-', '#', '{', '}', '[', ']', '"', '\'', '&', '*', '!'])
        || content.contains("{{");
    let is_open = line.trim_end().ends_with([',', '[', '{', ':'])
        || line.split_whitespace().next_back().is_some_and(|last| last.starts_with(['|', '>']));
    next.starts_with([' ', '\t']) && !is_other && !is_open
}

/// A text without its marks, and for each of its lines the line of the template, from 1.
///
/// A line without a mark is one of several that an action has made: the next mark is theirs.
pub(crate) fn unmark(text: &str, file: usize) -> (String, Vec<Option<usize>>) {
    let mut clean = String::with_capacity(text.len());
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut first = None;
        let mut rest = line;
        while let Some((before, of, number, after)) = next(rest) {
            clean.push_str(before);
            rest = after;
            if of == file && first.is_none() {
                first = Some(number);
            }
        }
        clean.push_str(rest);
        clean.push('\n');
        lines.push(first);
    }
    let mut following = None;
    for line in lines.iter_mut().rev() {
        following = line.or(following);
        *line = following;
    }
    (clean, lines)
}

/// The text before the next mark, its file and line, and the text behind it. At the start of a document helm
/// takes the space before it away.
fn next(text: &str) -> Option<(&str, usize, usize, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("#@").map(|at| at + from) {
        let read = || {
            let before = if at == 0 { "" } else { text[..at].strip_suffix(' ')? };
            let (numbers, after) = text[at + 2..].split_once('@')?;
            let (file, line) = numbers.split_once(':')?;
            Some((before, file.parse().ok()?, line.parse().ok()?, after))
        };
        if let Some(mark) = read() {
            return Some(mark);
        }
        from = at + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_what_can_be_marked() {
        let text = "a: 1\n{{- if .x }}\nb: {{ list\n  1 }}\n{{- end -}}\n\n{{/* a\nb */}}\n{{ define \"x\" }}\nc\n{{ end }}\r\n";
        let marked = mark(text, 0);
        assert_eq!(
            marked,
            "a: 1 #@0:1@\n{{- if .x }} #@0:2@\nb: {{ list\n  1 }} #@0:4@\n{{- end -}}\n\n{{/* a\nb */}} #@0:8@\n\
             {{ define \"x\" }}\nc\n{{ end }} #@0:11@\r\n"
        );
    }

    #[test]
    fn leaves_texts_of_several_lines_whole() {
        let text = "a: one\n  two\n\n  three\nb:\n  - c\n  - d e\n    f\ng: h\n";
        let expected = "a: one\n  two\n\n  three #@0:4@\nb: #@0:5@\n  - c #@0:6@\n  - d e\n    f #@0:8@\ng: h #@0:9@\n";
        assert_eq!(mark(text, 0), expected);
        let others = "a: [b,\n  c]\nd: |-\n  e\nf:\n  \"g\"\n";
        let expected = "a: [b, #@0:1@\n  c] #@0:2@\nd: |- #@0:3@\n  e #@0:4@\nf: #@0:5@\n  \"g\" #@0:6@\n";
        assert_eq!(mark(others, 0), expected);
    }

    #[test]
    fn reads_what_was_rendered() {
        let text = "#@0:1@\na: 1 #@0:1@ #@0:2@\nimage: x #@0:3@:tag #@0:4@\nkey: #@0:5@\n  b: 2\n  c: 3 #@0:6@\nd #@ 1 #@1:7@\n";
        let (clean, lines) = unmark(text, 0);
        assert_eq!(clean, "\na: 1\nimage: x:tag\nkey:\n  b: 2\n  c: 3\nd #@ 1\n");
        assert_eq!(lines, [Some(1), Some(1), Some(3), Some(5), Some(6), Some(6), None]);
    }
}

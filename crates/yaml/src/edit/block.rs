//! Edits of block mappings and block lists: whole lines go and come.

use serde_json::Value;

use super::layout::{Lines, Rest};
use super::plan::{Change, Slot};
use super::render::{Place, Renderer};
use crate::tree::{Entry, Item, NodeId};

/// An entry or item, from its key or dash to its last byte, and whether it goes.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub start: usize,
    pub end: usize,
    pub gone: bool,
}

impl<'a> Renderer<'a> {
    pub(super) fn block_mapping(&mut self, id: NodeId, entries: &'a [Entry], place: Place, value: Option<&'a Value>) {
        let plan = self.plan;
        let tree = self.tree;
        let change = match plan.changes.get(&id) {
            Some(Change::Map { gone, added, renamed }) => Some((gone, added, renamed)),
            _ => None,
        };
        let is_gone = |i: usize| change.is_some_and(|(gone, ..)| gone[i]);
        let parts: Vec<Part> = entries
            .iter()
            .enumerate()
            .map(|(i, e)| Part { start: self.entry_start(e), end: tree.entry_end(e), gone: is_gone(i) })
            .collect();
        let last = parts.iter().rposition(|part| !part.gone);
        let regular = entries.iter().zip(&parts).all(|(e, part)| {
            (e.colon.is_some() || e.explicit) && (!e.explicit || part.start < tree.nodes[e.key].start)
        }) && parts.iter().skip(1).all(|part| self.lines.is_first(part.start));
        let Some(last) = last else { return self.replace_known(id, place, value) };
        if !regular && change.is_some() {
            return self.rewrite(id, place, value);
        }
        let column = self.lines.column(parts[0].start);
        for (_, entry) in entries.iter().enumerate().filter(|(i, _)| !is_gone(*i)) {
            let Some(colon) = entry.colon else {
                if self.is_dirty(entry.value) {
                    return self.rewrite(id, place, value);
                }
                continue;
            };
            let column = if entry.explicit { self.lines.column(colon - 1) } else { column };
            self.node(entry.value, Place::Value { after: colon, column }, value.and_then(|v| v.get(&entry.name)));
        }
        let Some((_, added, renamed)) = change else { return };
        self.rename(entries, renamed);
        self.remove_lines(&parts, column);
        let at = self.end_with_comments(parts[last].end, column);
        for (name, value) in added {
            let entry = self.emitter.entry(name, value, column);
            self.put(at, at, &format!("\n{}{entry}", " ".repeat(column)));
        }
    }

    pub(super) fn block_sequence(&mut self, id: NodeId, items: &'a [Item], place: Place, value: Option<&'a Value>) {
        let plan = self.plan;
        let tree = self.tree;
        let Some(column) = items.first().and_then(|item| item.dash).map(|dash| self.lines.column(dash)) else {
            return self.rewrite(id, place, value);
        };
        let change = match plan.changes.get(&id) {
            Some(Change::Seq(slots)) => Some(slots),
            _ => None,
        };
        let mut parts: Vec<Part> = items
            .iter()
            .map(|item| Part { start: item.dash.unwrap_or(0), end: tree.item_end(item), gone: change.is_some() })
            .collect();
        let identity: Vec<Slot>;
        let slots = match change {
            Some(slots) => slots,
            None => {
                identity = (0..items.len()).map(Slot::Old).collect();
                &identity
            }
        };
        for slot in slots {
            if let Slot::Old(i) = slot {
                parts[*i].gone = false;
            }
        }
        let regular = parts.iter().skip(1).all(|part| self.lines.is_first(part.start));
        let Some(first) = parts.iter().position(|part| !part.gone) else {
            return self.replace_known(id, place, value);
        };
        if !regular {
            return self.rewrite(id, place, value);
        }
        let pad = " ".repeat(column);
        let mut before: Option<usize> = None;
        for (now, slot) in slots.iter().enumerate() {
            match slot {
                Slot::Old(i) => {
                    let place = Place::Item { after: parts[*i].start + 1, column };
                    self.node(items[*i].node, place, value.and_then(|v| v.get(now)));
                    before = Some(*i);
                }
                Slot::New(new) => {
                    let item = self.emitter.item(new, column);
                    if let Some(before) = before {
                        let at = self.end_with_comments(parts[before].end, column);
                        self.put(at, at, &format!("\n{pad}{item}"));
                        continue;
                    }
                    // Nothing stays before it: it goes before the first that stays.
                    let start = parts[first].start;
                    let pulled_up = first > 0 && !self.lines.is_first(parts[0].start);
                    if self.lines.is_first(start) && !pulled_up {
                        let at = self.above_comments(start, column);
                        self.put(at, at, &format!("{pad}{item}\n"));
                    } else {
                        self.put(start, start, &format!("{item}\n{pad}"));
                    }
                }
            }
        }
        if change.is_some() {
            self.remove_lines(&parts, column);
        }
    }

    /// Where an entry begins: its key, or the `?` before it on the same line.
    pub(super) fn entry_start(&self, entry: &Entry) -> usize {
        let start = self.tree.nodes[entry.key].start;
        let before = self.text[..start].trim_end_matches(' ');
        if entry.explicit && before.ends_with('?') { before.len() - 1 } else { start }
    }

    /// The end of a part's last line, or of the comments below it that are indented more than the
    /// part is, and so can only be about what is in it.
    pub(super) fn end_with_comments(&self, end: usize, column: usize) -> usize {
        let mut at = self.lines.end(end);
        if self.level > 0 {
            return at;
        }
        loop {
            let next = self.lines.next(at);
            let line = &self.text[next..self.lines.end(next)];
            let indent = line.bytes().take_while(|b| *b == b' ').count();
            if indent <= column || !line[indent..].starts_with('#') {
                return at;
            }
            at = self.lines.end(next);
        }
    }

    /// Where the line above one that goes ends. Above the last of a text that has no line break at its end, it is the
    /// last line that holds anything: so the text has none afterwards.
    pub(super) fn end_above(&self, at: usize, is_last: bool) -> usize {
        let above = self.lines.previous_end(at).unwrap_or(at);
        if is_last { self.lines.end(self.text[..above].trim_end().len()) } else { above }
    }

    /// The start of the comments directly above a line that are indented like it, or of the line.
    fn above_comments(&self, at: usize, column: usize) -> usize {
        let mut line = self.lines.start(at);
        if self.level > 0 {
            return line;
        }
        while let Some(end) = self.lines.previous_end(line) {
            let start = self.lines.start(end);
            let text = &self.text[start..end];
            let indent = text.bytes().take_while(|b| *b == b' ').count();
            if indent != column || !text[indent..].starts_with('#') {
                break;
            }
            line = start;
        }
        line
    }

    /// Takes the lines of the parts that go. At least one part stays.
    fn remove_lines(&mut self, parts: &[Part], column: usize) {
        let lines = self.lines;
        let (Some(first), Some(last)) = (parts.iter().position(|p| !p.gone), parts.iter().rposition(|p| !p.gone))
        else {
            return;
        };
        let from = if first > 0 && !lines.is_first(parts[0].start) {
            self.pull_up(parts, first);
            first
        } else {
            0
        };
        for i in from..last {
            if parts[i].gone {
                // With what follows it, at the coarser levels: it might not be a comment any more.
                let end = if self.level > 0 {
                    lines.start(parts[i + 1].start)
                } else {
                    lines.next(self.end_with_comments(parts[i].end, column))
                };
                self.put(lines.start(parts[i].start), end, "");
            }
        }
        // Nothing stays after these. Their line end stays, for what may be put after it.
        let mut kept_end = self.text.len();
        for part in parts[last + 1..].iter().rev() {
            let end = self.end_with_comments(part.end, column);
            let is_last = end == kept_end;
            let start = self.end_above(part.start, is_last);
            if is_last {
                kept_end = start;
            }
            if self.level > 0 && end == self.text.len() {
                self.put(lines.start(part.start), end, "");
            } else {
                self.put(start, end, "");
            }
        }
    }

    /// Takes the first parts of a collection that begins on the line of a dash.
    fn pull_up(&mut self, parts: &[Part], first: usize) {
        let lines = self.lines;
        let gaps = || parts[..=first].windows(2).map(|pair| (lines.end(pair[0].end), pair[1].start));
        let commented = gaps().any(|(from, to)| self.text.get(from..to).is_some_and(|gap| gap.contains('#')));
        if !commented || self.level > 0 {
            self.put(parts[0].start, parts[first].start, "");
            return;
        }
        // The comments between stay, and what follows them keeps its own lines.
        let start = self.text[..parts[0].start].trim_end_matches(' ').len();
        self.put(start, lines.end(parts[0].end), "");
        for part in &parts[1..first] {
            self.put(lines.start(part.start), lines.next(part.end), "");
        }
    }
}

/// Whether a part has its lines to itself but for a comma and a comment.
pub(super) fn is_alone(lines: Lines<'_>, part: &Part, comma: Option<usize>) -> bool {
    let is_apart = comma.is_some_and(|comma| lines.0[part.end..comma].contains('\n'));
    let after = comma.map_or(part.end, |comma| comma + 1);
    !is_apart && lines.is_first(part.start) && lines.rest(after) != Rest::Content
}

//! Edits between brackets: `{a: 1}` and `[x]`, on one line or over many, JSON and KYAML.

use serde_json::Value;

use super::block::{Part, is_alone};
use super::layout::Rest;
use super::plan::{Change, Slot};
use super::render::{Place, Renderer};
use crate::Span;
use crate::emit::{Emitter, is_branch, scalars_only};
use crate::tree::{Entry, Item, NodeId};

/// What comes into a collection: after which of its parts, and what.
struct New<'v> {
    after: Option<usize>,
    key: Option<&'v str>,
    value: &'v Value,
}

impl<'a> Renderer<'a> {
    pub(super) fn flow_mapping(&mut self, id: NodeId, entries: &'a [Entry], place: Place, value: Option<&'a Value>) {
        let plan = self.plan;
        let tree = self.tree;
        let change = match plan.changes.get(&id) {
            Some(Change::Map { gone, added, renamed }) => Some((gone, added, renamed)),
            _ => None,
        };
        let is_gone = |i: usize| change.is_some_and(|(gone, ..)| gone[i]);
        // `[a: b]` has no brackets of its own, and `? a` more to it than its key.
        let pair = !self.text[tree.nodes[id].span.start..].starts_with('{');
        let is_apart = |e: &Entry| e.explicit && self.entry_start(e) == tree.nodes[e.key].start;
        if entries.iter().any(is_apart) || (pair && change.is_some()) {
            return self.rewrite(id, place, value);
        }
        for (i, entry) in entries.iter().enumerate() {
            if is_gone(i) {
                continue;
            }
            let after = entry.colon.unwrap_or(tree.nodes[entry.key].span.end);
            let place = Place::Flow { after, colon: entry.colon.is_none() };
            self.node(entry.value, place, value.and_then(|v| v.get(&entry.name)));
        }
        let Some((_, added, renamed)) = change else { return };
        self.rename(entries, renamed);
        let parts: Vec<Part> = entries
            .iter()
            .enumerate()
            .map(|(i, e)| Part { start: self.entry_start(e), end: tree.entry_end(e), gone: is_gone(i) })
            .collect();
        let after = parts.iter().rposition(|p| !p.gone);
        let new: Vec<New<'_>> = added.iter().map(|(key, value)| New { after, key: Some(key), value }).collect();
        self.flow_parts(id, &parts, &new, place, value);
    }

    pub(super) fn flow_sequence(&mut self, id: NodeId, items: &'a [Item], place: Place, value: Option<&'a Value>) {
        let plan = self.plan;
        let tree = self.tree;
        let Some(Change::Seq(slots)) = plan.changes.get(&id) else {
            for (i, item) in items.iter().enumerate() {
                let after = tree.nodes[item.node].span.end;
                self.node(item.node, Place::Flow { after, colon: false }, value.and_then(|v| v.get(i)));
            }
            return;
        };
        let mut parts: Vec<Part> = items
            .iter()
            .map(|item| Part { start: tree.nodes[item.node].start, end: tree.nodes[item.node].span.end, gone: true })
            .collect();
        let mut new = Vec::new();
        let mut after = None;
        for (now, slot) in slots.iter().enumerate() {
            match slot {
                Slot::Old(i) => {
                    parts[*i].gone = false;
                    after = Some(*i);
                    let end = parts[*i].end;
                    self.node(items[*i].node, Place::Flow { after: end, colon: false }, value.and_then(|v| v.get(now)));
                }
                Slot::New(value) => new.push(New { after, key: None, value }),
            }
        }
        self.flow_parts(id, &parts, &new, place, value);
    }

    /// What goes from and comes into a collection in brackets.
    fn flow_parts(&mut self, id: NodeId, parts: &[Part], new: &[New<'_>], place: Place, value: Option<&'a Value>) {
        let span = self.tree.nodes[id].span.clone();
        let (open, close) = (span.start + 1, span.end - 1);
        let Some(first) = parts.iter().position(|p| !p.gone) else {
            let inside = &self.text[open..close];
            let flow_place = matches!(place, Place::Flow { .. } | Place::Root { .. });
            if !flow_place && value.is_some_and(|v| is_branch(v) && !scalars_only(v)) && !inside.contains('#') {
                return self.rewrite(id, place, value);
            }
            let texts: Vec<String> = new.iter().map(|n| self.flow_text(n, None)).collect();
            if parts.is_empty() && inside.contains('#') {
                return self.put(close, close, &texts.join(self.emitter.comma()));
            }
            return self.put(open, close, &texts.join(self.emitter.comma()));
        };
        let commas: Vec<Option<usize>> = parts.iter().map(|part| self.comma(part.end)).collect();
        let alone = |i: usize| self.level == 0 && is_alone(self.lines, &parts[i], commas[i]);
        let spread: Vec<bool> = (0..parts.len()).map(alone).collect();
        let ends_with_comma = commas.last().is_some_and(|c| c.is_some());
        let last = parts.iter().rposition(|p| !p.gone).unwrap_or(first);

        self.take(open, parts, &commas, &spread, new.iter().any(|n| n.after == Some(last)));

        for (n, item) in new.iter().enumerate() {
            let anchor = item.after.unwrap_or(first);
            let lines = spread[anchor];
            let column = if lines { self.lines.column(parts[anchor].start) } else { 0 };
            let indent = lines.then_some(column);
            let emitter = Emitter { trailing_comma: ends_with_comma, ..self.emitter.clone() };
            let old = std::mem::replace(&mut self.emitter, emitter);
            let text = self.flow_text(item, indent);
            self.emitter = old;
            let pad = if lines { &self.text[self.lines.start(parts[anchor].start)..parts[anchor].start] } else { "" };
            let separator = self.emitter.comma();
            match item.after {
                None if lines => {
                    let at = self.lines.start(parts[first].start);
                    self.put(at, at, &format!("{pad}{text},\n"));
                }
                None => self.put(parts[first].start, parts[first].start, &format!("{text}{separator}")),
                Some(after) if !lines => self.put(parts[after].end, parts[after].end, &format!("{separator}{text}")),
                Some(after) => {
                    let more = new.get(n + 1).is_some_and(|next| next.after == item.after);
                    let comma_after = more || after != last || ends_with_comma;
                    let comma = if comma_after { "," } else { "" };
                    if commas[after].is_none() && new[..n].iter().all(|earlier| earlier.after != item.after) {
                        self.put(parts[after].end, parts[after].end, ",");
                    }
                    let at = self.lines.end(commas[after].unwrap_or(parts[after].end));
                    self.put(at, at, &format!("\n{pad}{text}{comma}"));
                }
            }
        }
    }

    /// Takes the parts that go, with their commas and comments. At least one part stays.
    fn take(&mut self, open: usize, parts: &[Part], commas: &[Option<usize>], spread: &[bool], followed: bool) {
        let first = parts.iter().position(|part| !part.gone).unwrap_or_default();
        let last = parts.iter().rposition(|part| !part.gone).unwrap_or_default();
        let end = parts.len() - 1;
        if self.level > 0 {
            for i in (0..last).filter(|i| parts[*i].gone) {
                self.put(parts[i].start, parts[i + 1].start, "");
            }
            return self.put(parts[last].end, parts[end].end, "");
        }
        let mut cuts = Vec::new();
        let is_closed_up = last < end
            && spread[last..].contains(&false)
            && !(followed && spread[last])
            && parts[last..].windows(2).all(|pair| !self.text[pair[0].end..pair[1].start].contains('#'));
        if is_closed_up {
            cuts.push(parts[last].end..parts[end].end);
        }
        for (i, part) in parts.iter().enumerate().filter(|(_, part)| part.gone) {
            cuts.extend(self.comment_of(open, parts, i));
            if i > last && is_closed_up {
                continue;
            }
            cuts.push(part.start..part.end);
            // A comma that stands before a part goes with that.
            let is_behind = match commas[i] {
                Some(comma) if i < last => i < first || !self.text[part.end..comma].contains('\n'),
                _ => commas[end].is_some(),
            };
            let comma = match is_behind {
                true => commas[i],
                false if followed && spread[last] && i == last + 1 => None,
                false => commas[i - 1],
            };
            cuts.extend(comma.map(|comma| comma..comma + 1));
        }
        self.cut(cuts, open);
    }

    /// Takes pieces out, with the blanks that nothing needs any more, and the lines that hold nothing else.
    fn cut(&mut self, mut pieces: Vec<Span>, open: usize) {
        let (lines, text) = (self.lines, self.text);
        let is_blank = |c: char| matches!(c, ' ' | '\t');
        pieces.sort_by_key(|piece| piece.start);
        let mut cuts: Vec<Span> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let is_joined = |cut: &Span| {
                let gap = text.get(cut.end..piece.start).unwrap_or_default();
                // What is left of the line of the bracket goes on with what stays.
                let is_behind_bracket = || text[open..cut.start].trim_matches(is_blank).is_empty();
                gap.trim_matches(is_blank).is_empty() || (gap.trim().is_empty() && is_behind_bracket())
            };
            match cuts.last_mut() {
                Some(cut) if is_joined(cut) => cut.end = cut.end.max(piece.end),
                _ => cuts.push(piece),
            }
        }
        for Span { start, end } in cuts {
            let before = text[..start].trim_end_matches(is_blank).len();
            let after = text.len() - text[end..].trim_start_matches(is_blank).len();
            let next = text.len() - text[end..].trim_start().len();
            let is_first = lines.is_first(start);
            match lines.rest(end) {
                Rest::Nothing if is_first => self.put(lines.start(start), lines.next(end), ""),
                Rest::Nothing if before == open && !text[next..].starts_with(['#', ']', '}']) => {
                    self.put(start, next, "");
                }
                Rest::Nothing => self.put(before, lines.end(end), ""),
                Rest::Content if !text[after..].starts_with([',', ']', '}']) => self.put(start, after, ""),
                _ if is_first => self.put(start, after, ""),
                _ => self.put(before, end, ""),
            }
        }
    }

    /// The comment on the last line of a part that goes, where the line has nothing of the parts that stay. Behind
    /// the bracket that closes the collection, it is that of the line if nothing stands before what goes.
    fn comment_of(&self, open: usize, parts: &[Part], part: usize) -> Option<Span> {
        let end = parts[part].end;
        let blanks = |c: char| matches!(c, ' ' | '\t' | ',' | ']' | '}');
        let comment = self.comment_at(self.text.len() - self.text[end..].trim_start_matches(blanks).len())?;
        let line = self.lines.start(comment.start);
        let is_here = |other: &&Part| line < other.end && other.start < comment.start;
        let is_inside = !self.text[end..comment.start].contains([']', '}']);
        (parts.iter().filter(is_here).all(|other| other.gone) && (is_inside || open < line)).then_some(comment)
    }

    /// A new part as text: on one line, or printed over lines that are indented by `indent`.
    fn flow_text(&self, new: &New<'_>, indent: Option<usize>) -> String {
        let value = match indent {
            Some(indent) => self.emitter.flow_lines(new.value, indent),
            None => self.emitter.flow(new.value),
        };
        match new.key {
            Some(key) => self.emitter.flow_entry(key, &value),
            None => value,
        }
    }
}

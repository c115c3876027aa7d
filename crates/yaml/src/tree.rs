//! Events become documents: a JSON value, and beside it a tree of where everything stands.
//!
//! The tree keeps what editing needs and the value cannot say: the byte ranges of keys, values,
//! dashes and colons, flow or block style, anchors and merge keys. It is one flat list of nodes;
//! nothing here recurses over the input, and nesting is limited.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use crate::events::{Event, Events, Kind, Style};
use crate::lines::LineIndex;
use crate::margin::Margin;
use crate::scalar;
use crate::{Comment, Document, Span, Stream, SyntaxError};

/// Depth of a value, aliases expanded.
const MAX_DEPTH: usize = 512;

/// What aliases and anchors may copy, in bytes of value, beyond four times the text.
const ALIAS_BUDGET: usize = 16 << 20;

/// A margin that is wrong somewhere is tried again without that.
const MOST_MARGINS: usize = 3;

/// The place of a node in [`Tree::nodes`].
pub(crate) type NodeId = usize;

/// Where one node stands in the text.
#[derive(Debug)]
pub(crate) struct Node {
    /// The value itself: a block scalar with its header, a block collection from its first key or
    /// dash, to the last byte that is neither comment nor line end.
    pub span: Span,
    /// Where the node begins with its tag and anchor.
    pub start: usize,
    pub parent: Option<NodeId>,
    /// The bytes of `&anchor`.
    pub anchor: Option<Span>,
    pub shape: Shape,
}

/// What kind of node it is.
#[derive(Debug)]
pub(crate) enum Shape {
    Scalar(Style),
    Mapping { flow: bool, entries: Vec<Entry> },
    Sequence { flow: bool, items: Vec<Item> },
    Alias(NodeId),
}

/// One entry of a mapping.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The name in JSON.
    pub name: String,
    pub key: NodeId,
    pub value: NodeId,
    /// Just after the `:`, if there is one.
    pub colon: Option<usize>,
    /// Written with `?`.
    pub explicit: bool,
    /// The `<<` of YAML 1.1: its value's entries are entries of this mapping.
    pub merge: bool,
}

/// One item of a sequence.
#[derive(Debug)]
pub(crate) struct Item {
    pub node: NodeId,
    /// The `-`, in block sequences.
    pub dash: Option<usize>,
}

/// The nodes of one document.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
    pub root: Option<NodeId>,
    pub has_aliases: bool,
}

/// Where a step down the tree leads.
pub(crate) enum Child<'a> {
    Entry(&'a Entry),
    Item(&'a Item),
}

impl Child<'_> {
    pub(crate) fn node(&self) -> NodeId {
        match self {
            Child::Entry(entry) => entry.value,
            Child::Item(item) => item.node,
        }
    }
}

impl Tree {
    /// The node an alias stands for, or the node itself.
    pub(crate) fn resolve(&self, id: NodeId) -> NodeId {
        match self.nodes[id].shape {
            Shape::Alias(target) => target,
            _ => id,
        }
    }

    /// The entry or item a pointer part names in a node, through aliases and merge keys.
    pub(crate) fn child(&self, id: NodeId, token: &str) -> Option<Child<'_>> {
        match &self.nodes[self.resolve(id)].shape {
            Shape::Sequence { items, .. } => crate::pointer::index(token).and_then(|i| items.get(i)).map(Child::Item),
            Shape::Mapping { entries, .. } => self.entry(entries, token).map(Child::Entry),
            _ => None,
        }
    }

    /// The entry that gives a name its value: the last one wins, merged ones in their order.
    pub(crate) fn entry<'t>(&'t self, entries: &'t [Entry], name: &str) -> Option<&'t Entry> {
        entries.iter().rev().find_map(|entry| {
            if entry.merge { self.merged(entry, name) } else { (entry.name == name).then_some(entry) }
        })
    }

    /// Where a merge key takes the value of a name from: an alias or a mapping. Nothing where the mapping
    /// says itself what it is.
    pub(crate) fn source(&self, id: NodeId, name: &str) -> Option<NodeId> {
        let Shape::Mapping { entries, .. } = &self.nodes[id].shape else { return None };
        let gives = |entry: &&Entry| if entry.merge { self.merged(entry, name).is_some() } else { entry.name == name };
        let merge = entries.iter().rev().find(gives).filter(|entry| entry.merge)?;
        let has = |id: &NodeId| match &self.nodes[self.resolve(*id)].shape {
            Shape::Mapping { entries, .. } => self.entry(entries, name).is_some(),
            _ => false,
        };
        match &self.nodes[merge.value].shape {
            Shape::Sequence { items, .. } => items.iter().map(|item| item.node).find(has),
            _ => Some(merge.value).filter(has),
        }
    }

    /// The parts of the pointer to a node; nothing for keys and for what is merged.
    pub(crate) fn tokens(&self, mut id: NodeId) -> Option<Vec<String>> {
        let mut tokens = Vec::new();
        while let Some(parent) = self.nodes[id].parent {
            tokens.push(match &self.nodes[parent].shape {
                Shape::Mapping { entries, .. } => {
                    entries.iter().find(|entry| entry.value == id && !entry.merge)?.name.clone()
                }
                Shape::Sequence { items, .. } => items.iter().position(|item| item.node == id)?.to_string(),
                _ => return None,
            });
            id = parent;
        }
        tokens.reverse();
        Some(tokens)
    }

    /// Where an entry ends: its value, or where one is missing its colon or its key.
    pub(crate) fn entry_end(&self, entry: &Entry) -> usize {
        let key = &self.nodes[entry.key];
        self.nodes[entry.value].span.end.max(entry.colon.unwrap_or(0)).max(key.span.end)
    }

    /// Where an item ends: its value, or where it is missing its dash.
    pub(crate) fn item_end(&self, item: &Item) -> usize {
        self.nodes[item.node].span.end.max(item.dash.map_or(0, |dash| dash + 1))
    }

    /// The entry that a merge key brings in under a name.
    pub(crate) fn merged<'t>(&'t self, merge: &'t Entry, name: &str) -> Option<&'t Entry> {
        let source = |id: NodeId| match &self.nodes[self.resolve(id)].shape {
            Shape::Mapping { entries, .. } => self.entry(entries, name),
            _ => None,
        };
        match &self.nodes[self.resolve(merge.value)].shape {
            Shape::Sequence { items, .. } => items.iter().find_map(|item| source(item.node)),
            _ => source(merge.value),
        }
    }
}

/// Skips blanks, line ends and comments between two tokens; commas too, if asked.
pub(crate) fn skip_trivia(text: &str, mut at: usize, commas: bool) -> usize {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b',' if commas => at += 1,
            b'#' => at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at),
            0xef if text[at..].starts_with('\u{feff}') => at += 3,
            _ => break,
        }
    }
    at
}

/// Reads a whole text.
pub(crate) fn read(text: &str) -> Stream {
    let plain = Margin::default();
    let mut reader = Reader::new(text, text, &plain);
    reader.run();
    let margin = if reader.errors.is_empty() { Margin::default() } else { Margin::between_objects(text) };
    if !margin.is_empty() {
        let padded = margin.applied(text);
        let mut again = Reader::new(text, &padded, &margin);
        again.run();
        if again.documents.len() > reader.documents.len() {
            return again.stream();
        }
    }
    let mut margin = if reader.lacks_margin { Margin::of(text) } else { Margin::default() };
    for _ in 0..MOST_MARGINS {
        if margin.is_empty() {
            break;
        }
        let padded = margin.applied(text);
        let mut again = Reader::new(text, &padded, &margin);
        again.run();
        let confirmed = std::mem::take(&mut again.events.confirmed);
        let stream = again.stream();
        if !margin.keep(&confirmed) {
            return stream;
        }
    }
    reader.stream()
}

struct Reader<'a> {
    text: &'a str,
    events: Events<'a>,
    /// There is an error that a margin may help.
    lacks_margin: bool,
    lines: Option<LineIndex<'a>>,
    documents: Vec<Document>,
    errors: Vec<SyntaxError>,
    /// Comments not yet given to a document.
    comments: Vec<Comment>,
    next_index: usize,
    building: Option<Building>,
    /// Where the document before ended.
    boundary: usize,
    /// The document before did not end well: what lies before the next is its rubble.
    broken: bool,
}

/// A document under way.
struct Building {
    index: usize,
    /// Where its part of the text begins, with directives and `---`.
    outer: usize,
    /// Where it begins after `---`.
    start: usize,
    explicit: bool,
    tree: Tree,
    value: Value,
    frames: Vec<Frame>,
    /// The end of the last token: what follows up to the next one is indicators and comments.
    last: usize,
    anchors: FxHashMap<usize, (NodeId, Option<Value>)>,
    /// What aliases may still copy.
    budget: usize,
}

struct Frame {
    node: NodeId,
    anchor: usize,
    filling: Filling,
}

enum Filling {
    Mapping { map: Map<String, Value>, key: Option<PendingKey> },
    Sequence(Vec<Value>),
}

/// What went wrong, and where.
type Failure = (String, usize);

/// What a node is to its parent.
enum Role {
    Key { explicit: bool },
    Value,
}

struct PendingKey {
    name: String,
    node: NodeId,
    colon: Option<usize>,
    explicit: bool,
    merge: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, padded: &'a str, margin: &'a Margin) -> Self {
        Reader {
            text,
            events: Events::new(text, padded, margin),
            lacks_margin: false,
            lines: None,
            documents: Vec::new(),
            errors: Vec::new(),
            comments: Vec::new(),
            next_index: 0,
            building: None,
            boundary: 0,
            broken: false,
        }
    }

    fn stream(self) -> Stream {
        Stream { documents: self.documents, errors: self.errors }
    }

    fn run(&mut self) {
        while let Some(event) = self.events.next() {
            let failure = match event {
                Ok(event) => match self.event(event) {
                    Ok(()) => continue,
                    Err(failure) => failure,
                },
                Err(broken) => {
                    self.lacks_margin |= broken.lacks_margin;
                    (broken.message, broken.offset)
                }
            };
            self.fail(failure.0, failure.1);
            if !self.events.skip_document() {
                break;
            }
        }
        self.finish(self.text.len());
        if self.documents.is_empty() && self.errors.is_empty() && !self.comments.is_empty() {
            // Comments alone are no document to the parser, but they are somebody's.
            self.building = Some(Building::new(0, 0, 0, false, self.text.len()));
            self.finish(self.text.len());
        }
    }

    fn fail(&mut self, message: String, offset: usize) {
        // An error after the document's end (a second root, say) still is that document's.
        let index = match self.building.take() {
            Some(building) => building.index,
            None => {
                self.next_index += 1;
                self.next_index - 1
            }
        };
        let text = self.text;
        let (line, column) = self.lines.get_or_insert_with(|| LineIndex::new(text)).line_column(offset);
        self.errors.push(SyntaxError { message, offset, line, column, document: index });
        self.boundary = offset;
        self.broken = true;
    }

    /// Closes the document under way, whose text ends where the next begins.
    fn finish(&mut self, end: usize) {
        let Some(building) = self.building.take() else { return };
        let outer = building.outer..end;
        let comments: Vec<Comment> =
            std::mem::take(&mut self.comments).into_iter().filter(|c| outer.start <= c.span.start).collect();
        let (comments, later) = comments.into_iter().partition(|c| c.span.start < end);
        self.comments = later;
        let empty = building.tree.root.is_none_or(|root| {
            let node = &building.tree.nodes[root];
            node.start == node.span.end
        });
        self.boundary = end;
        self.documents.push(Document {
            index: building.index,
            value: building.value,
            empty,
            explicit: building.explicit,
            span: building.start.min(end)..end,
            outer,
            tree: building.tree,
            comments,
            has_returns: false,
            manner: OnceLock::new(),
        });
    }

    fn event(&mut self, event: Event<'a>) -> Result<(), Failure> {
        match event.kind {
            Kind::Comment => {
                self.comments.push(comment(self.text, event.span));
                Ok(())
            }
            Kind::StreamEnd => Ok(()),
            Kind::DocumentStart { explicit } => {
                if self.building.is_some() {
                    self.finish(event.span.start);
                }
                let bom = if self.text.starts_with('\u{feff}') { 3 } else { 0 };
                let here = event.span.start;
                // Without `---`, a document may begin after `...`, even where there was none to end.
                let ended = |from: usize| {
                    let marker = |at: &usize| *at == 0 || self.text[..*at].ends_with(['\n', '\u{feff}']);
                    let mut found = self.text[from..here].rmatch_indices("...").map(|(at, _)| from + at);
                    if explicit { None } else { found.find(marker).map(|at| at + 3) }
                };
                let outer = match self.broken {
                    true => ended(self.boundary.min(here)).unwrap_or(here),
                    false => self.boundary,
                };
                let outer = ended(outer.min(here)).unwrap_or(outer);
                let start = if explicit { event.span.end } else { outer.max(bom) };
                self.broken = false;
                self.building = Some(Building::new(self.next_index, outer, start, explicit, self.text.len()));
                self.next_index += 1;
                Ok(())
            }
            Kind::DocumentEnd { explicit } => {
                if explicit {
                    self.finish(event.span.start);
                    self.boundary = event.span.end;
                }
                Ok(())
            }
            _ => match &mut self.building {
                Some(building) => building.node(self.text, event),
                None => Ok(()),
            },
        }
    }
}

impl Building {
    fn new(index: usize, outer: usize, start: usize, explicit: bool, length: usize) -> Self {
        Building {
            index,
            outer,
            start,
            explicit,
            tree: Tree::default(),
            value: Value::Null,
            frames: Vec::new(),
            last: start,
            anchors: FxHashMap::default(),
            budget: ALIAS_BUDGET + 4 * length,
        }
    }

    fn node(&mut self, text: &str, event: Event<'_>) -> Result<(), Failure> {
        let at = event.span.start;
        if let Kind::CollectionEnd = event.kind {
            return self.close(text, &event.span);
        }
        let id = self.tree.nodes.len();
        let role = self.expect(text, id, &event);
        let start = event.properties.as_ref().map_or(usize::MAX, |p| p.start);
        if let Some(properties) = &event.properties {
            self.last = self.last.max(properties.end);
        }
        let mut node = Node {
            span: event.span.clone(),
            start,
            parent: self.frames.last().map(|f| f.node),
            anchor: event.anchor_span,
            shape: Shape::Scalar(Style::Plain),
        };
        match event.kind {
            Kind::Scalar { text: content, style } => {
                node.span = scalar_span(text, event.span, style, self.last);
                node.start = node.start.min(node.span.start);
                node.shape = Shape::Scalar(style);
                let here = node.span.start;
                self.last = self.last.max(node.span.end);
                self.tree.nodes.push(node);
                let plain = style == Style::Plain;
                let failed = |message| (message, here);
                let Role::Key { explicit } = role else {
                    let value = scalar::value(&content, plain, event.tag).map_err(failed)?;
                    return self.value(id, event.anchor, value, here);
                };
                if event.anchor != 0 {
                    let value = scalar::value(&content, plain, event.tag).map_err(failed)?;
                    self.anchors.insert(event.anchor, (id, Some(value)));
                }
                let merge = scalar::is_merge(&content, plain, event.tag);
                let name = if merge {
                    content.into_owned()
                } else {
                    scalar::key(&content, plain, event.tag).map_err(failed)?
                };
                self.key(text, PendingKey { name, node: id, colon: None, explicit, merge });
                Ok(())
            }
            Kind::Alias(anchor) => {
                let name = &text[node.span.clone()];
                self.tree.has_aliases = true;
                node.start = node.span.start;
                self.last = node.span.end;
                let (target, value) = match self.anchors.get(&anchor) {
                    Some((target, Some(value))) => (*target, value),
                    _ => return Err((format!("the anchor that `{name}` stands for contains it"), at)),
                };
                if self.frames.len() + height(value) > MAX_DEPTH {
                    return Err((format!("`{name}` nests values more than {MAX_DEPTH} deep"), at));
                }
                self.budget = spend(self.budget, value).ok_or_else(|| (too_large(), at))?;
                let value = value.clone();
                node.shape = Shape::Alias(target);
                self.tree.nodes.push(node);
                let Role::Key { explicit } = role else { return self.value(id, 0, value, at) };
                let name = match value {
                    Value::String(s) => s,
                    Value::Bool(b) => b.to_string(),
                    Value::Number(n) => n.to_string(),
                    _ => return Err(("a mapping key has to be a scalar".into(), at)),
                };
                self.key(text, PendingKey { name, node: id, colon: None, explicit, merge: false });
                Ok(())
            }
            Kind::MappingStart { .. } | Kind::SequenceStart { .. } if matches!(role, Role::Key { .. }) => {
                Err(placeholder(text, at).unwrap_or_else(|| ("a mapping key has to be a scalar".into(), at)))
            }
            Kind::MappingStart { flow } => {
                node.start = node.start.min(at);
                node.shape = Shape::Mapping { flow, entries: Vec::new() };
                self.open(node, event.anchor, Filling::Mapping { map: Map::new(), key: None });
                Ok(())
            }
            Kind::SequenceStart { flow } => {
                if !flow {
                    let dash = skip_trivia(text, self.last, false);
                    node.span = dash..dash;
                }
                node.start = node.start.min(node.span.start);
                node.shape = Shape::Sequence { flow, items: Vec::new() };
                self.open(node, event.anchor, Filling::Sequence(Vec::new()));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Steps over the `-`, `?` or `:` before a node, and says what the node is to its parent.
    fn expect(&mut self, text: &str, id: NodeId, event: &Event<'_>) -> Role {
        let Some(frame) = self.frames.last_mut() else { return Role::Value };
        match &mut frame.filling {
            Filling::Sequence(_) => {
                if let Shape::Sequence { flow, items } = &mut self.tree.nodes[frame.node].shape {
                    let mut dash = None;
                    if !*flow {
                        let at = skip_trivia(text, self.last, false);
                        dash = Some(at);
                        self.last = at + 1;
                    }
                    items.push(Item { node: id, dash });
                }
                Role::Value
            }
            Filling::Mapping { key: Some(key), .. } => {
                self.last = self.last.max(key.colon.unwrap_or(0));
                Role::Value
            }
            Filling::Mapping { key: None, .. } => {
                let here = event.properties.as_ref().map_or(event.span.start, |p| p.start);
                let at = skip_trivia(text, self.last, true);
                let explicit = at < here && text.as_bytes().get(at) == Some(&b'?');
                if explicit {
                    self.last = at + 1;
                }
                Role::Key { explicit }
            }
        }
    }

    fn open(&mut self, node: Node, anchor: usize, filling: Filling) {
        let id = self.tree.nodes.len();
        // The opening bracket; nothing for block collections and for the pairs in `[a: b]`.
        self.last = self.last.max(node.span.end);
        self.tree.nodes.push(node);
        if anchor != 0 {
            self.anchors.insert(anchor, (id, None));
        }
        self.frames.push(Frame { node: id, anchor, filling });
    }

    fn key(&mut self, text: &str, mut key: PendingKey) {
        let at = skip_trivia(text, self.last, false);
        if text.as_bytes().get(at) == Some(&b':') {
            key.colon = Some(at + 1);
        }
        if let Some(Frame { filling: Filling::Mapping { key: pending, .. }, .. }) = self.frames.last_mut() {
            *pending = Some(key);
        }
    }

    fn value(&mut self, id: NodeId, anchor: usize, value: Value, at: usize) -> Result<(), Failure> {
        if anchor != 0 {
            self.budget = spend(self.budget, &value).ok_or_else(|| (too_large(), at))?;
            self.anchors.insert(anchor, (id, Some(value.clone())));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.tree.root = Some(id);
            self.value = value;
            return Ok(());
        };
        match &mut frame.filling {
            Filling::Sequence(items) => items.push(value),
            Filling::Mapping { map, key } => {
                let Some(key) = key.take() else { return Ok(()) };
                if key.merge {
                    merge(map, value).map_err(|message| (message, at))?;
                } else {
                    map.insert(key.name.clone(), value);
                }
                if let Shape::Mapping { entries, .. } = &mut self.tree.nodes[frame.node].shape {
                    let PendingKey { name, node, colon, explicit, merge } = key;
                    entries.push(Entry { name, key: node, value: id, colon, explicit, merge });
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, text: &str, end: &Span) -> Result<(), Failure> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let nodes = &self.tree.nodes;
        let node = &nodes[frame.node];
        let (flow, first, last) = match &node.shape {
            Shape::Mapping { flow, entries } => {
                (*flow, entries.first().map(|e| nodes[e.key].start), entries.last().map(|e| self.tree.entry_end(e)))
            }
            Shape::Sequence { flow, items } => {
                (*flow, items.first().and_then(|i| i.dash), items.last().map(|i| self.tree.item_end(i)))
            }
            _ => (true, None, None),
        };
        let bracketed = flow && !end.is_empty();
        let span = if bracketed {
            node.span.start..end.end
        } else {
            first.unwrap_or(node.span.start)..last.unwrap_or(node.span.start)
        };
        let at = span.start;
        self.last = self.last.max(span.end);
        debug_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
        let node = &mut self.tree.nodes[frame.node];
        node.start = node.start.min(span.start);
        node.span = span;
        let value = match frame.filling {
            Filling::Mapping { map, .. } => Value::Object(map),
            Filling::Sequence(items) => Value::Array(items),
        };
        self.value(frame.node, frame.anchor, value, at)
    }
}

/// What is wrong with a key that is a mapping, where the braces are those of `{{name}}`.
fn placeholder(text: &str, at: usize) -> Option<Failure> {
    let start = if text[at..].starts_with("{{") { at } else { at.checked_sub(1)? };
    let line = text.get(start..)?.strip_prefix("{{")?.lines().next()?;
    let end = start + 2 + line.find("}}")? + 2;
    Some((format!("`{}` is a placeholder that has to be filled in first", &text[start..end]), start))
}

fn comment(text: &str, span: Span) -> Comment {
    let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let own_line = text[line..span.start].trim_start_matches('\u{feff}').trim().is_empty();
    let content = text[span.clone()].trim_start_matches('#').trim().to_owned();
    Comment { span, text: content, own_line }
}

/// The whole of a scalar: with the header of a block scalar, and where it is not there at all, the
/// place it would have.
fn scalar_span(text: &str, span: Span, style: Style, last: usize) -> Span {
    if !style.is_block() {
        return if span.is_empty() && style == Style::Plain { last..last } else { span };
    }
    let header = skip_trivia(text, last, false);
    if header > span.start || !text[header..].starts_with(['|', '>']) {
        // Never seen: without its header it has no place that could be edited.
        return span.end..span.end;
    }
    let indicators =
        text[header..].bytes().take_while(|b| matches!(b, b'|' | b'>' | b'+' | b'-' | b'0'..=b'9')).count();
    let content = header + indicators;
    let keep = text[header..content].contains('+');
    let mut end = span.end.max(content);
    // The parser may already have read the indentation of what follows.
    let line = text[..end].rfind('\n').map_or(0, |at| at + 1);
    if line > content && end < text.len() && text[line..end].bytes().all(|b| b == b' ') {
        end = line;
    }
    if keep {
        let whole = &text[..end];
        let whole = whole.strip_suffix('\n').unwrap_or(whole);
        return header..whole.strip_suffix('\r').unwrap_or(whole).len().max(content);
    }
    loop {
        end = text[..end].trim_end_matches(['\n', '\r']).len();
        let line = text[..end].rfind('\n').map_or(0, |at| at + 1);
        if end <= content || line <= content {
            return header..content;
        }
        if !text[line..end].trim().is_empty() {
            return header..end;
        }
        end = line;
    }
}

fn merge(map: &mut Map<String, Value>, value: Value) -> Result<(), String> {
    match value {
        Value::Object(other) => map.extend(other),
        Value::Array(items) if items.iter().all(Value::is_object) => {
            for item in items.into_iter().rev() {
                merge(map, item)?;
            }
        }
        _ => return Err("the merge key `<<` needs a mapping or a list of mappings".into()),
    }
    Ok(())
}

fn too_large() -> String {
    "aliases expand to more than this text can be worth".into()
}

/// What is left of a budget after copying a value.
fn spend(budget: usize, value: &Value) -> Option<usize> {
    let rest = budget.checked_sub(32)?;
    match value {
        Value::String(s) => rest.checked_sub(s.len()),
        Value::Array(items) => items.iter().try_fold(rest, spend),
        Value::Object(map) => map.iter().try_fold(rest, |rest, (k, v)| spend(rest.checked_sub(k.len())?, v)),
        _ => Some(rest),
    }
}

/// How deep a value is nested.
pub(crate) fn height(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(height).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(height).max().unwrap_or(0),
        _ => 0,
    }
}

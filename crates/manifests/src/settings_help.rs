//! Help for whoever writes settings: what may stand at a place, and what it means, by their schema.
//!
//! The text is read by its lines and brackets, for while it is written it may be no YAML.

use std::ops::Range;

use serde_json::Value;

/// Something that may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// A field's name, or a value.
    pub label: String,
    /// What to write for it.
    pub insert: String,
    /// What it means.
    pub about: Option<String>,
    /// Whether it is a field, and no value.
    pub is_field: bool,
    /// The quote that the place begins with: what has been typed there begins so, too.
    pub quoted: Option<char>,
}

/// What may stand at a byte of a text, and the part of the text whose place it takes.
pub fn suggestions(schema: &Value, text: &str, offset: usize) -> (Range<usize>, Vec<Suggestion>) {
    let open = Open::at_end(&text[..offset]);
    let Some(place) = Place::around(&open, text, offset) else { return (offset..offset, Vec::new()) };
    let mut way = way(&open, text, offset);
    let is_value = way.key.is_some();
    way.keys.extend(way.key.take());
    let Some(node) = step(schema, &way.keys) else { return (place.span, Vec::new()) };
    if is_value || way.keys.last().is_some_and(|key| key == "-") {
        let words = values(node);
        if !words.is_empty() || is_value {
            // In quotes it would be a text.
            let is_plain = node["type"] == "boolean";
            let suggestions = words.into_iter().map(|word| place.value(word, is_plain)).collect();
            return (place.span, suggestions);
        }
    }
    let properties = node["properties"].as_object().into_iter().flatten().map(|(name, property)| {
        let is_mapping = property["type"] == "object" || property["type"] == "array";
        place.field(name, &property["description"], is_mapping && open.brackets.is_empty())
    });
    // Of names that are free, those that some rule asks about.
    let examples = node["examples"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let examples = examples.map(|(name, _)| place.field(name, &node["description"], false));
    let taken = taken(text, &way.keys, &place.span);
    let fields = properties.chain(examples).filter(|field| !taken.contains(&field.label)).collect();
    (place.span, fields)
}

/// The keys that the mapping at the end of a way has already, but for the one at a place. None of an item of a list,
/// and where the text cannot be read as it stands.
fn taken(text: &str, way: &[String], at: &Range<usize>) -> Vec<String> {
    let stream = transom_yaml::parse(text);
    let document = stream.documents.first();
    let mapping = document.and_then(|document| way.iter().try_fold(document.value(), |value, key| value.get(key)));
    let own = text[at.clone()].trim_matches(['"', '\'']);
    let keys = mapping.and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys());
    keys.filter(|key| *key != own).cloned().collect()
}

/// The place that something takes: the key or the value that an offset is in, or nothing yet.
struct Place {
    span: Range<usize>,
    /// The quote that it begins with; the span is with its quotes.
    quote: Option<char>,
    /// Whether a colon or a dash stands right before it, which mean nothing without a blank.
    follows_mark: bool,
    /// Whether a comment begins right behind it, which is none without a blank.
    meets_comment: bool,
    /// Whether a colon stands behind it.
    has_colon: bool,
}

impl Place {
    /// The one that an offset is in; none in a comment, and before the dash of an item.
    fn around(open: &Open, text: &str, offset: usize) -> Option<Self> {
        if open.is_comment {
            return None;
        }
        let (span, quote) = match quoted(open, text, offset) {
            Some((span, quote)) => (span, Some(quote)),
            None => (plain(open, text, offset)?, None),
        };
        let follows_mark = text[..span.start].ends_with([':', '-']);
        let meets_comment = text[span.end..].starts_with('#');
        let has_colon = text[span.end..].trim_start_matches(' ').starts_with(':');
        Some(Place { span, quote, follows_mark, meets_comment, has_colon })
    }

    fn value(&self, word: &str, is_plain: bool) -> Suggestion {
        let (label, insert) = match self.quote {
            None => (written(word), written(word)),
            Some(_) if is_plain => (word.to_owned(), word.to_owned()),
            Some(quote) => (word.to_owned(), format!("{quote}{word}{quote}")),
        };
        Suggestion { label, insert: self.spaced(insert), about: None, is_field: false, quoted: self.quote }
    }

    fn field(&self, name: &str, about: &Value, is_block: bool) -> Suggestion {
        let key = self.quote.map_or_else(|| name.to_owned(), |quote| format!("{quote}{name}{quote}"));
        let insert = match (self.has_colon, is_block) {
            (true, _) => key,
            (false, true) => format!("{key}:"),
            (false, false) => format!("{key}: "),
        };
        Suggestion {
            label: name.to_owned(),
            insert: self.spaced(insert),
            about: about.as_str().map(str::to_owned),
            is_field: true,
            quoted: self.quote,
        }
    }

    fn spaced(&self, insert: String) -> String {
        let before = if self.follows_mark { " " } else { "" };
        let behind = if self.meets_comment && !insert.ends_with(' ') { " " } else { "" };
        format!("{before}{insert}{behind}")
    }
}

/// The scalar in quotes that an offset is in, on one line and perhaps without its end yet, and its quote.
fn quoted(open: &Open, text: &str, offset: usize) -> Option<(Range<usize>, char)> {
    let start = open.quote.filter(|start| !text[*start..offset].contains('\n'))?;
    let quote = text[start..].chars().next()?;
    let end = end_of_plain(text, offset);
    let end = if text[end..].starts_with(quote) { end + quote.len_utf8() } else { end };
    Some((start..end, quote))
}

/// The characters without quotes around an offset, but for the dash of an item.
fn plain(open: &Open, text: &str, offset: usize) -> Option<Range<usize>> {
    let start = text[..offset].rfind(ends_plain).map_or(0, |at| text.ceil_char_boundary(at + 1));
    let is_item = open.brackets.is_empty() && text[start..].starts_with('-');
    let start = start + usize::from(is_item);
    let is_marker = is_item && text[start..].starts_with('-');
    (start <= offset && !is_marker).then(|| start..end_of_plain(text, offset))
}

fn end_of_plain(text: &str, offset: usize) -> usize {
    let is_comment = text[offset..].starts_with('#') && text[..offset].ends_with(char::is_whitespace);
    if is_comment {
        return offset;
    }
    text[offset..].find(ends_plain).map_or(text.len(), |length| offset + length)
}

/// Whether a character is no part of a key or a value without quotes, as settings have them.
fn ends_plain(c: char) -> bool {
    c.is_whitespace() || ":,[]{}\"'".contains(c)
}

/// A field of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where its name stands.
    pub span: Range<usize>,
    /// Its name.
    pub name: String,
    /// What it means.
    pub about: Option<String>,
    /// The values that it may have, where they are few, as they are written.
    pub values: Vec<String>,
}

/// The field whose name stands at a byte of a text.
pub fn field(schema: &Value, text: &str, offset: usize) -> Option<Field> {
    let span = word(text, offset);
    let mut way = way(&Open::at_end(&text[..span.start]), text, span.start);
    way.keys.push(text[span.clone()].to_owned());
    let node = step(schema, &way.keys)?;
    let about = node["description"].as_str().map(str::to_owned);
    let values = values(node).into_iter().map(written).collect();
    Some(Field { name: text[span.clone()].to_owned(), span, about, values })
}

/// The word of letters, digits and hyphens around an offset.
pub fn word(text: &str, offset: usize) -> Range<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let start =
        text[..offset].rfind(|c| !is_part(c)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let end = text[offset..].find(|c| !is_part(c)).map_or(text.len(), |at| offset + at);
    start..end
}

/// The keys that lead to a line, by indentation: it is read while it is written, and may not parse.
struct Way {
    /// The keys around the place, the outer ones first; an item of a list is `-`.
    keys: Vec<String>,
    /// The key before a colon on the line itself, where the place is behind it.
    key: Option<String>,
}

/// `open` is what is open at the offset.
fn way(open: &Open, text: &str, offset: usize) -> Way {
    let brackets = &open.brackets;
    let Some((first, _)) = brackets.first() else { return way_by_lines(text, offset) };
    let mut way = way_by_lines(text, *first);
    for (at, (_, entry)) in brackets.iter().enumerate() {
        way.keys.extend(way.key.take());
        let end = brackets.get(at + 1).map_or(offset, |(open, _)| *open);
        let is_list = text[..*entry].trim_end().ends_with('[') || text[brackets[at].0..].starts_with('[');
        if is_list {
            way.keys.push("-".to_owned());
        }
        way.key = text[*entry..end].split_once(':').map(|(key, _)| key.trim().trim_matches(['"', '\'']).to_owned());
    }
    way
}

/// What is open at the end of a text.
#[derive(Default)]
struct Open {
    /// The brackets, the outer ones first: where each is, and where the entry begins that the end is in.
    brackets: Vec<(usize, usize)>,
    /// Where the quote is that the end is behind.
    quote: Option<usize>,
    is_comment: bool,
}

impl Open {
    fn at_end(text: &str) -> Self {
        let mut open = Open::default();
        let mut before = '\n';
        for (at, c) in text.char_indices() {
            match (open.quote, c) {
                _ if open.is_comment => open.is_comment = c != '\n',
                (Some(start), c) => open.quote = Some(start).filter(|start| !text[*start..].starts_with(c)),
                (None, '#') if before.is_whitespace() => open.is_comment = true,
                (None, '"' | '\'') if before.is_whitespace() || "[{,:".contains(before) => open.quote = Some(at),
                (None, '{' | '[') if !open.brackets.is_empty() || before.is_whitespace() => {
                    open.brackets.push((at, at + 1));
                }
                (None, '}' | ']') => drop(open.brackets.pop()),
                (None, ',') => {
                    if let Some((_, entry)) = open.brackets.last_mut() {
                        *entry = at + 1;
                    }
                }
                _ => {}
            }
            before = c;
        }
        open
    }
}

fn way_by_lines(text: &str, offset: usize) -> Way {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    let (line, before) = (&text[start..end], &text[start..offset]);
    let body = line.trim_start();
    let mut indent = line.len() - body.len();
    if line.trim().is_empty() {
        indent = before.len();
    }
    let mut keys = Vec::new();
    let is_item = body.starts_with('-') && !body.starts_with("--");
    if is_item {
        keys.push("-".to_owned());
    }
    for line in text[..start].lines().rev() {
        let body = line.trim_start();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let own = line.len() - body.len();
        // A list may begin in the column of its key.
        let name = |entry: &str| Some(entry.split_once(':')?.0.trim().trim_matches(['"', '\'']).to_owned());
        if let Some(item) = body.strip_prefix("- ") {
            if own < indent {
                let column = line.len() - item.trim_start().len();
                keys.extend(name(item).filter(|_| column < indent));
                keys.push("-".to_owned());
                indent = own;
            }
        } else if (own < indent || (own == indent && keys.last().is_some_and(|key| key == "-")))
            && let Some(name) = name(body)
        {
            keys.push(name);
            indent = own;
        }
    }
    keys.reverse();
    let key = before.split_once(':');
    let key = key.map(|(key, _)| key.trim().trim_start_matches(['-', ' ']).trim_matches(['"', '\'']).to_owned());
    Way { keys, key }
}

/// The part of the schema that a way leads to.
fn step<'s>(schema: &'s Value, keys: &[String]) -> Option<&'s Value> {
    keys.iter().try_fold(schema, |node, key| match key.as_str() {
        "-" => node.get("items"),
        key => node["properties"].get(key).or_else(|| node.get("additionalProperties").filter(|more| more.is_object())),
    })
}

/// The values that a part of the schema names.
fn values(node: &Value) -> Vec<&str> {
    if node["type"] == "boolean" {
        return vec!["true", "false"];
    }
    node["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A value as it is written where there are no quotes yet: `off` takes some, for YAML reads it as false.
fn written(word: &str) -> String {
    if word == "off" { format!("\"{word}\"") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> (Vec<String>, Option<String>) {
        let offset = text.find('|').expect("the cursor");
        let text = text.replace('|', "");
        let way = way(&Open::at_end(&text[..offset]), &text, offset);
        (way.keys, way.key)
    }

    #[test]
    fn the_way_is_read_by_indentation() {
        let way = |keys: &[&str], key: Option<&str>| {
            (keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), key.map(str::to_owned))
        };
        assert_eq!(keys("pl|"), way(&[], None));
        assert_eq!(keys("platform: a|"), way(&[], Some("platform")));
        assert_eq!(keys("windows:\n  bu|"), way(&["windows"], None));
        assert_eq!(
            keys("windows:\n  builds: [1]\n  taints:\n  - key: a\n    eff|"),
            way(&["windows", "taints", "-"], None)
        );
        assert_eq!(keys("a:\n- b: 1\n- c:\n    d|"), way(&["a", "-", "c"], None));
        assert_eq!(keys("a: 1\nrules:\n  # c\n\n  linux-image: |"), way(&["rules"], Some("linux-image")));
        assert_eq!(keys("lookUp:\n  - No|"), way(&["lookUp", "-"], None));
        assert_eq!(keys("lookUp:\n- |"), way(&["lookUp", "-"], None));
    }

    #[test]
    fn the_way_is_read_by_brackets() {
        let way = |keys: &[&str], key: Option<&str>| {
            (keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), key.map(str::to_owned))
        };
        assert_eq!(keys("rules: {|"), way(&["rules"], None));
        assert_eq!(keys("rules: {WIN107: |}"), way(&["rules"], Some("WIN107")));
        assert_eq!(keys("rules: {WIN107: info, lin|"), way(&["rules"], None));
        assert_eq!(keys("windows: {pre|"), way(&["windows"], None));
        assert_eq!(keys("windows:\n  taints: [{key: a}, {eff|}]"), way(&["windows", "taints", "-"], None));
        assert_eq!(keys("lookUp: [Node, |"), way(&["lookUp", "-"], None));
        assert_eq!(keys("{\n  \"windows\": {\n    \"present\": |"), way(&["windows"], Some("present")));
        assert_eq!(keys("# it's {\nrules: {} # {\npl|"), way(&[], None));
    }

    #[test]
    fn fields_and_values_are_suggested_by_the_schema() {
        let schema = transom::settings::schema();
        let labels = |text: &str| -> Vec<String> {
            let offset = text.find('|').expect("the cursor");
            let (_, all) = suggestions(&schema, &text.replace('|', ""), offset);
            all.into_iter().map(|suggestion| suggestion.insert).collect()
        };
        assert!(labels("pl|").contains(&"platform: ".to_owned()));
        assert!(labels("windows:\n  |").contains(&"taints:".to_owned()));
        assert_eq!(labels("platform: |")[0], "aks");
        assert_eq!(labels("windows:\n  present: |"), ["true", "false"]);
        assert!(labels("rules:\n  |").contains(&"host-network: ".to_owned()));
        assert!(labels("rules: {|").contains(&"host-network: ".to_owned()));
        assert!(labels("rules: {WIN107: |").contains(&"\"off\"".to_owned()));
        assert!(labels("windows: {tai|").contains(&"taints: ".to_owned()));
        assert!(labels("kubernetes:\n  featureGates:\n    |").contains(&"ContainerStopSignals: ".to_owned()));
        assert!(labels("rules:\n  host-network: |").contains(&"\"off\"".to_owned()));
        let field = field(&schema, "windows:\n  builds: []\n", 12).expect("a field");
        assert_eq!((&*field.name, field.span, field.about.is_some()), ("builds", 11..17, true));
        assert_eq!(super::field(&schema, "nonsense: 1\n", 2), None);
    }

    /// The text after a suggestion was taken at the cursor.
    fn accepted(text: &str, label: &str) -> String {
        let offset = text.find('|').expect("the cursor");
        let text = text.replace('|', "");
        let (place, all) = suggestions(&transom::settings::schema(), &text, offset);
        let chosen = all.into_iter().find(|suggestion| suggestion.label == label).expect("it is suggested");
        format!("{}{}{}", &text[..place.start], chosen.insert, &text[place.end..])
    }

    #[test]
    fn what_stands_in_quotes_is_replaced_with_them() {
        assert_eq!(accepted("rules:\n  WIN101: \"|\"\n", "off"), "rules:\n  WIN101: \"off\"\n");
        assert_eq!(accepted("rules:\n  WIN101: \"o|\n", "off"), "rules:\n  WIN101: \"off\"\n");
        assert_eq!(
            accepted("rules: {WIN101: \"|, WIN102: \"off\"}", "warn"),
            "rules: {WIN101: \"warn\", WIN102: \"off\"}"
        );
        assert_eq!(accepted("mutate: 'o|'\n", "off"), "mutate: 'off'\n");
        assert_eq!(accepted("windows:\n  present: \"t|r\"\n", "true"), "windows:\n  present: true\n");
        assert_eq!(accepted("{\"pl|\": \"aks\"}", "platform"), "{\"platform\": \"aks\"}");
        assert_eq!(accepted("{\"win|\"}", "windows"), "{\"windows\": }");
        assert_eq!(accepted("'win|'", "windows"), "'windows':");
        assert_eq!(accepted("mutate: 'o|ther'\n", "off"), "mutate: 'off'\n");
        assert_eq!(accepted("mutate: \"o|ther\n", "off"), "mutate: \"off\"\n");
        assert_eq!(accepted("{\"plat|form\": \"aks\"}", "cni"), "{\"cni\": \"aks\"}");
        let quoted = |text: &str| {
            let offset = text.find('|').expect("the cursor");
            suggestions(&transom::settings::schema(), &text.replace('|', ""), offset).1[0].quoted
        };
        assert_eq!(quoted("mutate: 'o|'\n"), Some('\''));
        assert_eq!(quoted("mutate: o|\n"), None);
        assert_eq!(quoted("|\"platform\": aks\n"), None, "it stands before a quote");
    }

    #[test]
    fn a_blank_follows_colons_and_dashes() {
        assert_eq!(accepted("platform:|", "eks"), "platform: eks");
        assert_eq!(accepted("platform:e|", "eks"), "platform: eks");
        assert_eq!(accepted("platform: |", "eks"), "platform: eks");
        assert_eq!(accepted("platform:\"|\"", "eks"), "platform: \"eks\"");
        assert_eq!(accepted("rules: {WIN101:|}", "warn"), "rules: {WIN101: warn}");
        assert_eq!(accepted("{\"platform\":|}", "eks"), "{\"platform\": eks}");
        assert_eq!(accepted("mutate:|", "\"off\""), "mutate: \"off\"");
        assert_eq!(accepted("lookUp:\n-|", "Node"), "lookUp:\n- Node");
        assert_eq!(accepted("lookUp:\n-N|", "Node"), "lookUp:\n- Node");
        assert_eq!(accepted("lookUp:\n- N|", "Node"), "lookUp:\n- Node");
        assert_eq!(accepted("windows:\n  taints:\n  -|", "key"), "windows:\n  taints:\n  - key: ");
        assert_eq!(
            accepted("windows:\n  taints:\n  -effect:|", "NoExecute"),
            "windows:\n  taints:\n  -effect: NoExecute"
        );
    }

    #[test]
    fn the_whole_word_is_replaced() {
        assert_eq!(accepted("platform: a|ks # so", "eks"), "platform: eks # so");
        assert_eq!(accepted("platform: |aks", "eks"), "platform: eks");
        assert_eq!(accepted("platform: a|k.s/1", "eks"), "platform: eks");
        assert_eq!(accepted("platform: |# so", "eks"), "platform: eks # so");
        assert_eq!(accepted("lookUp: [No|des]", "Node"), "lookUp: [Node]");
        assert_eq!(accepted("plat|form: aks", "cni"), "cni: aks");
        assert_eq!(accepted("plat|form : aks", "cni"), "cni : aks");
        assert_eq!(accepted("rules:\n  WIN1|01: warn", "WIN102"), "rules:\n  WIN102: warn");
        assert_eq!(accepted("rules: {WIN1|01: warn}", "host-network"), "rules: {host-network: warn}");
        assert_eq!(accepted("rules:\n  host-|port: warn", "host-network"), "rules:\n  host-network: warn");
        assert_eq!(accepted("pla|t", "platform"), "platform: ");
    }

    #[test]
    fn nothing_is_suggested_in_comments_and_before_dashes() {
        for text in ["# |", "#|", "platform: aks # a|", "rules: { # |\n}", "lookUp:\n|- Node", "-|--", "---|"] {
            let offset = text.find('|').expect("the cursor");
            let (_, all) = suggestions(&transom::settings::schema(), &text.replace('|', ""), offset);
            assert!(all.is_empty(), "{text}: {all:?}");
        }
    }
}

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
    let quoted = Quoted::around(&open, text, offset);
    let quote = quoted.as_ref().map(|quoted| quoted.quote);
    let place = quoted.as_ref().map_or_else(|| word(text, offset).start..offset, |quoted| quoted.span.clone());
    let mut way = way(&open, text, offset);
    let is_value = way.key.is_some();
    way.keys.extend(way.key.take());
    let Some(node) = step(schema, &way.keys) else { return (place, Vec::new()) };
    if is_value || way.keys.last().is_some_and(|key| key == "-") {
        let words = values(node);
        if !words.is_empty() || is_value {
            let value = |word: &str| {
                let (label, insert) = match &quoted {
                    None => (written(word), written(word)),
                    // In quotes it would be a text.
                    Some(_) if node["type"] == "boolean" => (word.to_owned(), word.to_owned()),
                    Some(quoted) => (word.to_owned(), quoted.quoting(word)),
                };
                Suggestion { label, insert, about: None, is_field: false, quoted: quote }
            };
            return (place, words.into_iter().map(value).collect());
        }
    }
    let field = |name: &str, about: &Value, is_mapping: bool| {
        let insert = match &quoted {
            Some(quoted) if text[place.end..].trim_start_matches(' ').starts_with(':') => quoted.quoting(name),
            Some(quoted) => format!("{}:", quoted.quoting(name)),
            None => format!("{name}:"),
        };
        let is_open = insert.ends_with(':') && (!is_mapping || !open.brackets.is_empty());
        Suggestion {
            label: name.to_owned(),
            insert: if is_open { insert + " " } else { insert },
            about: about.as_str().map(str::to_owned),
            is_field: true,
            quoted: quote,
        }
    };
    let properties = node["properties"].as_object().into_iter().flatten().map(|(name, property)| {
        let is_mapping = property["type"] == "object" || property["type"] == "array";
        field(name, &property["description"], is_mapping)
    });
    // Of names that are free, those that some rule asks about.
    let examples = node["examples"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let examples = examples.map(|(name, _)| field(name, &node["description"], false));
    let fields = properties.chain(examples).collect();
    (place, fields)
}

/// A scalar in quotes, on one line and perhaps without its end yet.
struct Quoted {
    /// With its quotes.
    span: Range<usize>,
    quote: char,
}

impl Quoted {
    /// The one that an offset is in.
    fn around(open: &Open, text: &str, offset: usize) -> Option<Self> {
        let start = open.quote.filter(|start| !text[*start..offset].contains('\n'))?;
        let quote = text[start..].chars().next()?;
        let end = word(text, offset).end;
        let end = if text[end..].starts_with(quote) { end + quote.len_utf8() } else { offset };
        Some(Quoted { span: start..end, quote })
    }

    fn quoting(&self, word: &str) -> String {
        let quote = self.quote;
        format!("{quote}{word}{quote}")
    }
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
}

impl Open {
    fn at_end(text: &str) -> Self {
        let mut open = Open::default();
        let mut before = '\n';
        let mut is_comment = false;
        for (at, c) in text.char_indices() {
            match (open.quote, c) {
                _ if is_comment => is_comment = c != '\n',
                (Some(start), c) => open.quote = Some(start).filter(|start| !text[*start..].starts_with(c)),
                (None, '#') if before.is_whitespace() => is_comment = true,
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
    let is_item = body.starts_with("- ") || body.trim_end() == "-";
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
    let key =
        before.split_once(':').map(|(key, _)| key.trim().trim_start_matches("- ").trim_matches(['"', '\'']).to_owned());
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
        let accepted = |text: &str, label: &str| -> String {
            let offset = text.find('|').expect("the cursor");
            let text = text.replace('|', "");
            let (place, all) = suggestions(&schema, &text, offset);
            let chosen = all.into_iter().find(|suggestion| suggestion.label == label).expect("it is suggested");
            format!("{}{}{}", &text[..place.start], chosen.insert, &text[place.end..])
        };
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
        let quoted = |text: &str| {
            let offset = text.find('|').expect("the cursor");
            suggestions(&schema, &text.replace('|', ""), offset).1[0].quoted
        };
        assert_eq!(quoted("mutate: 'o|'\n"), Some('\''));
        assert_eq!(quoted("mutate: o|\n"), None);
        assert_eq!(quoted("|\"platform\": aks\n"), None, "it stands before a quote");
        let field = field(&schema, "windows:\n  builds: []\n", 12).expect("a field");
        assert_eq!((&*field.name, field.span, field.about.is_some()), ("builds", 11..17, true));
        assert_eq!(super::field(&schema, "nonsense: 1\n", 2), None);
    }
}

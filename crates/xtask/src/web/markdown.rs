//! Markdown in HTML, with headings that can be linked, code in colours, and rules linked by their id or name.

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::highlight::{self, Marks};
use super::layout::Root;

/// A heading that a table of contents may list.
pub(super) struct Heading {
    pub(super) id: String,
    pub(super) title: String,
}

/// What a text became.
pub(super) struct Rendered {
    pub(super) html: Markup,
    /// Headings of the second level.
    pub(super) headings: Vec<Heading>,
}

/// Renders a text for a page; `link` says where a link of the text leads from there.
pub(super) fn render(text: &str, root: Root, link: &dyn Fn(&str) -> String) -> Rendered {
    let mut events = Vec::new();
    let mut headings: Vec<Heading> = Vec::new();
    let mut parser = Parser::new_ext(text, Options::ENABLE_TABLES);
    let mut in_link = false;
    let mut title = String::new();
    while let Some(event) = parser.next() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split(' ').next().unwrap_or_default().to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                let code: String = parser.by_ref().map_while(code_of).collect();
                let label = if title.is_empty() { "Code".to_owned() } else { format!("Code: {title}") };
                events.push(raw(highlight::block(&language, &code, &label, &Marks::default())));
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let inner: Vec<Event<'_>> =
                    parser.by_ref().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_)))).collect();
                title = inner.iter().filter_map(text_of).collect();
                let id = unique(&slug(&title), &headings);
                let mut content = String::new();
                pulldown_cmark::html::push_html(&mut content, inner.into_iter());
                events.push(raw(heading(level, &id, &content)));
                if level == HeadingLevel::H2 {
                    headings.push(Heading { id, title: title.clone() });
                }
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                in_link = true;
                events.push(Event::Start(Tag::Link { link_type, dest_url: link(&dest_url).into(), title, id }));
            }
            Event::End(TagEnd::Link) => {
                in_link = false;
                events.push(Event::End(TagEnd::Link));
            }
            Event::Start(Tag::Table(alignments)) => {
                let label = format!("Table: {title}");
                let open = html! { (PreEscaped("<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"")) (label) (PreEscaped("\">")) };
                events.extend([raw(open), Event::Start(Tag::Table(alignments))]);
            }
            Event::End(TagEnd::Table) => {
                events.extend([Event::End(TagEnd::Table), raw(html! { (PreEscaped("</div>")) })]);
            }
            Event::Text(text) if !in_link => with_rules(&text, root, &mut events),
            Event::Code(code) if !in_link => match transom::rules::find(&code) {
                Some(rule) if rule.name == &*code => {
                    events.push(raw(rule_link(rule, root, html! { code { (rule.name) } })));
                }
                _ => events.push(Event::Code(code)),
            },
            other => events.push(other),
        }
    }
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, events.into_iter());
    Rendered { html: PreEscaped(out), headings }
}

fn raw(markup: Markup) -> Event<'static> {
    Event::Html(CowStr::from(markup.into_string()))
}

fn code_of(event: Event<'_>) -> Option<String> {
    match event {
        Event::Text(text) => Some(text.into_string()),
        _ => None,
    }
}

fn text_of(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text.to_string()),
        _ => None,
    }
}

fn heading(level: HeadingLevel, id: &str, content: &str) -> Markup {
    let content = PreEscaped(content);
    html! {
        @match level {
            HeadingLevel::H1 => h1 { (content) },
            HeadingLevel::H2 => h2 id=(id) { a.anchor href={ "#" (id) } { (content) } },
            _ => h3 id=(id) { (content) },
        }
    }
}

fn slug(title: &str) -> String {
    let kept = title.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
}

fn unique(id: &str, headings: &[Heading]) -> String {
    let same = headings.iter().filter(|heading| heading.id == id || heading.id.starts_with(&format!("{id}-"))).count();
    if same == 0 { id.to_owned() } else { format!("{id}-{same}") }
}

/// A text in which every id of a rule, `WIN101`, becomes a link to its page.
fn with_rules(text: &str, root: Root, events: &mut Vec<Event<'_>>) {
    let mut rest = text;
    while let Some(at) = rest.find("WIN") {
        let end = rest[at + 3..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |length| at + 3 + length);
        events.push(Event::Text(rest[..at].to_owned().into()));
        match transom::rules::find(&rest[at..end]) {
            Some(rule) => events.push(raw(rule_link(rule, root, html! { (rule.id) }))),
            None => events.push(Event::Text(rest[at..end].to_owned().into())),
        }
        rest = &rest[end..];
    }
    events.push(Event::Text(rest.to_owned().into()));
}

fn rule_link(rule: &transom::rules::Rule, root: Root, content: Markup) -> Markup {
    html! { a.rule href=(root.rule(rule)) title={ (rule.name) ": " (rule.summary) } { (content) } }
}

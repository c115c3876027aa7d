//! What all pages have in common, and where pages are.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use transom::finding::{Severity, Stage};
use transom::rules::Rule;

/// Nothing but what lies beside the pages is loaded, and nothing in a page runs or styles it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                      form-action 'none'";
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Files by their paths from the root of the site.
pub(super) type Files = BTreeMap<String, String>;

/// The way from a page to the root of the site: pages know no address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Root(pub(super) &'static str);

impl Root {
    /// The way to a file, by its path from the root.
    pub(super) fn to(self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    pub(super) fn rule(self, rule: &Rule) -> String {
        format!("{}rules/{}", self.0, rule_file(rule))
    }

    pub(super) fn playground(self) -> String {
        format!("{}playground/index.html", self.0)
    }

    /// The playground with the example of a rule.
    pub(super) fn example(self, rule: &Rule) -> String {
        format!("{}#example={}", self.playground(), rule.name)
    }
}

pub(super) fn rule_file(rule: &Rule) -> String {
    format!("{}-{}.html", rule.id, rule.name)
}

/// A file of the sources, where the project is published.
pub(super) fn repository(path: &str) -> String {
    format!("{REPOSITORY}/blob/main/{path}")
}

/// A page without what all have.
pub(super) struct Page<'a> {
    /// Without the name of the site.
    pub(super) title: &'a str,
    /// One sentence, for search engines and previews.
    pub(super) description: &'a str,
    pub(super) root: Root,
    /// The entry of the navigation that it belongs to.
    pub(super) section: &'a str,
    /// Scripts in `assets/` beside the one of all pages.
    pub(super) scripts: &'a [&'a str],
    /// What is in `<main>`.
    pub(super) main: Markup,
}

/// The navigation: the name and the path of each entry.
const SECTIONS: &[(&str, &str)] = &[
    ("Playground", "playground/index.html"),
    ("Rules", "rules/index.html"),
    ("Guides", "guides/index.html"),
    ("Engines", "engines/index.html"),
];

impl Page<'_> {
    pub(super) fn html(self) -> String {
        let root = self.root;
        let title = if self.section.is_empty() { self.title.to_owned() } else { format!("{} · transom", self.title) };
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) }
                    meta name="description" content=(self.description);
                    meta property="og:title" content=(title);
                    meta property="og:description" content=(self.description);
                    meta name="color-scheme" content="light dark";
                    link rel="icon" type="image/svg+xml" href=(root.to("assets/icon.svg"));
                    link rel="stylesheet" href=(root.to("assets/theme.css"));
                    link rel="stylesheet" href=(root.to("assets/site.css"));
                    script src=(root.to("assets/theme.js")) {}
                    script src=(root.to("assets/site.js")) defer {}
                    @for script in self.scripts { script src=(root.to(&format!("assets/{script}"))) defer {} }
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header.bar {
                        a.brand href=(root.to("index.html")) { (LOGO) span { "transom" } }
                        nav aria-label="Main" {
                            @for (name, path) in SECTIONS {
                                a href=(root.to(path)) aria-current=[(*name == self.section).then_some("true")] { (name) }
                            }
                        }
                        a.button.quiet.source href=(REPOSITORY) { "GitHub" }
                        button.button.quiet.theme type="button" data-theme-toggle hidden aria-label="Use dark colours" { (THEME) }
                    }
                    main #main tabindex="-1" { (self.main) }
                    footer {
                        p { "transom · MIT or Apache-2.0 · " a href=(REPOSITORY) { "source" } }
                        p { "These pages load nothing from anywhere else and send nothing anywhere." }
                    }
                }
            }
        };
        page.into_string() + "\n"
    }
}

/// A door with its transom, as in `www/icon.svg`.
pub(super) const LOGO: PreEscaped<&str> = PreEscaped(
    r#"<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M4 22V11a8 8 0 0 1 16 0v11"/><path d="M4 11h16"/><path d="M12 11V3"/><path d="M16.5 16.5v.5"/></svg>"#,
);
const THEME: PreEscaped<&str> = PreEscaped(
    r#"<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true"><circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/></svg>"#,
);

pub(super) fn severity(severity: Severity) -> Markup {
    html! { span class={ "badge " (severity) } { (severity) } }
}

/// The places in the order in which a pod comes by them; the last, silence, is none.
const STAGES: &[(Stage, &str)] = &[
    (Stage::ApiServer, "API server"),
    (Stage::Scheduler, "scheduler"),
    (Stage::Kubelet, "kubelet"),
    (Stage::ImagePull, "image pull"),
    (Stage::Runtime, "runtime"),
    (Stage::Process, "process"),
];

/// Where one would have met what a rule finds, as a place on the way of a pod.
pub(super) fn stage_bar(rule: &Rule) -> Markup {
    let here = STAGES.iter().position(|(stage, _)| *stage == rule.stage).unwrap_or(STAGES.len());
    html! {
        ol class={ "stages " (rule.severity) } aria-label="Where it would show" {
            @for (index, (_, name)) in STAGES.iter().enumerate() {
                @if index == here {
                    li.here aria-current="step" { (name) }
                } @else {
                    li.past[index < here] { (name) }
                }
            }
        }
    }
}

/// The word for a stage in a list.
pub(super) fn stage_name(stage: Stage) -> &'static str {
    STAGES.iter().find(|(known, _)| *known == stage).map_or("silent", |(_, name)| name)
}

/// All words for stages, in the order of the places.
pub(super) fn stage_names() -> impl Iterator<Item = &'static str> {
    STAGES.iter().map(|(_, name)| *name).chain(["silent"])
}

//! The guides: `www/site/guides/*.md`, each with the rules that speak otherwise on its platform.

use anyhow::{Context as _, ensure};
use maud::{Markup, html};
use transom::rules;

use super::layout::{Files, Page, Root, severity};
use super::rules::{PLATFORMS, severity_on};
use super::{markdown, source};

const ROOT: Root = Root("../");

pub(super) fn pages() -> anyhow::Result<Files> {
    let mut files = Files::new();
    let mut entries = Vec::new();
    for (platform, name, guide) in PLATFORMS {
        let Some(guide) = guide else { continue };
        let text = source(&format!("site/guides/{guide}.md"))?;
        let (title, lead) = beginning(&text).with_context(|| format!("www/site/guides/{guide}.md"))?;
        entries.push((*guide, *name, title.to_owned(), lead.to_owned()));
        files.insert(format!("guides/{guide}.html"), page(&text, title, lead, platform, name));
    }
    files.insert("guides/index.html".to_owned(), index(&entries));
    Ok(files)
}

/// The heading of the first level and the paragraph after it, with which every guide begins.
fn beginning(text: &str) -> anyhow::Result<(&str, &str)> {
    let mut blocks = text.split("\n\n");
    let title = blocks.next().and_then(|first| first.strip_prefix("# ")).context("no `# ` in the first line")?;
    let lead = blocks.next().unwrap_or_default().trim();
    ensure!(!lead.is_empty() && !lead.starts_with('#'), "no paragraph after the title");
    Ok((title, lead))
}

fn page(text: &str, title: &str, lead: &str, platform: &str, name: &str) -> String {
    let body = text.split_once("\n\n").map_or("", |(_, rest)| rest).trim_start();
    let body = body.strip_prefix(lead).unwrap_or(body);
    let rendered = markdown::render(body, ROOT, &str::to_owned);
    let lead_html = markdown::render(lead, ROOT, &str::to_owned).html;
    let main = html! {
        div.guide {
            article {
                header.head {
                    p.crumbs { a href="index.html" { "Guides" } }
                    h1 { (title) }
                    div.lead { (lead_html) }
                }
                div.prose { (rendered.html) }
                (otherwise(platform, name))
            }
            nav.contents aria-label="On this page" {
                p { "On this page" }
                ol {
                    @for heading in &rendered.headings { li { a href={ "#" (heading.id) } { (heading.title) } } }
                    li { a href="#otherwise" { "Rules on " (name) } }
                }
            }
        }
    };
    let description = format!("{title}: node pools, taints, images, storage, networking, gMSA, common failures.");
    Page { title, description: &description, root: ROOT, section: "Guides", scripts: &[], main }.html()
}

/// The rules that judge their own example otherwise on this platform than on a cluster of which nothing is known.
fn otherwise(platform: &str, name: &str) -> Markup {
    let rules = rules::all().iter().filter_map(|rule| {
        let (here, elsewhere) = (severity_on(rule, platform), severity_on(rule, "generic"));
        (here != elsewhere).then_some((rule, here, elsewhere))
    });
    let rules: Vec<_> = rules.collect();
    html! {
        section.prose {
            h2 #otherwise { a.anchor href="#otherwise" { "Rules on " (name) } }
            p {
                "With " code { "platform: " (platform) } " in the settings, these judge their own example otherwise than \
                where nothing is known of the cluster. All other rules say the same everywhere."
            }
            div.table tabindex="0" role="group" aria-label={ "Rules on " (name) } {
                table {
                    thead { tr { th scope="col" { "Rule" } th scope="col" { "On " (name) } th scope="col" { "Elsewhere" } } }
                    tbody {
                        @for (rule, here, elsewhere) in &rules {
                            tr {
                                td { a href=(ROOT.rule(rule)) { (rule.id) " " (rule.name) } }
                                @for found in [here, elsewhere] {
                                    td { @match found { Some(found) => (severity(*found)), None => span.badge { "passes" } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn index(entries: &[(&str, &str, String, String)]) -> String {
    let main = html! {
        div.wide {
            header.head {
                h1 { "Guides" }
                p.lead { "Windows nodes beside Linux nodes, platform by platform: how to get them, what to write into manifests, and what breaks." }
            }
            ul.cards {
                @for (guide, name, title, lead) in entries {
                    li {
                        h2 { a href={ (guide) ".html" } { (name) } }
                        p.title { (title) }
                        div { (markdown::render(lead, ROOT, &str::to_owned).html) }
                    }
                }
            }
        }
    };
    let page = Page {
        title: "Guides",
        description: "Windows nodes on AKS, EKS, GKE and OpenShift.",
        root: ROOT,
        section: "Guides",
        scripts: &[],
        main,
    };
    page.html()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The blocks of YAML in a guide: the settings, and what is to be applied.
    fn blocks(text: &str) -> Vec<Value> {
        let block = |block: &str| block.split("```").next().unwrap_or_default().to_owned();
        text.split("```yaml\n")
            .skip(1)
            .map(|text| transom_yaml::parse(&block(text)).documents[0].value().clone())
            .collect()
    }

    #[test]
    fn what_a_guide_shows_is_accepted_with_the_settings_that_it_shows() {
        for (platform, _, guide) in PLATFORMS {
            let Some(guide) = guide else { continue };
            let blocks = blocks(&source(&format!("site/guides/{guide}.md")).expect("a guide"));
            let (settings, objects): (Vec<_>, Vec<_>) = blocks.into_iter().partition(|block| block["kind"].is_null());
            assert_eq!((settings.len(), &settings[0]["platform"]), (1, &json!(platform)), "{guide}");
            assert!(objects.iter().any(|object| object["kind"] == "Deployment"), "{guide} shows a workload");
            for object in &objects {
                let input = json!({"request": object, "settings": settings[0], "context": objects});
                let decision: Value =
                    serde_json::from_str(&transom::evaluate(input.to_string().as_bytes())).expect("JSON");
                let findings = decision["findings"].as_array().expect("findings");
                let wrong: Vec<_> = findings.iter().filter(|finding| finding["severity"] != "info").collect();
                assert!(wrong.is_empty(), "{guide}: {}: {wrong:#?}", object["kind"]);
            }
        }
    }

    #[test]
    fn every_guide_has_every_part() {
        let parts = [
            "Node pools",
            "Taints and tolerations",
            "Images",
            "RuntimeClass",
            "Storage",
            "Networking",
            "gMSA",
            "Common failures",
        ];
        for guide in PLATFORMS.iter().filter_map(|(_, _, guide)| *guide) {
            let text = source(&format!("site/guides/{guide}.md")).expect("a guide");
            let found: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(found, parts, "{guide}");
        }
    }
}

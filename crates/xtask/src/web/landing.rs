//! The first page: what transom is, shown by what it says of a manifest, and how to get it.

use anyhow::Context as _;
use maud::{Markup, html};
use serde_json::{Value, json};
use transom::finding::Stage;
use transom::rules;

use super::highlight::{self, Marks};
use super::layout::{Page, Root, repository, stage_name};
use super::{markdown, source};

const ROOT: Root = Root("");

pub(super) fn page() -> anyhow::Result<String> {
    let count = rules::all().len();
    let main = html! {
        section.hero {
            h1 { "Will it work on Windows nodes?" }
            p.lead {
                "And will it keep off them if it must? transom reads a Kubernetes manifest and says what will not work, at which \
                stage that would have shown, and with which error. Then it offers the fix."
            }
            p.actions {
                a.button.primary href=(ROOT.playground()) { "Open the playground" }
                a.button href=(ROOT.to("rules/index.html")) { (count) " rules" }
                a.button href="#install" { "Install" }
            }
        }
        (demonstration()?)
        section.wide {
            ul.cards {
                li {
                    h2 { a href=(ROOT.to("rules/index.html")) { "Search by the error" } }
                    p { "Paste " code { "no match for platform in manifest" } " or " code { "0xc0370101" } " and find what causes it." }
                }
                li {
                    h2 { a href=(ROOT.to("engines/index.html")) { "One core everywhere" } }
                    p { "OPA, Kubewarden, Gatekeeper, Kyverno, the API server itself, CI, editors, the browser: the same answer, byte for byte." }
                }
                li {
                    h2 { a href=(ROOT.to("guides/index.html")) { "Your platform" } }
                    p {
                        "Node pools, taints, images, storage and gMSA on "
                        a href=(ROOT.to("guides/aks.html")) { "AKS" } ", " a href=(ROOT.to("guides/eks.html")) { "EKS" } ", "
                        a href=(ROOT.to("guides/gke.html")) { "GKE" } " and " a href=(ROOT.to("guides/openshift.html")) { "OpenShift" } "."
                    }
                }
            }
        }
        section.install {
            h2 #install { a.anchor href="#install" { "Install" } }
            (install()?)
        }
    };
    let page = Page {
        title: "transom: will it work on Windows nodes?",
        description: "Windows-compatibility rules for Kubernetes, in one WebAssembly module: in admission, CI, editors and the browser.",
        root: ROOT,
        section: "",
        scripts: &[],
        main,
    };
    Ok(page.html())
}

/// `www/site/install.md`: what comes first, and a field for each artifact.
fn install() -> anyhow::Result<Markup> {
    let text = source("site/install.md")?;
    let mut parts = text.split("\n### ");
    let render = |text: &str| markdown::render(text, ROOT, &link).html;
    Ok(html! {
        div.prose { (render(parts.next().unwrap_or_default())) }
        div.artifacts { @for part in parts { div { (render(&format!("### {part}"))) } } }
    })
}

/// Links in `www/site` lead to pages of the site, or, with a `/` in front, to the sources.
fn link(to: &str) -> String {
    to.strip_prefix('/').map_or_else(|| to.to_owned(), repository)
}

/// `www/site/example.yaml` as it is, and what the core says of it.
fn demonstration() -> anyhow::Result<Markup> {
    let text = source("site/example.yaml")?;
    let stream = transom_yaml::parse(&text);
    let document = stream.documents.first().context("www/site/example.yaml is empty")?;
    let input = json!({"request": document.value(), "settings": {"windows": {"present": true}}});
    let decision: Value = serde_json::from_str(&transom::evaluate(input.to_string().as_bytes()))?;
    let findings: Vec<&Value> =
        decision["findings"].as_array().context("no findings")?.iter().filter(|f| f["severity"] != "info").collect();
    let wrong = findings.iter().filter_map(|finding| super::rules::place(document, finding)).collect();
    let target = &decision["target"];
    let patched = document.patched(&text, &serde_json::from_value::<Vec<_>>(decision["patch"].clone())?)?;
    let changed = super::rules::changed(&text, &patched);
    Ok(html! {
        section.demonstration aria-label="An example" {
            figure {
                figcaption { "deployment.yaml" }
                (highlight::block("yaml", &text, "A manifest with what is wrong in it", &Marks { wrong, ..Marks::default() }))
            }
            div.verdict {
                p.target {
                    "Meant for " strong { (target["intent"].as_str().unwrap_or_default()) }
                    @if let Some(because) = target["evidence"][0]["because"].as_str() { " (" (super::rules::sentence(because)) ")" }
                    "; could land on Windows nodes: " strong { (placement(&target["placement"]["windows"])) }
                    ", on Linux nodes: " strong { (placement(&target["placement"]["linux"])) }
                }
                ol.findings { @for finding in &findings { (listed(finding)) } }
            }
            details {
                summary { "After all safe fixes" }
                (highlight::block("yaml", &patched, "The manifest after all safe fixes", &Marks { changed, ..Marks::default() }))
            }
        }
    })
}

/// The word for a placement in the sentence about it.
fn placement(word: &Value) -> &str {
    match word.as_str().unwrap_or_default() {
        "guarded" => "unless a taint keeps it off",
        "maybe" => "on some",
        word => word,
    }
}

fn listed(finding: &Value) -> Markup {
    let word = |name: &str| finding[name].as_str().unwrap_or_default();
    let rule = rules::find(word("rule"));
    html! {
        li.(word("severity")) {
            p.of {
                span class={ "badge " (word("severity")) } { (word("severity")) }
                @if let Some(rule) = rule { a href=(ROOT.rule(rule)) { (rule.id) " " (rule.name) } }
                span.stage { (Stage::from_word(word("stage")).map_or("", stage_name)) }
            }
            p { (super::rules::sentence(word("message"))) }
        }
    }
}

//! What each engine can and cannot do: from the tables that its package and its tests are made of, and
//! the READMEs of the packages.

use host_test::Case;
use maud::{Markup, html};
use transom::rules::{self, Check};
use transom_policies::coverage::{Said, Unsaid, coverage};

use super::layout::{Files, Page, Root, repository};
use super::rules::reason;
use super::{layout, markdown};

const ROOT: Root = Root("../");

/// The package of an engine: its folder in `policies/`, and the engine's name.
const PACKAGES: &[(&str, &str)] = &[
    ("kubernetes", "Kubernetes' API server"),
    ("gatekeeper", "Gatekeeper"),
    ("kyverno", "Kyverno"),
    ("opa", "Open Policy Agent"),
    ("kubewarden", "Kubewarden"),
];

/// How an engine comes by its answer.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Module,
    Server,
    Cel,
}

/// An engine in one of its ways. What CEL cannot do follows from its way; the rest is how each engine is made.
struct Engine {
    name: &'static str,
    package: &'static str,
    way: Way,
    /// It is asked about pods and what has a template of them alone.
    pods_alone: bool,
    fixes: &'static str,
    looks_up: &'static str,
    warns: bool,
    /// What is to be known besides.
    note: &'static str,
}

const ENGINES: &[Engine] = &[
    Engine {
        name: "API server, webhooks",
        package: "kubernetes",
        way: Way::Server,
        pods_alone: false,
        fixes: "all safe ones",
        looks_up: "Nodes, Namespaces, RuntimeClasses",
        warns: true,
        note: "ephemeral containers and resizes too",
    },
    Engine {
        name: "API server, CEL",
        package: "kubernetes",
        way: Way::Cel,
        pods_alone: true,
        fixes: "",
        looks_up: "",
        warns: true,
        note: "no service to run",
    },
    Engine {
        name: "Gatekeeper, External Data",
        package: "gatekeeper",
        way: Way::Server,
        pods_alone: false,
        fixes: "none: mutation gives a provider one string",
        looks_up: "Nodes, Namespaces, RuntimeClasses",
        warns: true,
        note: "audits what is there; answers are kept for three minutes",
    },
    Engine {
        name: "Gatekeeper, CEL",
        package: "gatekeeper",
        way: Way::Cel,
        pods_alone: true,
        fixes: "none",
        looks_up: "",
        warns: true,
        note: "no service to run; audits what is there",
    },
    Engine {
        name: "Kyverno, HTTP",
        package: "kyverno",
        way: Way::Server,
        pods_alone: true,
        fixes: "all safe ones",
        looks_up: "Nodes, Namespaces, RuntimeClasses",
        warns: false,
        note: "a policy allows or refuses; warnings are not shown",
    },
    Engine {
        name: "Kyverno, CEL",
        package: "kyverno",
        way: Way::Cel,
        pods_alone: true,
        fixes: "none",
        looks_up: "",
        warns: true,
        note: "no service to run",
    },
    Engine {
        name: "Open Policy Agent",
        package: "opa",
        way: Way::Module,
        pods_alone: false,
        fixes: "all safe ones, through system/main",
        looks_up: "what is in data.kubernetes",
        warns: true,
        note: "takes an opa with a WebAssembly engine; conftest has none",
    },
    Engine {
        name: "Kubewarden",
        package: "kubewarden",
        way: Way::Module,
        pods_alone: false,
        fixes: "all safe ones",
        looks_up: "Namespaces, Nodes, RuntimeClasses",
        warns: true,
        note: "sees one object at a time",
    },
];

pub(super) fn pages() -> Files {
    let mut files = Files::new();
    files.insert("engines/index.html".to_owned(), index());
    for file in transom_policies::files() {
        let Some(package) = file.path.strip_suffix("/README.md") else { continue };
        let Some((_, name)) = PACKAGES.iter().find(|(folder, _)| *folder == package) else { continue };
        files.insert(format!("engines/{package}.html"), readme(package, name, &file.text));
    }
    files
}

/// The README of a package as a page; what it links is a page here, or a file of the sources.
fn readme(package: &str, name: &str, text: &str) -> String {
    let link = |to: &str| {
        let (path, anchor) =
            to.split_once('#').map_or((to, String::new()), |(path, anchor)| (path, format!("#{anchor}")));
        if path.is_empty() || path.contains("://") {
            return to.to_owned();
        }
        let path = resolved(&format!("policies/{package}"), path);
        let rule = path.strip_prefix("docs/rules/").and_then(|file| transom::rules::find(file.split('-').next()?));
        let page = PACKAGES.iter().find(|(folder, _)| path == format!("policies/{folder}/README.md"));
        match (rule, page) {
            (Some(rule), _) => ROOT.rule(rule),
            (_, Some((folder, _))) => format!("{folder}.html{anchor}"),
            _ => repository(&path) + &anchor,
        }
    };
    let rendered = markdown::render(text, ROOT, &link);
    let main = html! {
        article.readme {
            header.head { p.crumbs { a href="index.html" { "Engines" } } }
            div.prose { (rendered.html) }
            p.prose { a href=(repository(&format!("policies/{package}"))) { "The package in the sources" } }
        }
    };
    let title = format!("transom for {name}");
    let description = format!("What transom checks in {name}, what it cannot, and how to install it.");
    Page { title: name, description: &description, root: ROOT, section: "Engines", scripts: &[], main }
        .html()
        .replace(&format!("<h1>transom for the {name}</h1>"), &format!("<h1>{title}</h1>"))
}

/// A relative path in a folder as a path from the root of the sources.
fn resolved(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn index() -> String {
    let coverage = coverage();
    let said: Vec<(&rules::Rule, &Said)> =
        coverage.iter().filter_map(|(rule, said)| Some((*rule, said.as_ref().ok()?))).collect();
    let fixed = said.iter().filter(|(_, said)| said.fixes).count();
    let all = coverage.len();
    let main = html! {
        div.wide {
            header.head {
                h1 { "What each engine can do" }
                p.lead {
                    "One module has all " (all) " rules. Some engines load it; some ask transom-server, which carries it to them; \
                    and for clusters that want neither there are policies in CEL for the " (said.len()) " rules that CEL can say."
                }
            }
            section {
                h2 #engines { a.anchor href="#engines" { "Engines" } }
                div.table tabindex="0" role="group" aria-label="Engines" {
                    table.engines {
                        thead { tr {
                            th scope="col" { "Engine" } th scope="col" { "How" } th scope="col" { "Rules" } th scope="col" { "Fixes" }
                            th scope="col" { "Settings" } th scope="col" { "Looks up" } th scope="col" { "Warns" } th scope="col" { "To be known" }
                        } }
                        tbody { @for engine in ENGINES { (row(engine, all, said.len(), fixed)) } }
                    }
                }
            }
            section.prose {
                h2 #same { a.anchor href="#same" { "The same answer everywhere" } }
                p {
                    "Each of the " (Case::all().len()) " cases in " code { "tests/corpus" } " goes natively and through every artifact: \
                    the raw module in wasmtime, OPA's in wasmtime, in Node and in opa itself, Kubewarden's in Kubewarden's own libraries, \
                    the component in wasmtime and in Node, the npm package in Node, Deno, Bun, workerd and Chromium. The workloads among them \
                    also go to a real API server that asks transom-server; Gatekeeper and Kyverno are tested behind a real API server, too. \
                    The Decision is the same, byte for \
                    byte, but for what a host itself does to JSON on the way:"
                }
                div.table tabindex="0" role="group" aria-label="What hosts do to answers" {
                    table {
                        thead { tr { th scope="col" { "Host" } th scope="col" { "Answers are equal" } th scope="col" { "What it does" } } }
                        tbody {
                            @for (engine, is_bytes, what) in host_test::engines() {
                                tr { th scope="row" { (host(engine)) } td { @if is_bytes { "byte for byte" } @else { "as JSON" } } td { (what) } }
                            }
                        }
                    }
                }
            }
            section {
                h2 #cel { a.anchor href="#cel" { "What CEL can say" } }
                p.prose {
                    "A policy in CEL sees one object, knows no settings and looks nothing up. It says nothing that the rules do not say; here is \
                    how far it gets. Gatekeeper and Kyverno have the same policies as the API server, without the fixes."
                }
                div.table tabindex="0" role="group" aria-label="What CEL can say" {
                    table.coverage {
                        thead { tr {
                            th scope="col" { "Rule" } th scope="col" { "Module, server" } th scope="col" { "CEL" } th scope="col" { "Its own example" } th scope="col" { "Fix in CEL" }
                        } }
                        tbody { @for (rule, said) in &coverage { (covered(rule, said)) } }
                    }
                }
            }
        }
    };
    let page = Page {
        title: "Engines",
        description: "What transom can and cannot do in OPA, Kubewarden, Gatekeeper, Kyverno and the API server itself.",
        root: ROOT,
        section: "Engines",
        scripts: &[],
        main,
    };
    page.html()
}

fn host(engine: host_test::Engine) -> &'static str {
    match engine {
        host_test::Engine::NodeText => "OPA's SDK for Node, given text",
        host_test::Engine::NodeObject => "OPA's SDK for Node, given an object",
        host_test::Engine::Opa => "opa run",
        host_test::Engine::Npm => "the npm package",
    }
}

fn row(engine: &Engine, all: usize, said: usize, fixed: usize) -> Markup {
    let is_cel = engine.way == Way::Cel;
    let pods = rules::all().iter().filter(|rule| !matches!(rule.check, Check::Object(_))).count();
    html! {
        tr {
            th scope="row" { a href={ (engine.package) ".html" } { (engine.name) } }
            td { @match engine.way { Way::Module => "loads the module", Way::Server => "asks transom-server", Way::Cel => "decides by itself" } }
            td {
                @if is_cel { (said) " of " (all) }
                @else if engine.pods_alone { "all about pods, " (pods) }
                @else { "all " (all) }
            }
            td { @if engine.fixes.is_empty() { "for " (fixed) " rules" } @else { (engine.fixes) } }
            td { @if is_cel { "none" } @else { "all" } }
            td { @if is_cel { "nothing" } @else { (engine.looks_up) } }
            td { @if engine.warns { "yes" } @else { "no" } }
            td { (engine.note) }
        }
    }
}

fn covered(rule: &rules::Rule, said: &Result<Said, Unsaid>) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(ROOT.rule(rule)) { (rule.id) " " (rule.name) } }
            td { (layout::severity(rule.severity)) }
            @match said {
                Ok(said) => {
                    td { @match (said.refuses, said.warns) { (true, true) => "refuses, warns", (true, false) => "refuses", _ => "warns" } }
                    td { @match said.finds_example { Some(true) => "found", Some(false) => "not found", None => "takes settings" } }
                    td { @if said.fixes { "yes" } @else { "no" } }
                }
                Err(why) => td.unsaid colspan="3" { "no: " (reason(*why, rule)) },
            }
        }
    }
}

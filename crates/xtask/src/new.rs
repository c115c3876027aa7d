//! `cargo x new NAME`: a rule's file and its place in the list.

use anyhow::{Context as _, bail, ensure};

use crate::tools::root;

/// The families by the hundred of their ids.
const FAMILIES: &[(char, &str)] = &[
    ('0', "input"),
    ('1', "placement"),
    ('2', "security"),
    ('3', "identity"),
    ('4', "network"),
    ('5', "storage"),
    ('6', "images"),
    ('7', "process"),
    ('8', "resources"),
    ('9', "cluster"),
];

const LIST: &str = "src/rules/mod.rs";

pub(crate) fn run(name: &str, id: Option<&str>, family: &str) -> anyhow::Result<()> {
    let module = module_of(name)?;
    let (id, family) = match id {
        Some(id) => {
            let hundred = id.strip_prefix("WIN").filter(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()));
            let hundred = hundred.with_context(|| format!("`{id}`: an id is WIN and three digits"))?.chars().next();
            let family = FAMILIES.iter().find(|(digit, _)| Some(*digit) == hundred).context("no such family")?.1;
            (id.to_owned(), family)
        }
        None => {
            let names: Vec<&str> = FAMILIES.iter().map(|(_, name)| *name).collect();
            let unknown = || format!("`{family}`: the families are {}", names.join(", "));
            let (digit, family) = FAMILIES.iter().find(|(_, f)| *f == family).with_context(unknown)?;
            (next_id(*digit)?, *family)
        }
    };
    for rule in transom::rules::all() {
        ensure!(rule.id != id && rule.name != name, "{} {} is there already", rule.id, rule.name);
    }
    let file = root().join("src/rules").join(family).join(format!("{module}.rs"));
    ensure!(!file.exists(), "{} is there already", file.display());
    let list = root().join(LIST);
    let text = add_to_list(&std::fs::read_to_string(&list)?, family, &module, &id)?;
    std::fs::create_dir_all(file.parent().context("a folder")?)?;
    std::fs::write(&file, TEMPLATE.replace("{id}", &id).replace("{name}", name))?;
    std::fs::write(&list, text)?;
    println!("made src/rules/{family}/{module}.rs ({id}) and added it to {LIST}");
    println!("next: write its documentation and its check, then `cargo test --test rule_docs`");
    Ok(())
}

/// What Rust keeps for itself, or may some day.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The module of the rule that is called so.
fn module_of(name: &str) -> anyhow::Result<String> {
    let is_kebab = !name.is_empty()
        && name.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    ensure!(is_kebab, "`{name}`: write the name of the defect in lower case with hyphens, such as `host-network`");
    let is_numbered = name.starts_with(|c: char| c.is_ascii_digit());
    ensure!(!is_numbered, "`{name}`: the rule's module is called so, too, and in Rust none begins with a digit");
    ensure!(!KEYWORDS.contains(&name), "`{name}`: the rule's module is called so, too, and this is a word of Rust");
    Ok(name.replace('-', "_"))
}

fn next_id(digit: char) -> anyhow::Result<String> {
    let taken = |number: &u32| transom::rules::all().iter().any(|r| r.id == format!("WIN{digit}{number:02}"));
    let free = (1..100).find(|number| !taken(number)).context("the family is full")?;
    Ok(format!("WIN{digit}{free:02}"))
}

/// The list with the rule in it, behind those of its family with a smaller id.
fn add_to_list(text: &str, family: &str, module: &str, id: &str) -> anyhow::Result<String> {
    let before = transom::rules::all().iter().rfind(|r| r.id < id).map(|r| r.name.replace('-', "_"));
    let start = text.find("registry! {").context("no list of rules")?;
    let head = format!("    {family} {{");
    let line = |from: usize| text[from..].find('\n').map(|n| from + n + 1).context("the list breaks off");
    let Some(at) = text[start..].find(&head).map(|n| start + n) else {
        // The first of its family: the family goes behind those before it.
        let earlier = FAMILIES
            .iter()
            .take_while(|(_, f)| *f != family)
            .filter_map(|(_, f)| text[start..].rfind(&format!("    {f} {{")));
        let after = earlier.max().map_or(start, |n| start + n);
        let end = line(after + text[after..].find('}').context("the list breaks off")?)?;
        return Ok(format!("{}{head}\n        {module},\n    }}\n{}", &text[..end], &text[end..]));
    };
    let close = at + text[at..].find('}').context("the list breaks off")?;
    let rules = &text[at + head.len()..close];
    let mut names: Vec<&str> = rules.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
    let place = before.and_then(|b| names.iter().position(|n| *n == b)).map_or(0, |n| n + 1);
    names.insert(place, module);
    if names.iter().any(|n| n.contains(char::is_whitespace)) {
        bail!("the list of {family} is not one name after the other");
    }
    let body: String = names.iter().map(|n| format!("        {n},\n")).collect();
    Ok(format!("{}{head}\n{body}    {}", &text[..at], &text[close..]))
}

const TEMPLATE: &str = r#"//! One sentence that says what is wrong.
//!
//! What really happens, and where it shows. What to do instead.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "{id}",
    name: "{name}",
    summary: "What is wrong",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let _ = (pod, report);
}
"#;

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, module_of};

    #[test]
    fn names_that_modules_can_have() {
        for (name, module) in [("host-network", "host_network"), ("match-2", "match_2"), ("sctp", "sctp")] {
            assert_eq!(module_of(name).expect("a module"), module);
        }
        let refused = |name: &str| module_of(name).expect_err("no module").to_string();
        for name in ["", "-a", "a--b", "Host", "host_network"] {
            assert!(refused(name).contains("in lower case with hyphens"), "{name}");
        }
        for name in ["match", "type", "gen"] {
            assert!(refused(name).ends_with("this is a word of Rust"), "{name}");
        }
        assert!(refused("9lives").ends_with("none begins with a digit"));
        assert!(KEYWORDS.is_sorted());
    }
}

//! `cargo x docs`: what is generated from the rules: their index, one Markdown page a rule, the
//! schemas, and the types of TypeScript from these.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use transom::rules::{self, Rule};

use crate::example::Example;
use crate::{tools, typings};

/// The folder of the pages, from the root of the project.
const FOLDER: &str = "docs/rules";
const INDEX: &str = "README.md";

/// Families by the hundred of their ids, each with what it is about.
pub(crate) const FAMILIES: &[(char, &str)] = &[
    ('0', "The input itself"),
    ('1', "Placement: will the pod land on the right operating system?"),
    ('2', "API server and security context"),
    ('3', "HostProcess containers and identity"),
    ('4', "Networking and Services"),
    ('5', "Storage"),
    ('6', "Images"),
    ('7', "Processes, probes, lifecycle"),
    ('8', "Resources"),
    ('9', "Add-ons and cluster objects"),
];

/// Writes the pages, and takes away those of rules that are no more.
pub(crate) fn write() -> anyhow::Result<()> {
    let folder = folder();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let pages = pages();
    for stale in there(&folder)?.iter().filter(|name| !pages.contains_key(*name)) {
        fs::remove_file(folder.join(stale)).with_context(|| format!("cannot remove {stale}"))?;
    }
    for (name, text) in &pages {
        fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))?;
    }
    println!("{} pages in {FOLDER}", pages.len());
    // The schemas are made where they are tested.
    tools::run(tools::cargo(&["test", "--quiet", "--package=transom", "--test=schemas"]).env("BLESS", "1"))?;
    for (path, text) in types()? {
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The types of the npm package, by their files.
fn types() -> anyhow::Result<Vec<(PathBuf, String)>> {
    let of = |name: &str| {
        let file = name.to_lowercase();
        let schema = fs::read_to_string(tools::root().join(format!("schemas/{file}.schema.json")))?;
        let path = tools::root().join(format!("www/package/{file}.d.ts"));
        Ok((path, typings::typings(name, &serde_json::from_str(&schema)?)?))
    };
    ["Decision", "Settings"].map(of).into_iter().collect()
}

fn folder() -> PathBuf {
    tools::root().join(FOLDER)
}

fn there(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    if !folder.is_dir() {
        return Ok(BTreeSet::new());
    }
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// The text of every page by its file name.
fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<_, _> = rules::all().iter().map(|rule| (file_name(rule), page(rule))).collect();
    pages.insert(INDEX.to_owned(), index());
    pages
}

fn file_name(rule: &Rule) -> String {
    format!("{}-{}.md", rule.id, rule.name)
}

fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nEvery rule by its id, which never changes its meaning. The severity is the one that holds where the \
         settings and the finding do not say otherwise; *shows at* is where you would otherwise have met the problem; \
         a *safe* fix is applied by `--fix` and at admission, an *unsafe* one only when it is asked for by name.\n",
    );
    for (digit, title) in FAMILIES {
        let family = rules::all().iter().filter(|rule| rule.id.as_bytes().get(3) == Some(&(*digit as u8)));
        let _ =
            write!(text, "\n## {title}\n\n| id | name | severity | shows at | fix | |\n|---|---|---|---|---|---|\n");
        for rule in family {
            let _ = writeln!(
                text,
                "| [{}]({}) | {} | {} | {} | {} | {} |",
                rule.id,
                file_name(rule),
                rule.name,
                rule.severity,
                rule.stage,
                fix(rule).unwrap_or("–"),
                rule.summary.replace('|', "\\|")
            );
        }
    }
    text
}

fn page(rule: &'static Rule) -> String {
    let mut text = format!("# {} {}\n\n", rule.id, rule.name);
    let _ = write!(
        text,
        "severity **{}** · shows at **{}** · fix **{}** · since {}\n\n",
        rule.severity,
        rule.stage,
        fix(rule).unwrap_or("none"),
        rule.since
    );
    text.push_str(rules::documentation(rule).trim_end());
    text.push('\n');
    let mut list = |heading: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = write!(text, "\n## {heading}\n\n{}\n", lines.join("\n"));
        }
    };
    list("Errors it saves you from", rule.errors.iter().map(|error| format!("- `{error}`")).collect());
    list("Sources", rule.sources.iter().map(|source| format!("- <{source}>")).collect());
    let _ = write!(
        text,
        "\n## Where it is meant to be so\n\n```yaml\nmetadata:\n  annotations:\n    transom.dev/ignore.{name}: \
         \"until=2027-01-31 why it may stay\"\n```\n\nor, in a file, the comment `# transom: ignore[{name}] \
         until=2027-01-31 -- why it may stay`, or, for all objects, the setting `rules: {{{name}: off}}`.\n",
        name = rule.name
    );
    text
}

/// How safe the fix is that the rule offers for its own example of what is wrong.
fn fix(rule: &'static Rule) -> Option<&'static str> {
    Example::of(rule)?.fix()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_pages_are_what_the_rules_say_now() {
        let folder = folder();
        let pages = pages();
        let mut stale: BTreeSet<String> = there(&folder).expect("a folder of pages");
        stale.retain(|name| !pages.contains_key(name));
        let is_current = |name: &str, text: &str| fs::read_to_string(folder.join(name)).is_ok_and(|page| page == text);
        stale.extend(pages.into_iter().filter(|(name, text)| !is_current(name, text)).map(|(name, _)| name));
        assert!(stale.is_empty(), "not current: {stale:?}; run `cargo x docs` and commit");
    }
    #[test]
    fn the_committed_types_are_those_of_the_schemas() {
        for (path, text) in types().expect("types") {
            let committed = fs::read_to_string(&path).unwrap_or_default();
            assert!(committed == text, "{} is not current; run `cargo x docs` and commit", path.display());
        }
    }
}

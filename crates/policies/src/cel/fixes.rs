//! The safe fixes that CEL can say: those that change one entry of `nodeSelector`, and the tolerations.
//!
//! Where the core offers a fix for the same object, it makes the same of it. What removes fields from
//! containers or volumes takes their positions, which expressions of a policy cannot count.

use serde_json::{Value, json};
use transom::platform::Os;
use transom::platform::labels::{OS, OS_BETA};
use transom::rules::{self, Rule};

use super::claims::{Claim, all_claims};
use super::condition::{Condition, Name, all, any, not, spec};
use super::facts::{os_is, os_is_exactly};
use super::judge::{Workload, is_ignored};
use super::policy::{IGNORED, unless_ignored, with_surroundings};
use super::text::{print, quoted};
use super::tolerations;

/// A change of the pod's spec, where a condition holds.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What it is for: a name for the variable.
    pub name: &'static str,
    /// The rules that it is a fix of.
    pub rules: Vec<&'static Rule>,
    /// When.
    pub when: Condition,
    /// The operations of JSON Patch, with pointers in the spec.
    pub patch: Vec<Operation>,
}

/// An operation of JSON Patch.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `add`, `replace` or `remove`.
    pub op: &'static str,
    /// The pointer.
    pub path: String,
    /// What to put there: a text, or an object of texts.
    pub value: Option<Value>,
}

/// All of them. No two are for the same pod.
pub fn all_fixes() -> Vec<Fix> {
    let claims = all_claims();
    let rule = |id: &str| rules::find(id).unwrap_or_else(|| panic!("there is no rule {id}"));
    let guard = |id: &str| {
        let is_it = |claim: &&Claim| claim.rule.id == id;
        claims.iter().find(is_it).map(|claim| claim.guard.clone()).unwrap_or_else(|| panic!("no claim of {id}"))
    };
    let at = |key: &str| format!("/nodeSelector/{}", key.replace('/', "~1"));
    let operation = |op, path, value| Operation { op, path, value };
    let surely = |os| Condition::Known(if os == Os::Windows { Name::SurelyWindows } else { Name::Linux });
    let pin = |name, id: &str, os: Os| Fix {
        name,
        rules: vec![rule(id)],
        when: all([guard(id), if id == "WIN102" { os_is_exactly(os) } else { surely(os) }]),
        patch: vec![operation("add", "/nodeSelector".to_owned(), Some(json!({OS: os.label()})))],
    };
    let label = |key: &str| spec("/nodeSelector").key(key);
    let is_alone = || all([not(spec("/affinity/nodeAffinity").given()), not(spec("/runtimeClassName").filled())]);
    let lower = |name, os: Os| Fix {
        name,
        rules: vec![rule("WIN104")],
        when: all([surely(os), label(OS).names([os.label()]), not(label(OS).is([os.label()])), is_alone()]),
        patch: vec![operation("replace", at(OS), Some(os.label().into()))],
    };
    let rename = |name, os: Os| Fix {
        name,
        rules: vec![rule("WIN105")],
        when: all([
            label(OS_BETA).is([os.label()]),
            not(label(OS).given()),
            not(os_is(os.other())),
            not(if os == Os::Linux { Condition::Known(Name::HostProcess) } else { any([]) }),
            is_alone(),
        ]),
        patch: vec![operation("add", at(OS), Some(os.label().into())), operation("remove", at(OS_BETA), None)],
    };
    vec![
        pin("pinToWindows", "WIN101", Os::Windows),
        pin("pinToNamedWindows", "WIN102", Os::Windows),
        pin("pinToNamedLinux", "WIN102", Os::Linux),
        lower("writeWindows", Os::Windows),
        lower("writeLinux", Os::Linux),
        rename("renameWindows", Os::Windows),
        rename("renameLinux", Os::Linux),
    ]
}

/// The variables of a policy that makes these fixes and adds the tolerations.
pub fn variables(fixes: &[Fix]) -> Vec<(String, String)> {
    let path = ("path".to_owned(), "variables.at + '/spec'".to_owned());
    let own = fixes.iter().map(|fix| (fix.name.to_owned(), unless_ignored(&print(&fix.when, 0), &fix.rules)));
    let mut variables = with_surroundings(own.chain([path]).chain(tolerations::variables()).collect());
    for (_, expression) in variables.iter_mut().filter(|(name, _)| name == IGNORED) {
        expression.push_str(&format!(" +\n{}", tolerations::ignored()));
    }
    variables
}

/// The expression that gives the patch.
pub fn expression(fixes: &[Fix]) -> String {
    let operations = |fix: &Fix| {
        let each = fix.patch.iter().map(|operation| {
            let value = operation.value.as_ref().map(|value| format!(", value: {}", literal(value)));
            let path = format!("variables.path + {}", quoted(&operation.path));
            format!("JSONPatch{{op: '{}', path: {path}{}}}", operation.op, value.unwrap_or_default())
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let parts = fixes.iter().map(|fix| format!("(variables.{} ? [{}] : [])", fix.name, operations(fix)));
    let parts = parts.chain([tolerations::expression()]);
    parts.collect::<Vec<_>>().join(" +\n")
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", quoted(key), literal(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// The patch that the fixes make for an object.
pub fn patch(fixes: &[Fix], object: &Value) -> Vec<Value> {
    let Some((workload, scope)) = Workload::scope_of(object) else { return Vec::new() };
    let is_ignored = |fix: &&Fix| fix.rules.iter().any(|rule| is_ignored(object, scope.metadata, rule));
    let meant = fixes.iter().filter(|fix| !is_ignored(fix) && scope.holds(&fix.when, &Value::Null));
    meant
        .flat_map(|fix| &fix.patch)
        .map(|operation| {
            let path = format!("{}/spec{}", workload.at, operation.path);
            let mut made = json!({"op": operation.op, "path": path});
            if let Some(value) = &operation.value {
                made["value"] = value.clone();
            }
            made
        })
        .collect()
}

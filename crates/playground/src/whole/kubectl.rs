//! What applies the safe fixes to what runs already.

use transom_manifests::{Reference, printable};
use transom_yaml::Operation;

use crate::desk::Desk;

impl Desk {
    /// A line of kubectl for each object with fixes, or a comment where the API server takes no such change.
    pub(crate) fn kubectl(&self) -> String {
        let answers = self.files.values().filter_map(|file| file.answer.as_ref());
        let decisions = answers.flat_map(|file| file.objects.iter().map(|judged| (&file.name, &judged.decision)));
        let lines: String = decisions
            .filter(|(_, decision)| !decision.patch.is_empty())
            .filter_map(|(file, decision)| line(file, decision.object.as_ref()?, &decision.patch))
            .collect();
        if lines.is_empty() { "# there is nothing to patch\n".into() } else { lines }
    }
}

fn line(file: &str, object: &Reference, patch: &[Operation]) -> Option<String> {
    let Reference { api_version, kind, namespace, name } = object;
    // No object is called so, and kubectl would take it for an option.
    if kind.starts_with('-') || name.starts_with('-') {
        return None;
    }
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let dot = if group.is_empty() { "" } else { "." };
    let what = quoted(&format!("{}{dot}{group}", kind.to_lowercase()));
    let namespace = namespace.as_ref().map(|name| format!(" --namespace {}", quoted(name))).unwrap_or_default();
    let object = format!("{what} {}{namespace}", quoted(name));
    if patch.iter().all(|operation| is_changeable(group, kind, operation.path())) {
        let patch = serde_json::to_string(patch).ok()?;
        return Some(format!("kubectl patch {object} --type json --patch {}\n", quoted(&patch)));
    }
    // What a Decision says of its object is one line; the name of a file may be anything.
    Some(format!(
        "# {object}: the API server refuses to change this in one that runs. Save the fixed file, then\n# delete and create \
         again all that is in it: kubectl replace --force --filename {}\n",
        printable(&quoted_path(file))
    ))
}

/// Whether the API server lets a field be changed, in kinds most of whose fields it does not.
fn is_changeable(group: &str, kind: &str, path: &str) -> bool {
    let way: Vec<&str> = path.split('/').skip(1).collect();
    let is_metadata = way.first() == Some(&"metadata");
    let way = &way[..];
    match (group, kind) {
        ("", "Pod") => is_metadata || matches!(way, ["spec", "containers" | "initContainers", _, "image"]),
        ("batch", "Job") => {
            let fields = ["suspend", "parallelism", "activeDeadlineSeconds", "ttlSecondsAfterFinished"];
            is_metadata || matches!(way, ["spec", field] if fields.contains(field))
        }
        ("", "PersistentVolumeClaim") => is_metadata || matches!(way, ["spec", "resources", _, ..]),
        ("", "PersistentVolume") => {
            is_metadata || matches!(way, ["spec", "capacity" | "persistentVolumeReclaimPolicy", ..])
        }
        ("storage.k8s.io", "StorageClass") => {
            is_metadata || matches!(way, ["allowVolumeExpansion" | "mountOptions", ..])
        }
        _ => true,
    }
}

/// A word of a POSIX shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The path of a file as such a word, which no program takes for an option or for its standard input.
fn quoted_path(path: &str) -> String {
    if path.starts_with('-') { quoted(&format!("./{path}")) } else { quoted(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "metadata: {name: web}\nspec:\n  containers: [{name: web, image: \
                       mcr.microsoft.com/windows/nanoserver:ltsc2022}]\n";

    fn lines(text: &str) -> String {
        let mut desk = Desk::new("2026-11-21");
        desk.put("it's\n.yaml", text);
        desk.check();
        desk.kubectl()
    }

    #[test]
    fn what_runs_is_patched_or_made_again() {
        let pod = lines(&format!("apiVersion: v1\nkind: Pod\n{}", POD.replace("web}\n", "\"a\\nb\"}\n")));
        let [first, second] = pod.lines().collect::<Vec<_>>()[..] else { panic!("{pod}") };
        assert!(first.starts_with("# pod 'a b': the API server refuses"), "{pod}");
        assert!(second.starts_with("# ") && second.ends_with("--filename 'it'\\''s .yaml'"), "{pod}");
        let template = POD.replace('\n', "\n    ");
        let deployment = |name: &str| {
            let head = format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\n");
            lines(&format!("{head}spec:\n  template:\n    {template}"))
        };
        let patched = deployment("web");
        let patch = "--type json --patch '[{\"op\":\"add\",";
        assert!(
            patched.starts_with(&format!("kubectl patch deployment.apps web --namespace shop {patch}")),
            "{patched}"
        );
        assert_eq!(deployment("--server=elsewhere"), "# there is nothing to patch\n");
    }

    #[test]
    fn words_of_a_shell() {
        assert_eq!(quoted("web-1.2"), "web-1.2");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted("$(a)"), "'$(a)'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted_path("a/-x.yaml"), "a/-x.yaml");
        assert_eq!(quoted_path("-x.yaml"), "./-x.yaml");
        assert_eq!(quoted_path("-"), "./-");
    }

    #[test]
    fn few_fields_of_some_kinds_change() {
        assert!(is_changeable("", "Pod", "/spec/initContainers/0/image"));
        assert!(is_changeable("", "Pod", "/metadata/annotations/a"));
        assert!(!is_changeable("", "Pod", "/spec/containers/0/imagePullPolicy"));
        assert!(is_changeable("batch", "Job", "/spec/suspend"));
        assert!(!is_changeable("batch", "Job", "/spec/template/spec/os"));
        assert!(is_changeable("example.com", "Job", "/spec/template/spec/os"));
        assert!(is_changeable("", "PersistentVolume", "/spec/capacity/storage"));
        assert!(!is_changeable("storage.k8s.io", "StorageClass", "/parameters/fsType"));
    }
}

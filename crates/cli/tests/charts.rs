//! `transom check` of a chart and of a kustomization, with the real helm and kustomize.

mod common;

use std::path::{Path, PathBuf};

use common::Folder;
use host_test::go::{KUSTOMIZE, helm};
use host_test::root;

fn sources() -> PathBuf {
    let folder = root().join("crates/charts/tests");
    folder.canonicalize().expect("the folder")
}

fn run(folder: &Folder, tool: (&str, &Path), arguments: &[&str]) -> (i32, String, String) {
    let output = folder.command(arguments).env(tool.0, tool.1).output().expect("transom runs");
    let text =
        |bytes: Vec<u8>| String::from_utf8(bytes).expect("text").replace(&sources().display().to_string(), "SOURCES");
    (output.status.code().expect("no signal"), text(output.stdout), text(output.stderr))
}

#[test]
fn a_chart() {
    let Some(helm) = helm() else { return };
    let folder = Folder::new("chart");
    let chart = sources().join("shop").display().to_string();
    let (exit, shown, _) = run(&folder, ("TRANSOM_HELM", &helm), &["check", &chart]);
    assert_eq!(exit, 1, "{shown}");
    for expected in [
        "--> SOURCES/shop/templates/web.yaml:19:7\n",
        "19 |       hostNetwork: {{ .Values.hostNetwork }}\n",
        "= change: set `hostNetwork` in SOURCES/shop/values.yaml:4\n",
        "= change: set `nodeSelector` in SOURCES/shop/values.yaml:5\n",
        "--> SOURCES/shop/charts/cache/templates/cache.yaml:8:3\n",
        "= change: set `redis.hostIPC` in SOURCES/shop/values.yaml:16\n",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    assert!(!shown.contains("(rendered)"), "each has a place in a template\n{shown}");
    for format in ["agent", "github", "junit"] {
        let (_, shown, _) = run(&folder, ("TRANSOM_HELM", &helm), &["check", &chart, "-o", format]);
        assert!(shown.contains("Remove hostIPC") && !shown.contains("--fix"), "{shown}");
    }

    let (_, planned, _) =
        run(&folder, ("TRANSOM_HELM", &helm), &["plan", &chart, "--upgrade-builds", "ltsc2022..ltsc2019", "--info"]);
    assert!(planned.contains("at SOURCES/shop/templates/jobs.yaml:15\n"), "{planned}");
    assert!(!planned.contains("(rendered)"), "each has a place in a template\n{planned}");

    let name = sources().join("../tests/./shop").display().to_string();
    let (_, twice, counted) = run(&folder, ("TRANSOM_HELM", &helm), &["check", &chart, &chart, &name]);
    assert_eq!(twice, shown, "{counted}");

    folder
        .write("prod.yaml", "hostNetwork: false\nredis: {hostIPC: false}\nnodeSelector: {kubernetes.io/os: windows}\n");
    let (_, with_values, _) =
        run(&folder, ("TRANSOM_HELM", &helm), &["check", &chart, "--values", "prod.yaml", "-o", "json"]);
    assert!(!with_values.contains("WIN101"), "{with_values}");
    assert!(with_values.contains("set `podSecurityContext.runAsUser` in SOURCES/shop/values.yaml:7"), "{with_values}");
}

#[test]
fn comments_in_a_chart() {
    let Some(helm) = helm() else { return };
    let folder = Folder::new("chart_comments");
    folder.write("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    folder.write(
        "chart/templates/win.yaml",
        "# moved
{{- if true }}
apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}}
spec:
  nodeSelector: {kubernetes.io/os: windows}
  containers:
    # transom: ignore[WIN401] -- not needed
    - name: web
      image: mcr.microsoft.com/windows/nanoserver:ltsc2022
      # transom: ignore[WIN402] -- nor is this
      resources: {limits: {memory: 256Mi}}
{{- end }}
",
    );
    let (_, shown, _) = run(&folder, ("TRANSOM_HELM", &helm), &["check", "chart", "--info", "-o", "agent"]);
    for line in [9, 12] {
        assert!(shown.contains(&format!("chart/templates/win.yaml:{line}:")), "{line}: {shown}");
    }
}

#[test]
fn a_kustomization() {
    let Some(programs) = KUSTOMIZE.programs() else { return };
    let prod = sources().join("overlays/prod").display().to_string();
    let tool = programs.program("kustomize");
    let (exit, shown, _) =
        run(&Folder::new("kustomization"), ("TRANSOM_KUSTOMIZE", &tool), &["check", &prod, "--fail-on=warning"]);
    assert_eq!(exit, 1, "{shown}");
    for expected in [
        "--> SOURCES/overlays/base/deployment.yaml:9:7\n",
        "= change: change it in SOURCES/overlays/prod/kustomization.yaml:9\n",
        "= change: change it in SOURCES/overlays/prod/sidecar.yaml:2\n",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

/// kustomize takes comments away, and somebody has to say so.
#[test]
fn comments_in_the_resources_of_a_kustomization() {
    let Some(programs) = KUSTOMIZE.programs() else { return };
    let folder = Folder::new("resources");
    folder.write("app/kustomization.yaml", "resources: [web.yaml]\n");
    let tool = programs.program("kustomize");
    for comment in ["# transom: ignore[WIN601]", "#transom:ignore[WIN601]"] {
        let web = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  \
            containers: [{name: web, image: nginx}]";
        folder.write("app/web.yaml", format!("{web} {comment}\n"));
        let (exit, shown, said) = run(&folder, ("TRANSOM_KUSTOMIZE", &tool), &["check", "app", "--rule=WIN601"]);
        assert_eq!(exit, 1, "{shown}{said}");
        let note =
            "note: app/web.yaml: kustomize takes comments away, so those about rules do not count: use annotations\n";
        assert!(said.contains(note), "{said}");
    }
}

/// A comment behind its first line would end it, and helm would print nothing.
#[test]
fn a_text_of_several_lines_in_a_chart() {
    let Some(helm) = helm() else { return };
    let folder = Folder::new("several");
    folder.write("chart/Chart.yaml", "{apiVersion: v2, name: chart, version: 0.1.0}\n");
    folder.write("chart/values.yaml", "user: 1000\n");
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: text\n  annotations:\n    \
        about: a text\n      of: two lines\n";
    folder.write("chart/templates/text.yaml", text.replace("of: two", "of two"));
    let web = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  \
        - name: web\n    image: x\n    securityContext:\n      runAsUser: {{ .Values.user }}\n  \
        - name: api\n    image: x\n    securityContext:\n      runAsUser: {{ .Values.user }}\n";
    folder.write("chart/templates/web.yaml", web);
    let (_, shown, said) = run(&folder, ("TRANSOM_HELM", &helm), &["check", "chart", "--rule=WIN201"]);
    for expected in ["--> chart/templates/web.yaml:10:7\n", "--> chart/templates/web.yaml:14:7\n"] {
        assert!(shown.contains(expected), "{expected}\n{shown}{said}");
    }
    assert_eq!(shown.matches("= change: set `user` in chart/values.yaml:1\n").count(), 2, "{shown}");
    // What is no such text to this program, but one to helm, goes without marks.
    folder.write(
        "chart/templates/text.yaml",
        text.replace("a text\n      of: two", "{{ \"a\" }} text\n      {{ \"of\" }} two"),
    );
    let (_, again, said) = run(&folder, ("TRANSOM_HELM", &helm), &["check", "chart", "--rule=WIN201"]);
    assert_eq!(again, shown, "{said}");
}

#[test]
fn manifests_beside_a_kustomization() {
    let Some(programs) = KUSTOMIZE.programs() else { return };
    let folder = Folder::new("beside");
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: web, image: nginx}}]}}\n"
        )
    };
    for name in ["named", "generated", "beside"] {
        folder.write(&format!("app/{name}.yaml"), pod(name));
    }
    let kustomization = "resources: [named.yaml]\nconfigMapGenerator: [{name: m, files: [pod=generated.yaml]}]\n";
    folder.write("app/kustomization.yaml", kustomization);
    let tool = programs.program("kustomize");
    let (exit, shown, said) =
        run(&folder, ("TRANSOM_KUSTOMIZE", &tool), &["check", "app", "--rule=WIN107", "-o=agent"]);
    assert_eq!(exit, 0, "{said}");
    let lines: Vec<_> = shown.lines().filter_map(|line| line.split_once(": warning").map(|(place, _)| place)).collect();
    assert_eq!(lines, ["app/named.yaml:4:1", "app/beside.yaml:4:1"], "{shown}");
}

#[test]
fn a_chart_without_helm() {
    let chart = sources().join("shop").display().to_string();
    let nowhere = Path::new("/nowhere");
    let (exit, shown, said) = run(&Folder::new("no_helm"), ("PATH", nowhere), &["check", &chart]);
    assert_eq!((exit, shown.as_str()), (3, ""), "{said}");
    assert!(said.contains("helm is not installed") && said.contains("`helm template shop SOURCES/shop"), "{said}");
}

#[test]
fn a_program_that_is_named_and_not_there() {
    let none = Path::new("/no/such/program");
    for (variable, folder, tool) in
        [("TRANSOM_HELM", "shop", "helm"), ("TRANSOM_KUSTOMIZE", "overlays/prod", "kustomize")]
    {
        let (place, path) = (Folder::new(&format!("no_{tool}_there")), sources().join(folder).display().to_string());
        let absent = format!(
            "{variable} names /no/such/program, which is not there: correct it, or unset it to use the {tool} that is \
             installed\n"
        );
        let (exit, shown, said) = run(&place, (variable, none), &["check", &path]);
        assert_eq!((exit, shown.as_str()), (3, ""), "{said}");
        assert!(said.contains(&format!("error: SOURCES/{folder}: {absent}")), "{said}");
        let (_, shown, _) = run(&place, (variable, none), &["doctor"]);
        assert!(shown.contains(&format!("{tool:<10} {absent}")), "{shown}");
        let (_, shown, _) = run(&place, (variable, Path::new(".")), &["doctor"]);
        assert!(shown.contains(&format!("{variable} names ., which cannot be used (")), "{shown}");
    }
}

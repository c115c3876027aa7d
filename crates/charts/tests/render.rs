//! Charts and kustomizations, rendered by the real helm and kustomize: places lead back to where they are
//! from.

use std::path::{Path, PathBuf};

use host_test::go::{KUSTOMIZE, helm};
use host_test::root;
use transom_charts::{Folder, Options, Origin, Rendered, Tools};

fn folder(name: &str) -> PathBuf {
    // As one would type it, whatever runs the tests.
    Path::new("tests").join(name)
}

fn options() -> Option<Options> {
    let tools = Tools { helm: helm()?.into(), ..Tools::default() };
    Some(Options { tools, kubernetes: Some("1.36.0".into()), ..Options::default() })
}

/// Where a pointer into the object of a name comes from: the line of the source, and what is advised.
fn origin(files: &[Rendered], kind: &str, name: &str, pointer: &str) -> (String, String) {
    for file in files {
        for document in transom_yaml::parse(&file.text).documents {
            let object = document.value();
            if object["kind"] == kind && object["metadata"]["name"] == name {
                let Origin { span, advice } = file.origin(&document, "", pointer);
                let place = span.map(|span| {
                    let (line, _) = transom_yaml::LineIndex::new(&file.source).line_column(span.start);
                    format!("{}:{line}: {}", shown(&file.path), &file.source[span])
                });
                return (place.unwrap_or_default(), advice.join("; "));
            }
        }
    }
    panic!("no {kind} {name}");
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

#[track_caller]
fn comes_from(files: &[Rendered], (kind, name, pointer): (&str, &str, &str), place: &str, advice: &str) {
    assert_eq!(origin(files, kind, name, pointer), (place.to_owned(), advice.to_owned()), "{pointer}");
}

#[test]
fn places_in_a_chart() {
    let Some(options) = options() else { return };
    let files = Folder::of(&folder("shop")).expect("a chart").render(&options).expect("it renders");
    let web = |path: &'static str| ("Deployment", "shop-web", path);
    let values = "tests/shop/values.yaml";
    comes_from(
        &files,
        web("/spec/template/spec/hostNetwork"),
        "tests/shop/templates/web.yaml:19: hostNetwork",
        &format!("set `hostNetwork` in {values}:4"),
    );
    comes_from(
        &files,
        web("/spec/template/spec/securityContext/runAsUser"),
        "tests/shop/templates/web.yaml:25: {{- toYaml .Values.podSecurityContext | nindent 8 }}",
        &format!("set `podSecurityContext.runAsUser` in {values}:7"),
    );
    comes_from(
        &files,
        web("/spec/template/spec/nodeSelector"),
        "tests/shop/templates/web.yaml:18: spec",
        &format!("set `nodeSelector` in {values}:5"),
    );
    // Of two keys none is named.
    comes_from(&files, web("/spec/template/spec/containers/0/image"), "tests/shop/templates/web.yaml:28: image", "");
    comes_from(
        &files,
        web("/spec/template/spec/containers/0/securityContext/privileged"),
        "tests/shop/templates/web.yaml:30: true",
        "",
    );
    comes_from(
        &files,
        web("/spec/template/spec/volumes/0/hostPath/path"),
        "tests/shop/templates/web.yaml:33: hostPath",
        &format!("set `logs` in {values}:14"),
    );
    // Each of what a range makes is from the same line.
    for job in ["clean", "index"] {
        comes_from(&files, ("Job", job, "/spec/template/spec/hostPID"), "tests/shop/templates/jobs.yaml:11: true", "");
    }
    // A key that the parent's values have for the subchart, under its alias.
    comes_from(
        &files,
        ("Pod", "cache", "/spec/hostIPC"),
        "tests/shop/charts/cache/templates/cache.yaml:8: hostIPC",
        &format!("set `redis.hostIPC` in {values}:16"),
    );
}

#[test]
fn values_files_count_more() {
    let Some(options) = options() else { return };
    let file = std::env::temp_dir().join(format!("transom-values-{}.yaml", std::process::id()));
    std::fs::write(&file, "\nhostNetwork: true\n").expect("a file");
    let files = Folder::Chart(folder("shop")).render(&Options { values: vec![file.clone()], ..options });
    let (_, advice) = origin(&files.expect("it renders"), "Deployment", "shop-web", "/spec/template/spec/hostNetwork");
    assert_eq!(advice, format!("set `hostNetwork` in {}:2", shown(&file)));
    std::fs::remove_file(file).expect("it is there");
}

#[test]
fn every_line_of_our_own_chart_has_its_template() {
    let Some(options) = options() else { return };
    let chart = root().join("charts/transom");
    let files = Folder::of(&chart).expect("a chart").render(&options).expect("it renders");
    let mut places = 0;
    for file in &files {
        for document in transom_yaml::parse(&file.text).documents {
            for field in
                ["/kind", "/metadata/name", "/spec/template/spec/containers/0/image", "/spec/template/spec/os/name"]
            {
                let Some(value) = document.value().pointer(field) else { continue };
                let origin = file.origin(&document, "", field);
                let span = origin.span.unwrap_or_else(|| panic!("{}: {field}: {value}", file.path.display()));
                // The same line of the template has the field.
                let line = file.source[..span.end].rsplit('\n').next().unwrap_or_default();
                let name = field.rsplit('/').next().unwrap_or_default();
                assert!(line.contains(name) || line.contains("{{"), "{}: {field}: {line}", file.path.display());
                places += 1;
            }
        }
    }
    assert!(places > 20, "{places}");
}

#[test]
fn places_in_a_kustomization() {
    let Some(programs) = KUSTOMIZE.programs() else { return };
    let none = std::ffi::OsString::from("no-such-program");
    let tools = Tools { kustomize: programs.program("kustomize").into(), kubectl: None, helm: none };
    let options = Options { tools, ..Options::default() };
    let files = Folder::of(&folder("overlays/prod")).expect("a kustomization").render(&options).expect("it renders");
    let web = |path: &'static str| ("Deployment", "prod-web", path);
    let base = "tests/overlays/base/deployment.yaml";
    comes_from(&files, web("/spec/template/spec/hostPID"), &format!("{base}:9: hostPID: true"), "");
    comes_from(
        &files,
        web("/spec/template/spec/containers/0/image"),
        &format!("{base}:13: image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2019"),
        "change it in tests/overlays/prod/kustomization.yaml:9",
    );
    comes_from(
        &files,
        web("/spec/template/spec/securityContext/runAsUser"),
        &format!("{base}:8: spec"),
        "change it in tests/overlays/prod/user.yaml:7",
    );
    comes_from(
        &files,
        web("/spec/template/spec/hostIPC"),
        &format!("{base}:8: spec"),
        "change it in tests/overlays/prod/sidecar.yaml:2",
    );
    assert_eq!(files.len(), 2, "the generated ConfigMap is from the kustomization itself");
    assert!(files.iter().any(|file| shown(&file.path) == "tests/overlays/prod/kustomization.yaml"));
}

#[test]
fn a_tool_that_is_missing_is_named() {
    let none = std::ffi::OsString::from("no-such-program");
    let tools = Tools { kustomize: none.clone(), kubectl: Some(none.clone()), helm: none };
    let options = Options { tools, ..Options::default() };
    let error = |name: &str| Folder::of(&folder(name)).expect("a folder").render(&options).expect_err("no tool");
    let missing = error("shop");
    assert!(missing.is_missing_tool());
    let said = missing.to_string();
    assert!(said.contains("helm is not installed, so this chart cannot be rendered"), "{said}");
    assert!(said.ends_with("`no-such-program template shop tests/shop | transom check -`"), "{said}");
    assert!(error("overlays/prod").to_string().contains("kustomize (or kubectl) is not installed"));
}

#[test]
fn what_helm_says_is_passed_on() {
    let Some(options) = options() else { return };
    let wrong = Options { values: vec!["no-such-file.yaml".into()], ..options };
    let error = Folder::Chart(folder("shop")).render(&wrong).expect_err("no values").to_string();
    assert!(
        error.contains("template shop tests/shop --values no-such-file.yaml") && error.contains("no such file"),
        "{error}"
    );
    assert_eq!(Folder::of(Path::new("src")), None);
}

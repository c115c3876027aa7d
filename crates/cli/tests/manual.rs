//! The manual is what the commands say, and every option is tried by a test.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use common::Folder;

static REFERENCE: LazyLock<String> = LazyLock::new(|| {
    let run = Folder::new("manual").transom(&["reference"], b"");
    assert_eq!(run.exit, 0, "{}", run.stderr);
    run.stdout
});

#[test]
#[cfg(feature = "module")]
fn the_committed_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, REFERENCE.as_str()).expect("written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(committed == *REFERENCE, "docs/cli.md is not current: BLESS=1 writes it anew");
}

/// The words of every command line in the tests: of the cases, and of the tests in Rust.
fn tried() -> Vec<Vec<String>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let texts = |folder: &Path, extension: &str| -> Vec<String> {
        let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let wanted = files.filter(|file| file.extension().is_some_and(|of| of == extension));
        wanted.map(|file| fs::read_to_string(file).expect("text")).collect()
    };
    let cases = texts(&tests.join("cases"), "test");
    let runs = cases.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("-- run "));
    let mut tried: Vec<Vec<String>> = runs.map(|line| line.split(' ').map(str::to_owned).collect()).collect();
    for text in texts(&tests, "rs") {
        for list in text.split('[').skip(1).filter_map(|rest| rest.split(']').next()) {
            tried.push(list.split('"').skip(1).step_by(2).map(str::to_owned).collect());
        }
    }
    tried
}

#[test]
fn every_option_is_tried() {
    let tried = tried();
    let mut missing = BTreeSet::new();
    for section in REFERENCE.split("\n## transom ").skip(1) {
        let command = section.lines().next().unwrap_or_default();
        let runs: Vec<_> = tried.iter().filter(|words| words.iter().any(|word| word == command)).collect();
        if runs.is_empty() {
            missing.insert(command.to_owned());
        }
        for entry in section.lines().filter_map(|line| line.strip_prefix("- `")) {
            let name = entry.split('`').next().unwrap_or_default();
            let spellings: Vec<&str> = name.split([' ', ',', '[']).filter(|word| word.starts_with('-')).collect();
            let is_tried = |words: &&Vec<String>| {
                words
                    .iter()
                    .any(|word| spellings.iter().any(|name| word == name || word.starts_with(&format!("{name}="))))
            };
            if !spellings.is_empty() && !runs.iter().any(is_tried) {
                missing.insert(format!("{command} {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "no test tries {missing:?}");
}

#[test]
fn completions_and_man_pages_are_made() {
    let folder = Folder::new("completions");
    for (shell, sign) in [
        ("bash", "complete -F _transom"),
        ("zsh", "#compdef transom"),
        ("fish", "complete -c transom"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[transom]"),
    ] {
        let run = folder.transom(&["completions", shell], b"");
        assert!(run.stdout.contains(sign) && run.stdout.contains("show-suppressed"), "{shell}: {}", run.stdout);
    }
    let bash = folder.transom(&["completions", "bash"], b"").stdout;
    assert!(bash.contains(" --fix=safe --fix=all --fix ") && !bash.contains("\"safe all\""), "{bash}");
    assert!(!bash.contains("reference"), "what is hidden stays so: {bash}");
    for values in ["text json sarif junit", "WIN101 windows-pod-not-pinned WIN102"] {
        assert!(bash.contains(values), "{values}: {bash}");
    }
    let fish = folder.transom(&["completions", "fish"], b"").stdout;
    assert!(fish.contains(" -l fix -f -a 'safe all' -d ") && !fish.contains("safe\\t"), "{fish}");
    let page = folder.transom(&["man"], b"");
    assert!(page.stdout.contains(".TH transom 1"), "{}", page.stdout);
    assert_eq!(folder.transom(&["man", "--folder", "man"], b"").exit, 0);
    let run = folder.transom(&["man", "--folder", "man/transom.1"], b"");
    assert_eq!((run.exit, run.stderr.as_str()), (2, "error: --folder man/transom.1: this is a file\n"));
    let check = String::from_utf8(folder.read("man/transom-check.1")).expect("text");
    assert!(check.contains("show\\-suppressed"), "{check}");
    assert!(check.contains(concat!("\"check ", env!("CARGO_PKG_VERSION"), "\"")), "{check}");
    assert!(!check.contains("\\-\\-version"), "{check}");
}

#[test]
fn the_reference_has_what_every_command_takes() {
    let (head, commands) = REFERENCE.split_once("\n## transom ").expect("commands");
    let color =
        "\nEvery command takes:\n\n- `--color <WHEN>` When to use colours. One of auto, always, never. Default: auto.";
    assert!(head.contains(color) && !commands.contains("--color"), "{head}");
}

#[test]
fn what_this_program_was_built_without_is_named() {
    let folder = Folder::new("lacking");
    folder.write("web.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n");
    for (has, args, what) in [
        (cfg!(feature = "kube"), &["scan"][..], "a way to clusters"),
        (cfg!(feature = "lsp"), &["lsp"], "the language server"),
        (cfg!(feature = "module"), &["bake", "--settings", "a.yaml", "-o", "a.wasm"], "`bake`"),
        (cfg!(feature = "module"), &["bake", "--help"], "`bake`"),
        (cfg!(feature = "module"), &["check", "--module", "a.wasm", "web.yaml"], "`--module`"),
        (cfg!(feature = "play"), &["play"], "`play`"),
        (cfg!(feature = "play"), &["play", "--print", "web.yaml"], "`play`"),
        (cfg!(feature = "watch"), &["check", "--watch", "web.yaml"], "`--watch`"),
    ] {
        if has {
            continue;
        }
        let run = folder.transom(args, b"");
        let says = format!("this transom was built without {what}: ");
        assert!(run.exit == 2 && run.stderr.contains(&says), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains("/docs/install.md has the ways"), "{args:?}: {}", run.stderr);
    }
    let help = folder.transom(&["--help"], b"").stdout;
    assert_eq!(help.contains("\n  bake "), cfg!(feature = "module"), "{help}");
    assert_eq!(help.contains("\n  play "), cfg!(feature = "play"), "{help}");
}

#[test]
fn doctor_says_what_is_there() {
    let folder = Folder::new("doctor");
    let run = folder.transom_in(&[("PATH", "/nowhere"), ("CURSOR_AGENT", "1")], &["doctor"], b"");
    assert_eq!(run.exit, 0, "{}", run.stderr);
    for line in [
        "settings   none",
        "helm       not installed; it renders charts",
        "stdout     no terminal",
        "format     agent, because",
    ] {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
    folder.write("transom.yaml", "platfrom: aks\n");
    folder.write("transom-baseline.json", "[]");
    let run = folder.transom(&["doctor"], b"");
    assert_eq!(run.exit, 2);
    assert!(run.stderr.contains("did you mean `platform`?") && run.stderr.contains("is no baseline"), "{}", run.stderr);
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn a_panic_asks_for_a_report() {
    let folder = Folder::new("panic");
    let place = folder.0.to_str().expect("text");
    let run = folder.transom_in(&[("TRANSOM_PANIC", "1"), ("TMPDIR", place)], &["rules"], b"");
    assert_eq!(run.exit, 101);
    assert!(run.stderr.contains("this is a bug") && run.stderr.contains("/issues"), "{}", run.stderr);
    let file = fs::read_dir(&folder.0).expect("a folder").next().expect("a report").expect("an entry").path();
    let report = fs::read_to_string(file).expect("text");
    assert!(report.contains("as TRANSOM_PANIC asks for") && report.contains("src/panic.rs"), "{report}");
}

#[cfg(unix)]
#[test]
fn as_a_plugin_it_has_kubectls_name() {
    let folder = Folder::new("plugin");
    let link = folder.0.join("kubectl-transom");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_transom"), &link).expect("a link");
    let help = std::process::Command::new(&link).args(["check", "--help"]).output().expect("it runs");
    let help = String::from_utf8(help.stdout).expect("text");
    assert!(help.contains("Usage: kubectl transom check"), "{help}");
}

#[test]
fn watching_checks_again_after_a_change() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;
    let folder = Folder::new("watch");
    let pod = |network: bool| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  os: {{name: windows}}\n  hostNetwork: {network}\n  \
             containers: [{{name: web, image: iis}}]\n"
        )
    };
    folder.write("set/web.yaml", pod(true));
    let mut command = folder.command(&["check", "set", "--rule", "WIN401", "--watch"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    let mut until_watching =
        || lines.by_ref().take_while(|line| !line.contains("watching")).collect::<Vec<_>>().join("\n");
    let before = until_watching();
    folder.write("set/web.yaml", pod(false));
    let after = until_watching();
    child.kill().expect("it can be ended");
    child.wait().expect("it ends");
    assert!(before.contains("1 error"), "{before}");
    assert!(after.contains("no problems"), "{after}");
}

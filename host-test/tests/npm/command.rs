//! `npx transom`: the command line in the package, which is a module of WASI.

use std::fs;
use std::process::Command;

use host_test::commands::{self, Run};
use host_test::root;

use super::project::Project;

/// Cases of what the module has not: WebAssembly within, a network, other programs.
const NATIVE: &[&str] =
    &["bake_settings_twice", "check_kustomization_beside", "fix_before_rendering", "scan_kubeconfig"];

/// In a folder with nothing but manifests, as somebody who has just heard of it.
#[test]
fn npx_runs_it() {
    let Some(project) = Project::get() else { return };
    let folder = project.folder().join("command");
    fs::create_dir_all(&folder).expect("a folder");
    fs::copy(root().join("examples/shop.yaml"), folder.join("shop.yaml")).expect("a file");
    let npx = |args: &[&str], stdin: &[u8]| -> Run {
        let mut npx = Command::new(if cfg!(windows) { "npx.cmd" } else { "npx" });
        commands::clean(npx.args(["--offline", "transom"]).args(args).current_dir(&folder));
        commands::run(&mut npx, stdin)
    };
    let version = npx(&["--version"], b"");
    assert_eq!(version.stdout, concat!("transom ", env!("CARGO_PKG_VERSION"), "\n"), "{}", version.stderr);
    let found = npx(&["check", "shop.yaml"], b"");
    assert_eq!(found.exit, 1, "{}", found.stderr);
    assert!(found.stdout.contains("  --> shop.yaml:62:11\n"), "{}", found.stdout);
    assert!(found.stderr.contains("8 errors, 6 warnings in 3 objects in 1 file ("), "{}", found.stderr);
    let text = fs::read(folder.join("shop.yaml")).expect("it is there");
    assert_eq!(npx(&["check", "-"], &text).stdout, found.stdout.replace("shop.yaml", "<stdin>"));
    for args in [&["lsp"][..], &["check", "--watch", "."], &["scan"]] {
        let run = npx(args, b"");
        assert!(run.exit == 2 && run.stderr.contains("docs/install.md"), "{args:?}: {}", run.stderr);
    }
}

/// What the native program prints, ends with and leaves in files, byte for byte.
#[test]
fn every_case_of_the_command_line_comes_out_the_same() {
    let Some(project) = Project::get() else { return };
    let script = project.folder().join("node_modules/transom/bin/transom.mjs");
    let node = || {
        let mut node = Command::new("node");
        node.arg(&script);
        node
    };
    let mut failures = Vec::new();
    for file in commands::cases() {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        if NATIVE.contains(&&*name) {
            continue;
        }
        let folder = project.folder().join("cases").join(&name);
        fs::create_dir_all(&folder).expect("a folder");
        let expected = fs::read_to_string(&file).expect("a case").replace("\r\n", "\n");
        let came = commands::case(&expected, &folder, node);
        if came != expected {
            let diff = similar::TextDiff::from_lines(&expected, &came);
            failures.push(diff.unified_diff().header(&name, "npx transom").to_string());
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

/// On Windows there are drives, and backslashes between names.
#[test]
fn paths_of_windows_are_found_in_the_module() {
    let Some(project) = Project::get() else { return };
    let code = "
        import { inside } from './node_modules/transom/bin/host.mjs';
        const windows = ['deploy\\\\web.yaml', 'C:\\\\work', 'sarif=c:\\\\out\\\\a.sarif', '--settings=D:/x', '--info', '-', 'a:b'];
        console.log(windows.map((path) => inside(path, 'win32')).join(' '));
        console.log(inside('a\\\\b', 'linux'));
    ";
    let said = project.run("inside.mjs", code);
    assert_eq!(said, "deploy/web.yaml /C:/work sarif=/c:/out/a.sarif --settings=/D:/x --info - a:b\na\\b\n");
}

//! `npx transom`: the command line in the package, which is a module of WASI.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

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
    for args in [
        &["lsp"][..],
        &["check", "--watch", "."],
        &["check", "--module", "a.wasm", "."],
        &["scan"],
        &["bake", "--settings", "a.yaml", "--output", "a.wasm"],
        &["play", "shop.yaml"],
    ] {
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

/// More than a pipe holds, to a reader who comes late.
#[test]
fn a_slow_reader_gets_everything() {
    let Some(project) = Project::get() else { return };
    let mut text = String::new();
    for number in 0..1500 {
        let value = "x".repeat(150);
        writeln!(text, "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-{number}\ndata:\n  key: {value}")
            .expect("it is a text");
    }
    assert!(text.len() > 300_000, "{}", text.len());
    let script = project.folder().join("node_modules/transom/bin/transom.mjs");
    let mut node = Command::new("node");
    commands::clean(node.arg(script).args(["fix", "-", "--quiet", "--isolated"]).current_dir(project.folder()));
    let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let (mut stdin, mut stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let mut came = String::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            stdin.write_all(text.as_bytes()).expect("it reads");
            drop(stdin);
        });
        thread::sleep(Duration::from_secs(2));
        stdout.read_to_string(&mut came).expect("text");
    });
    assert!(child.wait().expect("it ends").success());
    assert!(came == text, "{} bytes of {}", came.len(), text.len());
}

/// Streams need not wait, and nothing of Node's WASI is for V8 to call by itself.
#[test]
fn what_goes_wrong_in_node_is_made_up_for() {
    let Some(project) = Project::get() else { return };
    let code = "
        import { WASI } from 'node:wasi';
        import { imports } from './node_modules/transom/bin/host.mjs';
        const answers = [6, 6, 0];
        const fd_write = (...given) => (console.log(given.join()), answers.shift());
        const system = { fd_write, fd_read: () => 8 };
        const { wasi_snapshot_preview1: wrapped } = imports({ getImportObject: () => ({ wasi_snapshot_preview1: system }) });
        console.log(wrapped.fd_write(1, 16, 1, 8), wrapped.fd_read(0, 16, 1, 8));
        const { wasi_snapshot_preview1: all } = imports(new WASI({ version: 'preview1' }));
        console.log(Object.values(all).filter((call) => /native code/.test(call)).length);
    ";
    let said = project.run("imports.mjs", code);
    assert_eq!(said, "1,16,1,8\n1,16,1,8\n1,16,1,8\n0 8\n0\n");
}

/// On Windows there are drives, and backslashes between names.
#[test]
fn paths_of_windows_are_found_in_the_module() {
    let Some(project) = Project::get() else { return };
    let code = "
        import { environment, inside } from './node_modules/transom/bin/host.mjs';
        const windows = ['deploy\\\\web.yaml', 'C:\\\\work', 'sarif=c:\\\\out\\\\a.sarif', '--settings=D:/x', 'D:', '--info', '-', 'a:b'];
        console.log(windows.map((path) => inside(path, 'win32')).join(' ').replace(process.cwd(), '/'));
        console.log(inside('a\\\\b', 'linux'));
        const env = { TRANSOM_SETTINGS: 'C:\\\\a.yaml', GITHUB_WORKSPACE: 'D:\\\\a\\\\b', CI_PROJECT_DIR: 'c:\\\\ci', Path: 'C:\\\\bin', PWD: 'x' };
        const folders = { PWD: 'C:\\\\work', TMPDIR: 'C:\\\\Temp' };
        console.log(Object.values(environment(env, folders, 'win32')).join(' '));
        console.log(Object.values(environment(env, folders, 'linux')).join(' '));
        console.log(Object.keys(environment({ Path: 'a' }, folders, 'win32')).join(' '));
    ";
    let said = project.run("inside.mjs", code);
    let expected = "deploy/web.yaml /C:/work sarif=/c:/out/a.sarif --settings=/D:/x /D:/ --info - a:b\na\\b\n\
                    /C:/a.yaml /D:/a/b /c:/ci C:\\bin /C:/work /C:/Temp\n\
                    C:\\a.yaml D:\\a\\b c:\\ci C:\\bin C:\\work C:\\Temp\n\
                    Path PWD TMPDIR\n";
    assert_eq!(said, expected);
}

/// Shells on Windows leave them to the program.
#[test]
fn wildcards_of_windows_are_expanded() {
    let Some(project) = Project::get() else { return };
    let folder = project.folder().join("wild");
    for file in ["b.yaml", "a.yaml", "C.YAML", ".d.yaml", "e.json", "f[1].yaml", "g/h/i.yaml", "g/j.yaml"] {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, "").expect("a file");
    }
    let code = "
        import { expanded } from './node_modules/transom/bin/host.mjs';
        process.chdir('wild');
        const here = process.cwd() + '/';
        const patterns = ['*.yaml', '?.yaml', '[!a-b].yaml', 'f[1].yaml', 'G?\\\\*', 'g\\\\**\\\\*.yaml', here + 'g/j*', '*.txt', '[', 'a.yaml'];
        for (const pattern of patterns) console.log(expanded(pattern, 'win32').join(' ').replaceAll(here, ''));
        console.log(expanded('*.yaml', 'linux').join(' '));
    ";
    let said = project.run("wild.mjs", code);
    let expected = ".d.yaml C.YAML a.yaml b.yaml f[1].yaml\nC.YAML a.yaml b.yaml\nC.YAML\nf[1].yaml\nG?\\*\n\
                    g/j.yaml g/h/i.yaml\ng/j.yaml\n*.txt\n[\na.yaml\n*.yaml\n";
    assert_eq!(said, expected);
}

//! What cannot be written down in a case: bytes that are no text, streams that end, permissions.

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use common::Folder;

const POD: &str = "apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web # the shop
      resources: {limits: {memory: 512Mi}}
      image: mcr.microsoft.com/windows/nanoserver:ltsc2022
";

#[test]
fn windows_line_ends_and_a_byte_order_mark_stay() {
    let folder = Folder::new("crlf");
    let text = format!("\u{feff}{}", POD.replace('\n', "\r\n"));
    folder.write("web.yaml", &text);
    let run = folder.transom(&["check", "web.yaml"], b"");
    assert_eq!(run.exit, 1);
    assert!(run.stdout.contains("\n --> web.yaml:5:1\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n5 | spec:\n  | ^^^^ in Pod web\n"), "{}", run.stdout);
    let run = folder.transom(&["fix", "web.yaml"], b"");
    assert_eq!((run.exit, run.stdout.as_str()), (0, ""));
    let fixed = String::from_utf8(folder.read("web.yaml")).expect("text");
    assert_eq!(fixed, format!("{text}  nodeSelector:\r\n    kubernetes.io/os: windows\r\n"));
}

#[test]
fn lines_that_end_with_carriage_returns_alone() {
    let folder = Folder::new("cr");
    folder.write("a.yaml", POD.replace('\n', "\r"));
    folder.write("b.yaml", POD.replace("web # the", "web # \rthe").replace("the shop", "# the shop"));
    let run = folder.transom(&["check", "a.yaml", "b.yaml", "--diff"], b"");
    let lines: Vec<&str> = run.stdout.split('\n').collect();
    let is_at = |at: usize, line: &str| assert!(lines[at].starts_with(line), "{at}: {}", run.stdout);
    // To whoever applies it a line ends with a line feed.
    for (at, line) in [(2, "@@ -1 +1 @@"), (3, "-apiVersion"), (4, "\\ No newline"), (5, "+apiVersion"), (6, "\\ No")] {
        is_at(at, line);
    }
    for (at, line) in
        [(7, "--- b.yaml"), (9, "@@ -7,3 +7,5 @@"), (10, "     - name: web # \r# the shop"), (13, "+  node")]
    {
        is_at(at, line);
    }
    let run = folder.transom(&["check", "a.yaml", "--output", "sarif"], b"");
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let run = &report["runs"][0];
    assert_eq!(run["newlineSequences"], serde_json::json!(["\r\n", "\n", "\r"]));
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 5);
}

#[test]
fn a_patch_is_one_however_it_is_named() {
    let folder = Folder::new("patch");
    folder.write("over/kustomization.yaml", "patches: [{path: parts/web.yaml}]\n");
    folder.write("over/parts/web.yaml", POD);
    for (below, path) in
        [("", "over/parts"), ("", "over/parts/web.yaml"), ("over", "../over/parts"), ("over", "parts/web.yaml")]
    {
        let here = folder.0.join(below);
        let absolute = here.join(path);
        for path in [path, absolute.to_str().expect("text")] {
            let output = folder.command(&["check", path]).current_dir(&here).output().expect("it runs");
            let said = String::from_utf8(output.stderr).expect("text");
            assert!(said.contains("were not judged") && !said.contains("no *.yaml"), "{path}: {said}");
            assert_eq!((output.status.code(), &*output.stdout), (Some(0), &b""[..]), "{path}");
        }
    }
}

#[test]
fn a_ci_names_files_from_the_root_of_the_repository() {
    let folder = Folder::new("repository");
    folder.write("sub/deploy/web.yaml", POD);
    folder.write("sub/broken.yaml", "a: [\n");
    let run = |variable: Option<&str>, args: &[&str]| {
        let mut command = folder.command(&[&["check", ".", "missing.yaml"], args].concat());
        command.envs(variable.map(|variable| (variable, &folder.0)));
        let output = command.current_dir(folder.0.join("sub")).output().expect("it runs");
        String::from_utf8(output.stdout).expect("text")
    };
    for (variable, format, from_here) in [
        ("GITHUB_WORKSPACE", "github", "file="),
        ("GITHUB_WORKSPACE", "sarif", "\"uri\":\""),
        ("CI_PROJECT_DIR", "gitlab", "\"path\":\""),
    ] {
        let (before, after) = (run(None, &["-o", format]), run(Some(variable), &["-o", format]));
        for file in ["deploy/web.yaml", "broken.yaml", "missing.yaml"] {
            assert!(before.contains(&format!("{from_here}{file}")), "{before}");
        }
        // Nothing else changes: fingerprints stay.
        let moved = ["deploy", "broken", "missing"].iter().fold(before.clone(), |text, name| {
            text.replace(&format!("{from_here}{name}"), &format!("{from_here}sub/{name}"))
        });
        assert_eq!(after, moved);
        assert_eq!(run(Some(variable), &["-o", format, "--isolated"]), before);
    }
    assert_eq!(run(Some("GITHUB_WORKSPACE"), &["-o", "json"]), run(None, &["-o", "json"]));
}

#[test]
fn a_baseline_knows_files_outside_its_folder_by_whatever_path() {
    let folder = Folder::new("outside");
    folder.write("bl/keep.yaml", POD);
    folder.write("bb/web.yaml", POD);
    let inside = |args: &[&str]| folder.command(args).current_dir(folder.0.join("bb")).output().expect("it runs");
    inside(&["baseline", "../bl/keep.yaml"]);
    let (absolute, baseline) = (folder.0.join("bl/keep.yaml").display().to_string(), "bb/transom-baseline.json");
    let written = String::from_utf8(folder.read(baseline)).expect("text");
    assert!(written.contains(r#""file":"../bl/keep.yaml""#), "{written}");
    // Former versions wrote what they were given.
    for written in [written.clone(), written.replace("../bl/keep.yaml", &absolute.replace('\\', "/"))] {
        folder.write(baseline, &written);
        for path in ["../bl/keep.yaml", "../bb/../bl", &absolute] {
            let output = inside(&["check", path]);
            assert_eq!(output.status.code(), Some(0), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let run = folder.transom(&["check", "bl/keep.yaml", "--baseline", baseline], b"");
        assert_eq!((run.exit, run.stdout.as_str()), (0, ""));
    }
}

#[test]
fn a_finding_in_the_first_line_does_not_count_the_byte_order_mark() {
    let folder = Folder::new("bom");
    folder.write(
        "web.json",
        "\u{feff}{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"spec\": {\"hostNetwork\": \"é\", \"hostPID\": 1}}\n",
    );
    let run = folder.transom(&["check", "web.json"], b"");
    assert!(run.stdout.contains("--> web.json:1:46\n"), "{}", run.stdout);
    assert!(run.stdout.contains("--> web.json:1:66\n"), "{}", run.stdout);
}

#[test]
fn files_that_are_no_text_are_named_and_the_rest_is_checked() {
    let folder = Folder::new("bytes");
    folder.write("set/binary.yaml", b"\x7fELF\0\0\0");
    folder.write("set/latin1.yaml", b"a: 1\nname: caf\xe9\n");
    folder.write("set/utf16.yaml", b"\xff\xfea\0:\0 \0\x00\xd8");
    folder.write("set/web.yaml", POD);
    let run = folder.transom(&["check", "set"], b"");
    assert_eq!(run.exit, 3);
    assert!(run.stdout.starts_with("error[WIN101]"), "{}", run.stdout);
    let expected = "\
error: set/binary.yaml: this is a binary file
error: set/latin1.yaml: this is not UTF-8: byte 0xE9 in line 2; save it as UTF-8
error: set/utf16.yaml: this is not UTF-16: half a character in line 1; save it as UTF-8
1 error in 1 object in 1 file (";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert!(run.stderr.ends_with("\n3 inputs could not be checked: see above\n"), "{}", run.stderr);
    let run = folder.transom(&["check", "set", "--fix"], b"");
    assert_eq!((run.exit, run.stderr.matches("this is a binary file").count()), (3, 1), "{}", run.stderr);
    folder.write("set/web.yaml", POD);
    let run = folder.transom(&["check", "-"], b"\0");
    assert_eq!((run.exit, run.stderr.lines().next()), (3, Some("error: <stdin>: this is a binary file")));
    let run = folder.transom(&["fix", "set"], b"");
    assert_eq!(run.exit, 3);
    assert!(run.stderr.ends_with("set/web.yaml: 1 fix (WIN101)\n1 fix in 1 file\n"), "{}", run.stderr);
}

/// As kubectl does: Windows PowerShell's `>` writes such files.
#[test]
fn utf_16_is_read_and_written() {
    let folder = Folder::new("utf16");
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let lines = POD.replace('\n', "\r\n");
    folder.write("web.yaml", utf16(&format!("\u{feff}# café\r\n{lines}")));
    let run = folder.transom(&["check", "web.yaml"], b"");
    assert_eq!(run.exit, 1, "{}", run.stderr);
    assert!(run.stdout.starts_with("error[WIN101]"), "{}", run.stdout);
    let run = folder.transom(&["fix", "web.yaml"], b"");
    assert_eq!(run.exit, 0, "{}", run.stderr);
    let expected = folder.transom(&["fix", "-"], format!("\u{feff}# café\r\n{lines}").as_bytes());
    assert_eq!(folder.read("web.yaml"), utf16(&expected.stdout));
}

/// What stands behind it would be a field for kubectl, and part of a comment here.
#[test]
fn a_comment_in_which_a_line_ends_for_kubectl() {
    let folder = Folder::new("separator");
    folder.write("web.yaml", POD.replace("# the shop", "# the\u{2028}      tty: true"));
    let run = folder.transom(&["check", "web.yaml"], b"");
    assert_eq!((run.exit, run.stdout.as_str()), (3, ""));
    assert!(
        run.stderr.contains("a line ends here for kubectl") && run.stderr.contains("web.yaml:7:"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_brace_on_stdin_is_named_with_its_place() {
    let run = Folder::new("brace").transom(&["check", "-"], b"{");
    assert_eq!((run.exit, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("--> <stdin>:1:1\n"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn fixed_files_keep_their_permissions_and_links_stay_links() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::new("permissions");
    folder.write("web.yaml", POD);
    fs::set_permissions(folder.0.join("web.yaml"), fs::Permissions::from_mode(0o640)).expect("permitted");
    symlink("web.yaml", folder.0.join("link.yaml")).expect("a link");
    let run = folder.transom(&["fix", "link.yaml"], b"");
    assert_eq!((run.exit, run.stderr.as_str()), (0, "link.yaml: 1 fix (WIN101)\n1 fix in 1 file\n"));
    assert!(fs::symlink_metadata(folder.0.join("link.yaml")).expect("there").is_symlink());
    assert_eq!(fs::metadata(folder.0.join("web.yaml")).expect("there").permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(&folder.0).expect("a folder").count(), 2, "no temporary file is left");

    folder.write("locked.yaml", POD);
    fs::set_permissions(folder.0.join("locked.yaml"), fs::Permissions::from_mode(0o444)).expect("permitted");
    let run = folder.transom(&["fix", "locked.yaml"], b"");
    assert_eq!(run.exit, 3);
    assert!(run.stderr.starts_with("error: locked.yaml: cannot be written: the file is read-only\n"), "{}", run.stderr);
    assert_eq!(folder.read("locked.yaml"), POD.as_bytes());
}

#[cfg(unix)]
#[test]
fn settings_that_are_there_and_cannot_be_read_are_no_settings_that_are_not_there() {
    let folder = Folder::new("unsettled");
    folder.write("link/web.yaml", POD);
    std::os::unix::fs::symlink("nowhere", folder.0.join("link/transom.yaml")).expect("a link");
    folder.write("folder/transom.yaml/web.yaml", POD);
    for (path, why) in [("link", "there is no such file or folder"), ("folder", "this is a folder")] {
        for command in ["check", "settings"] {
            let run = folder.transom(&[command, path], b"");
            let expected = format!("error: cannot read the settings {path}/transom.yaml: {why}\n");
            assert_eq!((run.exit, run.stderr.as_str()), (2, expected.as_str()));
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let folder = Folder::new("pipe");
    let warned = POD.replace("resources: {limits: {memory: 512Mi}}", "command: [ntttcp]");
    let warned = format!("{warned}  nodeSelector: {{kubernetes.io/os: windows}}\n---\n");
    folder.write("set/a.yaml", warned.repeat(3_000));
    folder.write("set/web.yaml", POD);
    for (args, exit) in [
        (&["check", "set"][..], 1),
        (&["check", "set", "--output", "json"], 1),
        (&["check", "set", "--output", "text", "--output", "json=report.json"], 1),
        (&["check", "set", "--fail-on", "never"], 0),
        (&["plan", "--kubernetes", "1.30→1.36", "set"], 0),
        (&["explain", "WIN101"], 0),
        (&["rules"], 0),
    ] {
        let mut child =
            folder.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("transom runs");
        let mut line = String::new();
        BufReader::with_capacity(16, child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {stderr}");
        assert!(!stderr.contains("panicked") && !stderr.contains("Broken pipe"), "{args:?}: {stderr}");
    }
    assert!(folder.read("report.json").ends_with(b"}\n"), "the file is written to its end");
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_neither_usage_nor_findings() {
    let folder = Folder::new("full");
    folder.write("web.yaml", POD);
    folder.write(
        "log.sarif",
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "CodeQL"}}, "results": []}]}"#,
    );
    folder.write("empty/web.yaml", POD);
    std::os::unix::fs::symlink("/dev/full", folder.0.join("empty/transom.yaml")).expect("a link");
    let full = || fs::File::options().write(true).open("/dev/full").expect("a device");
    for (args, named) in [
        (&["check", "web.yaml"][..], "stdout"),
        (&["check", "web.yaml", "--output", "json"], "stdout"),
        (&["check", "web.yaml", "--output", "sarif=/dev/full"], "/dev/full"),
        (&["check", "web.yaml", "--output", "text=/dev/full"], "/dev/full"),
        (&["fix", "--diff", "web.yaml"], "stdout"),
        (&["rules"], "stdout"),
        (&["man"], "stdout"),
        (&["filter", "log.sarif", "--manifests", "web.yaml", "--output", "/dev/full"], "/dev/full"),
        (&["baseline", "web.yaml", "--output", "/dev/full"], "/dev/full"),
        (&["init", "--force", "empty"], "empty/transom.yaml"),
    ] {
        let output = folder.command(args).stdout(full()).output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{args:?}: {stderr}");
        assert!(stderr.contains(&format!("error: cannot write {named}: No space left")), "{args:?}: {stderr}");
    }
}

#[test]
fn what_scanners_find_in_another_file_of_this_machine_stays() {
    let folder = Folder::new("elsewhere");
    let pod = format!("{POD}  nodeSelector: {{kubernetes.io/os: windows}}\n");
    folder.write("here/windows/web.yaml", &pod);
    folder.write("there/windows/web.yaml", &pod);
    let marks = |uri: &str| {
        let location = format!(r#"{{"physicalLocation":{{"artifactLocation":{{"uri":"{uri}"}}}}}}"#);
        let results = format!(r#"[{{"ruleId":"CKV_K8S_22","locations":[{location}]}}]"#);
        let run = format!(r#"{{"tool":{{"driver":{{"name":"Checkov"}}}},"results":{results}}}"#);
        folder.write("log.sarif", format!("\u{feff}{{\"version\":\"2.1.0\",\"runs\":[{run}]}}"));
        let mut command = folder.command(&["filter", "../log.sarif", "--manifests", "windows"]);
        let output = command.current_dir(folder.0.join("here")).output().expect("it ends");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.starts_with("\u{feff}{"), "{text}");
        text.contains("suppressions")
    };
    let at = |file: &str| {
        format!("file:///{}", folder.0.join(file).to_string_lossy().replace('\\', "/").trim_start_matches('/'))
    };
    assert!(marks(&at("here/windows/web.yaml")));
    assert!(!marks(&at("there/windows/web.yaml")));
    assert!(marks("file:///another/machine/windows/web.yaml"));
    assert!(marks("here/windows/web.yaml"));
    assert!(!marks("there/windows/web.yaml"));
    assert!(marks("windows/web.yaml"), "the path as it was given");
    assert!(marks("web.yaml"));
    folder.write("here/web.yaml", POD);
    assert!(!marks("web.yaml"), "it may be the one above");
}

#[test]
fn a_list_of_10_mb_is_judged_in_one_go() {
    let folder = Folder::new("large");
    let pad = "x".repeat(1_950);
    let item = |image: &str, selector: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web","annotations":{{"pad":"{pad}"}}}},"spec":{{"nodeSelector":{selector},"containers":[{{"name":"web","image":"{image}","resources":{{"limits":{{"memory":"1Gi"}}}}}}]}}}}"#
        )
    };
    let mut items = vec![item("docker.io/library/redis:7", r#"{"kubernetes.io/os":"linux"}"#); 4_500];
    items.push(item("mcr.microsoft.com/windows/nanoserver:ltsc2022", "{}"));
    let list = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#, items.join(","));
    assert!(list.len() > 9_500_000);
    let run = folder.transom(&["check", "--fail-on", "error", "-"], list.as_bytes());
    assert_eq!(run.exit, 1, "{}", run.stderr);
    assert!(run.stderr.starts_with("1 error in 4501 objects in 1 file"), "{}", run.stderr);
    // A line of 10 MB is not shown, but its place is.
    assert!(run.stdout.lines().nth(1).is_some_and(|line| line.starts_with("--> <stdin>:1:9")), "{}", run.stdout);
}

#[test]
fn colours_are_for_those_who_see_them() {
    let folder = Folder::new("colours");
    folder.write("web.yaml", POD);
    let escape = |run: &common::Run| run.stdout.contains('\u{1b}');
    assert!(!escape(&folder.transom(&["check", "web.yaml"], b"")));
    let colored = folder.transom(&["check", "--color", "always", "web.yaml"], b"");
    assert!(escape(&colored));
    assert!(escape(&folder.transom(&["fix", "--diff", "--color", "always", "web.yaml"], b"")));
    let output = folder.command(&["check", "web.yaml"]).env("CLICOLOR_FORCE", "1").output().expect("it runs");
    assert!(output.stdout.contains(&0x1b));
    let output = folder
        .command(&["check", "web.yaml"])
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .output()
        .expect("it runs");
    assert!(!output.stdout.contains(&0x1b), "NO_COLOR has the last word");
}

#[test]
fn the_order_is_that_of_the_paths() {
    let folder = Folder::new("order");
    for name in ["c/1.yaml", "a/2.yaml", "a/10.yaml", "b.yml", "a/sub/3.json"] {
        let text =
            if name.ends_with("json") { r#"{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":1}}"# } else { POD };
        folder.write(name, text);
    }
    let run = folder.transom(&["check", "c", ".", "b.yml"], b"");
    let places = run.stdout.lines().filter_map(|line| line.trim_start().strip_prefix("--> ")?.split_once(':'));
    let mut files: Vec<_> = places.map(|(file, _)| file).collect();
    files.dedup();
    assert_eq!(files, ["c/1.yaml", "a/10.yaml", "a/2.yaml", "a/sub/3.json", "b.yml"]);
}

#[test]
fn audit_logs_that_are_full_are_packed() {
    let folder = Folder::new("packed");
    let event = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"ResponseComplete","verb":"create",
        "objectRef":{"resource":"nodes","name":"w1","apiVersion":"v1"},"requestObject":{"kind":"Node","apiVersion":"v1",
        "metadata":{"name":"w1","labels":{"kubernetes.io/os":"Windows"}}}}"#;
    let mut packed = Vec::new();
    // What was rotated twice may stand in one file, one behind the other.
    for _ in 0..2 {
        let mut encoder = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, event.replace('\n', "").as_bytes()).expect("memory");
        std::io::Write::write_all(&mut encoder, b"\n").expect("memory");
        encoder.finish().expect("memory");
    }
    folder.write("audit.log.gz", packed);
    let run = folder.transom(&["scan", "--audit-log", "audit.log.gz"], b"");
    assert!(run.stderr.starts_with("2 requests in 2 events judged"), "{}", run.stderr);
    folder.write("audit.log.gz", b"\x1f\x8bno gzip");
    let run = folder.transom(&["scan", "--audit-log", "audit.log.gz"], b"");
    assert!(run.stderr.starts_with("error: cannot read audit.log.gz"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once() {
    let folder = Folder::new("fifo");
    folder.write("web.yaml", format!("{POD}---\n# {}\n", "x".repeat(9 << 20)));
    let script = "cat web.yaml | \"$0\" check /dev/fd/0";
    let output = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_transom")])
        .current_dir(&folder.0)
        .output()
        .expect("a shell");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

//! `transom play`: what the link has, and what is opened.
#![cfg(feature = "play")]

mod common;

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::Folder;
use serde_json::{Value, json};

const POD: &str = "apiVersion: v1\nkind: Pod # ü\n";

/// What the page would read behind the `#`.
fn shared(link: &str) -> Value {
    let (_, shared) = link.trim_end().split_once("#s=").expect("something is in the link");
    let deflated = URL_SAFE_NO_PAD.decode(shared).expect("base64url");
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(&*deflated).read_to_string(&mut text).expect("deflated");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_link_has_the_manifests_and_their_settings() {
    let folder = Folder::new("play");
    folder.write("a page.html", "<p>");
    folder.write("deploy/web.yaml", POD);
    folder.write("deploy/transom.yaml", "platform: aks # ours\n");
    let run = folder.transom(&["play", "--print", "--no-ignore", "--page", "a page.html", "deploy"], b"");
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.starts_with("file:///") && run.stdout.contains("/a%20page.html#s="), "{}", run.stdout);
    let files = json!([{"name": "deploy/web.yaml", "text": POD}]);
    assert_eq!(shared(&run.stdout), json!({"files": files, "settings": "platform: aks\n"}));

    let page = "https://example.com/play?a=b";
    let run = folder.transom(
        &["play", "--print", "--page", page, "--isolated", "--kubernetes", "1.33", "--platform", "gke", "-"],
        POD.as_bytes(),
    );
    assert!(run.stdout.starts_with("https://example.com/play?a=b#s="), "{}", run.stdout);
    let settings = "platform: gke\nkubernetes:\n  version: \"1.33\"\n";
    let shared = shared(&run.stdout);
    assert_eq!(shared["files"], json!([{"name": "stdin", "text": POD}]));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(lines(shared["settings"].as_str().expect("text")), lines(settings));

    folder.write("ours.yaml", "cni: calico\n");
    let run = folder.transom(&["play", "--print", "--page", "a page.html", "--settings", "ours.yaml"], b"");
    assert!(run.stdout.ends_with("/a%20page.html\n"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_opened_is_said() {
    let folder = Folder::new("play-wrong");
    folder.write("page.html", "<p>");
    folder.write("empty/README.md", "");
    for (arguments, says) in [
        (
            &["play", "--page", "nowhere.html"][..],
            "there is no page nowhere.html: name a file or an address with --page; each release has",
        ),
        // None was built beside the program that is tested.
        (&["play", "--print"][..], "/blob/main/docs/install.md#the-page"),
        (&["play", "--page", "page.html", "empty"][..], "there is no manifest to open"),
        (&["play", "--page", "page.html", "nowhere.yaml"][..], "nowhere.yaml: there is no such file or folder"),
    ] {
        let run = folder.transom(arguments, b"");
        assert_eq!(run.exit, 2, "{}", run.stderr);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

/// What opens browsers is told of a file that leads to the link.
#[cfg(target_os = "linux")]
#[test]
fn the_browser_is_opened() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new("play-open");
    folder.write("page.html", "<p>");
    folder.write("web.yaml", POD);
    folder.write("bin/xdg-open", "#!/bin/sh\n/bin/cat \"$1\" > opened && /bin/rm \"$1\"\n");
    let opener = folder.0.join("bin/xdg-open");
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let bin = folder.0.join("bin");
    let bin = bin.to_str().expect("text");
    let run = folder.transom_in(&[("PATH", bin), ("TMPDIR", bin)], &["play", "--page", "page.html", "web.yaml"], b"");
    assert_eq!(run.exit, 0, "{}", run.stderr);
    let opened = String::from_utf8(folder.read("opened")).expect("text");
    let (_, rest) = opened.split_once("content=\"0; url=").expect("a refresh");
    let link = rest.split('"').next().expect("a link");
    assert_eq!(shared(link)["files"][0]["text"], POD);
}

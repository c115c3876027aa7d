//! The extension for Visual Studio Code: packaged, taken apart, and asked.

use std::path::Path;
use std::process::Command;

use host_test::engine::is_there;

#[test]
fn the_extension_is_packaged_and_runs() {
    if !is_there("node", "--version", "the extension for VS Code")
        || !is_there("npm", "--version", "the extension for VS Code")
    {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../editors/vscode");
    let run = |args: &[&str]| {
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(args).current_dir(&folder).env("TRANSOM", env!("CARGO_BIN_EXE_transom"));
        let output = npm.output().expect("npm runs");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "npm {}:\n{told}", args.join(" "));
    };
    run(&["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    run(&["test"]);
}

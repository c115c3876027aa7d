//! Runs the commands of every `cases/*.test` and compares what they print, byte for byte; `host_test::commands`
//! says how a case is written. `BLESS=1` rewrites what is expected to what came.

mod common;

use std::fs;

use common::Folder;
use host_test::commands;

#[test]
fn every_case_comes_out_as_written() {
    let mut failures = Vec::new();
    for file in commands::cases() {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let expected = fs::read_to_string(&file).expect("a case").replace("\r\n", "\n");
        let came = commands::case(&expected, &Folder::new(&name).0, common::transom);
        if came == expected {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, came).expect("writable");
        } else {
            let diff = similar::TextDiff::from_lines(&expected, &came);
            failures.push(diff.unified_diff().header(&name, "what came").to_string());
        }
    }
    assert!(failures.is_empty(), "{} (BLESS=1 takes them over)\n{}", failures.len(), failures.join("\n"));
}

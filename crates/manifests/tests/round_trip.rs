//! Every case of the corpus is fixed, in every way that its text may be written.

use std::fs;
use std::path::Path;

use transom_manifests::{Context, Judge, Transom};

/// Another way to write a text, and how it is called.
type Way = (&'static str, fn(&str) -> String);

fn corpus() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut cases = Vec::new();
    for family in fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("an entry").path()) {
        for file in fs::read_dir(family).expect("a family").map(|entry| entry.expect("an entry").path()) {
            if file.extension().is_some_and(|extension| extension == "yaml") {
                cases
                    .push((file.display().to_string(), fs::read_to_string(&file).expect("text").replace("\r\n", "\n")));
            }
        }
    }
    assert!(cases.len() > 50, "{}", cases.len());
    cases
}

fn comments(text: &str) -> Vec<String> {
    let documents = transom_yaml::parse(text).documents;
    documents.iter().flat_map(|document| document.comments()).map(|comment| comment.text.clone()).collect()
}

#[test]
fn what_is_not_fixed_stays_as_it_is_written() {
    let judge = Judge::new(Transom::new(), "2026-11-21");
    let fix = |text: &str| transom_manifests::fix(&judge, &Context::default(), text, &|_| false);
    let mut changed = 0;
    for (name, plain) in corpus() {
        let expected = fix(&plain);
        assert!(expected.failures.is_empty(), "{name}: {:?}", expected.failures);
        let ways: [Way; 4] = [
            ("CRLF", |text| text.replace('\n', "\r\n")),
            ("a byte order mark", |text| format!("\u{feff}{text}")),
            ("no final line end", |text| text.trim_end_matches('\n').to_owned()),
            ("a tab before each comment", |text| text.replace(" #", " \t#")),
        ];
        for (way, write) in ways {
            let text = write(&plain);
            if transom_yaml::parse(&text).documents.len() != transom_yaml::parse(&plain).documents.len() {
                continue;
            }
            let fixed = fix(&text);
            let (Some(after), Some(wanted)) = (&fixed.text, &expected.text) else {
                assert_eq!(fixed.text.is_some(), expected.text.is_some(), "{name} with {way}");
                continue;
            };
            changed += 1;
            let said = format!("{name} with {way}:\n{after}");
            let values = |text: &str| -> Vec<_> {
                transom_yaml::parse(text).documents.iter().map(|document| document.value().clone()).collect()
            };
            assert_eq!(values(after), values(wanted), "{said}");
            assert_eq!(fix(after).text, None, "{said}");
            let kept: Vec<String> =
                comments(&text).into_iter().filter(|comment| comments(wanted).contains(comment)).collect();
            assert!(kept.iter().all(|comment| comments(after).contains(comment)), "{said}");
            match way {
                "CRLF" => assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{said}"),
                "a byte order mark" => assert!(after.starts_with('\u{feff}'), "{said}"),
                "no final line end" => assert!(!after.ends_with('\n'), "{said}"),
                _ => {}
            }
        }
    }
    assert!(changed > 50, "{changed}");
}

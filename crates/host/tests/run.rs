//! Modules that answer, and every way in which one does not.

#![allow(clippy::unwrap_used)]

use std::{sync::Barrier, thread, time::Duration};

use transom_host::{Builder, Error, Host, Kind, Mistake, Session};

/// `tests/modules/answers.wat`: the first byte of the input says what it does.
fn module() -> Vec<u8> {
    wat::parse_file("tests/modules/answers.wat").unwrap()
}

fn host() -> Host {
    Host::from_bytes(&module()).unwrap()
}

fn small() -> Builder {
    Host::builder().memory_limit(1 << 20).timeout(Duration::from_secs(1))
}

#[track_caller]
fn check(error: &Error, kind: Kind, text: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for part in text {
        assert!(error.to_string().contains(part), "{part:?} not in: {error}");
    }
}

/// Every input that fails, with what comes of it.
const FAILURES: [(&str, Kind, &[&str]); 9] = [
    ("!", Kind::Trap, &["`evaluate`", "unreachable", "report it"]),
    ("/", Kind::Trap, &["divide by zero", "IntegerDivisionByZero"]),
    ("~", Kind::Trap, &["call stack exhausted", "StackOverflow"]),
    ("@", Kind::Timeout, &["1s", "`timeout`"]),
    ("+", Kind::OutOfMemory, &["1048576", "`memory_limit`"]),
    (">", Kind::ResultOutOfBounds, &["4294967295 bytes at 4294967295", "65536"]),
    ("]", Kind::ResultOutOfBounds, &["7 bytes at 65530"]),
    ("^", Kind::ResultNotUtf8, &["`evaluate`", "index 1"]),
    ("?long", Kind::InputTooLarge, &["1048577 bytes", "1048576"]),
];

fn input(of: &str) -> String {
    if of == "?long" {
        return " ".repeat((1 << 20) + 1);
    }
    of.to_owned()
}

#[test]
fn answers() {
    let host = host();
    let long = format!("{{\"kind\":\"{}\"}}", "Pöd".repeat(100_000));
    for text in ["{}", r#"{"kind":"Pod"}"#, "", &long] {
        assert_eq!(host.evaluate(text).unwrap(), text);
        assert_eq!(host.session().unwrap().evaluate(text).unwrap(), text);
    }
    assert_eq!(host.evaluate("0").unwrap(), "");
    assert_eq!(host.review("{}").unwrap(), "null");
}

#[test]
fn every_failure_is_typed_and_harms_nobody_else() {
    let host = small().from_bytes(&module()).unwrap();
    for (of, kind, text) in FAILURES {
        let error = host.evaluate(input(of)).unwrap_err();
        check(&error, kind, text);
        assert_eq!(error.trap_code().is_some(), kind == Kind::Trap);
        assert!(error.is_limit() != error.is_module_fault(), "{error}");
        assert!(!error.is_load() && error.mistakes().is_empty());
        assert_eq!(host.evaluate("{}").unwrap(), "{}");
    }
}

#[test]
fn a_kept_instance_is_replaced_when_it_fails() {
    let host = small().max_instances(1).from_bytes(&module()).unwrap();
    let mut session = host.session().unwrap();
    for (of, kind, text) in FAILURES {
        session.evaluate("{}").unwrap();
        check(&session.evaluate(input(of)).unwrap_err(), kind, text);
        let calls = session.evaluate("#").unwrap();
        // An input that never reached the instance leaves it alone.
        assert_eq!(calls == "1", kind != Kind::InputTooLarge, "after {of:?}: {calls}");
    }
}

#[test]
fn fresh_instances_know_nothing_of_each_other_and_kept_ones_do() {
    let host = host();
    let mut session = host.session().unwrap();
    for nth in 1..=5 {
        assert_eq!(host.evaluate("#").unwrap(), "1");
        assert_eq!(session.evaluate("#").unwrap(), nth.to_string());
    }
}

#[test]
fn an_answer_stands_though_it_cannot_be_given_back() {
    let mut session = host().session().unwrap();
    assert_eq!(session.evaluate("&").unwrap(), "");
    assert_eq!(session.evaluate("#").unwrap(), "1");
}

#[test]
fn memory() {
    // No memory left for the input: `alloc` says 0.
    let host = small().from_bytes(&module()).unwrap();
    let error = host.evaluate(" ".repeat(1 << 20)).unwrap_err();
    check(&error, Kind::OutOfMemory, &["`alloc`"]);
    // A refused growth that the module can live with is no error.
    assert_eq!(host.evaluate("-").unwrap(), "-");
    // With enough allowed both get it.
    let large = Host::builder().memory_limit(2 << 30).from_bytes(&module()).unwrap();
    assert_eq!(large.evaluate("+").unwrap(), "+");
    let mut session = large.session().unwrap();
    assert_eq!(session.memory_size(), 1 << 16);
    session.evaluate("-").unwrap();
    assert_eq!(session.memory_size(), (1 << 30) + (1 << 16));
}

#[test]
fn a_trap_of_its_own_after_a_refused_growth_is_a_trap() {
    let host = small().from_bytes(&module()).unwrap();
    let mut session = host.session().unwrap();
    session.evaluate("-").unwrap();
    check(&session.evaluate("!").unwrap_err(), Kind::Trap, &[]);
}

#[test]
fn a_kept_instance_full_of_earlier_requests_is_replaced() {
    let leaks = include_str!("modules/answers.wat").replace("(then (global.set $top (local.get $ptr)))", "(then)");
    let host = small().from_bytes(&wat::parse_str(leaks).unwrap()).unwrap();
    let mut session = host.session().unwrap();
    let text = " ".repeat(300_000);
    for _ in 0..20 {
        assert_eq!(session.evaluate(&text).unwrap(), text);
    }
}

/// A module of whose instances no snapshot can be taken, because it changes its table.
fn with_a_table() -> Vec<u8> {
    let part = "(func $for_ever";
    let table = "(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))";
    let wat = include_str!("modules/answers.wat").replace(part, &format!("{table} {part}"));
    wat::parse_str(wat).unwrap()
}

#[test]
fn settings() {
    for wasm in [module(), with_a_table()] {
        check_settings(&wasm);
    }
}

fn check_settings(wasm: &[u8]) {
    let host = Host::builder().settings("first").from_bytes(wasm).unwrap();
    let mut session = host.session().unwrap();
    let mut in_force = |want: &str| {
        assert_eq!(host.settings().as_deref(), Some(want));
        assert_eq!(host.review("{}").unwrap(), want);
        assert_eq!(host.clone().review("{}").unwrap(), want);
        assert_eq!(session.review("{}").unwrap(), want);
        assert_eq!(host.session().unwrap().review("{}").unwrap(), want);
    };
    in_force("first");
    host.configure("second").unwrap();
    in_force("second");
    // More than the memory at the start, in which the settings are kept.
    let long = "long ".repeat(50_000);
    host.configure(&long).unwrap();
    in_force(&long);
    assert_eq!(host.evaluate("#").unwrap(), "1");
    assert_eq!(host.evaluate(&long).unwrap(), long);
    host.configure("second").unwrap();
    in_force("second");

    let error = host.configure("!").unwrap_err();
    check(&error, Kind::Settings, &["old ones stay in force: /platform: no such platform; too short"]);
    let mistake = |path: &str, message: &str| Mistake { path: path.into(), message: message.into() };
    assert_eq!(error.mistakes(), [mistake("/platform", "no such platform"), mistake("", "too short")]);
    in_force("second");
    check(&host.configure("@").unwrap_err(), Kind::Trap, &["`configure`"]);
    check(&host.configure("?").unwrap_err(), Kind::ResultNotJson, &["`configure`"]);
    in_force("second");

    let error = Host::builder().settings("!").from_bytes(wasm).unwrap_err();
    check(&error, Kind::Settings, &[]);
    assert!(self::host().settings().is_none());
}

#[test]
fn new_settings_replace_a_kept_instance_once() {
    let host = host();
    let mut session = host.session().unwrap();
    session.evaluate("#").unwrap();
    host.configure("{}").unwrap();
    assert_eq!(session.evaluate("#").unwrap(), "1");
    assert_eq!(session.evaluate("#").unwrap(), "2");
}

#[test]
fn no_instance_free() {
    let host = small().max_instances(2).from_bytes(&module()).unwrap();
    let kept = [host.session().unwrap(), host.session().unwrap()];
    check(&host.evaluate("{}").unwrap_err(), Kind::NoInstance, &["2 instances", "1s", "`max_instances`"]);
    check(&host.session().unwrap_err(), Kind::NoInstance, &[]);
    // Settings can be changed all the same.
    host.configure("new").unwrap();
    host.configure("newer").unwrap();
    drop(kept);
    assert_eq!(host.review("{}").unwrap(), "newer");
    assert_eq!(host.evaluate("{}").unwrap(), "{}");
}

#[test]
fn a_request_waits_for_an_instance() {
    let host = Host::builder().max_instances(1).timeout(Duration::from_secs(60)).from_bytes(&module()).unwrap();
    let kept = host.session().unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| host.evaluate("{}"));
        drop(kept);
        assert_eq!(waits.join().unwrap().unwrap(), "{}");
    });
}

#[test]
fn many_threads() {
    let host = Host::builder().max_instances(3).from_bytes(&module()).unwrap();
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for thread in 0..8 {
            let (host, start) = (host.clone(), &start);
            scope.spawn(move || {
                start.wait();
                for nth in 0..200 {
                    let text = format!("{{\"{thread}\":{nth}}}");
                    assert_eq!(host.evaluate(&text).unwrap(), text);
                    assert_eq!(host.evaluate("!").unwrap_err().kind(), Kind::Trap);
                    assert_eq!(host.evaluate("#").unwrap(), "1");
                    if nth % 50 == 0 {
                        host.configure(&format!("{thread}")).unwrap();
                    }
                    assert_eq!(host.review("").unwrap().len(), 1);
                }
            });
        }
    });
}

#[test]
fn a_runaway_module_does_not_shorten_the_time_of_others() {
    let host = small().from_bytes(&module()).unwrap();
    thread::scope(|scope| {
        let runaway = scope.spawn(|| host.evaluate("@"));
        while !runaway.is_finished() {
            assert_eq!(host.evaluate("{}").unwrap(), "{}");
        }
        check(&runaway.join().unwrap().unwrap_err(), Kind::Timeout, &[]);
    });
}

#[test]
fn extreme_limits() {
    for timeout in [Duration::ZERO, Duration::MAX] {
        let host =
            Host::builder().timeout(timeout).max_instances(0).memory_limit(usize::MAX).from_bytes(&module()).unwrap();
        // No time at all may or may not be enough; it must not be a panic.
        let answer = host.evaluate("{}");
        assert!(answer.is_ok() || timeout.is_zero(), "{answer:?}");
    }
}

#[test]
fn hosts_come_and_go() {
    let wasm = module();
    for _ in 0..50 {
        let host = Host::builder().max_instances(4).from_bytes(&wasm).unwrap();
        let mut session = host.session().unwrap();
        drop(host);
        assert_eq!(session.evaluate("{}").unwrap(), "{}");
    }
}

#[test]
fn hosts_cross_threads() {
    fn send_and_sync<T: Send + Sync + 'static>() {}
    fn send<T: Send + 'static>() {}
    send_and_sync::<Host>();
    send_and_sync::<Error>();
    send::<Session>();
}

#[test]
fn debug_output_says_something() {
    let host = host();
    assert!(format!("{host:?}").contains("limits"));
    assert!(format!("{:?}", host.session().unwrap()).contains("Session"));
    assert!(format!("{:?}", host.evaluate("!").unwrap_err()).contains("Trap"));
}

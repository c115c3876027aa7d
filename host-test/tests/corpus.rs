//! Every case of `tests/corpus`, native and in the sandbox.
//!
//! For each file three tests: `decision` (what comes out is what the header
//! says; `BLESS=1` rewrites the header), `wasm` (the module answers the same,
//! byte for byte, fresh and kept, with settings in the request and with settings
//! by `configure`), and `fixes` (they converge). A filter works as everywhere:
//! `cargo test -p host-test --test corpus -- volumes/`.

use std::{
    env, fs,
    process::ExitCode,
    sync::{Mutex, OnceLock, PoisonError},
};

use host_test::{Case, converge, difference, expectations, host, module};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use similar::TextDiff;
use transom::Transom;
use transom_host::{Host, Session};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for case in Case::all() {
        match case {
            Ok(case) => {
                let test = |name: &str, run: fn(&Case) -> Result<(), Failed>| {
                    let case = case.clone();
                    Trial::test(format!("{}::{name}", case.name), move || run(&case))
                };
                trials.extend([test("decision", decision), test("wasm", wasm), test("fixes", fixes)]);
            }
            Err(error) => {
                let name = error.split(':').next().unwrap_or_default().to_owned();
                trials.push(Trial::test(name, || Err(error.into())));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn decision(case: &Case) -> Result<(), Failed> {
    let decision = transom::evaluate(case.input().to_string().as_bytes());
    let decision: Value = serde_json::from_str(&decision)?;
    let actual = expectations(&decision);
    let relevant = case.relevant(&actual);
    if relevant == case.expected {
        return Ok(());
    }
    if env::var_os("BLESS").is_some() {
        fs::write(&case.path, case.blessed(&actual))?;
        return Ok(());
    }
    let lines = |lines: &[String]| lines.iter().map(|line| format!("#! {line}\n")).collect::<String>();
    let (expected, actual) = (lines(&case.expected), lines(&relevant));
    let diff = TextDiff::from_lines(&expected, &actual);
    let mut text = format!("- the header of {} says, + comes out:\n", case.path.display());
    text += &diff.unified_diff().context_radius(20).to_string();
    for finding in decision["findings"].as_array().into_iter().flatten() {
        text += &format!("\n{} {}: {}", finding["rule"], finding["path"], finding["message"]);
    }
    Err(text.into())
}

fn wasm(case: &Case) -> Result<(), Failed> {
    let input = case.input().to_string();
    let mut session = host().session()?;
    let native = transom::evaluate(input.as_bytes());
    same("fresh", &native, &host().evaluate(&input)?)?;
    same("kept", &native, &session.evaluate(&input)?)?;
    same("kept, again", &native, &session.evaluate(&input)?)?;

    let native = Transom::new().review(input.as_bytes());
    same("review, fresh", &native, &host().review(&input)?)?;
    same("review, kept", &native, &session.review(&input)?)?;

    match &case.settings {
        Some(settings) => configured(case, &settings.to_string()),
        None => Ok(()),
    }
}

/// The same settings by `configure`: in the module as in native code, and as in the request.
fn configured(case: &Case, settings: &str) -> Result<(), Failed> {
    let mut transom = Transom::new();
    let native = transom.configure(settings.as_bytes());
    let (host, session) = &mut *settings_host();
    match (native, host.configure(settings)) {
        (Ok(()), wasm) => wasm?,
        (Err(native), Err(wasm)) => {
            let wasm: Vec<_> = wasm.mistakes().iter().map(ToString::to_string).collect();
            assert_eq!(native.len(), wasm.len(), "{native:?} {wasm:?}");
            return Ok(());
        }
        (Err(native), Ok(())) => return Err(format!("wasm takes the settings: {native:?}").into()),
    }
    let mut bare = case.clone();
    bare.settings = None;
    let bare = bare.input().to_string();
    let in_request = transom::evaluate(case.input().to_string().as_bytes());
    same("configured, native", &in_request, &transom.evaluate(bare.as_bytes()))?;
    same("configured, fresh", &in_request, &host.evaluate(&bare)?)?;
    same("configured, kept", &in_request, &session.evaluate(&bare)?)
}

/// A host of its own, because settings are the host's and the tests run side by side.
fn settings_host() -> std::sync::MutexGuard<'static, (Host, Session)> {
    static HOST: OnceLock<Mutex<(Host, Session)>> = OnceLock::new();
    HOST.get_or_init(|| {
        let host = Host::from_file(module()).unwrap_or_else(|error| panic!("{error}"));
        let session = host.session().unwrap_or_else(|error| panic!("{error}"));
        Mutex::new((host, session))
    })
    .lock()
    .unwrap_or_else(PoisonError::into_inner)
}

fn same(which: &str, native: &str, wasm: &str) -> Result<(), Failed> {
    difference(native, wasm).map_or(Ok(()), |text| Err(format!("{which}: {text}").into()))
}

fn fixes(case: &Case) -> Result<(), Failed> {
    converge(&case.input(), |input| transom::evaluate(input.to_string().as_bytes()))?;
    Ok(())
}

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

wasmtime::component::bindgen!({ path: "../crates/component/wit", world: "transom" });
use exports::transom::policy::evaluation::Action;

/// What speaks against an object on AKS.
fn denials(object: &str) -> wasmtime::Result<Vec<String>> {
    let engine = Engine::default();
    let component = Component::from_file(&engine, host_test::component())?;
    let mut store = Store::new(&engine, ());
    let transom = Transom::instantiate(&mut store, &component, &Linker::new(&engine))?;
    let policies = transom.transom_policy_evaluation().policy();
    let policy = match policies.call_with_settings(&mut store, r#"{"platform": "aks"}"#)? {
        Ok(policy) => policy,
        Err(mistakes) => return Ok(mistakes.into_iter().map(|m| format!("{}: {}", m.path, m.message)).collect()),
    };
    let decision = policies.call_evaluate(&mut store, policy, object)?;
    let denials = decision.findings.into_iter().filter(|finding| finding.action == Action::Deny);
    Ok(denials.map(|finding| format!("{} at {}: {}", finding.rule, finding.path, finding.message)).collect())
}

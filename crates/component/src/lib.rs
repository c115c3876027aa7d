//! transom as a component of WebAssembly's component model: `wit/transom.wit` says what it offers.
//!
//! [`record`] turns the core's Decision into the records of that interface; what is lifted into the
//! host's own types and how is the business of `wit-bindgen`'s generated code.

mod record;

use bindings::exports::transom::policy::evaluation::{
    Decision, Guest, GuestPolicy, Policy as PolicyHandle, SettingError,
};
use transom::{Transom, standing};

#[allow(unsafe_code, missing_docs, unreachable_pub, reason = "generated code, whose exports are unsafe")]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "transom" });
    // No linker but that for WebAssembly takes the names of the exports.
    #[cfg(target_arch = "wasm32")]
    export!(Component with_types_in self);
    #[cfg(target_arch = "wasm32")]
    use super::Component;
}

#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only exports name it"))]
struct Component;

impl Guest for Component {
    type Policy = Policy;

    fn evaluate(input: String) -> Decision {
        Policy::new().evaluate(input)
    }

    fn evaluate_json(input: String) -> String {
        Policy::new().evaluate_json(input)
    }

    fn review(input: String) -> String {
        Policy::new().review(input)
    }
}

/// Rules with settings.
struct Policy(Transom);

impl GuestPolicy for Policy {
    fn new() -> Self {
        Policy(standing::with(Transom::clone))
    }

    fn with_settings(settings: String) -> Result<PolicyHandle, Vec<SettingError>> {
        let mut transom = Transom::new();
        match transom.configure(settings.as_bytes()) {
            Ok(()) => Ok(PolicyHandle::new(Policy(transom))),
            Err(mistakes) => Err(mistakes.into_iter().map(SettingError::from).collect()),
        }
    }

    fn evaluate(&self, input: String) -> Decision {
        self.0.decide(input.as_bytes()).into()
    }

    fn evaluate_json(&self, input: String) -> String {
        self.0.evaluate(input.as_bytes())
    }

    fn review(&self, input: String) -> String {
        self.0.review(input.as_bytes())
    }
}

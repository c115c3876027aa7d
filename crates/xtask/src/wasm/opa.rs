//! `transom.opa.wasm`, OPA's ABI 1.3, and the bundle that OPA loads it from.

use serde_json::json;
use transom_opa::policy::ENTRYPOINTS;

use super::module::{self, HIDDEN, Module};
use super::{Budget, File, gzip};

const MODULE: Module = Module {
    package: "transom-opa",
    features: &[],
    exports: &[
        "memory",
        "opa_wasm_abi_version",
        "opa_wasm_abi_minor_version",
        "builtins",
        "entrypoints",
        "eval",
        "opa_eval",
        "opa_eval_ctx_get_result",
        "opa_eval_ctx_new",
        "opa_eval_ctx_set_data",
        "opa_eval_ctx_set_entrypoint",
        "opa_eval_ctx_set_input",
        "opa_free",
        "opa_heap_blocks_restore",
        "opa_heap_blocks_stash",
        "opa_heap_ptr_get",
        "opa_heap_ptr_set",
        "opa_heap_stash_clear",
        "opa_json_dump",
        "opa_json_parse",
        "opa_malloc",
        "opa_value_add_path",
        "opa_value_dump",
        "opa_value_free",
        "opa_value_parse",
        "opa_value_remove_path",
    ],
    bake: HIDDEN,
    file: "transom.opa.wasm",
    budget: Budget { bytes: 720 * 1024, gzip: 288 * 1024 },
};

/// OPA takes modules of this name only. It compares the manifest's text with the name of the member in the archive,
/// or with that of the file in a folder, where no slash comes first.
const MEMBER: &str = "policy.wasm";

pub(super) fn make() -> anyhow::Result<Vec<File>> {
    let module = module::make(&MODULE)?;
    let bundle = File {
        name: "transom-bundle.tar.gz",
        bytes: bundle(&module.bytes)?,
        before: None,
        budget: Budget { bytes: MODULE.budget.gzip + 1024, gzip: MODULE.budget.gzip + 1024 },
    };
    Ok(vec![module, bundle])
}

/// The archive with nothing in it of when, where and by whom it was made.
fn bundle(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in [(".manifest", manifest().as_bytes()), (MEMBER, module)] {
        let mut header = tar::Header::new_ustar();
        header.set_path(name)?;
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_cksum();
        archive.append(&header, bytes)?;
    }
    Ok(gzip(&archive.into_inner()?)?)
}

/// The roots are the entrypoints and no more, so that `data.transom.settings` may come from another
/// bundle or from the API.
fn manifest() -> String {
    let roots: Vec<&str> = ENTRYPOINTS.iter().map(|(_, name)| *name).collect();
    let wasm: Vec<_> = roots.iter().map(|name| json!({"entrypoint": name, "module": MEMBER})).collect();
    json!({"revision": env!("CARGO_PKG_VERSION"), "roots": roots, "wasm": wasm}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_is_the_same_wherever_it_is_made() {
        let bytes = bundle(b"module").expect("a bundle");
        assert_eq!(bytes, bundle(b"module").expect("a bundle"));
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*bytes));
        let mut members = Vec::new();
        for entry in archive.entries().expect("members") {
            let entry = entry.expect("a member");
            let header = entry.header();
            let name = String::from_utf8_lossy(&header.path_bytes()).into_owned();
            members.push((name, header.mtime().ok(), header.uid().ok(), header.gid().ok()));
        }
        let zero = Some(0);
        assert_eq!(members, [(".manifest".into(), zero, zero, zero), (MEMBER.into(), zero, zero, zero)]);
        assert!(manifest().contains(r#"{"entrypoint":"system/main","module":"policy.wasm"}"#));
    }
}

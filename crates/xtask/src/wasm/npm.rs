//! `transom-<version>.tgz`: the npm package.
//!
//! Its sources are in `www/package`, modules of JavaScript that run as they are. What is added here:
//! the glue of wasm-bindgen, the module as a file and as text in a source file, the documentation of
//! the rules, the schemas, and of each module of JavaScript the same as CommonJS.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use transom::rules;

use super::module::{nameless, optimised, without_custom_sections};
use super::{Budget, File, gzip, program, row};
use crate::tools::{installed, locked_version, need_wasm_target, root, target};

const WASM_PACK: &str = "0.15.1";
const FILE: &str = concat!("transom-", env!("CARGO_PKG_VERSION"), ".tgz");
/// The module is in it three times: as a file, and as text for each kind of JavaScript module. Beside it is the
/// command line.
const BUDGET: Budget = Budget { bytes: 2480 * 1024, gzip: 2480 * 1024 };
/// What a program loads that imports `transom/core`.
const CORE_BUDGET: Budget = Budget { bytes: 360 * 1024, gzip: 200 * 1024 };
/// The time of every file in a package that `npm pack` makes: zip knows none before 1980.
pub(crate) const TIME: u64 = 499_162_500;

/// The files of a package by their paths.
type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn make() -> anyhow::Result<Vec<File>> {
    let Bindings { glue, module, .. } = bindings("crates/js", "wasm", "transom", &[])?;
    let module = match optimised("transom.npm.wasm", &module) {
        Ok(Some(smaller)) => smaller,
        Ok(None) => module,
        Err(error) => {
            eprintln!("note: {error}; the module stays as the compiler made it");
            module
        }
    };
    let files = package(&glue, module, program::make()?)?;
    row("what transom/core loads", &loaded(&files, "core.js")?, CORE_BUDGET)?;
    Ok(vec![File { name: FILE, bytes: archive(&files)?, before: None, budget: BUDGET }])
}

/// The folders of the programs that this takes, installed where they are missing.
pub(super) fn tools() -> anyhow::Result<[PathBuf; 2]> {
    Ok([installed("wasm-pack", WASM_PACK)?, installed("wasm-bindgen-cli", &locked_version("wasm-bindgen")?)?])
}

/// What wasm-pack makes.
pub(crate) struct Bindings {
    /// The JavaScript around the module.
    pub(crate) glue: String,
    /// Its types.
    pub(crate) types: String,
    pub(crate) module: Vec<u8>,
}

/// The module of a crate, built with a profile of the workspace and these arguments for cargo, and what
/// wasm-bindgen writes around it; `name` is what the files are called.
pub(crate) fn bindings(krate: &str, profile: &str, name: &str, arguments: &[&str]) -> anyhow::Result<Bindings> {
    need_wasm_target()?;
    let programs = tools()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(programs.iter().cloned().chain(std::env::split_paths(&path)))?;
    let out = target().join("bindings").join(name);
    let mut pack = Command::new(programs[0].join("wasm-pack"));
    pack.args(["--quiet", "build", "--mode=no-install", "--target=web", "--no-pack"]);
    pack.arg(format!("--profile={profile}")).arg(format!("--out-name={name}"));
    pack.arg("--out-dir").arg(&out).arg(root().join(krate));
    pack.arg("--")
        .arg(nameless("wasm32-unknown-unknown")?)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    pack.env("PATH", path).env("CARGO_TARGET_DIR", target()).current_dir(root());
    pack.args(arguments);
    // wasm-bindgen warns that it cannot tell which features of WebAssembly the module may use; it needs none.
    let output = pack.output().context("cannot start wasm-pack")?;
    if !output.status.success() {
        bail!("wasm-pack failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(Bindings {
        glue: text(&out.join(format!("{name}.js")))?,
        types: text(&out.join(format!("{name}.d.ts")))?,
        module: without_custom_sections(&bytes(&out.join(format!("{name}_bg.wasm")))?)?,
    })
}

/// Everything in the package.
fn package(glue: &str, module: Vec<u8>, program: Vec<u8>) -> anyhow::Result<Files> {
    let sources = root().join("www/package");
    let mut files = Files::new();
    collect(&sources, "", &mut files)?;
    let mut add = |name: &str, text: String| {
        files.insert(name.to_owned(), text.into_bytes());
    };
    add(
        "package.json",
        text(&sources.join("package.json"))?.replace("\"0.0.0\"", &format!("\"{}\"", env!("CARGO_PKG_VERSION"))),
    );
    add("lib/glue.js", glue.to_owned());
    add("lib/wasm.js", inlined(&module)?);
    add("lib/documentation.js", documentation());
    for schema in ["decision", "settings"] {
        let name = format!("schemas/{schema}.schema.json");
        add(&name, text(&root().join(&name))?);
    }
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        add(license, text(&root().join(license))?);
    }
    // Where no module is compiled from bytes, it is imported.
    let core = text(&sources.join("core.js"))?;
    add("core.workerd.js", core.replace("./lib/inlined.js", "./lib/imported.js"));
    add("index.workerd.js", text(&sources.join("index.js"))?.replace("./core.js", "./core.workerd.js"));
    for (name, file) in files.clone() {
        let is_for_workerd = name.ends_with(".workerd.js") || name == "lib/imported.js";
        if let (Some(stem), false) = (name.strip_suffix(".js"), is_for_workerd) {
            let script = common_js(std::str::from_utf8(&file)?).with_context(|| name.clone())?;
            files.insert(format!("{stem}.cjs"), script.into_bytes());
        } else if let Some(stem) = name.strip_suffix(".d.ts") {
            files.insert(format!("{stem}.d.cts"), std::str::from_utf8(&file)?.replace(".js\"", ".cjs\"").into_bytes());
        }
    }
    files.insert("transom.wasm".to_owned(), module);
    files.insert("bin/transom.wasm".to_owned(), program);
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, bytes(&entry.path())?);
        }
    }
    Ok(())
}

/// The module as a source file.
fn inlined(module: &[u8]) -> anyhow::Result<String> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(module)?;
    let deflated = STANDARD.encode(encoder.finish()?);
    Ok(format!("export const SIZE = {};\nexport const DEFLATED =\n  \"{deflated}\";\n", module.len()))
}

/// What the rules say about themselves as a source file: JSON in a text, which is quicker to load than
/// a literal and is not parsed before it is asked for.
fn documentation() -> String {
    let of = |rule: &&rules::Rule| {
        json!({
            "id": rule.id,
            "name": rule.name,
            "summary": rule.summary,
            "severity": rule.severity.as_str(),
            "stage": rule.stage.as_str(),
            "since": rule.since,
            "documentation": rules::documentation(rule),
            "remedy": rules::remedy(rule),
            "errors": rule.errors,
            "sources": rule.sources,
        })
    };
    let rules: Vec<_> = rules::all().iter().map(of).collect();
    // A text of JSON is a text of JavaScript, too.
    format!("export const DOCUMENTATION =\n  {};\n", json!(json!(rules).to_string()))
}

/// A module of JavaScript as CommonJS. Imports stand at the beginning and name what they import;
/// exports stand before what they export, or name it.
fn common_js(module: &str) -> anyhow::Result<String> {
    let mut script = String::from("\"use strict\";\n");
    let mut exports = String::new();
    for line in module.split_inclusive('\n') {
        let statement = line.trim_end();
        let Some((keyword, rest)) = statement.split_once(' ') else {
            script.push_str(line);
            continue;
        };
        match (keyword, rest.strip_prefix('{').and_then(|rest| rest.split_once('}'))) {
            ("import", Some((names, from))) => {
                let names = names.replace(" as ", ": ");
                script.push_str(&format!("const {{{names}}} = {};\n", required(from)?));
            }
            ("export", Some((names, ";"))) => {
                names_of(names).for_each(|(name, outside)| exports.push_str(&format!("exports.{outside} = {name};\n")));
            }
            ("export", Some((names, from))) => {
                for (name, outside) in names_of(names) {
                    exports.push_str(&format!("exports.{outside} = {}.{name};\n", required(from)?));
                }
            }
            ("export", None) => {
                let declaration = rest.strip_prefix("async ").unwrap_or(rest);
                let (kind, name) = declaration.split_once(' ').unwrap_or_default();
                let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                if !matches!(kind, "class" | "const" | "function") {
                    bail!("`{statement}` cannot be said in CommonJS");
                }
                exports.push_str(&format!("exports.{name} = {name};\n"));
                script.push_str(&line.replacen("export ", "", 1));
            }
            ("import", None) => bail!("`{statement}` cannot be said in CommonJS"),
            _ => script.push_str(line),
        }
    }
    Ok(script + &exports)
}

/// `a, b as c`, each with the name it has outside.
fn names_of(names: &str) -> impl Iterator<Item = (&str, &str)> {
    names.split(',').map(str::trim).map(|name| name.split_once(" as ").unwrap_or((name, name)))
}

/// ` from "./x.js";`
fn required(from: &str) -> anyhow::Result<String> {
    let file = from.strip_prefix(" from \"").and_then(|file| file.strip_suffix(".js\";"));
    Ok(format!("require(\"{}.cjs\")", file.with_context(|| format!("`{from}` is no file of the package"))?))
}

/// All the text that a module makes a runtime load.
fn loaded(files: &Files, entry: &str) -> anyhow::Result<Vec<u8>> {
    let mut names = vec![PathBuf::from(entry)];
    let mut all = Vec::new();
    let mut index = 0;
    while let Some(name) = names.get(index).cloned() {
        let file = files.get(&name.to_string_lossy().replace('\\', "/")).with_context(|| name.display().to_string())?;
        for line in std::str::from_utf8(file)?.lines() {
            let Some((_, path)) = line.split_once(" from \"./").filter(|_| !line.starts_with(' ')) else { continue };
            let path = name.with_file_name(path.trim_end_matches("\";"));
            if !names.contains(&path) {
                names.push(path);
            }
        }
        all.extend_from_slice(file);
        index += 1;
    }
    Ok(all)
}

/// The archive with nothing in it of when, where and by whom it was made.
fn archive(files: &Files) -> anyhow::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(TIME);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, format!("package/{name}"), &**bytes)?;
    }
    Ok(gzip(&archive.into_inner()?)?)
}

fn text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_as_common_js() {
        let module = "import { a, b as c } from \"./x.js\";\n\nexport { d } from \"./y/z.js\";\n\nexport async function e() {\n  return \"import\";\n}\nexport class F extends a {}\nexport const G = 1;\nexport { g as default, h };\n";
        let script = "\"use strict\";\nconst { a, b: c } = require(\"./x.cjs\");\n\n\nasync function e() {\n  return \"import\";\n}\nclass F extends a {}\nconst G = 1;\nexports.d = require(\"./y/z.cjs\").d;\nexports.e = e;\nexports.F = F;\nexports.G = G;\nexports.default = g;\nexports.h = h;\n";
        assert_eq!(common_js(module).expect("a script"), script);
        for other in
            ["import x from \"./x.js\";", "export default 1;", "export * from \"./x.js\";", "import { a } from \"b\";"]
        {
            assert!(common_js(other).is_err(), "{other}");
        }
    }

    #[test]
    fn the_archive_is_the_same_whenever_it_is_made() {
        let files = Files::from([("b/c".to_owned(), b"1".to_vec()), ("a".to_owned(), b"2".to_vec())]);
        let made = archive(&files).expect("an archive");
        assert_eq!(made, archive(&files).expect("an archive"));
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*made));
        let members: Vec<_> = archive
            .entries()
            .expect("members")
            .map(|entry| entry.expect("a member").path().expect("a path").into_owned())
            .collect();
        assert_eq!(members, [Path::new("package/a"), Path::new("package/b/c")]);
    }
}

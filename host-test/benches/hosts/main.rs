//! What a decision costs in each engine, side by side in one run: `cargo x bench hosts`.
//!
//! `host-test/README.md` says how it is measured and what came out.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a report on stdout is what this program is for")]

#[allow(dead_code, reason = "the bench asks opa itself for what it interprets")]
#[path = "../../tests/rego/engines.rs"]
mod engines;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use engines::{Compiled, ENTRYPOINT, Regorus};
use host_test::measure::{Table, in_turns, micros, ratio};
use host_test::opa::{self, Format, Policy};
use host_test::{engine, module, opa_module, root};
use serde_json::{Value, json};
use transom::Transom;
use transom_host::Host;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let inputs = engines::inputs();
    let program = opa::program().ok_or("the real opa is built with Go")?;
    let compiled = engines::compiled().ok_or("the real opa is built with Go")?;
    println!("Medians; in brackets, how many times the row with *\n");

    let mut head = vec!["JSON in, JSON out, in this process"];
    head.extend(inputs.iter().map(|(name, _)| *name));
    let mut columns = Vec::new();
    for (_, input) in &inputs {
        columns.push(in_this_process(&input.to_string())?);
    }
    print(&head, &columns, "In wasmtime, and in regorus");

    head[0] = "prepared query, input already read";
    let mut columns = Vec::new();
    for (_, input) in &inputs {
        columns.push(in_opa(&program, &compiled, input)?);
    }
    print(&head, &columns, "In opa, by `opa bench`");
    Ok(())
}

/// A row for each engine and a column for each input. Of each column the first row is what the others
/// are compared with.
fn print(head: &[&str], columns: &[Vec<(&'static str, Duration)>], title: &str) {
    let mut table = Table::new(head);
    for (nth, (engine, _)) in columns[0].iter().enumerate() {
        let cell =
            |column: &Vec<(_, Duration)>| format!("{} ({})", micros(column[nth].1), ratio(column[nth].1, column[0].1));
        let mark = if nth == 0 { " *" } else { "" };
        table.row([format!("{engine}{mark}")].into_iter().chain(columns.iter().map(cell)).collect());
    }
    table.print(title);
}

fn in_this_process(input: &str) -> Result<Vec<(&'static str, Duration)>> {
    let five = Host::builder().settings(&engines::settings()).from_file(module())?;
    let all = Host::from_file(module())?;
    let (mut five_kept, mut all_kept) = (five.session()?, all.session()?);
    let mut policy = Policy::load(opa_module());
    let data = json!({"transom": {"settings": serde_json::from_str::<Value>(&engines::settings())?}});
    let data = policy.value(&data.to_string(), Format::Json).ok_or("data are JSON")?;
    let mut compiled = Compiled::new().ok_or("the real opa is built with Go")?;
    let (mut interpreter, mut machine) = (Regorus::new(), Regorus::new());
    let native = Transom::new();
    let times = in_turns([
        &mut || drop(black_box(five_kept.evaluate(black_box(input)))),
        &mut || drop(black_box(five.evaluate(black_box(input)))),
        &mut || drop(black_box(all_kept.evaluate(black_box(input)))),
        &mut || drop(black_box(all.evaluate(black_box(input)))),
        &mut || drop(black_box(native.evaluate(black_box(input.as_bytes())))),
        &mut || drop(black_box(policy.evaluate(1, data, black_box(input), Format::Json))),
        &mut || drop(black_box(compiled.evaluate(black_box(input)))),
        &mut || drop(black_box(machine.run(black_box(input)))),
        &mut || drop(black_box(interpreter.interpret(black_box(input)))),
    ]);
    let names = [
        "transom.wasm, five rules",
        "transom.wasm, five rules, fresh instance",
        "transom.wasm, all rules",
        "transom.wasm, all rules, fresh instance",
        "transom in native code, all rules",
        "transom.opa.wasm, five rules",
        "five rules in Rego, opa build -t wasm",
        "five rules in Rego, regorus' byte code",
        "five rules in Rego, regorus' interpreter",
    ];
    Ok(names.into_iter().zip(times).collect())
}

fn in_opa(program: &Path, compiled: &Path, input: &Value) -> Result<Vec<(&'static str, Duration)>> {
    let folder = root().join("build").join(format!("bench.{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let (document, data) = (folder.join("input.json"), folder.join("data.json"));
    fs::write(&document, input.to_string())?;
    let settings: Value = serde_json::from_str(&engines::settings())?;
    fs::write(&data, json!({"transom": {"settings": settings}}).to_string())?;
    let transom = opa_module().with_file_name("transom-bundle.tar.gz");
    let bundle = compiled.join("bundle.tar.gz");
    let decision = "data.transom.decision";
    let rows: [(_, &[(&str, PathBuf)], _); 4] = [
        ("transom, five rules", &[("--bundle", transom.clone()), ("--data", data)], decision),
        ("transom, all rules", &[("--bundle", transom)], decision),
        ("five rules in Rego, opa build -t wasm", &[("--bundle", bundle)], ENTRYPOINT),
        ("five rules in Rego, interpreted", &[("--data", engines::source())], ENTRYPOINT),
    ];
    let mut times = Vec::new();
    for (name, files, query) in rows {
        let mut bench = Command::new(program);
        bench.args(["bench", "--format=json", "--input"]).arg(&document);
        for (flag, file) in files {
            bench.arg(flag).arg(file);
        }
        let report: Value = serde_json::from_str(&engine::run(bench.arg(query))?)?;
        let nanoseconds = report["Extra"]["histogram_timer_rego_query_eval_ns_median"].as_f64();
        times.push((name, Duration::from_secs_f64(nanoseconds.ok_or("opa bench says no median")? / 1e9)));
    }
    fs::remove_dir_all(folder)?;
    Ok(times)
}

//! `audit`: what of the rules the workloads of a cluster break already.
//!
//! Nothing is written to the cluster. Workloads are fetched page by page, judged and forgotten, so that the
//! memory this takes does not grow with the cluster; only Nodes, Namespaces and RuntimeClasses are kept. What
//! a workload has made in turn (the ReplicaSets of a Deployment, their Pods) is judged with its owner.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::anyhow;
use jiff::Timestamp;
use serde_json::Value;
use transom_cluster::{Access, Bar, Listed, Lister, WATCHED, WORKLOADS, is_made_by_workload};
use transom_context::Context;
use transom_manifests::{Decision, Reference};
use transom_reports::openreports;

use crate::args::{Audit, AuditFormat};
use crate::cluster;
use crate::engine::{Ask, Loaded};
use crate::input;
use crate::reload::read_settings;
use crate::serve::prepare;
use crate::settings::Settings;

/// What it came to.
#[derive(Debug, Default)]
struct Sum {
    judged: usize,
    /// Settings leave them alone.
    exempt: usize,
    refused: usize,
    warned: usize,
    /// What could not be listed or judged.
    failures: Vec<String>,
}

/// Audits, and says on stdout what was found and on stderr how it went.
#[expect(clippy::print_stderr, reason = "this is what a command of a moment says")]
pub fn run(args: &Audit) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let audited = match runtime {
        Ok(runtime) => runtime.block_on(audit(args)),
        Err(error) => Err(error.into()),
    };
    match audited {
        Ok(sum) => {
            sum.failures.iter().for_each(|failure| eprintln!("error: {failure}"));
            let Sum { judged, exempt, refused, warned, failures } = sum;
            let exempt = if exempt == 0 { String::new() } else { format!(", {exempt} exempt") };
            eprintln!("{judged} workloads judged: {refused} would be refused, {warned} warned of{exempt}");
            match (failures.is_empty(), refused) {
                (false, _) => ExitCode::from(3),
                (true, 0) => ExitCode::SUCCESS,
                (true, _) => ExitCode::from(1),
            }
        }
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

async fn audit(args: &Audit) -> anyhow::Result<Sum> {
    // Nobody waits for an audit as the API server waits for a webhook.
    let (prepared, _, _) = prepare(&args.judging, Duration::from_secs(30), 1)?;
    let read = |path: &PathBuf| read_settings(path).map_err(|error| anyhow!(error));
    let settings = args.judging.settings.as_ref().map_or_else(|| Ok(Settings::none()), read)?;
    let engine = prepared.with(&settings, &args.judging.exempt_namespaces)?;
    let access = Access { kubeconfig: args.kubeconfig.clone(), context: None };
    // Before anything else is asked: with no API server there is nothing to audit.
    let lister = Lister::reach(&access, args.page_size, Bar::new(true)).await?;
    if let Some(namespace) = &args.namespace {
        lister.need_namespace(namespace).await?;
    }

    let mut audit = Running { args, engine, context: Context::default(), sum: Sum::default() };
    for kind in WATCHED {
        let mut add = |object: Value| {
            audit.context.add(&object);
            ControlFlow::Continue(())
        };
        let listed = lister.each(kind, None, &mut add).await;
        audit.heed(kind.2, listed);
    }
    let mut out = BufWriter::new(io::stdout());
    for kind in WORKLOADS {
        let mut failure = None;
        let mut judge = |object: Value| match audit.judge(&object, &mut out) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        };
        let listed = lister.each(kind, args.namespace.as_deref(), &mut judge).await;
        if let Some(error) = failure {
            return Err(error);
        }
        audit.heed(kind.2, listed);
        out.flush()?;
    }
    lister.bar().end();
    Ok(audit.sum)
}

struct Running<'a> {
    args: &'a Audit,
    engine: Loaded,
    context: Context,
    sum: Sum,
}

impl Running<'_> {
    /// What has been judged already is, even where the rest cannot be had.
    fn heed(&mut self, kind: &str, listed: Listed) {
        let why = match listed {
            Listed::All | Listed::Stopped => return,
            Listed::NoSuchKind => "the API server has no such kind".to_owned(),
            Listed::Failed(why) => why,
        };
        self.sum.failures.push(format!("not all objects of kind {kind} were listed: {why}"));
    }

    fn judge(&mut self, object: &Value, out: &mut dyn Write) -> anyhow::Result<()> {
        if is_made_by_workload(object) {
            return Ok(());
        }
        let near = cluster::near(&self.context, object);
        let answer = self.engine.answer(Ask::Evaluate, &input::around(&object.to_string(), &near));
        let label = label(object);
        let decision = answer.map_err(|error| error.to_string());
        let decision =
            decision.and_then(|text| serde_json::from_str::<Value>(&text).map_err(|error| error.to_string()));
        let decision = match decision {
            Ok(decision) => decision,
            Err(error) => {
                self.sum.failures.push(format!("{label} was not judged: {error}"));
                return Ok(());
            }
        };
        let with = |action: &str| findings(&decision).any(|finding| finding["action"] == action);
        // A workload that was judged has a target.
        let is_exempt = decision["target"].is_null() && decision["targets"].is_null();
        *(if is_exempt { &mut self.sum.exempt } else { &mut self.sum.judged }) += 1;
        self.sum.refused += usize::from(with("deny"));
        self.sum.warned += usize::from(!with("deny") && with("warn"));
        match self.args.format {
            AuditFormat::Json => writeln!(out, "{decision}")?,
            AuditFormat::Text => {
                for finding in findings(&decision).filter(|f| self.args.info || f["action"] != "info") {
                    let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
                    let (action, rule, name, path) = (text("action"), text("rule"), text("name"), text("path"));
                    writeln!(out, "{action:<4}  {label}  {rule} {name}  {path}  {}", text("message"))?;
                }
            }
            AuditFormat::Openreports => {
                writeln!(out, "{}", report(openreports::OPEN, object, &decision, self.args.info)?)?;
            }
            AuditFormat::Policyreport => {
                writeln!(out, "{}", report(openreports::POLICY, object, &decision, self.args.info)?)?;
            }
        }
        Ok(())
    }
}

/// `Deployment shop/web`
fn label(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    format!("{} {}/{}", text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"]))
}

fn findings(decision: &Value) -> impl Iterator<Item = &Value> {
    decision["findings"].as_array().into_iter().flatten()
}

/// A report on one object, which goes when the object goes.
fn report(form: (&str, &str), object: &Value, decision: &Value, with_info: bool) -> anyhow::Result<Value> {
    let decision: Decision = serde_json::from_str(&decision.to_string())?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    let reference = Reference {
        api_version: text(&object["apiVersion"]),
        kind: text(&object["kind"]),
        namespace: metadata["namespace"].as_str().map(str::to_owned),
        name: text(&metadata["name"]),
    };
    let now = Timestamp::now().as_second();
    Ok(openreports::report(form, &reference, metadata["uid"].as_str(), &decision, with_info, now))
}

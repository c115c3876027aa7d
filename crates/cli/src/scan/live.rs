//! `scan` of a live cluster, read only.
//!
//! First what matters to others is read (Nodes, RuntimeClasses, Services …, and of workloads what others look
//! up), then object after object is fetched, judged and forgotten. Each is shown as the YAML that kubectl
//! would print of it.

use std::ops::ControlFlow;

use serde_json::{Value, json};
use transom::object::is_cluster_scoped;
use transom_cluster::{Access, Bar, Kind, Listed, Lister, SURROUNDINGS, WATCHED, WORKLOADS, is_made_by_workload};
use transom_manifests::{Context, Judge};
use transom_yaml::YamlStyle;

use crate::Exit;
use crate::args::Scan;
use crate::checker::Checker;
use crate::judge::{Judges, unamended};
use crate::report::Reports;
use crate::set::{File, Set};
use crate::source::{Source, Unreadable};
use crate::terminal::Terminal;

pub(crate) fn run(args: &Scan, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let judging = args.judging();
    // The files among the context; mistakes in settings are said before anything is fetched.
    let set = Set::open(&judging);
    Judges::here(&judging, &unamended)?;
    let access = Access { kubeconfig: args.kubeconfig.clone(), context: args.context.clone() };
    transom_cluster::block_on(async {
        let lister = Lister::reach(&access, args.page_size, Bar::new(!args.reporting.quiet)).await?;
        if let Some(namespace) = &args.namespace {
            lister.need_namespace(namespace).await?;
        }
        // Only now: of no cluster there is no report.
        let reports = Reports::open(&args.reporting, &judging, terminal)?;
        let checker = reports.checker();
        let judge = Judges::here(&judging, &|_, settings| Ok(with_version(settings, lister.version())))?;
        let mut scanning = Scanning { args, lister, judge, context: set.context, checker, reports, failure: None };
        for error in &set.unreadable {
            scanning.reports.print(scanning.checker.unreadable(error))?;
        }
        scanning.surroundings().await?;
        scanning.judged().await?;
        scanning.end()
    })?
}

/// The version of the cluster's API server, where the settings say none.
fn with_version(mut settings: Value, (major, minor): (u32, u32)) -> Value {
    if settings["kubernetes"]["version"].is_null() && major > 0 {
        if !settings["kubernetes"].is_object() {
            settings["kubernetes"] = json!({});
        }
        settings["kubernetes"]["version"] = format!("{major}.{minor}").into();
    }
    settings
}

struct Scanning<'a> {
    args: &'a Scan,
    lister: Lister,
    judge: Judge,
    context: Context,
    checker: Checker,
    reports: Reports<'a>,
    /// Why nothing can be written any longer.
    failure: Option<std::io::Error>,
}

impl Scanning<'_> {
    /// Reads what matters to the objects that are judged.
    async fn surroundings(&mut self) -> anyhow::Result<()> {
        for kind in WATCHED.into_iter().chain(SURROUNDINGS).chain(WORKLOADS) {
            let context = &mut self.context;
            let mut add = |object: Value| {
                if !is_made_by_workload(&object) {
                    context.add(&object);
                }
                ControlFlow::Continue(())
            };
            let namespace = self.args.namespace.as_deref().filter(|_| !is_cluster_scoped(kind.2));
            if let Listed::Failed(why) = self.lister.each(kind, namespace, &mut add).await {
                // What rules cannot look up makes them say less, not something wrong.
                if WATCHED.contains(&kind) {
                    self.fail(kind, &why)?;
                }
            }
        }
        Ok(())
    }

    /// Judges what is in the cluster, or in a namespace.
    async fn judged(&mut self) -> anyhow::Result<()> {
        let namespaced = |kind: &Kind| self.args.namespace.is_none() || !is_cluster_scoped(kind.2);
        let kinds: Vec<Kind> = WATCHED.into_iter().chain(SURROUNDINGS).filter(namespaced).chain(WORKLOADS).collect();
        for kind in kinds {
            let Scanning { lister, judge, context, checker, reports, failure, args } = self;
            let mut check = |object: Value| {
                if is_made_by_workload(&object) {
                    return ControlFlow::Continue(());
                }
                let (source, file) = as_file(&object);
                let mut report = checker.check(&source, Ok(file), judge, context, None);
                report.without_fixes();
                match lister.bar().aside(|| reports.print(report)) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        *failure = Some(error);
                        ControlFlow::Break(())
                    }
                }
            };
            let listed = lister.each(kind, args.namespace.as_deref(), &mut check).await;
            if let Some(error) = self.failure.take() {
                return Err(error.into());
            }
            if let Listed::Failed(why) = listed {
                // Of the kinds that are not in every cluster, not everybody may see everything.
                if WORKLOADS.contains(&kind) {
                    self.fail(kind, &why)?;
                }
            }
        }
        Ok(())
    }

    fn fail(&mut self, (.., kind): Kind, why: &str) -> std::io::Result<()> {
        let reason = format!("not all objects of this kind were listed: {why}");
        let report = self.checker.unreadable(&Unreadable { label: kind.to_owned(), reason });
        self.lister.bar().aside(|| self.reports.print(report))
    }

    fn end(self) -> anyhow::Result<Exit> {
        let Scanning { args, lister, reports, .. } = self;
        lister.bar().end();
        let tally = &reports.tally;
        let exit = if tally.unreadable > 0 { Exit::Unreadable } else { args.reporting.fail_on.exit(tally) };
        reports.end("", "")?;
        Ok(exit)
    }
}

/// An object as the file that it would be: `shop/deployment/web.yaml`.
fn as_file(object: &Value) -> (Source, File) {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    if let Some(annotations) = object["metadata"]["annotations"].as_object_mut() {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    // What is so, not what should be: nothing that is judged, but for Nodes.
    if object["kind"] != "Node"
        && let Some(fields) = object.as_object_mut()
    {
        fields.remove("status");
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, name) = (text(&object["kind"]).to_ascii_lowercase(), text(&object["metadata"]["name"]));
    let namespace = text(&object["metadata"]["namespace"]);
    let folder = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
    let source = Source {
        label: format!("{folder}{kind}/{name}.yaml"),
        path: None,
        named: false,
        once: false,
        root: 0,
        rendered: None,
    };
    (source, File::new(transom_yaml::to_yaml(&object, &YamlStyle::default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_files() {
        let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop",
            "managedFields": [], "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a": "b"}},
            "spec": {"hostNetwork": true}, "status": {"phase": "Running"}});
        let (source, file) = as_file(&object);
        assert_eq!(source.label, "shop/pod/web.yaml");
        assert!(file.text.contains("hostNetwork: true") && file.text.contains("a: b"), "{}", file.text);
        assert!(
            !["status", "managedFields", "last-applied"].iter().any(|gone| file.text.contains(gone)),
            "{}",
            file.text
        );
    }

    #[test]
    fn the_version_of_the_cluster_counts_where_none_is_set() {
        assert_eq!(with_version(json!({}), (1, 36)), json!({"kubernetes": {"version": "1.36"}}));
        let set = json!({"kubernetes": {"version": "1.33"}});
        assert_eq!(with_version(set.clone(), (1, 36)), set);
    }
}

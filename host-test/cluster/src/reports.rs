//! Reports of policies in the API server, by the definitions of those who read them.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::engine::say;
use crate::engines::KYVERNO;
use crate::{Cluster, documents};

/// Has the API server take reports in the format of this name, and looks whether it keeps all of them.
///
/// # Panics
///
/// Where it refuses one, or a part of one is not kept.
pub fn are_taken(cluster: &Cluster, format: &str, reports: &[Value]) {
    let Some((definitions, version)) = definitions(format) else { return };
    for definition in definitions {
        let yaml = fs::read_to_string(&definition).unwrap_or_else(|error| panic!("{}: {error}", definition.display()));
        documents(&yaml).iter().for_each(|definition| drop(cluster.create(definition)));
    }
    for report in reports {
        assert_eq!(report["apiVersion"], version);
        // The API server learns of a definition with a delay.
        let created = cluster.wait("a report", || {
            let created = cluster.client().create_with(report, "?fieldValidation=Strict")?;
            if created.status == 404 { Err(created.message().to_owned()) } else { Ok(created) }
        });
        assert_eq!((created.status, &created.warnings), (201, &Vec::new()), "{report}\n{created:?}");
        // What the definition does not know would be gone.
        for part in ["results", "scope", "source", "summary"] {
            assert_eq!(created.body[part], report[part], "{part}");
        }
    }
    say(&format!("{} objects of {version} were accepted", reports.len()));
}

/// The files with the definitions of a format, in a namespace and in none, and the version that they define;
/// `None` without Go, which brings them.
fn definitions(format: &str) -> Option<([PathBuf; 2], &'static str)> {
    let (module, prefix, kinds, version) = match format {
        "openreports" => (
            "github.com/openreports/reports-api",
            "config/crd/openreports.io_",
            ["reports", "clusterreports"],
            "openreports.io/v1alpha1",
        ),
        "policyreport" => (
            "github.com/kyverno/kyverno",
            "config/crds/policyreport/wgpolicyk8s.io_",
            ["policyreports", "clusterpolicyreports"],
            "wgpolicyk8s.io/v1alpha2",
        ),
        _ => panic!("there is no definition of `{format}`"),
    };
    let module = KYVERNO.module(module)?;
    Some((kinds.map(|kind| module.join(format!("{prefix}{kind}.yaml"))), version))
}

//! Every field that the borrowed views read is one that Kubernetes has, under this name and with
//! this type.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use transom::object::kinds;
use transom::object::outline::{self, Type, View};
use typed_test::MINOR;

/// Kinds that are no part of Kubernetes, with whose they are. Their views are held to nothing here.
const NOT_BUILT_IN: &[(&str, &str, &str)] = &[
    ("autoscaling.k8s.io", "VerticalPodAutoscaler", "Vertical Pod Autoscaler"),
    ("crd.k8s.amazonaws.com", "ENIConfig", "Amazon VPC CNI"),
    ("crd.projectcalico.org", "FelixConfiguration", "Calico"),
    ("crd.projectcalico.org", "IPPool", "Calico"),
    ("operator.tigera.io", "Installation", "Tigera operator"),
    ("projectcalico.org", "FelixConfiguration", "Calico"),
    ("projectcalico.org", "IPPool", "Calico"),
    ("vpcresources.k8s.aws", "SecurityGroupPolicy", "Amazon VPC CNI"),
    ("windows.k8s.io", "GMSACredentialSpec", "Windows GMSA"),
];

/// Views that stand for several types on purpose: a view, one of its types, and the fields which that
/// type has not.
const MERGED: &[(&str, &str, &[&str])] = &[
    // Ephemeral containers are containers with a target.
    ("Container", "Container", &["targetContainerName"]),
    // Disks are alike but for their names.
    ("DiskVolumeSource", "AWSElasticBlockStoreVolumeSource", &["cachingMode"]),
    ("DiskVolumeSource", "AzureFilePersistentVolumeSource", &["cachingMode", "fsType"]),
    ("DiskVolumeSource", "AzureFileVolumeSource", &["cachingMode", "fsType"]),
    ("DiskVolumeSource", "GCEPersistentDiskVolumeSource", &["cachingMode"]),
    ("DiskVolumeSource", "VsphereVirtualDiskVolumeSource", &["cachingMode"]),
    // Whatever has files in a volume.
    ("FileSource", "ClusterTrustBundleProjection", &["defaultMode", "items", "secretName"]),
    ("FileSource", "ConfigMapProjection", &["defaultMode", "path", "secretName"]),
    ("FileSource", "ConfigMapVolumeSource", &["path", "secretName"]),
    ("FileSource", "DownwardAPIProjection", &["defaultMode", "name", "path", "secretName"]),
    ("FileSource", "DownwardAPIVolumeSource", &["name", "path", "secretName"]),
    ("FileSource", "SecretProjection", &["defaultMode", "path", "secretName"]),
    ("FileSource", "SecretVolumeSource", &["name", "path"]),
    ("FileSource", "ServiceAccountTokenProjection", &["defaultMode", "items", "name", "secretName"]),
    ("KeyToPath", "DownwardAPIVolumeFile", &["key"]),
    // A reference to one key, or to all.
    ("KeySelector", "ConfigMapEnvSource", &["key"]),
    ("KeySelector", "SecretEnvSource", &["key"]),
    // Rules of both directions.
    ("NetworkPolicyRule", "NetworkPolicyEgressRule", &["from"]),
    ("NetworkPolicyRule", "NetworkPolicyIngressRule", &["to"]),
    // A PersistentVolume has the sources of a volume that live on without a pod.
    (
        "PersistentVolumeSpec",
        "PersistentVolumeSpec",
        &[
            "configMap",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "gitRepo",
            "image",
            "name",
            "persistentVolumeClaim",
            "projected",
            "secret",
        ],
    ),
    // Whatever makes pods.
    ("PodLikeSpec", "DaemonSetSpec", &["replicas", "suspend", "volumeClaimTemplates"]),
    ("PodLikeSpec", "DeploymentSpec", &["suspend", "volumeClaimTemplates"]),
    ("PodLikeSpec", "JobSpec", &["replicas", "volumeClaimTemplates"]),
    ("PodLikeSpec", "ReplicaSetSpec", &["suspend", "volumeClaimTemplates"]),
    ("PodLikeSpec", "ReplicationControllerSpec", &["suspend", "volumeClaimTemplates"]),
    ("PodLikeSpec", "StatefulSetSpec", &["suspend"]),
    // A ClusterRole is a Role that can gather others.
    ("Role", "Role", &["aggregationRule"]),
];

/// Fields that are younger than the oldest version: a type, a field, and the version 1.`n` it came with.
const SINCE: &[(&str, &str, u32)] = &[
    ("EmptyDirVolumeSource", "mode", 37),
    ("Lifecycle", "stopSignal", 33),
    ("PodSpec", "hostnameOverride", 34),
    ("VolumeMount", "bindMountOptions", 37),
];

#[test]
fn views_read_what_kubernetes_has() {
    let mut drift = Drift::default();
    let kinds = typed_test::kinds();
    let mut foreign = BTreeSet::new();
    for read in kinds::kinds() {
        let types: Vec<_> = kinds.iter().filter(|kind| (kind.group, kind.kind) == (read.group, read.kind)).collect();
        if types.is_empty() {
            foreign.insert((read.group, read.kind));
        }
        for kind in types {
            let schema = (kind.schema)();
            let here = Place { path: kind.kind.to_owned(), name: kind.kind, root: &schema };
            drift.view(read.view, &schema, &here);
            drift.field("metadata", kinds::METADATA, "object", &schema, &here);
        }
    }
    let listed: BTreeSet<_> = NOT_BUILT_IN.iter().map(|(group, kind, _)| (*group, *kind)).collect();
    for (group, kind) in foreign.difference(&listed) {
        drift.wrong(format!("{group} {kind}: name its type in `typed_test::kinds`, or add it to NOT_BUILT_IN"));
    }
    for (group, kind) in listed.difference(&foreign) {
        drift.wrong(format!("{group} {kind}: NOT_BUILT_IN has it, and no view of it is left or it is built in"));
    }
    drift.unused();
    assert!(
        drift.found.is_empty(),
        "Kubernetes 1.{MINOR}:\n{}\nCorrect the view in src/object. Only where a view stands for several types on \
         purpose does MERGED take the field, and SINCE one that is younger than Kubernetes 1.32.",
        drift.found.join("\n")
    );
}

/// Where a schema stands.
#[derive(Clone)]
struct Place<'s> {
    /// From the kind, as in `Pod.spec.os`.
    path: String,
    /// The name of the type.
    name: &'s str,
    /// The schema that holds the definitions.
    root: &'s Value,
}

/// What the views and Kubernetes' types do not agree about.
#[derive(Default)]
struct Drift {
    found: Vec<String>,
    seen: BTreeSet<(&'static str, String)>,
    /// The fields that a view reads in vain in a type: expected ones are noted here.
    excused: BTreeSet<(&'static str, String, &'static str)>,
    /// The types and fields that are read and younger than the oldest version.
    young: BTreeSet<(&'static str, &'static str)>,
}

impl Drift {
    fn wrong(&mut self, what: String) {
        if !self.found.contains(&what) {
            self.found.push(what);
        }
    }

    fn view(&mut self, view: View, schema: &Value, at: &Place<'_>) {
        if self.seen.insert((view.name, at.name.to_owned())) {
            for (name, read_as) in (view.fields)() {
                self.field(name, read_as, view.name, schema, at);
            }
        }
    }

    fn field(&mut self, name: &'static str, read_as: Type, view: &'static str, schema: &Value, at: &Place<'_>) {
        let path = format!("{}.{name}", at.path);
        let is_merged = MERGED.iter().any(|(of, is, fields)| *of == view && *is == at.name && fields.contains(&name));
        let since = SINCE.iter().find(|(is, field, _)| *is == at.name && *field == name).map(|(is, _, minor)| {
            self.young.insert((is, name));
            *minor
        });
        match (&schema["properties"][name], since) {
            (Value::Null, Some(minor)) if MINOR < minor => {}
            (Value::Null, _) if is_merged => {
                self.excused.insert((view, at.name.to_owned(), name));
            }
            (Value::Null, _) => {
                self.wrong(format!("{path}: the view `{view}` reads it, and {} has no such field", at.name))
            }
            (_, Some(minor)) if MINOR < minor => {
                self.wrong(format!("{path}: SINCE says it came with 1.{minor}, and it is here in 1.{MINOR}"))
            }
            (schema, _) => self.value(read_as, schema, Place { path, ..at.clone() }),
        }
    }

    fn value(&mut self, read_as: Type, schema: &Value, at: Place<'_>) {
        let (schema, at) = resolve(schema, at);
        let is = |name: &str| schema["type"] == name;
        let is_int_or_string = schema["x-kubernetes-int-or-string"] == true;
        let fits = match read_as {
            Type::Present => true,
            Type::Boolean => is("boolean"),
            Type::Integer => is("integer"),
            Type::Text => is("string") && !is_int_or_string && schema["format"] != "byte",
            Type::TextOrNumber => is_int_or_string,
            Type::Array(element) => {
                if is("array") {
                    self.value(*element, &schema["items"], Place { path: format!("{}[]", at.path), ..at.clone() });
                }
                is("array")
            }
            // Any object is a map of which only the names matter.
            Type::Object | Type::Map(Type::Present) => is("object"),
            Type::Map(value) => {
                let values = &schema["additionalProperties"];
                if values.is_object() {
                    self.value(*value, values, Place { path: format!("{}.*", at.path), ..at.clone() });
                }
                is("object") && values.is_object()
            }
            Type::View(view) => {
                let is_struct = is("object") && schema["properties"].is_object();
                if is_struct {
                    self.view(view, schema, &at);
                }
                is_struct
            }
            Type::Either(one, other) => {
                let it = if schema["properties"].is_object() { one } else { other };
                return self.value(*it, schema, at);
            }
        };
        if !fits {
            let found = json!({"type": schema["type"], "format": schema["format"], "intOrString": is_int_or_string});
            self.wrong(format!("{}: it is read as {read_as:?}, and {} has {found}", at.path, at.name));
        }
    }

    /// Entries of the tables that nothing needs.
    fn unused(&mut self) {
        for (name, field, _) in SINCE {
            if !self.young.contains(&(*name, *field)) {
                self.wrong(format!("SINCE: no view reads {field} of {name}; take it out"));
            }
        }
        for (view, name, fields) in MERGED {
            for field in *fields {
                if !self.excused.contains(&(*view, (*name).to_owned(), *field)) {
                    self.wrong(format!("MERGED: `{view}` does not miss {field} in {name}; take it out"));
                }
            }
        }
    }
}

/// Follows a reference to a definition.
fn resolve<'s>(schema: &'s Value, at: Place<'s>) -> (&'s Value, Place<'s>) {
    let Some(reference) = schema["$ref"].as_str() else { return (schema, at) };
    let name = reference.rsplit('/').next().unwrap_or_default();
    let target = at.root.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
    (target, Place { name: name.rsplit('.').next().unwrap_or_default(), ..at })
}

#[test]
fn a_wrong_name_or_type_is_found() {
    let pod = typed_test::kinds().into_iter().find(|kind| kind.kind == "Pod").expect("Pod");
    let schema = (pod.schema)();
    let drift = |read_as: fn() -> Vec<outline::Field>| {
        let spec = Type::View(View { name: "PodSpec", fields: read_as });
        let mut drift = Drift::default();
        drift.field("spec", spec, "Pod", &schema, &Place { path: "Pod".into(), name: "Pod", root: &schema });
        drift.found
    };
    assert_eq!(drift(|| vec![("hostNetwork", Type::Boolean), ("volumes", Type::Array(&Type::Present))]), [""; 0]);
    let name = drift(|| vec![("hostNetwrk", Type::Boolean)]);
    assert!(
        name[0].starts_with("Pod.spec.hostNetwrk: the view `PodSpec` reads it, and PodSpec has no such"),
        "{name:?}"
    );
    let wrong: [fn() -> Vec<outline::Field>; 8] = [
        || vec![("hostNetwork", Type::Text)],
        || vec![("nodeName", Type::TextOrNumber)],
        || vec![("overhead", Type::Map(&Type::Text))],
        || vec![("nodeSelector", Type::Map(&Type::Integer))],
        || vec![("containers", Type::Map(&Type::Present))],
        || vec![("tolerations", Type::Object)],
        || vec![("tolerations", Type::Array(&Type::Text))],
        || vec![("os", Type::View(View { name: "PodOs", fields: || vec![("name", Type::Boolean)] }))],
    ];
    for read_as in wrong {
        let found = drift(read_as);
        assert!(found.len() == 1 && found[0].contains("it is read as"), "{found:?}");
    }
}

//! A Pod, and the same Pod in every kind that holds one, give the same findings under another path.

use host_test::generate::every_kind;
use host_test::relative;
use serde_json::{Value, json};

use crate::{for_all, judge, text};

#[test]
fn a_pod_is_judged_alike_wherever_it_stands() {
    for_all(|case, fail| {
        let template = case.object.pointer(case.template_at()).unwrap_or(&Value::Null);
        let metadata =
            json!({"labels": template["metadata"]["labels"], "annotations": template["metadata"]["annotations"]});
        let mut spec = template["spec"].clone();
        // Jobs take no other.
        spec["restartPolicy"] = "Never".into();
        let pod = json!({"metadata": metadata, "spec": spec});
        let mut forms: Vec<(Value, String)> =
            every_kind(&pod).chain(custom_resources(&pod)).map(|(object, at)| (object, at.to_owned())).collect();
        for (object, at) in forms.clone() {
            forms.push((json!({"apiVersion": "v1", "kind": "List", "items": [object]}), format!("/items/0{at}")));
        }
        let expected = relative(&judge(case, &forms[0].0), "");
        for (object, at) in &forms[1..] {
            let found = relative(&judge(case, object), at);
            if found != expected {
                let only = |these: &[Value], those: &[Value]| -> Vec<Value> {
                    these.iter().filter(|finding| !those.contains(finding)).cloned().collect()
                };
                let (gone, new) = (only(&expected, &found), only(&found, &expected));
                let rules = |findings: &[Value]| -> Vec<String> {
                    findings.iter().map(|finding| text(&finding["rule"]).to_owned()).collect()
                };
                let what = format!("{} at {at}: without {:?}, with {:?}", object["kind"], rules(&gone), rules(&new));
                fail(what, format!("without {}\nwith {}", json!(gone), json!(new)));
            }
        }
    });
}

/// Kinds that transom does not know, with a pod template where it looks for one.
fn custom_resources(pod: &Value) -> impl Iterator<Item = (Value, &'static str)> {
    let object = |api_version: &str, kind: &str, spec: Value| json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec});
    [
        (object("argoproj.io/v1alpha1", "Rollout", json!({"template": pod})), "/spec/template"),
        (
            object("keda.sh/v1alpha1", "ScaledJob", json!({"jobTargetRef": {"template": pod}})),
            "/spec/jobTargetRef/template",
        ),
        (
            object("example.com/v1", "Farm", json!({"workers": {"pool": {"template": pod}}})),
            "/spec/workers/pool/template",
        ),
    ]
    .into_iter()
}

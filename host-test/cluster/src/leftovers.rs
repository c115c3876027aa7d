//! Objects that are in the cluster before anything judges them: bad ones, which controllers and people
//! have to be able to go on with.

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::pods::{GOOD, UNPINNED, in_namespace, pod};

/// Such objects, as they were created.
#[derive(Debug)]
pub struct Leftovers {
    waiting: Value,
    finished: Value,
    replica_set: Value,
    pod_template: Value,
    config_map: Value,
}

impl Leftovers {
    /// Creates them in a namespace: a pod that waits for a node, one that has ended and is still counted by
    /// its Job, a ReplicaSet, a PodTemplate, whose template is not in a `spec`, and a ConfigMap, which has
    /// neither.
    ///
    /// # Panics
    ///
    /// Where one is refused.
    #[must_use]
    pub fn create(client: &Client, namespace: &str) -> Leftovers {
        let create = |object: &Value| {
            let object = in_namespace(namespace, object);
            client.create(&object).and_then(Answer::ok).unwrap_or_else(|error| panic!("{error}\n{object}"))
        };
        let mut waiting = pod("left-waiting", UNPINNED);
        // No scheduler takes it.
        waiting["spec"]["schedulerName"] = "none".into();
        // No fix mends that.
        let mut hopeless = pod("left-finished", GOOD);
        hopeless["spec"]["containers"][0]["ports"] = json!([{"containerPort": 80, "protocol": "SCTP"}]);
        let mut finished = hopeless.clone();
        finished["spec"]["nodeName"] = "gone".into();
        finished["metadata"]["finalizers"] = json!(["batch.kubernetes.io/job-tracking"]);
        let mut spec = hopeless["spec"].take();
        spec["nodeSelector"].take();
        let template = json!({"metadata": {"labels": {"app": "left"}}, "spec": spec});
        let pod_template = json!({"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "left"},
            "template": template});
        let flannel = json!({"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan"}});
        let config_map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-flannel-cfg"},
            "data": {"net-conf.json": flannel.to_string()}});
        let replica_set = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "left"},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "left"}}, "template": template}});
        let made = Leftovers {
            waiting: create(&waiting),
            finished: create(&finished),
            replica_set: create(&replica_set),
            pod_template: create(&pod_template),
            config_map: create(&config_map),
        };
        let status = json!({"status": {"phase": "Succeeded"}});
        client.merge(&made.finished, "/status", &status).and_then(Answer::ok).expect("it has ended");
        made
    }

    /// Does with them what changes no pods: it passes, and changes nothing else.
    ///
    /// # Panics
    ///
    /// Where it does not.
    pub fn go_on(&self, client: &Client) {
        let patch = |object: &Value, patch: &Value| {
            let path = client.path(object).expect("a path");
            let mut before = client.get(&path).expect("it is there");
            let answer = client.merge(object, "", patch).expect("an answer");
            assert_eq!((answer.status, &answer.warnings), (200, &Vec::new()), "{patch} {answer:?}");
            let mut wanted = before["spec"].take();
            if let Some(replicas) = patch.pointer("/spec/replicas") {
                wanted["replicas"] = replicas.clone();
            }
            assert_eq!(answer.body["spec"], wanted, "{patch}");
            for field in ["template", "data"] {
                assert_eq!(answer.body[field], before[field], "{patch}");
            }
        };
        for object in [&self.waiting, &self.pod_template, &self.config_map] {
            patch(object, &json!({"metadata": {"labels": {"seen": "yes"}}}));
        }
        // As the Job's controller does, once it has counted the pod.
        patch(&self.finished, &json!({"metadata": {"finalizers": null}}));
        // As the Deployment's controller does with the ReplicaSets of before.
        patch(&self.replica_set, &json!({"spec": {"replicas": 0}}));
    }

    /// Deletes them.
    ///
    /// # Panics
    ///
    /// Where one is kept.
    pub fn delete(&self, client: &Client) {
        for object in [&self.waiting, &self.finished, &self.replica_set, &self.pod_template, &self.config_map] {
            client.delete(object).and_then(Answer::ok).expect("it goes");
        }
    }

    /// Changes the template of the ReplicaSet, which is as bad as it was.
    ///
    /// # Panics
    ///
    /// Where there is no answer.
    #[must_use]
    pub fn change_template(&self, client: &Client) -> Answer {
        let template = json!({"metadata": {"annotations": {"changed": "yes"}}});
        client.merge(&self.replica_set, "", &json!({"spec": {"template": template}})).expect("an answer")
    }

    /// Changes the template of the PodTemplate in the same way.
    ///
    /// # Panics
    ///
    /// Where there is no answer.
    #[must_use]
    pub fn change_pod_template(&self, client: &Client) -> Answer {
        let template = json!({"metadata": {"annotations": {"changed": "yes"}}});
        client.merge(&self.pod_template, "", &json!({"template": template})).expect("an answer")
    }

    /// Changes what is in the ConfigMap.
    ///
    /// # Panics
    ///
    /// Where there is no answer.
    #[must_use]
    pub fn change_data(&self, client: &Client) -> Answer {
        client.merge(&self.config_map, "", &json!({"data": {"changed": "yes"}})).expect("an answer")
    }
}

//! What objects are to one another: those that rules look up when they judge another one.
//!
//! Rules look up kinds of `LOOKED_UP` in `role.rs`, and workloads. An object is sent with those that can matter
//! to it, so that a set of 10,000 objects is not sent 10,000 times:
//!
//! - the Namespace it is in, and what holds for the whole cluster;
//! - of Nodes that differ by nothing but their name and how much of them is there for pods, the ones it names
//!   and the roomiest others. A rule that asks whether there is some such node finds the same among them as
//!   among all; so it is with other objects that differ by nothing but their name and are not looked up by it,
//!   except Services, and the workloads that one leads to; of PersistentVolumes there are two, since of a free one
//!   a rule asks whether it is alone;
//! - what it names, and what that names in turn: classes, claims, volumes, ConfigMaps, Services;
//! - the workloads that it selects, scales or gives files to (of those that a selector finds no more than
//!   `MOST_WORKLOADS` in `near.rs`), with the autoscalers of those, and
//!   the other workloads with the same claims;
//! - of each of these workloads what says which nodes it is for, and whose it is: its RuntimeClass, the
//!   Nodes and the ServiceAccount it names, its owners;
//! - where it asks for a gMSA, who may use one.
//!
//! Of files that contradict one another, as those of several environments do, each is alone in the
//! world: see [`Context::seen_from`].

mod entry;
mod near;
mod node;
mod origin;
mod pods;
mod role;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use entry::{Entry, Form, Key, Word};
use near::Near;
use node::Alike;
use origin::Origins;
use role::{ABOUT_WORKLOADS, PLUG_INS, Role};
use text::{namespace_of, text, texts, without_clutter};

pub use entry::Prepared;
pub use node::{essence, is_windows_node, windows_build};
pub use pods::{pods, templates};
pub use role::{may_be_about_workloads, may_be_in, may_hold_workload};

/// The objects of a set that others may look up.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Context {
    entries: Vec<Entry>,
    /// The entries that are known by a word in a namespace.
    index: FxHashMap<Key, Vec<usize>>,
    /// The Services that take traffic from outside on every node.
    entrances: Vec<usize>,
    /// What has no name yet.
    generated: Vec<usize>,
    /// What a Node is without its name and its room, and the Nodes that are so.
    nodes: BTreeMap<String, Alike>,
    /// Something in the set is about workloads.
    wants_workloads: bool,
    origins: Origins,
}

/// The objects of a set as one of its files sees them.
#[derive(Debug, Clone)]
pub struct View<'c> {
    context: &'c Context,
    origin: Vec<u32>,
}

impl<'c> From<&View<'c>> for View<'c> {
    fn from(view: &View<'c>) -> Self {
        view.clone()
    }
}

impl<'c> From<&'c Context> for View<'c> {
    fn from(context: &'c Context) -> Self {
        context.seen_from("")
    }
}

impl Context {
    /// Takes an object in if it is one that others look up. Of two with one name the last counts.
    pub fn add(&mut self, object: &Value) {
        self.add_from(object, "");
    }

    /// Takes an object of a file in, whose path has `/` between its folders.
    pub fn add_from(&mut self, object: &Value, origin: &str) {
        if let Some(prepared) = Prepared::of(object) {
            self.insert(prepared, origin);
        }
    }

    /// The same of one that is ready.
    pub fn insert(&mut self, Prepared(form): Prepared, origin: &str) {
        let (mut entry, keys, is_entrance) = match form {
            Form::Node { name, room, json, nameless } => {
                for alike in self.nodes.values_mut() {
                    alike.remove(&name);
                }
                self.nodes.entry(nameless).or_default().insert(name, room, json);
                return;
            }
            Form::Other { entry, keys, is_entrance } => (entry, keys, is_entrance),
        };
        self.wants_workloads |= ABOUT_WORKLOADS.contains(&&*entry.kind) || PLUG_INS.contains(&&*entry.name);
        let same = self.find(Word::Name(&entry.name).key(&entry.namespace));
        let same: Vec<usize> = same.filter(|id| self.entries[*id].is_named_as(&entry)).collect();
        let origin = self.origins.enter(origin);
        let is_known = |id: &usize| self.entries[*id].origin[..] == origin && self.entries[*id].json == entry.json;
        if same.iter().any(is_known) {
            return;
        }
        // The first and the last are enough: those between them are parted from these.
        for id in same.first().into_iter().chain(same.last()) {
            let other = &self.entries[*id];
            if other.json != entry.json && entry.kind != "Namespace" {
                self.origins.contradict(&other.origin, &origin);
            }
        }
        for id in same {
            if self.entries[id].origin[..] == origin {
                self.entries[id].json.clear();
            }
        }
        let id = self.entries.len();
        if is_entrance {
            self.entrances.push(id);
        }
        for key in keys {
            self.index.entry(key).or_default().push(id);
        }
        if entry.is_generated {
            self.generated.push(id);
        }
        entry.origin = origin.into();
        self.entries.push(entry);
    }

    /// Forgets what a file has that has no name yet: when the file is read again, nothing tells it from what it was.
    pub fn forget_generated(&mut self, origin: &str) {
        let origin = self.origins.way(origin);
        for id in &self.generated {
            let entry = &mut self.entries[*id];
            if *entry.origin == *origin {
                entry.json.clear();
            }
        }
    }

    /// The same with other Nodes: each is put through `change`.
    #[must_use]
    pub fn with_nodes(&self, change: impl Fn(&Value) -> Value) -> Context {
        let mut changed = Context { nodes: BTreeMap::new(), ..self.clone() };
        for node in self.nodes.values().flat_map(Alike::values).filter_map(|node| serde_json::from_str(node).ok()) {
            changed.add(&change(&node));
        }
        changed
    }

    /// The builds of the Nodes in the set that run Windows, as far as these say them; `None` where there are no such
    /// Nodes.
    #[must_use]
    pub fn windows_builds(&self) -> Option<BTreeSet<u32>> {
        let nodes = self.nodes.keys().filter_map(|node| serde_json::from_str::<Value>(node).ok());
        let mut nodes = nodes.filter(is_windows_node).peekable();
        nodes.peek()?;
        Some(nodes.filter_map(|node| windows_build(&node)).collect())
    }

    /// Whether workloads matter to anything in the set.
    pub fn wants_workloads(&self) -> bool {
        self.wants_workloads
    }

    /// The entries that are known by a word in a namespace.
    fn find(&self, key: Key) -> impl Iterator<Item = usize> {
        let found = self.index.get(&key).into_iter().flatten().copied();
        found.filter(|id| !self.entries[*id].json.is_empty())
    }

    /// What can matter to the object `own`, as [`View::around`] says, where all files are of one cluster.
    pub fn around<'c>(&'c self, own: &Value, namespace: &str) -> Vec<&'c str> {
        View::from(self).around(own, namespace)
    }

    /// The objects as a file sees them: without what is in files that contradict it, and, of several with
    /// one name, those in the nearest.
    pub fn seen_from<'c>(&'c self, origin: &str) -> View<'c> {
        View { context: self, origin: self.origins.way(origin) }
    }

    fn nodes_around<'c>(&'c self, own: &Value, named: &FxHashSet<&str>) -> Vec<&'c str> {
        let own_name = own["metadata"]["name"].as_str().filter(|_| own["kind"] == "Node");
        self.nodes.values().flat_map(|alike| alike.around(own_name, named)).collect()
    }
}

impl<'c> View<'c> {
    /// What can matter to the object `own`, which is in `namespace` or goes there, as JSON texts.
    pub fn around(&self, own: &Value, namespace: &str) -> Vec<&'c str> {
        let context = self.context;
        let mut near = Near { view: self, namespace, found: BTreeMap::new() };
        if context.entries.is_empty() && context.nodes.is_empty() {
            return Vec::new();
        }
        near.by_name(namespace, |entry| entry.kind == "Namespace");
        near.everywhere();
        let mut names = FxHashSet::default();
        texts(own, &mut |text| {
            names.insert(text);
        });
        let pods = templates(own);
        if !pods.is_empty() {
            // The ServiceAccount of pods that name none.
            names.insert("default");
        }
        if !context.entries.is_empty() {
            near.named(&names);
            near.roles(own, &pods, &names);
            near.behind_workloads(own, &mut names);
        }
        let (kind, name) = (text(&own["kind"]), text(&own["metadata"]["name"]));
        let twin = self.generated_from(own, namespace);
        let is_itself = |id: usize, entry: &Entry| {
            let is_named = !name.is_empty() && !entry.is_generated && entry.name == name && entry.kind == kind;
            let is_here = || ["", namespace, namespace_of(own)].contains(&&*entry.namespace);
            twin == Some(id) || (is_named && is_here())
        };
        let is_service = kind == "Service";
        // Of those that differ by nothing but their name one says all; Services may be counted, and the
        // pods that one leads to.
        let is_counted = |entry: &Entry| entry.kind == "Service" || (is_service && entry.role == Role::Workload);
        // Of PersistentVolumes that are free, and of those that a claim has taken, it takes two each.
        let mut seen: FxHashMap<(u64, bool), usize> = FxHashMap::default();
        let mut says_more = |entry: &Entry| {
            let is_volume = entry.role == Role::Volume;
            let is_taken = is_volume && !self.find("", &Word::Takes(&entry.name)).is_empty();
            let alike = seen.entry((entry.likeness, is_taken)).or_default();
            *alike += 1;
            *alike <= if is_volume { 2 } else { 1 }
        };
        let entries = near.found.into_iter().map(|(id, is_looked_up)| (id, &context.entries[id], is_looked_up));
        let entries = entries.filter(|(id, entry, _)| !is_itself(*id, entry));
        let entries = entries.filter(|(_, entry, is_looked_up)| {
            let is_new = says_more(entry);
            is_new || *is_looked_up || !entry.is_one_of_many() || is_counted(entry) || names.contains(&*entry.name)
        });
        let mut around: Vec<&str> = entries.map(|(_, entry, _)| &*entry.json).collect();
        around.extend(context.nodes_around(own, &names));
        around
    }

    /// The entry that an object is whose name is yet to be generated. Others may say the same as it does.
    fn generated_from(&self, own: &Value, namespace: &str) -> Option<usize> {
        let metadata = &own["metadata"];
        let name = metadata["generateName"].as_str().filter(|_| metadata["name"].as_str().is_none())?;
        let json = without_clutter(own);
        let is_own = |id: &usize| self.context.entries[*id].is_generated && self.context.entries[*id].json == json;
        let mut alike = [namespace, namespace_of(own), ""].into_iter();
        let mut alike: Vec<usize> = alike
            .find_map(|space| Some(self.find(space, &Word::Name(name))).filter(|found| found.iter().any(is_own)))?;
        alike.retain(is_own);
        let is_here = |id: &&usize| *self.context.entries[**id].origin == *self.origin;
        alike.iter().find(is_here).or(alike.first()).copied()
    }

    /// Whether an entry is there, seen from here.
    fn sees(&self, id: usize) -> bool {
        let entry = &self.context.entries[id];
        !entry.json.is_empty() && self.context.origins.are_one(&self.origin, &entry.origin)
    }

    /// The entries of a namespace that are known by a word.
    fn find(&self, namespace: &str, word: &Word<'_>) -> Vec<usize> {
        let seen: Vec<usize> = self.context.find(word.key(namespace)).filter(|id| self.sees(*id)).collect();
        // A file has nothing twice.
        let origin = |id: &usize| &self.context.entries[*id].origin;
        if seen.iter().all(|id| origin(id) == origin(&seen[0])) {
            return seen;
        }
        type Names<'c> = (&'c str, &'c str, &'c str, Option<usize>);
        let mut nearest: FxHashMap<Names<'_>, usize> = FxHashMap::default();
        for id in seen {
            let entry = &self.context.entries[id];
            let distance = |id: usize| {
                let origin = &self.context.entries[id].origin;
                (**origin == self.origin, origin::shared(origin, &self.origin))
            };
            nearest
                .entry((&entry.kind, &entry.namespace, &entry.name, entry.is_generated.then_some(id)))
                .and_modify(|found| *found = if distance(id) < distance(*found) { *found } else { id })
                .or_insert(id);
        }
        let mut found = BTreeSet::new();
        found.extend(nearest.into_values());
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(name: &str, pool: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {
            "kubernetes.io/hostname": name, "agentpool": pool}}, "status": {"images": [{"names": ["x"]}]}})
    }

    fn names(context: &Context, pod: &str) -> Vec<String> {
        let stream = transom_yaml::parse(pod);
        let object = stream.documents[0].value();
        let name = |json: &str| {
            serde_json::from_str::<Value>(json).expect("JSON")["metadata"]["name"].as_str().map(str::to_owned)
        };
        context.around(object, namespace_of(object)).into_iter().filter_map(name).collect()
    }

    #[test]
    fn sends_what_can_matter() {
        let mut context = Context::default();
        for index in 0..100 {
            context.add(&node(&format!("a{index:02}"), "a"));
            context.add(&node(&format!("b{index:02}"), "b"));
        }
        for name in ["shop", "default"] {
            context.add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        }
        context.add(&json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "hyperv"}}));
        context.add(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hyperv"}}));
        assert_eq!(names(&context, "{apiVersion: v1, kind: Pod}"), ["default", "a00", "b00"]);
        let pod =
            "{apiVersion: v1, kind: Pod, metadata: {namespace: shop}, spec: {nodeName: a00, runtimeClassName: hyperv}}";
        assert_eq!(names(&context, pod), ["shop", "hyperv", "a01", "a00", "b00"]);
        assert_eq!(names(&context, "{apiVersion: v1, kind: Namespace, metadata: {name: default}}"), ["a00", "b00"]);
        context
            .add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"a": "b"}}}));
        assert_eq!(names(&context, pod), ["hyperv", "shop", "a01", "a00", "b00"], "the later one counts, once");
        assert!(!context.around_is_large());
    }

    impl Context {
        fn around_is_large(&self) -> bool {
            self.nodes.values().flat_map(Alike::values).any(|node| node.contains("images"))
        }
    }

    fn set(yaml: &str) -> Context {
        let mut context = Context::default();
        let stream = transom_yaml::parse(yaml);
        assert!(stream.errors.is_empty(), "{:?}", stream.errors);
        stream.documents.iter().for_each(|document| context.add(document.value()));
        context
    }

    #[test]
    fn finds_what_is_behind_a_claim() {
        let context = set(
            "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {storageClassName: fast}}\n---\n\
            {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: other}}\n---\n\
            {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk}, spec: {storageClassName: fast}}\n---\n\
            {apiVersion: v1, kind: PersistentVolume, metadata: {name: elsewhere}, spec: {storageClassName: slow}}\n---\n\
            {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast}}\n---\n\
            {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: slow}}\n---\n\
            {apiVersion: v1, kind: Pod, metadata: {name: other}, spec: {containers: [], volumes: [{persistentVolumeClaim: {claimName: data}}]}}",
        );
        let pod = "{apiVersion: v1, kind: Pod, spec: {containers: [], volumes: [{persistentVolumeClaim: {claimName: data}}]}}";
        assert_eq!(names(&context, pod), ["data", "disk", "fast", "other"]);
        assert!(names(&context, "{apiVersion: v1, kind: Pod, spec: {containers: []}}").is_empty());
    }

    #[test]
    fn finds_the_workloads_that_an_object_is_about() {
        let context = set(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {metadata: {labels: {app: web}}, \
            spec: {containers: [{envFrom: [{configMapRef: {name: settings}}]}]}}}}\n---\n\
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: db}, spec: {template: {metadata: {labels: {app: db}}, spec: {containers: []}}}}\n---\n\
            {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: more}, spec: {scaleTargetRef: {kind: Deployment, name: web}}}\n---\n\
            {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}",
        );
        assert!(context.wants_workloads());
        let service = "{apiVersion: v1, kind: Service, metadata: {name: any}, spec: {selector: {app: web}}}";
        assert_eq!(
            names(&context, service),
            ["web", "more", "web"],
            "the Deployment, its autoscaler, a Service of that name"
        );
        let policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}}}";
        assert_eq!(names(&context, policy), ["web", "db"]);
        assert_eq!(names(&context, "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}"), ["web"]);
        let pod = "{apiVersion: v1, kind: Pod, spec: {containers: [{args: ['http://web.default:80/']}]}}";
        assert_eq!(names(&context, pod), ["web"], "the Service that is named with its namespace");
    }

    #[test]
    fn services_that_select_by_the_system() {
        let context = set(
            "{apiVersion: v1, kind: Service, metadata: {name: one}, spec: {selector: {kubernetes.io/os: linux}}}\n---\n\
            {apiVersion: v1, kind: Service, metadata: {name: other}, spec: {selector: {app: web}}}",
        );
        let pod = |labels: &str| {
            format!(
                "{{apiVersion: v1, kind: Pod, metadata: {{name: web, labels: {labels}}}, spec: {{containers: []}}}}"
            )
        };
        assert_eq!(names(&context, &pod("{app: web, kubernetes.io/os: linux}")), ["one"]);
        assert!(names(&context, &pod("{app: web}")).is_empty());
    }

    #[test]
    fn files_that_contradict_one_another_are_worlds_of_their_own() {
        let mut context = Context::default();
        let claim = |class: &str| {
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
                "spec": {"storageClassName": class}})
        };
        let pod = |name: &str| {
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": {"containers": [],
                "volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}})
        };
        context.add_from(&claim("ntfs"), "windows/all.yaml");
        context.add_from(&claim("ext4"), "linux/claim.yaml");
        context.add_from(&pod("linux"), "linux/pod.yaml");
        context.add_from(&pod("any"), "more/pod.yaml");
        let around = |origin: &str| context.seen_from(origin).around(&pod("own"), "default").join(" ");
        let seen = |origin: &str| ["ntfs", "ext4", "linux", "any"].map(|word| around(origin).contains(word));
        assert_eq!(seen("windows/all.yaml"), [true, false, false, true]);
        assert_eq!(seen("linux/pod.yaml"), [false, true, true, true]);

        // The same in two files is no contradiction.
        let mut context = Context::default();
        context.add_from(&claim("ntfs"), "a/claim.yaml");
        context.add_from(&claim("ntfs"), "b/claim.yaml");
        context.add_from(&pod("b"), "b/pod.yaml");
        assert_eq!(context.seen_from("a/pod.yaml").around(&pod("own"), "default").len(), 2);
    }

    #[test]
    fn workloads_come_with_what_says_where_they_run() {
        let set = set(
            "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: server2022}, handler: x}\n---\n\
            {apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: other}, handler: x}\n---\n\
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: owner}, spec: {template: {spec: {containers: []}}}}\n---\n\
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: own}}\n---\n\
            {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web, ownerReferences: [{name: owner}]}, spec: {template: \
            {metadata: {labels: {app: web}}, spec: {runtimeClassName: server2022, serviceAccountName: own, nodeName: n2, containers: []}}}}\n---\n\
            {apiVersion: v1, kind: Node, metadata: {name: n1}}\n---\n{apiVersion: v1, kind: Node, metadata: {name: n2}}",
        );
        let service = "{apiVersion: v1, kind: Service, metadata: {name: any}, spec: {selector: {app: web}}}";
        assert_eq!(names(&set, service), ["server2022", "owner", "web", "n1", "n2"]);
        let policy = "{apiVersion: vpcresources.k8s.aws/v1beta1, kind: SecurityGroupPolicy, metadata: {name: any}, \
            spec: {serviceAccountSelector: {}}}";
        assert_eq!(names(&set, policy), ["server2022", "owner", "own", "web", "n1", "n2"]);
    }

    #[test]
    fn what_has_no_name_yet_is_there() {
        let job = |image: &str| {
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "import-"}, "spec": {"template":
                {"metadata": {"labels": {"app": "import"}}, "spec": {"containers": [{"image": image}]}}}})
        };
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"selector": {"app": "import"}}});
        let mut context = Context::default();
        for image in ["a", "b", "b"] {
            context.add_from(&job(image), "jobs.yaml");
        }
        assert_eq!(context.around(&service, "default").len(), 3);
        let policy = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {}});
        assert_eq!(context.around(&policy, "default").len(), 2, "of twins one says all");
        context.add_from(
            &json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}),
            "claim.yaml",
        );
        let mut own = job("b");
        own["spec"]["template"]["spec"]["volumes"] = json!([{"persistentVolumeClaim": {"claimName": "data"}}]);
        context.add_from(&own, "jobs.yaml");
        context.add_from(&own, "more.yaml");
        let around = |origin: &str| context.seen_from(origin).around(&own, "default").join(" ");
        assert_eq!(around("jobs.yaml").matches("generateName").count(), 1, "its twin, and not itself");
        context.forget_generated("jobs.yaml");
        assert_eq!(context.around(&service, "default").len(), 1);
    }

    #[test]
    fn volumes_are_found_without_their_claim() {
        let set = set(
            "{apiVersion: v1, kind: PersistentVolume, metadata: {name: kept}, spec: {storageClassName: x, claimRef: {namespace: shop, name: data}}}\n---\n\
            {apiVersion: v1, kind: PersistentVolume, metadata: {name: other}, spec: {storageClassName: x, claimRef: {namespace: shop, name: x}}}\n---\n\
            {apiVersion: v1, kind: PersistentVolume, metadata: {name: free}, spec: {}}\n---\n\
            {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: old, annotations: {volume.beta.kubernetes.io/storage-class: k}}}\n---\n\
            {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: none}, spec: {storageClassName: ''}}\n---\n\
            {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: k}}",
        );
        let pod = |namespace: &str, claim: &str| {
            format!(
                "{{apiVersion: v1, kind: Pod, metadata: {{namespace: {namespace}}}, spec: {{containers: [], \
                volumes: [{{persistentVolumeClaim: {{claimName: {claim}}}}}]}}}}"
            )
        };
        assert_eq!(names(&set, &pod("shop", "data")), ["kept"]);
        assert_eq!(names(&set, &pod("default", "old")), ["old", "k"]);
        assert_eq!(names(&set, &pod("default", "none")), ["free", "none"]);
    }

    #[test]
    fn plug_ins_and_rights() {
        let set = set(
            "{apiVersion: v1, kind: Pod, metadata: {name: w, namespace: shop}, spec: {containers: []}}\n---\n\
            {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: aws-node, namespace: kube-system}, spec: {template: {spec: {containers: []}}}}\n---\n\
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r, namespace: x}, rules: [{resources: [gmsacredentialspecs]}]}\n---\n\
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: s, namespace: x}, rules: [{resources: [pods]}]}",
        );
        assert!(set.wants_workloads() && may_be_about_workloads("name: aws-node"));
        let plug_in = "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: aws-node, namespace: kube-system}, spec: {template: {spec: {containers: []}}}}";
        assert_eq!(names(&set, plug_in), ["w"]);
        let pod = |namespace: &str| {
            format!(
                "{{apiVersion: v1, kind: Pod, metadata: {{name: any{namespace}}}, spec: \
                {{containers: [], securityContext: {{windowsOptions: {{gmsaCredentialSpecName: w}}}}}}}}"
            )
        };
        assert_eq!(names(&set, &pod(", namespace: shop")), ["aws-node", "r"]);
        assert_eq!(names(&set, &pod("")), ["aws-node", "r", "s"], "any namespace may be meant");
    }

    #[test]
    fn pods_deep_below_an_object() {
        let template = json!({"spec": {"containers": [{"image": "a"}]}});
        let at = |object: Value| pods(&object).into_iter().map(|(at, _)| at).collect::<Vec<_>>();
        let jobs = json!({"spec": {"replicatedJobs": [{"template": {"spec": {"template": template}}}]}});
        assert_eq!(at(jobs), ["/spec/replicatedJobs/0/template/spec/template"]);
        let groups = json!({"spec": {"a": {"b": {"template": {"spec": {"template": template}}}}}});
        assert_eq!(at(groups), ["/spec/a/b/template/spec/template"]);
        assert!(at(json!({"spec": {"a": {"b": {"c": {"d": {"pod": template}}}}}})).is_empty());
    }

    #[test]
    fn looks_before_it_parses() {
        for text in ["kind: Node", "{\"kind\":\"Namespace\"}", "kind: NodeList\n", "kind: 'RuntimeClass'"] {
            assert!(may_be_in(text), "{text}");
        }
        for text in ["kind: NodeMetrics", "myNode", "kind: Pod", "Node.js"] {
            assert!(!may_be_in(text), "{text}");
        }
    }
}

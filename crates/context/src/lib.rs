//! What objects are to one another: those that rules look up when they judge another one.
//!
//! Rules look up kinds of [`LOOKED_UP`], and workloads. An object is sent with those that can matter
//! to it, so that a set of 10,000 objects is not sent 10,000 times:
//!
//! - the Namespace it is in, and what holds for the whole cluster;
//! - of Nodes that differ by nothing but their name, the ones it names and one other. A rule that
//!   asks whether there is some such node finds the same among them as among all; so it is with other
//!   objects that differ by nothing but their name and are not looked up by it, except Services, and the
//!   workloads that one leads to; of PersistentVolumes there are two, since of a free one a rule asks
//!   whether it is alone;
//! - what it names, and what that names in turn: classes, claims, volumes, ConfigMaps, Services;
//! - the workloads that it selects, scales or gives files to, with the autoscalers of those, and
//!   the other workloads with the same claims;
//! - of each of these workloads what says which nodes it is for, and whose it is: its RuntimeClass, the
//!   Nodes and the ServiceAccount it names, its owners;
//! - where it asks for a gMSA, who may use one.
//!
//! Of files that contradict one another, as those of several environments do, each is alone in the
//! world: see [`Context::seen_from`].

mod origin;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher as _};

use memchr::memmem;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde_json::{Map, Value};
use transom::images::builds;
use transom::object::is_in_no_namespace;
use transom::platform::labels::{OS, WINDOWS_BUILD};

use origin::Origins;

/// Group and kind of the objects that rules look up, workloads excepted.
const LOOKED_UP: &[(&str, &str, Role)] = &[
    ("", "ConfigMap", Role::Named),
    ("", "Namespace", Role::Named),
    ("", "Node", Role::Node),
    ("", "PersistentVolume", Role::Volume),
    ("", "PersistentVolumeClaim", Role::Named),
    ("", "Secret", Role::Named),
    ("", "Service", Role::Named),
    ("", "ServiceAccount", Role::Named),
    ("autoscaling", "HorizontalPodAutoscaler", Role::Autoscaler),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler", Role::Autoscaler),
    ("crd.k8s.amazonaws.com", "ENIConfig", Role::Everywhere),
    ("crd.projectcalico.org", "FelixConfiguration", Role::Everywhere),
    ("crd.projectcalico.org", "IPPool", Role::Everywhere),
    ("networking.k8s.io", "NetworkPolicy", Role::InNamespace),
    ("node.k8s.io", "RuntimeClass", Role::Named),
    ("operator.tigera.io", "Installation", Role::Everywhere),
    ("projectcalico.org", "FelixConfiguration", Role::Everywhere),
    ("projectcalico.org", "IPPool", Role::Everywhere),
    ("rbac.authorization.k8s.io", "ClusterRole", Role::Rights),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", Role::Rights),
    ("rbac.authorization.k8s.io", "Role", Role::Rights),
    ("rbac.authorization.k8s.io", "RoleBinding", Role::Rights),
    ("storage.k8s.io", "StorageClass", Role::Named),
    ("vpcresources.k8s.aws", "SecurityGroupPolicy", Role::InNamespace),
    ("windows.k8s.io", "GMSACredentialSpec", Role::Named),
];

/// What makes an object matter to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    /// The other one names it.
    Named,
    /// It is in the same namespace.
    InNamespace,
    /// It is there.
    Everywhere,
    /// The other one is the workload it scales, or selects that.
    Autoscaler,
    /// The other one asks for a gMSA.
    Rights,
    /// A PersistentVolume: it is named, or for the claim or of the class that is named.
    Volume,
    /// A Node.
    Node,
    /// A workload.
    Workload,
}

/// Workloads that hold for the whole cluster: the Amazon VPC CNI is set up by their environment.
const PLUG_INS: &[&str] = &["aws-node", "vpc-resource-controller"];

/// The most Services that are sent with another one.
const MOST_SERVICES: usize = 512;

/// The Service of the API server and its namespace: it says which addresses a cluster has.
const API_SERVER: (&str, &str) = ("default", "kubernetes");

/// Kinds that are about workloads which they do not name; so are the [`PLUG_INS`].
const ABOUT_WORKLOADS: &[&str] = &[
    "ConfigMap",
    "FelixConfiguration",
    "HorizontalPodAutoscaler",
    "Installation",
    "IPPool",
    "NetworkPolicy",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Secret",
    "SecurityGroupPolicy",
    "Service",
    "VerticalPodAutoscaler",
];

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
    /// What a node is without its name, and the nodes that are so, by name.
    nodes: BTreeMap<String, BTreeMap<String, String>>,
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

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    role: Role,
    kind: String,
    /// Empty where it is in none.
    namespace: String,
    name: String,
    /// The name is only what one will be generated from: others may have it, too.
    is_generated: bool,
    /// The way to the file it is in.
    origin: Box<[u32]>,
    /// The object; empty where a later one has taken its place.
    json: String,
    /// The same for objects that differ by nothing but their name.
    likeness: u64,
    /// The names of others in it that matter wherever it does.
    names: Vec<String>,
}

/// What an object is found by.
#[derive(Hash)]
enum Word<'w> {
    Name(&'w str),
    Role(Role),
    /// A StorageClass that claims without one get.
    DefaultClass,
    /// A Service that selects pods by the label of the operating system.
    SelectsByOs,
    /// A role that says something about gMSAs, in whatever namespace.
    RoleForGmsa,
    /// What is in a namespace and says who may do what; the word stands in none.
    RightsAnywhere,
    /// A label of a workload's pods.
    Label(&'w str, &'w str),
    /// A name that stands in it.
    Mentions(&'w str),
}

/// A hash of a namespace (empty: none) and a word: where two have the same, an object is sent with another
/// one that does not need it.
type Key = u64;

impl Word<'_> {
    fn key(&self, namespace: &str) -> Key {
        hash(&(namespace, self))
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// An object that others look up, ready to be added. That is most of the work of adding it, and can be done
/// in several threads.
#[derive(Debug)]
pub struct Prepared(Form);

#[derive(Debug)]
enum Form {
    Node {
        name: String,
        json: String,
        nameless: String,
    },
    Other {
        entry: Entry,
        keys: Vec<Key>,
        /// A Service that takes traffic from outside on every node.
        is_entrance: bool,
    },
}

/// Whether a text can hold an object that others look up; asked before it is parsed.
pub fn may_be_in(text: &str) -> bool {
    let kinds = LOOKED_UP.iter().map(|(_, kind, _)| *kind);
    kinds.chain(PLUG_INS.iter().copied()).any(|word| holds(text, word))
}

/// Whether a text can hold an object that is about workloads which it does not name.
pub fn may_be_about_workloads(text: &str) -> bool {
    ABOUT_WORKLOADS.iter().chain(PLUG_INS).any(|word| holds(text, word))
}

/// Whether a kind or a name stands in a text as a word, or the kind of a list of it.
fn holds(text: &str, kind: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    memmem::find_iter(text.as_bytes(), kind).any(|at| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at + kind.len()..].strip_prefix("List").unwrap_or(&text[at + kind.len()..]);
        !before && !after.chars().next().is_some_and(is_word)
    })
}

/// Whether a text can hold a workload.
pub fn may_hold_workload(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"containers").is_some()
}

fn role_of(object: &Value) -> Option<Role> {
    let group = object["apiVersion"].as_str()?.rsplit_once('/').map_or("", |(group, _)| group);
    let kind = object["kind"].as_str()?;
    let listed = LOOKED_UP.iter().find(|(of, name, _)| (*of, *name) == (group, kind));
    let role = || {
        let is_plug_in = object["metadata"]["name"].as_str().is_some_and(|name| PLUG_INS.contains(&name));
        if is_plug_in { Role::Everywhere } else { Role::Workload }
    };
    listed.map(|(_, _, role)| *role).or_else(|| (!templates(object).is_empty()).then(role))
}

impl Prepared {
    /// Of an object that others look up.
    pub fn of(object: &Value) -> Option<Self> {
        Self::of_role(object, role_of(object)?)
    }

    /// Of a workload.
    pub fn of_workload(object: &Value) -> Option<Self> {
        role_of(object).filter(|role| *role == Role::Workload).and_then(|role| Self::of_role(object, role))
    }

    /// Of another object that others look up.
    pub fn of_other(object: &Value) -> Option<Self> {
        role_of(object).filter(|role| *role != Role::Workload).and_then(|role| Self::of_role(object, role))
    }

    fn of_role(object: &Value, role: Role) -> Option<Self> {
        let metadata = &object["metadata"];
        let name = metadata["name"].as_str().or_else(|| metadata["generateName"].as_str())?;
        let kind = object["kind"].as_str().unwrap_or_default();
        if role == Role::Node {
            let node = essence(object);
            let (name, json) = (name.to_owned(), json(&node));
            let nameless = self::json(&without_name(node, &name));
            return Some(Prepared(Form::Node { name, json, nameless }));
        }
        let namespace = if is_in_no_namespace(kind) { "" } else { namespace_of(object) };
        let mut words = vec![Word::Name(name), Word::Role(role)];
        let mut names = FxHashSet::default();
        names_in(object, &mut names);
        names.extend(object["metadata"]["annotations"][CLASS_ANNOTATION].as_str().filter(|_| is_link(kind)));
        if role == Role::Workload {
            words.extend(labels(object).into_iter().map(|(key, value)| Word::Label(key, value)));
        }
        if matches!(role, Role::Workload | Role::Autoscaler | Role::Volume) {
            words.extend(names.iter().map(|name| Word::Mentions(name)));
        }
        let json = without_clutter(object);
        if kind == "PersistentVolume" && object["spec"].get("storageClassName").is_none() {
            // Such a one is of the class without a name.
            words.push(Word::Mentions(""));
        }
        if kind == "StorageClass" && json.contains("is-default-class") {
            words.push(Word::DefaultClass);
        }
        if kind == "Service" && object["spec"]["selector"].get(OS).is_some() {
            words.push(Word::SelectsByOs);
        }
        let mut keys: Vec<Key> = words.iter().map(|word| word.key(namespace)).collect();
        if role == Role::Rights && !namespace.is_empty() {
            keys.push(Word::RightsAnywhere.key(""));
        }
        if role == Role::Rights && is_about_gmsa(object) {
            keys.push(Word::RoleForGmsa.key(""));
        }
        let is_entrance =
            kind == "Service" && matches!(object["spec"]["type"].as_str(), Some("LoadBalancer" | "NodePort"));
        let names = match role {
            Role::Workload | Role::Everywhere => behind_workload(object),
            _ if is_link(kind) => names,
            _ => FxHashSet::default(),
        };
        let entry = Entry {
            role,
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            is_generated: metadata["name"].as_str().is_none(),
            origin: Box::default(),
            json,
            likeness: likeness(object, namespace),
            names: names.into_iter().map(str::to_owned).collect(),
        };
        Some(Prepared(Form::Other { entry, keys, is_entrance }))
    }
}

impl Entry {
    /// Whether it is of the kind and name of another one, so that the two are one object.
    fn is_named_as(&self, other: &Entry) -> bool {
        let is_generated = self.is_generated || other.is_generated;
        !is_generated && self.kind == other.kind && self.name == other.name && self.namespace == other.namespace
    }

    /// Whether those that differ from it by nothing but their name say all that it does.
    fn is_one_of_many(&self) -> bool {
        !matches!(self.kind.as_str(), "Role" | "ClusterRole") && self.role != Role::Named
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
            Form::Node { name, json, nameless } => {
                for alike in self.nodes.values_mut() {
                    alike.remove(&name);
                }
                self.nodes.entry(nameless).or_default().insert(name, json);
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
        for node in self.nodes.values().flat_map(BTreeMap::values).filter_map(|node| serde_json::from_str(node).ok()) {
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
        let mut around = Vec::new();
        let own_name = own["metadata"]["name"].as_str().filter(|_| own["kind"] == "Node");
        for alike in self.nodes.values() {
            let others = || alike.iter().filter(|(name, _)| own_name != Some(name));
            let stranger = others().find(|(name, _)| !named.contains(name.as_str()));
            let is_acquainted = |(name, _): &(&String, _)| named.contains(name.as_str());
            let acquainted = others().filter(is_acquainted);
            around.extend(stranger.into_iter().chain(acquainted).map(|(_, node)| node.as_str()));
        }
        around
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
        let mut seen: FxHashMap<u64, usize> = FxHashMap::default();
        let mut says_more = |entry: &Entry| {
            let alike = seen.entry(entry.likeness).or_default();
            *alike += 1;
            *alike <= if entry.role == Role::Volume { 2 } else { 1 }
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
        if seen.len() < 2 {
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

/// What is found around one object.
struct Near<'c, 'o> {
    view: &'o View<'c>,
    namespace: &'o str,
    /// The entries, and whether each is looked up by its name.
    found: BTreeMap<usize, bool>,
}

impl<'c> Near<'c, '_> {
    fn entry(&self, id: usize) -> &'c Entry {
        &self.view.context.entries[id]
    }

    /// Adds what is known by a word, in the object's namespace or in none.
    fn add(&mut self, word: &Word<'_>, wanted: impl Fn(&Entry) -> bool) -> Vec<usize> {
        let here = [self.view.find(self.namespace, word), self.view.find("", word)].into_iter().flatten();
        let found: Vec<usize> = here.filter(|id| wanted(self.entry(*id))).collect();
        self.take(&found, matches!(word, Word::Name(_)));
        found
    }

    fn take(&mut self, found: &[usize], is_looked_up: bool) {
        for id in found {
            *self.found.entry(*id).or_default() |= is_looked_up;
        }
    }

    /// Adds what is known by a word of no namespace, wherever it is itself.
    fn add_from_anywhere(&mut self, word: &Word<'_>, wanted: impl Fn(&Entry) -> bool) {
        let mut found = self.view.find("", word);
        found.retain(|id| wanted(self.entry(*id)));
        self.take(&found, false);
    }

    fn by_name(&mut self, name: &str, wanted: impl Fn(&Entry) -> bool) -> Vec<usize> {
        self.add(&Word::Name(name), wanted)
    }

    /// Adds a Service of whatever namespace.
    fn service(&mut self, namespace: &str, name: &str) {
        let mut found = self.view.find(namespace, &Word::Name(name));
        found.retain(|id| self.entry(*id).kind == "Service");
        self.take(&found, true);
    }

    fn everywhere(&mut self) {
        for role in [Role::Everywhere, Role::InNamespace] {
            self.add(&Word::Role(role), |_| true);
        }
        let plug_ins = self.view.find("kube-system", &Word::Role(Role::Everywhere));
        self.take(&plug_ins, false);
    }

    /// Adds what these texts name, and what that names in turn.
    fn named(&mut self, names: &FxHashSet<&str>) {
        for name in names {
            for id in self.by_name(name, is_named) {
                let entry = self.entry(id);
                for linked in &entry.names {
                    self.by_name(linked, is_named);
                }
                if entry.kind == "PersistentVolumeClaim" {
                    self.volumes(entry.names.iter().map(String::as_str));
                    self.claim(&entry.name);
                }
            }
            // In a text that names a Service of another namespace, both names stand.
            let mut words =
                name.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| !word.is_empty());
            let mut last = words.next();
            for word in words {
                if let Some(service) = last {
                    self.service(word, service);
                }
                last = Some(word);
            }
        }
    }

    /// Adds the volumes that are kept for a claim, and the workloads that use it.
    fn claim(&mut self, name: &str) {
        let is_behind = |entry: &Entry| matches!(entry.role, Role::Volume | Role::Workload | Role::Everywhere);
        self.add(&Word::Mentions(name), is_behind);
    }

    /// Adds the volumes that a claim may get, by the names of its class and of the volume.
    fn volumes<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        for name in names {
            self.add(&Word::Mentions(name), |entry| entry.kind == "PersistentVolume");
        }
        self.default_classes();
    }

    fn default_classes(&mut self) {
        self.add(&Word::DefaultClass, |_| true);
    }

    /// Adds what the kind of the object looks at.
    fn roles(&mut self, own: &Value, pods: &[&Value], names: &FxHashSet<&str>) {
        let kind = own["kind"].as_str().unwrap_or_default();
        if !pods.is_empty() {
            self.service(API_SERVER.0, API_SERVER.1);
            if labels(own).iter().any(|(key, _)| *key == OS) {
                self.add(&Word::SelectsByOs, |_| true);
            }
            if has_key(own, &|key| key.starts_with("volumeClaimTemplate")) {
                self.volumes(names.iter().copied());
            }
            // A volume may be kept for a claim that is not there.
            pods.iter().for_each(|pod| claims_in(pod).for_each(|claim| self.claim(claim)));
            let is_gmsa = |text: &str| text.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"gmsa"));
            if has_key(own, &is_gmsa) || names.iter().any(|text| is_gmsa(text)) {
                self.rights(own);
            }
        }
        let workloads = match kind {
            "Service" | "NetworkPolicy" | "SecurityGroupPolicy" => self.selected(own),
            "ConfigMap" | "Secret" => {
                let name = own["metadata"]["name"].as_str().unwrap_or_default();
                self.add(&Word::Mentions(name), |entry| entry.role == Role::Workload)
            }
            "VerticalPodAutoscaler" => {
                let target = own["spec"]["targetRef"]["name"].as_str().unwrap_or_default();
                self.by_name(target, |entry| entry.role == Role::Workload)
            }
            _ => Vec::new(),
        };
        if kind == "Service" {
            let services = self.view.context.entrances.iter().filter(|id| self.view.sees(**id));
            let services: Vec<usize> = services.take(MOST_SERVICES).copied().collect();
            self.take(&services, false);
            for id in workloads {
                self.add(&Word::Mentions(&self.entry(id).name), |entry| entry.kind == "HorizontalPodAutoscaler");
            }
        }
        if is_about_network(own) {
            let view = self.view;
            let is_workload = |id: &usize| view.sees(*id) && view.context.entries[*id].role == Role::Workload;
            let workloads: Vec<usize> = (0..view.context.entries.len()).filter(is_workload).collect();
            self.take(&workloads, false);
            // Their namespaces may say which nodes they are for.
            self.add_from_anywhere(&Word::Role(Role::Named), |entry| entry.kind == "Namespace");
        }
    }

    /// Adds who may do what, as far as it can matter to the gMSAs of a workload.
    fn rights(&mut self, own: &Value) {
        self.add(&Word::Role(Role::Rights), |_| true);
        let states_namespace = own["metadata"]["namespace"].as_str().is_some_and(|namespace| !namespace.is_empty());
        // Where nobody says which namespace it is, the one that others say may be meant.
        let word = if states_namespace || self.namespace != DEFAULT { Word::RoleForGmsa } else { Word::RightsAnywhere };
        self.add_from_anywhere(&word, |_| true);
    }

    /// Adds what says of the workloads that are found which nodes they are for, and whose they are. `names` are
    /// those that are looked up; these come to them.
    fn behind_workloads<'n>(&mut self, own: &Value, names: &mut FxHashSet<&'n str>)
    where
        'c: 'n,
    {
        let has_accounts = own["kind"] == "SecurityGroupPolicy";
        let is_workload = |entry: &Entry| matches!(entry.role, Role::Workload | Role::Everywhere);
        let is_behind = |entry: &Entry| {
            is_workload(entry) || entry.kind == "RuntimeClass" || (has_accounts && entry.kind == "ServiceAccount")
        };
        let mut waiting: Vec<usize> = self.found.keys().copied().filter(|id| is_workload(self.entry(*id))).collect();
        let mut done: FxHashSet<&str> = FxHashSet::default();
        while let Some(id) = waiting.pop() {
            for name in self.entry(id).names.iter().map(String::as_str).filter(|name| done.insert(name)) {
                names.insert(name);
                waiting.extend(self.by_name(name, is_behind));
            }
        }
    }

    /// Adds the workloads that the labels of a selector may select: all of the namespace, or, as
    /// far as it names labels, those that have the first.
    fn selected(&mut self, own: &Value) -> Vec<usize> {
        let spec = &own["spec"];
        let labels = match own["kind"].as_str() {
            Some("Service") => &spec["selector"],
            _ => &spec["podSelector"]["matchLabels"],
        };
        let first = labels.as_object().and_then(|labels| labels.iter().next());
        match first {
            Some((key, value)) => self.add(&Word::Label(key, value.as_str().unwrap_or_default()), |_| true),
            None if own["kind"] == "Service" => Vec::new(),
            None => self.add(&Word::Role(Role::Workload), |_| true),
        }
    }
}

/// Whether the object sets up the network, which holds for all nodes.
fn is_about_network(object: &Value) -> bool {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let is_plug_in_settings = || object["data"].get("net-conf.json").is_some() || name == "amazon-vpc-cni";
    role_of(object) == Some(Role::Everywhere) || (object["kind"] == "ConfigMap" && is_plug_in_settings())
}

/// Whether an object is a role that says anything about gMSAs.
fn is_about_gmsa(object: &Value) -> bool {
    let rules = object["rules"].as_array().into_iter().flatten();
    let mut resources = rules.filter_map(|rule| rule["resources"].as_array()).flatten();
    resources.any(|resource| resource == "gmsacredentialspecs")
}

fn is_named(entry: &Entry) -> bool {
    matches!(entry.role, Role::Named | Role::Volume)
}

/// Kinds that name others, which matter wherever they do.
fn is_link(kind: &str) -> bool {
    matches!(kind, "PersistentVolume" | "PersistentVolumeClaim")
}

/// The namespace of what says none.
const DEFAULT: &str = "default";

/// What named the class of a claim before there was a field for it.
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

fn namespace_of(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().filter(|namespace| !namespace.is_empty()).unwrap_or(DEFAULT)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The pods in an object: JSON Pointer and value of what has a `metadata` and a `spec` of a pod, which
/// is a template or the Pod itself.
pub fn pods(object: &Value) -> Vec<(String, &Value)> {
    let pointer = |steps: &[Step<'_>]| -> String {
        let token = |step: &Step<'_>| match step {
            Step::Field(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        };
        steps.iter().map(token).collect()
    };
    let mut found = Vec::new();
    visit_pods(object, 0, &mut Vec::new(), &mut |steps, pod| found.push((pointer(steps), pod)));
    found
}

/// The same without the pointers.
pub fn templates(object: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    visit_pods(object, 0, &mut Vec::new(), &mut |_, pod| found.push(pod));
    found
}

/// Fields from an object down to what holds its pods; the elements of a list are no deeper than the list.
const DEEPEST_POD: usize = 5;

/// Where what a `template` holds is taken to be at the most: it may be one of a Job, in which there is another.
const DEEPEST_TEMPLATE: usize = 3;

enum Step<'v> {
    Field(&'v str),
    Index(usize),
}

fn visit_pods<'v>(
    value: &'v Value,
    depth: usize,
    steps: &mut Vec<Step<'v>>,
    visit: &mut dyn FnMut(&[Step<'v>], &'v Value),
) {
    if value["spec"]["containers"].is_array() {
        return visit(steps, value);
    }
    if depth == DEEPEST_POD {
        return;
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        let below = if name == "template" { (depth + 1).min(DEEPEST_TEMPLATE) } else { depth + 1 };
        steps.push(Step::Field(name));
        visit_pods(field, below, steps, visit);
        steps.pop();
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        steps.push(Step::Index(index));
        visit_pods(item, depth + usize::from(item.is_array()), steps, visit);
        steps.pop();
    }
}

/// The labels of the pods of a workload.
fn labels(object: &Value) -> Vec<(&str, &str)> {
    let labels = templates(object).into_iter().filter_map(|template| template["metadata"]["labels"].as_object());
    let mut all = Vec::new();
    for label in labels.flatten().map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())) {
        if !all.contains(&label) {
            all.push(label);
        }
    }
    all
}

/// The names of the claims that a pod uses.
fn claims_in(pod: &Value) -> impl Iterator<Item = &str> {
    let volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
    volumes.filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str())
}

/// What says of a workload which nodes its pods are for, and whose they are: the names of its RuntimeClasses,
/// Nodes, ServiceAccounts and owners.
fn behind_workload(object: &Value) -> FxHashSet<&str> {
    let mut names = FxHashSet::default();
    let owners = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    names.extend(owners.filter_map(|owner| owner["name"].as_str()));
    for pod in templates(object) {
        let spec = &pod["spec"];
        let named = |name: &str| spec[name].as_str().filter(|name| !name.is_empty());
        names.extend(named("runtimeClassName"));
        names.extend(named("nodeName"));
        names.insert(named("serviceAccountName").unwrap_or("default"));
        for labels in [&spec["nodeSelector"], &spec["affinity"]["nodeAffinity"]] {
            texts(labels, &mut |text| {
                names.insert(text);
            });
        }
    }
    names
}

/// The values of fields that name something: `name`, `claimName`, `storageClassName`.
fn names_in<'v>(value: &'v Value, into: &mut FxHashSet<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names_in(item, into)),
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(text) if field == "name" || field.ends_with("Name") => drop(into.insert(text)),
                    value => names_in(value, into),
                }
            }
        }
        _ => {}
    }
}

/// All strings in a value, and all numbers and booleans are none: names are strings.
fn texts<'v>(value: &'v Value, take: &mut dyn FnMut(&'v str)) {
    match value {
        Value::String(text) => take(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, take)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, take)),
        _ => {}
    }
}

/// Whether a value has such a key anywhere.
fn has_key(value: &Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has_key(item, wanted)),
        Value::Object(fields) => fields.iter().any(|(key, field)| wanted(key) || has_key(field, wanted)),
        _ => false,
    }
}

/// What objects have in common that differ by nothing but their name.
fn likeness(object: &Value, namespace: &str) -> u64 {
    let mut hasher = FxHasher::default();
    namespace.hash(&mut hasher);
    for (field, value) in object.as_object().into_iter().flatten() {
        field.hash(&mut hasher);
        match value.as_object().filter(|_| field == "metadata") {
            Some(metadata) => {
                metadata.iter().filter(|(field, _)| *field != "name").for_each(|entry| entry.hash(&mut hasher))
            }
            None => value.hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// An object without what the API server keeps for itself, as JSON.
fn without_clutter(object: &Value) -> String {
    if object["metadata"].get("managedFields").is_none() {
        return json(object);
    }
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    json(&object)
}

fn json(value: &Value) -> String {
    // Keys are texts, so that this cannot fail; it is twice as fast as `to_string`.
    serde_json::to_string(value).unwrap_or_default()
}

/// Whether a Node says that it runs Windows.
pub fn is_windows_node(node: &Value) -> bool {
    node["metadata"]["labels"][OS] == "windows" || node["status"]["nodeInfo"]["operatingSystem"] == "windows"
}

/// The Windows build that a Node reports, or is labelled with.
pub fn windows_build(node: &Value) -> Option<u32> {
    let said = [&node["status"]["nodeInfo"]["kernelVersion"], &node["metadata"]["labels"][WINDOWS_BUILD]];
    said.into_iter().filter_map(Value::as_str).find_map(builds::parse)
}

/// What rules read of a Node: a node of a running cluster lists all its images, too.
pub fn essence(node: &Value) -> Value {
    let keep = |value: &Value, keys: &[&str]| -> Value {
        let mut there = Map::new();
        there.extend(keys.iter().filter_map(|key| Some(((*key).to_owned(), value.get(key)?.clone()))));
        Value::Object(there)
    };
    let (spec, status, info) = (&node["spec"], &node["status"], &node["status"]["nodeInfo"]);
    let mut out = keep(node, &["apiVersion", "kind"]);
    out["metadata"] = keep(&node["metadata"], &["name", "labels"]);
    out["spec"] = keep(spec, &["taints", "unschedulable"]);
    out["status"] = keep(status, &["allocatable", "capacity"]);
    out["status"]["nodeInfo"] =
        keep(info, &["architecture", "kernelVersion", "kubeletVersion", "operatingSystem", "osImage"]);
    out
}

/// A node without its name, wherever it stands.
fn without_name(mut node: Value, name: &str) -> Value {
    node["metadata"]["name"] = Value::Null;
    if let Some(labels) = node["metadata"]["labels"].as_object_mut() {
        labels.values_mut().filter(|value| *value == name).for_each(|value| *value = Value::Null);
    }
    node
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
            self.nodes.values().flat_map(BTreeMap::values).any(|node| node.contains("images"))
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

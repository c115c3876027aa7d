//! What is found around one object.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde_json::Value;
use transom::platform::labels::OS;

use crate::View;
use crate::entry::{Entry, Word};
use crate::pods::{Says, claims_in, labels};
use crate::role::{Role, is_about_network};
use crate::text::{DEFAULT, has_key};

/// The most Services that are sent with another one.
const MOST_SERVICES: usize = 512;

/// The most workloads that are sent with an object that selects them, by what they say of a system. Rules ask whether
/// there is one for Windows, and one for Linux beside it.
const MOST_WORKLOADS: [(Says, usize); 3] = [(Says::Windows, 256), (Says::Nothing, 64), (Says::Linux, 16)];

/// The Service of the API server and its namespace: it says which addresses a cluster has.
const API_SERVER: (&str, &str) = ("default", "kubernetes");

/// What is found around one object.
pub(crate) struct Near<'c, 'o> {
    pub(crate) view: &'o View<'c>,
    pub(crate) namespace: &'o str,
    /// The entries, and whether each is looked up by its name.
    pub(crate) found: BTreeMap<usize, bool>,
}

impl<'c> Near<'c, '_> {
    fn entry(&self, id: usize) -> &'c Entry {
        &self.view.context.entries[id]
    }

    /// What is known by a word, in the object's namespace or in none.
    fn here(&self, word: &Word<'_>) -> Vec<usize> {
        [self.namespace, ""].into_iter().flat_map(|namespace| self.view.find(namespace, word)).collect()
    }

    /// Adds what is known by a word, in the object's namespace or in none.
    fn add(&mut self, word: &Word<'_>, wanted: impl Fn(&Entry) -> bool) -> Vec<usize> {
        let mut found = self.here(word);
        found.retain(|id| wanted(self.entry(*id)));
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

    pub(crate) fn by_name(&mut self, name: &str, wanted: impl Fn(&Entry) -> bool) -> Vec<usize> {
        self.add(&Word::Name(name), wanted)
    }

    /// Adds a Service of whatever namespace.
    fn service(&mut self, namespace: &str, name: &str) {
        let mut found = self.view.find(namespace, &Word::Name(name));
        found.retain(|id| self.entry(*id).kind == "Service");
        self.take(&found, true);
    }

    pub(crate) fn everywhere(&mut self) {
        for role in [Role::Everywhere, Role::InNamespace] {
            self.add(&Word::Role(role), |_| true);
        }
        let plug_ins = self.view.find("kube-system", &Word::Role(Role::Everywhere));
        self.take(&plug_ins, false);
    }

    /// Adds what these texts name, and what that names in turn.
    pub(crate) fn named(&mut self, names: &FxHashSet<&str>) {
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
            for id in self.add(&Word::Mentions(name), |entry| entry.kind == "PersistentVolume") {
                // Who has it, if anybody does.
                self.add_from_anywhere(&Word::Takes(&self.entry(id).name), |_| true);
            }
        }
        self.default_classes();
    }

    fn default_classes(&mut self) {
        self.add(&Word::DefaultClass, |_| true);
    }

    /// Adds what the kind of the object looks at.
    pub(crate) fn roles(&mut self, own: &Value, pods: &[&Value], names: &FxHashSet<&str>) {
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
            let workloads = self.some_of_each((0..view.context.entries.len()).filter(is_workload).collect());
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
    pub(crate) fn behind_workloads<'n>(&mut self, own: &Value, names: &mut FxHashSet<&'n str>)
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

    /// Adds the workloads that have all labels of a selector; all of the namespace, where it names none.
    fn selected(&mut self, own: &Value) -> Vec<usize> {
        let spec = &own["spec"];
        let labels = match own["kind"].as_str() {
            Some("Service") => &spec["selector"],
            _ => &spec["podSelector"]["matchLabels"],
        };
        let labels = labels.as_object().into_iter().flatten();
        let mut words = labels.map(|(key, value)| Word::Label(key, value.as_str().unwrap_or_default()));
        let mut candidates = match words.next() {
            Some(word) => self.here(&word),
            None if own["kind"] == "Service" => return Vec::new(),
            None => self.here(&Word::Role(Role::Workload)),
        };
        for word in words {
            let with_it: FxHashSet<usize> = self.here(&word).into_iter().collect();
            candidates.retain(|id| with_it.contains(id));
        }
        // Expressions are not looked at here, so that of what they are about none may be left out.
        let has_expressions =
            own["spec"]["podSelector"]["matchExpressions"].as_array().is_some_and(|all| !all.is_empty());
        let found = if has_expressions { candidates } else { self.some_of_each(candidates) };
        self.take(&found, false);
        found
    }

    /// No more of these workloads than [`MOST_WORKLOADS`] lets through.
    fn some_of_each(&self, workloads: Vec<usize>) -> Vec<usize> {
        let of = |(says, most): (Says, usize)| {
            let alike = workloads.iter().copied().filter(move |id| self.entry(*id).says == says);
            alike.take(most)
        };
        MOST_WORKLOADS.into_iter().flat_map(of).collect()
    }
}

fn is_named(entry: &Entry) -> bool {
    matches!(entry.role, Role::Named | Role::Volume)
}

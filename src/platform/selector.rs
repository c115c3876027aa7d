//! Which node labels a pod demands, and whether nodes of a system can have them.
//!
//! The semantics are the scheduler's (`k8s.io/component-helpers/scheduling/corev1/nodeaffinity`):
//! `nodeSelector` and required node affinity are ANDed, the terms of the latter are ORed, the
//! expressions and fields of one term are ANDed, a term that is empty or that does not parse
//! matches nothing, and preferred terms never filter. On top of that stands satisfiability: the
//! question is not whether one node matches, but whether some node of a system could, so all
//! demands on one key are taken together.

use super::labels::{
    Domain, HOSTNAME, OS, OS_BETA, WINDOWS_BUILD, domain, is_label_value, states_os, windows_build, windows_build_meant,
};
use super::os::Os;
use crate::object::pod::{NodeSelectorTerm, PodSpec};
use crate::object::read::{Map, Str};
use crate::order;
use crate::settings::{Platform, Settings};

/// One demand on the value of one label.
#[derive(Debug, Clone, Copy)]
enum Demand<'a> {
    Equals(&'a str),
    In(&'a [Str<'a>]),
    NotIn(&'a [Str<'a>]),
    Exists,
    DoesNotExist,
    Gt(i64),
    Lt(i64),
}

/// How well a system's nodes can satisfy a pod's demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// No node of the system can.
    No,
    /// Only nodes that carry some label which the cluster's owner made up.
    Custom,
    /// Nothing stands against it.
    Yes,
}

/// The key under which `matchFields` on `metadata.name` are kept; no label can be named so.
const NODE_NAME: &str = "\0metadata.name";

/// Demands with the keys they are on, sorted by key. Sorted vectors stand for maps here: a map of
/// every shape would be a good part of the module's size.
type Demands<'a> = Vec<(&'a str, Demand<'a>)>;

/// Everything a pod demands of the labels of its node.
#[derive(Debug, Default)]
pub struct Selector<'a> {
    /// `nodeSelector` of the pod, of its RuntimeClass and of its namespace.
    base: Demands<'a>,
    /// The required terms of node affinity; `None` where there is no such list. A term that can
    /// match nothing is `None` in it.
    terms: Option<Vec<Option<Demands<'a>>>>,
}

/// The nodes of one system, as far as settings and context tell.
#[derive(Debug, Clone, Copy)]
pub struct NodeModel<'a> {
    /// The system.
    pub os: Os,
    /// How a pod's demands are read.
    pub reading: Reading,
    /// The Windows builds that the user named; empty where none is.
    pub builds: &'a [u32],
    /// What the user declared about labels.
    pub settings: &'a Settings,
}

/// How a pod's demands on labels are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As they are written, which is how the scheduler reads them.
    AsWritten,
    /// As they are meant: `Windows` is `windows`, `10.0.20348.2113` is `10.0.20348`, and a value
    /// that can be no such label at all rules nothing out. The rules about such values speak of them.
    AsMeant,
    /// As they are meant, and only those that state the system: all other labels are free.
    StatedOs,
}

impl<'a> Selector<'a> {
    /// What `spec` demands.
    pub fn of(spec: &'a PodSpec<'a>) -> Self {
        let mut selector = Selector::default();
        if let Some(node_selector) = &spec.node_selector {
            selector.and(node_selector.iter().map(|(key, value)| (key, &**value)));
        }
        let affinity = spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref());
        if let Some(required) = affinity.and_then(|a| a.required.as_ref()) {
            let terms = required.node_selector_terms.as_deref().unwrap_or_default();
            selector.terms = Some(terms.iter().map(term_demands).collect());
        }
        selector
    }

    /// Adds the demands of another `nodeSelector`.
    pub fn and(&mut self, node_selector: impl Iterator<Item = (&'a str, &'a str)>) {
        self.base.extend(node_selector.map(|(key, value)| (key, Demand::Equals(value))));
        sort_by_key(&mut self.base);
    }

    /// Whether nodes of a system can satisfy everything.
    pub fn fit(&self, nodes: &NodeModel<'_>) -> Fit {
        let base = self.base_fit(nodes);
        match &self.terms {
            None => base,
            Some(_) if base == Fit::No => Fit::No,
            Some(terms) => {
                let best = terms.iter().map(|term| self.fit_term(term.as_ref(), nodes)).max();
                base.min(best.unwrap_or(Fit::No))
            }
        }
    }

    /// Whether nodes of a system can satisfy `nodeSelector` alone.
    pub fn base_fit(&self, nodes: &NodeModel<'_>) -> Fit {
        by_key(&self.base).map(|demands| nodes.fit(demands, &[])).min().unwrap_or(Fit::Yes)
    }

    /// Whether nodes of a system can satisfy the required term at `index` together with `nodeSelector`.
    pub fn term_fit(&self, index: usize, nodes: &NodeModel<'_>) -> Fit {
        let term = self.terms.as_ref().and_then(|terms| terms.get(index));
        self.fit_term(term.and_then(Option::as_ref), nodes)
    }

    fn fit_term(&self, term: Option<&Demands<'_>>, nodes: &NodeModel<'_>) -> Fit {
        let Some(term) = term else { return Fit::No };
        let fit = |demands: &[(&str, Demand<'_>)]| {
            let key = demands[0].0;
            let start = self.base.partition_point(|(k, _)| *k < key);
            let end = self.base.partition_point(|(k, _)| *k <= key);
            nodes.fit(demands, &self.base[start..end])
        };
        by_key(term).map(fit).min().unwrap_or(Fit::Yes)
    }

    /// Whether nodes of a system can satisfy a term by itself, without `nodeSelector`.
    pub fn preference_fit(term: &NodeSelectorTerm<'_>, nodes: &NodeModel<'_>) -> Fit {
        Selector::default().fit_term(term_demands(term).as_ref(), nodes)
    }

    /// The value that `nodeSelector`, of whoever it is, demands of a label.
    pub fn required_value(&self, key: &str) -> Option<&'a str> {
        self.base.iter().find_map(|(k, demand)| match demand {
            Demand::Equals(value) if *k == key => Some(*value),
            _ => None,
        })
    }

    /// The names of the nodes, where they are demanded by their names: by the field, or by the label that says the
    /// same. `None` where that is not so, or there are very many.
    pub fn named_nodes(&self) -> Option<Vec<&'a str>> {
        const MOST: usize = 64;
        let names = |demands: &Demands<'a>| -> Option<Vec<&'a str>> {
            demands.iter().filter(|(key, _)| matches!(*key, NODE_NAME | HOSTNAME)).find_map(
                |(_, demand)| match demand {
                    Demand::Equals(name) => Some(vec![*name]),
                    Demand::In(values) => Some(values.iter().take(MOST + 1).map(|value| &**value).collect()),
                    _ => None,
                },
            )
        };
        let mut all = match names(&self.base) {
            Some(names) => names,
            None => {
                let terms = self.terms.iter().flatten().flatten().take(MOST + 1);
                terms.map(names).collect::<Option<Vec<_>>>()?.concat()
            }
        };
        all.dedup();
        (1..=MOST).contains(&all.len()).then_some(all)
    }

    /// The labels of which anything is demanded; some may come twice.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.base.iter().chain(self.terms.iter().flatten().flatten().flatten()).map(|(key, _)| *key)
    }

    /// Whether one node matches, as the scheduler decides it.
    pub fn matches(&self, name: &str, labels: &Map<'_>) -> bool {
        self.holds(&|key, demand| demand.holds(label(name, labels, key)))
    }

    /// Whether one node of the system of `nodes` matches, as `nodes` reads what states the system. Of
    /// a node that says no build, none is meant.
    pub fn matches_as_read(&self, name: &str, labels: &Map<'_>, nodes: &NodeModel<'_>) -> bool {
        self.holds(&|key, demand| match label(name, labels, key) {
            None if key == WINDOWS_BUILD => demand.holds(None),
            _ if states_os(key) => nodes.fit(&[(key, *demand)], &[]) != Fit::No,
            value => demand.holds(value),
        })
    }

    fn holds(&self, holds: &dyn Fn(&str, &Demand<'_>) -> bool) -> bool {
        let all = |demands: &Demands<'_>| demands.iter().all(|(key, demand)| holds(key, demand));
        all(&self.base) && self.terms.as_ref().is_none_or(|terms| terms.iter().flatten().any(all))
    }

    /// Whether nothing at all is demanded.
    pub fn is_empty(&self) -> bool {
        self.base.is_empty() && self.terms.is_none()
    }
}

/// What a node has under a key of a demand.
fn label<'l>(name: &'l str, labels: &'l Map<'_>, key: &str) -> Option<&'l str> {
    match key {
        NODE_NAME => Some(name),
        key => labels.get(key).map(|v| &**v),
    }
}

/// The demands, those on one key together.
fn by_key<'d, 'a>(demands: &'d [(&'a str, Demand<'a>)]) -> impl Iterator<Item = &'d [(&'a str, Demand<'a>)]> {
    demands.chunk_by(|a, b| a.0 == b.0)
}

/// The demands of a term; `None` where the scheduler would find that it matches nothing.
fn term_demands<'a>(term: &'a NodeSelectorTerm<'a>) -> Option<Demands<'a>> {
    let expressions = term.match_expressions.as_deref().unwrap_or_default();
    let fields = term.match_fields.as_deref().unwrap_or_default();
    if expressions.is_empty() && fields.is_empty() {
        return None;
    }
    let mut demands = Demands::new();
    for expression in expressions {
        let key = expression.key.as_deref().unwrap_or_default();
        let values = expression.values.as_deref().unwrap_or_default();
        demands.push((key, demand(expression.operator.as_deref().unwrap_or_default(), values)?));
    }
    for field in fields {
        let key = field.key.as_deref().unwrap_or_default();
        let [value] = field.values.as_deref().unwrap_or_default() else { return None };
        let demand = match field.operator.as_deref().unwrap_or_default() {
            "In" => Demand::Equals(value),
            "NotIn" => Demand::NotIn(std::slice::from_ref(value)),
            _ => return None,
        };
        match (key, demand) {
            ("metadata.name", demand) => demands.push((NODE_NAME, demand)),
            // Any other field reads as empty.
            (_, demand) if demand.holds(Some("")) => {}
            _ => return None,
        }
    }
    sort_by_key(&mut demands);
    Some(demands)
}

/// The demand of an expression; `None` where it does not parse.
fn demand<'a>(operator: &str, values: &'a [Str<'a>]) -> Option<Demand<'a>> {
    if !values.iter().all(|value| is_label_value(value)) {
        return None;
    }
    match (operator, values) {
        ("In", [_, ..]) => Some(Demand::In(values)),
        ("NotIn", [_, ..]) => Some(Demand::NotIn(values)),
        ("Exists", []) => Some(Demand::Exists),
        ("DoesNotExist", []) => Some(Demand::DoesNotExist),
        ("Gt", [bound]) => bound.parse().ok().map(Demand::Gt),
        ("Lt", [bound]) => bound.parse().ok().map(Demand::Lt),
        _ => None,
    }
}

impl Demand<'_> {
    fn holds(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|v| v.parse::<i64>().ok());
        match self {
            Demand::Equals(wanted) => value == Some(wanted),
            Demand::In(values) => value.is_some_and(|v| values.iter().any(|w| w == v)),
            Demand::NotIn(values) => value.is_none_or(|v| !values.iter().any(|w| w == v)),
            Demand::Exists => value.is_some(),
            Demand::DoesNotExist => value.is_none(),
            Demand::Gt(bound) => number().is_some_and(|n| n > *bound),
            Demand::Lt(bound) => number().is_some_and(|n| n < *bound),
        }
    }

    /// Whether a demand on the label of the system is meant to let nodes of `os` through.
    fn means(&self, os: Os) -> bool {
        let any = |values: &[Str<'_>]| values.iter().any(|v| Os::named(v) == Some(os));
        match self {
            Demand::Equals(value) => Os::named(value).is_none_or(|named| named == os),
            Demand::In(values) => any(values) || values.iter().all(|v| Os::named(v).is_none()),
            // What is given in capitals keeps the pod off no node: what is meant by it nobody can rely on.
            Demand::NotIn(values) => !values.iter().any(|value| **value == *os.label()),
            Demand::Exists => true,
            Demand::DoesNotExist | Demand::Gt(_) | Demand::Lt(_) => false,
        }
    }

    fn needs_the_label(&self) -> bool {
        !matches!(self, Demand::NotIn(_) | Demand::DoesNotExist)
    }
}

impl NodeModel<'_> {
    /// Whether some node of this system can satisfy one requirement by itself. The operator is that
    /// of a node affinity expression, or empty for an entry of `nodeSelector`.
    pub fn allows<'v>(&self, key: &'v str, operator: &str, values: &'v [Str<'v>]) -> bool {
        let demand = match (operator, values) {
            ("", [value]) => Some(Demand::Equals(value)),
            _ => demand(operator, values),
        };
        demand.is_some_and(|demand| self.fit(&[(key, demand)], &[]) != Fit::No)
    }

    /// Whether some node of this system can have a label.
    pub fn can_have(&self, key: &str, value: &str) -> bool {
        self.fit(&[(key, Demand::Equals(value))], &[]) != Fit::No
    }

    fn domain(&self, key: &str) -> Domain {
        match key {
            NODE_NAME => Domain::Present,
            key if self.reading == Reading::StatedOs && !states_os(key) => Domain::WellKnown,
            // What AKS provisions by itself it provisions through Karpenter.
            key if key == "karpenter.sh/nodepool" && self.settings.platform == Platform::Aks => {
                domain("karpenter.azure.com/", self.os)
            }
            key => domain(key, self.os),
        }
    }

    /// Whether some node of this system can satisfy all demands, which are on one key.
    fn fit(&self, demands: &[(&str, Demand<'_>)], more: &[(&str, Demand<'_>)]) -> Fit {
        let Some((key, _)) = demands.first() else { return Fit::Yes };
        let key = *key;
        let demands = || demands.iter().chain(more).map(|(_, demand)| demand);
        let all = |holds: &dyn Fn(&Demand<'_>) -> bool| demands().all(holds);
        let any = |holds: &dyn Fn(&Demand<'_>) -> bool| !all(&|demand| !holds(demand));
        let holds_for = |value: Option<&str>| all(&|demand| demand.holds(value));
        let yes_if = |condition: bool| if condition { Fit::Yes } else { Fit::No };
        let domain = self.domain(key);
        let may_lack_it = match domain {
            Domain::WindowsBuild => return yes_if(self.fits_builds(demands())),
            Domain::Fixed(_) if self.reading != Reading::AsWritten && matches!(key, OS | OS_BETA) => {
                return yes_if(all(&|demand| demand.means(self.os)));
            }
            Domain::Fixed(value) => return yes_if(holds_for(Some(value))),
            Domain::Absent => return yes_if(holds_for(None)),
            Domain::Present => false,
            Domain::Some(_) | Domain::WellKnown | Domain::Custom => true,
        };
        if may_lack_it && !any(&|demand| demand.needs_the_label()) {
            return Fit::Yes;
        }
        if any(&|demand| matches!(demand, Demand::DoesNotExist)) {
            return Fit::No;
        }
        let possible = |value: &str| match domain {
            Domain::Some(holds) => holds(value),
            _ => !self.is_label_of_the_other(key, value),
        };
        let listed: Vec<Demand<'_>> = demands().copied().collect();
        match candidates(&listed) {
            Some(values) => {
                let values: Vec<&str> = values.into_iter().filter(|v| possible(v)).collect();
                if values.is_empty() {
                    Fit::No
                } else if !matches!(domain, Domain::Custom) || values.iter().any(|v| self.is_own_label(key, v)) {
                    Fit::Yes
                } else {
                    Fit::Custom
                }
            }
            None if !range_is_open(&listed) => Fit::No,
            None if matches!(domain, Domain::Custom) => Fit::Custom,
            None => Fit::Yes,
        }
    }

    /// Whether some build satisfies all demands on the label of the Windows build.
    fn fits_builds<'d>(&self, demands: impl Iterator<Item = &'d Demand<'d>>) -> bool {
        let as_meant = self.reading != Reading::AsWritten;
        let number = |value: &str| if as_meant { windows_build_meant(value) } else { windows_build(value) };
        let mut possible = BuildSet::of(self.builds.iter().copied());
        // Values that are no builds match no node; what they mean nobody knows.
        let mut listed = |numbers: Option<BuildSet>| {
            let Some(numbers) = numbers else { return as_meant };
            match &mut possible {
                Some(possible) => possible.keep(&numbers),
                None => possible = Some(numbers),
            }
            true
        };
        let mut excluded: Vec<u32> = Vec::new();
        for demand in demands {
            let goes_on = match demand {
                Demand::Equals(value) => listed(BuildSet::of(number(value).into_iter())),
                Demand::In(values) => listed(BuildSet::of(values.iter().filter_map(|value| number(value)))),
                Demand::NotIn(values) => {
                    excluded.extend(values.iter().filter_map(|value| windows_build(value)));
                    true
                }
                Demand::Exists => true,
                Demand::DoesNotExist | Demand::Gt(_) | Demand::Lt(_) => false,
            };
            if !goes_on {
                return false;
            }
        }
        possible.is_none_or(|mut possible| {
            excluded.into_iter().for_each(|build| possible.remove(build));
            possible.0.iter().any(|word| *word != 0)
        })
    }

    fn is_own_label(&self, key: &str, value: &str) -> bool {
        self.reading != Reading::StatedOs && self.settings.labels(self.os).iter().any(|(k, v)| k == key && v == value)
    }

    fn is_label_of_the_other(&self, key: &str, value: &str) -> bool {
        self.reading != Reading::StatedOs
            && !self.is_own_label(key, value)
            && self.settings.labels(self.os.other()).iter().any(|(k, v)| k == key && v == value)
    }
}

/// A set of builds, a bit for each number of five digits: lists in hostile input may be long.
struct BuildSet(Vec<u64>);

impl BuildSet {
    /// `None` where there is no build.
    fn of(builds: impl Iterator<Item = u32>) -> Option<Self> {
        let mut builds = builds.filter(|build| *build < 100_000).peekable();
        builds.peek()?;
        let mut set = BuildSet(Vec::new());
        for build in builds {
            let word = Self::word(build);
            if set.0.len() <= word {
                set.0.resize(word + 1, 0);
            }
            set.0[word] |= Self::bit(build);
        }
        Some(set)
    }

    /// Leaves what is in both.
    fn keep(&mut self, other: &BuildSet) {
        self.0.truncate(other.0.len());
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    fn remove(&mut self, build: u32) {
        if let Some(word) = self.0.get_mut(Self::word(build)) {
            *word &= !Self::bit(build);
        }
    }

    const fn word(build: u32) -> usize {
        build as usize / 64
    }

    const fn bit(build: u32) -> u64 {
        1 << (build % 64)
    }
}

/// The values that satisfy all demands, where a demand lists values at all; sorted.
fn candidates<'d>(demands: &'d [Demand<'d>]) -> Option<Vec<&'d str>> {
    let mut candidates: Option<Vec<&str>> = None;
    for demand in demands {
        let listed = match demand {
            Demand::Equals(value) => vec![*value],
            Demand::In(values) => sorted(values),
            _ => continue,
        };
        match &mut candidates {
            None => candidates = Some(listed),
            Some(candidates) => candidates.retain(|value| listed.binary_search(value).is_ok()),
        }
    }
    let mut candidates = candidates?;
    for demand in demands {
        match demand {
            Demand::NotIn(values) => {
                let excluded = sorted(values);
                candidates.retain(|value| excluded.binary_search(value).is_err());
            }
            Demand::Gt(_) | Demand::Lt(_) => candidates.retain(|value| demand.holds(Some(value))),
            _ => {}
        }
    }
    Some(candidates)
}

fn sorted<'d>(values: &'d [Str<'d>]) -> Vec<&'d str> {
    let values: Vec<&str> = values.iter().map(|value| &**value).collect();
    order::sorted(&values)
}

fn sort_by_key(demands: &mut Demands<'_>) {
    if !demands.is_sorted_by_key(|(key, _)| *key) {
        let keys: Vec<&str> = demands.iter().map(|(key, _)| *key).collect();
        *demands = order::by_text(&keys).into_iter().map(|index| demands[index]).collect();
    }
}

/// Whether an integer that a label can have lies between the bounds: none that is negative, as a
/// label begins with a letter or a digit. Every integer has more spellings (`7`, `07`, …) than a
/// list can exclude.
fn range_is_open(demands: &[Demand<'_>]) -> bool {
    let (mut above, mut below) = (-1, None::<i64>);
    for demand in demands {
        match demand {
            Demand::Gt(bound) => above = above.max(*bound),
            Demand::Lt(bound) => below = Some(below.map_or(*bound, |b| b.min(*bound))),
            _ => {}
        }
    }
    match below {
        Some(below) => above.checked_add(1).is_some_and(|next| next < below),
        None => above < i64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::read::At;
    use crate::parse::read_text;

    /// How Windows and Linux nodes fit a pod with this spec, in letters: `-`, `c` (custom), `y`.
    fn fits(spec: &str, reading: Reading, builds: &[u32], settings: &Settings) -> String {
        let wrong = Default::default();
        let mut pod: Option<PodSpec<'_>> = None;
        read_text(spec, &mut pod, &At::root("", &wrong)).expect("JSON");
        let pod = pod.expect("a spec");
        let selector = Selector::of(&pod);
        let letter = |os| match selector.fit(&NodeModel { os, reading, builds, settings }) {
            Fit::No => '-',
            Fit::Custom => 'c',
            Fit::Yes => 'y',
        };
        [letter(Os::Windows), letter(Os::Linux)].into_iter().collect()
    }

    fn plain(spec: &str) -> String {
        fits(spec, Reading::AsWritten, &[], &Settings::default())
    }

    /// A spec with these required terms, each a list of expressions.
    fn terms(terms: &[&str]) -> String {
        let terms: Vec<_> = terms.iter().map(|term| format!(r#"{{"matchExpressions": [{term}]}}"#)).collect();
        with_terms(&terms.join(","))
    }

    fn with_terms(terms: &str) -> String {
        let required = format!(r#"{{"nodeSelectorTerms": [{terms}]}}"#);
        format!(
            r#"{{"affinity": {{"nodeAffinity": {{"requiredDuringSchedulingIgnoredDuringExecution": {required}}}}}}}"#
        )
    }

    /// `key operator value …` as an expression.
    fn expression(text: &str) -> String {
        let mut words = text.split(' ');
        let (key, operator) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let key = match key {
            "os" => "kubernetes.io/os",
            "arch" => "kubernetes.io/arch",
            "build" => "node.kubernetes.io/windows-build",
            key => key,
        };
        let values: Vec<_> = words.map(|word| format!("{word:?}")).collect();
        format!(r#"{{"key": "{key}", "operator": "{operator}", "values": [{}]}}"#, values.join(","))
    }

    /// One term of these expressions, which are separated by `&`.
    fn term(text: &str) -> String {
        terms(&[&text.split(" & ").map(expression).collect::<Vec<_>>().join(",")])
    }

    #[test]
    fn every_operator_on_every_kind_of_label() {
        for (text, expected) in [
            ("os In windows", "y-"),
            ("os In linux windows", "yy"),
            ("os In Windows", "--"),
            ("os NotIn windows", "-y"),
            ("os NotIn Windows", "yy"),
            ("os Exists", "yy"),
            ("os DoesNotExist", "--"),
            ("os Gt 1", "--"),
            ("beta.kubernetes.io/os In linux", "-y"),
            ("arch In amd64", "yy"),
            ("arch In arm64", "-y"),
            ("arch NotIn amd64", "-y"),
            ("arch DoesNotExist", "--"),
            ("build Exists", "y-"),
            ("build DoesNotExist", "-y"),
            ("build In 10.0.20348", "y-"),
            ("build In 10.0.20348.2113", "--"),
            ("build In 20348", "--"),
            ("build NotIn 10.0.20348", "yy"),
            ("build Gt 20000", "--"),
            ("build Lt 20000", "--"),
            ("pool In a", "cc"),
            ("pool NotIn a", "yy"),
            ("pool Exists", "cc"),
            ("pool DoesNotExist", "yy"),
            ("pool Gt 4", "cc"),
            ("pool Gt 4.5", "--"),
            ("pool Lt x", "--"),
            ("pool Sometimes", "--"),
            ("pool Exists a", "--"),
            ("pool In", "--"),
            ("pool NotIn", "--"),
            ("pool In a/b", "--"),
            ("kubernetes.io/hostname Exists", "yy"),
            ("topology.kubernetes.io/zone In a", "yy"),
            ("node-role.kubernetes.io/control-plane Exists", "-y"),
            ("node-role.kubernetes.io/control-plane DoesNotExist", "yy"),
            ("kubernetes.azure.com/mode In system", "-y"),
            ("kubernetes.azure.com/mode In user", "yy"),
            ("kubernetes.azure.com/os-sku In Windows2022", "y-"),
            ("kubernetes.azure.com/os-sku In Ubuntu", "-y"),
            ("kubernetes.azure.com/os-sku In windows2022", "--"),
            ("kubernetes.azure.com/os-sku NotIn Windows2022", "yy"),
            ("eks.amazonaws.com/compute-type In fargate", "-y"),
            ("eks.amazonaws.com/compute-type In ec2", "yy"),
            ("karpenter.azure.com/sku-name Exists", "-y"),
            ("node.openshift.io/os_id In Windows", "y-"),
            ("node.openshift.io/os_id In rhcos", "-y"),
        ] {
            assert_eq!(plain(&term(text)), expected, "{text}");
        }
    }

    #[test]
    fn demands_on_one_label_are_taken_together() {
        for (text, expected) in [
            ("pool In a b & pool NotIn a", "cc"),
            ("pool In a & pool NotIn a", "--"),
            ("pool In a b & pool In b c", "cc"),
            ("pool In a & pool In b", "--"),
            ("pool Exists & pool DoesNotExist", "--"),
            ("pool NotIn a & pool DoesNotExist", "yy"),
            ("pool Gt 3 & pool Lt 5", "cc"),
            ("pool Gt 3 & pool Lt 4", "--"),
            ("pool Gt 3 & pool In 2 x", "--"),
            ("pool Gt 3 & pool In 2 4", "cc"),
            ("os In windows & pool In a", "c-"),
            ("os In windows & build DoesNotExist", "--"),
            ("os Exists & build Exists", "y-"),
        ] {
            assert_eq!(plain(&term(text)), expected, "{text}");
        }
        let (windows, linux) = (expression("os In windows"), expression("pool In b"));
        let spec = terms(&[&windows, &linux]).replacen('{', r#"{"nodeSelector": {"pool": "a"}, "#, 1);
        assert_eq!(plain(&spec), "c-", "the second term contradicts nodeSelector");
    }

    #[test]
    fn terms_are_ored_and_empty_ones_match_nothing() {
        let (windows, linux, custom) =
            (expression("os In windows"), expression("os In linux"), expression("pool In a"));
        assert_eq!(plain(&terms(&[&windows, &linux])), "yy");
        assert_eq!(plain(&terms(&[&windows, &custom])), "yc");
        assert_eq!(plain(&terms(&[&windows, ""])), "y-");
        assert_eq!(plain(&terms(&[""])), "--");
        assert_eq!(plain(&terms(&[])), "--");
        assert_eq!(plain(&with_terms("{}, null")), "--");
        assert_eq!(plain("{}"), "yy");
        assert_eq!(plain(r#"{"nodeSelector": {}, "affinity": {"nodeAffinity": null}}"#), "yy");
    }

    #[test]
    fn fields_know_the_name_of_the_node_alone() {
        let field = |text: &str| plain(&with_terms(&format!(r#"{{"matchFields": [{}]}}"#, expression(text))));
        assert_eq!(field("metadata.name In a"), "yy");
        assert_eq!(field("metadata.name NotIn a"), "yy");
        assert_eq!(field("metadata.name In a b"), "--");
        assert_eq!(field("metadata.name Exists"), "--");
        assert_eq!(field("spec.unschedulable In x"), "--");
        assert_eq!(field("spec.unschedulable NotIn x"), "yy");
    }

    #[test]
    fn named_builds_close_the_world() {
        let settings = Settings::default();
        let fits = |text: &str| fits(&term(text), Reading::AsWritten, &[17763, 20348], &settings);
        assert_eq!(fits("build In 10.0.20348"), "y-");
        assert_eq!(fits("build In 10.0.26100"), "--");
        assert_eq!(fits("build In 10.0.26100 10.0.17763"), "y-");
        assert_eq!(fits("build NotIn 10.0.20348"), "yy");
        assert_eq!(fits("build NotIn 10.0.20348 10.0.17763"), "-y");
        assert_eq!(fits("build Exists"), "y-");
    }

    #[test]
    fn declared_labels_tell_the_system() {
        let mut settings = Settings::default();
        settings.windows.labels = vec![("pool".into(), "win".into())];
        settings.linux_labels = vec![("pool".into(), "lin".into())];
        let fits = |text: &str| fits(&term(text), Reading::AsWritten, &[], &settings);
        assert_eq!(fits("pool In win"), "y-");
        assert_eq!(fits("pool In lin"), "-y");
        assert_eq!(fits("pool In lin win"), "yy");
        assert_eq!(fits("pool In other"), "cc");
        assert_eq!(fits("pool NotIn win"), "yy");
    }

    #[test]
    fn what_is_meant_and_what_is_stated() {
        let settings = Settings::default();
        for (text, meant, stated) in [
            ("os In Windows", "y-", "y-"),
            ("os In win", "yy", "yy"),
            ("os NotIn Windows", "yy", "yy"),
            ("os In linux WINDOWS", "yy", "yy"),
            ("build In 10.0.20348.2113", "y-", "y-"),
            ("build In ltsc2022", "y-", "y-"),
            ("build In nonsense", "y-", "y-"),
            ("arch In arm64", "-y", "yy"),
            ("kubernetes.azure.com/mode In system", "-y", "yy"),
            ("pool In a", "cc", "yy"),
        ] {
            assert_eq!(fits(&term(text), Reading::AsMeant, &[], &settings), meant, "{text}");
            assert_eq!(fits(&term(text), Reading::StatedOs, &[], &settings), stated, "{text}");
        }
    }
}

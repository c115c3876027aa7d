//! Which node labels a pod demands, and whether nodes of a system can have them.
//!
//! The semantics are the scheduler's (`k8s.io/component-helpers/scheduling/corev1/nodeaffinity`):
//! `nodeSelector` and required node affinity are ANDed, the terms of the latter are ORed, the
//! expressions and fields of one term are ANDed, a term that is empty or that does not parse
//! matches nothing, and preferred terms never filter. On top of that stands satisfiability: the
//! question is not whether one node matches, but whether some node of a system could, so all
//! demands on one key are taken together.

use super::Os;
use super::labels::{Domain, domain, states_os};
use crate::object::pod::{NodeSelectorRequirement, NodeSelectorTerm, PodSpec};
use crate::object::read::{Map, Str};
use crate::order;
use crate::settings::Settings;

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
    /// Only labels that state the system count; all others are free.
    pub only_os_labels: bool,
    /// The Windows builds that the user named; empty where none is.
    pub builds: &'a [u32],
    /// What the user declared about labels.
    pub settings: &'a Settings,
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
        let base = by_key(&self.base).map(|demands| nodes.fit(demands, &[])).min().unwrap_or(Fit::Yes);
        match &self.terms {
            None => base,
            Some(_) if base == Fit::No => Fit::No,
            Some(terms) => {
                let best = terms.iter().map(|term| self.fit_term(term.as_ref(), nodes)).max();
                base.min(best.unwrap_or(Fit::No))
            }
        }
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

    /// Whether one node matches, as the scheduler decides it.
    pub fn matches(&self, name: &str, labels: &Map<'_>) -> bool {
        let value_of = |key: &str| match key {
            NODE_NAME => Some(name),
            key => labels.get(key).map(|v| &**v),
        };
        let all = |demands: &Demands<'_>| demands.iter().all(|(key, demand)| demand.holds(value_of(key)));
        all(&self.base) && self.terms.as_ref().is_none_or(|terms| terms.iter().flatten().any(all))
    }

    /// Whether nothing at all is demanded.
    pub fn is_empty(&self) -> bool {
        self.base.is_empty() && self.terms.is_none()
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
        demands.push((key, demand(expression)?));
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

fn demand<'a>(requirement: &'a NodeSelectorRequirement<'a>) -> Option<Demand<'a>> {
    let values = requirement.values.as_deref().unwrap_or_default();
    match (requirement.operator.as_deref().unwrap_or_default(), values) {
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

    fn needs_the_label(&self) -> bool {
        !matches!(self, Demand::NotIn(_) | Demand::DoesNotExist)
    }
}

impl NodeModel<'_> {
    fn domain(&self, key: &str) -> Domain {
        match key {
            NODE_NAME => Domain::WellKnown,
            key if self.only_os_labels && !states_os(key) => Domain::WellKnown,
            key => domain(key, self.os),
        }
    }

    /// Whether some node of this system can satisfy all demands, which are on one key.
    fn fit(&self, demands: &[(&str, Demand<'_>)], more: &[(&str, Demand<'_>)]) -> Fit {
        let Some((key, _)) = demands.first() else { return Fit::Yes };
        let key = *key;
        let demands: Vec<Demand<'_>> = demands.iter().chain(more).map(|(_, demand)| *demand).collect();
        let demands = || demands.iter();
        let holds_for = |value: Option<&str>| demands().all(|demand| demand.holds(value));
        let yes_if = |condition: bool| if condition { Fit::Yes } else { Fit::No };
        let domain = self.domain(key);
        let may_lack_it = match domain {
            Domain::Fixed(value) => return yes_if(holds_for(Some(value))),
            Domain::Absent => return yes_if(holds_for(None)),
            Domain::WindowsBuild | Domain::Present => false,
            Domain::Some(_) | Domain::WellKnown | Domain::Custom => key != NODE_NAME,
        };
        if may_lack_it && !demands().any(Demand::needs_the_label) {
            return Fit::Yes;
        }
        if demands().any(|demand| matches!(demand, Demand::DoesNotExist)) {
            return Fit::No;
        }
        let possible = |value: &str| match domain {
            Domain::WindowsBuild => self.has_build(value),
            Domain::Some(holds) => holds(value),
            _ => !self.is_label_of_the_other(key, value),
        };
        match candidates(demands().as_slice()) {
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
            None if matches!(domain, Domain::WindowsBuild) => yes_if(
                !demands().any(|d| matches!(d, Demand::Gt(_) | Demand::Lt(_)))
                    && (self.builds.is_empty()
                        || self.builds.iter().any(|build| holds_for(Some(&format!("10.0.{build}"))))),
            ),
            None if !range_is_open(demands().as_slice()) => Fit::No,
            None if matches!(domain, Domain::Custom) => Fit::Custom,
            None => Fit::Yes,
        }
    }

    /// Whether a Windows node can have `value` as its windows-build label.
    fn has_build(&self, value: &str) -> bool {
        match crate::images::builds::parse(value) {
            Some(build) => self.builds.is_empty() || self.builds.contains(&build),
            None => false,
        }
    }

    fn is_own_label(&self, key: &str, value: &str) -> bool {
        !self.only_os_labels && self.settings.labels(self.os).iter().any(|(k, v)| k == key && v == value)
    }

    fn is_label_of_the_other(&self, key: &str, value: &str) -> bool {
        !self.only_os_labels
            && !self.is_own_label(key, value)
            && self.settings.labels(self.os.other()).iter().any(|(k, v)| k == key && v == value)
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

/// Whether an integer lies between the bounds. Every integer has more spellings (`7`, `07`, …)
/// than a list can exclude.
fn range_is_open(demands: &[Demand<'_>]) -> bool {
    let (mut above, mut below) = (None::<i64>, None::<i64>);
    for demand in demands {
        match demand {
            Demand::Gt(bound) => above = above.max(Some(*bound)),
            Demand::Lt(bound) => below = Some(below.map_or(*bound, |b| b.min(*bound))),
            _ => {}
        }
    }
    match (above, below) {
        (Some(above), Some(below)) => above.checked_add(1).is_some_and(|next| next < below),
        (Some(above), None) => above < i64::MAX,
        (None, Some(below)) => below > i64::MIN,
        (None, None) => true,
    }
}

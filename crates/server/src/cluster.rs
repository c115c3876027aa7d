//! What is known of the cluster: its Nodes, Namespaces and RuntimeClasses, watched at the API server.
//!
//! They make the judgement better and are never waited for: what was seen last counts for as long as the
//! API server is away, and `/readyz` says since when.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use kube::api::DynamicObject;
use kube::runtime::utils::Backoff as _;
use kube::runtime::watcher;
use kube::{Api, Client};
use serde_json::Value;
use tracing::{info, warn};
use transom_cluster::{WATCHED, api, causes};
use transom_context::Context;

use crate::app::Surroundings;

/// How long a server that has just started waits for the API server before it is ready all the same.
const FIRST: Duration = Duration::from_secs(15);

/// How often what has changed is put in order.
const EVERY: Duration = Duration::from_millis(250);

/// The cluster as it was last seen.
pub struct Cluster {
    since: Instant,
    seen: Mutex<Seen>,
    context: RwLock<Arc<Context>>,
}

#[derive(Default)]
struct Seen {
    /// By kind and name.
    objects: BTreeMap<(&'static str, String), Value>,
    is_changed: bool,
    kinds: BTreeMap<&'static str, State>,
}

#[derive(Default)]
struct State {
    is_listed: bool,
    /// What is listed right now, until it is whole.
    listing: BTreeMap<String, Value>,
    /// Since when there is nothing new, and why.
    stale: Option<(Instant, String)>,
}

impl Cluster {
    /// Begins to watch, until the runtime ends. Each watch ends after `patience`, and another one goes on.
    pub fn watch(client: &Client, patience: Duration) -> Arc<Self> {
        let kinds = WATCHED.iter().map(|(_, _, kind)| (*kind, State::default())).collect();
        let seen = Mutex::new(Seen { kinds, ..Seen::default() });
        let cluster = Arc::new(Cluster { since: Instant::now(), seen, context: RwLock::default() });
        for watched in WATCHED {
            tokio::spawn(Arc::clone(&cluster).follow(watched.2, api(client, watched), patience));
        }
        let ordering = Arc::clone(&cluster);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            loop {
                ticks.tick().await;
                ordering.put_in_order();
            }
        });
        cluster
    }

    /// Follows a kind. After an error it is listed anew: a watch that is only resumed says nothing until
    /// something changes, and nobody would know that it goes on.
    async fn follow(self: Arc<Self>, kind: &'static str, api: Api<DynamicObject>, patience: Duration) {
        let seconds = u32::try_from(patience.as_secs()).unwrap_or(u32::MAX).max(1);
        let mut backoff = watcher::DefaultBackoff::default();
        loop {
            let mut events = watcher(api.clone(), watcher::Config::default().timeout(seconds)).boxed();
            while let Some(event) = events.next().await {
                if matches!(event, Ok(watcher::Event::InitDone)) {
                    backoff.reset();
                }
                let has_failed = event.is_err();
                self.heed(kind, event);
                if has_failed {
                    break;
                }
            }
            drop(events);
            tokio::time::sleep(backoff.next().unwrap_or(EVERY)).await;
        }
    }

    fn heed(&self, kind: &'static str, event: watcher::Result<watcher::Event<DynamicObject>>) {
        use watcher::Event;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Seen { objects, is_changed, kinds } = &mut *seen;
        let state = kinds.entry(kind).or_default();
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                if state.stale.is_none() {
                    warn!(error = causes(&error), kind, "cannot be watched; what was seen last counts");
                }
                let since = state.stale.take().map_or_else(Instant::now, |(since, _)| since);
                state.stale = Some((since, causes(&error)));
                return;
            }
        };
        match event {
            Event::Init => state.listing.clear(),
            Event::InitApply(object) => drop(read(kind, object).map(|(name, value)| state.listing.insert(name, value))),
            Event::InitDone => {
                objects.retain(|(of, _), _| *of != kind);
                let listed = std::mem::take(&mut state.listing);
                objects.extend(listed.into_iter().map(|(name, value)| ((kind, name), value)));
                (state.is_listed, *is_changed) = (true, true);
                if let Some((since, _)) = state.stale.take() {
                    info!(kind, staleSeconds = since.elapsed().as_secs(), "is watched again");
                }
            }
            Event::Apply(object) => {
                if let Some((name, value)) = read(kind, object) {
                    let old = objects.insert((kind, name), value.clone());
                    *is_changed |= old.as_ref() != Some(&value);
                }
            }
            Event::Delete(object) => {
                let name = object.metadata.name.unwrap_or_default();
                *is_changed |= objects.remove(&(kind, name)).is_some();
            }
        }
    }

    fn put_in_order(&self) {
        let objects: Vec<Value> = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if !std::mem::take(&mut seen.is_changed) {
                return;
            }
            seen.objects.values().cloned().collect()
        };
        let mut context = Context::default();
        objects.iter().for_each(|object| context.add(object));
        *self.context.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(context);
    }

    /// What can matter to an object or request, as elements of a JSON array.
    pub fn around(&self, value: &Value) -> String {
        let context = Arc::clone(&self.context.read().unwrap_or_else(PoisonError::into_inner));
        near(&context, value)
    }
}

/// What of a context can matter to an object, or to that of a request, as elements of a JSON array.
pub fn near(context: &Context, value: &Value) -> String {
    let request = if value["kind"] == "AdmissionReview" { &value["request"] } else { value };
    let object = if request["object"].is_object() { &request["object"] } else { request };
    let namespace = request["namespace"].as_str().or(object["metadata"]["namespace"].as_str());
    context.around(object, namespace.unwrap_or("default")).join(",")
}

impl Surroundings for Cluster {
    fn near(&self, text: &str) -> String {
        serde_json::from_str(text).map(|value: Value| self.around(&value)).unwrap_or_default()
    }

    fn state(&self) -> (bool, String) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut is_ready, mut text) = (true, String::new());
        for (kind, state) in &seen.kinds {
            let count = seen.objects.keys().filter(|(of, _)| of == kind).count();
            let is_awaited = !state.is_listed && self.since.elapsed() <= FIRST;
            is_ready &= !is_awaited;
            let mark = if is_awaited { "[-]" } else { "[!]" };
            let line = match (&state.stale, state.is_listed) {
                (None, true) => format!("[+]cluster {kind}: {count} known"),
                (Some((since, why)), _) => {
                    format!("{mark}cluster {kind}: {count} known, stale for {} s: {why}", since.elapsed().as_secs())
                }
                (None, false) => format!("{mark}cluster {kind}: not listed yet"),
            };
            text.push_str(&line);
            if is_awaited {
                text.push_str(&format!(" (awaited for the first {} s)", FIRST.as_secs()));
            }
            text.push('\n');
        }
        (is_ready, text)
    }

    fn stale(&self) -> Vec<(&'static str, Duration)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let kinds = seen.kinds.iter();
        kinds
            .map(|(kind, state)| (*kind, state.stale.as_ref().map_or(Duration::ZERO, |(since, _)| since.elapsed())))
            .collect()
    }
}

/// An object by its name, without what changes all the time and no rule reads.
fn read(kind: &str, object: DynamicObject) -> Option<(String, Value)> {
    let (group, version, kind) = WATCHED.into_iter().find(|(_, _, of)| *of == kind)?;
    let name = object.metadata.name.clone()?;
    let mut value = serde_json::to_value(object).ok()?;
    value["apiVersion"] = if group.is_empty() { version.into() } else { format!("{group}/{version}").into() };
    value["kind"] = kind.into();
    let metadata = value["metadata"].as_object_mut()?;
    metadata.remove("managedFields");
    metadata.remove("resourceVersion");
    let value = if kind == "Node" { transom_context::essence(&value) } else { value };
    Some((name, value))
}

//! What can be counted, in the text format of OpenMetrics.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::endpoint::{Answer, ENDPOINTS, Endpoint};
use crate::engine::{About, KINDS};
use crate::log;

/// The `Content-Type` of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of a server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<OfEndpoint, Counter>,
    findings: Family<OfRule, Counter>,
    durations: Family<OfDuration, Histogram>,
    errors: Family<OfError, Counter>,
    reloads: Family<OfReload, Counter>,
    loaded: Family<OfLoaded, Gauge>,
    /// Since when the module and the settings are in force, by their SHA-256.
    since: Mutex<[(String, i64); 2]>,
    certificate_ends: Gauge,
    lost_lines: Counter,
    stale: Family<OfKind, Gauge>,
    /// Requests that were not answered yet.
    pub in_flight: Gauge,
    /// Connections that are open.
    pub connections: Gauge,
    /// Connections that were closed before a request was read, by why.
    connection_failures: Family<OfReason, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfEndpoint {
    endpoint: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfRule {
    endpoint: &'static str,
    rule: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfDuration {
    endpoint: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfError {
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfReload {
    what: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfLoaded {
    what: &'static str,
    engine: &'static str,
    version: String,
    sha256: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfReason {
    reason: &'static str,
}

/// From a tenth of a millisecond to the longest that the API server waits, in seconds.
const BUCKETS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0, 30.0];

/// What is reloaded.
const RELOADED: [&str; 3] = ["certificate", "module", "settings"];

impl Metrics {
    /// With everything at zero.
    pub fn new() -> Self {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("transom"),
            requests: Family::default(),
            findings: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            errors: Family::default(),
            reloads: Family::default(),
            loaded: Family::default(),
            since: Mutex::default(),
            certificate_ends: Gauge::default(),
            lost_lines: Counter::default(),
            stale: Family::default(),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            connection_failures: Family::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("requests", "Requests by what came of them", metrics.requests.clone());
        registry.register(
            "findings",
            "Requests in which a rule denies or warns of something",
            metrics.findings.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "From the head of a request to its answer",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register("engine_errors", "Requests that could not be judged, by why", metrics.errors.clone());
        registry.register("reloads", "Changed files, by whether they were taken", metrics.reloads.clone());
        registry.register_with_unit(
            "loaded_timestamp",
            "Since when what is in force has been, in Unix time",
            Unit::Seconds,
            metrics.loaded.clone(),
        );
        registry.register_with_unit(
            "certificate_not_after_timestamp",
            "Until when the certificate holds, in Unix time; 0 without TLS",
            Unit::Seconds,
            metrics.certificate_ends.clone(),
        );
        registry.register("log_lines_lost", "Log lines that nobody took", metrics.lost_lines.clone());
        registry.register_with_unit(
            "cluster_stale",
            "For how long nothing new has been known of a kind that is watched; 0 while it is",
            Unit::Seconds,
            metrics.stale.clone(),
        );
        registry.register("requests_in_flight", "Requests that were not answered yet", metrics.in_flight.clone());
        registry.register("connections", "Connections that are open", metrics.connections.clone());
        registry.register(
            "connection_failures",
            "Connections that came to nothing, by why",
            metrics.connection_failures.clone(),
        );
        for endpoint in ENDPOINTS {
            drop(metrics.durations.get_or_create(&OfDuration { endpoint: endpoint.name() }));
        }
        // A rate begins with the second value that there is.
        for what in RELOADED {
            for result in ["taken", "refused"] {
                drop(metrics.reloads.get_or_create(&OfReload { what, result }));
            }
        }
        for kind in KINDS {
            drop(metrics.errors.get_or_create(&OfError { kind }));
        }
        metrics
    }

    /// Counts an answer.
    pub fn answered(&self, endpoint: Endpoint, answer: &Answer, took: Duration) {
        let name = endpoint.name();
        let outcome = answer.outcome.name();
        self.requests.get_or_create(&OfEndpoint { endpoint: name, outcome }).inc();
        self.durations.get_or_create(&OfDuration { endpoint: name }).observe(took.as_secs_f64());
        for rule in &answer.rules {
            self.findings.get_or_create(&OfRule { endpoint: name, rule: rule.clone() }).inc();
        }
        if let Some(failure) = &answer.failure {
            self.errors.get_or_create(&OfError { kind: failure.kind }).inc();
        }
    }

    /// Counts a changed file.
    pub fn reloaded(&self, what: &'static str, is_taken: bool) {
        let result = if is_taken { "taken" } else { "refused" };
        self.reloads.get_or_create(&OfReload { what, result }).inc();
    }

    /// Says what judges from now on.
    pub fn in_force(&self, about: &About) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).cast_signed();
        let mut all = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        self.loaded.clear();
        for ((what, sha256), since) in
            [("module", &about.module), ("settings", &about.settings)].into_iter().zip(&mut *all)
        {
            if since.0 != *sha256 || since.1 == 0 {
                *since = (sha256.clone(), now);
            }
            let (engine, version, sha256) = (about.engine, about.version.clone(), sha256.clone());
            self.loaded.get_or_create(&OfLoaded { what, engine, version, sha256 }).set(since.1);
        }
    }

    /// Says until when the certificate holds, in Unix time.
    pub fn certificate_holds_until(&self, time: i64) {
        self.certificate_ends.set(time);
    }

    /// Says for how long nothing new has been known of a kind that is watched.
    pub fn stale_for(&self, kind: &'static str, time: Duration) {
        let seconds = time.as_secs().cast_signed();
        self.stale.get_or_create(&OfKind { kind }).set(seconds);
    }

    /// Counts a connection that came to nothing.
    pub fn connection_failed(&self, reason: &'static str) {
        self.connection_failures.get_or_create(&OfReason { reason }).inc();
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        self.lost_lines.inner().store(log::lost_lines(), Ordering::Relaxed);
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_in_force_keeps_its_time() {
        let metrics = Metrics::new();
        let about = |module: &str, settings: &str| About {
            engine: "module",
            version: "1".into(),
            module: module.into(),
            settings: settings.into(),
        };
        metrics.in_force(&about("a", "b"));
        for (_, since) in metrics.since.lock().expect("a lock").iter_mut() {
            *since = 5;
        }
        metrics.in_force(&about("a", "c"));
        let text = metrics.text();
        let of = |what: &str| {
            let begin = format!("transom_loaded_timestamp_seconds{{what=\"{what}\"");
            text.lines().find(|line| line.starts_with(&begin)).unwrap_or_default()
        };
        assert!(of("module").ends_with(" 5"), "{text}");
        assert!(of("settings").contains("\"c\"") && !of("settings").ends_with(" 5"), "{text}");
    }
}

//! A Windows pod is given the name of a Service without the domain of the cluster.
//!
//! In Linux pods `api.shop` and `api.shop.svc` work, because the resolver tries every search domain
//! of `resolv.conf` with them. Windows takes a name that has a dot in it for a complete one and
//! asks for it as it is, so that it is not found. How a program fares depends on which of the
//! resolvers of Windows it uses: `nslookup` may find what `Resolve-DnsName` does not.
//!
//! Write the whole name, `api.shop.svc.cluster.local` (with your cluster's domain, if it is another),
//! or, for a Service of the pod's own namespace, only `api`. Looked at are commands, arguments,
//! variables, and the ConfigMaps that a Windows pod of the set uses.
//!
//! HostProcess containers ask the DNS servers of their node, which know no Services by any name: they are
//! not meant.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       env:
//!         - name: API_URL
//!           value: http://api.shop.svc:8080/v1 # same as on Linux
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       env:
//!         - name: API_URL
//!           value: http://api.shop.svc.cluster.local:8080/v1 # same as on Linux
//! ```
//!
//! ## Good
//! Complete names, and a name without a dot. `NO_PROXY` compares names and resolves none, and a
//! `.svc` in a path is a file of Windows' own:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       args: ["--database=db", "--wsdl=http://legacy/Shop.Orders.svc"]
//!       env:
//!         - name: API_URL
//!           value: http://api.shop.svc.cluster.local:8080/v1
//!         - name: NO_PROXY
//!           value: .svc,.cluster.local,api.shop.svc
//! ```
//! A name of two parts may be anything, unless there is such a Service:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       args: ["--settings=web.config"]
//! ```

use crate::context::Context;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::Body;
use crate::object::pod::FileSource;
use crate::object_name;
use crate::pod::{Pod, field_name};
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, Subject, docs};
use crate::volumes;

pub const RULE: Rule = Rule {
    id: "WIN405",
    name: "partial-service-name",
    summary: "A Windows pod is given the name of a Service without the domain of the cluster",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#dns-windows",
        "https://github.com/aws/containers-roadmap/issues/606",
        "https://github.com/Azure/azure-container-networking/issues/206",
    ]),
    errors: docs(&[
        "No such host is known",
        "The remote name could not be resolved",
        "DNS name does not exist",
        "Non-existent domain",
        "Could not resolve host",
    ]),
    check: Check::Both(check_pod, check_config_map),
};

fn check_pod(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let context = pod.world.context;
    // HostProcess containers ask the DNS servers of their node, which know no Services.
    for container in pod.containers.iter().filter(|container| !container.host_process) {
        for (at, words, _) in container.words() {
            for (index, word) in words.iter().enumerate() {
                if let Some(name) = partial_name(word, context) {
                    let place = format!("container {}: {}", container.name(), field_name(at));
                    say(report, container.at(at).index(index), &place, name, word, context);
                }
            }
        }
        for (index, variable) in container.env().iter().enumerate() {
            let name = variable.name.as_deref().unwrap_or_default();
            let Some(value) = variable.value.as_deref().filter(|_| !compares_names(name)) else { continue };
            if let Some(partial) = partial_name(value, context) {
                let place = format!("container {}: env {name}", container.name());
                say(report, container.at("/env").index(index).key("value"), &place, partial, value, context);
            }
        }
    }
}

fn check_config_map(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::ConfigMap(map) = &subject.object.body else { return };
    let context = subject.world.context;
    for (key, text) in map.data.iter().flat_map(|data| data.iter()).filter(|(key, _)| !compares_names(key)) {
        if let Some(name) = partial_name(text, context)
            && subject.windows_pods().any(|pod| takes(pod, subject.object.name(), key))
        {
            say(report, subject.path.key("data").key(key), &format!("data {key}"), name, text, context);
        }
    }
}

/// Whether a container of the pod gets this key of a ConfigMap, as a variable or a file.
fn takes(pod: &Pod<'_>, map: &str, key: &str) -> bool {
    let is_it = |name: Option<&str>| name == Some(map);
    if pod.is_host_process() {
        return false;
    }
    let by_variable = pod.containers.iter().any(|container| {
        let mut all = container.view.env_from.iter().flatten().filter_map(|from| from.config_map_ref.as_ref());
        let mut one =
            container.env().iter().filter_map(|variable| variable.value_from.as_ref()?.config_map_key_ref.as_ref());
        all.any(|from| is_it(from.name.as_deref()))
            || one.any(|from| is_it(from.name.as_deref()) && from.key.as_deref() == Some(key))
    });
    let mounted = pod.mounted_volumes();
    let mut volumes = pod.spec.volumes.as_deref().unwrap_or_default().iter();
    by_variable
        || volumes.any(|volume| {
            let has_it = |from: &FileSource<'_>| match from.items.as_deref() {
                None | Some([]) => true,
                Some(items) => items.iter().any(|item| item.key.as_deref() == Some(key)),
            };
            mounted.binary_search(&volume.name.as_deref().unwrap_or_default()).is_ok()
                && volumes::file_sources(volume)
                    .any(|(at, from)| at.field == "configMap" && is_it(from.name.as_deref()) && has_it(from))
        })
}

fn say(report: &mut Report<'_>, path: Pointer, place: &str, name: Name<'_>, text: &str, context: &Context<'_>) {
    report
        .finding(
            path.clone(),
            format!(
                "{place}: Windows does not complete {}, since there is a dot in it, and does not find it",
                name.text
            ),
        )
        .help(format!("write the whole name: `{}{}`", name.text, name.lacks))
        .fix(
            Fix::unsafe_("Complete the name with the domain of the cluster").set(path, completed(text, name, context)),
        );
}

/// Whether a variable holds names that are compared with others and never resolved.
fn compares_names(variable: &str) -> bool {
    variable.eq_ignore_ascii_case("no_proxy")
}

/// The name of a Service in a text, where it is not complete.
#[derive(Debug, Clone, Copy)]
struct Name<'t> {
    text: &'t str,
    /// Where it ends.
    end: usize,
    /// What makes it complete.
    lacks: &'static str,
}

/// The first name of a Service in `text` that is not complete.
fn partial_name<'t>(text: &'t str, context: &Context<'_>) -> Option<Name<'t>> {
    next_name(text, 0, context)
}

/// The same, from the position `from` on, which is not within a word.
fn next_name<'t>(text: &'t str, from: usize, context: &Context<'_>) -> Option<Name<'t>> {
    let is_in_word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_') || b >= 0x80;
    let bytes = text.as_bytes();
    let mut start = from;
    while start < bytes.len() {
        let len = bytes[start..].iter().take_while(|b| is_in_word(**b)).count();
        let end = start + len;
        let (before, word, after) = (&bytes[..start], text.get(start..end)?, bytes.get(end));
        // A part of a path, a placeholder, the name of a property or a function; all of these have dots.
        let stands_alone = match before {
            [.., b'/', b'/'] | [.., b'\\', b'\\'] => true,
            [.., b'/' | b'\\' | b'{'] => false,
            _ => true,
        } && !matches!(after, Some(b'(' | b'='));
        if let Some(lacks) = lack(word, context).filter(|_| stands_alone) {
            return Some(Name { text: word, end, lacks });
        }
        start = end + 1;
    }
    None
}

/// What the word lacks to be the complete name of a Service; `None` where it is none, or complete.
fn lack(word: &str, context: &Context<'_>) -> Option<&'static str> {
    let (service, namespace, lacks) = match word.strip_suffix(".svc") {
        Some(name) => (name, name.rsplit_once('.')?.1, ".cluster.local"),
        None => {
            let (service, namespace) = word.split_once('.')?;
            (service, namespace, ".svc.cluster.local")
        }
    };
    let is_name = match lacks {
        ".cluster.local" => service.split('.').all(object_name::is_dns_label),
        _ => {
            let is_known = (service, namespace) == ("kubernetes", "default");
            is_known || (object_name::is_dns_label(namespace) && context.service(namespace, service).is_some())
        }
    };
    is_name.then_some(lacks)
}

/// The text with every name in it completed; `first` is the first.
fn completed(text: &str, first: Name<'_>, context: &Context<'_>) -> String {
    let mut whole = String::with_capacity(text.len() + 32);
    let (mut next, mut from) = (Some(first), 0);
    while let Some(name) = next {
        whole.push_str(&text[from..name.end]);
        whole.push_str(name.lacks);
        from = name.end;
        next = next_name(text, from, context);
    }
    whole.push_str(&text[from..]);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_services_that_lack_the_domain() {
        let context = Context::default();
        let whole = |text: &str| partial_name(text, &context).map(|name| completed(text, name, &context));
        for (text, expected) in [
            ("kubernetes.default", "kubernetes.default.svc.cluster.local"),
            ("kubernetes.default.svc", "kubernetes.default.svc.cluster.local"),
            ("tcp://db-0.db.shop.svc:5432", "tcp://db-0.db.shop.svc.cluster.local:5432"),
            (
                "a.b.svc,c.d.svc.cluster.local;e.f.svc",
                "a.b.svc.cluster.local,c.d.svc.cluster.local;e.f.svc.cluster.local",
            ),
            (r"\\files.shop.svc\share", r"\\files.shop.svc.cluster.local\share"),
            ("sa@api.shop.svc é", "sa@api.shop.svc.cluster.local é"),
        ] {
            assert_eq!(whole(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "api.shop",
            "orders.svc",
            "a.b.svc.",
            "a.b.svc.cluster.local",
            ".b.svc",
            "a..svc",
            "A.b.svc",
            "-a.b.svc",
            "éa.b.svc",
            "a_b.c.svc",
            "http://x/shop.orders.svc",
            r"C:\app\shop.orders.svc",
            "${api.shop.svc}",
            "api.shop.svc=1",
            "this.api.svc()",
            "*.shop.svc",
            "kubernetes.default.example",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}

//! A file or folder has a name that Windows cannot have.
//!
//! The kubelet writes each key of a ConfigMap, a Secret or another such volume, or the `path` of
//! each item, as a file to the node's NTFS disk. There `con`, `aux`, `nul`, `prn`, `com1` to `com9`
//! and `lpt1` to `lpt9` are devices in every folder, with an extension too; none of `< > : " | ? *`
//! may be in a name, and a dot or a space at its end is dropped. The volume cannot be mounted, or
//! the file is not found under its name. Two names that differ in letter case alone are one file:
//! which contents it gets is left to chance.
//!
//! Rename the key, or give it another name for this pod with `items`. Write paths in single quotes,
//! or in none: between double quotes YAML reads `\t`, `\r` and `\n` as a tab and line breaks, so
//! that `"C:\temp"` has no backslash. No path on Windows can hold such characters.
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
//!       volumeMounts:
//!         - name: config
//!           mountPath: C:\config
//!   volumes:
//!     - name: config
//!       configMap:
//!         name: web
//!         items:
//!           - key: auxiliary
//!             path: aux.json
//! ```
//!
//! ## Good
//! Only the part before the first dot can be a device's name; and an item can give a key another name:
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
//!       volumeMounts:
//!         - name: config
//!           mountPath: C:\config
//!   volumes:
//!     - name: config
//!       configMap:
//!         name: web
//!         items:
//!           - key: config.json
//!             path: config.json
//!           - key: aux
//!             path: auxiliary.json
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: web
//! data:
//!   config.json: '{}'
//!   aux: '{}'
//! ```
//! Keys that become variables are no files:
//! ```yaml
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: web
//! data:
//!   PRN: default
//! ---
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
//!       envFrom:
//!         - configMapRef: {name: web}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::pod::{FileSource, Volume};
use crate::object::{Body, Object};
use crate::order;
use crate::paths::{self, BadName};
use crate::pod::{Pod, field_name};
use crate::pointer::Pointer;
use crate::process;
use crate::rules::{Check, Rule, Subject, docs};
use crate::volumes::{self, SourceAt};

pub const RULE: Rule = Rule {
    id: "WIN512",
    name: "ntfs-file-name",
    summary: "A file or folder has a name that Windows cannot have",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/windows/win32/fileio/naming-a-file",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/volume/util/atomic_writer.go",
    ]),
    errors: docs(&[
        "The filename, directory name, or volume label syntax is incorrect",
        "MountVolume.SetUp failed for volume",
    ]),
    check: Check::Both(check_pod, check_source),
};

/// A file that a volume will have.
#[derive(Clone, Copy)]
struct File<'a> {
    name: &'a str,
    source: SourceAt,
    field: Field,
}

/// What gives a file its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    /// `items[].path`
    Item(usize),
    /// `path`
    Path,
    /// A key of the ConfigMap or Secret that the source names.
    Key,
}

/// What is wrong with a name.
#[derive(Clone, Copy)]
enum Fault<'a> {
    Bad(BadName),
    /// Another name of the same folder is the same to Windows.
    SameAs(&'a str),
}

fn check_pod(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let mut mounted: Option<Vec<&str>> = None;
    for (index, volume) in pod.spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        let mut is_suspect = false;
        each_file(pod, volume, &mut |file| is_suspect |= is_suspicious(file.name));
        if !is_suspect {
            continue;
        }
        let name = volume.name.as_deref().unwrap_or_default();
        let is_mounted = mounted.get_or_insert_with(|| pod.mounted_volumes()).binary_search(&name).is_ok();
        let mut files: Vec<File<'_>> = Vec::new();
        each_file(pod, volume, &mut |file| {
            if is_mounted || file.field != Field::Key {
                files.push(file);
            }
        });
        let names: Vec<&str> = files.iter().map(|file| file.name).collect();
        let at = pod.at("/volumes").index(index);
        let mut told: Option<SourceAt> = None;
        each_fault(&names, &mut |index, fault| {
            let File { name: file, source, field } = files[index];
            let at = source.below(&at);
            let (at, what) = match field {
                Field::Item(index) => (at.key("items").index(index).key("path"), "file"),
                Field::Path => (at.key("path"), "file"),
                // All keys of one object have one place here.
                Field::Key if told.replace(source) == Some(source) => return,
                Field::Key => (at.key(name_field(source)), "key"),
            };
            tell(report, at, &format!("volume {name}: {what} {file}"), fault);
        });
    }
    check_paths(pod, report);
}

/// Paths that hold a tab or the like, which nothing but a mistake in their quoting puts there.
fn check_paths(pod: &Pod<'_>, report: &mut Report<'_>) {
    let is_broken = |path: Option<&str>| path.is_some_and(|path| path.contains(|c: char| c.is_ascii_control()));
    let mut tell = |at: Pointer, what: String| {
        report
            .finding(
                at,
                format!(
                    "{what} holds a tab, a line break or another control character, which no path on Windows can hold"
                ),
            )
            .help(r"write it on one line, in single quotes or in none: between double quotes YAML makes a tab of `\t`")
            .stage(Stage::Runtime);
    };
    for container in &pod.containers {
        let name = container.name();
        for (index, mount) in container.mounts().iter().enumerate() {
            if is_broken(mount.mount_path.as_deref()) {
                let at = container.at("/volumeMounts").index(index).key("mountPath");
                tell(at, format!("container {name}: mountPath"));
            }
        }
        if is_broken(container.view.working_dir.as_deref()) {
            tell(container.at("/workingDir"), format!("container {name}: workingDir"));
        }
        for (at, command) in container.command_lines() {
            if command.first().is_some_and(|program| process::is_escaped(program)) {
                tell(container.at(at).index(0), format!("container {name}: {}", field_name(at)));
            }
        }
    }
    for (index, volume) in pod.spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        if is_broken(volume.host_path.as_ref().and_then(|host_path| host_path.path.as_deref())) {
            let name = volume.name.as_deref().unwrap_or_default();
            tell(pod.at("/volumes").index(index).join("/hostPath/path"), format!("volume {name}: hostPath"));
        }
    }
}

fn check_source(subject: &Subject<'_>, report: &mut Report<'_>) {
    let mut is_suspect = false;
    each_key(subject.object, &mut |_, key| is_suspect |= is_suspicious(key));
    if !is_suspect {
        return;
    }
    let Some(pod) = subject.windows_pods().find(|pod| mounts_all_keys(pod, subject.object)) else { return };
    let mut fields: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    each_key(subject.object, &mut |field, key| {
        fields.push(field);
        names.push(key);
    });
    each_fault(&names, &mut |index, fault| {
        let key = names[index];
        let what = format!("key {key}, a file of {} {}", pod.object.kind, pod.object.name());
        tell(report, subject.path.key(fields[index]).key(key), &what, fault);
    });
}

fn tell(report: &mut Report<'_>, at: Pointer, what: &str, fault: Fault<'_>) {
    let (stage, why) = match fault {
        Fault::Bad(BadName::Device) => (Stage::Kubelet, "Windows takes the name for a device"),
        Fault::Bad(BadName::Character) => {
            (Stage::Kubelet, "no name on Windows may hold control characters or one of < > : \" | ? *")
        }
        Fault::Bad(BadName::End) => (Stage::Silent, "Windows drops a dot or space at the end of a name"),
        Fault::SameAs(_) => (Stage::Silent, "one overwrites the other, as it is the same file on Windows as "),
    };
    let other = if let Fault::SameAs(other) = fault { other } else { "" };
    report
        .finding(at, format!("{what}: {why}{other}"))
        .help("rename it, or give it another name with `items`")
        .stage(stage);
}

/// Whether it takes a second look to know that nothing is wrong with the name: where no name has
/// capitals, none is the same as another.
fn is_suspicious(name: &str) -> bool {
    name.bytes().any(|b| b.is_ascii_uppercase()) || paths::bad_name(name).is_some()
}

fn each_fault<'a>(names: &[&'a str], see: &mut dyn FnMut(usize, Fault<'a>)) {
    let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    for (index, first) in order::first_equal(&lower).into_iter().enumerate() {
        if let Some(bad) = paths::bad_name(names[index]) {
            see(index, Fault::Bad(bad));
        } else if names[index] != names[first] {
            see(index, Fault::SameAs(names[first]));
        }
    }
}

/// The files a volume will have, as far as they are known.
fn each_file<'a>(pod: &Pod<'a>, volume: &'a Volume<'a>, see: &mut dyn FnMut(File<'a>)) {
    for (source, from) in volumes::file_sources(volume) {
        let items = from.items.as_deref().unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            see(File { name: item.path.as_deref().unwrap_or_default(), source, field: Field::Item(index) });
        }
        if let Some(path) = &from.path {
            see(File { name: path, source, field: Field::Path });
        }
        if items.is_empty()
            && let Some((kind, name)) = named(source, from)
            && let Some(object) = pod.world.context.find(kind, pod.namespace(), name)
        {
            each_key(object, &mut |_, key| see(File { name: key, source, field: Field::Key }));
        }
    }
}

/// Kind and name of the object that a source takes its files from.
fn named<'f>(source: SourceAt, from: &'f FileSource<'_>) -> Option<(&'static str, &'f str)> {
    let name = if name_field(source) == "name" { &from.name } else { &from.secret_name };
    let kind = match source.field {
        "configMap" => "ConfigMap",
        "secret" => "Secret",
        _ => return None,
    };
    Some((kind, name.as_deref()?))
}

/// The field in which a source names its ConfigMap or Secret.
fn name_field(source: SourceAt) -> &'static str {
    if source.field == "secret" && source.projection.is_none() { "secretName" } else { "name" }
}

/// The keys of a ConfigMap or Secret, each with the field it is in.
fn each_key<'a>(object: &'a Object<'a>, see: &mut dyn FnMut(&'static str, &'a str)) {
    match &object.body {
        Body::ConfigMap(map) => {
            map.data.iter().flat_map(|data| data.iter()).for_each(|(key, _)| see("data", key));
            map.binary_data.iter().flat_map(|data| data.iter()).for_each(|(key, _)| see("binaryData", key));
        }
        Body::Secret(secret) => {
            secret.data.iter().flat_map(|data| data.iter()).for_each(|(key, _)| see("data", key));
            secret.string_data.iter().flat_map(|data| data.iter()).for_each(|(key, _)| see("stringData", key));
        }
        _ => {}
    }
}

/// Whether the pod mounts all keys of the object as files.
fn mounts_all_keys(pod: &Pod<'_>, object: &Object<'_>) -> bool {
    let this = Some((&*object.kind, object.name()));
    let mounted = pod.mounted_volumes();
    pod.spec.volumes.as_deref().unwrap_or_default().iter().any(|volume| {
        let is_whole = |from: &FileSource<'_>| from.items.as_ref().is_none_or(Vec::is_empty);
        mounted.binary_search(&volume.name.as_deref().unwrap_or_default()).is_ok()
            && volumes::file_sources(volume).any(|(source, from)| is_whole(from) && named(source, from) == this)
    })
}

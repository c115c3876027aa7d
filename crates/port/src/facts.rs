//! What is right on both systems, so that no rule speaks of it, and is still a question in a pod that
//! moves from one to the other.

use serde_json::Value;
use transom::paths;
use transom::platform::labels::names_a_pool;
use transom_context as context;

use crate::decision::{Asked, ON_LINUX, State};

/// The questions about an object as it was; none about a pod that is for Windows already.
pub(crate) fn of(object: &Value) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (at, pod) in context::pods(object) {
        if pod["spec"]["os"]["name"] == "windows" {
            continue;
        }
        let (at, spec) = (format!("{at}/spec"), &pod["spec"]);
        asked.extend(host_paths(&at, spec));
        asked.extend(mount_paths(&at, spec));
        asked.extend(pools(&at, spec));
    }
    asked
}

fn ask(state: State, path: String, name: &str, what: String, why: &str, options: &[&str]) -> Asked {
    Asked {
        state,
        path,
        rule: None,
        name: name.to_owned(),
        severity: "info".to_owned(),
        what,
        why: why.to_owned(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    }
}

fn host_paths(at: &str, spec: &Value) -> Vec<Asked> {
    let volumes = spec["volumes"].as_array().into_iter().flatten().enumerate();
    let ask = |(index, volume): (usize, &Value)| {
        let path = volume["hostPath"]["path"].as_str().filter(|path| path.starts_with('/') && !paths::is_pipe(path))?;
        let on_windows = paths::on_windows(path);
        Some(ask(
            State::Open,
            format!("{at}/volumes/{index}/hostPath/path"),
            "port-host-path",
            format!("What takes the place of {path} on a Windows node?"),
            &format!(
                "hostPath {path} is {on_windows} on a Windows node, and nothing tells that this is the same there"
            ),
            &[
                &format!("{on_windows}: see that the node has it"),
                "name another folder of Windows nodes",
                "do without the volume",
                ON_LINUX,
            ],
        ))
    };
    volumes.filter_map(ask).collect()
}

/// One question a container: the program has to look where the volumes are.
fn mount_paths(at: &str, spec: &Value) -> Vec<Asked> {
    let lists = ["initContainers", "containers"].iter();
    let containers = lists.flat_map(|list| {
        let items = spec[*list].as_array().into_iter().flatten().enumerate();
        items.map(move |(index, container)| (format!("{at}/{list}/{index}"), container))
    });
    let ask = |(at, container): (String, &Value)| {
        let mounts = container["volumeMounts"].as_array().into_iter().flatten();
        let places: Vec<String> = mounts
            .filter_map(|mount| mount["mountPath"].as_str())
            .filter(|path| path.starts_with('/') && !paths::is_pipe(path))
            .map(paths::on_windows)
            .collect();
        let what = format!("Does the program look for its files at {}?", places.join(", "));
        let why = "a mountPath that begins with a slash is a folder of drive C: in a Windows container";
        let options = [
            "yes, or it asks for a path with a slash, which Windows understands",
            "set the paths in its settings or arguments",
        ];
        (!places.is_empty())
            .then(|| ask(State::Assumed, format!("{at}/volumeMounts"), "port-mount-path", what, why, &options))
    };
    containers.filter_map(ask).collect()
}

fn pools(at: &str, spec: &Value) -> Vec<Asked> {
    let labels = spec["nodeSelector"].as_object().into_iter().flatten();
    let ask = |(key, value): (&String, &Value)| {
        let value = value.as_str().filter(|_| names_a_pool(key))?;
        Some(ask(
            State::Open,
            format!("{at}/nodeSelector/{}", key.replace('~', "~0").replace('/', "~1")),
            "port-node-pool",
            format!("Is {key}={value} a pool of Windows nodes?"),
            "this pod ran on Linux nodes, and all nodes of a pool run one system",
            &["name a pool of Windows nodes", "remove the label: the pod then goes to any Windows node"],
        ))
    };
    labels.filter_map(ask).collect()
}

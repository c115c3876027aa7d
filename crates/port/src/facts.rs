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
        for (at, container) in containers(&at, spec) {
            asked.extend(program(&at, container));
            asked.extend(homes(&at, container));
        }
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
    let ask = |(at, container): (String, &Value)| {
        let mounts = container["volumeMounts"].as_array().into_iter().flatten();
        let places: Vec<String> = mounts
            .filter(|mount| !is_socket(spec, &mount["name"]))
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
    containers(at, spec).filter_map(ask).collect()
}

/// Whether a volume is the socket of a container runtime, which `runtime-socket` asks about.
fn is_socket(spec: &Value, volume: &Value) -> bool {
    let mut volumes = spec["volumes"].as_array().into_iter().flatten().filter(|other| other["name"] == *volume);
    volumes.any(|volume| volume["hostPath"]["path"].as_str().and_then(paths::runtime_socket).is_some())
}

/// A program that is started by where Linux has it.
fn program(at: &str, container: &Value) -> Option<Asked> {
    const FOLDERS: &[&str] = &["/bin", "/sbin", "/usr"];
    let program = container["command"][0].as_str().filter(|program| is_in(program, FOLDERS))?;
    let on_windows = paths::on_windows(program);
    let name = program.rsplit('/').next().unwrap_or_default();
    Some(ask(
        State::Assumed,
        format!("{at}/command/0"),
        "port-program",
        format!("Where is {program} in the Windows image?"),
        &format!("command {program} is {on_windows} in a Windows container, and Windows images hardly have it there"),
        &[
            &format!("at {on_windows}: see that the image has it"),
            &format!("in a folder of PATH: name `{name}` alone"),
            "name the path that the Windows image has",
        ],
    ))
}

/// Variables and the folder to work in, where they name a home that Linux has.
fn homes(at: &str, container: &Value) -> Vec<Asked> {
    let mounts = || container["volumeMounts"].as_array().into_iter().flatten();
    let is_mounted = |path: &str| {
        mounts().filter_map(|mount| mount["mountPath"].as_str()).any(|folder| paths::is_within(path, folder))
    };
    let variables = container["env"].as_array().into_iter().flatten().enumerate();
    let values = variables.map(|(index, variable)| (format!("{at}/env/{index}/value"), &variable["value"]));
    let ask = |(at, value): (String, &Value)| {
        let path = value.as_str().filter(|path| is_in(path, &["/root", "/home"]) && !is_mounted(path))?;
        let on_windows = paths::on_windows(path);
        Some(ask(
            State::Assumed,
            at,
            "port-home",
            format!("What is at {path} on Windows?"),
            &format!("{path} is {on_windows} in a Windows container: the homes of Windows are in c:\\users"),
            &[
                &format!("{on_windows}: see that the image has it"),
                "name a folder that the image has, such as C:\\Users\\ContainerUser",
                "leave it out: the image's own holds then",
            ],
        ))
    };
    values.chain([(format!("{at}/workingDir"), &container["workingDir"])]).filter_map(ask).collect()
}

fn is_in(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| paths::is_within(path, folder))
}

/// The containers of a pod that run by themselves, with where they stand.
fn containers<'s>(at: &'s str, spec: &'s Value) -> impl Iterator<Item = (String, &'s Value)> {
    ["initContainers", "containers"].into_iter().flat_map(move |list| {
        let items = spec[list].as_array().into_iter().flatten().enumerate();
        items.map(move |(index, container)| (format!("{at}/{list}/{index}"), container))
    })
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

//! Two environment variables of a container differ in nothing but letter case.
//!
//! Linux keeps `Path` and `PATH` apart. To Windows they are one variable, of which only one value is
//! left; which of the two depends on how the process was started, and on how the program reads it.
//!
//! Give them different names, or leave one of them out.
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
//!         - name: http_proxy
//!           value: http://proxy.example:3128
//!         - name: LOG_LEVEL
//!           value: info
//!         - name: HTTP_PROXY
//!           value: http://proxy.example:8080
//! ```
//!
//! ## Good
//! Names of different containers have nothing to do with each other:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   initContainers:
//!     - name: migrate
//!       image: registry.example/migrate:3-windowsservercore-ltsc2022
//!       env:
//!         - name: Log_Level
//!           value: debug
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       env:
//!         - name: LOG_LEVEL
//!           value: info
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::pod::EnvVar;
use crate::order;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN708",
    name: "environment-case-collision",
    summary: "Two environment variables of a container differ in nothing but letter case",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/windows/win32/procthread/environment-variables",
        "https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_environment_variables",
    ]),
    errors: docs(&["Item has already been added. Key in dictionary: 'PATH'"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        let variables = container.env();
        // Few need no order to be compared.
        if variables.len() <= 32
            && !variables.iter().enumerate().any(|(index, v)| other(v, &variables[..index]).is_some())
        {
            continue;
        }
        let names: Vec<String> = variables.iter().map(|v| name(v).to_ascii_lowercase()).collect();
        let order = order::by_text(&names.iter().map(String::as_str).collect::<Vec<_>>());
        // Those that are one variable to Windows stand side by side, in the order of the manifest.
        let mut late: Vec<(usize, usize)> = Vec::new();
        let mut first = None;
        let mut before = None;
        for index in order {
            let is_same = |other: usize| name(&variables[other]) == name(&variables[index]);
            match first.filter(|first: &usize| names[*first] == names[index]) {
                Some(first) if !is_same(first) && !before.is_some_and(is_same) => late.push((index, first)),
                Some(_) => {}
                None => first = Some(index),
            }
            before = Some(index);
        }
        for (index, first) in late {
            report
                .finding(
                    container.at("/env").index(index).key("name"),
                    format!(
                        "container {}: env {} and {} are one variable to Windows, which keeps one value only",
                        container.name(),
                        name(&variables[first]),
                        name(&variables[index])
                    ),
                )
                .help("leave out one of them, or give it another name");
        }
    }
}

fn name<'a>(variable: &'a EnvVar<'_>) -> &'a str {
    variable.name.as_deref().unwrap_or_default()
}

/// One of `others` that Windows takes for the same variable, though it is written otherwise.
fn other<'a, 'v>(variable: &EnvVar<'_>, others: &'v [EnvVar<'a>]) -> Option<&'v EnvVar<'a>> {
    let own = name(variable);
    others.iter().find(|other| name(other) != own && name(other).eq_ignore_ascii_case(own))
}

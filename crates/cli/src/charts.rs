//! Charts and kustomizations among the paths: rendered, so that what comes out is judged.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use transom_charts::{Folder, Options, Rendered, Tools};

use crate::args::Judging;
use crate::settings::{Finder, SettingsFile};

/// The Kubernetes that charts are rendered for where nothing says which: the newest that rules know.
const KUBERNETES: &str = "1.36";

/// What is rendered in a folder, or why nothing is; `None` for a folder of manifests.
pub(crate) fn render(path: &Path, judging: &Judging) -> Option<Result<Vec<Arc<Rendered>>, String>> {
    let folder = Folder::of(path)?;
    let options = Options {
        tools: tools(judging.setting.isolated),
        values: judging.values.clone(),
        kubernetes: Some(version(path, judging)),
    };
    Some(folder.render(&options).map(|files| files.into_iter().map(Arc::new).collect()).map_err(|error| {
        let tool = if matches!(folder, Folder::Chart(_)) { "helm" } else { "kustomize" };
        match named(tool).filter(|_| error.is_missing_tool()) {
            Some(named) if judging.setting.isolated => {
                format!("{error} ({} is left aside by --isolated)", named.variable)
            }
            Some(named) => named.absent(),
            None => error.to_string(),
        }
    }))
}

/// The programs, or others that the environment names.
fn tools(is_isolated: bool) -> Tools {
    let mut tools = Tools::default();
    if is_isolated {
        return tools;
    }
    if let Some(helm) = named("helm") {
        tools.helm = helm.program;
    }
    if let Some(kustomize) = named("kustomize") {
        tools.kustomize = kustomize.program;
        // No other is taken in place of the one that was asked for.
        tools.kubectl = None;
    }
    tools
}

/// A program that the environment names in place of the one that is installed.
pub(crate) struct Named {
    tool: &'static str,
    variable: &'static str,
    pub(crate) program: OsString,
}

/// The program that the environment names for a tool.
pub(crate) fn named(tool: &str) -> Option<Named> {
    let variables = [("helm", "TRANSOM_HELM"), ("kustomize", "TRANSOM_KUSTOMIZE")];
    let (tool, variable) = variables.into_iter().find(|(name, _)| *name == tool)?;
    let program = env::var_os(variable).filter(|program| !program.is_empty())?;
    Some(Named { tool, variable, program })
}

impl Named {
    /// That there is no such program.
    pub(crate) fn absent(&self) -> String {
        self.wrong("which is not there")
    }

    /// That it is no such program.
    pub(crate) fn useless(&self, why: &str) -> String {
        self.wrong(&format!("which cannot be used ({why})"))
    }

    fn wrong(&self, what: &str) -> String {
        let Named { tool, variable, program } = self;
        let program = program.display();
        format!("{variable} names {program}, {what}: correct it, or unset it to use the {tool} that is installed")
    }
}

/// The version of Kubernetes that holds for a folder. What is wrong with settings is said by whoever judges
/// with them.
fn version(path: &Path, judging: &Judging) -> String {
    let setting = &judging.setting;
    let given = || setting.kubernetes.clone();
    let from_environment = || env::var("TRANSOM_KUBERNETES").ok().filter(|text| !text.is_empty() && !setting.isolated);
    let from_settings = || {
        let file = SettingsFile::read(&Finder::new(setting).ok()?.of_folder(path)?).ok()?;
        file.value()["kubernetes"]["version"].as_str().map(str::to_owned)
    };
    let version = given().or_else(from_environment).or_else(from_settings).unwrap_or_else(|| KUBERNETES.to_owned());
    // helm takes nothing shorter.
    if version.matches('.').count() == 1 { format!("{version}.0") } else { version }
}

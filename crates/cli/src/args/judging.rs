//! What is judged, and how: the same for every command that judges.

use std::env;
use std::path::PathBuf;

use clap::ValueEnum;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Judging {
    /// Files, folders (all *.yaml, *.yml and *.json below that are neither hidden nor ignored by git), or - for
    /// stdin. The folder of a Helm chart or of a kustomization is rendered first, with the helm, kustomize or kubectl
    /// that is installed
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) walking: Walking,
    /// Only these rules (id or name; may be repeated, or several with commas between)
    #[arg(long = "rule", value_name = "RULE", value_delimiter = ',', help_heading = "Rules and settings")]
    pub(crate) rules: Vec<String>,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// Objects to look up but not to judge: Nodes, Namespaces, RuntimeClasses (file or folder; may be repeated)
    #[arg(long, value_name = "PATH", help_heading = "Rules and settings")]
    pub(crate) context: Vec<PathBuf>,
    /// Values for the charts among the paths (file; may be repeated)
    #[arg(long, value_name = "FILE", help_heading = "Rules and settings")]
    pub(crate) values: Vec<PathBuf>,
    /// Judge with this module (transom.wasm) instead of the built-in rules
    #[arg(long, value_name = "FILE", help_heading = "Rules and settings", hide = cfg!(not(feature = "module")))]
    pub(crate) module: Option<PathBuf>,
}

impl Judging {
    /// The files and folders that are named, and the settings that the environment names.
    pub(crate) fn named(&self) -> Vec<PathBuf> {
        let from_environment = Setting::of_environment().filter(|_| !self.setting.isolated);
        let settings = self.setting.settings.iter().chain(&from_environment);
        self.paths.iter().chain(&self.context).chain(&self.values).chain(settings).cloned().collect()
    }

    /// What a command judges that has options of its own for it.
    pub(crate) fn of(paths: Vec<PathBuf>, walking: Walking, context: Vec<PathBuf>, setting: Setting) -> Self {
        Judging { paths, walking, rules: Vec::new(), setting, context, values: Vec::new(), module: None }
    }
}

/// What is found in folders.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct Walking {
    /// Read what is hidden or ignored by git, too, but for .git itself
    #[arg(long)]
    pub(crate) no_ignore: bool,
}

/// Where settings come from.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Setting {
    /// Settings, YAML or JSON [env: TRANSOM_SETTINGS]. Default: for each file the transom.yaml in its
    /// folder, or in the nearest folder above that has one
    #[arg(long, value_name = "FILE", help_heading = "Rules and settings")]
    pub(crate) settings: Option<PathBuf>,
    /// Heed no transom.yaml, no baseline and no environment that are not named here
    #[arg(long, help_heading = "Rules and settings")]
    pub(crate) isolated: bool,
    /// Who runs the cluster, whatever the settings say [env: TRANSOM_PLATFORM]
    #[arg(long, value_enum, value_name = "PLATFORM", help_heading = "Rules and settings")]
    pub(crate) platform: Option<Platform>,
    /// Version of Kubernetes, such as 1.36, whatever the settings say [env: TRANSOM_KUBERNETES]
    #[arg(long, value_name = "VERSION", help_heading = "Rules and settings")]
    pub(crate) kubernetes: Option<String>,
}

impl Setting {
    /// The settings file that the environment names.
    pub(crate) fn of_environment() -> Option<PathBuf> {
        env::var_os("TRANSOM_SETTINGS").filter(|path| !path.is_empty()).map(PathBuf::from)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Platform {
    Aks,
    Eks,
    Gke,
    Openshift,
    Generic,
}

impl Platform {
    /// The word for it in settings.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Platform::Aks => "aks",
            Platform::Eks => "eks",
            Platform::Gke => "gke",
            Platform::Openshift => "openshift",
            Platform::Generic => "generic",
        }
    }
}

//! Group Managed Service Accounts (gMSA): what a pod asks for, and where.
//!
//! A pod names a GMSACredentialSpec in `windowsOptions`; the admission webhook for gMSA puts that
//! object's content beside the name, and the container runtime reads the content alone. A container
//! that has either field takes neither from its pod (`DetermineEffectiveSecurityContext` in
//! pkg/securitycontext of Kubernetes 1.36). Read in admission-webhook/webhook.go of
//! kubernetes-sigs/windows-gmsa.

use crate::finding::{Finding, Report};
use crate::object::pod::WindowsOptions;
pub use crate::object_name::is_object_name;
use crate::pod::{Container, ContainerList, Pod};
use crate::pointer::Pointer;

/// Where the name stands, in the pod's spec and in a container.
pub const NAME: &str = "/securityContext/windowsOptions/gmsaCredentialSpecName";
/// Where the content stands.
pub const CONTENT: &str = "/securityContext/windowsOptions/gmsaCredentialSpec";

/// A gMSA, where it is asked for: by a pod for all its containers, or by one of them.
#[derive(Debug, Clone, Copy)]
pub struct Gmsa<'p, 'a> {
    /// The container, where it is one that asks.
    pub container: Option<&'p Container<'a>>,
    /// The name of the GMSACredentialSpec.
    pub name: Option<&'a str>,
    /// Its content.
    pub content: Option<&'a str>,
    /// The name is that of an annotation, which will become the field.
    pub is_annotated: bool,
}

/// An annotation of the alpha version (Kubernetes 1.14), which nothing reads any more.
#[derive(Debug, Clone, Copy)]
pub struct Annotation<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its value.
    pub value: &'a str,
    /// The container it is about; `None` for the pod.
    pub container: Option<&'a str>,
    /// It is the name of a GMSACredentialSpec, not its content.
    pub is_name: bool,
}

/// How the annotations of the alpha version end, before `-name`.
const ANNOTATION: &str = ".alpha.windows.kubernetes.io/gmsa-credential-spec";

/// The annotations of the alpha version.
pub fn annotations<'a>(pod: &Pod<'a>) -> impl Iterator<Item = Annotation<'a>> {
    let all = pod.metadata.and_then(|metadata| metadata.annotations.as_ref());
    all.into_iter().flat_map(|all| all.iter()).filter_map(|(key, value)| {
        let (place, is_name) = match key.strip_suffix("-name") {
            Some(start) => (start.strip_suffix(ANNOTATION)?, true),
            None => (key.strip_suffix(ANNOTATION)?, false),
        };
        let container = if place == "pod" { None } else { Some(place.strip_suffix(".container")?) };
        Some(Annotation { key, value, container, is_name })
    })
}

/// All a pod asks for, its annotations of the alpha version included: they mean what the fields do,
/// and become fields where they are mended.
#[derive(Debug)]
pub struct Gmsas<'p, 'a> {
    pod: &'p Pod<'a>,
    /// What the pod asks for, for the containers that ask for nothing themselves.
    pub of_pod: Option<Gmsa<'p, 'a>>,
    annotations: Vec<Annotation<'a>>,
}

impl<'p, 'a> Gmsas<'p, 'a> {
    /// What `pod` asks for.
    pub fn of(pod: &'p Pod<'a>) -> Self {
        let annotations = annotations(pod).filter(|a| a.is_name && is_object_name(a.value)).collect();
        let mut all = Gmsas { pod, of_pod: None, annotations };
        all.of_pod = all.place(None, pod.windows_options());
        all
    }

    /// What a container asks for itself.
    pub fn own(&self, container: &'p Container<'a>) -> Option<Gmsa<'p, 'a>> {
        self.place(Some(container), container.security_context().and_then(|context| context.windows_options.as_ref()))
    }

    /// What a container gets: its own, else the pod's.
    pub fn effective(&self, container: &'p Container<'a>) -> Option<Gmsa<'p, 'a>> {
        self.own(container).or(self.of_pod)
    }

    /// Every place that asks for one.
    pub fn places(&self) -> impl Iterator<Item = Gmsa<'p, 'a>> {
        self.of_pod.into_iter().chain(self.pod.containers.iter().filter_map(|container| self.own(container)))
    }

    fn place(
        &self,
        container: Option<&'p Container<'a>>,
        options: Option<&'a WindowsOptions<'a>>,
    ) -> Option<Gmsa<'p, 'a>> {
        let written = options.and_then(|options| options.gmsa_credential_spec_name.as_deref());
        let content = options.and_then(|options| options.gmsa_credential_spec.as_deref());
        let annotated = || {
            let of = container.map(Container::name);
            self.annotations.iter().find(|annotation| annotation.container == of).map(|annotation| annotation.value)
        };
        let filled = |text: &&str| !text.is_empty();
        let name = if written.is_some() { written.filter(filled) } else { annotated() };
        let content = content.filter(filled);
        let is_annotated = written.is_none() && name.is_some();
        (name.is_some() || content.is_some()).then_some(Gmsa { container, name, content, is_annotated })
    }
}

impl Gmsa<'_, '_> {
    /// Where it is asked for. Of an annotation that is where its value belongs: there it still stands when the
    /// annotation is mended.
    pub fn path(&self, pod: &Pod<'_>) -> Pointer {
        let at = if self.name.is_some() { NAME } else { CONTENT };
        self.container.map_or_else(|| pod.at(at), |container| container.at(at))
    }

    /// Whether it stands in a container of this list.
    pub fn is_in(&self, list: ContainerList) -> bool {
        self.container.is_some_and(|container| container.list == list)
    }

    /// Adds a finding about it, with field, name and container before `why`.
    pub fn report<'r>(&self, pod: &Pod<'_>, why: &str, report: &'r mut Report<'_>) -> &'r mut Finding {
        let who = who(self.container);
        let message = match self.name {
            Some(name) => format!("{who}gmsaCredentialSpecName {name}: {why}"),
            None => format!("{who}gmsaCredentialSpec: {why}"),
        };
        report.finding(self.path(pod), message)
    }
}

/// The beginning of a message: the container it is about, if any.
pub fn who(container: Option<&Container<'_>>) -> String {
    container.map_or_else(String::new, |container| format!("container {}: ", container.name()))
}

/// Who uses a gMSA in a container and is no administrator.
pub const NETWORK_SERVICE: &str = r"NT AUTHORITY\NETWORK SERVICE";

/// Whom a container may run as in place of an administrator: ContainerUser does not use the gMSA that it has.
pub fn lesser_user(pod: &Pod<'_>, container: &Container<'_>) -> &'static str {
    if Gmsas::of(pod).effective(container).is_some() { NETWORK_SERVICE } else { "ContainerUser" }
}

/// Whether the pod's namespace is one that the admission webhook for gMSA leaves out.
pub fn is_webhook_off(pod: &Pod<'_>) -> bool {
    let namespace = pod.world.context.namespace(pod.namespace());
    namespace.is_some_and(|namespace| namespace.metadata.label("windows.k8s.io/disabled") == Some("true"))
}

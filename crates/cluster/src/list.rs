//! Objects, page by page.

use std::ops::ControlFlow;
use std::time::Duration;

use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams};
use kube::{Api, Client};
use serde_json::Value;

use crate::bar::Bar;
use crate::connect::{self, Access, Error, causes};
use crate::kinds::{Kind, NAMESPACE, api_version};

/// How long the API server may take for a page. It gives up after a minute itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of listing a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// All of its objects.
    All,
    /// The cluster has no such kind.
    NoSuchKind,
    /// Not all, and why.
    Failed(String),
    /// Whoever took them had enough.
    Stopped,
}

/// Lists the objects of a cluster.
pub struct Lister {
    client: Client,
    page_size: u32,
    bar: Bar,
    version: (u32, u32),
}

impl Lister {
    /// Reaches a cluster, and asks whether it is there.
    ///
    /// # Errors
    ///
    /// Where it is not.
    pub async fn reach(access: &Access, page_size: u32, bar: Bar) -> Result<Self, Error> {
        let client = connect::client(access, PATIENCE).await?;
        let version = connect::version(&client).await?;
        Ok(Lister { client, page_size, bar, version })
    }

    /// The version of Kubernetes, major and minor.
    #[must_use]
    pub fn version(&self) -> (u32, u32) {
        self.version
    }

    /// What shows how far it is.
    #[must_use]
    pub fn bar(&self) -> &Bar {
        &self.bar
    }

    /// Asks whether there is such a namespace. Whoever may not list Namespaces may still list what is in one.
    ///
    /// # Errors
    ///
    /// Where the cluster has none of this name.
    pub async fn need_namespace(&self, name: &str) -> Result<(), Error> {
        let page = ListParams::default().fields(&format!("metadata.name={name}"));
        match connect::api(&self.client, NAMESPACE).list(&page).await {
            Ok(list) if list.items.is_empty() => Err(connect::Kind::NoNamespace(name.to_owned()).into()),
            _ => Ok(()),
        }
    }

    /// Fetches all objects of a kind, or those of a namespace, and hands them on. What has been handed on is
    /// so even where the rest cannot be had. A list that grows too old on the way, as the API server keeps
    /// what was for some minutes, is gone on with as things are then.
    pub async fn each(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        with: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Listed {
        let (group, version, name) = kind;
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, name));
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        self.bar.begin(name);
        let mut page = ListParams::default().limit(self.page_size);
        let mut has_expired = false;
        loop {
            let list = match api.list(&page).await {
                Ok(list) => list,
                Err(kube::Error::Api(status)) if status.code == 404 => return Listed::NoSuchKind,
                Err(error) => match rest(&error).filter(|_| !has_expired) {
                    Some(token) => {
                        page = page.continue_token(&token);
                        has_expired = true;
                        continue;
                    }
                    None => return Listed::Failed(causes(&error)),
                },
            };
            has_expired = false;
            let left = list.metadata.remaining_item_count.and_then(|left| u64::try_from(left).ok()).unwrap_or_default();
            self.bar.expect(u64::try_from(list.items.len()).unwrap_or_default() + left);
            for object in list.items {
                let mut object = match serde_json::to_value(object) {
                    Ok(object) => object,
                    Err(error) => return Listed::Failed(error.to_string()),
                };
                // In a list, objects do not say what they are.
                object["apiVersion"] = api_version(kind).into();
                object["kind"] = name.into();
                if with(object).is_break() {
                    return Listed::Stopped;
                }
                self.bar.advance();
            }
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => return Listed::All,
            }
        }
    }
}

/// What to go on with where a list has expired: the API server says where it ended.
fn rest(error: &kube::Error) -> Option<String> {
    let kube::Error::Api(status) = error else { return None };
    let token = status.metadata.as_ref()?.continue_.clone()?;
    (status.code == 410 && !token.is_empty()).then_some(token)
}

impl std::fmt::Debug for Lister {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Lister").field("version", &self.version).finish_non_exhaustive()
    }
}

//! Conditions on an object, as data: what CEL can say of a pod, and what it means.
//!
//! A condition is written once. [`super::text`] prints it in CEL, and [`Scope::holds`] decides it here,
//! so that what is printed can be held against the core for any number of objects.

use serde_json::Value;
use transom::quantity::Quantity;

/// Where the way to a value begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The spec of the pod or of the template.
    Spec,
    /// Its metadata.
    Metadata,
    /// What the nearest quantifier ranges over: a container, a volume, a port.
    Item,
    /// The container, or the pod where the container does not say: a field that both have.
    Either,
    /// All containers: init, main and ephemeral ones.
    Containers,
}

/// A value in the object: where to begin, and the fields to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where to begin.
    pub from: From,
    /// The fields, and keys of maps.
    pub steps: Vec<String>,
}

/// What a text is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// It is one of these.
    OneOf(Vec<String>),
    /// It is one of these, whatever the letter case. They are in lower case.
    Named(Vec<String>),
    /// It begins with one of these.
    Begins(Vec<String>),
    /// It ends with one of these.
    Ends(Vec<String>),
    /// It holds one of these, whatever the letter case. They are in lower case.
    Holds(Vec<String>),
    /// It is an image of one of these repositories, which are written with their registry.
    Repository(Vec<String>),
    /// It reads like the label of a Windows build: `10.0.20348`.
    Build,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// The value is there.
    Given(Field),
    /// The list, map or text is there, and has something in it.
    Filled(Field),
    /// The flag is there, and is this.
    Flag(Field, bool),
    /// The text is there and compares. An absent one is not even empty.
    Is(Field, Text),
    /// The number is there, and is greater.
    Above(Field, i64),
    /// The list or map has more entries.
    LongerThan(Field, usize),
    /// An entry of the list satisfies the condition.
    Some(Field, Box<Condition>),
    /// The list is not empty, and all its entries satisfy the condition.
    Every(Field, Box<Condition>),
    /// A key of the map compares with one of these, and its value is a quantity that is not zero.
    AsksFor(Field, Vec<Text>),
    /// The object is itself a Pod, not something with a template.
    IsPod,
    /// A condition that has a name, and is decided once for each object.
    Known(Name),
}

/// The conditions that have a name, each after those that it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Some container is a HostProcess container, or the pod says that its containers are.
    HostProcess,
    /// Nothing states which nodes the pod is for.
    Unplaced,
    /// The pod states that it is for Windows, or nothing in it speaks against its Windows images: a fix may rely on
    /// it.
    SurelyWindows,
    /// Or its `windowsOptions` ask for something. Its images may still be for Linux, which takes a longer list than
    /// a policy has.
    Windows,
    /// The pod states that it is for Linux.
    Linux,
    /// Some container asks for a resource that only nodes of one system offer, or for a device by claim.
    AsksForOneSystem,
    /// The pod wants its node as only a HostProcess pod gets it on Windows, without being one.
    WantsTheHost,
}

impl Name {
    /// All of them.
    pub const ALL: [Name; 7] = [
        Name::HostProcess,
        Name::Unplaced,
        Name::SurelyWindows,
        Name::Windows,
        Name::Linux,
        Name::AsksForOneSystem,
        Name::WantsTheHost,
    ];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Name::HostProcess => "hostProcess",
            Name::Unplaced => "unplaced",
            Name::SurelyWindows => "surelyWindows",
            Name::Windows => "windows",
            Name::Linux => "linux",
            Name::AsksForOneSystem => "asksForOneSystem",
            Name::WantsTheHost => "wantsTheHost",
        }
    }
}

impl Field {
    /// The value at a pointer such as `/securityContext/runAsUser`; empty for where it begins.
    pub fn at(from: From, pointer: &str) -> Field {
        Field { from, steps: pointer.split('/').skip(1).map(str::to_owned).collect() }
    }

    /// An entry of the map that this is.
    #[must_use]
    pub fn key(mut self, key: &str) -> Field {
        self.steps.push(key.to_owned());
        self
    }
}

/// A value in the spec.
pub fn spec(pointer: &str) -> Field {
    Field::at(From::Spec, pointer)
}

/// A value in the metadata of the pod or of the template.
pub fn metadata(pointer: &str) -> Field {
    Field::at(From::Metadata, pointer)
}

/// A value in what the nearest quantifier ranges over.
pub fn item(pointer: &str) -> Field {
    Field::at(From::Item, pointer)
}

/// A value of a container, or of the pod where the container does not say.
pub fn either(pointer: &str) -> Field {
    Field::at(From::Either, pointer)
}

/// All containers.
pub fn containers() -> Field {
    Field::at(From::Containers, "")
}

/// Texts that own what they are compared with.
pub fn texts<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(Into::into).collect()
}

impl Field {
    /// It is there.
    pub fn given(self) -> Condition {
        Condition::Given(self)
    }

    /// It is there and not empty.
    pub fn filled(self) -> Condition {
        Condition::Filled(self)
    }

    /// It is `true`.
    pub fn is_true(self) -> Condition {
        Condition::Flag(self, true)
    }

    /// It is one of these texts.
    pub fn is<T: Into<String>>(self, one_of: impl IntoIterator<Item = T>) -> Condition {
        Condition::Is(self, Text::OneOf(texts(one_of)))
    }

    /// It is this text, whatever the letter case.
    pub fn names<T: Into<String>>(self, one_of: impl IntoIterator<Item = T>) -> Condition {
        Condition::Is(self, Text::Named(texts(one_of)))
    }

    /// It is an image of one of these repositories.
    pub fn is_in(self, repositories: impl IntoIterator<Item = String>) -> Condition {
        Condition::Is(self, Text::Repository(repositories.into_iter().collect()))
    }

    /// Some entry satisfies the condition.
    pub fn some(self, condition: Condition) -> Condition {
        Condition::Some(self, Box::new(condition))
    }

    /// There are entries, and all satisfy the condition.
    pub fn every(self, condition: Condition) -> Condition {
        Condition::Every(self, Box::new(condition))
    }
}

/// All of these hold.
pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::All(conditions.into_iter().collect())
}

/// One of these holds.
pub fn any(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::Any(conditions.into_iter().collect())
}

/// This does not hold.
pub fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

impl Text {
    /// Whether a text compares.
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Text::OneOf(all) => all.iter().any(|one| one == text),
            Text::Named(all) => all.iter().any(|one| one.eq_ignore_ascii_case(text)),
            Text::Begins(all) => all.iter().any(|one| text.starts_with(one.as_str())),
            Text::Ends(all) => all.iter().any(|one| text.ends_with(one.as_str())),
            Text::Holds(all) => {
                let text = text.to_ascii_lowercase();
                all.iter().any(|one| text.contains(one.as_str()))
            }
            Text::Repository(all) => {
                let name = text.split(['@', ':']).next().unwrap_or_default();
                all.iter().any(|one| one == name)
            }
            Text::Build => {
                let digits = text.strip_prefix("10.0.").unwrap_or_default();
                digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit())
            }
        }
    }
}

/// An object in which conditions are decided.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'o> {
    /// The spec of the pod or of the template.
    pub spec: &'o Value,
    /// Its metadata.
    pub metadata: &'o Value,
    /// Whether the object is itself a Pod.
    pub is_pod: bool,
}

impl<'o> Scope<'o> {
    /// Init, main and ephemeral containers, each with the pointer to it in the spec.
    pub fn containers(&self) -> impl Iterator<Item = (String, &'o Value)> + use<'o> {
        let spec = self.spec;
        ["initContainers", "containers", "ephemeralContainers"].into_iter().flat_map(move |list| {
            let containers = spec[list].as_array().into_iter().flatten().enumerate();
            containers.map(move |(index, container)| (format!("/{list}/{index}"), container))
        })
    }

    fn value(&self, field: &Field, item: &'o Value) -> Option<&'o Value> {
        let follow = |from: &'o Value| {
            let found = field.steps.iter().try_fold(from, |value, step| value.get(step.as_str()));
            found.filter(|value| !value.is_null())
        };
        match field.from {
            From::Spec => follow(self.spec),
            From::Metadata => follow(self.metadata),
            From::Item => follow(item),
            From::Either => follow(item).or_else(|| follow(self.spec)),
            From::Containers => None,
        }
    }

    fn list(&self, field: &Field, item: &'o Value) -> Vec<&'o Value> {
        if field.from == From::Containers {
            return self.containers().map(|(_, container)| container).collect();
        }
        self.value(field, item).and_then(Value::as_array).into_iter().flatten().collect()
    }

    /// Whether a condition holds for an item of the object; outside of quantifiers that is `null`.
    pub fn holds(&self, condition: &Condition, item: &'o Value) -> bool {
        match condition {
            Condition::All(all) => all.iter().all(|one| self.holds(one, item)),
            Condition::Any(any) => any.iter().any(|one| self.holds(one, item)),
            Condition::Not(one) => !self.holds(one, item),
            Condition::Given(field) => self.value(field, item).is_some(),
            Condition::Filled(field) => match self.value(field, item) {
                Some(Value::Array(list)) => !list.is_empty(),
                Some(Value::Object(map)) => !map.is_empty(),
                Some(Value::String(text)) => !text.is_empty(),
                _ => false,
            },
            Condition::Flag(field, wanted) => self.value(field, item).and_then(Value::as_bool) == Some(*wanted),
            Condition::Is(field, text) => {
                self.value(field, item).and_then(Value::as_str).is_some_and(|value| text.fits(value))
            }
            Condition::Above(field, bound) => {
                self.value(field, item).and_then(Value::as_i64).is_some_and(|n| n > *bound)
            }
            Condition::LongerThan(field, count) => {
                let length =
                    |value: &Value| value.as_array().map(Vec::len).or(value.as_object().map(serde_json::Map::len));
                self.value(field, item).and_then(length).unwrap_or_default() > *count
            }
            Condition::Some(field, one) => self.list(field, item).into_iter().any(|item| self.holds(one, item)),
            Condition::Every(field, one) => {
                let list = self.list(field, item);
                !list.is_empty() && list.into_iter().all(|item| self.holds(one, item))
            }
            Condition::AsksFor(field, names) => {
                let is_named = |key: &str| names.iter().any(|name| name.fits(key));
                let is_zero = |value: &Value| {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    Quantity::read(&text) == Some(Quantity::ZERO)
                };
                let map = self.value(field, item).and_then(Value::as_object);
                map.is_some_and(|map| map.iter().any(|(key, value)| is_named(key) && !is_zero(value)))
            }
            Condition::IsPod => self.is_pod,
            Condition::Known(name) => self.holds(super::facts::definition(*name), &Value::Null),
        }
    }
}

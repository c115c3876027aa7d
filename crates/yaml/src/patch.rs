//! JSON Patch (RFC 6902) as data, and applied to values.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::EditError;
use crate::pointer;

/// One operation of a JSON Patch, in the form RFC 6902 gives it.
///
/// `move` and `copy` are not among them: they would have to rewrite text that this crate promises
/// to keep. Say `remove` and `add` instead.
///
/// ```
/// use transom_yaml::Operation;
/// let patch: Vec<Operation> = serde_json::from_str(r#"[{"op":"remove","path":"/a"}]"#).unwrap();
/// assert_eq!(patch, [Operation::Remove { path: "/a".into() }]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Operation {
    /// Puts a value at a path: a new or replaced entry, or a new item (`/-` for the end).
    Add {
        /// JSON Pointer.
        path: String,
        /// The new value.
        value: Value,
    },
    /// Takes the value at a path away.
    Remove {
        /// JSON Pointer.
        path: String,
    },
    /// Puts another value in the place of one that is there.
    Replace {
        /// JSON Pointer.
        path: String,
        /// The new value.
        value: Value,
    },
    /// Holds the patch to a value: it fails when another is there.
    Test {
        /// JSON Pointer.
        path: String,
        /// The value that has to be there.
        value: Value,
    },
}

impl Operation {
    /// The JSON Pointer of the operation.
    pub fn path(&self) -> &str {
        match self {
            Operation::Add { path, .. }
            | Operation::Remove { path }
            | Operation::Replace { path, .. }
            | Operation::Test { path, .. } => path,
        }
    }

    /// The parts of the path.
    pub(crate) fn tokens(&self) -> Result<Vec<String>, EditError> {
        let tokens = pointer::tokens(self.path());
        let owned = |tokens: Vec<Cow<'_, str>>| tokens.into_iter().map(Cow::into_owned).collect();
        tokens.map(owned).ok_or_else(|| EditError::new(self.path(), "this is not a JSON Pointer"))
    }
}

/// Applies one operation to a value. `tokens` is the part of its path that lies within the value.
pub(crate) fn apply(value: &mut Value, tokens: &[String], operation: &Operation) -> Result<(), EditError> {
    let fail = |reason: &str| Err(EditError::new(operation.path(), reason));
    let Some((last, way)) = tokens.split_last() else {
        match operation {
            Operation::Add { value: new, .. } | Operation::Replace { value: new, .. } => *value = new.clone(),
            Operation::Remove { .. } => return fail("a whole document cannot be removed"),
            Operation::Test { value: want, .. } => return test(value, want, operation),
        }
        return Ok(());
    };
    let mut parent = value;
    for token in way {
        parent = match below_mut(parent, token) {
            Some(child) => child,
            None => return fail("there is nothing at this path"),
        };
    }
    match (operation, parent) {
        (Operation::Add { value: new, .. }, Value::Object(map)) => {
            map.insert(last.clone(), new.clone());
        }
        (Operation::Add { value: new, .. }, Value::Array(items)) => {
            let at = if last == "-" { Some(items.len()) } else { pointer::index(last) };
            match at {
                Some(at) if at <= items.len() => items.insert(at, new.clone()),
                _ => return fail("the list has no such place"),
            }
        }
        (Operation::Add { .. }, _) => return fail("what should hold this is neither mapping nor list"),
        (Operation::Remove { .. }, Value::Object(map)) if map.contains_key(last) => {
            map.remove(last);
        }
        (Operation::Remove { .. }, Value::Array(items)) => match pointer::index(last) {
            Some(at) if at < items.len() => {
                items.remove(at);
            }
            _ => return fail("there is nothing at this path"),
        },
        (Operation::Remove { .. }, _) => return fail("there is nothing at this path"),
        (Operation::Replace { value: new, .. }, parent) => match below_mut(parent, last) {
            Some(old) => *old = new.clone(),
            None => return fail("there is nothing at this path"),
        },
        (Operation::Test { value: want, .. }, parent) => match below_mut(parent, last) {
            Some(found) => return test(found, want, operation),
            None => return fail("there is nothing at this path"),
        },
    }
    Ok(())
}

fn test(found: &Value, want: &Value, operation: &Operation) -> Result<(), EditError> {
    let (mut found, mut want) = (found.clone(), want.clone());
    crate::scalar::normalize(&mut found);
    crate::scalar::normalize(&mut want);
    if found == want {
        Ok(())
    } else {
        Err(EditError::new(operation.path(), "another value is here than the patch expects"))
    }
}

/// The child of a value that a pointer part names.
pub(crate) fn below<'v>(value: &'v Value, token: &str) -> Option<&'v Value> {
    match value {
        Value::Object(map) => map.get(token),
        Value::Array(items) => items.get(pointer::index(token)?),
        _ => None,
    }
}

/// The same, to be changed.
fn below_mut<'v>(value: &'v mut Value, token: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(map) => map.get_mut(token),
        Value::Array(items) => items.get_mut(pointer::index(token)?),
        _ => None,
    }
}

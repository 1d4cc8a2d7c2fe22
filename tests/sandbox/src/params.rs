//! Typed reading of decoded parameters, with Stripe's error codes for each way to be wrong.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// Longest ordinary text parameter, in characters (Stripe's own limit for most fields).
const TEXT_LENGTH_MAX: usize = 5_000;
const METADATA_COUNT_MAX: usize = 50;
const METADATA_NAME_LENGTH_MAX: usize = 40;
const METADATA_VALUE_LENGTH_MAX: usize = 500;

/// A change to a field that may be cleared by sending the empty text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Patch<T> {
    /// Not mentioned.
    Keep,
    /// Sent as the empty text.
    Clear,
    /// Sent with a value.
    Set(T),
}

/// One level of parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    map: Map<String, Value>,
    /// `a[b]` for the parameters below it, empty at the top.
    prefix: String,
}

impl Params {
    /// The parameters of a request.
    pub(crate) fn new(map: Map<String, Value>) -> Self {
        Self { map, prefix: String::new() }
    }

    fn name(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.prefix) }
    }

    /// Refuses any parameter that is not in `names`, as Stripe does. `expand` is taken out
    /// before an endpoint sees its parameters.
    pub(crate) fn allow(&self, names: &[&str]) -> Result<(), ApiError> {
        match self.map.keys().find(|name| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some(unknown) => {
                let unknown = self.name(unknown);
                Err(ApiError::param(
                    "parameter_unknown",
                    &unknown,
                    format!("Received unknown parameter: {unknown}"),
                ))
            }
        }
    }

    /// Takes a parameter out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name)
    }

    /// True when the parameter was sent, in whatever shape.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// A text; the empty text is refused.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.patch_text(name)? {
            Patch::Keep => Ok(None),
            Patch::Set(text) => Ok(Some(text)),
            Patch::Clear => {
                let name = self.name(name);
                Err(ApiError::param(
                    "parameter_invalid_empty",
                    &name,
                    format!("You passed an empty string for '{name}'. Pass a value or leave it."),
                ))
            }
        }
    }

    /// A text that may be cleared.
    pub(crate) fn patch_text(&self, name: &str) -> Result<Patch<String>, ApiError> {
        match self.map.get(name) {
            None => Ok(Patch::Keep),
            Some(Value::String(text)) if text.is_empty() => Ok(Patch::Clear),
            Some(Value::String(text)) if text.chars().count() <= TEXT_LENGTH_MAX => {
                Ok(Patch::Set(text.clone()))
            }
            Some(Value::String(_)) => {
                let name = self.name(name);
                Err(ApiError::param(
                    "parameter_invalid_string_length",
                    &name,
                    format!("Invalid string: {name} must be at most {TEXT_LENGTH_MAX} characters"),
                ))
            }
            Some(_) => {
                let name = self.name(name);
                Err(ApiError::param("parameter_invalid_string", &name, "Invalid string"))
            }
        }
    }

    /// A text that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<String, ApiError> {
        self.text(name)?.ok_or_else(|| {
            let name = self.name(name);
            ApiError::param("parameter_missing", &name, format!("Missing required param: {name}."))
        })
    }

    /// One of `choices`.
    pub(crate) fn choice(&self, name: &str, choices: &[&str]) -> Result<Option<String>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        if choices.contains(&text.as_str()) {
            return Ok(Some(text));
        }
        let name = self.name(name);
        let message = format!("Invalid {name}: must be one of {}", choices.join(", "));
        Err(ApiError::invalid(message).with("param", name))
    }

    /// A whole number.
    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            let name = self.name(name);
            ApiError::param("parameter_invalid_integer", &name, format!("Invalid integer: {text}"))
        })
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                let message = format!("Invalid boolean: {other}");
                Err(ApiError::param("parameter_invalid_boolean", &self.name(name), message))
            }
        }
    }

    /// The parameters below `name`; `None` when absent, an error when it is a text.
    pub(crate) fn nested(&self, name: &str) -> Result<Option<Self>, ApiError> {
        match self.map.get(name) {
            None => Ok(None),
            Some(Value::Object(map)) => {
                Ok(Some(Self { map: map.clone(), prefix: self.name(name) }))
            }
            Some(_) => Err(self.not_an_object(name)),
        }
    }

    /// The list below `name`, each element an object; empty when absent.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<Self>, ApiError> {
        let Some(value) = self.map.get(name) else {
            return Ok(Vec::new());
        };
        let Value::Array(items) = value else {
            return Err(self.not_an_object(name));
        };
        let each = items.iter().enumerate().map(|(index, item)| match item {
            Value::Object(map) => {
                Ok(Self { map: map.clone(), prefix: format!("{}[{index}]", self.name(name)) })
            }
            _ => Err(self.not_an_object(name)),
        });
        each.collect()
    }

    /// The texts below `name`, as in `expand[]=a`; empty when absent.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, ApiError> {
        match self.map.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| self.not_an_object(name)),
            Some(_) => {
                let name = self.name(name);
                Err(ApiError::invalid("Invalid array").with("param", name))
            }
        }
    }

    fn not_an_object(&self, name: &str) -> ApiError {
        ApiError::invalid("Invalid object").with("param", self.name(name))
    }

    /// Merges `metadata` into `current`: an empty value deletes its key, the empty text for the
    /// whole parameter deletes them all.
    pub(crate) fn metadata(&self, current: &Value) -> Result<Value, ApiError> {
        let mut merged = current.as_object().cloned().unwrap_or_default();
        match self.map.get("metadata") {
            None => {}
            Some(Value::String(text)) if text.is_empty() => merged.clear(),
            Some(Value::Object(changes)) => {
                for (key, value) in changes {
                    let text = value.as_str().unwrap_or_default();
                    let long = key.chars().count() > METADATA_NAME_LENGTH_MAX
                        || text.chars().count() > METADATA_VALUE_LENGTH_MAX;
                    if !value.is_string() || long {
                        return Err(ApiError::invalid("Invalid metadata").with("param", "metadata"));
                    }
                    if text.is_empty() {
                        merged.remove(key);
                    } else {
                        merged.insert(key.clone(), value.clone());
                    }
                }
            }
            Some(_) => return Err(self.not_an_object("metadata")),
        }
        if merged.len() > METADATA_COUNT_MAX {
            return Err(ApiError::invalid("Too many metadata keys").with("param", "metadata"));
        }
        Ok(Value::Object(merged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form;
    use serde_json::json;

    fn params(text: &str) -> Params {
        Params::new(form::decode(text).unwrap())
    }

    #[test]
    fn wrong_types_have_stripe_codes() {
        let p = params("n=x&b=maybe&e=&i[a]=1");
        assert_eq!(p.int("n").unwrap_err().code(), Some("parameter_invalid_integer"));
        assert_eq!(p.flag("b").unwrap_err().code(), Some("parameter_invalid_boolean"));
        assert_eq!(p.text("e").unwrap_err().code(), Some("parameter_invalid_empty"));
        assert_eq!(p.required("zz").unwrap_err().code(), Some("parameter_missing"));
        assert_eq!(p.allow(&["n"]).unwrap_err().code(), Some("parameter_unknown"));
        assert_eq!(p.patch_text("e").unwrap(), Patch::Clear);
    }

    #[test]
    fn metadata_is_merged() {
        let p = params("metadata[a]=&metadata[b]=2");
        let merged = p.metadata(&json!({"a": "1", "c": "3"})).unwrap();
        assert_eq!(merged, json!({"c": "3", "b": "2"}));
        assert_eq!(params("metadata=").metadata(&merged).unwrap(), json!({}));
    }
}

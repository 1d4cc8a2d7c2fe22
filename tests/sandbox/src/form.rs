//! Decoding of `application/x-www-form-urlencoded` with nested keys, as Stripe's v1 API takes it:
//! `items[0][price]=p&expand[]=customer&metadata[k]=v`.

use serde_json::{Map, Value};

/// Longest body or query string read, in bytes.
pub(crate) const FORM_BYTES_MAX: usize = 256 * 1024;
/// Most `key=value` pairs in one form.
const PAIR_COUNT_MAX: usize = 1_000;
/// Deepest nesting: `a[b][c]` has depth 3.
const DEPTH_MAX: usize = 8;
/// Longest value, in bytes after decoding.
const VALUE_BYTES_MAX: usize = 64 * 1024;
/// Longest single name between brackets, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// Why a form was not understood; the text is fit for an API answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FormError(pub(crate) String);

/// Decodes `text` to a JSON object whose leaves are strings. Lists are written as `a[]=x` or as
/// `a[0]=x`; both become JSON arrays, in the order of appearance or of the index.
pub(crate) fn decode(text: &str) -> Result<Map<String, Value>, FormError> {
    if text.len() > FORM_BYTES_MAX {
        return Err(FormError("The request is too long.".to_owned()));
    }
    let mut root = Map::new();
    for (count, (key, value)) in form_urlencoded::parse(text.as_bytes()).enumerate() {
        if count >= PAIR_COUNT_MAX {
            return Err(FormError("The request has too many parameters.".to_owned()));
        }
        if value.len() > VALUE_BYTES_MAX {
            return Err(FormError(format!("The value of {} is too long.", shorten(&key))));
        }
        let names = split_key(&key)?;
        insert(&mut root, &names, value.into_owned(), &key)?;
    }
    Ok(match arrays(Value::Object(root)) {
        Value::Object(map) => map,
        // A form like `0=a&1=b` is an object at the top, whatever its names look like.
        other => Map::from_iter([("0".to_owned(), other)]),
    })
}

/// Splits `a[b][]` into `a`, `b` and the empty name.
fn split_key(key: &str) -> Result<Vec<&str>, FormError> {
    let invalid = || FormError(format!("Invalid parameter name: {}", shorten(key)));
    let (first, mut rest) = match key.find('[') {
        Some(at) => key.split_at(at),
        None => (key, ""),
    };
    if first.is_empty() || first.len() > NAME_BYTES_MAX {
        return Err(invalid());
    }
    let mut names = vec![first];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(invalid)?;
        let (name, after) = inner.split_once(']').ok_or_else(invalid)?;
        if name.len() > NAME_BYTES_MAX || name.contains('[') || names.len() >= DEPTH_MAX {
            return Err(invalid());
        }
        names.push(name);
        rest = after;
    }
    Ok(names)
}

fn insert(
    map: &mut Map<String, Value>,
    names: &[&str],
    value: String,
    key: &str,
) -> Result<(), FormError> {
    let clash = || FormError(format!("Invalid parameter: {} has two shapes", shorten(key)));
    let Some((name, rest)) = names.split_first() else {
        return Err(clash());
    };
    // `a[]=x` takes the next free index; `a[][b]=x` is ambiguous and, as at Stripe, refused.
    let name = match (name.is_empty(), rest.is_empty()) {
        (true, true) => map.len().to_string(),
        (true, false) => return Err(clash()),
        (false, _) => (*name).to_owned(),
    };
    if rest.is_empty() {
        return match map.insert(name, Value::String(value)) {
            None | Some(Value::String(_)) => Ok(()),
            Some(_) => Err(clash()),
        };
    }
    match map.entry(name).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => insert(inner, rest, value, key),
        _ => Err(clash()),
    }
}

/// Turns every object below the root whose names are 0, 1, 2… into an array.
fn arrays(value: Value) -> Value {
    let Value::Object(map) = value else {
        return value;
    };
    Value::Object(map.into_iter().map(|(name, inner)| (name, array_or_object(inner))).collect())
}

fn array_or_object(value: Value) -> Value {
    let Value::Object(map) = arrays(value.clone()) else {
        return value;
    };
    let mut indexed: Vec<(usize, Value)> = Vec::with_capacity(map.len());
    for (name, inner) in &map {
        match name.parse::<usize>() {
            Ok(index) if index < PAIR_COUNT_MAX => indexed.push((index, inner.clone())),
            _ => return Value::Object(map),
        }
    }
    indexed.sort_by_key(|(index, _)| *index);
    Value::Array(indexed.into_iter().map(|(_, inner)| inner).collect())
}

fn shorten(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn decoded(text: &str) -> Value {
        Value::Object(decode(text).unwrap())
    }

    #[test]
    fn nested_names_become_objects_and_lists() {
        assert_eq!(
            decoded("items[0][price]=p1&items[1][price]=p2&expand[]=a&expand[]=b&m[k]=v%20w"),
            json!({
                "items": [{"price": "p1"}, {"price": "p2"}],
                "expand": ["a", "b"],
                "m": {"k": "v w"},
            })
        );
    }

    #[test]
    fn indexes_order_a_list_and_an_empty_form_is_empty() {
        assert_eq!(decoded("a[10]=z&a[2]=y"), json!({"a": ["y", "z"]}));
        assert_eq!(decoded(""), json!({}));
    }

    #[test]
    fn malformed_names_are_refused() {
        for text in ["[a]=1", "a[b=1", "a]b[=1&a[b]c=1", "a[[b]]=1", "a=1&a[b]=2", "a[][b]=1"] {
            assert!(decode(text).is_err(), "{text}");
        }
        let deep = format!("a{}=1", "[b]".repeat(DEPTH_MAX));
        assert!(decode(&deep).is_err());
        assert!(decode(&"a=1&".repeat(PAIR_COUNT_MAX + 1)).is_err());
    }

    fn leaf_or_tree() -> impl Strategy<Value = Value> {
        let leaf = "[ -~äß日]{0,12}".prop_map(Value::String);
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Value::Array),
                prop::collection::btree_map("[a-z_]{1,8}", inner, 1..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn encode(prefix: &str, value: &Value, out: &mut form_urlencoded::Serializer<'_, String>) {
        match value {
            Value::Object(map) => {
                for (name, inner) in map {
                    let key =
                        if prefix.is_empty() { name.clone() } else { format!("{prefix}[{name}]") };
                    encode(&key, inner, out);
                }
            }
            Value::Array(list) => {
                for (index, inner) in list.iter().enumerate() {
                    encode(&format!("{prefix}[{index}]"), inner, out);
                }
            }
            other => {
                out.append_pair(prefix, other.as_str().unwrap_or_default());
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(
            map in prop::collection::btree_map("[a-z_]{1,8}", leaf_or_tree(), 0..5)
        ) {
            let value = Value::Object(map.into_iter().collect());
            let mut out = form_urlencoded::Serializer::new(String::new());
            encode("", &value, &mut out);
            prop_assert_eq!(decoded(&out.finish()), value);
        }

        #[test]
        fn any_text_is_answered_without_a_panic(text in "\\PC{0,200}") {
            let _ = decode(&text);
        }
    }
}

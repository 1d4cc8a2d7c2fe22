//! Form bodies and query strings as Stripe reads them: nested names in brackets.
//!
//! `invoice_settings[default_payment_method]=pm_1&expand[]=payments`, both sides percent-encoded
//! (<https://docs.stripe.com/api/expanding_objects>, read 2026-11).

/// A form under construction. Its pairs are written out in code, so their number needs no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// An empty form.
    #[must_use]
    pub(super) const fn new() -> Self {
        Self { pairs: Vec::new() }
    }

    /// `name=value`.
    #[must_use]
    pub(super) fn field(self, name: &str, value: &str) -> Self {
        self.pair(name.to_owned(), value)
    }

    /// `outer[inner]=value`.
    #[must_use]
    pub(super) fn nested(self, outer: &str, inner: &str, value: &str) -> Self {
        self.pair(format!("{outer}[{inner}]"), value)
    }

    /// `name[]=value`, once for each call.
    #[must_use]
    pub(super) fn item(self, name: &str, value: &str) -> Self {
        self.pair(format!("{name}[]"), value)
    }

    /// `name=value` where there is a value.
    #[must_use]
    pub(super) fn optional(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Whether it has no pair.
    #[must_use]
    pub(super) const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The form as `application/x-www-form-urlencoded`, in the order of the calls.
    #[must_use]
    pub(super) fn encode(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(&self.pairs);
        out.finish()
    }

    fn pair(mut self, name: String, value: &str) -> Self {
        self.pairs.push((name, value.to_owned()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_read_as_a_table() {
        let new = Form::new;
        #[rustfmt::skip]
        let rows = [
            (new(), ""),
            (new().field("off_session", "false"), "off_session=false"),
            (new().field("a", "1").field("b", "2"), "a=1&b=2"),
            (new().optional("a", None).optional("b", Some("2")), "b=2"),
            (new().nested("invoice_settings", "default_payment_method", "pm_1"),
             "invoice_settings%5Bdefault_payment_method%5D=pm_1"),
            (new().item("expand", "a.b").item("expand", "c"), "expand%5B%5D=a.b&expand%5B%5D=c"),
            (new().field("pause_collection", ""), "pause_collection="),
            (new().field("d", "a b&c=d+é%"), "d=a+b%26c%3Dd%2B%C3%A9%25"),
        ];
        for (form, encoded) in rows {
            assert_eq!(form.encode(), encoded);
            assert_eq!(form.is_empty(), encoded.is_empty());
        }
    }

    #[test]
    fn what_is_encoded_is_read_back_as_it_was() {
        let text = "ünï [x] &=+%\u{0}\n";
        let encoded = Form::new().nested("a", "b", text).encode();
        let pairs: Vec<_> = form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
        assert_eq!(pairs, [("a[b]".to_owned(), text.to_owned())]);
    }
}

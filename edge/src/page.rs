//! The hosted page as HTML: one file with every view in it, in every language of the widget's.
//!
//! It is the same page for every link, so it can be answered without looking anything up, and what
//! it says gives nothing away. Script and style come from our own origin (`widget/page/`).

pub mod declaration;

use crate::config::{Config, StripeConfig};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use worker::Url;

const TEMPLATE: &str = include_str!("page/page.html");
/// By the widget's names for them: a tag's first part.
const LANGUAGES: [(&str, &str); 10] = [
    ("en", include_str!("page/en.json")),
    ("de", include_str!("page/de.json")),
    ("ar", include_str!("page/ar.json")),
    ("ja", include_str!("page/ja.json")),
    ("fr", include_str!("page/fr.json")),
    ("es", include_str!("page/es.json")),
    ("pt", include_str!("page/pt.json")),
    ("pl", include_str!("page/pl.json")),
    ("tr", include_str!("page/tr.json")),
    ("ko", include_str!("page/ko.json")),
];
/// The longest `Accept-Language` header read, in bytes.
const ACCEPT_BYTES_MAX: usize = 400;
/// The most languages read of it.
const ACCEPT_ITEMS_MAX: usize = 20;
/// Stripe's own host of its script, and what it needs:
/// <https://docs.stripe.com/security/guide#content-security-policy> (read 2026-11).
const STRIPE_JS_HOST: &str = "js.stripe.com";

type Texts = BTreeMap<String, String>;

/// What the page shows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What this is, and *Continue*.
    Start,
    /// There cannot be such a link.
    Gone,
    /// Back from the provider's page.
    Done,
}

impl View {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Gone => "gone",
            Self::Done => "done",
        }
    }
}

/// Whose page it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Merchant<'a> {
    /// The company's name; may be empty.
    pub name: &'a str,
    /// Where a person can be reached.
    pub contact_url: Option<&'a str>,
}

impl<'a> Merchant<'a> {
    /// As the operator configured it.
    #[must_use]
    pub fn of(config: &'a Config) -> Self {
        Self { name: &config.merchant_name, contact_url: config.contact_url.as_deref() }
    }
}

/// The page in a language of [`language_of`].
#[must_use]
pub fn html(view: View, language: &str, merchant: Merchant<'_>) -> String {
    let texts = texts_of(language);
    let direction = if language == "ar" { "rtl" } else { "ltr" };
    fill(TEMPLATE, |name, page| match name {
        "lang" => page.push_str(language),
        "dir" => page.push_str(direction),
        "name" => escape_into(page, merchant.name),
        "contact" => escape_into(page, merchant.contact_url.unwrap_or_default()),
        "link" => page.push_str(if view == View::Start { "yes" } else { "no" }),
        "start" | "gone" | "done" => {
            page.push_str(if name == view.as_str() { "" } else { "hidden" });
        }
        // The widget's words for the same thing.
        name if name.contains('.') => escape_into(page, declaration::text(language, name)),
        name => escape_into(page, texts.get(name).map_or("", String::as_str)),
    })
}

/// A template with what `put` writes in the place of each `{{name}}`.
fn fill(template: &str, mut put: impl FnMut(&str, &mut String)) -> String {
    let mut page = String::with_capacity(template.len().saturating_mul(2));
    let mut rest = template;
    while let Some((before, marked)) = rest.split_once("{{") {
        let Some((name, after)) = marked.split_once("}}") else { break };
        page.push_str(before);
        put(name, &mut page);
        rest = after;
    }
    page.push_str(rest);
    page
}

/// What the page may load: our own files, the provider's script and frames, and nothing else. No
/// inline script or style is allowed, so that a text that slips in stays a text.
#[must_use]
pub fn content_security_policy(stripe: &StripeConfig) -> String {
    let (script, frame) = provider_sources(&stripe.js_url);
    // The provider's script asks its API how the bank's question ended.
    let connect = origin_of(&stripe.api_base);
    [
        "default-src 'none'".to_owned(),
        format!("script-src 'self' 'wasm-unsafe-eval' {script}"),
        "style-src 'self'".to_owned(),
        format!("connect-src 'self' {connect}"),
        format!("frame-src {frame}"),
        "img-src 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        "form-action 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}

fn provider_sources(js_url: &str) -> (String, String) {
    let origin = origin_of(js_url);
    if origin.strip_prefix("https://") == Some(STRIPE_JS_HOST) {
        let own = format!("{origin} https://*.{STRIPE_JS_HOST}");
        let frame = format!("{own} https://hooks.stripe.com");
        return (own, frame);
    }
    (origin.clone(), origin)
}

fn origin_of(url: &str) -> String {
    Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// The first of our languages that the browser accepts, by its own order of preference; English
/// where there is none.
#[must_use]
pub fn language_of(accept_language: Option<&str>) -> &'static str {
    let mut wanted: Vec<(u32, &'static str)> = accepted(accept_language)
        .filter_map(|(tag, weight)| {
            let start = tag.split(['-', '_']).next()?;
            let known = LANGUAGES.iter().find(|(name, _)| name.eq_ignore_ascii_case(start))?;
            (weight > 0).then_some((weight, known.0))
        })
        .collect();
    // Stable: of two with the same weight the first one wins.
    wanted.sort_by_key(|(weight, _)| core::cmp::Reverse(*weight));
    wanted.first().map_or("en", |(_, language)| language)
}

/// The tags of the header in its own order, each with its weight in thousandths.
pub fn accepted(header: Option<&str>) -> impl Iterator<Item = (&str, u32)> {
    let header = header.filter(|header| header.len() <= ACCEPT_BYTES_MAX);
    header.unwrap_or_default().split(',').take(ACCEPT_ITEMS_MAX).filter_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let tag = parts.next()?;
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, permille);
        Some((tag, weight))
    })
}

/// `0.8` → 800. What is not a weight counts as none.
fn permille(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse::<u32>()) {
        ("1", _) => 1_000,
        ("0", Ok(permille)) => permille,
        _ => 0,
    }
}

fn texts_of(language: &str) -> &'static Texts {
    static TEXTS: OnceLock<BTreeMap<&'static str, Texts>> = OnceLock::new();
    static NONE: Texts = Texts::new();
    let all = TEXTS.get_or_init(|| {
        // A file that could not be read would leave an empty page; a test reads them all.
        let read = |text| serde_json::from_str(text).unwrap_or_default();
        LANGUAGES.iter().map(|(name, text)| (*name, read(text))).collect()
    });
    all.get(language).unwrap_or(&NONE)
}

fn escape_into(page: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            other => page.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Secret;
    use crate::provider::stripe::MethodType;
    use std::collections::BTreeSet;

    const ADA: Merchant<'static> =
        Merchant { name: "Ada & <Sons>", contact_url: Some("https://a.example/?x=\"y\"") };

    fn markers() -> BTreeSet<&'static str> {
        let marked = TEMPLATE.split("{{").skip(1);
        marked.map(|marked| marked.split_once("}}").unwrap().0).collect()
    }

    #[test]
    fn every_text_of_the_page_is_there_in_every_language() {
        let ours = ["lang", "dir", "name", "contact", "link", "start", "gone", "done"];
        let is_own = |name: &&str| !ours.contains(name) && !name.contains('.');
        let wanted: BTreeSet<&str> = markers().into_iter().filter(is_own).collect();
        for (language, _) in LANGUAGES {
            let there: BTreeSet<&str> = texts_of(language).keys().map(String::as_str).collect();
            assert_eq!(there, wanted, "{language}");
            assert!(texts_of(language).values().all(|text| !text.trim().is_empty()), "{language}");
            let mut of_widget = markers().into_iter().filter(|name| name.contains('.'));
            assert!(of_widget.all(|name| !declaration::text(language, name).is_empty()));
        }
    }

    #[test]
    fn one_view_is_shown_and_nothing_is_left_open() {
        for view in [View::Start, View::Gone, View::Done] {
            for (language, _) in LANGUAGES {
                let page = html(view, language, ADA);
                assert!(!page.contains("{{") && !page.contains("}}"));
                assert!(page.contains("Ada &amp; &lt;Sons&gt;") && !page.contains("<Sons>"));
                assert!(page.contains("data-contact=\"https://a.example/?x=&quot;y&quot;\""));
                let shown = format!("data-view=\"{}\" >", view.as_str());
                assert!(page.contains(&shown), "{view:?}");
                assert_eq!(page.matches("hidden>").count(), 7, "{view:?}: of eight views");
                assert_eq!(page.contains("dir=\"rtl\""), language == "ar");
            }
        }
    }

    #[test]
    fn the_page_has_nothing_inline() {
        let page = html(View::Start, "en", Merchant::default());
        assert!(!page.contains("<style") && !page.contains("style="));
        assert!(!TEMPLATE.contains(" on"), "no handlers in attributes");
        let scripts: Vec<&str> = page.split("<script").skip(1).collect();
        assert!(scripts.iter().all(|script| script.starts_with(" src=\"/v1/")));
        assert!(scripts.iter().all(|script| script.contains("></script>")));
    }

    #[test]
    fn the_language_is_the_browser_s_first_that_we_have() {
        #[rustfmt::skip]
        let rows = [
            (None,                                   "en"),
            (Some(""),                               "en"),
            (Some("de"),                             "de"),
            (Some("de-AT,de;q=0.9,en;q=0.8"),        "de"),
            (Some("zh-CN, zh;q=0.9, ja;q=0.7"),      "ja"),
            (Some("fr-CA, en;q=0.9"),                "fr"),
            (Some("pt-PT, pt;q=0.9"),                "pt"),
            (Some("kok, ko;q=0.5"),                  "ko"),
            (Some("en;q=0.5, ar;q=0.9"),             "ar"),
            (Some("en;q=0.9, de;q=0.95"),            "de"),
            (Some("DE"),                             "de"),
            (Some("de;q=0, ja;q=0.1"),               "ja"),
            (Some("ja;q=nonsense, de;q=0.1"),        "de"),
            (Some("deutsch, *"),                     "en"),
            (Some(";;;,,q=1"),                       "en"),
        ];
        for (header, language) in rows {
            assert_eq!(language_of(header), language, "{header:?}");
        }
        assert_eq!(language_of(Some(&"de,".repeat(200))), "en", "a header like no browser's");
    }

    #[test]
    fn the_policy_names_the_provider_and_nobody_else() {
        let stripe = |api_base: &str, js_url: &str| StripeConfig {
            api_base: api_base.to_owned(),
            secret_key: Secret::new("sk"),
            publishable_key: String::new(),
            js_url: js_url.to_owned(),
            webhook_secrets: Vec::new(),
            method_types: vec![MethodType::Card],
        };
        let api = "https://api.stripe.com";
        let real = content_security_policy(&stripe(api, "https://js.stripe.com/endive/stripe.js"));
        assert!(real.contains("connect-src 'self' https://api.stripe.com;"), "{real}");
        assert!(real.contains("script-src 'self' 'wasm-unsafe-eval' https://js.stripe.com "));
        assert!(real.contains("https://hooks.stripe.com") && !real.contains("unsafe-inline"));
        let js = "http://127.0.0.1:8711/v3/stripe.js";
        let local = content_security_policy(&stripe("http://127.0.0.1:8710", js));
        assert!(local.contains("connect-src 'self' http://127.0.0.1:8710;"), "{local}");
        assert!(local.contains("frame-src http://127.0.0.1:8711;"), "{local}");
        assert!(!local.contains("stripe"), "{local}");
    }
}

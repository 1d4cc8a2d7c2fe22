//! docs/reference.md: all that a page may give to the widget and hear from it, in one table that is
//! made of the sources in which these things are declared.
//!
//! Options, calls and events are those of the package's types, attributes those that the package
//! writes, custom properties those listed above the stylesheet, parts those listed above the views,
//! texts those of the English locale files. What the code uses and nobody declared is found, too.

mod read;

use super::{Finding, SourceFile, load};
use crate::error::{Context, Result};
use crate::paths::Paths;
use read::{Member, between, interface, quoted_after};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

const PAGE: &str = "docs/reference.md";
const TYPES: &str = "widget/package/index.d.ts";
const HANDLE: &str = "widget/package/handle.js";
const ELEMENT: &str = "widget/loader/element.js";
const PRESS: &str = "widget/loader/later.js";
const REACT: [&str; 2] = ["widget/package/react.js", "widget/package/react.d.ts"];
const STYLE: &str = "widget/style/notice.css";
const VIEW: &str = "widget/src/view.rs";
const LEAVING_STYLE: &str = "widget/style/cancel.css";
const CLIENT: &str = "widget/src/client.rs";
/// The locale files, and what stands before their keys for own words (docs/languages.md).
const TEXTS: [(&str, &str); 2] =
    [("widget/locale/en.json", ""), ("widget/locale/cancel/en.json", "leave.")];

const HEAD: &str = "\
# Reference

Everything that a page gives to the widget and hears from it. Written by `cargo xtask reference`
from the sources; do not edit it by hand. How these things are used stands in [embed.md](embed.md).

- An *attribute* belongs to `<reprieve-widget>`; on the script tag it has `data-` before it. In the
  package and in `reprieve('init', …)` it is the option beside it.
- A *call* is a method of the handle that `init` gives, and a word of the script's global:
  `reprieve('open', 'update')`. The element itself has `open` and `refresh`.
- An *event* is sent by the element and bubbles; its value is the `detail`.
  `handle.on('recovered', …)` and React's `onRecovered` get the detail alone.
- A *text* can be replaced by [your own words](languages.md#your-own-words), in the language of your
  page; the table has the English ones.

| Kind | Name | Value | Meaning |
|---|---|---|---|
";

/// Rows of the table, and what is wrong with the sources.
#[derive(Default)]
struct Reference {
    text: String,
    problems: Vec<String>,
}

impl Reference {
    fn row(&mut self, kind: &str, name: &str, value: &str, meaning: &str) {
        let cell = |text: &str| text.replace('|', "\\|");
        let value = if value.is_empty() { String::new() } else { format!("`{}`", cell(value)) };
        let _ = writeln!(self.text, "| {kind} | {name} | {value} | {} |", cell(meaning));
    }

    fn wants(&mut self, is_fine: bool, problem: impl FnOnce() -> String) {
        if !is_fine {
            self.problems.push(problem());
        }
    }
}

/// The page is what the sources say, and they say all that the code does.
pub(super) fn current(files: &[SourceFile]) -> Vec<Finding> {
    let made = make(files);
    let page = files.iter().find(|file| file.path == PAGE);
    let mut problems = made.problems;
    if page.is_none_or(|page| page.text != made.text) {
        problems.push("is not what the sources say: run `cargo xtask reference`".to_owned());
    }
    let finding = |message| Finding { path: PAGE.to_owned(), line: 0, message };
    problems.into_iter().map(finding).collect()
}

/// Writes the page.
pub(crate) fn write(paths: &Paths) -> Result<()> {
    let made = make(&load(paths)?);
    let path = paths.root.join(PAGE);
    fs::write(&path, made.text).context(format_args!("write {}", path.display()))
}

fn text<'a>(files: &'a [SourceFile], path: &str) -> &'a str {
    files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str())
}

fn make(files: &[SourceFile]) -> Reference {
    let mut made = Reference { text: HEAD.to_owned(), problems: Vec::new() };
    attributes(&mut made, files);
    calls(&mut made, files);
    events(&mut made, files);
    style(&mut made, files);
    texts(&mut made, files);
    made
}

fn attributes(made: &mut Reference, files: &[SourceFile]) {
    let map = between(text(files, HANDLE), "const ATTRIBUTES = {", "};");
    let names: BTreeMap<&str, &str> = map
        .lines()
        .filter_map(|line| line.trim().split_once(':'))
        .map(|(option, name)| (option, name.trim_matches(|it| " ',".contains(it))))
        .collect();
    let options = interface(text(files, TYPES), "Options");
    let element = interface(text(files, TYPES), "ReprieveElement");
    made.wants(!options.is_empty(), || format!("{TYPES} has no options"));
    for option in names.keys() {
        made.wants(options.iter().any(|it| it.name == *option), || {
            format!("option {option:?} of {HANDLE} is not in {TYPES}")
        });
    }
    for Member { name, value, meaning, .. } in &options {
        let value = value.trim_end_matches("| null").trim();
        match names.get(name.as_str()) {
            Some(attribute) => {
                let names = format!("`{attribute}`, option `{name}`");
                made.row("attribute", &names, value, meaning);
            }
            None if element.iter().any(|it| &it.name == name) => {
                made.row("property, option", &format!("`{name}`"), value, meaning);
            }
            None => made.row("option", &format!("`{name}`"), value, meaning),
        }
    }
    let declared = |name: &str| names.values().any(|it| *it == name) || name == "hidden";
    for file in files.iter().filter(|file| file.is_in("widget/")) {
        let marks: &[&str] = match file.path.rsplit('.').next() {
            Some("js") => &["getAttribute('"],
            Some("css") => &[":host(["],
            Some("rs") if file.is_in("widget/src/client") => &["attribute(\""],
            _ => &[],
        };
        for name in marks.iter().flat_map(|mark| quoted_after(&file.text, mark)) {
            let is_ours = file.is_in("widget/loader/") || !file.path.ends_with(".js");
            let is_known = declared(name) || name.starts_with("data-") || name == "lang";
            made.wants(!is_ours || is_known, || {
                format!("{}: attribute {name:?} is not in {HANDLE}", file.path)
            });
        }
    }
}

fn calls(made: &mut Reference, files: &[SourceFile]) {
    for Member { name, value, meaning, is_method } in interface(text(files, TYPES), "Handle") {
        if is_method {
            made.row("call", &format!("`{name}`"), &value, &meaning);
        }
    }
    let of_element = interface(text(files, TYPES), "ReprieveElement");
    for name in methods(text(files, ELEMENT)) {
        made.wants(of_element.iter().any(|it| it.name == name), || {
            format!("the element's method {name:?} is not in {TYPES}")
        });
    }
    buttons(made, files);
}

/// What the class of the element has for pages, by the indent that methods have there.
fn methods(element: &str) -> Vec<&str> {
    let lines = element.lines().filter_map(|line| line.strip_prefix("      ")?.strip_suffix(") {"));
    let names = lines.filter_map(|line| line.split_once('(')).map(|(name, _)| name);
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    names.filter(is_name).filter(|name| !name.ends_with("Callback")).collect()
}

/// What a press opens, and what else the button says: the code reads what the types have.
fn buttons(made: &mut Reference, files: &[SourceFile]) {
    let types = text(files, TYPES);
    let attributes = interface(types, "ButtonAttributes");
    for Member { meaning, name, .. } in &attributes {
        made.row("attribute of a button", &format!("`{name}`"), "", meaning);
    }
    let read = between(text(files, PRESS), "const { ", " } = what.dataset");
    let mut read: Vec<String> = read
        .split(", ")
        .map(|name| format!("data-{}", name.split(':').next().unwrap_or(name)))
        .collect();
    let mut typed: Vec<String> = attributes.iter().map(|it| it.name.clone()).collect();
    read.sort();
    typed.sort();
    made.wants(read == typed, || format!("{PRESS} reads {read:?}, {TYPES} has {typed:?}"));
    for (of, attribute) in [("Aim", "data-reprieve"), ("About", "data-about")] {
        let words = between(types, &format!("export type {of} = "), ";");
        made.wants(!words.is_empty(), || format!("{TYPES} has no type {of}"));
        for word in words.split('|').map(|word| word.trim().replace('\'', "`")) {
            let meaning = attributes.iter().find(|it| it.name == attribute).map(|it| &it.meaning);
            made.wants(meaning.is_some_and(|it| it.contains(&word)), || {
                format!("{TYPES}: the comment of {attribute} lacks {word}")
            });
        }
    }
}

fn events(made: &mut Reference, files: &[SourceFile]) {
    let events = interface(text(files, TYPES), "Events");
    made.wants(!events.is_empty(), || format!("{TYPES} has no events"));
    for Member { name, value, meaning, .. } in &events {
        let detail = if value.starts_with("Record") { "{}" } else { value };
        made.row("event", &format!("`reprieve:{name}`"), detail, meaning);
        let (first, rest) = name.split_at_checked(1).unwrap_or_default();
        let on = format!("on{}{rest}", first.to_uppercase());
        let [code, types] = REACT.map(|path| text(files, path));
        made.wants(code.contains(&format!("{on}: '{name}'")), || {
            format!("{}: {on} is missing", REACT[0])
        });
        made.wants(types.contains(&format!("{on}?: (detail: Events['{name}'])")), || {
            format!("{}: {on} is missing", REACT[1])
        });
    }
    let told = between(text(files, CLIENT), "pub fn tell(", "self.loader.emit");
    let arms = told.lines().map(str::trim).filter_map(|line| {
        let line = line.rsplit("=> ").next().unwrap_or(line).trim_end_matches(',');
        line.strip_prefix('"')?.strip_suffix('"')
    });
    let mut sent: Vec<&str> = arms.collect();
    made.wants(sent.len() > 4, || format!("{CLIENT}: the events were not found"));
    for file in files.iter().filter(|file| file.is_in("widget/") && !file.is_in("widget/tests/")) {
        let is_js = file.path.ends_with(".js") && !file.is_in("widget/page/");
        let marks: &[&str] = if is_js {
            &["emit('", "tell(element, '"]
        } else if file.is_rust() {
            &[".emit(\""]
        } else {
            &[]
        };
        sent.extend(marks.iter().flat_map(|mark| quoted_after(&file.text, mark)));
    }
    for name in sent.into_iter().filter(|name| !name.is_empty()) {
        made.wants(events.iter().any(|event| event.name == name), || {
            format!("event {name:?} is sent and is not in {TYPES}")
        });
    }
}

/// `<name>   <meaning>`, indented, in the comment at the head of a file.
fn listed(file: &str, is_name: impl Fn(&str) -> bool) -> Vec<(&str, &str)> {
    let head = file.split("*/").next().unwrap_or_default();
    let lines = head.lines().filter_map(|line| {
        line.trim().strip_prefix("*   ").or_else(|| line.strip_prefix("//!   "))
    });
    let pairs = lines.filter_map(|line| line.trim().split_once(char::is_whitespace));
    pairs.filter(|(name, _)| is_name(name)).map(|(name, what)| (name, what.trim())).collect()
}

fn style(made: &mut Reference, files: &[SourceFile]) {
    let (css, leaving) = (text(files, STYLE), text(files, LEAVING_STYLE));
    let properties = listed(css, |name| name.starts_with("--reprieve-"));
    let parts = listed(text(files, VIEW), |name| name.starts_with("::part("));
    for (name, meaning) in &properties {
        made.row("custom property", &format!("`{name}`"), "", meaning);
    }
    for (name, meaning) in &parts {
        made.row("part", &format!("`{name}`"), "", meaning);
    }
    let used: Vec<&str> =
        [css, leaving].iter().flat_map(|css| quoted_after(css, "var(--reprieve-")).collect();
    for name in &used {
        let full = format!("--reprieve-{name}");
        let is_listed = properties.iter().any(|(listed, _)| *listed == full);
        made.wants(is_listed, || format!("{STYLE}: {full} is used and not listed above"));
    }
    for (name, _) in &properties {
        let is_used = used.iter().any(|used| *name == format!("--reprieve-{used}"));
        made.wants(is_used, || format!("{STYLE}: {name} is listed and not used"));
    }
    const MARKS: [&str; 6] = [
        "\"part\", \"",
        "\"part\", Value::Is(\"",
        "Value::Part(\"",
        "line(ui, \"",
        " part: \"",
        ".part = '",
    ];
    let views = files.iter().filter(|file| {
        file.is_in("widget/src/view")
            || (file.is_in("widget/loader/") && file.path.ends_with(".js"))
    });
    for file in views {
        for name in MARKS.iter().flat_map(|mark| quoted_after(&file.text, mark)) {
            let full = format!("::part({name})");
            made.wants(parts.iter().any(|(part, _)| *part == full), || {
                format!("{}: {full} is not listed above {VIEW}", file.path)
            });
        }
    }
}

fn texts(made: &mut Reference, files: &[SourceFile]) {
    for (path, prefix) in TEXTS {
        // Read by hand to keep the order, which is that of the screens.
        let lines = text(files, path).lines().map(|line| line.trim().trim_end_matches(','));
        let pairs: Vec<_> = lines.filter_map(|line| line.split_once("\": \"")).collect();
        made.wants(pairs.len() > 20, || format!("{path} was not understood"));
        for (key, english) in pairs {
            let english = english.trim_end_matches('"').replace("\\\"", "\"");
            let key = format!("`{prefix}{}`", key.trim_start_matches('"'));
            made.row("text", &key, "", &english);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Vec<SourceFile> {
        load(&Paths::discover().unwrap()).unwrap()
    }

    #[test]
    fn what_is_used_and_not_declared_is_found() {
        for (path, more, wanted) in [
            ("widget/loader/session.js", "element.getAttribute('colour');", "attribute \"colour\""),
            ("widget/loader/session.js", "emit('refunded', {});", "event \"refunded\""),
            ("widget/style/notice.css", "a { b: var(--reprieve-new) }", "--reprieve-new is used"),
            ("widget/loader/session.js", "line.part = 'corner';", "::part(corner)"),
            ("widget/loader/element.js", "\n      shut(why) {\n", "method \"shut\""),
        ] {
            let mut files = tree();
            let file = files.iter_mut().find(|file| file.path == path).unwrap();
            file.text.push_str(more);
            let found = current(&files);
            assert!(found.iter().any(|it| it.message.contains(wanted)), "{wanted}: {found:?}");
        }
    }

    #[test]
    fn what_the_types_or_the_component_lack_is_found() {
        for (path, what, instead, wanted) in [
            (TYPES, "'data-about'?: About;", "", "later.js reads"),
            (TYPES, "`manage` or `question`", "`manage`", "data-reprieve lacks `question`"),
            (TYPES, "  wall?: boolean | null;", "", "option \"wall\""),
            (REACT[0], "onAsked: 'asked',", "", "react.js: onAsked is missing"),
            (REACT[1], "onAsked?:", "onAnswered?:", "react.d.ts: onAsked is missing"),
        ] {
            let mut files = tree();
            let file = files.iter_mut().find(|file| file.path == path).unwrap();
            assert!(file.text.contains(what), "{what}");
            file.text = file.text.replace(what, instead);
            let found = current(&files);
            assert!(found.iter().any(|it| it.message.contains(wanted)), "{wanted}: {found:?}");
        }
    }

    #[test]
    fn a_page_of_yesterday_is_found() {
        let mut files = tree();
        files.iter_mut().find(|file| file.path == PAGE).unwrap().text.push('\n');
        assert_eq!(current(&files).len(), 1);
        files.retain(|file| file.path != PAGE);
        assert_eq!(current(&files).len(), 1);
    }
}

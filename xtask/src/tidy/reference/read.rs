//! Just enough of TypeScript's and JavaScript's grammar for files that we write ourselves.

/// A member of an interface.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    /// Its type, or for a method its signature.
    pub(super) value: String,
    /// Its documentation in one line.
    pub(super) meaning: String,
    pub(super) is_method: bool,
}

/// What stands between two marks; empty where one of them is missing.
pub(super) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).map_or("", |(_, rest)| rest);
    rest.split_once(end).map_or("", |(inside, _)| inside)
}

/// The words that follow a mark: letters, digits and hyphens.
pub(super) fn quoted_after<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    let rests = text.split(mark).skip(1);
    let is_word = |symbol: char| symbol.is_ascii_alphanumeric() || symbol == '-' || symbol == '_';
    rests.map(|rest| rest.split(|symbol| !is_word(symbol)).next().unwrap_or_default()).collect()
}

/// The documented members of `export interface <name> …`, in their order.
pub(super) fn interface(types: &str, name: &str) -> Vec<Member> {
    let start = format!("export interface {name} ");
    let body = between(types, &start, "\n}").split_once('{').map_or("", |(_, body)| body);
    let mut members = Vec::new();
    let (mut meaning, mut declaration, mut is_comment) = (String::new(), String::new(), false);
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("/**") {
            meaning.clear();
            is_comment = true;
        }
        if is_comment {
            let words = line.trim_start_matches('/').trim_matches(|it| it == '*' || it == ' ');
            let words = words.trim_end_matches("*/").trim();
            meaning = format!("{meaning} {words}").trim().to_owned();
            is_comment = !line.ends_with("*/");
            continue;
        }
        declaration = format!("{declaration} {line}").trim().to_owned();
        let is_whole = declaration.matches('{').count() == declaration.matches('}').count();
        if is_whole && declaration.ends_with(';') {
            members.push(member(declaration.trim_end_matches(';'), &meaning));
            declaration.clear();
            meaning.clear();
        }
    }
    members
}

fn member(declaration: &str, meaning: &str) -> Member {
    let declaration = declaration.trim_start_matches("readonly ");
    let ends = |symbol: char| !(symbol.is_ascii_alphanumeric() || symbol == '_' || symbol == '-');
    let is_quoted = declaration.starts_with('\'');
    let bare = declaration.trim_start_matches('\'');
    let name = bare.split(ends).next().unwrap_or_default();
    let rest = bare.get(name.len()..).unwrap_or_default().trim_start_matches('\'');
    let is_method = !is_quoted && rest.starts_with(['(', '<']);
    let value = if is_method { declaration } else { rest.trim_start_matches(['?', ':', ' ']) };
    let value = value.trim_end_matches(';').replace("; }", " }");
    Member { name: name.to_owned(), value, meaning: meaning.to_owned(), is_method }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_with_their_words() {
        let types = [
            "/** x */\nexport interface One extends Other {",
            "  /** First. */\n  a?: 'b' | 'c';",
            "  /** Second,\n   * longer. */\n  call(what: Aim): Promise<boolean>;",
            "  status: {\n    state: 'x';\n    access: 'y';\n  };\n}",
            "export interface Two {}",
        ];
        let types = &types.join("\n");
        let found = interface(types, "One");
        let names: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.is_method)).collect();
        assert_eq!(names, [("a", false), ("call", true), ("status", false)]);
        assert_eq!((found[0].value.as_str(), found[0].meaning.as_str()), ("'b' | 'c'", "First."));
        assert_eq!(found[1].value, "call(what: Aim): Promise<boolean>");
        assert_eq!(found[1].meaning, "Second, longer.");
        assert_eq!(found[2].value, "{ state: 'x'; access: 'y' }");
        assert!(interface(types, "Three").is_empty());
    }

    #[test]
    fn words_end_where_they_end() {
        assert_eq!(quoted_after("f('a-b'); f('c', d)", "f('"), ["a-b", "c"]);
        assert_eq!(between("a[b]c", "[", "]"), "b");
        assert_eq!(between("a[b", "[", "]"), "");
    }
}

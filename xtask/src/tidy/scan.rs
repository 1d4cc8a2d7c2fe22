//! Just enough of Rust's grammar to tell code from comments and strings.

/// What the scanner is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Code,
    LineComment,
    BlockComment(u32),
    Text,
    RawText(usize),
}

/// `text` with comments, string contents and character literals replaced by spaces. Line breaks
/// stay, so line numbers do too. A line with a comment or a string keeps its code.
pub(super) fn code_only(text: &str) -> String {
    let chars = text.chars().collect::<Vec<_>>();
    let mut code = String::with_capacity(text.len());
    let mut inside = Inside::Code;
    let mut at = 0;
    while let Some(&now) = chars.get(at) {
        let rest = chars.get(at..).unwrap_or_default();
        let (next, taken) = step(inside, rest, code.chars().next_back());
        for (offset, symbol) in rest.iter().take(taken).enumerate() {
            let visible = inside == Inside::Code && next == Inside::Code && taken == 1;
            let keep = *symbol == '\n' || (visible && offset == 0);
            code.push(if keep { *symbol } else { ' ' });
        }
        debug_assert!(taken > 0, "stuck at {now:?}");
        inside = next;
        at += taken.max(1);
    }
    code
}

/// What comes after the first characters of `rest`, and how many of them belong together.
fn step(inside: Inside, rest: &[char], before: Option<char>) -> (Inside, usize) {
    match inside {
        Inside::Code => open(rest, before),
        Inside::LineComment if rest.starts_with(&['\n']) => (Inside::Code, 1),
        Inside::BlockComment(depth) if rest.starts_with(&['*', '/']) => {
            (if depth > 1 { Inside::BlockComment(depth - 1) } else { Inside::Code }, 2)
        }
        Inside::BlockComment(depth) if rest.starts_with(&['/', '*']) => {
            (Inside::BlockComment(depth + 1), 2)
        }
        Inside::Text if rest.starts_with(&['\\']) => (Inside::Text, rest.len().min(2)),
        Inside::Text if rest.starts_with(&['"']) => (Inside::Code, 1),
        Inside::RawText(hashes) if rest.starts_with(&['"']) => {
            let closing = rest.iter().skip(1).take(hashes).filter(|symbol| **symbol == '#').count();
            if closing == hashes { (Inside::Code, 1 + hashes) } else { (inside, 1) }
        }
        _ => (inside, 1),
    }
}

/// Looks at code: does a comment, a string or a character literal begin here?
fn open(rest: &[char], before: Option<char>) -> (Inside, usize) {
    let in_word = before.is_some_and(|symbol| symbol.is_alphanumeric() || symbol == '_');
    match rest {
        ['/', '/', ..] => (Inside::LineComment, 2),
        ['/', '*', ..] => (Inside::BlockComment(1), 2),
        ['"', ..] => (Inside::Text, 1),
        ['r', tail @ ..] if !in_word => {
            raw_text(tail).map_or((Inside::Code, 1), |hashes| (Inside::RawText(hashes), 2 + hashes))
        }
        ['\'', '\\', ..] => (Inside::Code, character_length(rest)),
        ['\'', _, '\'', ..] => (Inside::Code, 3),
        _ => (Inside::Code, 1),
    }
}

/// After an `r`: the number of hashes before the quote of a raw string.
fn raw_text(tail: &[char]) -> Option<usize> {
    let hashes = tail.iter().take_while(|symbol| **symbol == '#').count();
    (tail.get(hashes) == Some(&'"')).then_some(hashes)
}

/// Length of an escaped character literal such as `'\n'` or `'\u{1F600}'`.
fn character_length(rest: &[char]) -> usize {
    let closing = rest.iter().skip(3).position(|symbol| *symbol == '\'');
    closing.map_or(1, |distance| distance + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_blanked_and_code_stays() {
        let cases = [
            ("let a = 1; // now()", "let a = 1;"),
            ("/* now() /* inner */ still */ b()", "b()"),
            (r#"f("now() \" x", c)"#, "f(            , c)"),
            (r##"f(r#"a "now" b"#, d)"##, "d)"),
            ("let c = '\"'; g()", "g()"),
            (r"let c = '\''; g()", "g()"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("barr\"x\"", "barr"),
        ];
        for (text, wanted) in cases {
            let code = code_only(text);
            let squeeze = |text: &str| text.replace([' ', '"'], "");
            assert!(squeeze(&code).contains(&squeeze(wanted)), "{text} -> {code}");
            assert!(!code.contains("now"), "{text} -> {code}");
            assert_eq!(code.chars().count(), text.chars().count());
        }
    }

    #[test]
    fn lines_keep_their_numbers() {
        let code = code_only("/* a\nb */\nlet s = \"x\ny\";\nend");
        assert_eq!(code.lines().nth(4), Some("end"));
    }
}

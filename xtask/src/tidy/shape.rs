//! Lengths of files and lines, and a description at the head of every module.

use super::{Finding, SourceFile};

const FILE_LINES_MAX: usize = 400;
const LINE_COLUMNS_MAX: usize = 100;

/// What people write by hand. Not: lockfiles, JSON, prose.
const HANDWRITTEN: [&str; 9] =
    [".rs", ".js", ".mjs", ".ts", ".css", ".html", ".sql", ".sh", ".yml"];

fn handwritten(files: &[SourceFile]) -> impl Iterator<Item = &SourceFile> {
    files.iter().filter(|file| HANDWRITTEN.iter().any(|ending| file.path.ends_with(ending)))
}

/// A file that does not fit in one's head is two files.
pub(super) fn file_length(files: &[SourceFile]) -> Vec<Finding> {
    handwritten(files)
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > FILE_LINES_MAX)
                .then(|| Finding::new(file, 0, format!("{lines} lines, limit {FILE_LINES_MAX}")))
        })
        .collect()
}

/// Lines that fit side by side on a screen.
pub(super) fn line_length(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in handwritten(files) {
        for (at, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > LINE_COLUMNS_MAX {
                let message = format!("{columns} columns, limit {LINE_COLUMNS_MAX}");
                findings.push(Finding::new(file, at + 1, message));
            }
        }
    }
    findings
}

/// A Rust file begins with `//!`: what it is for. `tests.rs` says so with its name.
pub(super) fn module_docs(files: &[SourceFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is_rust() && !file.path.ends_with("/tests.rs"))
        .filter(|file| {
            let first = file.text.lines().find(|line| !line.trim().is_empty());
            !first.is_some_and(|line| line.starts_with("//! "))
        })
        .map(|file| Finding::new(file, 1, "does not begin with a `//!` description"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Vec<SourceFile> {
        vec![SourceFile::new(path, text.as_bytes())]
    }

    #[test]
    fn a_long_file_is_found() {
        let long = "x\n".repeat(FILE_LINES_MAX + 1);
        assert_eq!(file_length(&file("edge/src/a.rs", &long)).len(), 1);
        assert!(file_length(&file("tests/package-lock.json", &long)).is_empty());
        let full = "x\n".repeat(FILE_LINES_MAX);
        assert!(file_length(&file("edge/src/a.rs", &full)).is_empty());
    }

    #[test]
    fn a_long_line_is_found_and_characters_count_not_bytes() {
        let long = "y".repeat(LINE_COLUMNS_MAX + 1);
        let findings = line_length(&file("a.css", &format!("ok\n{long}\n")));
        assert_eq!(findings.first().map(|finding| finding.line), Some(2));
        assert!(line_length(&file("a.mjs", &"ü".repeat(LINE_COLUMNS_MAX))).is_empty());
    }

    #[test]
    fn a_module_without_description_is_found() {
        assert_eq!(module_docs(&file("a.rs", "use x;\n")).len(), 1);
        assert_eq!(module_docs(&file("a.rs", "")).len(), 1);
        assert!(module_docs(&file("a.rs", "//! What.\nuse x;\n")).is_empty());
        assert!(module_docs(&file("a.js", "use x;\n")).is_empty());
        assert!(module_docs(&file("a/tests.rs", "use x;\n")).is_empty());
    }
}

//! `cargo xtask tidy`: rules of the source tree that no compiler checks.
//!
//! A rule is a function from the tree to its findings. It reads text, not syntax: a false alarm is
//! cured by a clearer spelling or by an entry, with its reason, in the rule's list of exceptions.

mod boundaries;
mod hygiene;
mod places;
pub(crate) mod reference;
mod scan;
mod shape;

use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::process::step::capture;
use scan::code_only;
use std::fmt;
use std::fs;
use std::process::Command;

/// A file that git knows or would add, with its text.
#[derive(Clone, Debug)]
struct SourceFile {
    /// Relative to the root, with `/`.
    path: String,
    text: String,
    /// The text of a Rust file with comments and the contents of strings blanked out; lines keep
    /// their numbers. Empty for other files.
    code: String,
    /// Length in bytes, also of files that are not text.
    bytes: usize,
}

impl SourceFile {
    fn new(path: &str, content: &[u8]) -> Self {
        let text = std::str::from_utf8(content).unwrap_or_default().to_owned();
        let code = if path.ends_with(".rs") { code_only(&text) } else { String::new() };
        Self { path: path.to_owned(), text, code, bytes: content.len() }
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_in(&self, dir: &str) -> bool {
        self.path.starts_with(dir)
    }
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// Counted from 1; 0 for the whole file.
    line: usize,
    message: String,
}

impl Finding {
    fn new(file: &SourceFile, line: usize, message: impl Into<String>) -> Self {
        Self { path: file.path.clone(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.path, self.message),
            line => write!(out, "{}:{line}: {}", self.path, self.message),
        }
    }
}

type Rule = fn(&[SourceFile]) -> Vec<Finding>;

const RULES: [Rule; 11] = [
    shape::file_length,
    shape::line_length,
    shape::module_docs,
    boundaries::dependencies,
    boundaries::imports,
    places::reserved_words,
    places::sql,
    hygiene::machine_traces,
    hygiene::lockfiles,
    hygiene::large_files,
    reference::current,
];

/// Checks all rules; fails with the list of findings.
pub(crate) fn check(paths: &Paths) -> Result<()> {
    let files = load(paths)?;
    let findings = RULES.iter().flat_map(|rule| rule(&files)).collect::<Vec<_>>();
    if findings.is_empty() {
        return Ok(());
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    fail(format!("{} findings", findings.len()))
}

/// Every file that git tracks or would add.
fn load(paths: &Paths) -> Result<Vec<SourceFile>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
    let list = capture(git.current_dir(&paths.root)).context("git ls-files failed")?;
    let mut files = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        // A file that was just deleted is still listed.
        if let Ok(content) = fs::read(paths.root.join(path)) {
            files.push(SourceFile::new(path, &content));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree itself, as part of `cargo test`.
    #[test]
    fn the_tree_is_tidy() {
        let files = load(&Paths::discover().unwrap()).unwrap();
        assert!(files.len() > 50, "only {} files were found", files.len());
        let findings = RULES.iter().flat_map(|rule| rule(&files));
        let lines = findings.map(|finding| format!("{finding}\n")).collect::<String>();
        assert!(lines.is_empty(), "\n{lines}");
    }
}

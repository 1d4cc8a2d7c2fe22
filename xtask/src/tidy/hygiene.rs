//! Nothing of the machine on which a file was written, and nothing that does not belong into git.

use super::{Finding, SourceFile};

/// A screenshot is smaller than this, a forgotten build is not.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// The only place from which Cargo may take a crate.
const CARGO_SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Traces of one machine. Written in two halves, so that this list is not found by itself.
const TRACES: [(&str, &str, &str); 7] = [
    ("/ro", "ot/", "a home directory"),
    ("/ho", "me/", "a home directory"),
    ("/Us", "ers/", "a home directory"),
    ("/wo", "rk/", "a directory of one machine"),
    ("artif", "actory", "a package mirror"),
    ("/t", "mp/target", "a directory of one machine"),
    ("<<<<", "<<< ", "an unresolved merge"),
];

/// Paths and hosts that exist on one machine only.
pub(super) fn machine_traces(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for (at, line) in file.text.lines().enumerate() {
            for (head, tail, what) in TRACES {
                let trace = format!("{head}{tail}");
                if contains_path(line, &trace) {
                    findings.push(Finding::new(file, at + 1, format!("{trace:?}: {what}")));
                }
            }
        }
    }
    findings
}

/// A trace that begins with `/` must begin a path: `tests/home/x` is none of one's home directory.
fn contains_path(line: &str, trace: &str) -> bool {
    line.match_indices(trace).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        !trace.starts_with('/')
            || !before.is_some_and(|symbol| symbol.is_alphanumeric() || "._-}".contains(symbol))
    })
}

/// Lockfiles name crates.io or nothing.
pub(super) fn lockfiles(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let is_cargo = file.path.ends_with("Cargo.lock");
        let is_npm = file.path.ends_with("package-lock.json");
        for (at, line) in file.text.lines().enumerate() {
            let foreign = is_cargo && line.starts_with("source = ") && !line.contains(CARGO_SOURCE);
            if foreign || (is_npm && line.trim_start().starts_with("\"resolved\"")) {
                findings.push(Finding::new(file, at + 1, "names the host of a registry"));
            }
        }
    }
    findings
}

/// Large files make every clone slow for ever.
pub(super) fn large_files(files: &[SourceFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.bytes > FILE_BYTES_MAX)
        .map(|file| {
            let message = format!("{} bytes, limit {FILE_BYTES_MAX}", file.bytes);
            Finding::new(file, 0, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Vec<SourceFile> {
        vec![SourceFile::new(path, text.as_bytes())]
    }

    #[test]
    fn a_home_directory_is_found() {
        let home = ["/ho", "me/anna/x"].concat();
        assert_eq!(machine_traces(&file("README.md", &home)).len(), 1);
        assert_eq!(machine_traces(&file("a.toml", &format!("dir = \"{home}\""))).len(), 1);
        assert!(machine_traces(&file("a.md", &format!("tests{home}"))).is_empty());
    }

    #[test]
    fn a_foreign_registry_is_found() {
        let cargo = "source = \"registry+https://mirror.example/index\"";
        assert_eq!(lockfiles(&file("Cargo.lock", cargo)).len(), 1);
        let ours = format!("source = \"{CARGO_SOURCE}\"");
        assert!(lockfiles(&file("Cargo.lock", &ours)).is_empty());
        let npm = "  \"resolved\": \"https://mirror.example/a.tgz\",";
        assert_eq!(lockfiles(&file("tests/package-lock.json", npm)).len(), 1);
    }

    #[test]
    fn a_large_file_is_found_even_if_it_is_no_text() {
        let blob = vec![0xff; FILE_BYTES_MAX + 1];
        assert_eq!(large_files(&[SourceFile::new("a.bin", &blob)]).len(), 1);
        assert!(large_files(&[SourceFile::new("a.png", &blob[1..])]).is_empty());
    }
}

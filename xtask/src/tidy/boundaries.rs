//! Who may use whom: `edge` and `widget` build on `shared` and never on each other; `shared` on
//! next to nothing; the sandbox on none of them; this tool on `shared` alone.

use super::{Finding, SourceFile};

/// What one package may depend on.
struct Package {
    manifest: &'static str,
    /// The only dependencies it may have (development excluded); `None` for "no such list".
    only: Option<&'static [&'static str]>,
    /// Packages it may not depend on, not even for its tests.
    never: &'static [&'static str],
}

const PACKAGES: [Package; 6] = [
    Package {
        manifest: "shared/Cargo.toml",
        only: Some(&["serde", "thiserror", "jiff"]),
        never: &["reprieve-edge", "reprieve-widget", "reprieve-sandbox"],
    },
    Package {
        manifest: "edge/Cargo.toml",
        only: None,
        never: &["reprieve-widget", "reprieve-sandbox"],
    },
    Package {
        manifest: "widget/Cargo.toml",
        only: None,
        never: &["reprieve-edge", "reprieve-sandbox"],
    },
    // Sharing code with what it checks would repeat its mistakes.
    Package {
        manifest: "tests/sandbox/Cargo.toml",
        only: None,
        never: &["reprieve-core", "reprieve-edge", "reprieve-widget"],
    },
    // It plays the core itself; what runs in a Worker or a browser is none of its business.
    Package {
        manifest: "tests/simulator/Cargo.toml",
        only: None,
        never: &["reprieve-edge", "reprieve-widget", "reprieve-sandbox"],
    },
    // It has to compile before anything else does. The core, which checks the policy, is small.
    Package {
        manifest: "xtask/Cargo.toml",
        only: None,
        never: &["reprieve-edge", "reprieve-widget", "reprieve-sandbox"],
    },
];

/// Checks the manifests.
pub(super) fn dependencies(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &PACKAGES {
        for file in files.iter().filter(|file| file.path == package.manifest) {
            for found in declared(&file.text) {
                let name = found.name;
                if package.never.contains(&name) {
                    let message = format!("must not depend on {name}");
                    findings.push(Finding::new(file, found.line, message));
                }
                let unlisted = package.only.is_some_and(|only| !only.contains(&name));
                if unlisted && !found.development {
                    let message = format!("{name} is not one of its few dependencies");
                    findings.push(Finding::new(file, found.line, message));
                }
            }
        }
    }
    findings
}

struct Declared<'a> {
    name: &'a str,
    line: usize,
    development: bool,
}

/// The dependencies that a manifest declares, in either of TOML's two spellings.
fn declared(manifest: &str) -> Vec<Declared<'_>> {
    let mut found = Vec::new();
    let mut section = "";
    for (at, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = header;
            // `[dependencies.web-sys]`
            if let Some((table, name)) = section.rsplit_once('.')
                && table.ends_with("dependencies")
            {
                let development = table.ends_with("dev-dependencies");
                found.push(Declared { name, line: at + 1, development });
            }
        } else if section.ends_with("dependencies")
            && let Some((name, _)) = line.split_once(['.', ' ', '='])
            && !name.is_empty()
            && !name.starts_with('#')
        {
            let development = section.ends_with("dev-dependencies");
            found.push(Declared { name, line: at + 1, development });
        }
    }
    found
}

/// The widget sees the wire types of the core and nothing of its insides, so that what it shows
/// cannot depend on what it does not receive.
pub(super) fn imports(files: &[SourceFile]) -> Vec<Finding> {
    const CORE: &str = "reprieve_core::";
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_in("widget/src/")) {
        for (at, line) in file.code.lines().enumerate() {
            for (start, _) in line.match_indices(CORE) {
                let path = line.get(start + CORE.len()..).unwrap_or_default();
                if !path.starts_with("api::") {
                    findings.push(Finding::new(file, at + 1, "uses more of the core than its api"));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Vec<SourceFile> {
        vec![SourceFile::new(path, text.as_bytes())]
    }

    #[test]
    fn a_forbidden_dependency_is_found_in_every_spelling() {
        for text in [
            "[dependencies]\nreprieve-edge.workspace = true\n",
            "[dependencies]\nreprieve-edge = { path = \"../edge\" }\n",
            "[dependencies.reprieve-edge]\nworkspace = true\n",
            "[dev-dependencies]\nreprieve-edge.workspace = true\n",
            "[target.'cfg(unix)'.dependencies]\nreprieve-edge = \"1\"\n",
        ] {
            assert_eq!(dependencies(&file("widget/Cargo.toml", text)).len(), 1, "{text}");
        }
        let fine = "[dependencies]\nreprieve-core.workspace = true\n# reprieve-edge = 1\n";
        assert!(dependencies(&file("widget/Cargo.toml", fine)).is_empty());
    }

    #[test]
    fn the_core_takes_no_further_crate_except_for_its_tests() {
        let more = "[dependencies]\nserde.workspace = true\nregex = \"1\"\n";
        assert_eq!(dependencies(&file("shared/Cargo.toml", more)).len(), 1);
        let tests = "[dependencies]\nserde.workspace = true\n[dev-dependencies]\nregex = \"1\"\n";
        assert!(dependencies(&file("shared/Cargo.toml", tests)).is_empty());
    }

    #[test]
    fn the_widget_may_not_look_into_the_core() {
        let inside = "//! x\nuse reprieve_core::case::CaseState;\n";
        assert_eq!(imports(&file("widget/src/model.rs", inside)).len(), 1);
        assert!(imports(&file("edge/src/lib.rs", inside)).is_empty());
        let api = "//! x reprieve_core::case\nuse reprieve_core::api::status::Status;\n";
        assert!(imports(&file("widget/src/model.rs", api)).is_empty());
    }
}

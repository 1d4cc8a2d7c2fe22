//! Reads the merchant's policy at build time, so that a policy that is not one never becomes a
//! Worker: `policy.toml` at the root, or the file that `REPRIEVE_POLICY` names, and the older
//! versions in `policy-versions/` beside it.
#![allow(clippy::panic, clippy::print_stdout, reason = "a build script speaks by both")]
#![allow(clippy::disallowed_methods, reason = "and reads the environment that Cargo gives it")]

use reprieve_core::policy::POLICY_FILE_BYTES_MAX;
use reprieve_core::policy::file::PolicyFile;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    println!("cargo::rerun-if-env-changed=REPRIEVE_POLICY");
    let named = env::var_os("REPRIEVE_POLICY").map(PathBuf::from);
    let file = root.join(named.unwrap_or_else(|| PathBuf::from("policy.toml")));
    let mut policies = vec![read(&file)];
    let older = file.with_file_name("policy-versions");
    println!("cargo::rerun-if-changed={}", older.display());
    let mut files: Vec<PathBuf> = fs::read_dir(&older)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    files.sort();
    policies.extend(files.iter().filter(|path| is_toml(path)).map(|path| read(path)));
    let text = serde_json::to_string(&policies).unwrap_or_else(|error| panic!("{error}"));
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("policies.json");
    fs::write(&out, text).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml")
}

/// Checked here and written whole. `cargo xtask policy check` says the same with line numbers.
fn read(path: &Path) -> PolicyFile {
    println!("cargo::rerun-if-changed={}", path.display());
    let name = path.display();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(text.len() <= POLICY_FILE_BYTES_MAX, "{name}: more than {POLICY_FILE_BYTES_MAX} bytes");
    let file: PolicyFile = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let policy = file.validate().unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{name}: {}", lines.join("; "));
    });
    PolicyFile::from(&policy)
}

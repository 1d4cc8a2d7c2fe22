//! What the person has to bring: Node.js with npm, and a C compiler as the linker.

use crate::error::{Result, fail};
use crate::paths::Paths;
use crate::pins::NODE_MAJOR_MIN;
use crate::process::find_program;
use crate::process::step::capture;
use std::process::Command;

/// One line that names everything that is missing.
pub(super) fn missing(_paths: &Paths) -> Option<String> {
    let mut lines = Vec::new();
    match capture(Command::new("node").arg("--version")) {
        None => lines.push(format!(
            "Node.js {NODE_MAJOR_MIN} or newer (nodejs.org, or Debian: apt-get install nodejs npm)"
        )),
        Some(version) if node_major(&version) < Some(NODE_MAJOR_MIN) => {
            lines.push(format!("Node.js {NODE_MAJOR_MIN} or newer (this one is {version})"));
        }
        Some(_) => (),
    }
    if find_program("npm").is_none() {
        lines.push("npm (it comes with Node.js; Debian: apt-get install npm)".to_owned());
    }
    if ["cc", "gcc", "clang"].iter().all(|name| find_program(name).is_none()) {
        lines.push("a C compiler (Debian: apt-get install build-essential)".to_owned());
    }
    (!lines.is_empty()).then(|| format!("please install {}", lines.join(", and ")))
}

/// Nothing is installed here: these are the person's own choice of source.
pub(super) fn explain(paths: &Paths) -> Result<()> {
    fail(missing(paths).unwrap_or_default())
}

fn node_major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(node_major("v20.20.2"), Some(20));
        assert!(node_major("v18.1.0") < Some(NODE_MAJOR_MIN));
        assert!(node_major("strange") < Some(NODE_MAJOR_MIN));
    }
}

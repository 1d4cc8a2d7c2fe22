//! A lock file: one process at a time, the others wait and say so.

use super::stop_requested;
use crate::error::{Context, Failure, Result, fail};
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How often to look whether the other one has finished.
const POLL: Duration = Duration::from_millis(250);

/// As long as the longest set-up may take.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Waits for the lock at `path`. The kernel releases it with the returned file, also after a crash.
pub(crate) fn acquire(path: &Path, what: &str) -> Result<File> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).context(format_args!("create {}", dir.display()))?;
    }
    let file = File::create(path).context(format_args!("create {}", path.display()))?;
    let deadline = Instant::now() + LIMIT;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => {
                return fail(format!("lock {}: {error}", path.display()));
            }
            Err(TryLockError::WouldBlock) => (),
        }
        if stop_requested() {
            return Err(Failure::Interrupted);
        }
        if Instant::now() >= deadline {
            return fail(format!("{what} still holds {}", path.display()));
        }
        if !told {
            eprintln!("waiting for {what} ({})", path.display());
            told = true;
        }
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_free_again_when_its_holder_is_gone() {
        let path = std::env::temp_dir().join(format!("xtask-lock-{}", std::process::id()));
        let first = acquire(&path, "nobody").unwrap();
        let other = File::create(&path).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        assert!(acquire(&path, "nobody").is_ok());
        fs::remove_file(path).unwrap();
    }
}

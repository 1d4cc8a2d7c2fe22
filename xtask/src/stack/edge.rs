//! The Worker in Miniflare (`tests/worker/serve.mjs`): workerd, Durable Objects, D1 and queues on
//! the local disk.
//!
//! It serves a copy of what was built, so that a build disturbs no test that happens to run
//! meanwhile.

use super::layout::{
    Layout, MERCHANT, MERCHANT_KEY, PUBLISHABLE_KEY, SECRET_KEY, TOKEN_KEY, WEBHOOK_SECRET,
};
use crate::error::{Context, Result, fail};
use crate::paths::{Paths, WIDGET_DIST, WORKER};
use crate::process::step;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The database's name in `edge/wrangler.toml`.
const DATABASE: &str = "reprieve";

/// wrangler takes two seconds to start and a few milliseconds per migration.
const MIGRATION_LIMIT: Duration = Duration::from_secs(120);

/// Nothing is sent anywhere and nothing is asked: no metrics, no error reports, no look for a newer
/// version (the banner does that), no request for the caller's location, no watching of the
/// configuration file.
const QUIET: [(&str, &str); 6] = [
    ("WRANGLER_SEND_METRICS", "false"),
    ("WRANGLER_SEND_ERROR_REPORTS", "false"),
    ("WRANGLER_HIDE_BANNER", "true"),
    ("WRANGLER_CI_DISABLE_CONFIG_WATCHING", "true"),
    ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
    // No questions, whatever the terminal is.
    ("CI", "true"),
];

/// What `edge/wrangler.toml` refers to beside the Worker, relative to the repository.
const PARTS: [&str; 3] = ["edge/wrangler.toml", "edge/migrations", WIDGET_DIST];

/// The built widget has five levels of directories; this only stops a loop of links.
const COPY_DEPTH_MAX: u32 = 16;

fn wrangler(paths: &Paths, layout: &Layout) -> Command {
    let mut command = Command::new(paths.npm_bin("wrangler"));
    command
        .envs(QUIET)
        // Wrangler processes find each other through this directory and connect Workers of the
        // same name; two stacks must not.
        .env("WRANGLER_REGISTRY_PATH", layout.dir("edge").join("registry"))
        .env("WRANGLER_CACHE_DIR", layout.dir("edge").join("cache"))
        .env("WRANGLER_LOG_PATH", layout.dir("logs").join("wrangler"))
        .env("TMPDIR", temporary(layout))
        .current_dir(app(layout).join("edge"));
    command
}

/// The copy, with the same directories between its files as in the repository.
fn app(layout: &Layout) -> PathBuf {
    layout.dir("edge").join("app")
}

/// Takes a fresh copy of what was built.
pub(super) fn take_copy(paths: &Paths, layout: &Layout) -> Result<()> {
    let temporary = temporary(layout);
    fs::create_dir_all(&temporary).context(format_args!("create {}", temporary.display()))?;
    let app = app(layout);
    if app.exists() {
        fs::remove_dir_all(&app).context(format_args!("empty {}", app.display()))?;
    }
    let worker = (layout.worker.as_path(), WORKER);
    for (from, part) in PARTS.map(|part| (Path::new(part), part)).into_iter().chain([worker]) {
        let from = paths.root.join(from);
        if !from.exists() {
            return fail(format!("{} is missing: build first", from.display()));
        }
        copy_tree(&from, &app.join(part), COPY_DEPTH_MAX)?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path, depth_left: u32) -> Result<()> {
    if !from.is_dir() {
        let parent = to.parent().context("a file without a directory")?;
        fs::create_dir_all(parent).context(format_args!("create {}", parent.display()))?;
        return fs::copy(from, to).map(|_| ()).context(format_args!("copy {}", from.display()));
    }
    let deeper = depth_left.checked_sub(1);
    let deeper = deeper.context(format_args!("{} is nested too deeply", from.display()))?;
    for entry in fs::read_dir(from).context(format_args!("read {}", from.display()))? {
        let entry = entry.context(format_args!("read {}", from.display()))?;
        copy_tree(&entry.path(), &to.join(entry.file_name()), deeper)?;
    }
    Ok(())
}

/// The command that serves the Worker.
pub(super) fn serve(paths: &Paths, layout: &Layout) -> Command {
    let mut command = Command::new("node");
    command
        .envs(QUIET)
        .env("TMPDIR", temporary(layout))
        .arg(paths.root.join("tests/worker/serve.mjs"))
        .arg("--config")
        .arg(app(layout).join("edge/wrangler.toml"))
        .args(["--port", &layout.edge_port().to_string(), "--persist"])
        .arg(layout.dir("edge").join("state"))
        .current_dir(app(layout).join("edge"));
    for (name, value) in variables(layout) {
        command.arg("--var").arg(format!("{name}={value}"));
    }
    command
}

/// Where its programs put what they need for a moment: one that is killed takes nothing away, and
/// so it goes with the stack's other files.
fn temporary(layout: &Layout) -> PathBuf {
    layout.dir("edge").join("tmp")
}

fn variables(layout: &Layout) -> [(&'static str, String); 13] {
    [
        ("MERCHANT_ID", MERCHANT.to_owned()),
        ("MERCHANT_NAME", "Fernly".to_owned()),
        ("MERCHANT_CONTACT_URL", "mailto:help@fernly.example".to_owned()),
        ("MERCHANT_API_KEY", MERCHANT_KEY.to_owned()),
        ("ALLOWED_ORIGINS", layout.host()),
        ("STRIPE_API_BASE", layout.sandbox()),
        ("STRIPE_JS_URL", layout.stripe_js_url()),
        ("STRIPE_PUBLISHABLE_KEY", PUBLISHABLE_KEY.to_owned()),
        ("STRIPE_SECRET_KEY", SECRET_KEY.to_owned()),
        ("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("STRIPE_METHOD_TYPES", "card,sepa_debit,ideal,bancontact".to_owned()),
        ("CUSTOMER_TOKEN_KEY", TOKEN_KEY.to_owned()),
        ("RETRY_DRIVER", "provider".to_owned()),
    ]
}

/// Brings the local D1 database to the current schema; quick when it already is.
pub(super) fn migrate(paths: &Paths, layout: &Layout) -> Result<()> {
    let wanted = migrations(paths)?;
    let stamp = layout.dir("edge").join("migrated.txt");
    if wanted.is_empty() || fs::read_to_string(&stamp).is_ok_and(|done| done == wanted) {
        return Ok(());
    }
    let mut command = wrangler(paths, layout);
    command
        .args(["d1", "migrations", "apply", DATABASE, "--local", "--persist-to"])
        .arg(layout.dir("edge").join("state"));
    let log = layout.log("migrations");
    step::run_logged("D1 migrations", &mut command, MIGRATION_LIMIT, &log)?;
    fs::write(&stamp, wanted).context(format_args!("write {}", stamp.display()))
}

/// All migrations in order, as one text.
fn migrations(paths: &Paths) -> Result<String> {
    let dir = paths.root.join("edge").join("migrations");
    let Ok(entries) = fs::read_dir(&dir) else {
        return Ok(String::new());
    };
    let mut files = entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>();
    files.sort();
    let mut text = String::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "sql")) {
        text.push_str(&format!("-- {}\n", file.file_name().unwrap_or_default().display()));
        let sql = fs::read_to_string(file);
        text.push_str(&sql.context(format_args!("read {}", file.display()))?);
    }
    Ok(text)
}

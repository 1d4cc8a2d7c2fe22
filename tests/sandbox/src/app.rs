//! The running program's shared state, and the one way to change what it stores.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::Notify;

use crate::clock;
use crate::config::Config;
use crate::context::{Ctx, Now, Origin};
use crate::error::{ApiError, Effects};
use crate::idempotency::InFlight;
use crate::random::Random;
use crate::rate::Limiter;
use crate::store::{self, Store};

struct World {
    connection: Connection,
    random: Random,
    /// Ids of requests come from a sequence of their own: how often somebody asks must not
    /// change the ids of what is made.
    request_random: Random,
}

/// Milliseconds by which the sandbox's clock is ahead of the machine's.
const AHEAD_MS: &str = "ahead_ms";

/// Shared by the servers and the background tasks.
pub(crate) struct App {
    pub(crate) config: Config,
    world: Mutex<World>,
    pub(crate) in_flight: InFlight,
    /// Rung when there are events to deliver.
    pub(crate) deliveries: Notify,
    /// Rung when a test clock begins to move.
    pub(crate) clocks: Notify,
    /// Addresses of the two servers, once they listen.
    pub(crate) origins: std::sync::OnceLock<Origins>,
    ahead_ms: AtomicI64,
    pub(crate) limiter: Limiter,
}

/// Where the servers listen, as `http://127.0.0.1:8710`.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    pub(crate) api: String,
    pub(crate) js: String,
}

impl App {
    /// Opens the storage.
    pub(crate) fn open(config: Config) -> Result<Self, String> {
        let path = match &config.data {
            None => None,
            Some(dir) => {
                let failed = |error| format!("{}: {error}", dir.display());
                std::fs::create_dir_all(dir).map_err(failed)?;
                Some(dir.join("sandbox.sqlite"))
            }
        };
        let connection = store::open(path.as_deref()).map_err(|error| error.to_string())?;
        let ahead_ms: i64 = connection
            .query_row("SELECT value FROM setting WHERE name = ?1", [AHEAD_MS], |row| {
                row.get::<_, String>(0)
            })
            .optional()
            .map_err(|error| error.to_string())?
            .and_then(|value| value.parse().ok())
            .unwrap_or(0);
        let random = seeded(&connection, config.seed).map_err(|error| error.to_string())?;
        Ok(Self {
            config,
            world: Mutex::new(World { connection, random, request_random: Random::from_os() }),
            in_flight: InFlight::default(),
            deliveries: Notify::new(),
            clocks: Notify::new(),
            origins: std::sync::OnceLock::new(),
            ahead_ms: AtomicI64::new(ahead_ms),
            limiter: Limiter::default(),
        })
    }

    /// The sandbox's wall clock in milliseconds: the machine's, and what a test added to it.
    pub(crate) fn now_ms(&self) -> i64 {
        clock::now_ms().saturating_add(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// Moves the sandbox's wall clock forward, for all that is not on a test clock.
    pub(crate) fn skip_ms(&self, ms: i64) -> Result<i64, ApiError> {
        let ahead_ms = self.ahead_ms.load(Ordering::Relaxed).saturating_add(ms);
        self.transact(Origin::default(), |ctx| {
            ctx.store.set_setting(AHEAD_MS, &ahead_ms.to_string())
        })?;
        self.ahead_ms.store(ahead_ms, Ordering::Relaxed);
        self.clocks.notify_one();
        self.deliveries.notify_one();
        Ok(self.now_ms())
    }

    /// Runs `operation` in one transaction: all of its changes and events, or none. An error
    /// that keeps its effects (a declined charge) commits too.
    pub(crate) fn transact<T>(
        &self,
        origin: Origin,
        operation: impl FnOnce(&mut Ctx<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let World { connection, random, .. } = &mut *world;
        let tx = connection.transaction()?;
        let js_origin = self.origins.get().map_or("", |origins| origins.js.as_str());
        let now = Now { wall_ms: self.now_ms(), js_origin };
        let mut ctx = Ctx::new(Store { tx }, &self.config, random, origin, now);
        let result = operation(&mut ctx);
        let commits = match &result {
            Ok(_) => true,
            Err(error) => error.effects == Effects::Kept,
        };
        if commits {
            let wake = ctx.commit()?;
            if wake.deliveries {
                self.deliveries.notify_one();
            }
            if wake.clocks {
                self.clocks.notify_one();
            }
        }
        result
    }
}

impl App {
    /// A new id for a request.
    pub(crate) fn request_id(&self) -> String {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.request_random.id("req")
    }
}

/// A seeded run goes on with other ids after each restart on the same data.
fn seeded(connection: &Connection, seed: Option<u64>) -> rusqlite::Result<Random> {
    let Some(seed) = seed else {
        return Ok(Random::from_os());
    };
    connection.execute(
        "INSERT INTO setting (name, value) VALUES ('starts', '1')
         ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
        [],
    )?;
    let starts: String =
        connection
            .query_row("SELECT value FROM setting WHERE name = 'starts'", [], |row| row.get(0))?;
    let starts: u64 = starts.parse().unwrap_or(1);
    Ok(Random::from_seed(seed.wrapping_mul(1_000_003).wrapping_add(starts)))
}

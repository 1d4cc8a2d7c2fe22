//! Work that nobody asked for just now: moving test clocks, and what falls due on the wall clock.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::context::Origin;
use crate::engine::advance;

/// Most pieces of work of one clock between two looks at the others.
const STEP_COUNT_MAX: usize = 10_000;

/// Runs for ever. A clock that was moving when the program ended goes on from where it was.
pub(crate) async fn run(app: Arc<App>) {
    loop {
        let worker = Arc::clone(&app);
        let round = tokio::task::spawn_blocking(move || {
            clocks(&worker);
            wall(&worker);
        });
        if round.await.is_err() {
            crate::log::line("a round of background work ended early");
        }
        let tick = Duration::from_millis(app.config.tick_ms);
        let _ = tokio::time::timeout(tick, app.clocks.notified()).await;
    }
}

fn clocks(app: &App) {
    let moving = match app.transact(Origin::default(), |ctx| advance::moving(ctx)) {
        Ok(moving) => moving,
        Err(error) => return crate::log::failure("test clocks cannot be read", &error),
    };
    for id in moving {
        for _ in 0..STEP_COUNT_MAX {
            match app.transact(Origin::default(), |ctx| advance::step(ctx, &id)) {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => {
                    crate::log::failure("a test clock cannot go on", &error);
                    let stopped = app.transact(Origin::default(), |ctx| advance::give_up(ctx, &id));
                    if let Err(error) = stopped {
                        crate::log::failure("a test clock cannot be stopped", &error);
                    }
                    break;
                }
            }
        }
    }
}

fn wall(app: &App) {
    for _ in 0..STEP_COUNT_MAX {
        match app.transact(Origin::default(), advance::wall_step) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                crate::log::failure("due work failed and is dropped", &error);
                let dropped = app.transact(Origin::default(), advance::drop_first_due);
                if dropped.is_err() {
                    return;
                }
            }
        }
    }
}

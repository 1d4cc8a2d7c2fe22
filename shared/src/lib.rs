//! The decisions of payment recovery.
//!
//! Everything here is a pure function of (state, event, now, policy): no I/O, no clock, no
//! randomness, no async. The edge reads the world, calls [`case::apply`], commits what comes back
//! and only then performs the [`case::Effect`]s. `api` is what browsers see, `record` is what is
//! stored; both are twins of the core types, so that the core may change while the wire and the
//! disk do not.
#![forbid(unsafe_code)]

pub mod account;
pub mod api;
pub mod calendar;
pub mod campaign;
pub mod cancel;
pub mod case;
pub mod complaint;
pub mod decline;
pub mod grace;
pub mod id;
pub mod idempotency;
pub mod jurisdiction;
pub mod money;
pub mod network;
pub mod policy;
pub mod provider;
pub mod rate;
pub mod record;
pub mod retry;
pub mod risk;
pub mod status;
pub mod time;
pub mod timing;

//! D1: the inbox of events that name no customer, and the read model. Nothing here decides.

pub mod cursor;
pub mod inbox;
pub mod link;
pub mod read_model;
pub mod timing;

/// The binding's name in `wrangler.toml`.
pub const BINDING: &str = "DB";

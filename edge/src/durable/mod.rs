//! One Durable Object per (merchant, customer): the Account, the truth about every recovery.
//!
//! [`binding`] is what callers and the object share, [`object`] the thin shell that the platform
//! calls, [`service`] what it does, [`authentication`] its part with the customer's bank,
//! [`leaving`] that with a customer who leaves, [`store`] its SQLite, [`effects`] the calls to the
//! provider, [`turn`] who may write there.

pub mod authentication;
pub mod binding;
pub mod complaint;
pub mod effects;
pub mod leaving;
pub mod object;
pub mod projection;
pub mod service;
pub mod store;
pub mod turn;

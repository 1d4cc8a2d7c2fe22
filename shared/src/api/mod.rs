//! What browsers send and receive, version 1. Fields are only ever added.

pub mod error;
pub mod payment_method;
pub mod status;

/// The longest body of a customer's request, in bytes. They carry next to nothing.
pub const CUSTOMER_BODY_BYTES_MAX: usize = 4 * 1024;

//! What browsers send and receive, version 1. Fields are only ever added.

pub mod authentication;
pub mod banner;
pub mod cancellation;
pub mod complaint;
pub mod error;
pub mod link;
pub mod payment_method;
pub mod said;
pub mod status;
pub mod text;

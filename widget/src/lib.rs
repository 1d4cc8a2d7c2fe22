//! x
pub mod failure;
pub mod i18n;
pub mod model;
pub mod wording;

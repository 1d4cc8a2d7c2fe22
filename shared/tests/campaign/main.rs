//! Campaigns: what is sent when, as diaries, tables and properties.
#![cfg(test)]

mod arbitrary;
mod built_in;
mod conditions;
mod diary;
mod forms;
mod plans;
mod properties;
mod quiet;
mod story;

//! Campaigns: what is sent when, as diaries, tables and properties.
#![cfg(test)]

mod built_in;
mod diary;
mod forms;
mod plans;
mod properties;
mod quiet;
mod story;

//! The stored form of an account: a version and the account.
//!
//! `tests/golden/account-v1.json` was written by version 1 and must load for ever. A change that it
//! does not survive needs version 2 beside a frozen copy of version 1.

use crate::account::Account;
use serde::{Deserialize, Serialize};

/// The version written today.
pub const ACCOUNT_RECORD_VERSION: u32 = 1;

/// What is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// [`ACCOUNT_RECORD_VERSION`] of the writer.
    pub v: u32,
    /// The account.
    pub account: Account,
}

/// A record was written by a newer program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored account has version {found}, this program knows {ACCOUNT_RECORD_VERSION}")]
pub struct RecordError {
    /// The version found.
    pub found: u32,
}

/// The version alone, read before the rest: a newer record may have any shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct RecordVersion {
    /// [`ACCOUNT_RECORD_VERSION`] of the writer.
    pub v: u32,
}

impl RecordVersion {
    /// Whether this program knows the version.
    pub const fn check(self) -> Result<(), RecordError> {
        if self.v == ACCOUNT_RECORD_VERSION { Ok(()) } else { Err(RecordError { found: self.v }) }
    }
}

impl From<Account> for AccountRecord {
    fn from(account: Account) -> Self {
        Self { v: ACCOUNT_RECORD_VERSION, account }
    }
}

impl TryFrom<AccountRecord> for Account {
    type Error = RecordError;
    fn try_from(record: AccountRecord) -> Result<Self, RecordError> {
        RecordVersion { v: record.v }.check().map(|()| record.account)
    }
}

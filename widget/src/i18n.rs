//! Texts: a flat list of keys and sentences for one language.
//!
//! A key that is not declared here cannot be used, and a test compares the declarations with every
//! locale file, so a missing sentence is found before a customer finds it.

pub use reprieve_core::api::text::{Key, Plural, Texts, Tone};

macro_rules! keys {
    ($($name:ident = $text:literal,)*) => {
        $(#[doc = concat!("`", $text, "`")] pub const $name: Key = Key($text);)*
        /// Every sentence the widget uses.
        pub const KEYS: &[Key] = &[$($name,)*];
    };
}

macro_rules! plurals {
    ($($name:ident = $text:literal,)*) => {
        $(#[doc = concat!("`", $text, "`")] pub const $name: Plural = Plural($text);)*
        /// Every sentence that differs by number.
        pub const PLURALS: &[Plural] = &[$($name,)*];
    };
}

pub mod cancel;

keys! {
    REGION_LABEL = "region.label",
    BANNER_TITLE = "banner.title",
    REASON_CARD_EXPIRED = "reason.card_expired",
    REASON_INSUFFICIENT_FUNDS = "reason.insufficient_funds",
    REASON_CARD_DETAILS_WRONG = "reason.card_details_wrong",
    REASON_CARD_NOT_SUPPORTED = "reason.card_not_supported",
    REASON_AUTHENTICATION_NEEDED = "reason.authentication_needed",
    REASON_CARD_DECLINED = "reason.card_declined",
    REASON_TRY_LATER = "reason.try_later",
    REASON_UNKNOWN = "reason.unknown",
    NEWS_UPDATED_TITLE = "news.updated_title",
    NEWS_UPDATED = "news.updated",
    NEWS_EXPIRES_TITLE = "news.expires_title",
    NEWS_EXPIRES = "news.expires",
    DUE_PLAIN = "due.plain",
    DUE_NAMED = "due.named",
    NEXT_GRACE = "next.grace",
    NEXT_ATTEMPT = "next.attempt",
    NEXT_RESTRICTED = "next.restricted",
    NEXT_ENDED = "next.ended",
    ACTION_UPDATE = "action.update",
    ACTION_RETRY = "action.retry",
    ACTION_RETRYING = "action.retrying",
    ACTION_DISMISS = "action.dismiss",
    ACTION_CLOSE = "action.close",
    ACTION_CANCEL = "action.cancel",
    ACTION_PAY = "action.pay",
    ACTION_PAY_PLAIN = "action.pay_plain",
    ACTION_PAYING = "action.paying",
    ACTION_CONFIRM = "action.confirm",
    ACTION_CONFIRM_PAY = "action.confirm_pay",
    ACTION_CONFIRMING = "action.confirming",
    ACTION_OTHER_CARD = "action.other_card",
    ACTION_SAVE = "action.save",
    ACTION_SAVING = "action.saving",
    ACTION_AGAIN = "action.again",
    ACTION_DONE = "action.done",
    ACTION_LEAVE = "action.leave",
    ACTION_QUESTION = "action.question",
    PANEL_TITLE = "panel.title",
    PANEL_LEAD = "panel.lead",
    PANEL_LEAD_SAVE = "panel.lead_save",
    PANEL_DUE = "panel.due",
    PANEL_INVOICE = "panel.invoice",
    PANEL_INVOICE_PLAIN = "panel.invoice_plain",
    PANEL_TOTAL = "panel.total",
    PANEL_LOADING = "panel.loading",
    PANEL_SAFE = "panel.safe",
    CONFIRM_TITLE = "confirm.title",
    CONFIRM_LEAD = "confirm.lead",
    CONFIRM_FAILED = "confirm.failed",
    CONFIRM_CLOSED = "confirm.closed",
    DECLINED_CARD_EXPIRED = "declined.card_expired",
    DECLINED_INSUFFICIENT_FUNDS = "declined.insufficient_funds",
    DECLINED_CARD_DETAILS_WRONG = "declined.card_details_wrong",
    DECLINED_CARD_NOT_SUPPORTED = "declined.card_not_supported",
    DECLINED_AUTHENTICATION_NEEDED = "declined.authentication_needed",
    DECLINED_CARD_DECLINED = "declined.card_declined",
    DECLINED_TRY_LATER = "declined.try_later",
    DECLINED_CHECK = "declined.check",
    PENDING_TITLE = "pending.title",
    PENDING_MESSAGE = "pending.message",
    PENDING_LATE_TITLE = "pending.late_title",
    PENDING_LATE = "pending.late",
    PENDING_DAYS_TITLE = "pending.days_title",
    PENDING_DAYS = "pending.days",
    RECOVERED_TITLE = "recovered.title",
    RECOVERED_MESSAGE = "recovered.message",
    RECOVERED_PLAIN = "recovered.plain",
    RECOVERED_SAVED = "recovered.saved",
    ERROR_TITLE = "error.title",
    ERROR_MESSAGE = "error.message",
    ERROR_PROVIDER = "error.provider",
    ERROR_BUSY = "error.busy",
    ERROR_FIELDS = "error.fields",
    ERROR_REFERENCE = "error.reference",
    OFFLINE_TITLE = "offline.title",
    OFFLINE_MESSAGE = "offline.message",
    SESSION_EXPIRED_TITLE = "session_expired.title",
    SESSION_EXPIRED_MESSAGE = "session_expired.message",
}

plurals! {
    DUE_COUNT = "due.count",
    DUE_SEVERAL = "due.several",
    PANEL_MORE = "panel.more",
}

/// Keys that only the loader reads.
pub const LOADER_KEYS: &[&str] = &["direction", "fallback.message", "phone.lead", "phone.code"];

#[cfg(test)]
mod tests;

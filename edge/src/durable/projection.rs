//! What the read model is told: a snapshot with a version, so that an old one never wins.

mod cancellation;

pub use cancellation::{CancellationProjection, OfferShown};

use reprieve_core::account::Account;
use reprieve_core::account::card_news::{CardChange, CardNews};
use reprieve_core::cancel::{CancelNotice, view};
use reprieve_core::case::{CaseState, JournalEntry, RecoveredBy, RecoveryCase};
use reprieve_core::complaint::Complaint;
use reprieve_core::decline::Category;
use reprieve_core::grace;
use reprieve_core::id::{CustomerId, InvoiceId, MerchantId};
use reprieve_core::money::Money;
use reprieve_core::policy::Policy;
use reprieve_core::provider::MethodFact;
use reprieve_core::retry::TimingChoice;
use reprieve_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// One account as of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountProjection {
    /// Whose customer.
    pub merchant: MerchantId,
    /// The customer.
    pub customer: CustomerId,
    /// Of the account; the highest wins.
    pub version: u64,
    /// `open` or `clear`.
    pub state: String,
    /// The access level.
    pub access: String,
    /// When the account wants to be looked at next.
    pub wake_at: Option<Timestamp>,
    /// When this was made.
    pub projected_at: Timestamp,
    /// Open cases and the last closed ones.
    pub recoveries: Vec<RecoveryProjection>,
    /// What automatic attempts that ended with this version teach about their times.
    #[serde(default)]
    pub lessons: Vec<LessonProjection>,
    /// What the customer is to be told because of this version.
    #[serde(default)]
    pub notices: Vec<NoticeProjection>,
    /// Cancellations that this version changed.
    #[serde(default)]
    pub cancellations: Vec<CancellationProjection>,
}

/// Something that the customer is to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeProjection {
    /// The same for the same notice, and for no other of the merchant.
    pub id: String,
    /// What it is about.
    pub kind: String,
    /// What there is to say.
    pub content: serde_json::Value,
}

/// What one automatic attempt teaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonProjection {
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// The number of the attempt.
    pub number: u32,
    /// How its time was chosen.
    pub timing: TimingChoice,
    /// Whether the invoice was paid.
    pub is_success: bool,
}

impl LessonProjection {
    /// The lessons among lines of history.
    #[must_use]
    pub fn of(journal: &[JournalEntry]) -> Vec<Self> {
        let lesson = |entry: &JournalEntry| match entry {
            JournalEntry::AttemptEnded { invoice, number, lesson: Some(lesson), .. } => {
                Some(Self {
                    invoice: invoice.clone(),
                    number: *number,
                    timing: lesson.timing,
                    is_success: lesson.is_success,
                })
            }
            _ => None,
        };
        journal.iter().filter_map(lesson).collect()
    }
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryProjection {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Where the case is.
    pub state: CaseState,
    /// What is or was left to pay.
    pub amount_due: Money,
    /// Why the last attempt failed.
    pub decline: Option<Category>,
    /// Attempts of ours.
    pub attempts: u32,
    /// First failure.
    pub opened_at: Timestamp,
    /// End.
    pub closed_at: Option<Timestamp>,
    /// How the money came in.
    pub recovered_by: Option<RecoveredBy>,
}

impl NoticeProjection {
    /// What lines of history give reason to tell.
    #[must_use]
    pub fn of(
        account: &Account,
        journal: &[JournalEntry],
        now: Timestamp,
        policy: &Policy,
    ) -> Vec<Self> {
        let notice = |entry: &JournalEntry| match entry {
            JournalEntry::CancelNotice(notice) => Some(Self::told(notice, account, now, policy)),
            JournalEntry::Complaint(complaint) => Some(Self::complaint(complaint)),
            JournalEntry::MethodRenewed { method } => Some(Self::card_updated(method, account)),
            JournalEntry::CardExpires(news) => Self::card_expiring(news),
            _ => None,
        };
        journal.iter().filter_map(notice).collect()
    }

    /// For a person at the merchant. Named by the complaint alone: it is handed on once.
    fn complaint(complaint: &Complaint) -> Self {
        let content = json!({
            "complaint": complaint.id,
            "category": complaint.category,
            "text": complaint.text,
            "invoice": complaint.invoice,
            "cancellation": complaint.cancellation,
        });
        let id = format!("complaint:{}", complaint.id);
        Self { id, kind: "complaint".to_owned(), content }
    }

    /// The version tells one replacement of a card from the next.
    fn card_updated(method: &MethodFact, account: &Account) -> Self {
        let content = json!({"payment_method": method.id, "method": method.summary});
        let id = format!("card_updated:{}:{}", method.id, account.version);
        Self { id, kind: "card_updated".to_owned(), content }
    }

    /// Named by the card and its end: told once, however often it is seen.
    fn card_expiring(news: &CardNews) -> Option<Self> {
        let CardChange::Expires { expiry } = news.what else { return None };
        let content = json!({
            "payment_method": news.method,
            "method": news.summary,
            "expires_at_ms": expiry.ends_at(),
        });
        let id = format!("card_expiring:{}:{}-{:02}", news.method, expiry.year, expiry.month);
        Some(Self { id, kind: "card_expiring".to_owned(), content })
    }

    fn told(notice: &CancelNotice, account: &Account, now: Timestamp, policy: &Policy) -> Self {
        let (kind, subject, content) = match notice {
            CancelNotice::Receipt { id } => {
                let seen = view::of(account, id, now, policy);
                let receipt = seen.and_then(|seen| seen.receipt);
                ("receipt", id.to_string(), json!({"cancellation": id, "receipt": receipt}))
            }
            CancelNotice::Undone { id } => ("undone", id.to_string(), json!({"cancellation": id})),
            CancelNotice::PauseBegan { subscription, resumes_at } => {
                let content = json!({"subscription": subscription, "resumes_at_ms": resumes_at});
                ("pause_began", subscription.to_string(), content)
            }
            CancelNotice::PauseEnding { subscription, resumes_at, first_charge_at } => {
                let content = json!({
                    "subscription": subscription,
                    "resumes_at_ms": resumes_at,
                    "first_charge_at_ms": first_charge_at,
                });
                ("pause_ending", subscription.to_string(), content)
            }
            CancelNotice::PauseEnded { subscription } => {
                ("pause_ended", subscription.to_string(), json!({"subscription": subscription}))
            }
            CancelNotice::Stuck { id, act, target, is_tried_again } => {
                let content = json!({
                    "cancellation": id,
                    "act": act,
                    "target": target,
                    "is_tried_again": is_tried_again,
                });
                ("stuck", format!("{act}:{target}"), content)
            }
            CancelNotice::WinBack { id, subscription } => {
                let content = json!({"cancellation": id, "subscription": subscription});
                ("win_back", id.to_string(), content)
            }
        };
        // The version tells the second pause of a subscription from the first.
        let id = format!("{kind}:{subject}:{}", account.version);
        Self { id, kind: kind.to_owned(), content }
    }
}

impl AccountProjection {
    /// The snapshot of an account.
    #[must_use]
    pub fn of(
        account: &Account,
        journal: &[JournalEntry],
        now: Timestamp,
        policy: &Policy,
    ) -> Self {
        let open = account.open_cases().count();
        let access = match grace::of(account, now, policy).level {
            grace::AccessLevel::Full => "full",
            grace::AccessLevel::Warn => "warn",
            grace::AccessLevel::Restricted => "restricted",
            grace::AccessLevel::Ended => "ended",
        };
        Self {
            merchant: account.merchant.clone(),
            customer: account.customer.clone(),
            version: account.version,
            state: if open == 0 { "clear" } else { "open" }.to_owned(),
            access: access.to_owned(),
            wake_at: account.next_wake(),
            projected_at: now,
            recoveries: account.cases.values().map(RecoveryProjection::of).collect(),
            lessons: LessonProjection::of(journal),
            notices: NoticeProjection::of(account, journal, now, policy),
            cancellations: CancellationProjection::of(account, journal),
        }
    }

    /// Open cases.
    #[must_use]
    pub fn open_cases(&self) -> usize {
        self.recoveries.iter().filter(|recovery| !recovery.state.is_terminal()).count()
    }
}

impl RecoveryProjection {
    fn of(case: &RecoveryCase) -> Self {
        Self {
            invoice: case.invoice.clone(),
            state: case.state,
            amount_due: case.amount_due,
            decline: case.decline.as_ref().map(|decline| decline.category),
            attempts: case.attempt_number,
            opened_at: case.opened_at,
            closed_at: case.closed_at,
            recovered_by: case.recovered_by,
        }
    }
}

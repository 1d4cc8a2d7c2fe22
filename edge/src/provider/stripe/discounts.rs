//! A discount: given once for each key, and for exactly the promised payments.
//!
//! Each has a coupon of its own, named by its key, that can be redeemed once. So Stripe itself says
//! whether it was given, also after a renewal has used it up and it stands on the subscription no
//! more; a coupon shared by all would look as if it had never been there, and be given again
//! (`max_redemptions` and `times_redeemed`: <https://docs.stripe.com/api/coupons/object>, SDK
//! 23.1.0, read 2026-11).

use super::Stripe;
use super::acts::{change_of, refused};
use super::form::Form;
use super::map::months_of;
use super::transport::Transport;
use super::types::{ChangeableSubscription, Coupon};
use crate::provider::{ErrorKind, ProviderError};
use reprieve_core::cancel::length::{Length, Renewals, length};
use reprieve_core::cancel::offer::Off;
use reprieve_core::id::SubscriptionId;
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::time::Timestamp;

/// What Stripe answers when an object of this name is there already.
const ALREADY_EXISTS: &str = "resource_already_exists";
/// The most discounts kept beside ours; a subscription with more is left to the merchant.
const DISCOUNTS_MAX: usize = 19;

/// A discount that is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) subscription: &'a SubscriptionId,
    pub(super) off: Off,
    pub(super) payments: u32,
    pub(super) key: &'a IdempotencyKey,
}

impl<T: Transport> Stripe<T> {
    /// Gives it, unless it was given; the discounts that the subscription had before stay.
    pub(super) async fn discount(&self, wanted: Wanted<'_>) -> Result<(), ProviderError> {
        let live = self.changeable(wanted.subscription).await?;
        let id = coupon_id(wanted.key);
        if has(&live, &id) {
            return Ok(());
        }
        let now = self.client.transport.now();
        let length = length(renewals(&live).as_ref(), wanted.payments, now);
        match self.coupon(&id).await? {
            Some(coupon) if coupon.times_redeemed > 0 => return Ok(()),
            // Made by a try that came no further. Now another length may be the right one.
            Some(coupon) if length != Some(lasts(&coupon)) => {
                return Err(refused("discount_period"));
            }
            Some(_) => {}
            None => {
                let length = length.ok_or_else(|| refused("discount_period"))?;
                self.make_coupon(&id, wanted.off, length).await?;
            }
        }
        let had = live.discounts.unwrap_or_default();
        if had.len() > DISCOUNTS_MAX {
            return Err(refused("too_many_discounts"));
        }
        let kept = had.iter().enumerate().fold(Form::new(), |form, (place, discount)| {
            form.nested(&format!("discounts[{place}]"), "discount", &discount.id)
        });
        let form = kept.nested(&format!("discounts[{}]", had.len()), "coupon", &id);
        match self.set(&change_of(wanted.subscription), form).await {
            // Another try was first.
            Err(error) if error.kind == ErrorKind::Refused => {
                let coupon = self.coupon(&id).await?;
                let is_given = coupon.is_some_and(|coupon| coupon.times_redeemed > 0);
                if is_given { Ok(()) } else { Err(error) }
            }
            other => other,
        }
    }

    /// Whether it was given, and may be used up.
    pub(super) async fn was_discounted(
        &self,
        live: &ChangeableSubscription,
        key: &IdempotencyKey,
    ) -> Result<bool, ProviderError> {
        let id = coupon_id(key);
        if has(live, &id) {
            return Ok(true);
        }
        Ok(self.coupon(&id).await?.is_some_and(|coupon| coupon.times_redeemed > 0))
    }

    async fn coupon(&self, id: &str) -> Result<Option<Coupon>, ProviderError> {
        match self.get(&["coupons", id], Form::new()).await {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }

    async fn make_coupon(&self, id: &str, off: Off, length: Length) -> Result<(), ProviderError> {
        let form = Form::new().field("id", id).field("name", &label(off, length));
        let form = match off {
            Off::Percent(percent) => form.field("percent_off", &percent.to_string()),
            Off::Amount(money) => form
                .field("amount_off", &money.amount_minor.to_string())
                .field("currency", money.currency.as_str()),
        };
        let form = match length {
            Length::Once => form.field("duration", "once"),
            Length::Months(months) => {
                form.field("duration", "repeating").field("duration_in_months", &months.to_string())
            }
        };
        match self.set(&["coupons"], form.field("max_redemptions", "1")).await {
            Err(error) if error.code.as_deref() == Some(ALREADY_EXISTS) => Ok(()),
            other => other,
        }
    }
}

fn has(live: &ChangeableSubscription, coupon: &str) -> bool {
    let mut discounts = live.discounts.iter().flatten();
    discounts.any(|discount| discount.coupon() == Some(coupon))
}

fn lasts(coupon: &Coupon) -> Length {
    coupon.duration_in_months.map_or(Length::Once, Length::Months)
}

fn renewals(live: &ChangeableSubscription) -> Option<Renewals> {
    let item = live.items.as_ref()?.data.first()?;
    let recurring = item.price.as_ref()?.recurring.as_ref()?;
    Some(Renewals {
        began_at: Timestamp::from_seconds(item.current_period_start?),
        ends_at: Timestamp::from_seconds(item.current_period_end?),
        months: months_of(recurring)?,
    })
}

/// `reprieve-discount-ccl_1-sub_1-1`: the key without what an address would have to escape.
pub(super) fn coupon_id(key: &IdempotencyKey) -> String {
    key.as_str().replace(':', "-")
}

/// What customers read on their invoices, where Stripe would show the coupon's name:
/// `reprieve-50pct-3mo`, `reprieve-500eur-once`.
fn label(off: Off, length: Length) -> String {
    let off = match off {
        Off::Percent(percent) => format!("{percent}pct"),
        Off::Amount(money) => format!("{}{}", money.amount_minor, money.currency.as_str()),
    };
    match length {
        Length::Once => format!("reprieve-{off}-once"),
        Length::Months(months) => format!("reprieve-{off}-{months}mo"),
    }
}

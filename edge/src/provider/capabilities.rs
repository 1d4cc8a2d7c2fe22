//! What a provider can do, and what it does by itself.

use reprieve_core::case::Trigger;
use reprieve_core::provider::PauseAbility;

/// Each of these decides something; one that nobody asked would be a promise without a keeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// It has a retry schedule of its own for failed renewals: no charge of ours is sent near one
    /// of its attempts.
    pub owns_retry: bool,
    /// We may charge an open invoice whenever we decide to.
    pub can_trigger_retry: bool,
    /// Its declines carry the network's own advice, where the network gave one.
    pub exposes_network_advice: bool,
    /// A new default method makes it collect what is open; otherwise we have to charge.
    pub update_collects: bool,
    /// The most that a pause can be with it, whatever a subscription says of itself.
    pub pause: PauseAbility,
}

impl Capabilities {
    /// Whether our ladder may drive: it has to be able to charge, and to hear the networks when
    /// they forbid to try again, which they fine.
    #[must_use]
    pub const fn lets_our_ladder_drive(&self) -> bool {
        self.can_trigger_retry && self.exposes_network_advice
    }

    /// Whether the provider collects by itself what a charge of this kind is about to pay.
    #[must_use]
    pub fn collects_after(&self, trigger: Trigger) -> bool {
        self.update_collects && trigger == Trigger::MethodUpdate
    }

    /// How a subscription can be paused that says so of itself.
    #[must_use]
    pub const fn pause_of(&self, says: PauseAbility) -> PauseAbility {
        match (self.pause, says) {
            (PauseAbility::None, _) | (_, PauseAbility::None) => PauseAbility::None,
            (PauseAbility::Collection, _) | (_, PauseAbility::Collection) => {
                PauseAbility::Collection
            }
            (PauseAbility::Service, PauseAbility::Service) => PauseAbility::Service,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PauseAbility::{Collection, None, Service};

    const ALL: Capabilities = Capabilities {
        owns_retry: true,
        can_trigger_retry: true,
        exposes_network_advice: true,
        update_collects: true,
        pause: Service,
    };

    #[test]
    fn a_pause_is_never_more_than_both_say() {
        let rows = [
            (Service, Service, Service),
            (Service, Collection, Collection),
            (Service, None, None),
            (Collection, Service, Collection),
            (Collection, Collection, Collection),
            (Collection, None, None),
            (None, Service, None),
            (None, Collection, None),
            (None, None, None),
        ];
        for (provider, subscription, both) in rows {
            let can = Capabilities { pause: provider, ..ALL };
            assert_eq!(can.pause_of(subscription), both, "{provider:?} {subscription:?}");
        }
    }

    #[test]
    fn our_ladder_needs_to_charge_and_to_hear_the_networks() {
        assert!(ALL.lets_our_ladder_drive());
        assert!(!Capabilities { can_trigger_retry: false, ..ALL }.lets_our_ladder_drive());
        assert!(!Capabilities { exposes_network_advice: false, ..ALL }.lets_our_ladder_drive());
    }

    #[test]
    fn only_a_new_card_makes_a_provider_collect() {
        assert!(ALL.collects_after(Trigger::MethodUpdate));
        assert!(
            !ALL.collects_after(Trigger::CustomerRetry) && !ALL.collects_after(Trigger::Schedule)
        );
        let waits = Capabilities { update_collects: false, ..ALL };
        assert!(!waits.collects_after(Trigger::MethodUpdate));
    }
}

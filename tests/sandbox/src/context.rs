//! What an operation may use: the storage of its transaction, the time that it was told, ids,
//! and the events that it causes.

use serde_json::{Value, json};

use crate::config::{API_VERSION, Config};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::random::Random;
use crate::store::{Place, Query, Store};
use crate::webhook::chaos::Dice;
use crate::webhook::delivery;

/// Who asked: an API request, or nobody (a timer).
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// `req_…` of the request.
    pub(crate) request: Option<String>,
    /// Its idempotency key.
    pub(crate) idempotency_key: Option<String>,
}

/// When and where an operation happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now<'a> {
    pub(crate) wall_ms: i64,
    pub(crate) js_origin: &'a str,
}

/// An event that is written when the transaction commits.
struct Draft {
    kind: &'static str,
    object: Value,
    previous: Option<Value>,
    customer: Option<String>,
}

/// The surroundings of one operation.
pub(crate) struct Ctx<'a> {
    pub(crate) store: Store<'a>,
    pub(crate) config: &'a Config,
    pub(crate) random: &'a mut Random,
    pub(crate) origin: Origin,
    /// The sandbox's wall clock in milliseconds when the operation began.
    pub(crate) wall_ms: i64,
    /// Where the hosted pages and the Stripe.js stub are, such as `http://127.0.0.1:8711`.
    pub(crate) js_origin: &'a str,
    drafts: Vec<Draft>,
    /// Set when a test clock begins to move.
    pub(crate) wakes_clocks: bool,
}

/// Which background work a committed operation left behind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wake {
    pub(crate) deliveries: bool,
    pub(crate) clocks: bool,
}

impl<'a> Ctx<'a> {
    /// Begins an operation.
    pub(crate) fn new(
        store: Store<'a>,
        config: &'a Config,
        random: &'a mut Random,
        origin: Origin,
        now: Now<'a>,
    ) -> Self {
        let Now { wall_ms, js_origin } = now;
        let drafts = Vec::new();
        Self { store, config, random, origin, wall_ms, js_origin, drafts, wakes_clocks: false }
    }

    /// The wall clock in seconds. Payments, payment methods and events carry it even when their
    /// customer is on a test clock, as Stripe does
    /// (<https://github.com/stripe/stripe-python/issues/1183>).
    pub(crate) fn wall_s(&self) -> i64 {
        self.wall_ms / 1_000
    }

    /// The time on this test clock, or the wall clock for the empty id.
    pub(crate) fn clock_s(&self, clock: Option<&str>) -> Result<i64, ApiError> {
        match clock {
            Some(id) if !id.is_empty() => {
                Ok(self.store.get(Kind::Clock, id)?.body.int("frozen_time"))
            }
            _ => Ok(self.wall_s()),
        }
    }

    /// A new id for this kind.
    pub(crate) fn id(&mut self, kind: Kind) -> String {
        self.random.id(kind.prefix())
    }

    /// Notes an event about `object` in its present state.
    pub(crate) fn emit(&mut self, kind: &'static str, object: &Value) {
        self.emit_change(kind, object, None);
    }

    /// Notes an `…updated` event with the old values of what changed.
    pub(crate) fn emit_change(
        &mut self,
        kind: &'static str,
        object: &Value,
        previous: Option<Value>,
    ) {
        let customer = if object.text("object") == "customer" {
            object.text_opt("id")
        } else {
            // A detached payment method belongs to nobody any more, but its event does.
            let before = previous.as_ref().and_then(|previous| previous.text_opt("customer"));
            object.text_opt("customer").or(before)
        };
        self.drafts.push(Draft { kind, object: object.clone(), previous, customer });
    }

    /// Notes an event about an object that does not name its customer itself.
    pub(crate) fn emit_for(&mut self, kind: &'static str, object: &Value, customer: &str) {
        let customer = Some(customer.to_owned());
        self.drafts.push(Draft { kind, object: object.clone(), previous: None, customer });
    }

    /// The place of the next event, for [`Ctx::emit_at`].
    pub(crate) fn event_mark(&self) -> usize {
        self.drafts.len()
    }

    /// Like [`Ctx::emit`], but before the events that were noted since `mark`.
    pub(crate) fn emit_at(&mut self, mark: usize, kind: &'static str, object: &Value) {
        self.emit(kind, object);
        if mark < self.drafts.len()
            && let Some(last) = self.drafts.pop()
        {
            self.drafts.insert(mark, last);
        }
    }

    /// Writes the events with their deliveries and commits.
    pub(crate) fn commit(mut self) -> Result<Wake, ApiError> {
        let drafts = std::mem::take(&mut self.drafts);
        let mut wake = Wake { deliveries: false, clocks: self.wakes_clocks };
        if drafts.is_empty() {
            self.store.tx.commit()?;
            return Ok(wake);
        }
        let endpoints = self.store.all(Kind::WebhookEndpoint, Query::default())?;
        let mut dice = Dice::load(&self.store)?;
        for draft in drafts {
            let wanted: Vec<&str> = endpoints
                .iter()
                .filter(|endpoint| wants(endpoint, draft.kind))
                .map(|endpoint| endpoint.text("id"))
                .collect();
            let id = self.random.id(Kind::Event.prefix());
            let event = self.event(&id, &draft, wanted.len());
            let place = Place { customer: draft.customer.as_deref(), parent: None };
            self.store.insert(Kind::Event, place, &event, &json!({}))?;
            for endpoint in wanted {
                let fate = dice.throw();
                wake.deliveries |= !fate.delays_ms.is_empty();
                let customer = draft.customer.as_deref();
                delivery::enqueue(&self, &event, endpoint, customer, &fate)?;
            }
        }
        dice.store(&self.store)?;
        self.store.tx.commit()?;
        Ok(wake)
    }

    fn event(&self, id: &str, draft: &Draft, pending: usize) -> Value {
        let mut data = json!({"object": draft.object});
        if let Some(previous) = &draft.previous {
            data.set("previous_attributes", previous.clone());
        }
        json!({
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.wall_s(),
            "data": data,
            "livemode": false,
            "pending_webhooks": pending,
            "request": {
                "id": self.origin.request,
                "idempotency_key": self.origin.idempotency_key,
            },
            "type": draft.kind,
        })
    }
}

fn wants(endpoint: &Value, kind: &str) -> bool {
    endpoint.text("status") == "enabled"
        && endpoint
            .at("enabled_events")
            .as_array()
            .is_some_and(|list| list.iter().any(|name| name == "*" || name == kind))
}

"""A customer's story in the sandbox, told with PyPI stripe: a renewal that fails and is retried, a
new card, a payment, a second failure to the end, a bank that asks, an offer, pauses, and leaving.
Argument: the sandbox's address. Prints how many kinds of events were seen."""

import json
import sys
import time
import urllib.parse
import urllib.request
from datetime import datetime, timezone

import stripe

api = sys.argv[1].rstrip("/")
client = stripe.StripeClient(
    "sk_test_oracle", base_addresses={"api": api}, max_network_retries=0
)
v1 = client.v1
WAIT_S = 20
RETURN_URL = "https://shop.example/account"


def control(path: str, body: dict) -> dict:
    data = json.dumps(body).encode()
    request = urllib.request.Request(api + path, method="POST", data=data)
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        return json.load(answer)


def refused(kind: type, call, **expected) -> stripe.StripeError:
    """The call is refused with this class of error, and the error says this."""
    try:
        call()
    except kind as error:
        for name, value in expected.items():
            assert getattr(error, name) == value, (name, getattr(error, name), value)
        return error
    raise AssertionError(f"refused with {kind.__name__}: {expected}")


def until(what: str, look):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.025)
    raise AssertionError(f"waited in vain for {what}")


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp())


def travel(clock: str, to: str) -> None:
    v1.test_helpers.test_clocks.advance(clock, {"frozen_time": second(to)})
    until("the test clock", lambda: clock_is_ready(clock))


def clock_is_ready(clock: str) -> bool:
    return v1.test_helpers.test_clocks.retrieve(clock).status == "ready"


def set_default(customer: str, method: str) -> None:
    settings = {"default_payment_method": method}
    v1.customers.update(customer, {"invoice_settings": settings})


def intent_of(invoice: str):
    expand = ["payments.data.payment.payment_intent", "customer"]
    live = v1.invoices.retrieve(invoice, {"expand": expand})
    return live, live.payments.data[0].payment.payment_intent


def begin() -> dict:
    """A customer on a test clock, with a card that works, and a monthly subscription."""
    clocks = v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": second("2026-01-31T12:00:00"), "name": "oracle"})
    customer = v1.customers.create(
        {"email": "a@example.com", "name": "Ä ß", "test_clock": clock.id}
    )
    good = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    set_default(customer.id, good.id)
    product = v1.products.create({"name": "Pro"})
    price = v1.prices.create(
        {
            "product": product.id,
            "currency": "eur",
            "unit_amount": 1900,
            "recurring": {"interval": "month"},
        }
    )
    subscription = v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}]}
    )
    assert subscription.status == "active", subscription
    ids = {"clock": clock, "customer": customer, "price": price, "subscription": subscription}
    return {name: made.id for name, made in ids.items()}


def renewal_fails(story: dict) -> str:
    customer = story["customer"]
    bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    set_default(customer, bad.id)
    travel(story["clock"], "2026-02-28T13:30:00")
    invoice = v1.invoices.list({"customer": customer, "limit": 1}).data[0]
    live, intent = intent_of(invoice.id)
    assert live.status == "open" and live.attempt_count == 1, live
    assert live.customer.id == customer
    assert live.next_payment_attempt == second("2026-03-01T13:00:00"), live
    assert intent.last_payment_error.decline_code == "generic_decline", intent
    travel(story["clock"], "2026-03-04T00:00:00")
    assert v1.invoices.retrieve(invoice.id).attempt_count == 3
    assert v1.subscriptions.retrieve(story["subscription"]).status == "past_due"
    return invoice.id


def customer_pays(story: dict, invoice: str) -> None:
    def pay(key: str, **params):
        return v1.invoices.pay(invoice, {"off_session": False, **params}, {"idempotency_key": key})

    for _ in range(2):
        error = refused(stripe.CardError, lambda: pay("a"), http_status=402, code="card_declined")
        assert error.error.payment_intent.status == "requires_payment_method", error
    assert error.headers["idempotent-replayed"] == "true"
    refused(stripe.IdempotencyError, lambda: pay("a", payment_method="pm_card_visa"))
    setup = v1.setup_intents.create(
        {
            "customer": story["customer"],
            "usage": "off_session",
            "allowed_payment_method_types": ["card"],
        }
    )
    setup = v1.setup_intents.confirm(
        setup.id, {"payment_method": "pm_card_mastercard", "return_url": RETURN_URL}
    )
    assert setup.status == "succeeded", setup
    set_default(story["customer"], setup.payment_method)
    v1.subscriptions.update(
        story["subscription"], {"default_payment_method": setup.payment_method}
    )
    paid = pay("b", payment_method=setup.payment_method)
    assert paid.status == "paid" and paid.amount_remaining == 0, paid
    again = pay("b", payment_method=setup.payment_method)
    assert again.id == paid.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    subscription = v1.subscriptions.retrieve(story["subscription"])
    assert subscription.status == "active", subscription
    item = subscription["items"].data[0]
    assert item.current_period_end > item.current_period_start, item


def nobody_pays(story: dict) -> None:
    customer = story["customer"]
    bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    v1.subscriptions.update(story["subscription"], {"default_payment_method": bad.id})
    travel(story["clock"], "2026-04-14T13:30:00")
    ended = v1.subscriptions.retrieve(story["subscription"], {"expand": ["latest_invoice"]})
    assert ended.status == "canceled", ended
    assert ended.cancellation_details.reason == "payment_failed", ended
    assert ended.latest_invoice.next_payment_attempt is None
    voided = v1.invoices.void_invoice(ended.latest_invoice.id)
    assert voided.status == "void", voided
    refused(stripe.InvalidRequestError, lambda: v1.invoices.pay(voided.id), http_status=400)


def declines_on_demand() -> None:
    scenario = {"name": "declined_renewal", "card": "0341", "test_clock": False}
    played = control("/_sandbox/scenario", scenario)
    codes = {
        "decline_code": "stolen_card",
        "advice_code": "do_not_try_again",
        "network_advice_code": "03",
        "network_decline_code": "43",
    }
    control("/_sandbox/declines", {"customer": played["customer"], **codes, "times": 1})
    pay = lambda: v1.invoices.pay(played["invoice"], {"off_session": False})
    said = refused(stripe.CardError, pay).json_body["error"]
    assert {name: said[name] for name in codes} == codes, said


def answer_bank(intent, outcome: str) -> None:
    """What the challenge in the page sends."""
    fields = {
        "key": "pk_test_page",
        "client_secret": intent.client_secret,
        "source": intent.id,
        "outcome": outcome,
    }
    request = urllib.request.Request(
        api + "/v1/3ds2/authenticate",
        method="POST",
        data=urllib.parse.urlencode(fields).encode(),
        headers={"Origin": "http://127.0.0.1:1"},
    )
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        assert answer.status == 200


def bank_asks() -> None:
    scenario = {"name": "declined_renewal", "card": "3184", "test_clock": False}
    invoice = control("/_sandbox/scenario", scenario)["invoice"]
    _, before = intent_of(invoice)
    assert before.last_payment_error.code == "authentication_required", before
    for outcome, status in [("failed", "open"), ("succeeded", "paid")]:
        pay = lambda: v1.invoices.pay(invoice, {"off_session": False})
        refused(stripe.CardError, pay, code="invoice_payment_intent_requires_action")
        live, intent = intent_of(invoice)
        assert live.status == "open" and intent.status == "requires_action", intent
        assert intent.next_action.type == "use_stripe_sdk", intent
        answer_bank(intent, outcome)
        live, intent = intent_of(invoice)
        assert live.status == status, (outcome, live)
        if status == "open":
            code = intent.last_payment_error.code
            assert code == "payment_intent_authentication_failure", intent


def subscriber(price: str) -> tuple[str, str]:
    customer = v1.customers.create({"email": "b@example.com"}).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    made = v1.subscriptions.create(
        {
            "customer": customer,
            "items": [{"price": price}],
            "default_payment_method": card,
            "billing_mode": {"type": "flexible"},
        }
    )
    assert made.status == "active", made
    return customer, made.id


def gets_an_offer(customer: str, subscription: str) -> None:
    third = {
        "id": "reprieve-30pct-2mo",
        "percent_off": 30,
        "duration": "repeating",
        "duration_in_months": 2,
    }
    v1.coupons.create(third)
    again = lambda: v1.coupons.create(third)
    refused(stripe.InvalidRequestError, again, code="resource_already_exists")
    cheaper = v1.subscriptions.update(
        subscription, {"discounts": [{"coupon": third["id"]}], "expand": ["discounts"]}
    )
    assert [one.source.coupon for one in cheaper.discounts] == [third["id"]], cheaper
    credit = {"amount": -500, "currency": "eur", "metadata": {"reprieve_key": "k"}}
    key = {"idempotency_key": "python-credit"}
    given = [v1.customers.balance_transactions.create(customer, credit, key) for _ in range(2)]
    assert given[0].id == given[1].id
    movements = v1.customers.balance_transactions.list(customer, {"limit": 100}).data
    marks = [one.metadata.to_dict().get("reprieve_key") for one in movements]
    assert marks.count("k") == 1, marks


def rests(subscription: str) -> None:
    paused = v1.subscriptions.pause(
        subscription,
        {
            "type": "subscription",
            "bill_for": {"unused_time_from": {"type": "now"}},
            "invoicing_behavior": "pending_invoice_item",
        },
    )
    assert paused.status == "paused", paused
    v1.subscriptions.resume(
        subscription,
        {
            "billing_cycle_anchor": {"type": "now"},
            "payment_behavior": "resume_on_payment_attempt",
        },
    )
    is_active = lambda: v1.subscriptions.retrieve(subscription).status == "active"
    until("the first payment after the pause", is_active)
    resumes_at = int(time.time()) + 30 * 86_400
    held = v1.subscriptions.update(
        subscription, {"pause_collection": {"behavior": "void", "resumes_at": resumes_at}}
    )
    assert held.status == "active" and held.pause_collection.resumes_at == resumes_at, held
    collected = v1.subscriptions.update(subscription, {"pause_collection": ""})
    assert collected.pause_collection is None, collected


def opens_the_portal(customer: str) -> None:
    completion = {"type": "redirect", "redirect": {"return_url": RETURN_URL}}
    flow = {"type": "payment_method_update", "after_completion": completion}
    session = v1.billing_portal.sessions.create(
        {"customer": customer, "return_url": RETURN_URL, "flow_data": flow}
    )
    with urllib.request.urlopen(session.url, timeout=WAIT_S) as page:
        assert page.headers["content-type"].startswith("text/html")


def leaves(subscription: str) -> None:
    words = {"feedback": "unused", "comment": "bye"}
    leaving = v1.subscriptions.update(
        subscription, {"cancel_at_period_end": True, "cancellation_details": words}
    )
    assert leaving.cancel_at_period_end and leaving.cancellation_details.feedback == "unused"
    stays = v1.subscriptions.update(subscription, {"cancel_at_period_end": False})
    assert stays.cancel_at is None, stays
    assert v1.subscriptions.cancel(subscription).status == "canceled"
    again = lambda: v1.subscriptions.cancel(subscription)
    refused(stripe.InvalidRequestError, again, code="resource_missing")


story = begin()
customer_pays(story, renewal_fails(story))
nobody_pays(story)
declines_on_demand()
bank_asks()
customer, subscription = subscriber(story["price"])
gets_an_offer(customer, subscription)
rests(subscription)
opens_the_portal(customer)
leaves(subscription)
no_such = lambda: v1.customers.create({"no_such": "1"})
refused(stripe.InvalidRequestError, no_such, code="parameter_unknown")
nobody = lambda: v1.customers.retrieve("cus_nobody")
refused(stripe.InvalidRequestError, nobody, code="resource_missing")
v1.customers.delete(story["customer"])
assert v1.customers.retrieve(story["customer"]).deleted is True

kinds = {event.type for event in v1.events.list({"limit": 100}).auto_paging_iter()}
expected = {
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.voided",
    "setup_intent.succeeded",
}
assert expected <= kinds, expected - kinds
print(len(kinds))

"""A failed renewal in the sandbox, seen and paid with PyPI stripe. Argument: the sandbox's address."""

import json
import sys
import urllib.request

import stripe

api = sys.argv[1].rstrip("/")
client = stripe.StripeClient(
    "sk_test_oracle", base_addresses={"api": api}, max_network_retries=0
)


def control(path: str, body: dict) -> dict:
    request = urllib.request.Request(
        api + path, method="POST", data=json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


story = control(
    "/_sandbox/scenario", {"name": "declined_renewal", "card": "9995", "test_clock": False}
)
invoice = client.v1.invoices.retrieve(
    story["invoice"],
    {"expand": ["payments.data.payment.payment_intent", "customer"]},
)
assert invoice.status == "open" and invoice.attempt_count == 1, invoice
assert invoice.customer.id == story["customer"]
intent = invoice.payments.data[0].payment.payment_intent
assert intent.last_payment_error.decline_code == "insufficient_funds", intent

try:
    client.v1.invoices.pay(story["invoice"], {"off_session": False}, {"idempotency_key": "a"})
    raise AssertionError("the card has no money")
except stripe.CardError as error:
    assert error.http_status == 402 and error.code == "card_declined", error
    assert error.error.decline_code == "insufficient_funds", error
    assert error.error.payment_intent.status == "requires_payment_method", error

setup = client.v1.setup_intents.create(
    {"customer": story["customer"], "usage": "off_session", "allowed_payment_method_types": ["card"]}
)
setup = client.v1.setup_intents.confirm(
    setup.id, {"payment_method": "pm_card_visa", "return_url": "https://example.com/back"}
)
assert setup.status == "succeeded", setup
client.v1.customers.update(
    story["customer"], {"invoice_settings": {"default_payment_method": setup.payment_method}}
)
client.v1.subscriptions.update(
    story["subscription"], {"default_payment_method": setup.payment_method}
)
paid = client.v1.invoices.pay(
    story["invoice"],
    {"payment_method": setup.payment_method, "off_session": False},
    {"idempotency_key": "b"},
)
assert paid.status == "paid" and paid.amount_remaining == 0, paid
again = client.v1.invoices.pay(
    story["invoice"],
    {"payment_method": setup.payment_method, "off_session": False},
    {"idempotency_key": "b"},
)
assert again.id == paid.id and again.last_response.headers["idempotent-replayed"] == "true"

subscription = client.v1.subscriptions.retrieve(story["subscription"])
assert subscription.status == "active", subscription
assert subscription["items"].data[0].current_period_end > subscription.created

try:
    client.v1.customers.create({"no_such": "1"})
    raise AssertionError("there is no such parameter")
except stripe.InvalidRequestError as error:
    assert error.code == "parameter_unknown", error

kinds = {event.type for event in client.v1.events.list({"limit": 100}).auto_paging_iter()}
assert {"invoice.payment_failed", "invoice.paid", "setup_intent.succeeded"} <= kinds, kinds
print(len(kinds))

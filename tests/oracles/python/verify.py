"""PyPI stripe as a judge of webhook signatures: a case a line in, `{"ok"}` a line out."""

import json
import sys

import stripe

TOLERANCE_S = 300


def fits(case: dict, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(
            case["body"], case["header"], secret, tolerance=TOLERANCE_S
        )
    except stripe.SignatureVerificationError:
        return False
    return True


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({"ok": any(fits(case, secret) for secret in case["secrets"])}))

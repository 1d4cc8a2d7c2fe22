/** Events as the provider writes them, about things that never happened. */
import { randomUUID } from "node:crypto";

export function newEvent(type: string, object: Record<string, unknown>) {
  return {
    id: `evt_test_${randomUUID().replaceAll("-", "")}`,
    object: "event",
    api_version: "2026-10-28.endive",
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    data: { object },
  };
}

/** An event about a customer, of a type that nobody knows. */
export function strangeEvent(customer: string, type = "customer.unheard_of") {
  return newEvent(type, { id: customer, object: "customer" });
}

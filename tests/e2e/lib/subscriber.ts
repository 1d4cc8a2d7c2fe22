/** Somebody who pays and has no reason to be asked for anything. */
import type { Place } from "./places.ts";
import { expect, type World } from "./world.ts";

const DAY_S = 24 * 60 * 60;

/**
 * A customer in good standing with a running subscription that costs €19 a month, on a clock of
 * their own; with `trial_days` it begins with a trial. `{}` is no billing address.
 */
export async function newSubscriber(
  world: World,
  place: Partial<Place> = { country: "BR" },
  trial_days?: number,
  began_days_ago = 0,
) {
  const address: Record<string, string> = {};
  if (place.country !== undefined) address["address[country]"] = place.country;
  if (place.state !== undefined) address["address[state]"] = place.state;
  const clock = await world.sandbox.post("test_helpers/test_clocks", {
    frozen_time: String(Math.floor(Date.now() / 1000) - began_days_ago * DAY_S),
  });
  const customer = await world.sandbox.post("customers", {
    name: "Ada who leaves",
    test_clock: clock.id,
    ...address,
  });
  const card = { customer: customer.id };
  const method = await world.sandbox.post("payment_methods/pm_card_visa/attach", card);
  const product = await world.sandbox.post("products", { name: "Studio Pro" });
  const price = await world.sandbox.post("prices", {
    product: product.id,
    unit_amount: "1900",
    currency: "eur",
    "recurring[interval]": "month",
  });
  const subscription = await world.sandbox.post("subscriptions", {
    customer: customer.id,
    "items[0][price]": price.id,
    default_payment_method: method.id,
    ...(trial_days === undefined ? {} : { trial_period_days: String(trial_days) }),
  });
  expect(subscription.status).toBe(trial_days === undefined ? "active" : "trialing");
  return { customer: customer.id as string, subscription: subscription.id as string, clock };
}

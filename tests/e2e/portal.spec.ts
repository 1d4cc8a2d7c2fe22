/** The provider's own page, for merchants who want no card fields on any page of theirs. */
import { Links, openLink } from "./lib/links.ts";
import { CARDS } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

/** A card that nobody on our pages completes is carried through by the alarm, after 45 seconds. */
const ALARM_TIMEOUT_MS = 80_000;

test("a card given on the provider's own page pays for all three subscriptions", async ({
  world,
}) => {
  const many = { subscriptions: 3, own_cards: true };
  const declined = await world.newDeclinedCustomer({ card: "0069", ...many });
  const { customer } = declined;
  const link = await new Links(world.info).makeOne({ customer, mode: "provider" });
  const hosted = await openLink(world, link);
  await hosted.giveCardThere(world.info.sandbox_js, CARDS.works);
  const given = async () => {
    const { invoice_settings } = await world.sandbox.get(`customers/${customer}`);
    const method = invoice_settings.default_payment_method;
    return (await world.sandbox.get(`payment_methods/${method}`)).card.last4;
  };
  await expect.poll(given).toBe("4242");
  await hosted.page.waitForURL(`${world.info.edge}/p/done`);
  await hosted.expectView("done");
  // The provider made it the customer's default; subscriptions and invoices are up to us.
  await world.expectState(customer, "recovered", ALARM_TIMEOUT_MS);
  const [charge] = await world.expectAllPaidOnce(declined);
  await world.expectDefault(declined, charge!.payment_method);
});

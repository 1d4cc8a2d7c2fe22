// Compiled, never run: what users of the package may write, and what the compiler refuses.
import { type Events, type Handle, init } from "@reprieve/widget";

const handle: Handle = init({ origin: "https://reprieve.example.com", tokenUrl: "/token" });
init({ origin: "https://reprieve.example.com", getToken: async () => "token", skin: "game" });
const texts = { "panel.title": "Hello" };
init({ origin: "https://reprieve.example.com", container: "#here", texts });

const stop: () => void = handle.on("recovered", ({ amount_minor, currency }) => {
  const amount: number | undefined = amount_minor;
  const code: string | undefined = currency;
  return [amount, code];
});
stop();
const isOpen: Promise<boolean> = handle.open("update");
handle.setToken("token");
handle.setToken(async () => "token");
export const access: Events["status"]["access"] = "warn";
export default isOpen;

document.addEventListener("reprieve:status", (event) => event.detail.state === "pending");
document.createElement("reprieve-widget").getToken = async () => "token";
document.querySelector("reprieve-widget")?.refresh?.();
window.reprieve?.("open", "cancel");
window.reprieve?.("on", "declined", ({ reason }) => reason.length);

// @ts-expect-error the origin is missing
init({ tokenUrl: "/token" });
// @ts-expect-error there is no such place
init({ origin: "https://reprieve.example.com", position: "left" });
// @ts-expect-error there is no such word
handle.open("refund");
// @ts-expect-error there is no such event
handle.on("paid", () => {});
// @ts-expect-error this event has no such detail
handle.on("declined", ({ amount_minor }) => amount_minor);
// @ts-expect-error a token is a text or a function that brings one
handle.setToken(1);
// @ts-expect-error the script knows its origin
window.reprieve?.("init", { origin: "https://reprieve.example.com" });

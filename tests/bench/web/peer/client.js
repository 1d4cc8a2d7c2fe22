// What both peers know of the edge: the same calls as the widget's loader makes, as carefully.

const LIMIT_MS = 20_000;
const DISMISSED_KEY = "peer:dismissed";
const DISMISSED_FOR_MS = 24 * 60 * 60 * 1000;

/** `request(method, path, body)` resolves to `{ status, body }` and never rejects. */
export function createClient({ origin, tokenUrl }) {
  let token;

  async function fetchToken() {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const response = await fetch(tokenUrl, { method: "POST", signal });
    return (await response.json()).token;
  }

  async function ask(method, path, body) {
    token ||= await fetchToken();
    const response = await fetch(origin + path, {
      method,
      body,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(LIMIT_MS),
      cache: "no-store",
    });
    return { status: response.status, body: await response.json() };
  }

  return async function request(method, path, body) {
    try {
      const answer = await ask(method, path, body);
      if (answer.status !== 401) return answer;
      token = undefined;
      return await ask(method, path, body);
    } catch {
      return { status: 0 };
    }
  };
}

const mark = ({ access, invoices }) => access + invoices.map(({ id }) => id).join();

/** Whether this customer has put this very notice away today. */
export function isDismissed(status) {
  try {
    const [until, what] = localStorage.getItem(DISMISSED_KEY).split(" ");
    return what === mark(status) && Number(until) > Date.now();
  } catch {
    return false;
  }
}

/** Pages that block storage work; they just do not remember. */
export function rememberDismissal(status) {
  try {
    localStorage.setItem(DISMISSED_KEY, `${Date.now() + DISMISSED_FOR_MS} ${mark(status)}`);
  } catch {
    // Nothing is lost but the memory of it.
  }
}

/** `fetch` for tests that send many requests one after the other. */

/** What it says when the other side closed a connection that rested, in that very moment. */
const CLOSED = new Set(["UND_ERR_SOCKET", "ECONNRESET"]);

/** The same; a request for which a resting connection was closed goes out on a new one. */
export async function fetchAnew(url: string | URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    if (code === undefined || !CLOSED.has(code)) throw error;
    return fetch(url, init);
  }
}

/** Client of the edge as a browser on the host page would call it, and as the provider would. */
import { createHmac } from "node:crypto";
import { mintToken } from "../../host/mint-token.mjs";
import { fetchAnew } from "./fetch.ts";
import { secretsIn } from "./secrets.ts";
import type { StackInfo, Status } from "./types.ts";

const MERCHANT = "demo";
const REQUEST_TIMEOUT_MS = 60_000;
const TOKEN_LIFE_S = 600;

/** An answer of the edge: status, headers and the parsed body. */
export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  method?: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  headers?: Record<string, string>;
  origin?: string | null;
  token?: string | null;
  body?: string;
}

export class Edge {
  readonly #info: StackInfo;

  constructor(info: StackInfo) {
    this.#info = info;
  }

  /** A customer token; `age_s` seconds old, so 601 makes an expired one. */
  token(customer: string, { age_s = 0, merchant = MERCHANT, key = this.#info.token_key } = {}) {
    const nowS = Date.now() / 1000 - age_s;
    return mintToken({ customer, merchant, origin: this.#info.host, key, nowS });
  }

  /** A token that every clock agrees has expired. */
  expiredToken(customer: string): string {
    return this.token(customer, { age_s: TOKEN_LIFE_S + 3600 });
  }

  async call<T>(customer: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const { method = "GET", origin = this.#info.host } = options;
    const token = options.token === undefined ? this.token(customer) : options.token;
    const headers: Record<string, string> = { ...options.headers };
    if (origin !== null) headers.origin = origin;
    if (token !== null) headers.authorization = `Bearer ${token}`;
    return this.#send<T>(path, { method, headers, body: options.body });
  }

  async status(customer: string): Promise<Status> {
    const answer = await this.call<Status>(customer, "/v1/status");
    if (answer.status !== 200) {
      throw new Error(`status: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  /** Delivers a webhook body; `signature` overrides the header, `null` leaves it out. */
  webhook(body: string, { age_s = 0, signature }: WebhookOptions = {}): Promise<Answer<any>> {
    const header = signature === undefined ? this.sign(body, age_s) : signature;
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (header !== null) headers["stripe-signature"] = header;
    return this.#send("/v1/webhooks/stripe", { method: "POST", headers, body });
  }

  /** The provider's signature header: HMAC-SHA256 over `<unix seconds>.<raw body>`. */
  sign(body: string, age_s = 0): string {
    const time = Math.floor(Date.now() / 1000) - age_s;
    const mac = createHmac("sha256", this.#info.webhook_secret).update(`${time}.${body}`);
    return `t=${time},v1=${mac.digest("hex")}`;
  }

  async #send<T>(path: string, init: RequestInit): Promise<Answer<T>> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const answer = await fetchAnew(`${this.#info.edge}${path}`, { ...init, signal });
    const text = await answer.text();
    if (answer.status >= 400) assertErrorAnswer(`${init.method} ${path}`, answer, text);
    const body = text === "" ? null : JSON.parse(text);
    return { status: answer.status, headers: answer.headers, body: body as T };
  }
}

/** Every error, whatever test caused it: JSON with code, text and request id, and no secret. */
function assertErrorAnswer(what: string, answer: Response, text: string): void {
  const type = answer.headers.get("content-type");
  const { error } = type === "application/json" ? JSON.parse(text) : { error: null };
  const complete =
    error?.status === answer.status && error.code && error.message && error.request_id;
  if (!complete) throw new Error(`${what}: ${answer.status} is no proper error: ${text}`);
  const secrets = secretsIn(text);
  if (secrets.length > 0) throw new Error(`${what}: ${answer.status} tells ${secrets}`);
}

export interface WebhookOptions {
  age_s?: number;
  signature?: string | null;
}

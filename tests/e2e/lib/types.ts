/** Shapes that cross the wire, as far as the tests look at them. */

/** The ready line of `cargo xtask stack`. */
export interface StackInfo {
  sandbox: string;
  sandbox_js: string;
  edge: string;
  host: string;
  secret_key: string;
  webhook_secret: string;
  token_key: string;
  merchant_key: string;
  /** Where the stack keeps state and logs; absent when somebody else started it. */
  state_dir?: string;
}

/** One attempt that reached the card network, from the sandbox's own ledger. */
export interface Charge {
  id: string;
  payment_intent: string;
  invoice: string | null;
  customer: string;
  amount: number;
  currency: string;
  payment_method: string;
  status: "succeeded" | "pending" | "failed";
  decline_code: string | null;
  idempotency_key: string | null;
}

/** A customer whose renewal was declined. */
export interface DeclinedCustomer {
  customer: string;
  subscription: string;
  invoice: string;
  /** One for each subscription, and its open invoice; the first ones are those above. */
  subscriptions: string[];
  invoices: string[];
  /** One for all subscriptions, or one for each. */
  payment_methods: string[];
  test_clock: string | null;
  amount_minor: number;
  currency: string;
}

export interface Money {
  amount_minor: number;
  currency: string;
}

/** Answer of `GET /v1/status`. */
export interface Status {
  state: "clear" | "action_needed" | "pending" | "processing" | "recovered";
  access: "full" | "warn" | "restricted" | "ended";
  remedy: string | null;
  reason: string | null;
  amount_due: Money | null;
  invoices: { id: string; amount_due: Money; needs_authentication: boolean }[];
  method: { brand: string; last4: string } | null;
  can_retry: boolean;
  grace_ends_at_ms: number | null;
  next_attempt_at_ms: number | null;
  card_news: { kind: "updated" | "expires_soon"; expires_at_ms: number | null } | null;
  server_time_ms: number;
}

/** Body of every answer that is not 2xx. */
export interface ErrorBody {
  error: { status: number; code: string; message: string; request_id: string };
}

/** The widget's screens, as `data-screen` names them. */
export type Screen =
  | "banner"
  | "update"
  | "confirm"
  | "pending"
  | "recovered"
  | "error"
  | "offline"
  | "session_expired";

/** Command line of the host server: `--name value` pairs, checked before anything listens. */

const NAMES = ["port", "edge", "sandbox", "provider-js", "token-key", "merchant", "state"];
const TOKEN_KEY_BYTES_MIN = 32;

/** The origin of a URL, or a readable error that names the option. */
function originOf(name, value) {
  try {
    return new URL(value).origin;
  } catch {
    throw new Error(`--${name} must be a URL, got ${JSON.stringify(value)}`);
  }
}

/** The sandbox serves its Stripe.js on the port after its API, unless told otherwise. */
function providerJsOrigin(sandbox) {
  const url = new URL(sandbox);
  url.port = String(Number(url.port) + 1);
  return url.origin;
}

function pairs(argv) {
  const given = new Map();
  for (let at = 0; at < argv.length; at += 2) {
    const name = argv[at].replace(/^--/, "");
    if (!NAMES.includes(name) || argv[at + 1] === undefined) {
      throw new Error(`unknown or incomplete option ${argv[at]}; known: --${NAMES.join(", --")}`);
    }
    given.set(name, argv[at + 1]);
  }
  return given;
}

/**
 * @param {string[]} argv arguments after the script's name
 * @returns {{port: number, edge: string, sandbox: string, providerJs: string, tokenKey: string,
 *   merchant: string, stateDir: string | null}}
 */
export function parseArgs(argv) {
  const given = pairs(argv);
  const port = Number(given.get("port") ?? 8730);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error("--port must be a port number");
  }
  const sandbox = originOf("sandbox", given.get("sandbox") ?? "http://127.0.0.1:8710");
  const tokenKey = given.get("token-key") ?? "";
  if (Buffer.byteLength(tokenKey) < TOKEN_KEY_BYTES_MIN) {
    throw new Error(`--token-key must have at least ${TOKEN_KEY_BYTES_MIN} bytes`);
  }
  return {
    port,
    edge: originOf("edge", given.get("edge") ?? "http://127.0.0.1:8720"),
    sandbox,
    providerJs: originOf("provider-js", given.get("provider-js") ?? providerJsOrigin(sandbox)),
    tokenKey,
    merchant: given.get("merchant") ?? "demo",
    stateDir: given.get("state") ?? null,
  };
}

// Who comes back from a bank's page has a client secret in the address, put there by the
// provider's script. It goes at once. The mark says that the way began with our form: what other
// scripts of the page wait for is left to them.

const MARK = 'reprieve_back';
const THEIRS = ['setup_intent', 'setup_intent_client_secret', 'source_type', 'redirect_status'];

/**
 * The set-up that somebody comes back with; empty when the bank said no. `href` is the address as
 * it was when the page began: meanwhile the page may have tidied it.
 */
export const takeBack = (href) => {
  const query = new URL(href).searchParams;
  if (!query.has(MARK)) return;
  const setup = query.get('redirect_status') === 'failed' ? '' : query.get('setup_intent');
  const url = new URL(location);
  for (const name of [MARK, ...THEIRS]) url.searchParams.delete(name);
  history.replaceState(history.state, '', url);
  return setup;
};

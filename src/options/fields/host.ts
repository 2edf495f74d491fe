/**
 * Names and addresses of hosts that mean one host, to Deno's `--allow-net` as well. Pure; used by the schema of probes.
 *
 * Deno takes `*.example.com` for all hosts below it, `10.0.0.0/8` for a network, and a comma for the next
 * value; a URL may have the first and the last of these in its host.
 */

const LABELS = /^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/;
const ADDRESS_WITH_DOT = /^[\d.]+\.$/;

/** The message for an invalid host. */
export const NO_HOST = "must be a host's name or address";

/** Explains why a host cannot be used, as a clause after the name of its field; `undefined` if it can. */
export function hostProblem(host: string): string | undefined {
  if (host.includes("*")) return `${NO_HOST}; "*" would be many, so name the one`;
  // deno-lint-ignore no-control-regex -- matches anything outside ASCII
  if (/[^\x00-\x7f]/.test(host)) {
    const ascii = asciiOf(host);
    return ascii === undefined ? NO_HOST : `${NO_HOST} in ASCII: "${ascii}"`;
  }
  if (host.includes(":")) {
    return URL.canParse(`http://[${host.replace(/%[\w.-]+$/, "")}]`) ? undefined : NO_HOST;
  }
  return LABELS.test(host) && !ADDRESS_WITH_DOT.test(host) ? undefined : NO_HOST;
}

/** The host of a URL, an address of IPv6 without its brackets. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
}

/** As a URL writes it: `müller.de` is `xn--mller-kva.de`. */
function asciiOf(host: string): string | undefined {
  const url = `http://${host}/`;
  return /[/?#@\s]/.test(host) || !URL.canParse(url) ? undefined : new URL(url).hostname;
}

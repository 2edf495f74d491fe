/**
 * Language servers in a few lines of shell.
 *
 * @module
 */
import { NO_BACKOFF } from "@outrider/outrider";
import { lsp, type LspOptions } from "@outrider/outrider/actors/lsp";
import { AT_ONCE, type MakeSpec, sh } from "../../sidecar/health/probe.ts";

/** `take` reads a message into `$got`, `say` writes one; ASCII only. */
export const WORDS = `
take() { read -r n; read -r empty; n=\${n#*: }; got=$(head -c "\${n%?}"); }
say() { printf 'Content-Length: %d\\r\\n\\r\\n%s' \${#1} "$1"; }
answer() { say '{"jsonrpc":"2.0","id":'"$1"',"result":'"$2"'}'; }
`;
/** Answers the handshake: what it is sent is `got` of its answer, and in `$initialized`. */
export const WELCOME =
  `take; answer 1 '{"capabilities":{"hoverProvider":true},"got":'"$got"'}'; take; initialized=$got`;

/** Without patience, and without a goodbye. */
const ABRUPT = { ...AT_ONCE, goodbye: 0 };

/** A language server that runs this script after {@linkcode WORDS}. */
export function server(script: string, more: Partial<LspOptions> = {}): MakeSpec {
  return (id: string) => lsp(id, { ...sh(WORDS + script), backoff: NO_BACKOFF, stop: ABRUPT, ...more });
}

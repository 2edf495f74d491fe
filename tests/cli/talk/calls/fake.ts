/**
 * A server of JSON-RPC in a line of shell, one message a line.
 *
 * @module
 */

/** What it writes, where `$id` is the id and `$got` the whole of a message that has `method`. */
export type Says = Readonly<Record<string, string>>;

/** Its script: it writes `says` in one piece. */
export function fakeServer(says: Says): string {
  const cases = Object.entries(says).map(([method, text]) =>
    `*'"method":"${method}"'*) printf '%s' "${text.replaceAll('"', '\\"')}";;`
  );
  return `while IFS= read -r got; do id=\${got#*'"id":'}; id=\${id%%,*}; case "$got" in ${
    cases.join(" ")
  } esac; done`;
}

/** A reply to `$id`, with its newline. */
export function reply(result: string): string {
  return `{"jsonrpc":"2.0","id":$id,"result":${result}}\n`;
}

/** A notification, with its newline. */
export function note(text: string): string {
  return `{"jsonrpc":"2.0","method":"note","params":["${text}"]}\n`;
}

/** An entry of a manifest. */
export function fake(id: string, says: Says, more: object = {}): object {
  return { id, command: "sh", args: ["-c", fakeServer(says)], protocol: "jsonrpc", after: [], ...more };
}

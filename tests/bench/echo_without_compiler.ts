/** What `echo.c` does, for a machine without a compiler. */
const headers = Deno.args[0] === "headers";
const decoder = new TextDecoder();
const encoder = new TextEncoder();
let held = "";

function answer(text: string): string {
  const { id, params } = JSON.parse(text) as { id: unknown; params: unknown };
  const response = JSON.stringify({ jsonrpc: "2.0", id, result: params });
  // The benchmarks' messages are ASCII: characters are bytes.
  return headers ? `Content-Length: ${response.length}\r\n\r\n${response}` : `${response}\n`;
}

/** The next whole message and where it ends. */
function next(at: number): [text: string, end: number] | undefined {
  if (!headers) {
    const newline = held.indexOf("\n", at);
    return newline < 0 ? undefined : [held.slice(at, newline), newline + 1];
  }
  const head = /Content-Length: (\d+)\r\n\r\n/y;
  head.lastIndex = at;
  const size = Number(head.exec(held)?.[1]);
  const end = head.lastIndex + size;
  return end <= held.length ? [held.slice(end - size, end), end] : undefined;
}

for await (const chunk of Deno.stdin.readable) {
  held += decoder.decode(chunk, { stream: true });
  let at = 0;
  let answers = "";
  for (let message; (message = next(at)) !== undefined; at = message[1]) answers += answer(message[0]);
  held = held.slice(at);
  const bytes = encoder.encode(answers);
  for (let sent = 0; sent < bytes.length;) sent += await Deno.stdout.write(bytes.subarray(sent));
}

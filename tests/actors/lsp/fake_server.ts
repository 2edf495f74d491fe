/**
 * A language server by hand, for `deno run`: it keeps its documents as texts, by code of its own, and says what it has
 * heard that no client may say.
 */

// deno-lint-ignore no-explicit-any -- messages as they come
type Message = any;

const texts = new Map<string, string>();
const versions = new Map<string, number>();
const faults: string[] = [];
const heard: string[] = [];
/** The process that a client had it watch. */
let watched: number | null = null;
let folders: unknown;
const encoder = new TextEncoder();

/** Whether it reads no further. */
let isDeaf = false;

function say(message: object): void {
  sayRaw(JSON.stringify({ jsonrpc: "2.0", ...message }));
}

function sayRaw(text: string): void {
  const body = encoder.encode(text);
  const header = encoder.encode(`Content-Length: ${body.length}\r\n\r\n`);
  const frame = new Uint8Array(header.length + body.length);
  frame.set(header);
  frame.set(body, header.length);
  for (let at = 0; at < frame.length;) at += Deno.stdout.writeSync(frame.subarray(at));
}

/** The offset of a position: lines end with "\r\n", "\n" or "\r", and characters are units of UTF-16. */
function offsetOf(text: string, { line, character }: { line: number; character: number }): number {
  let start = 0;
  for (
    const [end] of [...text.matchAll(/\r\n|\n|\r/g)].slice(0, line).map((
      found,
    ) => [found.index + found[0].length])
  ) {
    start = end!;
  }
  const rest = /^[^\r\n]*/.exec(text.slice(start))![0].length;
  return start + Math.min(character, rest);
}

function change(uri: string, { range, text }: Message): void {
  const before = texts.get(uri)!;
  if (range === undefined) return void texts.set(uri, text);
  texts.set(
    uri,
    before.slice(0, offsetOf(before, range.start)) + text + before.slice(offsetOf(before, range.end)),
  );
}

function take({ id, method, params }: Message): void {
  heard.push(method);
  const { uri, text, version } = params?.textDocument ?? {};
  if (method === "initialize") {
    const { positionEncodings } = params.capabilities.general;
    watched = params.processId;
    folders = params.workspaceFolders;
    return say({ id, result: { capabilities: { positionEncodings, folders } } });
  }
  if (method === "shutdown") return say({ id, result: null });
  if (method === "exit") Deno.exit(0);
  if (method === "textDocument/didOpen") {
    if (texts.has(uri)) faults.push(`opened twice: ${uri}`);
    texts.set(uri, text);
    versions.set(uri, version);
  } else if (method === "textDocument/didClose") {
    if (!texts.delete(uri)) faults.push(`not open: ${uri}`);
  } else if (method === "textDocument/didChange") {
    if (!texts.has(uri)) return void faults.push(`change of what is not open: ${uri}`);
    if (version <= versions.get(uri)!) faults.push(`version ${version} after ${versions.get(uri)}`);
    versions.set(uri, version);
    for (const one of params.contentChanges) change(uri, one);
  } else if (method === "test/texts") say({ id, result: { texts: Object.fromEntries(texts), faults } });
  else if (method === "test/folders") say({ id, result: folders });
  else if (method === "test/heard") say({ id, result: heard });
  else if (method === "test/watched") {
    say({ method: "window/logMessage", params: { type: 2, message: `watching ${watched}` } });
    say({ id, result: watched });
  } else if (method === "test/die") Deno.exit(3);
  else if (method === "test/begin") {
    say({
      id: 1,
      method: "client/registerCapability",
      params: { registrations: [{ id: "r", method: "m" }] },
    });
    say({ method: "$/progress", params: { token: "t", value: { kind: "begin", title: "x" } } });
    say({
      method: "textDocument/publishDiagnostics",
      params: { uri: "file:///a", diagnostics: [{ message: "x" }] },
    });
    say({ id, result: null });
  } else if (method === "test/never") return;
  else if (method === "test/raw") { for (const body of params.bodies) sayRaw(body.replaceAll("$id", id)); }
  else if (method === "test/deaf") isDeaf = true;
  else if (method === "$/cancelRequest") {
    say({ id: params.id, error: { code: -32_800, message: "Cancelled" } });
  } else if (id !== undefined) say({ id, error: { code: -32_601, message: `Unknown: ${method}` } });
}

let parts: Uint8Array[] = [];
let size = 0;
let wanted = 0;
const decoder = new TextDecoder();
for await (const chunk of Deno.stdin.readable) {
  parts.push(chunk);
  size += chunk.length;
  if (size < wanted) continue;
  let buffer = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  for (;;) {
    const head = /^Content-Length: (\d+)\r\n\r\n/.exec(
      new TextDecoder("latin1").decode(buffer.subarray(0, 60)),
    );
    const end = head === null ? 0 : head[0].length + Number(head[1]);
    wanted = Math.max(end, buffer.length + 1);
    if (head === null || buffer.length < end) break;
    const body = decoder.decode(buffer.subarray(head[0].length, end));
    buffer = buffer.subarray(end);
    take(JSON.parse(body));
    if (isDeaf) await new Promise(() => setInterval(() => {}, 60_000));
  }
  parts = [buffer];
  size = buffer.length;
}
Deno.exit(0);

/**
 * A worker that is sent bytes and answers with their SHA-256. It knows nothing of Outrider: each message on stdin and
 * stdout is a length of four bytes, the highest first, and so many bytes of MessagePack.
 */
import { decode, encode } from "npm:@msgpack/msgpack@^3";

interface Request {
  id: number;
  bytes: Uint8Array<ArrayBuffer>;
}

async function post(message: unknown): Promise<void> {
  const content = encode(message);
  const frame = new Uint8Array(4 + content.length);
  new DataView(frame.buffer).setUint32(0, content.length);
  frame.set(content, 4);
  for (let at = 0; at < frame.length;) at += await Deno.stdout.write(frame.subarray(at));
}

/** Reads so many bytes; fewer only where stdin ends. */
async function read(length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const count = await Deno.stdin.read(bytes.subarray(at));
    if (count === null) break;
    at += count;
  }
  return bytes.subarray(0, at);
}

for (;;) {
  const prefix = await read(4);
  if (prefix.length < 4) break;
  const { id, bytes } = decode(await read(new DataView(prefix.buffer).getUint32(0))) as Request;
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  await post({ id, sha256, size: bytes.length, at: new Date() });
}

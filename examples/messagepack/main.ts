/**
 * Bytes go to a worker and come back as bytes, with a date, as through a `MessagePort`: no JSON, no base64.
 */
import { type Protocol, sidecar, start, supervisor } from "@outrider/outrider";
import { messagepack } from "./codec.ts";

/** The codec cuts and reads; replies find their requests by the number in `id`. */
const protocol: Protocol<{ bytes: Uint8Array }, { sha256: Uint8Array; size: number; at: Date }> = {
  name: "messagepack",
  codec: messagepack,
  pairing: { id: "id" },
};

const hasher = sidecar("hasher", {
  command: Deno.execPath(),
  args: ["run", "--no-config", new URL("worker.ts", import.meta.url).pathname],
  inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY"],
  protocol,
});

await using system = await start(supervisor("root", [hasher]));
const { sha256, size, at } = await system.ref(hasher).ask(
  { bytes: new TextEncoder().encode("hello") },
  { timeout: 30_000 }, // the first start may download
);
console.log(`${size} bytes, SHA-256 ${sha256.toHex().slice(0, 16)}…, a date: ${at instanceof Date}`);

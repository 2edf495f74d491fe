/** Handshake and goodbye of a sidecar that speaks JSON-RPC, with processes. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import {
  jsonrpc,
  JsonRpcError,
  type JsonRpcOptions,
  SidecarExitedError,
  SidecarNotReadyError,
  type SidecarOptions,
} from "@outrider/outrider";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

/** A sidecar that is greeted with request 1. */
function greeted(
  script: string,
  { requestShutdown, ...more }: Pick<JsonRpcOptions, "requestShutdown"> & Partial<SidecarOptions> = {},
): SidecarOptions {
  const handshake: JsonRpcOptions["handshake"] = async (peer) => void await peer.request("hello");
  return { ...sh(script), protocol: jsonrpc({ handshake, requestShutdown }), stop: AT_ONCE, ...more };
}

/** Why it could not be started. */
async function failureOfStart(options: SidecarOptions): Promise<Error> {
  await using probe = new Probe({ ...options, restart: "temporary" });
  await failureOf(probe.system.start());
  const { cause } = await probe.event("start_failed");
  return cause;
}

Deno.test("a handshake that is refused is a failed start, in the words of the sidecar", async () => {
  const error = '{"jsonrpc":"2.0","id":1,"error":{"code":-32099,"message":"no licence"}}';
  const failure = await failureOfStart(
    greeted(`echo 'looking for it' >&2; read -r hello; echo '${error}'; exec cat`),
  );
  assertInstanceOf(failure, SidecarNotReadyError);
  assertEquals(failure.message, "Cannot use 's': its handshake failed: no licence");
  assertInstanceOf(failure.cause, JsonRpcError);
  assertEquals([failure.cause.code, failure.stderrTail], [-32_099, ["looking for it"]]);
});

Deno.test("a sidecar that ends in the handshake failed to start, by its exit", async () => {
  const failure = await failureOfStart(greeted("read -r hello; echo 'out of luck' >&2; exit 3"));
  assertInstanceOf(failure, SidecarExitedError);
  assertEquals([failure.exitCode, failure.lastWords], [3, "out of luck"]);
});

Deno.test("a sidecar that ends in the handshake with code 0 failed to start as well", async () => {
  const failure = await failureOfStart(greeted("read -r hello"));
  assertInstanceOf(failure, SidecarNotReadyError);
  assertEquals(failure.message, "Cannot use 's': it exited with code 0 before it got ready");
});

Deno.test("a handshake that takes too long is a failed start, and the process is gone", async () => {
  await using probe = new Probe({ ...greeted("exec cat >/dev/null"), restart: "temporary", startWithin: 50 });
  const error = await failureOf(probe.system.start());
  assertMatch(error.message, /within 50 ms/);
});

Deno.test("earlier messages wait until the handshake is over", async () => {
  const script = `read -r hello; echo '{"jsonrpc":"2.0","id":1,"result":null}'
    while read -r line; do echo "$line"; done`;
  await using probe = new Probe(greeted(script));
  const output = probe.ref.subscribe();
  void probe.ref.tell({ method: "early" });
  await probe.system.start();
  assertEquals((await output.next()).value, { jsonrpc: "2.0", method: "early" });
});

Deno.test("the answer to a goodbye is read although a subscriber reads nothing", async () => {
  const script = `read -r hello; echo '{"jsonrpc":"2.0","id":1,"result":null}'
    read -r start
    n=0; while [ $n -lt 4000 ]; do n=$((n + 1)); echo '{"jsonrpc":"2.0","method":"more","params":{"filler":"'$start'"}}'; done
    read -r goodbye; echo '{"jsonrpc":"2.0","id":2,"result":"bye"}'`;
  const told: unknown[] = [];
  const requestShutdown: JsonRpcOptions["requestShutdown"] = async (peer) =>
    void told.push(await peer.request("goodbye"));
  const options = greeted(script.replace("'$start'", "x".repeat(100)), { requestShutdown });
  await using probe = await Probe.start({ ...options, stop: { ...AT_ONCE, goodbye: 20_000, stdin: 20_000 } });
  const output = probe.ref.subscribe({ capacity: 4 });
  await probe.ref.tell({ method: "start" });
  await output.next();
  await probe.system.stop();
  assertEquals(told, ["bye"]);
  assert(!probe.steps().includes("SIGKILL"));
});

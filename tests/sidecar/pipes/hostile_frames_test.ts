/** Frames that a sidecar sends to keep whoever reads them for as long as it can. */
import { assertEquals, assertLess } from "@std/assert";
import { jsonrpc, type SidecarOptions } from "@outrider/outrider";
import { Probe, sh, take } from "../health/probe.ts";

/** Prints `"ok"`, a frame of `times` × `text` and the line `more`, and stays. */
function sends(text: string, times: number, more: string): Pick<SidecarOptions, "command" | "args"> {
  return sh(
    `printf '['; yes "$1" | head -n "$2" | tr '\\n' ','; echo "0]"; echo "$3"; exec cat`,
    text,
    String(times),
    more,
  );
}

/** The longest that the event loop was away, in ms, once it is asked for. */
function watchLoop(): () => number {
  let [longest, last] = [0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 5);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

for (const protocol of ["ndjson", jsonrpc()] as const) {
  const name = typeof protocol === "string" ? protocol : "jsonrpc";
  Deno.test(`sidecar with ${name} goes on when a frame is too heavy to be read`, async () => {
    await using probe = new Probe({ ...sends("[]", 3_000_000, '{"method":"up"}'), protocol });
    const output = probe.ref.subscribe();
    const longest = watchLoop();
    await probe.system.start();
    assertEquals(await take(output, 1), [{ method: "up" }]);
    // Parsing it is a second of a quiet machine; looking at it is a tenth.
    assertLess(longest(), 5_000);
    assertEquals(probe.all("malformed").map(({ kind, bytes }) => [kind, bytes]), [["too_heavy", 9_000_003]]);
  });
}

Deno.test("sidecar that is strict ends when a frame is too heavy to be read", async () => {
  await using probe = new Probe({
    ...sends("{}", 3_000_000, "1"),
    protocol: "ndjson",
    strict: true,
    restart: "temporary",
  });
  await probe.system.start();
  const { exit } = await probe.event("exited");
  assertEquals(exit.reason === "crash" && (exit.cause as { code?: string }).code, "sidecar_protocol");
});

Deno.test("sidecar gets a whole text across when it is as long as a frame may be", async () => {
  const script = `printf '"'; head -c 9999000 /dev/zero | tr '\\0' x; echo '"'; exec cat`;
  await using probe = new Probe({ ...sh(script), protocol: "ndjson" });
  const output = probe.ref.subscribe();
  await probe.system.start();
  const [text] = await take(output, 1) as [string];
  assertEquals([text.length, probe.all("malformed")], [9_999_000, []]);
});

Deno.test("sidecar with jsonrpc loses a batch when it has more in it than is answered at once", async () => {
  await using probe = new Probe({
    ...sends('{"id":1,"method":"x"}', 2_000, '{"method":"up"}'),
    protocol: jsonrpc(),
  });
  const output = probe.ref.subscribe();
  await probe.system.start();
  assertEquals(await take(output, 1), [{ method: "up" }]);
  assertEquals(probe.all("malformed").map(({ kind }) => kind), ["not_json_rpc"]);
});

Deno.test("sidecar with content-length is in step again when headers begin in every line of a broken one", async () => {
  const script = `i=0; while [ $i -lt 300 ]; do echo "b$i:content-type:$i"; i=$((i+1)); done > "$1"; ` +
    `for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat "$1"; cat "$1"; cat "$1"; cat "$1"; done; ` +
    `printf 'Content-Length: 2\\r\\n\\r\\n17'; exec cat`;
  const file = await Deno.makeTempFile();
  try {
    await using probe = new Probe({ ...sh(script, file), protocol: "content-length" });
    const output = probe.ref.subscribe();
    await probe.system.start();
    assertEquals(await take(output, 1), [17]);
  } finally {
    await Deno.remove(file);
  }
});

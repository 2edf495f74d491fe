/** Sidecars that have a terminal of their own. */
import { assertEquals, assertThrows } from "@std/assert";
import { jsonrpc, launch, NO_BACKOFF, OptionError, sidecar, supervisor } from "@outrider/outrider";
import { findProgram } from "../../src/permissions/find_program.ts";

const hasScript = Deno.build.os === "linux" &&
  findProgram("script", { path: Deno.env.get("PATH") }).state === "found";

Deno.test({
  name: `a sidecar answers in lines when it has a terminal${hasScript ? "" : " (skipped: needs script)"}`,
  ignore: !hasScript,
  async fn() {
    const code = 'test -t 1 && while read -r line; do echo "got $line"; done';
    const child = sidecar("a", { command: "sh", args: ["-c", code], protocol: "lines", pty: true });
    await using app = await launch(supervisor("app", [child]), { report: false });
    assertEquals(await app.ref(child).ask("one"), "got one");
    assertEquals(await app.ref(child).ask("two"), "got two");
  },
});

Deno.test("a sidecar is refused when it has a terminal and its protocol is not lines of text", () => {
  const options = { command: "x", pty: true, backoff: NO_BACKOFF } as const;
  for (const protocol of ["bytes", "content-length", "netstring", "length-prefixed-be"] as const) {
    const error = assertThrows(() => sidecar("a", { ...options, protocol }), OptionError);
    assertEquals(
      error.message,
      'Cannot run "x" in a terminal: a terminal alters bytes; use "lines" or "ndjson" as the protocol, or leave it out',
    );
  }
  assertThrows(() => sidecar("a", { ...options, protocol: jsonrpc({ framing: "headers" }) }), OptionError);
  if (Deno.build.os !== "windows") sidecar("a", { ...options, protocol: jsonrpc({ framing: "lines" }) });
});

Deno.test("a sidecar is refused when it has a terminal and a line of its stderr is waited for", () => {
  const options = { command: "x", pty: true } as const;
  const message = 'stderr comes on stdout there; wait for the line on "stdout"';
  assertThrows(() => sidecar("a", { ...options, ready: { stderr: /up/ } }), OptionError, message);
  const probes = { liveness: { heartbeat: { stderr: /tick/ } } };
  assertThrows(() => sidecar("a", { ...options, probes }), OptionError, message);
});

Deno.test("a sidecar is refused when it has a terminal and a launcher", () => {
  const options = { command: "x", pty: true, launcher: ["nice"] } as const;
  assertThrows(() => sidecar("a", options), OptionError, "it is a launcher itself; leave out one of the two");
});

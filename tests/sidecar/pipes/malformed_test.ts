import { assert, assertEquals, assertInstanceOf, assertLessOrEqual } from "@std/assert";
import { IncarnationEndedError, SidecarProtocolError } from "@outrider/outrider";
import { failureOf } from "../../support/probes.ts";
import { fixture, Probe, sh, take } from "../health/probe.ts";

Deno.test("ndjson: garbage between messages is dropped, counted and reported, and the messages get through", async () => {
  await using probe = await Probe.start({
    ...sh('read -r go; sh "$1"', fixture("prints_garbage").args![0]!),
    protocol: "ndjson",
    maxFrame: 1_000,
    restart: "temporary",
  });
  const output = probe.ref.subscribe();
  await probe.ref.tell("go");
  await probe.event("exited");
  assertEquals(await take(output, 4), [{ n: 1 }, { n: 2 }, { n: 3 }]);
  // The first, the second and the fourth of not_json, invalid_utf8, over_cap and truncated.
  const told = probe.all("malformed").map(({ kind, total }) => `${total} ${kind}`);
  assertEquals(told, ["1 not_json", "2 invalid_utf8", "4 truncated"]);
  assertEquals(probe.all("malformed")[0]!.sample, "WARN: not json");
});

Deno.test("ndjson: a flood of garbage does not flood the events", async () => {
  await using probe = await Probe.start({
    ...sh("yes garbage | head -n 50000; exec cat"),
    protocol: "ndjson",
  });
  assertEquals(await probe.ref.ask({ n: 1 }), { id: 1, n: 1 }); // behind all of it
  const totals = probe.all("malformed").map(({ total }) => total);
  assertEquals(totals, Array.from({ length: 16 }, (_, n) => 2 ** n));
});

Deno.test("a line that never ends costs no more memory than the cap", async () => {
  await using probe = await Probe.start({
    ...sh("head -c 3000000 /dev/zero; echo; exec cat"),
    protocol: "ndjson",
    maxFrame: 1_000,
  });
  assertEquals(await probe.ref.ask({}), { id: 1 });
  const [fault] = probe.all("malformed");
  assertEquals([fault!.kind, probe.all("malformed").length], ["over_cap", 1]);
  assertLessOrEqual(fault!.sample.length, 80);
});

Deno.test("lines: invalid UTF-8 is delivered with replacements, and reported", async () => {
  await using probe = await Probe.start({
    ...sh("read -r x; printf '\\377!\\n'; exec cat"),
    protocol: "lines",
  });
  assertEquals(await Promise.all(["x", "y"].map((word) => probe.ref.ask(word))), ["\ufffd!", "y"]);
  assertEquals((await probe.event("malformed")).kind, "invalid_utf8");
});

Deno.test("lines: a reply over the cap fails the ask that it answers, and the next gets its own", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "lines", maxFrame: 1_000 });
  const [one, two, three] = ["one", "2".repeat(2_000), "three"].map((word) => probe.ref.ask(word));
  assertEquals(await one, "one");
  const error = await failureOf(two);
  assertInstanceOf(error, SidecarProtocolError);
  assertEquals([error.code, error.path, error.fault.kind], ["sidecar_protocol", "s", "over_cap"]);
  assertEquals([await three, probe.ref.generation], ["three", 1]);
});

Deno.test("strict: malformed output ends the process, and is the cause", async () => {
  await using probe = await Probe.start({
    ...sh("read -r line; echo garbage; echo more garbage; exec cat"),
    protocol: "ndjson",
    strict: true,
  });
  const error = await failureOf(probe.ref.ask({}));
  assertInstanceOf(error, IncarnationEndedError);
  const { cause } = error;
  assertInstanceOf(cause, SidecarProtocolError);
  assertEquals([cause.fault.kind, cause.fault.sample], ["not_json", "garbage"]);
  const { exit, generation } = await probe.event("exited");
  assert(exit.reason === "crash" && exit.cause === cause);
  assertEquals(generation, 1);
  await probe.event("ready", ({ generation }) => generation === 2);
});

Deno.test("strict: garbage before it is ready is a failed start", async () => {
  await using probe = new Probe({
    ...sh("echo garbage; exec cat"),
    protocol: "ndjson",
    ready: { reply: { hello: 1 } },
    strict: true,
  });
  const error = await failureOf(probe.system.start());
  assertInstanceOf(error.cause, Error);
  assertInstanceOf((await probe.event("start_failed")).cause, SidecarProtocolError);
});

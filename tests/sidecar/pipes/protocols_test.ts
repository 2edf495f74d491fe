import { assertEquals, assertInstanceOf } from "@std/assert";
import { SidecarNoRepliesError, UnencodableMessageError } from "@outrider/outrider/protocol";
import { failureOf } from "../../support/probes.ts";
import { fixture, Probe, sh, take } from "../health/probe.ts";

// --- lines ------------------------------------------------------------------

Deno.test("lines: each ask gets its own line back", async () => {
  await using probe = await Probe.start({
    ...sh('while read -r line; do echo "<$line>"; done'),
    protocol: "lines",
  });
  for (const word of ["one", "two", "three"]) assertEquals(await probe.ref.ask(word), `<${word}>`);
});

Deno.test("lines: 1,000 asks at once are answered in order", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "lines" });
  const words = Array.from({ length: 1_000 }, (_, n) => `word ${n} ${"é".repeat(n % 300)}`);
  assertEquals(await Promise.all(words.map((word) => probe.ref.ask(word))), words);
  assertEquals(await probe.ref.ask(""), "");
  assertEquals(probe.ref.deadLetters, 0);
});

Deno.test("lines: text with a newline is refused, and the process lives on", async () => {
  await refuses(["two\nlines", "\n"]);
});

Deno.test("lines: a message that is not text is refused, and the process lives on", async () => {
  await refuses([42, null, ["x"], new Uint8Array(1)]);
});

async function refuses(messages: unknown[]): Promise<void> {
  await using probe = await Probe.start({ command: "cat", protocol: "lines" });
  for (const wrong of messages) {
    const error = await failureOf(probe.ref.ask(wrong));
    assertInstanceOf(error, UnencodableMessageError);
    assertEquals(error.code, "unencodable_message");
    await probe.ref.tell(wrong);
  }
  assertEquals([await probe.ref.ask("still there"), probe.ref.generation], ["still there", 1]);
  assertEquals(probe.all("dead_letter").map(({ reason }) => reason), messages.map(() => "refused"));
}

// --- ndjson -----------------------------------------------------------------

Deno.test("ndjson: asks that the program answers out of order get their own replies", async () => {
  await using probe = await Probe.start({ ...fixture("answers_in_reverse", "50"), protocol: "ndjson" });
  const settled: number[] = [];
  const asks = Array.from({ length: 50 }, (_, n) =>
    probe.ref.ask({ n }).then((reply: { n: number }) => {
      settled.push(reply.n);
      return reply.n;
    }));
  assertEquals(await Promise.all(asks), Array.from({ length: 50 }, (_, n) => n));
  assertEquals(settled, Array.from({ length: 50 }, (_, n) => 49 - n)); // the program did turn them round
});

Deno.test("ndjson: the caller's own id comes back, whatever it is", async () => {
  await using probe = await Probe.start({ ...fixture("answers_in_reverse", "4"), protocol: "ndjson" });
  const ids = ["text", 1, null, { deep: [1] }];
  const replies = await Promise.all(ids.map((id, n) => probe.ref.ask({ id, n })));
  assertEquals(replies, ids.map((id, n) => ({ id, n })));
});

Deno.test("ndjson: an empty request is one", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "ndjson" });
  assertEquals(await probe.ref.ask({}), { id: 1 });
  assertEquals(await probe.ref.ask({ nothing: undefined }), { id: 2 });
});

Deno.test("ndjson: a message that cannot be a request is refused, and the process lives on", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "ndjson" });
  for (const wrong of ["text", 1, null, undefined, [1], 1n, { big: 1n }]) {
    const error = await failureOf(probe.ref.ask(wrong));
    assertInstanceOf(error, UnencodableMessageError);
    assertEquals(error.code, "unencodable_message");
  }
  probe.ref.tell({ big: 1n });
  assertEquals((await probe.event("dead_letter")).reason, "refused");
  assertEquals(await probe.ref.ask({ ok: 1 }), { id: 1, ok: 1 });
  assertEquals(probe.ref.generation, 1);
});

Deno.test("ndjson: a tell goes out unchanged, and its echo reaches subscribers", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "ndjson" });
  const output = probe.ref.subscribe();
  const messages = ["text", 1, null, [1], { id: "7" }, { n: 1 }];
  for (const message of messages) await probe.ref.tell(message);
  assertEquals(await take(output, messages.length), messages);
});

// --- bytes ------------------------------------------------------------------

Deno.test("bytes: a tell goes out, and output is published", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "bytes" });
  const output = probe.ref.subscribe();
  const sent = crypto.getRandomValues(new Uint8Array(50_000));
  for (let at = 0; at < sent.length; at += 5_000) await probe.ref.tell(sent.slice(at, at + 5_000));
  const got: number[] = [];
  for await (const chunk of output) {
    got.push(...chunk);
    if (got.length >= sent.length) break;
  }
  assertEquals(new Uint8Array(got), sent);
});

Deno.test("bytes: an ask is refused, and the process lives on", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "bytes" });
  const output = probe.ref.subscribe();
  const error = await failureOf(probe.ref.ask(new Uint8Array(1)));
  assertInstanceOf(error, SidecarNoRepliesError);
  assertEquals(error.code, "sidecar_no_replies");
  await probe.ref.tell(new Uint8Array([1, 2]));
  assertEquals(await take(output, 1), [new Uint8Array([1, 2])]);
});

Deno.test("bytes: a message that is not bytes is refused, and the process lives on", async () => {
  for (const wrong of ["text", 1, {}, null]) {
    await using probe = await Probe.start({ command: "cat", protocol: "bytes", restart: "temporary" });
    const output = probe.ref.subscribe();
    await probe.ref.tell(wrong);
    await probe.ref.tell(new Uint8Array([1, 2]));
    assertEquals(await take(output, 1), [new Uint8Array([1, 2])]);
    assertEquals((await probe.event("dead_letter")).reason, "refused");
  }
});

// --- none -------------------------------------------------------------------

Deno.test("no protocol: output is logged line by line, and messages are refused", async () => {
  await using probe = await Probe.start(sh("echo one; echo two >&2; printf 'caf\\303\\251'; exec 1>&-; cat"));
  assertEquals((await probe.output("one")).stream, "stdout");
  assertEquals((await probe.output("two")).stream, "stderr");
  const error = await failureOf(probe.ref.ask("hello"));
  assertInstanceOf(error, SidecarNoRepliesError);
  assertEquals([error.code, error.path], ["sidecar_no_replies", "s"]);
  assertInstanceOf(await failureOf(Promise.resolve(probe.ref.tell("hello"))), SidecarNoRepliesError);
  assertEquals(probe.ref.tryTell("hello"), false);
  const { reason, message } = await probe.event("dead_letter");
  assertEquals([reason, message], ["refused", "hello"]);
});

Deno.test("no protocol: an unfinished last line is logged when the process has ended", async () => {
  await using probe = await Probe.start({ ...fixture("no_newline"), restart: "temporary" });
  await probe.event("exited");
  assertEquals(probe.all("output").map(({ line }) => line), ["one", "two"]);
});

Deno.test("no protocol: subscribers are given the lines too", async () => {
  await using probe = await Probe.start(sh("while sleep 0.01; do echo tick; done"));
  assertEquals(await take(probe.ref.subscribe(), 3), ["tick", "tick", "tick"]);
});

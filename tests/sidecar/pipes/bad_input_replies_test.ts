/** Answers that are none: a second time, to nobody, under ids of another type. Real processes. */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { take } from "../health/probe.ts";
import { answering, TONGUES } from "./bad_input.ts";

const [LINES, NDJSON, JSONRPC] = TONGUES as [typeof TONGUES[0], typeof TONGUES[0], typeof TONGUES[0]];
const SAY = `printf '%s\\n'`;

for (const tongue of [NDJSON, JSONRPC]) {
  Deno.test(`${tongue.name}: a program that answers everything twice answers nothing wrongly`, async () => {
    await using probe = await answering(tongue, `${SAY} "$reply" "$reply"`);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => probe.ref.ask(tongue.ask(n))));
    assertEquals(answers, Array.from({ length: 50 }, (_, n) => tongue.answer(n, n + 1)));
    assertEquals(
      (await probe.event("dead_letter", ({ reason }) => reason === "unclaimed", 50)).generation,
      1,
    );
    assertEquals(probe.ref.deadLetters, 50);
  });
}

Deno.test("lines: a second answer is a dead letter when no request waits", async () => {
  await using probe = await answering(LINES, `${SAY} "$reply" "$reply"`);
  for (let n = 1; n <= 20; n++) {
    assertEquals(await probe.ref.ask(LINES.ask(n)), LINES.answer(n, n));
    const { reason, message } = await probe.event("dead_letter", undefined, n);
    assertEquals([reason, message], ["unclaimed", LINES.answer(n, n)]);
  }
});

const toNobody: [typeof NDJSON, string, number][] = [
  [NDJSON, `'{"id":999,"n":1}' '{"id":-1}' '{"id":0}' '{"x":1}'`, 4],
  [
    JSONRPC,
    `'{"jsonrpc":"2.0","id":999,"result":1}' '{"jsonrpc":"2.0","id":-1,"error":{"code":1,"message":"no"}}'`,
    2,
  ],
  [NDJSON, `'{"id":"1"}' '{"id":null}' '{"id":1.5}' '{"id":[1]}' '{"id":{"id":1}}' '{"id":true}'`, 6],
  [
    JSONRPC,
    ['"01"', "1.5", "[1]", "{}", "true"].map((id) => `'{"jsonrpc":"2.0","id":${id},"result":"wrong"}'`).join(
      " ",
    ),
    5,
  ],
];
for (const [tongue, wrong, count] of toNobody) {
  Deno.test(`${tongue.name}: unrequested answers reach no pending request: ${wrong.slice(0, 40)} …`, async () => {
    await using probe = await answering(tongue, `${SAY} ${wrong} "$reply"`);
    for (let n = 1; n <= 3; n++) assertEquals(await probe.ref.ask(tongue.ask(n)), tongue.answer(n, n));
    const told = probe.all("dead_letter").length + probe.all("malformed").length;
    assertGreaterOrEqual(told, count);
    assertEquals(probe.ref.generation, 1);
  });
}

Deno.test("ndjson: the id of a later request does not answer it", async () => {
  await using probe = await answering(NDJSON, `${SAY} '{"id":2,"early":true}' "$reply"`);
  const output = probe.ref.subscribe();
  assertEquals(await probe.ref.ask({ n: 1 }), { id: 1, n: 1 });
  assertEquals(await take(output, 1), [{ id: 2, early: true }]);
});

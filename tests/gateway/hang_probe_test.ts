import { assertEquals } from "@std/assert";
import { HangProbe } from "../../src/gateway/hang_probe.ts";
import { CODES, RequestFailure } from "../../src/gateway/messages.ts";

/** How often a probe says that its server hangs, whose `ping` ends as `pinged` says. */
async function hangs(pinged: () => Promise<object>, generations: (number | undefined)[]): Promise<number> {
  let hung = 0;
  const generation = () => generations.shift();
  const probe = new HangProbe({ after: 5, generation, onHung: () => void hung++ }, async () => ({
    ...await pinged(),
  }));
  await Promise.all([probe.look(), probe.look()]);
  return hung;
}

const silent = () => Promise.reject(new RequestFailure(CODES.TIMEOUT, "no answer"));

Deno.test("hang probe gives a process up once when it answers no ping", async () => {
  assertEquals(await hangs(silent, [3, 3, 3]), 1);
});

Deno.test("hang probe leaves a process alone when it answers, with a result or an error, or another one runs", async () => {
  const refused = new RequestFailure(CODES.METHOD_NOT_FOUND, "no ping");
  assertEquals(await hangs(() => Promise.resolve({}), [3, 3, 3]), 0);
  assertEquals(await hangs(() => Promise.reject(refused), [3, 3, 3]), 0);
  assertEquals(await hangs(silent, [3, 3, 4]), 0);
  assertEquals(await hangs(silent, [undefined, undefined]), 0);
});

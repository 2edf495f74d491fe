/**
 * Random conversations with programs that die, hang, answer twice and close their pipes: every message is accounted for,
 * once, and every answer is whose it says.
 *
 * `OUTRIDER_RUNS` is how many scenarios are tried (default 400), `OUTRIDER_SEED` which ones; a failure prints the seed and
 * the smallest scenario that fails.
 */
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { type Message, Play } from "./message_play.ts";
import { scenario } from "./message_scenario.ts";

const seed = Number(Deno.env.get("OUTRIDER_SEED") || 20_300_101);
const numRuns = Number(Deno.env.get("OUTRIDER_RUNS") || 400);

/** What can be true of a message in the end; of all of it a run must have some. */
const ACCOUNTS: readonly string[] = [
  "ask: answered",
  "ask: error reply",
  "ask: ask_timeout",
  "ask: aborted",
  "ask: incarnation_ended",
  "ask: in_flight incarnation_ended", // as it was to be a dead letter
  "ask: actor_stopped",
  "ask: mailbox_full",
  "ask: mailbox_full message_dropped",
  "ask: pipe_closed", // stdin was closed, and the program lived on
  "ask: sidecar_mute", // so was stdout
  "tell: written",
  "tell: in_flight",
  "tell: actor_stopped",
  "tell: mailbox_full",
  "tell: refused",
];

function accountOf({ kind, ends, landed }: Message): string {
  // Where the pipe took it as the program ended, it may be a dead letter all the same: nobody knows what was read.
  const became = kind === "tell" && ends.length === 0 && landed.length > 0 ? ["written"] : ends;
  return `${kind}: ${became.toSorted().join(" ")}`;
}

/** Whether no more lives were written it than it says, and those one after the other. */
function isOverdone({ lives, delivery: { onDeath, attempts } }: Message): boolean {
  return lives.length > (onDeath === "replay" ? attempts : 1) || new Set(lives).size < lives.length;
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((n, at) => at === 0 || n > numbers[at - 1]!);
}

Deno.test("properties: whatever a program does, each message is accounted for once, in order, and answered as itself", async () => {
  const reached = new Set<string>();
  const property = fc.asyncProperty(scenario, async (scenario) => {
    const play = new Play(scenario);
    await play.run();
    const { faults, messages, program } = play;
    for (const message of messages) {
      const account = accountOf(message);
      reached.add(account);
      if (!ACCOUNTS.includes(account)) faults.push(`${JSON.stringify(message)} came to '${account}'`);
      if (isOverdone(message)) faults.push(`${JSON.stringify(message)} was had too often`);
    }
    for (const written of program.written) if (!isRising(written)) faults.push(`out of order: ${written}`);
    const all = program.written.flat();
    const isReplayed = messages.some(({ delivery }) => delivery.onDeath === "replay");
    if (!isReplayed && !isRising(all)) faults.push(`out of order: ${all}`);
    assertEquals(faults, []);
  });
  await fc.assert(property, { seed, numRuns });
  if (numRuns >= 400) assertEquals([...reached].sort(), ACCOUNTS.toSorted());
});

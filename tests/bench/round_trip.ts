/**
 * A sidecar's round trip: a line of JSON to `cat`, which sends it back, one at a time and with 256 in flight.
 *
 * Ours is an `ask` of a supervised `ndjson` sidecar. The raw loop does by hand what no loop can leave out: stringify,
 * one write, read up to the newline, parse; with 256 in flight it writes 256 lines at once and then reads 256, so
 * it needs no pairing of replies. `cat` is the cheapest echo there is, one read and one write, so that what is
 * compared is the two runtimes' part.
 */
import { start, supervisor } from "@outrider/outrider";
import { sidecar } from "@outrider/outrider/actors/sidecar";
import type { Benchmark, Running } from "./measure.ts";

interface Message {
  readonly id?: number;
  readonly number: number;
  readonly text: string;
}

const TEXT = "about as long as a small request";

async function ours(inFlight: number): Promise<Running> {
  const echo = sidecar("echo", { command: "cat", protocol: "ndjson" });
  const system = await start(supervisor("root", [echo]));
  const ref = system.ref<Message, Message>("echo");
  return {
    async round(amount) {
      let next = 1;
      let sum = 0;
      const caller = async () => {
        while (next <= amount) {
          const reply = await ref.ask({ number: next++, text: TEXT });
          sum += reply.number;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, caller));
      return sum;
    },
    close: () => system.stop(),
  };
}

function raw(inFlight: number): Running {
  const child = new Deno.Command("cat", { stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();

  /** Sends the lines of `from` to `to` in one write, gives the sum of the replies. */
  async function batch(from: number, to: number): Promise<number> {
    let text = "";
    for (let id = from; id <= to; id++) text += JSON.stringify({ id, number: id, text: TEXT }) + "\n";
    const writing = writer.write(encoder.encode(text));
    let sum = 0;
    let rest = "";
    for (let missing = to - from + 1; missing > 0;) {
      const { value, done } = await reader.read();
      if (done) throw new Error("Cannot go on: cat has ended");
      const lines = rest + decoder.decode(value, { stream: true });
      let start = 0;
      for (let end; (end = lines.indexOf("\n", start)) >= 0; start = end + 1) {
        sum += (JSON.parse(lines.slice(start, end)) as Message).number;
        missing--;
      }
      rest = lines.slice(start);
    }
    await writing;
    return sum;
  }

  return {
    async round(amount) {
      let sum = 0;
      for (let from = 1; from <= amount; from += inFlight) {
        sum += await batch(from, Math.min(from + inFlight - 1, amount));
      }
      return sum;
    },
    async close() {
      await writer.close();
      await reader.cancel();
      await child.status;
    },
  };
}

function benchmark(work: string, inFlight: number, amount: number): Benchmark {
  return {
    work,
    figure: "time",
    rounds: 21,
    ours: { name: "ours", amount, open: () => ours(inFlight) },
    peers: [{ name: "raw Deno.Command loop", amount, toReach: 1.4, open: () => raw(inFlight) }],
    expected: (amount) => amount * (amount + 1) / 2,
  };
}

/** See the module. */
export const roundTrips: readonly Benchmark[] = [
  benchmark("round trip, sidecar, one at a time", 1, 2_000),
  benchmark("round trip, sidecar, 256 in flight", 256, 40_960),
];

/**
 * Bytes through `cat`: one gigabyte goes in at its stdin and comes back out of its stdout, in chunks of 64 KiB, from the
 * first write until the last byte is back.
 *
 * Ours is a `bytes` sidecar: `tell` for each chunk, with a pause whenever one is asked for, and a subscription read in
 * batches. The raw loop writes and reads by hand, at the same time, and calls nobody.
 */
import { sidecar, start, supervisor } from "@outrider/outrider";
import type { Benchmark, Running } from "./measure.ts";

const AMOUNT = 1_000_000_000;
const chunk = new Uint8Array(65_536).fill(97);

/** The chunks of so many bytes. */
function* chunks(amount: number): Generator<Uint8Array> {
  for (let left = amount; left > 0; left -= chunk.length) {
    yield left >= chunk.length ? chunk : chunk.subarray(0, left);
  }
}

async function ours(): Promise<Running> {
  const cat = sidecar("cat", { command: "cat", protocol: "bytes" });
  const system = await start(supervisor("root", [cat]));
  const ref = system.ref(cat);
  async function write(amount: number): Promise<void> {
    for (const chunk of chunks(amount)) {
      const full = ref.tell(chunk);
      if (full !== undefined) await full;
    }
  }
  return {
    async round(amount) {
      const subscription = ref.subscribe();
      const writing = write(amount);
      let sum = 0;
      for await (const batch of subscription.batches()) {
        for (const bytes of batch) sum += bytes.length;
        if (sum >= amount) break;
      }
      await writing;
      return sum;
    },
    close: () => system.stop(),
  };
}

function raw(): Running {
  const child = new Deno.Command("cat", { stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  async function write(amount: number): Promise<void> {
    for (const chunk of chunks(amount)) await writer.write(chunk);
  }
  return {
    async round(amount) {
      const writing = write(amount);
      let sum = 0;
      while (sum < amount) {
        const { value, done } = await reader.read();
        if (done) throw new Error("Cannot go on: cat has ended");
        sum += value.length;
      }
      await writing;
      return sum;
    },
    async close() {
      await writer.close();
      await reader.cancel();
      await child.status;
    },
  };
}

export const bytes: Benchmark = {
  work: "1 GB of bytes through cat",
  figure: "throughput",
  rounds: 2,
  warmUp: 1,
  ours: { name: "ours", amount: AMOUNT, open: ours },
  peers: [{ name: "raw Deno.Command loop", amount: AMOUNT, toReach: 0.9, open: raw }],
  expected: (amount) => amount,
};

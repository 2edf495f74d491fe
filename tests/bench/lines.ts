/**
 * Lines from a program's stdout: two million lines of 100 bytes, as fast as `cat` can write them, from the word to
 * start until the last line has been counted. Each line's length is added up, so each is made a string.
 *
 * Ours is a subscription to a `lines` sidecar, an async iterator, read in batches, and for information one line at a time.
 * The raw loop decodes each chunk, looks for newlines and slices, with the unfinished end carried over, and calls nobody.
 * node:readline runs in Node, read by its events, which is the faster way, and for information by its own async iterator.
 * @std's TextLineStream is there for information.
 */
import { sidecar, start, type Subscription, supervisor } from "@outrider/outrider";
import { TextLineStream } from "@std/streams";
import type { Benchmark, Peer, Running } from "./measure.ts";
import { missingNode, nodePeer } from "./node_peer.ts";

const AMOUNT = 2_000_000;
const LINES_IN_FILE = 100_000;
const LINE = "a line of a hundred bytes, its newline counted, ".repeat(3).slice(0, 99);

/** A shell that writes the file for each line that it reads, as often as it takes to be `amount` lines. */
async function producer(
  amount = AMOUNT,
): Promise<{ command: string; args: string[]; remove(): Promise<void> }> {
  const file = await Deno.makeTempFile({ prefix: "outrider_bench_" });
  await Deno.writeTextFile(file, `${LINE}\n`.repeat(LINES_IN_FILE));
  const files = Array(amount / LINES_IN_FILE).fill('"$0"').join(" ");
  return {
    command: "sh",
    args: ["-c", `while read -r go; do cat ${files}; done`, file],
    remove: () => Deno.remove(file),
  };
}

type Read = (subscription: Subscription<string>, amount: number) => Promise<number>;

async function inBatches(subscription: Subscription<string>, amount: number): Promise<number> {
  let missing = amount;
  let sum = 0;
  for await (const lines of subscription.batches()) {
    for (const line of lines) sum += line.length;
    if ((missing -= lines.length) === 0) break;
  }
  return sum;
}

async function oneByOne(subscription: Subscription<string>, amount: number): Promise<number> {
  let missing = amount;
  let sum = 0;
  for await (const line of subscription) {
    sum += line.length;
    if (--missing === 0) break;
  }
  return sum;
}

async function ours(read: Read): Promise<Running> {
  const { command, args, remove } = await producer();
  const flow = sidecar("flow", { command, args, protocol: "lines" });
  const system = await start(supervisor("root", [flow]));
  const ref = system.ref<string, unknown, string>("flow");
  return {
    async round(amount) {
      const subscription = ref.subscribe();
      void ref.tell("go");
      return await read(subscription, amount);
    },
    async close() {
      await system.stop();
      await remove();
    },
  };
}

/** A reader of the program's stdout by hand; `count` reads so many lines and gives the sum of their lengths. */
async function byHand(
  count: (stdout: ReadableStream<Uint8Array>) => (amount: number) => Promise<number>,
): Promise<Running> {
  const { command, args, remove } = await producer();
  const child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  const read = count(child.stdout);
  return {
    async round(amount) {
      await writer.write(new TextEncoder().encode("go\n"));
      return await read(amount);
    },
    async close() {
      await writer.close();
      await child.status;
      await remove();
    },
  };
}

function decodeAndSlice(stdout: ReadableStream<Uint8Array>): (amount: number) => Promise<number> {
  const reader = stdout.getReader();
  const decoder = new TextDecoder();
  return async (amount) => {
    let missing = amount;
    let sum = 0;
    let rest = "";
    while (missing > 0) {
      const { value, done } = await reader.read();
      if (done) throw new Error("Cannot go on: the program has ended");
      const text = rest + decoder.decode(value, { stream: true });
      let start = 0;
      for (let end; (end = text.indexOf("\n", start)) >= 0; start = end + 1) {
        const line = text.slice(start, end);
        sum += line.length;
        missing--;
      }
      rest = text.slice(start);
    }
    return sum;
  };
}

function textLineStream(stdout: ReadableStream<Uint8Array>): (amount: number) => Promise<number> {
  const reader = stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
  return async (amount) => {
    let sum = 0;
    for (let missing = amount; missing > 0; missing--) {
      const { value, done } = await reader.read();
      if (done) throw new Error("Cannot go on: the program has ended");
      sum += value.length;
    }
    return sum;
  };
}

/** node:readline, in Node. */
async function readline(way: "events" | "iterator"): Promise<Running> {
  const { command, args, remove } = await producer(AMOUNT / 4);
  const peer = nodePeer("lines.mjs", [way, command, ...args]);
  return {
    round: (amount) => peer.round(amount),
    async close() {
      await peer.close!();
      await remove();
    },
  };
}

const raw: Peer = { name: "raw decode and slice", amount: AMOUNT, open: () => byHand(decodeAndSlice) };
const std: Peer = { name: "@std TextLineStream", amount: AMOUNT, open: () => byHand(textLineStream) };
const node = (way: "events" | "iterator"): Peer => ({
  name: way === "events" ? "node:readline" : "node:readline, its iterator",
  amount: AMOUNT / 4,
  missing: missingNode,
  open: () => readline(way),
});

/** In batches, as a flood is best read: see the module. */
export const lines: Benchmark = {
  work: "lines of 100 bytes, in batches",
  figure: "rate",
  rounds: 5,
  warmUp: 2,
  ours: { name: "ours", amount: AMOUNT, open: () => ours(inBatches) },
  peers: [{ ...raw, toReach: 0.8 }, { ...node("events"), toReach: 2 }, node("iterator"), std],
  expected: (amount) => amount * LINE.length,
};

/** One by one, with a promise a line, for information. */
export const linesOneByOne: Benchmark = {
  ...lines,
  work: "lines of 100 bytes, one by one",
  rounds: 3,
  ours: { name: "ours", amount: AMOUNT, open: () => ours(oneByOne) },
  peers: [raw, node("iterator"), std],
};

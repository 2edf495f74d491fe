/**
 * Lines that a sidecar logs on stderr, 200,000 of 100 bytes, from the word to start until the last one has been read as
 * an event: half of them words, half of them JSON. Ours has six variables from files, so that each line is looked
 * through for six secrets; beside it is the same sidecar without any.
 */
import { sidecar, start, supervisor } from "@outrider/outrider";
import type { Benchmark, Running } from "./measure.ts";

const AMOUNT = 200_000;
const WORDS = "a line of a hundred bytes, its newline counted, ".repeat(3).slice(0, 99);
const JSON_LINE = JSON.stringify({ time: "2026-01-01T00:00:00Z", level: "info", msg: 'GET "/a/b" 200' })
  .padEnd(99);
const LAST = "the last line";
const SECRETS = 6;

async function ours(secrets: number): Promise<Running> {
  const folder = await Deno.makeTempDir({ prefix: "outrider_bench_" });
  const file = `${folder}/lines`;
  await Deno.writeTextFile(file, `${WORDS}\n${JSON_LINE}\n`.repeat(AMOUNT / 2) + `${LAST}\n`);
  const env: Record<string, { file: string }> = {};
  for (let index = 0; index < secrets; index++) {
    env[`KEY_${index}`] = { file: `${folder}/key_${index}` };
    const key = crypto.getRandomValues(new Uint8Array(32)).toBase64();
    await Deno.writeTextFile(`${folder}/key_${index}`, key);
  }
  const args = ["-c", 'while read -r go; do cat "$0" >&2; done', file];
  const logs = sidecar("logs", { command: "sh", args, protocol: "lines", env });
  const system = await start(supervisor("root", [logs]));
  const ref = system.ref<string, unknown, string>("logs");
  const events = system.events({ types: ["output"] });
  return {
    async round(amount) {
      void ref.tell("go");
      for (;;) {
        const { value: event, done } = await events.next();
        if (done) throw new Error("Cannot go on: the tree has ended");
        if (event.type === "output" && event.line === LAST) return amount;
      }
    },
    async close() {
      await events.return?.();
      await system.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export const logged: Benchmark = {
  work: "logged lines of 100 bytes, six secrets looked for",
  figure: "rate",
  rounds: 7,
  warmUp: 3,
  ours: { name: "with six secrets", amount: AMOUNT, open: () => ours(SECRETS) },
  peers: [{ name: "without secrets", amount: AMOUNT, toReach: 0.9, open: () => ours(0) }],
  expected: (amount) => amount,
};

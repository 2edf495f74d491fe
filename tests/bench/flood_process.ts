/**
 * A process that reads one gigabyte of lines from a program that writes as fast as it can, slowly, and says on stdout how
 * much its resident memory grew: `flood_process.ts ours|raw`. See `flood.ts`.
 */

const AMOUNT = 1_000_000_000;
const LINE = "a line of a hundred bytes, its newline counted, ".repeat(3).slice(0, 99);
const PROGRAM = {
  command: "sh",
  args: ["-c", `read -r go; yes "$0" | head -c ${AMOUNT}; read -r end`, LINE],
};
/** The consumer pauses after so many bytes … */
const GULP = 1_000_000;
/** … for so many milliseconds. */
const PAUSE_MS = 5;

/** How much resident memory grew, in bytes: to the most that was seen until the last line. */
export interface Grew {
  /** From before the first line. */
  readonly all: number;
  /** From when a tenth had gone through. */
  readonly afterTenth: number;
}

/** The consumer. */
class Slow {
  readonly #atStart = Deno.memoryUsage().rss;
  #atTenth = Infinity;
  #most = 0;
  #left = AMOUNT;
  #gulp = 0;

  /** Takes lines of so many bytes; there is something to wait for now and then. */
  take(bytes: number): Promise<void> | undefined {
    this.#gulp += bytes;
    if (this.#gulp < Math.min(GULP, this.#left)) return undefined;
    this.#left -= this.#gulp;
    this.#gulp = 0;
    const { rss } = Deno.memoryUsage();
    this.#most = Math.max(this.#most, rss);
    if (this.#atTenth === Infinity && this.#left <= 0.9 * AMOUNT) this.#atTenth = rss;
    return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }

  get over(): boolean {
    return this.#left === 0;
  }

  get grew(): Grew {
    return { all: this.#most - this.#atStart, afterTenth: this.#most - this.#atTenth };
  }
}

async function ours(): Promise<Grew> {
  const { start, supervisor } = await import("@outrider/outrider");
  const { sidecar } = await import("@outrider/outrider/actors/sidecar");
  const flood = sidecar("flood", { ...PROGRAM, protocol: "lines", pairing: "none" });
  await using system = await start(supervisor("root", [flood]));
  const ref = system.ref(flood);
  const subscription = ref.subscribe();
  const slow = new Slow();
  void ref.tell("go");
  for await (const lines of subscription.batches()) {
    let bytes = 0;
    for (const line of lines) bytes += line.length + 1;
    await slow.take(bytes);
    if (slow.over) break;
  }
  return slow.grew;
}

async function raw(): Promise<Grew> {
  const { command, args } = PROGRAM;
  const child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  const slow = new Slow();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("go\n"));
  let rest = "";
  while (!slow.over) {
    const { value, done } = await reader.read();
    if (done) throw new Error("Cannot go on: the program has ended");
    const text = rest + decoder.decode(value, { stream: true });
    let bytes = 0;
    let start = 0;
    for (let end; (end = text.indexOf("\n", start)) >= 0; start = end + 1) {
      bytes += text.slice(start, end).length + 1;
    }
    rest = text.slice(start);
    await slow.take(bytes);
  }
  await writer.close();
  await reader.cancel();
  await child.status;
  return slow.grew;
}

if (import.meta.main) console.log(JSON.stringify(await (Deno.args[0] === "ours" ? ours() : raw())));

/**
 * Command lines that read standard input.
 *
 * @module
 */

import { type Flags, type Outcome, words } from "../outrider.ts";

/** A command line with pipes to all its ends. */
export function open(args: readonly string[], { flags, cwd }: Flags = {}): Deno.ChildProcess {
  const [program, ...rest] = words(args, flags);
  return new Deno.Command(program!, {
    args: rest,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command line to its end, with `input` as its standard input. */
export async function fed(
  args: readonly string[],
  input: string | Uint8Array,
  options: Flags = {},
): Promise<Outcome> {
  const process = open(args, options);
  const [stdout, stderr] = [process.stdout, process.stderr].map((stream) => new Response(stream).text());
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  await new Response(bytes.slice()).body!.pipeTo(process.stdin).catch(() => {}); // it may not read to the end
  return { code: (await process.status).code, stdout: await stdout!, stderr: await stderr! };
}

/** The command line in a shell: `$0` of `script` is the first word of it, `"$@"` the others. */
export async function inShell(script: string, args: readonly string[]): Promise<Outcome> {
  const command = new Deno.Command("sh", {
    args: ["-c", script, "sh", ...words(args)],
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Reads a stream up to and with the `n`-th line, and lets go of it. */
export class Lines {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line; `undefined` at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#rest += value;
    }
  }

  /** All that is left. */
  async all(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.next(); line !== undefined; line = await this.next()) lines.push(line);
    return lines;
  }

  /** Reads no more. */
  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}

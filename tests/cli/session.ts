/**
 * Command lines that need no process of their own.
 *
 * @module
 */
import { command, type Flags, type Outcome, outrider } from "./outrider.ts";
import type { Line } from "./session_main.ts";

/** Verbs that read standard input, or are tried as processes: by signals, by their permissions, by how they end. */
const OF_THEIR_OWN: readonly (string | undefined)[] = ["up", "pipe", "run", "compile", "mcp"];

/**
 * One process that runs command lines one after another: its boot is most of what they cost. Made by a test it ends
 * with it; made by a module it ends with the file's last test.
 */
export class Session implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: RecordReader;
  readonly #stderr: RecordReader;
  #last: Promise<unknown> = Promise.resolve();
  #running = 0;

  /** Starts it. */
  constructor(options: Flags = {}) {
    const program = new URL("./session_main.ts", import.meta.url).pathname;
    this.#process = command([], options, { program, stdin: "piped" }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#stdout = new RecordReader(this.#process.stdout);
    this.#stderr = new RecordReader(this.#process.stderr);
    addEventListener("unload", this.#kill);
  }

  /** Runs one, after those before it. */
  run(args: readonly string[], where: Omit<Line, "args"> = {}): Promise<Outcome> {
    this.#running++;
    const outcome = this.#last.then(async () => {
      const line: Line = { ...where, args };
      await this.#input.write(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
      const [[stdout, code], [stderr]] = await Promise.all([this.#stdout.read(), this.#stderr.read()]);
      this.#running--;
      return { code: Number(code), stdout, stderr };
    });
    this.#last = outcome;
    return outcome;
  }

  /**
   * As the function of this name, without a process where none is needed: not for a verb that is tried as one, for
   * permissions of its own, or beside another command line.
   */
  readonly outrider = (args: readonly string[], { flags, ...where }: Flags = {}): Promise<Outcome> =>
    flags !== undefined || this.#running > 0 || OF_THEIR_OWN.includes(args[0])
      ? outrider(args, { flags, ...where })
      : this.run(args, where);

  async [Symbol.asyncDispose](): Promise<void> {
    removeEventListener("unload", this.#kill);
    await this.#last;
    await this.#input.close();
    await this.#process.status;
    await Promise.all([this.#stdout.cancel(), this.#stderr.cancel()]);
  }

  readonly #kill = () => this.#process.kill("SIGKILL");
}

/** Reads output with the exit code behind it. */
class RecordReader {
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  async read(): Promise<[output: string, code: string]> {
    let text = "";
    for (;;) {
      const [output, code, ...more] = text.split("\x1e");
      if (more.length > 0) return [output!, code!];
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`Cannot go on: the process has ended; it printed ${text}`);
      text += value;
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

/**
 * A program that says that it runs: it writes its pid to a named pipe, and a `cat` at the other end hands it over at
 * once. So nobody polls, and whoever starts the program has no say in when it counts as running.
 */
import { TextLineStream } from "@std/streams";

/** A named pipe in a folder of its own, and the pids that come through it. */
export class Pids {
  /** Where the pipe is; gone after {@linkcode Pids.close}. */
  readonly folder: string;
  /** The program: says its pid and then sleeps. */
  readonly program: { readonly command: string; readonly args: string[] };
  readonly #reader: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(folder: string) {
    const pipe = `${folder}/pids`;
    this.folder = folder;
    // `sleep` is the same process: what is killed is what has spoken.
    this.program = { command: "sh", args: ["-c", 'echo $$ > "$0" && exec sleep 600', pipe] };
    // Open for reading and writing, the pipe has no end, whoever comes and goes.
    this.#reader = new Deno.Command("sh", {
      args: ["-c", 'exec cat <> "$0"', pipe],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#reader.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
  }

  /** A new pipe. */
  static async open(): Promise<Pids> {
    const script = 'folder=$(mktemp -d) && mkfifo "$folder/pids" && printf %s "$folder"';
    return new Pids(await said("sh", ["-c", script]));
  }

  /** The next pid. */
  async next(): Promise<number> {
    const { value, done } = await this.#lines.read();
    if (done) throw new Error("Cannot go on: the pipe has ended");
    return Number(value);
  }

  /** Once the program runs for the first time: what kills it as often as told, each time when it is back, and counts. */
  async restarts(): Promise<(amount: number) => Promise<number>> {
    let pid = await this.next();
    return async (amount) => {
      const pids = new Set([pid]);
      for (let i = 0; i < amount; i++) {
        Deno.kill(pid, "SIGKILL");
        pids.add(pid = await this.next());
      }
      return pids.size - 1;
    };
  }

  /** Ends the reader and removes the folder. */
  async close(): Promise<void> {
    this.#reader.kill("SIGKILL");
    await this.#lines.cancel();
    await this.#reader.status;
    await said("rm", ["-rf", this.folder]);
  }
}

/** What a program said. @throws {Error} if it failed, with what it said about that */
export async function said(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, env, stdin: "null" }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) throw new Error(`Cannot run ${command} ${args[0]}: ${text(stderr) || text(stdout)}`);
  return text(stdout);
}

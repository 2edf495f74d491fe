/**
 * The real command line as a process of its own, and ways to wait for what it says.
 *
 * @module
 */

const root = new URL("../../", import.meta.url).pathname;
const sources = [
  "run",
  "--quiet",
  "--no-prompt",
  `--config=${root}deno.json`,
  `--import-map=${root}tests/support/npm/import_map.json`,
];
const main = `${root}src/cli/main.ts`;

/** What `deno task outrider` grants. */
const BROAD = ["--allow-run", "--allow-read", "--allow-write", "--allow-env", "--allow-net"];

/** Where runs of the tests keep what the next one has to know; a run that ends well leaves nothing in it. */
const state = `${Deno.env.get("TMPDIR") ?? "/tmp"}/outrider-test-state`;

/** The root of the checkout, with a slash at its end. */
export const checkout: string = root;

/** The path of a program in tests/fixtures. */
export function fixture(name: string): string {
  return `${root}tests/fixtures/${name}.sh`;
}

/** A sidecar that runs a fixture. */
export function runs(id: string, name: string, ...args: string[]): Record<string, unknown> {
  return { id, command: "sh", args: [fixture(name), ...args] };
}

/** How a command line came out. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode outrider} and {@linkcode Running}. */
export interface Flags {
  /** Deno's permissions; default those of `deno task outrider`. */
  readonly flags?: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Runs a command line to its end. */
export async function outrider(args: readonly string[], options: Flags = {}): Promise<Outcome> {
  const { code, stdout, stderr } = await command(args, options).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The command line as a command, for tests that need its pipes. */
export function command(
  args: readonly string[],
  { flags, cwd, env = {} }: Flags = {},
  { program = main, stdin = "null" }: { readonly program?: string; readonly stdin?: "null" | "piped" } = {},
): Deno.Command {
  const [deno, ...rest] = words(args, flags, program);
  return new Deno.Command(deno!, {
    args: rest,
    cwd,
    env: { NO_COLOR: "1", XDG_STATE_HOME: state, ...env },
    stdin,
    stdout: "piped",
    stderr: "piped",
  });
}

/** The command line with Deno and its flags in front, for a shell. */
export function words(
  args: readonly string[],
  flags: readonly string[] = BROAD,
  program: string = main,
): string[] {
  // Deno takes one configuration: that of a test, with a set of permissions, in place of the checkout's.
  const own = flags.some(isConfig) ? sources.filter((source) => !isConfig(source)) : sources;
  return [Deno.execPath(), ...own, ...flags, program, ...args];
}

function isConfig(flag: string): boolean {
  return flag.startsWith("--config=");
}

/** A command line that runs: its output as lines, to wait for. */
export class Running implements AsyncDisposable {
  /** All lines of standard output so far. */
  readonly lines: string[] = [];
  readonly #process: Deno.ChildProcess;
  readonly #stderr: Promise<string>;
  readonly #reading: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #over = false;

  /** Of a command line, or of another command whose pipes are piped. */
  constructor(args: readonly string[] | Deno.Command, options: Flags = {}) {
    this.#process = (args instanceof Deno.Command ? args : command(args, options)).spawn();
    this.#stderr = new Response(this.#process.stderr).text();
    this.#reading = this.#read();
  }

  /** The pid of the runtime. */
  get pid(): number {
    return this.#process.pid;
  }

  /** The first line, past or to come, that matches; an error if the output ends before. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#over) {
        throw new Error(`Cannot find ${pattern} in:\n${this.lines.join("\n")}\n${await this.#stderr}`);
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Sends it a signal. */
  signal(name: Deno.Signal): void {
    this.#process.kill(name);
  }

  /** Its exit code and standard error, once it has ended and all its output was read. */
  async ended(): Promise<{ code: number; stderr: string }> {
    const { code } = await this.#process.status;
    await this.#reading;
    return { code, stderr: await this.#stderr };
  }

  /** The pids that the timeline or the JSON lines told of so far. */
  pids(): number[] {
    return pidsIn(this.lines.join("\n"));
  }

  /** Ends what a failed test left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) {
      this.#process.kill("SIGTERM");
      this.#process.kill("SIGINT");
    }
    await this.ended();
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.lines.push(...lines);
      this.#wake();
    }
    this.#over = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** All pids in a timeline or in JSON lines. */
export function pidsIn(text: string): number[] {
  return [...text.matchAll(/(?:, pid |"pid":)(\d+)/g)].map(([, pid]) => Number(pid));
}

/** Those of `pids` that are alive; a zombie is not. */
export async function alive(pids: readonly number[]): Promise<number[]> {
  if (pids.length === 0) return [];
  const ps = new Deno.Command("ps", { args: ["-o", "pid=,stat=", "-p", pids.join(",")] });
  const { stdout } = await ps.output();
  return new TextDecoder().decode(stdout).split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([pid, stat]) => pid !== "" && !stat?.startsWith("Z")).map(([pid]) => Number(pid));
}

/** A folder that is gone after the test. */
export class Folder implements AsyncDisposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "outrider-test-" });

  /** Writes a file, and returns its path. */
  write(name: string, content: string | Uint8Array | Record<string, unknown>): string {
    const path = `${this.path}/${name}`;
    const text = content instanceof Uint8Array || typeof content === "string"
      ? content
      : JSON.stringify(content, null, 2);
    Deno.writeFileSync(path, typeof text === "string" ? new TextEncoder().encode(text) : text);
    return path;
  }

  /** Writes a manifest of these children, and returns its path. */
  manifest(children: readonly unknown[], more: Record<string, unknown> = {}): string {
    return this.write("outrider.json", { name: "tree", children, ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** A named pipe that sidecars write to: how a test learns what happens when the output of the runtime is of no use. */
export class Diary implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #lines: string[] = [];

  /** Made in `folder`. */
  constructor(folder: Folder) {
    this.path = `${folder.path}/diary`;
    new Deno.Command("mkfifo", { args: [this.path] }).outputSync();
    // Opened for both: nobody waits for the other end, and there is no end of file.
    this.#file = Deno.openSync(this.path, { read: true, write: true });
  }

  /** A sidecar that writes its pid, and lives on. */
  writer(id: string): Record<string, unknown> {
    return {
      id,
      command: "sh",
      args: ["-c", `echo $$ > '${this.path}'; exec sleep 60`],
      backoff: { initial: 10 },
    };
  }

  /** The next line, once there is one. */
  async next(): Promise<string> {
    const bytes = new Uint8Array(4_096);
    while (this.#lines.length === 0) {
      const size = await this.#file.read(bytes);
      this.#lines.push(...new TextDecoder().decode(bytes.subarray(0, size ?? 0)).trim().split("\n"));
    }
    return this.#lines.shift()!;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** A timeline as `who: verb detail`, without times, generations and pids; lines of output are left out. */
export function story(lines: readonly string[]): string[] {
  return lines.filter((line) => /^[\d-]+ [\d:.]+ {2}/.test(line)).map((line) => {
    const [, who, verb, detail = ""] = /^[\d-]+ [\d:.]+ {2}([^\s#]+)\S* +((?:gave up|pipes held|\S+)) *(.*)$/
      .exec(
        line,
      )!;
    return `${who}: ${verb} ${detail}`.trim();
  }).filter((line) => !/: (stdout|stderr|starting|contained) /.test(line));
}

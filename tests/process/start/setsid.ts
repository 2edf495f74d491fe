/**
 * Runtimes of their own that start programs, with the permissions and the PATH that a test gives them, and a `setsid`
 * that writes down what goes through it.
 *
 * @module
 */
import type { Folder } from "../../cli/outrider.ts";
import { findSetsid, usesSetsid } from "../../../src/process/start/setsid.ts";

/** Whether there is a `setsid` that starts go through. */
export const hasSetsid: boolean = usesSetsid() && findSetsid("/usr/bin:/bin").file !== undefined;

const root = new URL("../../../", import.meta.url).pathname;

/** How a start came out; see tests/fixtures/starts_programs.ts. */
export interface Outcome {
  readonly code?: number;
  readonly signal?: string;
  readonly stdout?: string;
  readonly stderr?: readonly string[];
  readonly error?: string;
  readonly message?: string;
  readonly searched?: readonly string[];
  readonly refused?: Outcome;
}

/** Puts a `setsid` into `folder`/bin that notes its arguments, does `what`, and then what `setsid` does. */
export function putSetsid(folder: Folder, what: string): string {
  const bin = `${folder.path}/bin`;
  Deno.mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\necho "$@" >> '${folder.path}/starts'\n${what}\nexec /usr/bin/setsid "$@"\n`;
  Deno.writeTextFileSync(`${bin}/setsid`, script);
  Deno.chmodSync(`${bin}/setsid`, 0o755);
  Deno.writeTextFileSync(`${folder.path}/starts`, "");
  return bin;
}

/** One runtime. */
export class Runtime implements AsyncDisposable {
  readonly #folder: Folder;
  readonly #flags: readonly string[];
  readonly #path: string;

  /** With `wrapper`, the first `setsid` on its PATH is one that does that first. */
  constructor(
    folder: Folder,
    {
      flags = ["--allow-run", "--allow-read", "--allow-write", "--allow-env"],
      wrapper,
      path = "/usr/bin:/bin",
    }: {
      readonly flags?: readonly string[];
      readonly wrapper?: string;
      readonly path?: string;
    },
  ) {
    this.#folder = folder;
    this.#flags = flags;
    this.#path = wrapper === undefined ? path : `${putSetsid(folder, wrapper)}:${path}`;
  }

  /** Starts each and waits for its end. */
  async run(...steps: readonly object[]): Promise<Outcome[]> {
    const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--no-check",
        `--config=${root}deno.json`,
        `--import-map=${root}tests/support/npm/import_map.json`,
        ...this.#flags,
        `${root}tests/fixtures/starts_programs.ts`,
        JSON.stringify(steps),
      ],
      env: { PATH: this.#path, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  }

  /** What went through its `setsid`, a line each. */
  starts(): string[] {
    return Deno.readTextFileSync(`${this.#folder.path}/starts`).split("\n").filter((line) => line !== "");
  }

  /** Nothing is left of it but its folder, which is the test's. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

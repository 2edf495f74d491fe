/**
 * What a person sees: a command in a terminal of tmux, its keys and its screen.
 *
 * Each has a server of its own, which ends with it. Tests wait for what is to be seen, and never for a time.
 *
 * @module
 */

import { type Folder, words } from "../cli/outrider.ts";

/** The option of tests that need tmux; `.ci/run` installs it. */
export const needsTmux: { readonly ignore: boolean } = {
  ignore: !await new Deno.Command("tmux", { args: ["-V"], stdout: "null", stderr: "null" }).output()
    .then(({ success }) => success, () => false),
};

/** Milliseconds that a sight is waited for on a machine under load, and between two looks. */
const [SEEN_WITHIN_MS, LOOK_MS] = [60_000, 50];

/** How a terminal is opened. */
export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
}

/** A terminal with one command line of Outrider. Its exit code is shown as `[exit 0]` behind it. */
export class Terminal implements AsyncDisposable {
  readonly #server: string;
  readonly #env: Record<string, string>;

  private constructor(server: string, env: Record<string, string>) {
    this.#server = server;
    this.#env = env;
  }

  /** Runs `args` in `folder`, whose `state` it uses as state folder. */
  static async open(
    folder: Folder,
    args: readonly string[],
    { columns = 100, rows = 24 }: TerminalOptions = {},
  ): Promise<Terminal> {
    const env = {
      PATH: Deno.env.get("PATH")!,
      HOME: Deno.env.get("HOME")!,
      XDG_STATE_HOME: `${folder.path}/state`,
      TMUX_TMPDIR: folder.path,
      LC_ALL: "C.UTF-8",
      SHELL: "/bin/sh",
      ...Deno.env.has("DENO_TLS_CA_STORE") && { DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE")! },
    };
    const terminal = new Terminal(`outrider-${crypto.randomUUID()}`, env);
    const line = words(args).map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    // Ctrl-C is for the command; what waits behind it keeps the screen.
    const script = `trap : INT; echo before; ${line}; echo "[exit $?]"; while :; do sleep 60; done`;
    const size = ["-x", String(columns), "-y", String(rows)];
    await terminal.#tmux("new-session", "-d", "-s", "it", "-c", folder.path, ...size, script);
    return terminal;
  }

  /** The screen as text; with `-e` also its colours, as escape sequences. */
  async text(...more: readonly string[]): Promise<string> {
    return await this.#tmux("capture-pane", "-p", "-t", "it", ...more);
  }

  /** The screen, once it has `pattern`. */
  async seen(pattern: RegExp, ...more: readonly string[]): Promise<string> {
    const end = performance.now() + SEEN_WITHIN_MS;
    for (;;) {
      const text = await this.text(...more);
      if (pattern.test(text)) return text;
      if (performance.now() > end) throw new Error(`Cannot see ${pattern} in:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Presses keys, such as `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", "-t", "it", ...keys);
  }

  /** Gives it another size. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-t", "it", "-x", String(columns), "-y", String(rows));
  }

  /** One fact of its pane, such as `alternate_on` or `cursor_flag`. */
  async fact(name: string): Promise<string> {
    return (await this.#tmux("display-message", "-p", "-t", "it", `#{${name}}`)).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => {}); // it has ended by itself
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-u", "-f", "/dev/null", "-L", this.#server, ...args],
      clearEnv: true,
      env: this.#env,
      stdin: "null",
    }).output();
    if (success) return new TextDecoder().decode(stdout);
    throw new Error(`Cannot do tmux ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

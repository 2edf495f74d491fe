/**
 * The command line on a terminal, where Deno asks for what it was not permitted: anywhere else it never does.
 *
 * @module
 */

import { words } from "./outrider.ts";

/** Whether there is the `script` of util-linux, which makes a terminal. */
export const hasTerminal: boolean = Deno.build.os === "linux" &&
  await new Deno.Command("script", { args: ["--version"], stdout: "null", stderr: "null" }).output()
    .then(({ success }) => success, () => false);

/** What is said in a prompt of Deno's, and nowhere else. */
const PROMPT = /Deno requests|Allow\? \[/;

/** How it came out. */
export interface Seen {
  readonly code: number;
  /** Both outputs, as on the screen. */
  readonly text: string;
  /** Deno has asked; then it was ended, as nobody answers. */
  readonly prompted: boolean;
}

/** Runs Outrider's command line to its end, with prompts on. */
export function outriderOnTerminal(args: readonly string[], flags: readonly string[]): Promise<Seen> {
  return onTerminal(words(args, flags).filter((word) => word !== "--no-prompt"));
}

/** Runs a command to its end. */
export async function onTerminal(command: readonly string[]): Promise<Seen> {
  const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await using script = new Deno.Command("script", {
    args: ["-qec", line, "/dev/null"],
    env: { SHELL: "/bin/sh", TERM: "dumb", NO_COLOR: "1" },
    // What is at its end would be the end of the terminal's input, too.
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  let prompted = false;
  for await (const chunk of script.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!prompted && PROMPT.test(text)) {
      prompted = true;
      script.kill("SIGKILL");
    }
  }
  await script.stdin.close().catch((error) => {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  });
  return { code: (await script.status).code, text, prompted };
}

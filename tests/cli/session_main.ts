/**
 * Runs command lines one after another: each is a line of stdin, a {@linkcode Line} in JSON. The exit code, between
 * record separators, follows its output on both streams. {@linkcode Session} is the other end.
 */
import { main } from "../../src/cli/main.ts";

/** A command line with where it is typed: by default in the folder and the environment that the process began with. */
export interface Line {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function run({ args, cwd, env = {} }: Line): Promise<number> {
  const before = {
    cwd: Deno.cwd(),
    env: Object.keys(env).map((name) => [name, Deno.env.get(name)] as const),
  };
  if (cwd !== undefined) Deno.chdir(cwd);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    return await main(args);
  } finally {
    if (cwd !== undefined) Deno.chdir(before.cwd); // it takes a permission
    for (const [name, value] of before.env) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

if (import.meta.main) {
  const encoder = new TextEncoder();
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const end = encoder.encode(`\x1e${await run(JSON.parse(line))}\x1e`);
      await Deno.stdout.write(end);
      await Deno.stderr.write(end);
    }
  }
}

/**
 * `outrider init [FILE]`
 */

import { dirname, join } from "node:path";
import { shellQuote } from "../../text/shell_quote.ts";
import { jsonSchema } from "../../manifest/json_schema.ts";
import { commandName, EXIT, print, readArgs, UsageError, type Verb } from "../verb.ts";
import { writeNew } from "../new_file.ts";
import { requireGranted } from "../permission_errors.ts";

const SCHEMA = "outrider.schema.json";

/** Writes a first manifest. */
export const init: Verb = async (args) => {
  const { positionals } = readArgs(args, {});
  const [file = "outrider.json", ...more] = positionals;
  if (more.length > 0) throw new UsageError(`Cannot use more than one FILE: ${positionals.join(", ")}`);
  if (!/\.jsonc?$/.test(file)) {
    throw new UsageError(`Cannot write ${file}: a first manifest is JSON; name it NAME.json`);
  }
  const schema = join(dirname(file), SCHEMA);
  requireGranted(`Cannot write ${file}`, [file, schema].map((value) => ({ name: "write", value })));
  const code = await writeNew(file, firstManifest(Deno.build.os));
  if (code !== EXIT.OK) return code;
  try {
    await Deno.writeTextFile(schema, `${JSON.stringify(jsonSchema(), null, 2)}\n`, { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const path = shellQuote(file);
  print(
    `Wrote ${file}. Try`,
    `  ${commandName()} check ${path}`,
    `  ${commandName()} ask ${path} greeter you`,
    `  ${commandName()} up ${path}`,
  );
  return EXIT.OK;
};

/** Returns a manifest of programs that every machine has: a shell, or else Deno. */
export function firstManifest(os: typeof Deno.build.os): string {
  const isWindows = os === "windows";
  const command = JSON.stringify(isWindows ? "deno" : "sh");
  const args = (shell: string, script: string) =>
    JSON.stringify(isWindows ? ["eval", script] : ["-c", shell]).replaceAll('","', '", "');
  const greeter = args(
    'while read -r name; do echo "Hello $name"; done',
    "for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) " +
      "for (const name of text.trim().split('\\n')) console.log('Hello ' + name)",
  );
  const server = args(
    "echo listening >&2; exec sleep 1000000",
    "console.error('listening'); setInterval(() => {}, 1e6)",
  );
  return `{
  "$schema": "./${SCHEMA}",
  "version": 2,
  "name": "app",
  "children": [
    // Stands for a server: it is ready when it says so, and is started again when it dies.
    {
      "id": "server",
      "command": ${command},
      "args": ${server},
      "ready": { "stderr": "listening" }
    },
    // Answers each line with one, once the server is ready.
    {
      "id": "greeter",
      "command": ${command},
      "args": ${greeter},
      "protocol": "lines",
      "after": ["server"]
    }
  ]
}
`;
}

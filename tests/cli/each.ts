/**
 * Runs the command lines of its argument, a JSON array of arrays, one after another in one process. The exit
 * code, between record separators, follows the output of each on both streams: `outriderEach` takes them apart.
 */
import { main } from "../../src/cli/main.ts";

if (import.meta.main) {
  for (const args of JSON.parse(Deno.args[0]!) as string[][]) {
    const end = new TextEncoder().encode(`\x1e${await main(args)}\x1e`);
    Deno.stdout.writeSync(end);
    Deno.stderr.writeSync(end);
  }
}

/**
 * Runs command lines one after another: each is a line of stdin, a JSON array. The exit code, between record
 * separators, follows its output on both streams. {@linkcode Session} is the other end.
 */
import { main } from "../../src/cli/main.ts";

if (import.meta.main) {
  const encoder = new TextEncoder();
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const end = encoder.encode(`\x1e${await main(JSON.parse(line))}\x1e`);
      await Deno.stdout.write(end);
      await Deno.stderr.write(end);
    }
  }
}

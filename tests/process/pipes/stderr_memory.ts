/** Runs a fixture that floods stderr, and prints by how many bytes this process has grown, and the tail. */
import { spawn } from "../../../src/process/spawn.ts";
import { fixture } from "../fixture.ts";

const before = Deno.memoryUsage().rss;
const child = spawn(fixture(Deno.args[0]!));
await child.closed;
console.log(JSON.stringify({ grown: Deno.memoryUsage().rss - before, tail: child.stderrTail }));

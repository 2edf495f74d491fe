/** A TypeScript file as a sandboxed process: typed calls, a stream, and a call that it is not allowed. */
import { start, supervisor } from "@outrider/outrider";
import { denoWorker, WorkerClient } from "@outrider/outrider/actors/deno_worker";
import type { Api } from "./worker.ts";

const worker = denoWorker("numbers", {
  module: new URL("./worker.ts", import.meta.url),
  // Only a checkout needs this: it says where the package is.
  flags: ["--import-map=tests/support/npm/import_map.json"],
  inheritEnv: ["PATH"],
});

await using system = await start(supervisor("root", [worker]));
const numbers = new WorkerClient<Api>(system.ref("numbers"));

console.log(`1 + 2 = ${await numbers.call("add", { a: 1, b: 2 })}`);
console.log(`primes: ${(await Array.fromAsync(numbers.stream("primes", { below: 20 }))).join(" ")}`);
try {
  await numbers.call("passwd");
} catch (error) {
  console.log((error as Error).message);
}

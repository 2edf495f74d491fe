/** The worker: a process that may compute, and read the folder it is in. */
import { serve } from "@outrider/outrider/actors/worker";

const api = {
  add: ({ a, b }: { a: number; b: number }) => a + b,
  passwd: () => Deno.readTextFileSync("/etc/passwd"),
  async *primes({ below }: { below: number }) {
    for (let n = 2; n < below; n++) {
      let prime = true;
      for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
      if (prime) yield n;
    }
  },
};

/** What it does, for who calls it. */
export type Api = typeof api;

await serve(api);

/**
 * How the fuzz tests run: `OUTRIDER_RUNS` is the number of cases of each (default 300), `OUTRIDER_SEED` says which ones. A
 * failure prints the seed and the smallest case that fails.
 */
import fc from "npm:fast-check@^4";

const seed = Number(Deno.env.get("OUTRIDER_SEED") || 20_300_101);
const numRuns = Number(Deno.env.get("OUTRIDER_RUNS") || 300);

/** A test of a law over cases; it fails by throwing. */
export function fuzzed<Case>(name: string, cases: fc.Arbitrary<Case>, law: (one: Case) => void): void {
  Deno.test(`fuzz: ${name}`, () => fc.assert(fc.property(cases, law), { seed, numRuns }));
}

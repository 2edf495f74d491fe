/**
 * How the fuzz tests run: `OUTRIDER_RUNS` is the number of cases of each (default 300), `OUTRIDER_SEED` says which ones. A
 * failure prints the seed and the smallest case that fails.
 */
import fc from "npm:fast-check@^4";

const seed = Number(Deno.env.get("OUTRIDER_SEED") || 20_300_101);

/** A law over cases, which fails by throwing. */
export interface Law<Case> {
  readonly cases: fc.Arbitrary<Case>;
  readonly law: (one: Case) => void;
  /** Cases by default, where they are cheap and it takes more of them to find something. */
  readonly runs?: number;
}

/** Makes a test of a law. */
export function fuzzed<Case>(name: string, { cases, law, runs = 300 }: Law<Case>): void {
  const numRuns = Number(Deno.env.get("OUTRIDER_RUNS") || runs);
  Deno.test(`fuzz: ${name}`, () => fc.assert(fc.property(cases, law), { seed, numRuns }));
}

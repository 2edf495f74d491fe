/**
 * A real server that is killed at random while it is called: each call is answered rightly, or fails with the death that
 * cut it off.
 *
 * @module
 */
import { IncarnationEndedError } from "@outrider/outrider";
import { seeded } from "../chaos/garden.ts";
import { count } from "../soak/figures.ts";
import { Trial, type TrialOptions } from "./trial.ts";
import type { TrialServer } from "./server.ts";

/** Calls that are open at the same time. */
const LANES = 3;
/** Milliseconds within which a call is settled by something else than its timeout. */
const SETTLED_MS = 60_000;

/** What to do, and for how long. */
export interface ServerSoakOptions extends TrialOptions {
  readonly ms: number;
  readonly seed: number;
}

/** What came of it. */
export interface ServerSoakResult {
  readonly kills: number;
  /** The calls, by what they came to. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Calls and kills a server for so many milliseconds, and stops it. A wrong answer, or none, is an error. */
export async function soakServer(
  server: TrialServer,
  { ms, seed, ...options }: ServerSoakOptions,
): Promise<ServerSoakResult> {
  await using trial = await Trial.start(server, options);
  const random = seeded(seed);
  const outcomes: Record<string, number> = {};
  const until = performance.now() + ms;
  const isOver = () => performance.now() >= until;
  let kills = 0;
  const lane = async () => {
    while (!isOver()) count(outcomes, await outcomeOf(trial));
  };
  const killer = async () => {
    while (!isOver()) {
      // Long enough for a successor to be called, short enough that some die in their handshake.
      const wait = random() * 3 * trial.startedMs;
      await new Promise((go) => setTimeout(go, Math.min(wait, until - performance.now())));
      if (!isOver() && trial.kill()) kills++;
    }
  };
  await Promise.all([...Array.from({ length: LANES }, lane), killer()]);
  const { answer } = await trial.call();
  if (answer !== server.expected) {
    throw new Error(`after ${kills} kills it answers ${JSON.stringify(answer)}`);
  }
  return { kills, outcomes };
}

/** Makes one call, and names what it came to. */
async function outcomeOf({ server, ref, request }: Trial): Promise<string> {
  try {
    const answer = server.shown(await ref.ask(request, { timeout: SETTLED_MS }));
    if (answer === server.expected) return "answered";
    if (answer === server.early) return "answered early";
    throw new Error(`an answer is ${JSON.stringify(answer)}`);
  } catch (error) {
    if (error instanceof IncarnationEndedError) return "cut off";
    throw error;
  }
}

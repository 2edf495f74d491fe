/**
 * What the calls of some sessions came to.
 *
 * @module
 */
import { SessionHeldError } from "@outrider/outrider/actors/mcp";
import { count } from "../figures.ts";

/** Milliseconds within which a call is settled, and a client connected or closed. */
export const SETTLED_MS = 60_000;

/** How a session can be broken. */
export type Breach = "wrong" | "hung" | "lost";

/** Counts of the calls of some sessions. */
export interface Outcomes {
  /** The calls that were answered, by kind. */
  readonly answered: Record<string, number>;
  /** The calls that failed, by the reason that they tell. */
  readonly failed: Record<string, number>;
  /** Calls that were taken back before they were answered. */
  cancelled: number;
  /** Calls that their own client left open when it closed. */
  left: number;
  /** What was done to the processes, by kind; and clients that closed and connected anew. */
  readonly harms: Record<string, number>;
  /** What else the clients have met, by kind. */
  readonly met: Record<string, number>;
}

/** None yet. */
export function noOutcomes(): Outcomes {
  return { answered: {}, failed: {}, cancelled: 0, left: 0, harms: {}, met: {} };
}

/** A session's part in the run. */
export interface SoakReport {
  readonly outcomes: Outcomes;
  readonly random: () => number;
  /** Told of what is not as it should be; the run ends with it. */
  readonly onBroken: (breach: Breach, what: string) => void;
}

/** Settles as `work` does, or rejects when it takes too long. */
export async function settleInTime<Value>(work: Promise<Value>, what: string): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new HungError(what)), SETTLED_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Something was not settled in time. */
export class HungError extends Error {
  /** `what` was not. */
  constructor(what: string) {
    super(`${what} is not settled within ${SETTLED_MS} ms`);
  }
}

/** A call, as its client sees it. */
export interface SoakCall {
  /** Its kind and number. */
  readonly kind: string;
  readonly n: number;
  /** Makes it; whether its answer is right, or that it was taken back. */
  make(): Promise<boolean | "cancelled">;
  /** The reason that a failure tells: it has lost its process. `undefined`: it should not have failed like that. */
  reasonOf(error: unknown): string | undefined;
  /** Whether a failure says that the client has closed meanwhile, as it has. */
  isLeft(error: unknown): boolean;
}

/** Makes a call and counts it; whether it has failed with its server. */
export async function countCall(call: SoakCall, { outcomes, onBroken }: SoakReport): Promise<boolean> {
  const what = `call ${call.n} of ${call.kind}`;
  try {
    const outcome = await settleInTime(call.make(), what);
    if (outcome === "cancelled") outcomes.cancelled++;
    else if (outcome) count(outcomes.answered, call.kind);
    else onBroken("wrong", `${what} has a wrong answer`);
  } catch (error) {
    const reason = call.reasonOf(error);
    if (reason !== undefined) {
      count(outcomes.failed, reason.replace(/'[^']*'/, "the server"));
      return true;
    }
    if (call.isLeft(error)) outcomes.left++;
    else onBroken(error instanceof HungError ? "hung" : "wrong", `${what}: ${error}`);
  }
  return false;
}

/** A client is told of something that does not end its session. */
export function onTrouble(error: Error, { outcomes, onBroken }: SoakReport): void {
  if (error instanceof SessionHeldError) count(outcomes.met, "held");
  else onBroken("wrong", `the client is told of ${error}`);
}

/** Bytes to make a message larger by: mostly none, now and then more than a pipe holds. */
export function padding(random: () => number): string {
  return random() < 0.05 ? "x".repeat(random() * 200_000) : "";
}

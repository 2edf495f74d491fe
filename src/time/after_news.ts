/**
 * Timeouts for conclusions from silence: `setPatientTimeout` waits its time and, where the event loop was busy, until news
 * from outside has been read. Used for the ends of processes, broken pipes and locks.
 */

import { systemClock, type Timers } from "./clock.ts";

/**
 * Turns of the event loop within which what has happened outside is known here. While the loop has work, Deno asks the
 * system only every 61st turn (Tokio's `event_interval`) whether a process has ended or a pipe has something to say: with
 * turns of 20 ms, that is seen a second late.
 */
const NEWS_TURNS = 128;

/** Milliseconds between two looks at how busy the event loop is. */
const LOOK_MS = 25;

/** The part of the time by which a busy loop is late. */
const BUSY = 1 / 10;

/**
 * Calls `fn` after `ms`, for conclusions from silence. If the event loop was busy meanwhile, it gets the turns that it
 * needs to read news from outside first. Returns the function that cancels it. On any other clock than the machine's
 * nothing happens outside, and `fn` is called in time.
 */
export function setPatientTimeout(fn: () => void, ms: number, timers: Timers): () => void {
  if (timers.setTimeout !== systemClock.setTimeout) {
    const timer = timers.setTimeout(fn, ms);
    return () => timers.clearTimeout(timer);
  }
  let late = 0;
  let turns = NEWS_TURNS;
  let turn: unknown;
  /** Deno 2.6 still calls a timer that was cleared in the turn in which it is due. */
  let isOff = false;
  let looked = performance.now();
  const measure = () => {
    const now = performance.now();
    late += Math.max(0, now - looked - LOOK_MS);
    looked = now;
  };
  const look = () => {
    if (isOff) return;
    measure();
    looking = systemClock.setTimeout(look, LOOK_MS);
  };
  let looking = systemClock.setTimeout(look, LOOK_MS);
  const wait = () => {
    if (isOff) return;
    if (turns-- > 0) turn = systemClock.setTimeout(wait, 1);
    else fn();
  };
  const timer = timers.setTimeout(() => {
    if (isOff) return;
    systemClock.clearTimeout(looking);
    measure();
    if (late > ms * BUSY) wait();
    else fn();
  }, ms);
  return () => {
    isOff = true;
    timers.clearTimeout(timer);
    systemClock.clearTimeout(looking);
    systemClock.clearTimeout(turn);
  };
}

/** Milliseconds that {@linkcode settlesWithin} still waits once it is hurried: for what has happened outside by then. */
export const HURRIED_MS = 100;

/**
 * Resolves to `true` once `work` is fulfilled, to `false` after `ms` (see {@linkcode setPatientTimeout}), or
 * {@linkcode HURRIED_MS} after `hurry` aborts; no timer is left. Rejects as `work` does.
 */
export function settlesWithin(
  work: Promise<unknown>,
  { ms, timers, hurry }: { ms: number; timers: Timers; hurry?: AbortSignal | undefined },
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const late = () => resolve(false);
    let cancel = setPatientTimeout(late, hurry?.aborted ? Math.min(ms, HURRIED_MS) : ms, timers);
    const onHurry = () => {
      cancel();
      cancel = setPatientTimeout(late, HURRIED_MS, timers);
    };
    hurry?.addEventListener("abort", onHurry, { once: true });
    work.then(() => resolve(true), reject).finally(() => {
      hurry?.removeEventListener("abort", onHurry);
      cancel();
    });
  });
}

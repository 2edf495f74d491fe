/**
 * The run queue of all actors in this process.
 *
 * Actors run in microtasks, which the event loop never interrupts: two actors
 * that keep each other busy would starve every pipe and timer. So the queue
 * gives way to the event loop after a time slice.
 *
 * Reading the clock costs as much as several messages. It is read once every
 * {@linkcode CHECK_EVERY} messages; when a handler proves slow, more often.
 */

import { eventLoop } from "../time/next_turn.ts";

/** An object with work to do, such as an actor's cell. */
export interface Runnable {
  /** Does at most `limit` messages of work, returns how many it did, at least 1. */
  run(limit: number): number;
  /** Handles an error that `run` threw; no other runnable is affected. */
  fault(thrown: unknown): void;
  /** The event loop gets its turn before the next `run`. */
  pause(): void;
}

/** Milliseconds of work after which the event loop gets its turn. */
export const TIME_SLICE_MS = 4;
/** The most messages that are handled between two readings of the clock. */
export const CHECK_EVERY = 64;

/** In whole milliseconds, which is enough here, and takes a third of the time of the monotonic clock. */
const { now: wallTime } = Date;
/** Its slots are used again and again: to cut the array off after each message takes as long as half an ask. */
const queue: (Runnable | undefined)[] = [];
let next = 0;
let end = 0;
let scheduled = false;
/** The event loop has its turn. */
let paused = false;
/** It begins with one: that messages are fast is found out within some, that they are slow would hold the event loop up. */
let limit = 1;
let sinceCheck = 0;
let lastCheck = 0;
let sliceStart = 0;
let turns = 0;

/** Schedules one call of `runnable.run`, after those already waiting. The caller keeps track. */
export function schedule(runnable: Runnable): void {
  queue[end++] = runnable;
  if (!scheduled) {
    scheduled = true;
    queueMicrotask(runNow);
  } else if (paused) runnable.pause();
}

/** `checkStart`: when the clock was last read within this very turn, or -1. */
function runAll(checkStart = -1): void {
  while (next < end) {
    const runnable = queue[next]!;
    queue[next++] = undefined;
    try {
      sinceCheck += runnable.run(limit);
    } catch (thrown) {
      sinceCheck++;
      blame(runnable, thrown);
    }
    if (next === 1024) compact();
    if (sinceCheck < limit) continue;
    sinceCheck = 0;
    const now = wallTime();
    // Only what ran since a check in this very call is known to be work and not idle time; what took no time was fast.
    if (checkStart >= 0) limit = nextLimit(now - checkStart);
    else if (now >= lastCheck && now - lastCheck <= 1) limit = Math.min(CHECK_EVERY, limit * 2);
    checkStart = lastCheck = now;
    // The first slice begins with the first message: there was no work before.
    if (sliceStart === 0) sliceStart = now;
    // A clock that was set back must not make the slice longer.
    if (now - sliceStart > TIME_SLICE_MS || now < sliceStart) {
      // Where time has passed idly this yields for nothing, at the price of microseconds.
      paused = true;
      eventLoop.setImmediate(resume);
      for (let i = next; i < end; i++) pause(queue[i]!);
      return;
    }
  }
  next = end = 0;
  scheduled = false;
}

function pause(runnable: Runnable): void {
  try {
    runnable.pause();
  } catch (thrown) {
    blame(runnable, thrown);
  }
}

/** Reports the error to its runnable; all others run on. */
function blame(runnable: Runnable, thrown: unknown): void {
  try {
    runnable.fault(thrown);
  } catch {
    // It can't even fail; nothing is left to report to.
  }
}

function runNow(): void {
  runAll();
}

function resume(): void {
  paused = false;
  sliceStart = wallTime();
  runAll(sliceStart);
}

/** Aims at a look at the clock every millisecond, after `limit` messages took `elapsed` ms. */
function nextLimit(elapsed: number): number {
  return elapsed > 1 ? Math.max(1, Math.floor(limit / elapsed)) : Math.min(CHECK_EVERY, limit * 2);
}

/** Waits for one turn of the event loop, after which work that needs no time is done. */
export function nextTurn(): Promise<void> {
  turns++;
  return new Promise((resolve) =>
    eventLoop.setImmediate(() => {
      turns--;
      resolve();
    })
  );
}

/** Whether no actor has anything to do now, nor waits for a turn of the event loop. For clocks that stand still. */
export function isAtRest(): boolean {
  return !scheduled && turns === 0;
}

/** Moves what is still to do to the beginning, so that a never-idle queue does not grow. */
function compact(): void {
  queue.copyWithin(0, next, end);
  end -= next;
  queue.fill(undefined, end, end + next);
  next = 0;
}

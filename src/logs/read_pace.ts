/**
 * Has children that print a little, often, be read together: to wake for each line costs several times what the line does.
 *
 * One that prints without a pause is left a moment to fill its pipe again: read as soon as there is something, it would be
 * interrupted at each of its small writes.
 *
 * Used by `pipeline.ts`, one for the children of a tree. The invariant: a child waits only where no reader needs its lines
 * one by one, never after much of it was read at once, and for {@linkcode TICK_MS} at most.
 */

import type { Clock } from "../time/clock.ts";

/** Milliseconds between two reads of a child that is read together with others. */
const TICK_MS = 50;
/** The same where children print without a pause. */
const FILL_MS = 1;
/** What came at once counts as little up to so many characters. */
const LITTLE = 4_096;
/** The same where children print without a pause: two of the usual writes, or one and the beginning of a line. */
const LITTLE_OF_MUCH = 8_192;
/** Children are read together from so many reads in {@linkcode WINDOW_MS} on … */
const MANY_READS = 50;
/** … until there are so few lines: so many lines would not be more reads, were they read apart. */
const FEW_LINES = 25;
/** … or so many characters: one that prints without a pause, in small writes, would get as far as its pipe in each tick. */
const MUCH = 65_536;
const WINDOW_MS = 250;

export class ReadPace {
  readonly #clock: Clock;
  #isTogether = false;
  /** Of what is being handled. */
  #characters = 0;
  #lines = 0;
  /** Of this window. */
  #since = 0;
  #readsSince = 0;
  #linesSince = 0;
  #charactersSince = 0;
  #tick: PromiseWithResolvers<void> | undefined;
  #timer: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts what came; asked for its {@linkcode ReadPace.room} before the next comes. */
  note(characters: number, lines: number): void {
    this.#characters += characters;
    this.#lines += lines;
  }

  /** What to wait for behind what came; `undefined`: read on. `isUnhurried`: no reader needs the child's lines one by one. */
  room(isUnhurried: boolean): Promise<void> | undefined {
    const [characters, lines] = [this.#characters, this.#lines];
    this.#characters = this.#lines = 0;
    if (lines === 0) return undefined;
    this.#count(lines, characters);
    if (!isUnhurried) return undefined;
    if (this.#charactersSince >= MUCH) {
      return characters > LITTLE_OF_MUCH ? undefined : this.#nextTick(FILL_MS);
    }
    return !this.#isTogether || characters > LITTLE ? undefined : this.#nextTick(TICK_MS);
  }

  /** The tick that all wait for; if there is none, one in `ms` milliseconds. */
  #nextTick(ms: number): Promise<void> {
    if (this.#tick === undefined) {
      this.#tick = Promise.withResolvers();
      this.#timer = this.#clock.setTimeout(() => this.wake(), ms);
    }
    return this.#tick.promise;
  }

  /** Ends the wait of all. */
  wake(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tick?.resolve();
    this.#tick = undefined;
  }

  #count(lines: number, characters: number): void {
    const now = this.#clock.now();
    if (now - this.#since >= WINDOW_MS) {
      const isRecent = now - this.#since < 2 * WINDOW_MS;
      const isMany = this.#isTogether ? this.#linesSince >= FEW_LINES : this.#readsSince >= MANY_READS;
      this.#isTogether = isRecent && isMany && this.#charactersSince < MUCH;
      this.#since = now;
      this.#readsSince = this.#linesSince = this.#charactersSince = 0;
    }
    this.#readsSince++;
    this.#linesSince += lines;
    this.#charactersSince += characters;
    if (this.#charactersSince >= MUCH) this.#isTogether = false;
  }
}

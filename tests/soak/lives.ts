/**
 * The processes of a tree, as its events tell of them.
 *
 * @module
 */
import type { SystemEvent } from "@outrider/outrider";

/** One process. */
export interface Life {
  readonly path: string;
  readonly generation: number;
  readonly pid: number;
  /** Its incarnation got ready. */
  ready: boolean;
  /** Its incarnation has ended. */
  over: boolean;
}

/** Follows the events of a tree to their end. */
export class Lives {
  /** All of them, oldest first. */
  readonly all: Life[] = [];
  /** Settles when the tree has ended. */
  readonly ended: Promise<void>;
  readonly #latest = new Map<string, Life>();
  readonly #onEvent: ((event: SystemEvent) => void) | undefined;
  #waiting: (() => void)[] = [];

  /** `onEvent` is told of each event, after it was taken in. */
  constructor(events: AsyncIterable<SystemEvent>, onEvent?: (event: SystemEvent) => void) {
    this.#onEvent = onEvent;
    this.ended = this.#follow(events);
  }

  /** The latest process at `path`. */
  at(path: string): Life | undefined {
    return this.#latest.get(path);
  }

  /** The first that runs and is ready at `path`, of a generation after `after`. */
  async ready(path: string, after = 0): Promise<Life> {
    for (;;) {
      const life = this.#latest.get(path);
      if (life?.ready && !life.over && life.generation > after) return life;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #follow(events: AsyncIterable<SystemEvent>): Promise<void> {
    for await (const event of events) {
      this.#take(event);
      this.#onEvent?.(event);
    }
  }

  #take(event: SystemEvent): void {
    const { path, generation, type } = event;
    if (type === "spawned") {
      const life = { path, generation, pid: event.pid, ready: false, over: false };
      this.all.push(life);
      this.#latest.set(path, life);
      return;
    }
    const life = this.#latest.get(path);
    if (life?.generation !== generation) return;
    if (type === "ready") life.ready = true;
    else if (type === "exited" || type === "stopped" || type === "start_failed") life.over = true;
    else return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}

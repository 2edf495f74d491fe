/**
 * A tree as a service of its machine: what it tells systemd, and answers over HTTP.
 */

import { phaseOf, type System } from "../supervision/tree.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { type HealthAddress, HealthServer } from "./health.ts";
import { Notifier, type NotifyPlace } from "./notify.ts";
import { wellnessOf, wellnessText } from "./well.ts";

/** How a tree is a service. */
export interface ServiceOptions {
  /** Where systemd is told. */
  readonly notify?: NotifyPlace | undefined;
  /** Where health is asked for. */
  readonly http?: HealthAddress | undefined;
}

/** Milliseconds between two looks at the tree for the status line. */
export const STATUS_MS = 1_000;

/** Most children that the status line names. */
const NAMED = 3;

/** Tells how a tree is until it has ended. */
export class Service implements AsyncDisposable {
  readonly #system: System;
  readonly #notifier: Notifier | undefined;
  readonly #health: HealthServer | undefined;
  readonly #over = new AbortController();

  /** Begins; the tree need not have started. @throws {ServiceError} */
  constructor(system: System, { notify, http }: ServiceOptions) {
    this.#system = system;
    this.#notifier = notify && new Notifier(notify);
    try {
      this.#health = http && new HealthServer(http, {
        phase: () => phaseOf(system),
        wellness: () => wellnessOf(system.status(), systemClock.wallTime()),
      });
    } catch (thrown) {
      this.#notifier?.[Symbol.dispose]();
      throw thrown;
    }
    if (this.#notifier === undefined) return;
    void this.#tell(this.#notifier);
    this.#watchForStop(this.#notifier).catch(() => {}); // its signal aborts when the service is over
  }

  /** The address at which health is asked for. */
  get address(): HealthAddress | undefined {
    return this.#health?.address;
  }

  /** The first round of starts is over. */
  started(): void {
    this.#notifier?.status(this.#statusLine());
    this.#notifier?.ready();
  }

  async #tell(notifier: Notifier): Promise<void> {
    while (!this.#over.signal.aborted) {
      notifier.status(this.#statusLine());
      await sleep(systemClock, STATUS_MS, this.#over.signal);
    }
  }

  async #watchForStop(notifier: Notifier): Promise<void> {
    const { signal } = this.#over;
    for await (const event of this.#system.events({ types: ["stopping"], signal })) {
      if (event.path !== "/") continue;
      notifier.stopping();
      return notifier.status(this.#statusLine());
    }
  }

  /** `running, 18 of 20 well: web (quarantined), mail (restarting)`. */
  #statusLine(): string {
    const phase = phaseOf(this.#system);
    const wellness = wellnessOf(this.#system.status(), systemClock.wallTime());
    const { unwell } = wellness;
    const names = unwell.slice(0, NAMED).map(({ path, state }) => `${path} (${state})`);
    const more = unwell.length > NAMED ? [`${unwell.length - NAMED} more`] : [];
    const word = phase === "running" && unwell.length > 0 ? "degraded" : phase;
    const text = [`${word}, ${wellnessText(wellness)}`, [...names, ...more].join(", ")];
    return text.filter((part) => part !== "").join(": ");
  }

  /** Says no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#notifier?.sent;
    this.#notifier?.[Symbol.dispose]();
    this.#health?.[Symbol.dispose]();
  }
}

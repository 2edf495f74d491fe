/**
 * Any child `s` in a tree of its own, with everything that it tells; no process of it outlives the test.
 *
 * @module
 */
import { assert } from "@std/assert";
import { type ActorRef, type ChildSpec, supervisor, System, type SystemEvent } from "@outrider/outrider";
import type { Clock } from "@outrider/outrider/actor";
import { systemClock } from "../../src/time/clock.ts";
import { alive } from "../process/fixture.ts";
import { EventLog } from "../support/probes.ts";

export class Planted implements AsyncDisposable {
  readonly system: System;
  readonly log: EventLog;

  constructor(specs: readonly ChildSpec[], clock: Clock = systemClock) {
    this.system = new System(supervisor("root", specs), { clock });
    this.log = new EventLog({ events: (filter) => this.system.events(filter) });
  }

  /** Made and ready. */
  static async start(...specs: ChildSpec[]): Promise<Planted> {
    const planted = new Planted(specs);
    await planted.system.start();
    return planted;
  }

  // deno-lint-ignore no-explicit-any -- tests name what they send
  get ref(): ActorRef<any, any, any> {
    return this.system.ref("s");
  }

  /** Events of this type so far. */
  all<Type extends SystemEvent["type"]>(type: Type): (SystemEvent & { type: Type })[] {
    return this.log.events.filter((event): event is SystemEvent & { type: Type } => event.type === type);
  }

  /** The first event of this type that fits, past or to come. */
  async event<Type extends SystemEvent["type"]>(
    type: Type,
    fits: (event: SystemEvent & { type: Type }) => boolean = () => true,
  ): Promise<SystemEvent & { type: Type }> {
    const found = await this.log.until((event) =>
      event.type === type && fits(event as SystemEvent & { type: Type })
    );
    return found as SystemEvent & { type: Type };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system.stop();
    await this.log.ended;
    for (const { pid } of this.all("spawned")) assert(!alive(pid), `process ${pid} is left`);
  }
}

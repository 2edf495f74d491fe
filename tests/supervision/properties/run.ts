/**
 * Runs a scenario on the virtual clock and tells which laws it broke.
 *
 * @module
 */

import {
  type ActorRef,
  type ChildStatus,
  StartError,
  SupervisionError,
  System,
  type SystemEvent,
  UnknownActorError,
} from "@outrider/outrider";
import { replay } from "@outrider/outrider/report";
import { VirtualClock } from "../../../src/testing/mod.ts";
import { Laws } from "./laws.ts";
import type { Action, Scenario } from "./plan.ts";
import { Ledger, type Message, specOf } from "./planted.ts";

interface Sent {
  readonly id: number;
  readonly path: string;
  readonly ref: ActorRef<unknown, unknown>;
  readonly ask: boolean;
  fate: "open" | "settled" | "refused" | "dead";
}

/** Virtual milliseconds within which everything has to come to rest: far more than all shutdown times together. */
const END_WITHIN_MS = 3_600_000;

/** What `scenario` broke; empty if every law held. */
export async function run(scenario: Scenario): Promise<string[]> {
  return await new Run(scenario).play();
}

class Run {
  readonly #scenario: Scenario;
  readonly #clock = new VirtualClock();
  readonly #ledger = new Ledger(this.#clock);
  readonly #manual = new Set<string>();
  readonly #laws = new Laws(this.#ledger.plans, this.#manual);
  readonly #system: System;
  readonly #events: SystemEvent[] = [];
  readonly #sent: Sent[] = [];
  readonly #broken: string[] = [];
  #calls = 0;
  #added = 0;
  #replayed = 0;
  #tree: readonly ChildStatus[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const root = specOf(scenario.root, "root", { parent: "/", ledger: this.#ledger });
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    this.#system = new System(root, { clock: this.#clock, random });
  }

  async play(): Promise<string[]> {
    const reading = this.#read();
    this.#call(() => this.#system.start());
    for (const { at_rest, action } of this.#scenario.actions) {
      if (at_rest) await this.#rest();
      if (action.do === "wait") await this.#clock.advance(action.ms);
      else this.#act(action);
    }
    await this.#rest();
    void this.#system.stop();
    try {
      await this.#clock.until(this.#system.ended, END_WITHIN_MS);
    } catch (error) {
      return [...this.#all(), `the tree does not come to rest: ${error}`];
    }
    await this.#clock.settle();
    await reading;
    this.#end();
    return this.#all();
  }

  #all(): string[] {
    return [...new Set([...this.#ledger.faults, ...this.#laws.broken, ...this.#broken])];
  }

  #end(): void {
    this.#hold(this.#clock.pending === 0, `${this.#clock.pending} timers are left after the end`);
    this.#hold(this.#calls === 0, `${this.#calls} calls were never answered`);
    for (const path of this.#ledger.alive.keys()) this.#hold(false, `${path} is alive after the end`);
    for (const [path, { lives }] of this.#ledger.processes) {
      this.#hold(lives.every(({ isAlive }) => !isAlive), `a process of ${path} is alive after the end`);
      const got = lives.flatMap(({ received }) => received);
      this.#hold(new Set(got).size === got.length, `${path} got a message twice`);
    }
    for (const { id, ask, fate, path } of this.#sent) {
      const delivered = this.#ledger.delivered.get(id) ?? 0;
      this.#hold(delivered <= 1, `message ${id} to ${path} was delivered ${delivered} times`);
      if (ask) {
        this.#hold(fate === "settled" || fate === "refused", `ask ${id} to ${path} was never answered`);
      } else if (!this.#ledger.processes.has(path)) {
        this.#hold(
          delivered === 1 || fate === "dead" || fate === "refused",
          `message ${id} to ${path} is lost`,
        );
      }
    }
    this.#compare();
  }

  /** Lets all come to rest, and looks at what has to hold then. */
  async #rest(): Promise<void> {
    await this.#clock.advance(0); // also the turn after which a supervisor waits no longer for a start
    this.#compare();
    this.#laws.atRest();
    const open = this.#sent.filter(({ id, path, ask, fate }) =>
      !ask && fate === "open" && !this.#ledger.delivered.has(id) && !this.#ledger.processes.has(path)
    );
    for (const [ref, messages] of Map.groupBy(open, ({ ref }) => ref)) {
      this.#hold(messages.length <= ref.queued, `${messages.length} messages to ${ref.path} are lost`);
    }
  }

  #compare(): void {
    this.#tree = replay(this.#events.slice(this.#replayed), this.#tree);
    this.#replayed = this.#events.length;
    const [told, status] = [this.#tree, this.#system.status()].map((tree) =>
      JSON.stringify(tree, (name, value) => {
        // What is recorded of a child is not in a status from while its supervisor was gone.
        if (name === "lastExit" || name === "since") return undefined;
        return isPlain(value) ? Object.fromEntries(Object.entries(value).toSorted(byName)) : value;
      })
    );
    this.#hold(told === status, `the events say ${told}, the tree is ${status}`);
  }

  #act(action: Exclude<Action, { do: "wait" }>): void {
    switch (action.do) {
      case "stop":
        return this.#call(() => this.#system.stop());
      case "kill":
        return this.#call(() => this.#system.kill());
      case "end":
        return nth([...this.#ledger.alive.values()], action.who)?.(action.how);
      case "start": {
        const parent = nth(["/", ...this.#paths("supervisor")], action.sup)!;
        const id = `x${this.#added++}`;
        const after = action.plan.after.map(({ back, condition }) => ({ id: `c${back - 1}`, condition }));
        const spec = specOf(action.plan, id, {
          parent,
          ledger: this.#ledger,
          ...(after.length > 0 ? { after } : {}),
        });
        this.#manual.add(parent === "/" ? id : `${parent}/${id}`);
        return this.#call(() => this.#system.startChild(parent, spec));
      }
      case "send":
        return this.#send(action);
      default: {
        const path = nth([...this.#paths("worker"), ...this.#paths("supervisor")], action.who);
        if (path === undefined) return;
        this.#manual.add(path);
        const { system } = { system: this.#system };
        if (action.do === "terminate") return this.#call(() => system.terminateChild(path));
        if (action.do === "restart") return this.#call(() => system.restartChild(path));
        return this.#call(() => system.deleteChild(path));
      }
    }
  }

  #send({ who, what, ask }: Action & { do: "send" }): void {
    const takers = [...this.#ledger.plans].filter(([, { kind }]) => kind === "actor" || kind === "sidecar");
    const [path, plan] = nth(takers, who) ?? [];
    if (path === undefined) return;
    const id = this.#sent.length;
    let ref: ActorRef<unknown, unknown>;
    try {
      ref = this.#system.ref(path);
    } catch (error) {
      if (error instanceof UnknownActorError) return;
      throw error;
    }
    const sent: Sent = { id, path, ref, ask, fate: "open" };
    this.#sent.push(sent);
    const message: Message | string = plan?.kind === "sidecar" ? `${id}` : { id, what };
    const taken = ask ? ref.ask(message, { timeout: 400 }) : ref.tell(message);
    void Promise.resolve(taken).then(() => {
      if (ask) sent.fate = "settled";
    }, () => sent.fate = "refused");
    if (!ask && taken !== undefined) this.#waitingTells(sent, taken);
  }

  /** A tell that waits for room counts as queued only once it was taken. */
  #waitingTells(sent: Sent, taken: Promise<unknown>): void {
    sent.fate = "settled";
    taken.then(() => {
      if (sent.fate === "settled") sent.fate = "open";
    }, () => {});
  }

  #call(request: () => Promise<unknown>): void {
    this.#calls++;
    void request().catch((error) => {
      const known = error instanceof SupervisionError || error instanceof StartError;
      this.#hold(known, `a request failed of ${error}`);
    }).finally(() => this.#calls--);
  }

  #paths(type: "worker" | "supervisor"): string[] {
    const walk = (nodes: readonly ChildStatus[]): ChildStatus[] =>
      nodes.flatMap((node) => [node, ...walk(node.children ?? [])]);
    return walk(this.#system.status()).filter((node) => node.type === type).map(({ path }) => path);
  }

  async #read(): Promise<void> {
    for await (const event of this.#system.events()) {
      this.#events.push(event);
      this.#laws.see(event);
      if (event.type === "dead_letter") this.#dead(event.message);
    }
  }

  #dead(message: unknown): void {
    const id = typeof message === "object" && message !== null ? (message as { id?: number }).id : undefined;
    const sent = id === undefined ? undefined : this.#sent[id];
    if (sent !== undefined && !sent.ask && sent.fate !== "refused") sent.fate = "dead";
  }

  #hold(holds: boolean, otherwise: string): void {
    if (!holds) this.#broken.push(otherwise);
  }
}

function nth<Item>(items: readonly Item[], n: number): Item | undefined {
  return items.length === 0 ? undefined : items[n % items.length];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

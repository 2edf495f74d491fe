/**
 * From a plan to a tree whose children are watched by {@linkcode Ledger}: who is alive, and what became of each message.
 *
 * @module
 */

import {
  actor,
  type Backoff,
  type Behavior,
  type ChildSpec,
  type DeathCause,
  type Dependency,
  dynamicSupervisor,
  type Exit,
  NO_BACKOFF,
  sidecar,
  supervisor,
} from "@outrider/outrider";
import { type Incarnation, sleep, type StartOutcome } from "@outrider/outrider/actor";
import { pathOf } from "../../../src/supervision/child_path.ts";
import { type FakeProcess, fakeProcess, type VirtualClock } from "../../../src/testing/mod.ts";
import type { EndWord, LeafPlan, MessageWord, Plan, StartWord, StopWord, SupervisorPlan } from "./plan.ts";

/** What is sent. */
export interface Message {
  readonly id: number;
  readonly what: MessageWord;
}

/** What the children of one run tell. */
export class Ledger {
  readonly clock: VirtualClock;
  /** The plan of each child, by path. */
  readonly plans = new Map<string, Plan>();
  /** How often each message was handed to an actor. */
  readonly delivered = new Map<number, number>();
  /** The ways to end what is alive, by path. */
  readonly alive = new Map<string, (how: EndWord) => void>();
  readonly processes = new Map<string, FakeProcess>();
  /** Two at a time, and the like. */
  readonly faults: string[] = [];

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  born(path: string, end: (how: EndWord) => void): void {
    if (this.alive.has(path)) this.faults.push(`two incarnations of ${path} are alive`);
    this.alive.set(path, end);
  }

  died(path: string, end: (how: EndWord) => void): void {
    if (this.alive.get(path) === end) this.alive.delete(path);
  }
}

/** The spec of a plan, as the child `id` of `parent`. */
export function specOf(
  plan: Plan,
  id: string,
  { parent, ledger, after }: { parent: string; ledger: Ledger; after?: readonly Dependency[] },
): ChildSpec {
  return plant(plan, id, { parent, ledger, significant: false, after });
}

interface At {
  readonly parent: string;
  readonly ledger: Ledger;
  readonly significant: boolean;
  readonly after: readonly Dependency[] | undefined;
}

function plant(plan: Plan, id: string, at: At): ChildSpec {
  const { parent, ledger, significant, after } = at;
  const path = id === "root" ? "/" : pathOf(parent, id);
  ledger.plans.set(path, plan);
  const { restart, rules } = plan;
  const common = { restart, rules, significant, after, backoff: backoffOf(plan.backoff) };
  switch (plan.kind) {
    case "supervisor":
      return plantSupervisor(plan, id, { ...at, path, common });
    case "worker":
      return {
        id,
        type: "worker",
        ...common,
        startWithin: plan.startWithin,
        shutdown: plan.shutdown,
        mailbox: {},
        children: [],
        start: workerOf(plan, path, ledger),
      };
    case "actor":
      return actor(id, () => new Receiver(path, ledger), {
        ...common,
        mailbox: { capacity: plan.capacity, overflow: plan.overflow },
      });
    case "sidecar": {
      const fake = fakeProcess({
        protocol: "lines",
        reply: (line) => line,
        takes: plan.takes,
        dies: { onMessage: plan.diesOn, with: plan.with },
        ...(plan.stubborn ? { onEof: "ignore", signals: { SIGTERM: "ignore" } } : {}),
      });
      ledger.processes.set(path, fake);
      return sidecar(id, { ...common, command: "fake", protocol: "lines", spawn: fake.spawn });
    }
  }
}

function plantSupervisor(
  plan: SupervisorPlan,
  id: string,
  { path, ledger, common }: At & {
    path: string;
    common: Pick<ChildSpec, "restart" | "rules" | "significant" | "after" | "backoff">;
  },
): ChildSpec {
  const { restarts, within, onLimit, autoShutdown, strategy } = plan;
  const options = {
    ...common,
    startWithin: plan.startWithin,
    intensity: { restarts, within },
    onLimit: onLimit === "escalate"
      ? onLimit
      : { quarantine: onLimit === "quarantine" ? {} : { coolDown: onLimit } },
  } as const;
  if (strategy === "dynamic") return dynamicSupervisor(id, { ...options, maxChildren: 4 });
  const children = plan.children.map((child, at) =>
    plant(child, `c${at}`, {
      parent: path,
      ledger,
      significant: child.significant && child.restart !== "permanent" && autoShutdown !== "never",
      after: dependenciesOf(child, at),
    })
  );
  return supervisor(id, children, { ...options, strategy, autoShutdown });
}

function dependenciesOf({ after }: LeafPlan | SupervisorPlan, at: number): readonly Dependency[] | undefined {
  const before = after.filter(({ back }) => back <= at);
  return before.length === 0
    ? undefined
    : before.map(({ back, condition }) => ({ id: `c${at - back}`, condition }));
}

function backoffOf(initial: number): Backoff {
  return initial === 0 ? NO_BACKOFF : { initial, factor: 2, max: 1_000, jitter: 0.25, resetAfter: 500 };
}

function exitOf(how: EndWord | StopWord): Exit {
  switch (how) {
    case "crash":
      return { reason: "crash", cause: new Error("scripted") };
    case "killed":
      return { reason: "killed", abandoned: false };
    case "code_3":
    case "code_4":
      return died({ kind: "exit_code", code: Number(how.at(-1)) });
    case "SIGSEGV":
      return died({ kind: "signal", code: 139, signal: how });
    case "normal":
      return { reason: "normal" };
    default:
      return { reason: "shutdown" };
  }
}

function died(death: DeathCause): Exit {
  return { reason: "crash", cause: Object.assign(new Error("scripted"), { death }) };
}

function workerOf(
  plan: { readonly starts: readonly StartWord[]; readonly stops: readonly StopWord[] },
  path: string,
  ledger: Ledger,
): () => Incarnation {
  let starts = 0;
  let stops = 0;
  const nth = <Word>(words: readonly Word[], n: number) => words[Math.min(n, words.length - 1)]!;
  return () => new Life(nth(plan.starts, starts++), () => nth(plan.stops, stops++), { path, ledger });
}

/** One incarnation of a worker. */
class Life implements Incarnation {
  readonly #started = Promise.withResolvers<StartOutcome>();
  readonly #ended = Promise.withResolvers<Exit>();
  readonly started: Promise<StartOutcome> = this.#started.promise;
  readonly ended: Promise<Exit> = this.#ended.promise;
  readonly #onStop: () => StopWord;
  readonly #path: string;
  readonly #ledger: Ledger;
  readonly #endsAs = (how: EndWord) => this.#end(exitOf(how));
  #timer: unknown;
  #over = false;

  constructor(word: StartWord, onStop: () => StopWord, { path, ledger }: { path: string; ledger: Ledger }) {
    this.#onStop = onStop;
    this.#path = path;
    this.#ledger = ledger;
    this.started.catch(() => {});
    ledger.born(path, this.#endsAs);
    if (word === "hang") return;
    const [delay, then = "ok"] = /^(?:(slow|late)_?)?(.+)?$/.exec(word)!.slice(1);
    if (delay === undefined) this.#comeOut(then);
    else {
      this.#timer = ledger.clock.setTimeout(() => this.#comeOut(then), delay === "slow" ? 30 : 250);
    }
  }

  #comeOut(word: string): void {
    if (word === "ok" || word === "dies") this.#started.resolve("ok");
    if (word === "ok") return;
    if (word === "dies") return this.#end(exitOf("crash"));
    this.#over = true;
    this.#ledger.died(this.#path, this.#endsAs);
    if (word === "ignore") return this.#started.resolve("ignore");
    const death = word === "unstartable" ? { death: { kind: word } } : {};
    this.#started.reject(Object.assign(new Error("scripted"), death));
  }

  stop(): void {
    const word = this.#onStop();
    if (word === "hang" || this.#over) return;
    if (word !== "slow") return this.#end(exitOf(word));
    this.#ledger.clock.clearTimeout(this.#timer);
    this.#timer = this.#ledger.clock.setTimeout(() => this.#end(exitOf("shutdown")), 70);
  }

  kill(): void {
    this.#end(exitOf("killed"));
  }

  #end(exit: Exit): void {
    this.#over = true;
    this.#ledger.clock.clearTimeout(this.#timer);
    this.#ledger.died(this.#path, this.#endsAs);
    this.#started.reject(new Error("scripted: ended before it was ready"));
    this.#ended.resolve(exit);
  }
}

/** One incarnation of an actor. */
class Receiver implements Behavior<Message, number> {
  readonly #path: string;
  readonly #ledger: Ledger;
  #end: (how: EndWord) => void = () => {};

  constructor(path: string, ledger: Ledger) {
    this.#path = path;
    this.#ledger = ledger;
  }

  started(context: Parameters<NonNullable<Behavior<Message, number>["started"]>>[0]): void {
    this.#end = (how) => context.exit(exitOf(how));
    this.#ledger.born(this.#path, this.#end);
  }

  async receive(
    { id, what }: Message,
    context: Parameters<Behavior<Message, number>["receive"]>[1],
  ): Promise<number | void> {
    this.#ledger.delivered.set(id, (this.#ledger.delivered.get(id) ?? 0) + 1);
    if (what === "never") context.deferReply();
    if (what === "crash") throw new Error("scripted");
    if (what === "finish") context.exit({ reason: "normal" });
    if (what === "slow") await sleep(context.clock, 40, context.signal);
    return id;
  }

  stopped(): void {
    this.#ledger.died(this.#path, this.#end);
  }
}

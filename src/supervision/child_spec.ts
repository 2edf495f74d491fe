/**
 * What a supervisor knows of a child: plain data, and one function that starts
 * an incarnation of it.
 *
 * @module
 */

import { OptionError } from "../actor/actor_errors.ts";
import type { Behavior } from "../actor/behavior.ts";
import { Cell } from "../actor/cell.ts";
import { checkedTime, checkTimes } from "../actor/checked_time.ts";
import { deliveryOf, type DeliveryOptions } from "../actor/mailbox/delivery.ts";
import type { Incarnation } from "../actor/incarnation.ts";
import type { MailboxOptions } from "../actor/mailbox/options.ts";
import type { ActorSystem } from "../actor/system.ts";
import { type Backoff, NO_BACKOFF } from "./restart_limits.ts";
import type { Dependency } from "./dependencies.ts";
import type { SupervisorRules } from "./strategy.ts";
import type { RestartRules, RestartType } from "./restart_rules.ts";
import type { Shutdown, StartWithin } from "../options/types.ts";

export type { Shutdown, StartWithin } from "../options/types.ts";

/** Milliseconds that a plain actor is given to stop: Erlang/OTP's default for workers. */
export const DEFAULT_SHUTDOWN_MS = 5_000;

/** Milliseconds that a plain actor is given to start: systemd's default for services. */
export const DEFAULT_START_MS = 90_000;

/** What a child is started with. */
export interface StartContext {
  /** Its place in the tree, such as `workers/w1`; `/` for the root. */
  readonly path: string;
  /** @ignore The tree that it is part of. */
  readonly system: ActorSystem;
}

/** A child, as data. Made by {@linkcode actor}, {@linkcode supervisor}, `sidecar` and the like. */
export interface ChildSpec {
  /** Unique among its siblings, without `/`. */
  readonly id: string;
  /** Whether it has children of its own. */
  readonly type: "worker" | "supervisor";
  /** For a supervisor: whether an actor at its path takes messages, too. Default `false`: they are refused. */
  readonly takesMessages?: boolean | undefined;
  /** Whether it takes streams into its process; of a sidecar with a protocol. Default `false`. */
  readonly takesStreams?: boolean | undefined;
  /** When it is started again. */
  readonly restart: RestartType;
  /** Exceptions from that, by exit code and signal. */
  readonly rules?: RestartRules | undefined;
  /** Whether its end by itself counts for its supervisor's automatic shutdown. */
  readonly significant: boolean;
  /** Milliseconds that a start may take before it counts as failed; none, or `infinity`, means no limit. */
  readonly startWithin?: StartWithin | undefined;
  /** The siblings that it starts after; see {@linkcode Dependency}. */
  readonly after?: readonly Dependency[] | undefined;
  /** How long it may take to stop. */
  readonly shutdown: Shutdown;
  /** How long to wait before it is started again. */
  readonly backoff: Backoff;
  /** How much may wait for it. */
  readonly mailbox: MailboxOptions;
  /** Of a supervisor: those it starts with. */
  readonly children: readonly ChildSpec[];
  /** Of a supervisor: what it goes by. It tells; what counts is what `start` was made with. */
  readonly supervises?: SupervisorRules | undefined;
  /** Starts one incarnation. It may throw, which is a failed start. */
  start(context: StartContext): Incarnation;
}

/**
 * An actor as data, which knows what it takes, what it answers and what it publishes: `system.ref(spec)` has these types.
 *
 * @typeParam Message what the actor takes
 * @typeParam Value what it answers an `ask` with
 * @typeParam Published what its subscribers get
 */
export interface ActorSpec<in Message, out Value, out Published> extends ChildSpec {
  /** For the compiler alone: there is no such field. */
  readonly types?:
    | ((message: Message) => { readonly value: Value; readonly published: Published })
    | undefined;
}

/** What every kind of child can be told. */
export interface ChildOptions {
  /** Default `permanent`. */
  readonly restart?: RestartType;
  /** Exceptions from the restart type, by exit code and signal. Default: none. */
  readonly rules?: RestartRules | undefined;
  /** Default {@linkcode DEFAULT_START_MS} for workers, `infinity` for supervisors, whose children have their own. */
  readonly startWithin?: StartWithin | undefined;
  /** The siblings that it starts after. Default: it starts when those before it in the list are ready. */
  readonly after?: readonly Dependency[] | undefined;
  /** Whether its end by itself counts for its supervisor's automatic shutdown. Default `false`. */
  readonly significant?: boolean;
  /** Default {@linkcode DEFAULT_SHUTDOWN_MS} for workers, `infinity` for supervisors. */
  readonly shutdown?: Shutdown;
  /** Default: none for actors and supervisors. */
  readonly backoff?: Backoff;
}

/** Options of {@linkcode actor}. */
export interface ActorOptions extends ChildOptions, DeliveryOptions {
  /** Default: 1,024 messages, and senders wait. */
  readonly mailbox?: MailboxOptions;
}

/**
 * An actor of your own as a child: `make` is called for each incarnation.
 *
 * @example
 * ```ts
 * import { actor, start, supervisor } from "@outrider/outrider";
 *
 * let count = 0;
 * const counter = actor("counter", () => ({ receive: (by: number) => count += by }));
 * const system = await start(supervisor("root", [counter]));
 * console.log(await system.ref("counter").ask(2)); // 2
 * await system.stop();
 * ```
 */
export function actor<Message, Value = void, Published = never>(
  id: string,
  make: () => Behavior<Message, Value, Published>,
  options: ActorOptions = {},
): ActorSpec<Message, Value, Published> {
  const { shutdown = DEFAULT_SHUTDOWN_MS } = options;
  const delivery = deliveryOf(options);
  return {
    id: checkedId(id),
    type: "worker",
    ...commonOf(options),
    startWithin: options.startWithin ?? DEFAULT_START_MS,
    shutdown,
    mailbox: options.mailbox ?? {},
    children: [],
    start: ({ path, system }) =>
      new Cell(make(), system.address(path, options.mailbox), {
        system,
        cleanUp: typeof shutdown === "number" ? shutdown : DEFAULT_SHUTDOWN_MS,
        delivery,
      }),
  };
}

/** What kinds of children have in common, resolved. @throws {OptionError} a time that is not one */
export function commonOf(options: ChildOptions): Pick<
  ChildSpec,
  "restart" | "rules" | "significant" | "startWithin" | "after" | "backoff"
> {
  const { restart = "permanent", significant = false, backoff = NO_BACKOFF, rules, startWithin, after } =
    options;
  const { initial, max, resetAfter } = backoff;
  for (const [name, ms] of Object.entries({ initial, max, resetAfter })) checkedTime(`backoff.${name}`, ms);
  checkTimes({ startWithin, shutdown: options.shutdown }, { words: ["infinity", "brutal_kill"] });
  for (const { within } of rules?.tallies ?? []) checkedTime("within", within);
  return { restart, significant, backoff, rules, startWithin, after };
}

/** The path of the child `id` of the supervisor at `parent`. */
export function pathOf(parent: string, id: string): string {
  return parent === "/" ? id : `${parent}/${id}`;
}

/** `id`, if it can be part of a path. @throws {OptionError} */
export function checkedId(id: string): string {
  if (id === "" || id.includes("/")) {
    throw new OptionError(`Cannot name a child '${id}': an id is not empty and has no '/'`);
  }
  return id;
}

/**
 * The spec of a child, as its supervisor knows it: plain data, and one function that starts
 * an incarnation of it.
 */

import type { Behavior } from "../actor/behavior.ts";
// @ts-types="../actor/cell.d.ts"
import { Cell } from "../actor/cell.ts";
import { isThenable } from "../actor/user_value.ts";
import type { Incarnation } from "../actor/incarnation.ts";
import type { ResolvedMailbox } from "../actor/mailbox/options.ts";
import type { ActorSystem } from "../actor/system.ts";
import type { Backoff } from "./restart/restart_limits.ts";
import type { Dependency } from "./dependencies.ts";
import type { SupervisorRules } from "./restart/strategy.ts";
import type { RestartRules, RestartType } from "./restart/restart_rules.ts";
import { OptionError } from "../options/option_error.ts";
import { idField } from "../options/build.ts";
import { pathOf } from "./child_path.ts";
import { checkOptions } from "../options/check.ts";
import { actorOptions } from "../options/fields/children.ts";
import { defaultMs } from "../options/presets.ts";
import { unexpected } from "../options/call_options.ts";
import { splitRestart } from "../options/fields/restart.ts";
import type {
  ActorOptions,
  CheckedActorOptions,
  CheckedChildOptions,
  Shutdown,
  StartWithin,
} from "../options/types.ts";

export type {
  ActorOptions,
  CheckedChildOptions,
  ChildOptions,
  Shutdown,
  StartWithin,
} from "../options/types.ts";

/** Milliseconds that a plain actor is given to stop: Erlang/OTP's default for workers. */
export const DEFAULT_SHUTDOWN_MS: number = defaultMs("actor", "shutdown");

/** Milliseconds that a plain actor is given to start: systemd's default for services. */
export const DEFAULT_START_MS: number = defaultMs("actor", "startWithin");

/** The context of a child's start. */
export interface StartContext {
  /** Its place in the tree, such as `workers/w1`; `/` for the root. */
  readonly path: string;
  /** @ignore The tree that it is part of. */
  readonly system: ActorSystem;
  /** Whether a sibling waits for its end (`completed`, `completed_successfully`). Default `false`. */
  readonly isAwaited?: boolean;
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
  /** Whether it can end after its process has started and before it is ready; of a sidecar. Default `false`. */
  readonly waitsToBeReady?: boolean | undefined;
  /** When it is started again. */
  readonly restart: RestartType;
  /** Exceptions from that, by exit code and signal. */
  readonly rules?: RestartRules | undefined;
  /** Whether its end by itself counts for its supervisor's automatic shutdown. */
  readonly significant: boolean;
  /** What it is for, in a line. */
  readonly description?: string | undefined;
  /** Whether it starts only once it is started by hand. Default `false`. */
  readonly startsByHand?: boolean | undefined;
  /** Milliseconds that a start may take before it counts as failed; none, or `infinity`, means no limit. */
  readonly startWithin?: StartWithin | undefined;
  /** The siblings that it starts after; see {@linkcode Dependency}. */
  readonly after?: readonly Dependency[] | undefined;
  /** How long it may take to stop. */
  readonly shutdown: Shutdown;
  /** Of a sidecar: how much of that is over, in ms, when its stop sequence comes to SIGKILL. */
  readonly timeToForce?: number | undefined;
  /** How long to wait before it is started again. */
  readonly backoff: Backoff;
  /** How much may wait for it. */
  readonly mailbox: ResolvedMailbox;
  /** Of a supervisor: those it starts with. */
  readonly children: readonly ChildSpec[];
  /** Of a supervisor: what it goes by. It tells; what counts is what `start` was made with. */
  readonly supervises?: SupervisorRules | undefined;
  /** Starts one incarnation. It may throw, which is a failed start. */
  start(context: StartContext): Incarnation;
}

/**
 * An actor as data, which knows what it takes, what it answers and what it publishes: `system.ref(spec)` has these
 * types.
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

/**
 * An actor of your own as a child: `make` is called for each incarnation.
 *
 * @throws {OptionError} `make` is no function, or an option is unknown or wrong
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
  const name = checkedName(id);
  if (typeof make !== "function") {
    throw new OptionError(`Cannot make the actor '${name}': expected a function that gives its behavior`);
  }
  const { mailbox, onDeath, attempts, ...child } = checkOptions<CheckedActorOptions>(
    `Cannot make the actor '${name}'`,
    actorOptions,
    options,
  );
  const delivery = { onDeath, attempts };
  return {
    id: name,
    type: "worker",
    ...commonOf(child),
    mailbox,
    children: [],
    start: ({ path, system }) =>
      new Cell(madeBy(make, path), system.address(path, mailbox), {
        system,
        cleanUp: typeof child.shutdown === "number" ? child.shutdown : DEFAULT_SHUTDOWN_MS,
        delivery,
      }),
  };
}

/** @throws {OptionError} it makes no behavior */
function madeBy<Made>(make: () => Made, path: string): Made {
  const made = make();
  if (typeof made === "object" && made !== null && !isThenable(made)) return made;
  const got = made === undefined ? "nothing" : isThenable(made) ? "a promise" : `a ${typeof made}`;
  throw new OptionError(`Cannot start '${path}': expected a behavior, an object with 'receive', got ${got}`);
}

export function commonOf(
  { restart: given, ...options }: CheckedChildOptions,
): Pick<ChildSpec, keyof CheckedChildOptions> {
  const { restart, rules = options.rules } = splitRestart(given);
  return { ...options, restart, rules };
}

/** Each child below `spec`, which is at `path`, with its own path; those above others come first. */
export function* specsBelow(
  spec: ChildSpec,
  path: string = "/",
): IterableIterator<[path: string, spec: ChildSpec]> {
  for (const child of spec.children) {
    const own = pathOf(path, child.id);
    yield [own, child];
    yield* specsBelow(child, own);
  }
}

/** The `id` that a constructor was given. @throws {OptionError} no manifest could have it */
export function checkedName(id: string): string {
  if (typeof id !== "string") {
    throw unexpected("Cannot name a child", "its id, a string, as first argument", id);
  }
  return checkOptions<string>("Cannot name a child", idField, id);
}

/** The id of a child that came from elsewhere, if it can be part of a path. @throws {OptionError} */
export function checkedId(id: string): string {
  if (typeof id === "string" && id !== "" && !id.includes("/")) return id;
  throw new OptionError(`Cannot name a child '${String(id)}': an id is not empty and has no '/'`);
}

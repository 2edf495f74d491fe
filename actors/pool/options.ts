/**
 * The options of a pool, and their resolved form.
 */

import type { ChildOptions, ResolvedMailbox } from "@outrider/outrider/actor";
import {
  type ChildSpec,
  type DeliveryOptions,
  type Intensity,
  type OnLimit,
  type OnStartFailure,
  OptionError,
  OutriderError,
  sidecar,
  type SidecarOptions,
} from "@outrider/outrider";
import {
  checkOptions,
  codeChildFields,
  defaultMs,
  type GrowEntry,
  type GrowInput,
  pickOptions,
  poolOptions,
  type WhenGivenUp,
} from "@outrider/outrider/options";
import { resolveProtocol } from "@outrider/outrider/protocol";
import type { CheckedPoolOptions, PoolOptions } from "./option_types.ts";
import { type Route, routeOf } from "./routing.ts";

export type { PoolOptions } from "./option_types.ts";
export type { WhenGivenUp, WhenGivenUpInput } from "@outrider/outrider/options";

/** Milliseconds that messages have to wait, without a break, before a pool grows. */
export const DEFAULT_GROW_WAITED_MS: number = defaultMs("grow", "waited");
/** Milliseconds in which a pool never needs all its copies before it shrinks. */
export const DEFAULT_SHRINK_AFTER_MS: number = defaultMs("pool", "shrinkAfter");
/** Milliseconds until a pool tries again after its growth failed. */
export const GROW_PAUSE_MS = 10_000;

/** The conditions under which a pool grows; either is enough. */
export type GrowOptions = GrowInput;

/** The factory of a copy: a sidecar, or a function that makes a child with that id. */
export type PoolChild = SidecarOptions | ((id: string) => ChildSpec);

/** Options with every default in its place. */
export interface PoolSettings {
  /** The pool's name among its siblings. */
  readonly id: string;
  /** The copy of that id. */
  readonly copy: (id: string) => ChildSpec;
  readonly min: number;
  readonly max: number;
  readonly route: Route;
  readonly perCopy: number;
  readonly grow: GrowEntry;
  readonly shrinkAfter: number;
  readonly whenGivenUp: WhenGivenUp;
  /** Whether its copies have no protocol: what they print is logged, so it is read also where the pool has no subscriber. */
  readonly isLogged: boolean;
  /** Whether a copy that owes a reply is given nothing meanwhile, as a reply that comes would be taken for that one. */
  readonly holds: boolean;
  readonly delivery: DeliveryOptions | undefined;
  readonly intensity: Intensity;
  readonly onLimit: OnLimit;
  readonly onStartFailure: OnStartFailure;
  /** The pool's own options as a child. */
  readonly child: ChildOptions;
  /** The queue that all copies share. */
  readonly mailbox: ResolvedMailbox;
}

/** @throws {OptionError} options that make no sense */
export function resolvePoolOptions(id: string, child: PoolChild, options: PoolOptions): PoolSettings {
  if (typeof id !== "string") {
    throw new OptionError("Cannot make a pool: its id is the first argument, a string");
  }
  const what = `Cannot make the pool '${id}'`;
  if (options === undefined) {
    throw new OptionError(`${what}: its own options, such as { size: 2 }, are the third argument`);
  }
  if (typeof child !== "function" && (typeof child !== "object" || child === null)) {
    throw new OptionError(
      `${what}: its copies need the options of a sidecar, or a function that makes a child`,
    );
  }
  if ("start" in child) {
    throw new OptionError(
      `${what}: its copies need options, or a function; a child that is made already can't be copied: write (id) => sidecar(id, …)`,
    );
  }
  const own: Partial<SidecarOptions> = typeof child === "function" ? {} : child;
  const checked = checkOptions<CheckedPoolOptions>(what, poolOptions, {
    ...options,
    whenGivenUp: options.whenGivenUp === undefined ? own.whenGivenUp : options.whenGivenUp,
  });
  const { size, min = size!, max = size!, routing, perCopy, grow, shrinkAfter } = checked;
  const { whenGivenUp = usually(child), intensity, onLimit, onStartFailure, mailbox } = checked;
  const { onDeath = own.onDeath, attempts = own.attempts } = checked;
  return {
    id,
    copy: (id) => copyOf(typeof child === "function" ? child : copyOptions(child, whenGivenUp), id, perCopy),
    min,
    max,
    route: routeOf(routing),
    perCopy,
    grow,
    shrinkAfter,
    delivery: onDeath === undefined && attempts === undefined ? undefined : { onDeath, attempts },
    whenGivenUp,
    isLogged: typeof child !== "function" && child.protocol === undefined,
    holds: typeof whenGivenUp === "object" && isInOrder(own),
    intensity,
    onLimit,
    onStartFailure,
    child: pickOptions<ChildOptions>(checked, codeChildFields),
    mailbox,
  };
}

function usually(child: PoolChild): WhenGivenUp {
  const protocol: unknown = typeof child === "function" ? undefined : child.protocol;
  const pairing = typeof protocol === "object" && protocol !== null && Reflect.get(protocol, "pairing");
  const isOwn = typeof pairing === "function" ||
    (typeof pairing === "object" && Reflect.has(pairing ?? {}, "jsonrpc"));
  return isOwn ? "cancel" : "finish";
}

function isInOrder({ protocol, pairing }: Partial<SidecarOptions>): boolean {
  return protocol !== undefined && resolveProtocol(protocol, pairing).pairing === "in-order";
}

/** The pool waits for a late reply, and tells the copy when its time is over. */
function copyOptions(child: SidecarOptions, whenGivenUp: WhenGivenUp): SidecarOptions {
  return typeof whenGivenUp === "object" ? { ...child, whenGivenUp: { restart: { after: 0 } } } : child;
}

/** A copy depends on no other, so all start at once; its messages wait in the pool, not in its own mailbox. */
function copyOf(child: PoolChild, id: string, perCopy: number): ChildSpec {
  const spec = typeof child === "function" ? child(id) : sidecar(id, numbered(id, child));
  if (spec.id !== id) {
    throw new OptionError(`Cannot make copy '${id}' of a pool: what was made for it is '${spec.id}'`);
  }
  return { ...spec, significant: false, after: [], mailbox: { capacity: perCopy, overflow: "wait" } };
}

/** The options of copy `id`, whose number is in the variables that are to have it: copies are named from 1 on. */
export function numbered<Options extends Pick<SidecarOptions, "env">>(id: string, options: Options): Options {
  const { env } = options;
  if (env === undefined) return options;
  const values = Object.entries(env).map(([name, value]) =>
    [name, typeof value === "object" && "copy" in value ? `${value.copy + Number(id) - 1}` : value] as const
  );
  return { ...options, env: Object.fromEntries(values) };
}

/** The stable codes of {@linkcode PoolError}. */
export type PoolErrorCode = "no_pool" | "not_replaced";

/** A request to a pool that came to nothing. */
export class PoolError extends OutriderError {
  /** Stable, for programs. */
  readonly code: PoolErrorCode;
  /** The place in the tree: of the pool, or of the copy that could not be replaced. */
  readonly path: string;
  /** Of a replacement that stopped: the paths of the copies that are new by then. */
  readonly replaced: readonly string[];

  /** Made by the functions for pools. */
  constructor(
    code: PoolErrorCode,
    message: string,
    { path, cause, replaced = [] }: { path: string; cause?: unknown; replaced?: readonly string[] },
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.path = path;
    this.replaced = replaced;
  }
}

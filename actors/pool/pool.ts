/**
 * A pool: copies of one sidecar behind one address. docs/pools.md is its manual.
 *
 * @module
 */

import { abortable } from "@std/async";
import {
  actor,
  type ActorSpec,
  type ChildSpec,
  OptionError,
  type Protocol,
  type SidecarOptions,
  type SidecarSpec,
} from "@outrider/outrider";
import type { AnyRef } from "@outrider/outrider/actor";
import {
  checkOptions,
  duration,
  type DurationInput,
  key,
  shape,
  signalField,
} from "@outrider/outrider/options";
import type { CopyState } from "./copy.ts";
import { copiesSupervisor, initialCopyIds } from "./copies.ts";
import { PoolError, type PoolOptions, resolvePoolOptions } from "./options.ts";
import { Router, routerAt } from "./router.ts";

import type {
  CodecName,
  ConversationOptions,
  FrameOf,
  FramePosition,
  PairingWay,
  ProtocolTypes,
  ReplyOf,
} from "@outrider/outrider/protocol";

export type { CopyState } from "./copy.ts";
export { PoolError } from "./options.ts";
export type { PoolErrorCode } from "./options.ts";
export { MAX_MOVES } from "./failure.ts";
export { MAX_KEYED_WAITING } from "./queues.ts";
export { DEFAULT_GROW_WAITED_MS, DEFAULT_SHRINK_AFTER_MS, GROW_PAUSE_MS } from "./options.ts";
export type { GrowOptions, PoolChild, PoolOptions, WhenGivenUp, WhenGivenUpInput } from "./options.ts";

export type { Routing } from "./routing.ts";

/**
 * Copies of a sidecar, or of whatever child a function makes, behind one address. They are children of the pool, named
 * `1`, `2` and so on, each restarted alone.
 *
 * A message waits in the pool's mailbox until a copy has room for it; its answer, or the cause of its end, goes back
 * to who asked. A copy that ends costs the messages that it had, and no others.
 *
 * @throws {OptionError} options that make no sense
 *
 * @example
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { pool } from "@outrider/outrider/actors/pool";
 *
 * const workers = pool("workers", { command: "cat", protocol: "lines" }, { size: 2 });
 * await using app = await launch(workers);
 * console.log(await app.ref("workers").ask("hello")); // hello
 * console.log(app.whichChildren("workers").map(({ path }) => path)); // workers/1, workers/2
 * ```
 */
export function pool<
  P extends CodecName | Protocol | undefined = undefined,
  Message = ProtocolTypes<P>[0],
  Value = ProtocolTypes<P>[1],
  Published = ProtocolTypes<P>[2],
  Way extends PairingWay | "id" | undefined = undefined,
  Place extends FramePosition = never,
  Frame extends FrameOf<P> = FrameOf<P>,
  Copy extends ActorSpec<never, unknown, unknown> = SidecarSpec<
    Message,
    ReplyOf<Value, P, Way, Place>,
    Published
  >,
>(
  id: string,
  child:
    | (
      & ConversationOptions<Message, Value, Published, P, Way, Place, Frame>
      & SidecarOptions<Message, Value, Published, P, Way, Place, Frame>
    )
    | ((id: string) => Copy),
  options: PoolOptions,
): Copy {
  const settings = resolvePoolOptions(id, child, options);
  const { mailbox } = settings;
  const spec: ChildSpec = {
    ...copiesSupervisor(settings, initialCopyIds(settings.min).map(settings.copy), settings.child),
    mailbox,
    takesMessages: true,
    start(context) {
      const router = new Router(settings, context);
      const cell = actor<unknown, unknown, unknown>(id, () => router, { ...settings.delivery, mailbox })
        .start(context);
      return {
        started: cell.started,
        ended: cell.ended,
        stop: () => cell.stop(),
        kill: () => cell.kill(),
        get supervisor() {
          return router.supervisor;
        },
      };
    },
  };
  return spec as ActorSpec<never, unknown, unknown> as Copy;
}

/** Milliseconds that a copy may take to finish its messages when it is replaced. */
export const DEFAULT_DRAIN_MS = 60_000;

/** Options of {@linkcode replaceAll}. */
export interface ReplaceOptions {
  /**
   * Milliseconds that a copy may take to finish its messages, before it is stopped. Default {@linkcode
   * DEFAULT_DRAIN_MS}.
   */
  readonly drain?: DurationInput | undefined;
  /**
   * When it aborts, no further copy is replaced, and `replaceAll` rejects with its reason at once; the copy whose turn it
   * is gets its new incarnation all the same.
   */
  readonly signal?: AbortSignal | undefined;
}

const replaceOptions = shape({
  drain: key(duration(0), "How long a copy may take to finish its messages"),
  signal: key(signalField, "Ends the replacing"),
});

/** {@linkcode ReplaceOptions}, checked and resolved. */
interface CheckedReplaceOptions {
  readonly drain?: number;
  readonly signal?: AbortSignal;
}

/**
 * Replaces the copies of the pool at `ref`, one at a time, with new incarnations, say of a program that was updated;
 * the paths of the new ones. A retiring copy gets no more messages and ends when it has answered those it has; the
 * next one's turn comes when the new one is ready. Where the pool may have a copy more, the new one is started before
 * the old one ends. Those that had ended for good, or are held back, are started, too.
 *
 * @throws {PoolError} `no_pool`: none runs there; `not_replaced`: the new one did not get ready, or the pool ended. The
 * copies behind it are left as they are.
 * @throws the reason of `signal`, when that aborts
 * @throws {OptionError} an option that is unknown or wrong
 *
 * @example
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { pool, replaceAll } from "@outrider/outrider/actors/pool";
 *
 * const workers = pool("workers", { command: "cat", protocol: "lines" }, { size: 2 });
 * await using app = await launch(workers);
 * console.log(await replaceAll(app.ref("workers"))); // [ "workers/1", "workers/2" ]
 * console.log(app.ref("workers/1").generation); // 2
 * ```
 */
export async function replaceAll(ref: AnyRef, options: ReplaceOptions = {}): Promise<readonly string[]> {
  const { drain = DEFAULT_DRAIN_MS, signal } = checkOptions<CheckedReplaceOptions>(
    "Cannot replace the copies of a pool",
    replaceOptions,
    options,
  );
  // One of the platform's own: the methods of the caller's may be anything.
  const given = signal && AbortSignal.any([signal]);
  given?.throwIfAborted();
  const replacing = routerOf(ref).copies!.replaceAll(drain, given);
  return await (given === undefined ? replacing : abortable(replacing, given));
}

/** Options of {@linkcode scalePool}. */
export interface ScaleOptions {
  /**
   * Milliseconds that a copy may take to finish its messages, before it is stopped. Default {@linkcode
   * DEFAULT_DRAIN_MS}.
   */
  readonly drain?: DurationInput | undefined;
}

const scaleOptions = shape({ drain: key(duration(0), "How long a copy may take to finish its messages") });

/**
 * Has the pool at `ref` keep `size` copies from now on, whatever it was made with, until it starts anew; the paths of all,
 * once the new ones are ready, and those that go have answered what they had.
 *
 * @throws {PoolError} `no_pool`: none runs there
 * @throws {StartError} one more could not be started; the pool keeps as many as could
 * @throws {OptionError} a size that is not a whole number from 1 on, or an option that is unknown or wrong
 *
 * @example
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { pool, scalePool } from "@outrider/outrider/actors/pool";
 *
 * const workers = pool("workers", { command: "cat", protocol: "lines" }, { size: 2 });
 * await using app = await launch(workers);
 * console.log(await scalePool(app.ref("workers"), 1)); // [ "workers/1" ]
 * ```
 */
export async function scalePool(
  ref: AnyRef,
  size: number,
  options: ScaleOptions = {},
): Promise<readonly string[]> {
  const cannot = "Cannot scale a pool";
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new OptionError(
      `${cannot}: expected a number of copies, a whole number from 1 on, got ${String(size)}`,
    );
  }
  const { drain = DEFAULT_DRAIN_MS } = checkOptions<{ readonly drain?: number }>(
    cannot,
    scaleOptions,
    options,
  );
  return await routerOf(ref).copies!.scale(size, drain);
}

/** A pool as it stands. */
export interface PoolStatus {
  /** Messages that no copy has: in the pool's mailbox, or waiting for the copy that has their key. */
  readonly waiting: number;
  /** The copies, those that are about to go included. */
  readonly copies: readonly CopyStatus[];
}

/** A copy of a pool as it stands. */
export interface CopyStatus {
  /** Its place in the tree. */
  readonly path: string;
  /** Which incarnation runs or ran last, counted from 1. */
  readonly generation: number;
  /** Where it stands. */
  readonly state: CopyState;
  /** Messages that it has and has not answered. */
  readonly unanswered: number;
  /** Messages that wait for it and for no other, by their key. */
  readonly waiting: number;
}

/** The pool at `ref` as it stands. @throws {PoolError} `no_pool`: none runs there */
export function poolStatus(ref: AnyRef): PoolStatus {
  const router = routerOf(ref);
  return {
    waiting: router.waiting,
    copies: router.copies!.copies.map(({ path, generation, state, dispatched, waiting }) => ({
      path,
      generation,
      state,
      unanswered: dispatched.size,
      waiting: waiting.length,
    })),
  };
}

function routerOf(ref: AnyRef): Router {
  const router = routerAt(ref);
  if (router !== undefined) return router;
  const { path } = ref;
  throw new PoolError("no_pool", `Cannot reach the pool '${path}': none runs there`, { path });
}

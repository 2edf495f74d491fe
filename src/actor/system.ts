/**
 * The state that the actors of one tree share: its clock, its events, and the map of its
 * addresses.
 */

import { type Clock, systemClock } from "../time/clock.ts";
import { unexpected } from "../options/call_options.ts";
import { Deadlines } from "../time/deadlines.ts";
import { UnknownActorError, type WhyStopped } from "./actor_errors.ts";
import { EventBus } from "./events/event.ts";
import type { ResolvedMailbox } from "./mailbox/options.ts";
import { Address, type EventLog, type EventRecord, type SystemContext } from "./address.ts";
import { ActorRef } from "./ref.ts";

/** Options of an {@linkcode ActorSystem}. */
export interface ActorSystemOptions {
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Randomness for jitter, from 0 (included) to 1 (excluded). Default: `Math.random`. */
  readonly random?: () => number;
  /** @ignore See {@linkcode SystemContext}. */
  readonly record?: EventRecord | undefined;
  /** @ignore See {@linkcode SystemContext}. */
  readonly log?: EventLog | undefined;
  /** @ignore See `INJECTED`. Default: nothing. */
  readonly injected?: object;
}

/** The state that the actors of one tree share. */
export class ActorSystem implements SystemContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly injected: object;
  readonly record: EventRecord | undefined;
  readonly log: EventLog | undefined;
  readonly events: EventBus = new EventBus();
  readonly deadlines: Deadlines;
  #turn: PromiseWithResolvers<void> | undefined;
  #turnTimer: unknown;
  #isClosed = false;
  /** The path of each registered spec; `null` if there are several. */
  readonly #registered = new WeakMap<object, string | null>();
  readonly #addresses = new Map<string, { address: Address; ref: ActorRef<never, unknown, unknown> }>();

  constructor(
    { clock = systemClock, random = Math.random, injected = {}, record, log }: ActorSystemOptions = {},
  ) {
    this.clock = clock;
    this.random = random;
    this.injected = injected;
    this.record = record;
    this.log = log;
    this.deadlines = new Deadlines(clock);
  }

  /**
   * Waits for one turn of the clock, after which work that needs no time is done. Calls within the same turn share a
   * timer.
   */
  turn(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (this.#turn !== undefined) return this.#turn.promise;
    const turn = this.#turn = Promise.withResolvers<void>();
    this.#turnTimer = this.clock.setTimeout(() => this.#turned(), 0);
    return turn.promise;
  }

  #turned(): void {
    this.#turn?.resolve();
    this.#turn = undefined;
  }

  /** The address at `path`, made if it is missing. */
  address(path: string, mailbox: ResolvedMailbox = {}): Address {
    const known = this.#addresses.get(path);
    if (known !== undefined) return known.address;
    const address = new Address(path, this, mailbox);
    this.#addresses.set(path, { address, ref: new ActorRef(address) });
    if (path !== "/") this.address(parentOf(path)).below.set(path, address);
    return address;
  }

  register(spec: { readonly takesStreams?: boolean | undefined }, path: string): void {
    this.address(path).takesStreams = spec.takesStreams ?? false;
    const known = this.#registered.get(spec);
    this.#registered.set(spec, known === undefined || known === path ? path : null);
  }

  /** The path of `spec`. @throws {UnknownActorError} there is none, or more than one */
  pathOf(spec: { readonly id: string }): string {
    if (typeof spec !== "object" || spec === null) {
      throw unexpected("Cannot find an actor", "its path, or a child", spec);
    }
    const path = this.#registered.get(spec);
    if (typeof path === "string") return path;
    throw new UnknownActorError(spec.id, path === null ? "it stands at more than one place" : this.#paths());
  }

  /** Whether there is a child at `path`. */
  has(path: string): boolean {
    return this.#addresses.has(path);
  }

  #paths(): readonly string[] {
    return [...this.#addresses.keys()].filter((known) => known !== "/");
  }

  /** The address of the actor at `path`. @throws {UnknownActorError} */
  // deno-lint-ignore no-explicit-any -- the types behind a path can't be known here; the caller names them
  ref<M = any, V = any, P = any>(path: string): ActorRef<M, V, P> {
    const known = this.#addresses.get(path);
    if (known === undefined) {
      throw new UnknownActorError(path, this.#paths());
    }
    return known.ref as unknown as ActorRef<M, V, P>;
  }

  /** The address at `path`, if there is one, and all addresses below it. No others are visited. */
  *addressesUnder(path: string): IterableIterator<Address> {
    const known = this.#addresses.get(path);
    const found = known === undefined ? [] : [known.address];
    for (const address of found) {
      yield address;
      for (const below of address.below.values()) found.push(below);
    }
  }

  /** Closes the address at `path` and all below it; refs stay valid and report `why`. */
  closeAddresses(path: string, why: WhyStopped): void {
    for (const address of this.addressesUnder(path)) address.close(why);
  }

  /** Ends the subscriptions at `path` and below it: the child has ended by itself, and is not started again. */
  endSubscriptions(path: string): void {
    for (const address of this.addressesUnder(path)) address.subscriptions.close();
  }

  /** Closes the address at `path` and all below it for good; refs stay valid and report `why`. */
  dissolveAddresses(path: string, why: WhyStopped): void {
    for (const address of this.addressesUnder(path)) address.dissolve(why);
  }

  /** Like {@linkcode ActorSystem.dissolveAddresses}, and removes them: the same path added again is another address. */
  removeAddresses(path: string, why: WhyStopped): void {
    for (const address of this.addressesUnder(path)) {
      address.dissolve(why);
      this.#addresses.delete(address.path);
    }
    this.#addresses.get(parentOf(path))?.address.below.delete(path);
  }

  close(): void {
    this.#isClosed = true;
    this.clock.clearTimeout(this.#turnTimer);
    this.#turned();
    this.deadlines.close();
    this.events.close();
  }
}

function parentOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut < 0 ? "/" : path.slice(0, cut);
}

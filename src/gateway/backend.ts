/**
 * A server as clients of the gateway see it: whether it is there, what it has said of itself, and its lists under the
 * names that are shown.
 *
 * The invariant: what is not shown can't be called either.
 */

import { Catalog, type ListItem, type ListKind, LISTS } from "./lists/catalog.ts";
import { type Hello, type Introduction, isCutByDeath, isModernAlone } from "./hello.ts";
import { CODES, type ErrorBody, errorBodyOf, objectOf, RequestFailure } from "./messages.ts";
import { prefixOf, shownName } from "./lists/names.ts";
import type { ServerTools } from "./lists/unused_patterns.ts";
import { lineOf } from "../text/one_line.ts";
import { Upstream, type UpstreamListener, type UpstreamOptions } from "./upstream.ts";

/** Milliseconds until a server is greeted again that died of a greeting, or meanwhile. */
const AGAIN_MS = 50;
/** Milliseconds until one is greeted again that has refused a greeting; twice as long each time. */
const REFUSED_MS = { first: 500, longest: 60_000 } as const;

/** How names are shown, and which. */
export interface Showing {
  /** Whether tools and prompts have their own names. */
  readonly isBare: boolean;
  /** Whether a tool, by the name that is shown, is left out. */
  readonly isHidden: (shown: string) => boolean;
}

/** A tool or prompt, by the name that is shown. */
export interface NamedItem {
  /** Its name at the server. */
  readonly own: string;
  /** Whether it is shown: patterns may leave it out. */
  readonly isShown: boolean;
}

/** A list as it is shown. */
interface Shown {
  readonly items: readonly ListItem[];
  /** Tools and prompts, also those that patterns leave out. */
  readonly names: ReadonlyMap<string, NamedItem>;
}

/** A server. */
export class Backend {
  readonly name: string;
  readonly prefix: string;
  readonly upstream: Upstream;
  readonly #catalog: Catalog;
  readonly #showing: Showing;
  readonly #disabled: ReadonlySet<string>;
  readonly #shown = new Map<ListKind, { readonly of: readonly ListItem[]; readonly shown: Shown }>();
  #hello: Hello | undefined;
  #opening: Promise<void> | undefined;
  #absence: string | undefined;
  #isBridged = false;
  #refusals = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** Called when it may have come or gone. */
  #change = Promise.withResolvers<void>();
  /** What it has said of itself, once it has. */
  introduction: Introduction | undefined;
  /** Why there is no speaking with it, though it runs. */
  refusal: string | undefined;
  /** Whether that may be otherwise the next time: it has not said that it speaks other revisions. */
  mayRelent = false;

  constructor(options: UpstreamOptions, showing: Showing, listener: UpstreamListener) {
    this.name = options.name;
    this.prefix = showing.isBare ? "" : prefixOf(options.name);
    this.#showing = showing;
    this.#disabled = new Set(options.disabledTools);
    this.upstream = new Upstream(options, listener);
    this.#catalog = new Catalog(this.upstream, () => this.#hello?.own ?? {});
  }

  /** Its tools as they were read last, also those that are not shown; `undefined`: its list is not known. */
  get tools(): ServerTools | undefined {
    const names = this.#shown.get("tools")?.shown.names;
    if (!this.isOpen || (names === undefined && this.offers("tools"))) return undefined;
    const tools = new Map([...names ?? []].map(([shown, { own }]) => [shown, own]));
    return { name: this.name, disabled: [...this.#disabled], tools };
  }

  /** Why it is not there; `undefined`: it is, or is about to be. */
  get absence(): string | undefined {
    return this.#absence ?? this.refusal;
  }

  set absence(why: string | undefined) {
    this.#absence = why;
    this.#noteChange();
  }

  /** Whether it runs, or is about to; it may not have been spoken with. */
  get isRunning(): boolean {
    return this.#absence === undefined;
  }

  /** Whether it can be asked now. */
  get isOpen(): boolean {
    return this.introduction !== undefined && this.absence === undefined;
  }

  /** Whether it is to answer the first request yet, and may. */
  get isAwaited(): boolean {
    return this.absence === undefined && !this.isOpen;
  }

  /** Why it is not shown; `undefined`: it is. */
  get unshown(): string | undefined {
    if (this.isOpen) return undefined;
    if (this.absence !== undefined) return this.absence;
    return this.#hello === undefined
      ? "no client has come yet"
      : "it has not answered its first request yet; it may be starting";
  }

  /** Whether it has declared the capability of these lists. */
  offers(kind: ListKind): boolean {
    return this.has(LISTS[kind].capability);
  }

  /** Whether it has declared `capability`. */
  has(capability: string): boolean {
    return this.introduction?.capabilities[capability] !== undefined;
  }

  /** Says hello, where that has not succeeded yet; never rejects. */
  open(hello: Hello): Promise<void> {
    this.#hello = hello;
    if (this.#opening !== undefined) return this.#opening;
    clearTimeout(this.#again);
    const opening: Promise<void> = this.#open(hello, () => this.#opening === opening).finally(() => {
      // One that could not be spoken with is tried again: a later incarnation may be another program.
      if (this.introduction === undefined && this.#opening === opening) this.#opening = undefined;
    });
    return this.#opening = opening;
  }

  /** Calls `greet` some time after a refusal, unless it is greeted before that. */
  later(greet: () => void): void {
    clearTimeout(this.#again);
    const { first, longest } = REFUSED_MS;
    this.#again = setTimeout(greet, Math.min(longest, first * 2 ** this.#refusals++));
  }

  /** No more is said to it. */
  async close(): Promise<void> {
    clearTimeout(this.#again);
    await this.upstream.close();
  }

  /** Takes back what was said to it: it is greeted in another way. */
  reset(): void {
    this.introduction = this.refusal = this.#opening = undefined;
    this.#refusals = 0;
    clearTimeout(this.#again);
    this.forget();
  }

  /** Begins again on another connection: the one before is closed. */
  renew(): void {
    this.upstream.renew();
    this.#isBridged = false;
    this.reset();
  }

  /** Fulfilled when it has said what it is, has refused to, or is not there. */
  async settled(): Promise<void> {
    while (!this.isOpen && this.absence === undefined) await this.#change.promise;
  }

  /** Lists may have changed. */
  forget(...kinds: readonly ListKind[]): void {
    this.#catalog.forget(...kinds);
  }

  /** Its list as it is shown. @throws {RequestFailure} */
  async shown(kind: ListKind): Promise<readonly ListItem[]> {
    return this.isOpen && this.offers(kind) ? (await this.#read(kind)).items : [];
  }

  /**
   * The tool or prompt that its list has under the name `shown`; `undefined`: none. One that it was shown by last counts
   * while a new list is not read: what has become of it, the server says. @throws {RequestFailure} there is no list
   */
  named(
    kind: "tools" | "prompts",
    shown: string,
  ): NamedItem | undefined | Promise<NamedItem | undefined> {
    if (!this.offers(kind)) return undefined;
    return this.#shown.get(kind)?.shown.names.get(shown) ??
      this.#read(kind).then(({ names }) => names.get(shown), (error) => {
        const { code, message, data } = errorBodyOf(error);
        throw new RequestFailure(code, `The ${kind} of '${this.name}' are not known: ${message}`, data);
      });
  }

  /** The error for what is asked of it while it is not there. */
  get absentError(): ErrorBody {
    const why = this.absence ?? "it has not started yet";
    return {
      code: CODES.CLOSED,
      message: `The server '${this.name}' is not available: ${why}`,
      data: { reason: "unavailable", server: this.name, why },
    };
  }

  /** `isCurrent`: it was not greeted in another way meanwhile. */
  async #open(hello: Hello, isCurrent: () => boolean): Promise<void> {
    for (;;) {
      try {
        await this.upstream.connect();
        const introduction = await hello.say(this.upstream);
        if (!isCurrent()) return;
        this.introduction = introduction;
        this.refusal = undefined;
        this.#refusals = 0;
        break;
      } catch (error) {
        if (!isCurrent()) return;
        // Cut by its death: the next incarnation is asked, as soon as it is there.
        if (isCutByDeath(error) && !this.upstream.isClosed) {
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
          while (this.#absence !== undefined) await this.#change.promise;
          continue;
        }
        if (hello.era === "legacy" && !this.#isBridged && isModernAlone(error)) {
          this.#isBridged = true;
          const { ModernBridge } = await import("./modern_bridge.ts");
          this.upstream.wrap((transport) => new ModernBridge(transport));
          continue;
        }
        const { code, message } = errorBodyOf(error);
        this.refusal = lineOf(message);
        this.mayRelent = code !== CODES.VERSION && code !== CODES.METHOD_NOT_FOUND;
        break;
      }
    }
    this.#noteChange();
  }

  async #read(kind: ListKind): Promise<Shown> {
    const of = await this.#catalog.list(kind);
    const known = this.#shown.get(kind);
    if (known?.of === of) return known.shown;
    const shown = this.#show(kind, of);
    this.#shown.set(kind, { of, shown });
    return shown;
  }

  #show(kind: ListKind, of: readonly ListItem[]): Shown {
    const names = new Map<string, NamedItem>();
    const items = new Map<unknown, ListItem>();
    const isCalled = kind === "tools" || kind === "prompts";
    for (const item of of) {
      const own = item.name;
      if (typeof own !== "string") continue;
      if (!isCalled) {
        // What it is found by is its URI; the name is for people, who want to know whose it is.
        const key = kind === "resources" ? item.uri : item.uriTemplate;
        if (!items.has(key)) items.set(key, { ...item, name: this.prefix + own });
        continue;
      }
      const name = shownName(this.prefix, own);
      // Tasks do not pass, see `hello.ts`.
      if (names.has(name) || objectOf(item.execution).taskSupport === "required") continue;
      const isShown = kind !== "tools" || (!this.#showing.isHidden(name) && !this.#disabled.has(own));
      names.set(name, { own, isShown });
      if (isShown) items.set(name, { ...item, name });
    }
    return { items: [...items.values()], names };
  }

  #noteChange(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers<void>();
    resolve();
  }
}

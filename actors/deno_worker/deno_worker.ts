/**
 * A TypeScript file as a process of its own, with permissions of its own, and typed calls.
 *
 * Unlike a Web Worker it shares nothing with its starter: a crash, a leak or an endless loop is the process's own,
 * and it is supervised like any sidecar. It may do what `permissions` grants, and read the folder that it is in,
 * which is where its imports come from.
 *
 * The file calls `serve` of `@outrider/outrider/actors/worker`; this side calls through a {@linkcode WorkerClient}.
 *
 * @module
 */

import {
  type ActorRef,
  type AskOptions,
  type ChildSpec,
  type Protocol,
  sidecar,
  type SidecarOptions,
} from "@outrider/outrider";
import { cancellable } from "@outrider/outrider/actor";
import { codecs } from "@outrider/outrider/protocol";
import { DEFAULT_INHERIT_ENV } from "@outrider/outrider/process";
import type { WorkerApi } from "./worker.ts";
import { denoProgram, runFlags, type WorkerPermissions } from "./flags.ts";
import type { Jsonified, Sendable } from "./jsonified.ts";
import { WorkerCorrelation } from "./correlation.ts";
import {
  checkOptions,
  code,
  filled,
  key,
  list,
  needed,
  shape,
  sidecarOptions,
  text,
  union,
  without,
} from "@outrider/outrider/options";

export type { WorkerApi, WorkerCall } from "./worker.ts";
export type { WorkerPermissions } from "./flags.ts";
export type { Jsonified, Sendable } from "./jsonified.ts";
export { WorkerThrewError } from "./correlation.ts";
export { ITEM_CREDIT } from "./wire.ts";

/** Milliseconds that a worker has to load its module and call `serve`, unless `startWithin` says otherwise. */
export const DEFAULT_WORKER_START_MS = 30_000;

/** Environment variables about Deno's cache that a worker inherits, where this program may read them. */
const CACHE_ENV = ["DENO_DIR", "XDG_CACHE_HOME", "NPM_CONFIG_REGISTRY"];

/** A TypeScript file as a child; the rest is as for a sidecar. Milliseconds and bytes throughout. */
export interface DenoWorkerOptions
  extends Omit<SidecarOptions, "command" | "protocol" | "pairing" | "until" | "ready" | "schemas"> {
  /**
   * The file that calls `serve`. A relative path is relative to `cwd`; `new URL("./worker.ts", import.meta.url)` is
   * not.
   */
  readonly module: string | URL;
  /** Its permissions. Default: read the folder of `module`, and no import that is not in Deno's cache. */
  readonly permissions?: WorkerPermissions;
  /** The `Deno.args` of the worker. Default: none. */
  readonly args?: readonly string[];
  /**
   * Further flags of `deno run`, such as `--config=deno.json` or `--v8-flags=--max-old-space-size=256`. They are added
   * to those of `permissions`, and can grant more. Default: none.
   */
  readonly flags?: readonly string[];
  /** The `deno` to run it with: a name to look up on PATH, or a path. Default: the one that runs this program. */
  readonly deno?: string;
}

/**
 * A Deno worker as a child of a supervisor. It is ready when its module has called `serve`, within
 * {@linkcode DEFAULT_WORKER_START_MS}.
 *
 * A call that is given up aborts the `signal` of its handler. A call in flight when the process ends fails like that of
 * any sidecar, with `IncarnationEndedError`.
 *
 * @throws {OptionError} in a program made by `deno compile`, without the option `deno`; a permission that no flag can
 * say
 *
 * @example A worker in a line; most are files, see `examples/deno_worker`
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { denoWorker, WorkerClient } from "@outrider/outrider/actors/deno_worker";
 *
 * const serve = import.meta.resolve("@outrider/outrider/actors/worker");
 * const module = `data:text/typescript,import { serve } from "${serve}"; serve({ add: ({ a, b }) => a + b })`;
 *
 * await using app = await launch(denoWorker("sums", { module }));
 * const sums = new WorkerClient<{ add(args: { a: number; b: number }): number }>(app.ref("sums"));
 * console.log(await sums.call("add", { a: 1, b: 2 })); // 3
 * ```
 */
export function denoWorker(id: string, options: DenoWorkerOptions): ChildSpec {
  const { module, permissions = {}, args = [], flags = [], deno, ...rest } = checkOptions<DenoWorkerOptions>(
    `Cannot make the worker '${id}'`,
    workerOptions,
    options,
  );
  return sidecar(id, {
    startWithin: DEFAULT_WORKER_START_MS,
    inheritEnv: [...DEFAULT_INHERIT_ENV, ...CACHE_ENV.filter(isReadable)],
    ...rest,
    command: denoProgram(deno, Deno.build.standalone),
    args: [
      "run",
      "--quiet",
      ...runFlags({ module, permissions, flags, cwd: rest.cwd }),
      String(module),
      ...args,
    ],
    protocol: WORKER_PROTOCOL,
  });
}

const workerOptions = shape({
  ...without(sidecarOptions.fields, "command", "protocol", "pairing", "until", "ready", "schemas", "stdin"),
  module: needed(
    union("a path or a URL", [filled, code("a URL", "URL", (value) => value instanceof URL)]),
    "The file that calls serve",
  ),
  permissions: key(
    code("an object", "WorkerPermissions", (value) => typeof value === "object" && value !== null),
    "What it may do",
  ),
  flags: key(list(text), "Further flags of deno run"),
  deno: key(filled, "The deno to run it with"),
});

const WORKER_PROTOCOL: Protocol = {
  name: "deno_worker",
  codec: codecs.ndjson,
  pairing: (connection) => new WorkerCorrelation(connection),
  hasHandshake: true,
};

function isReadable(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}

/** The address of a worker. */
// deno-lint-ignore no-explicit-any -- an address does not carry the type of its actor; the worker checks
export type WorkerRef = ActorRef<any, any, any>;

/** The handlers that answer with a stream. */
export type StreamName<Api extends WorkerApi> = {
  [Name in keyof Api & string]: [Awaited<ReturnType<Api[Name]>>] extends [never] ? never
    : Awaited<ReturnType<Api[Name]>> extends AsyncIterable<unknown> ? Name
    : never;
}[keyof Api & string];

/** The handlers that answer with one value. */
export type CallName<Api extends WorkerApi> = Exclude<keyof Api & string, StreamName<Api>>;

/** The parameters after the name: the arguments, unless the handler takes none, and options. */
export type CallRest<Call extends WorkerApi[string]> = Parameters<Call> extends []
  ? [args?: undefined, options?: AskOptions]
  : undefined extends Parameters<Call>[0] ? [args?: Sendable<Parameters<Call>[0]>, options?: AskOptions]
  : [args: Sendable<Parameters<Call>[0]>, options?: AskOptions];

/** The answer of a handler, as it arrives. */
export type AnswerOf<Call extends WorkerApi[string]> = Jsonified<Awaited<ReturnType<Call>>>;

/** The type of a stream's items, as they arrive. */
export type ItemOf<Call extends WorkerApi[string]> = Awaited<ReturnType<Call>> extends
  AsyncIterable<infer Item> ? Jsonified<Item>
  : never;

/**
 * Calls of a worker, with the types of its handlers after JSON: arguments that JSON would change are refused by the
 * compiler, and an answer has the type that it arrives with. A handler that answers with a `Date` gives a string here.
 */
export class WorkerClient<Api extends WorkerApi> {
  readonly #ref: WorkerRef;

  /** For the worker at `ref`; that it is of type `Api` is for the caller to know. */
  constructor(ref: WorkerRef) {
    this.#ref = ref;
  }

  /**
   * Calls the handler `name`, and gives its answer.
   *
   * @throws {WorkerThrewError} the handler threw
   * @throws the errors of `ref.ask` */
  call<Name extends CallName<Api>>(
    name: Name,
    ...[args, options]: CallRest<Api[Name]>
  ): Promise<AnswerOf<Api[Name]>> {
    return this.#ref.ask({ call: name, args }, options);
  }

  /** Calls the handler `name` without waiting for a result; its errors go to the log of the worker. See `ref.tell`. */
  tell<Name extends CallName<Api>>(name: Name, ...[args]: CallRest<Api[Name]>): void | Promise<void> {
    return this.#ref.tell({ call: name, args });
  }

  /**
   * Calls the handler `name` when the first item is read, and yields its items. The handler is at most
   * {@linkcode ITEM_CREDIT} items ahead. Leaving the loop ends it, and so does the signal in `options`; the timeout is
   * for its beginning.
   *
   * @throws {WorkerThrewError} the handler threw, behind the items before
   * @throws the errors of `ref.ask`, and the signal's reason
   */
  stream<Name extends StreamName<Api>>(
    name: Name,
    ...[args, options]: CallRest<Api[Name]>
  ): AsyncGenerator<ItemOf<Api[Name]>, void, void> {
    const left = new AbortController();
    const items = this.#items<ItemOf<Api[Name]>>({ call: name, args, stream: true }, options, left.signal);
    return cancellable(items, () => left.abort());
  }

  async *#items<Item>(
    call: { readonly call: string; readonly args: unknown; readonly stream: true },
    options: AskOptions | undefined,
    left: AbortSignal,
  ): AsyncGenerator<Item, void, void> {
    const signal = options?.signal === undefined ? left : AbortSignal.any([options.signal, left]);
    let items: ReadableStream<Item>;
    try {
      items = await this.#ref.ask(call, { ...options, signal });
    } catch (error) {
      if (left.aborted) return;
      throw error;
    }
    const reader = items.getReader();
    const leave = () => void reader.cancel(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (left.aborted) return;
        signal.throwIfAborted();
        if (done) return;
        yield value;
      }
    } finally {
      signal.removeEventListener("abort", leave);
      await reader.cancel();
    }
  }
}

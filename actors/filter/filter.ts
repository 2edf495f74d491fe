/**
 * A Unix filter as an actor: its input goes to stdin, its output comes from stdout.
 *
 * Each job has a process of its own, so that "the end of the input" and "the end of the output" mean what they mean
 * in a shell's pipe. That fits filters that answer while they read (`grep --line-buffered`, `sed -u`, `jq
 * --unbuffered`) as well as those that answer when they have read everything (`sort`, `wc`, `gzip`). Both directions
 * have backpressure, and neither waits for the other: whatever passes through, a few chunks are in memory.
 *
 * The actor bounds how many processes run, keeps account of them, and ends them when it is stopped; jobs that find no
 * room wait in its mailbox. A job that fails is an error of its output, and nothing to restart: the next job has a
 * process of its own.
 *
 * @module
 */

import { actor, type ActorOptions, type ActorRef, type ChildSpec } from "@outrider/outrider";
import { actorOptions, checkOptions, checkSignal, pickOptions } from "@outrider/outrider/options";
import { commandOf, PIPE_DRAIN_MS } from "@outrider/outrider/process";
import { FilterActor, type FilterSettings } from "./actor.ts";
import { type FilterChunk, type FilterInput, FilterJob } from "./job.ts";
import type { CheckedFilterOptions, FilterOptions } from "./option_types.ts";
import { filterOptions } from "./options.ts";

export type { FilterOptions } from "./option_types.ts";
export type { FilterChunk, FilterInput } from "./job.ts";

/** Options of {@linkcode runFilter}. */
export interface FilterRunOptions<As extends "bytes" | "lines" = "bytes" | "lines"> {
  /** Ends the job when it aborts; its process gets SIGTERM. */
  readonly signal?: AbortSignal;
  /** How input and output are cut. Default `"bytes"`. */
  readonly as?: As;
}

/**
 * A filter as a child of a supervisor; {@linkcode runFilter} gives it a job.
 *
 * @throws {OptionError} an option that can't be what it is
 *
 * @example
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { filter, runFilter } from "@outrider/outrider/actors/filter";
 *
 * await using app = await launch(filter("sort", { command: "sort" }));
 * const sorted = runFilter(app.ref("sort"), ["pear", "apple"], { as: "lines" });
 * console.log(await Array.fromAsync(sorted)); // [ "apple", "pear" ]
 * ```
 */
export function filter(id: string, options: FilterOptions): ChildSpec {
  const checked = checkOptions<CheckedFilterOptions>(
    `Cannot make the filter '${id}'`,
    filterOptions,
    options,
  );
  const { concurrency = navigator.hardwareConcurrency, stop: { drain, term } } = checked;
  const settings: FilterSettings = {
    command: commandOf(checked),
    concurrency,
    success: [0, ...checked.successExitStatus],
    maxFrame: checked.maxFrame,
    stop: { drain, stdin: 0, term },
    spawn: checked.spawn,
  };
  return actor<unknown, void>(id, () => new FilterActor(settings), {
    ...pickOptions<ActorOptions>(checked, actorOptions.fields),
    // The stop sequence ends by itself; this is for a process that not even SIGKILL ends.
    shutdown: drain + term + PIPE_DRAIN_MS + 1_000,
  });
}

/**
 * Sends `input` through a process of the filter at `ref`, and returns its output.
 *
 * Input is read as fast as the process takes it, and the process may write as fast as the output is read. Strings are
 * sent as UTF-8, bytes belong to the filter from then on. As lines, each item of `input` is one line, and each item of
 * the output too. When the process exits early the rest of `input` is cancelled. Leaving the output (`cancel`, `break`)
 * ends the process; so read it to its end, or leave it: a job with unread output keeps its place.
 *
 * Where it ends without success the output gives all that came, and then fails, with
 * - {@linkcode SidecarExitedError} for another exit code, or a signal: it has the last lines of stderr;
 * - {@linkcode SidecarOutputCutError} if something that the process had started held its stdout open;
 * - {@linkcode SidecarProtocolError} for a line longer than `maxFrame`;
 * - {@linkcode IncarnationEndedError} if the filter was stopped, the reason of `signal` if that aborted;
 * - the error of the input; the errors of `spawn` and `tell`.
 *
 * @example
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { filter, runFilter } from "@outrider/outrider/actors/filter";
 *
 * await using app = await launch([
 *   filter("gzip", { command: "gzip", args: ["-c"] }),
 *   filter("gunzip", { command: "gzip", args: ["-dc"] }),
 * ]);
 * const packed = runFilter(app.ref("gzip"), "hello");
 * console.log(await new Response(runFilter(app.ref("gunzip"), packed)).text()); // hello
 * ```
 */
export function runFilter<As extends "bytes" | "lines" = "bytes">(
  ref: FilterRef,
  input: FilterInput,
  options: FilterRunOptions<As> = {},
): ReadableStream<As extends "lines" ? string : Uint8Array<ArrayBuffer>> {
  const { signal, as = "bytes" } = options;
  if (signal !== undefined) checkSignal("Cannot run a job", signal);
  const left = new AbortController();
  const job = new FilterJob(input, { as, onCancel: (reason) => left.abort(reason) });
  const given = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  ref.ask(job, { timeout: Infinity, signal: given }).then(
    () => job.output.end(),
    (error) => {
      job.output.fail(error);
      job.stopInput(error);
    },
  );
  return job.output.readable as ReadableStream<As extends "lines" ? string : Uint8Array<ArrayBuffer>>;
}

/** The address of a filter. */
// deno-lint-ignore no-explicit-any -- an address does not carry the type of its actor; the actor checks
export type FilterRef = ActorRef<any, any, any>;

/**
 * {@linkcode runFilter} for `pipeThrough`: what is written goes in, what comes out is read.
 *
 * @example
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { filter, through } from "@outrider/outrider/actors/filter";
 *
 * const upper = filter("upper", { command: "tr", args: ["a-z", "A-Z"] });
 * await using app = await launch(upper);
 * const loud = ReadableStream.from(["hel", "lo"]).pipeThrough(through(app.ref("upper")));
 * console.log(await new Response(loud).text()); // HELLO
 * ```
 */
export function through(
  ref: FilterRef,
  options: Pick<FilterRunOptions, "signal"> = {},
): {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<FilterChunk>;
} {
  const { readable, writable } = new TransformStream<FilterChunk, FilterChunk>();
  return { readable: runFilter(ref, readable, { ...options, as: "bytes" }), writable };
}

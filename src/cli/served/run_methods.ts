/**
 * The methods `run` and `feed`, by which `run` and `pipe` have a child of the running tree run once more, beside it.
 *
 * It is a temporary child of the same supervisor, so that it is seen, signalled and stopped as any other, and what it
 * starts after is used as it runs. The invariant: it is gone when the client is, or when it has ended by itself.
 */

import { Refusal, refusalOf } from "../../control/commands.ts";
import {
  BYTES_FIELD,
  CHILD_FIELD,
  type ControlMethods,
  oneOf,
  optional,
} from "../../control/methods/method.ts";
import type { RunItem, RunReport } from "../../control/protocol.ts";
import type { Subscription } from "../../actor/events/subscription.ts";
import { FollowedLines, type LogPart, piecesOf } from "../../logs/followed_lines.ts";
import type { LogPipeline } from "../../logs/pipeline.ts";
import type { RecentLine } from "../../logs/recent.ts";
import type { Loaded } from "../../manifest/load.ts";
import type { SidecarEntry } from "../../manifest/fields/types.ts";
import type { ChildProcess } from "../../process/child_process.ts";
import type { LiveProcesses } from "../../process/live_processes.ts";
import { ProcessError } from "../../process/process_errors.ts";
import { PipeClosedError } from "../../process/pipes/pipe_errors.ts";
import { splitPath } from "../../supervision/child_path.ts";
import { childAt } from "../../supervision/status.ts";
import type { System } from "../../supervision/tree.ts";
import { onceSpec, whyNoStream } from "../talk/bytes/once.ts";
import { entryOf } from "./talk_methods.ts";

/** What they work on. */
export interface RunParts {
  readonly system: System;
  /** Gets the path of each: its end is not that of the tree, also where nothing else runs. */
  readonly asides: Set<string>;
  readonly processes: LiveProcesses;
  readonly logs: LogPipeline;
  readonly loaded: Pick<Loaded, "manifest" | "ignored">;
}

/** A request to run a child once. */
interface RunWish {
  readonly child: string;
  readonly args?: readonly string[];
  readonly as?: "run" | "pipe";
}

/** Bytes of output in one item, at most. */
const ITEM_BYTES = 65_536;

/** The methods that run children of a manifest once more. */
export function runMethods(parts: RunParts): ControlMethods {
  /** By path, those that run. */
  const fed = new Map<string, ChildProcess>();
  let runs = 0;
  return {
    run: {
      fields: {
        child: CHILD_FIELD,
        args: { takes: "a list of arguments without NUL", fits: isWords, isOptional: true },
        as: optional(oneOf("run", "pipe")),
      },
      async *stream(request, { signal }): AsyncGenerator<RunItem, RunReport | null> {
        const wish = request as unknown as RunWish;
        const { entry, path } = placeFor(parts, wish, () => ++runs);
        const run = new OneRun(parts, { wish, entry, path });
        try {
          const child = await run.start(signal);
          fed.set(path, child);
          yield { started: path };
          yield* run.output();
          const { status: { code, signal: by } } = await child.closed;
          return { code, ...by !== undefined && { signal: by } };
        } catch (error) {
          throw error instanceof ProcessError ? new Refusal("no_process", error.message) : error;
        } finally {
          fed.delete(path);
          await run.end();
        }
      },
    },
    feed: {
      fields: {
        child: CHILD_FIELD,
        bytes: BYTES_FIELD,
      },
      async perform({ child: path, bytes }) {
        const child = fed.get(path as string);
        if (child === undefined) throw unread(path);
        try {
          if (bytes === undefined) await child.closeStdin();
          else await child.write(Uint8Array.fromBase64(bytes as string));
          return null;
        } catch (error) {
          throw error instanceof PipeClosedError ? unread(path) : error;
        }
      },
    },
  };
}

function unread(path: unknown): Refusal {
  return new Refusal("no_process", `Cannot feed '${path}': it does not read any more`);
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.every((word) => typeof word === "string" && !word.includes("\0"));
}

/** The entry, and a path beside its child that is not taken. @throws {Refusal} */
function placeFor(
  { system, loaded }: RunParts,
  { child, args = [], as = "run" }: RunWish,
  next: () => number,
): { readonly entry: SidecarEntry; readonly path: string } {
  const entry = entryOf(loaded, child);
  if ("sidecar" in entry) {
    throw new Refusal("usage", `Cannot run '${child}': it is a pool; only a sidecar can be a job`);
  }
  const why = whyNoStream(entry);
  if (why !== undefined) throw new Refusal("usage", `Cannot ${as} '${child}': ${why}`);
  const state = childAt(system.status(), child)?.state;
  if (as === "run" && args.length === 0 && (state === "running" || state === "starting")) {
    const why = "it runs already; with arguments it is run once more, beside that";
    throw new Refusal("running", `Cannot run '${child}': ${why}`);
  }
  let path: string;
  do path = `${child}-${as}-${next()}`; while (childAt(system.status(), path) !== undefined);
  return { entry, path };
}

function itemOf(part: LogPart): RunItem {
  return "lost" in part ? { lost: part.lost.lines } : { stderr: part.lines.map(({ line }) => line) };
}

/** One run. */
class OneRun {
  readonly #parts: RunParts;
  readonly #path: string;
  readonly #wish: RunWish;
  readonly #entry: SidecarEntry;
  readonly #errors = new FollowedLines();
  #child: ChildProcess | undefined;
  #written: Subscription<Uint8Array> | undefined;
  #unfollow: (() => void) | undefined;

  constructor(
    parts: RunParts,
    { wish, entry, path }: { readonly wish: RunWish; readonly entry: SidecarEntry; readonly path: string },
  ) {
    this.#parts = parts;
    this.#path = path;
    this.#wish = wish;
    this.#entry = entry;
  }

  /** Starts it; an abort of `signal` ends it. @throws {Refusal} */
  async start(signal: AbortSignal): Promise<ChildProcess> {
    const { system, asides, processes } = this.#parts;
    const { parent, id } = splitPath(this.#path);
    asides.add(this.#path);
    const spec = onceSpec(this.#entry, {
      id,
      args: this.#wish.args,
      isJob: true,
      spawn: (command, options = {}) => {
        // From its first byte on.
        this.#written = system.ref(this.#path).subscribe();
        this.#unfollow = this.#parts.logs.follow((path, lines) => this.#onLines(path, lines));
        return this.#child = processes.spawn(command, options, { path: this.#path, generation: 1 });
      },
    });
    try {
      await system.startChild(parent, spec, { signal });
    } catch (thrown) {
      if (!signal.aborted) throw refusalOf(thrown);
      throw new Refusal("no_process", `Cannot run '${this.#wish.child}': it was called off`);
    }
    return this.#child!;
  }

  #onLines(path: string, lines: readonly RecentLine[]): void {
    if (path !== this.#path) return;
    for (const line of lines) {
      if (line.stream !== "stderr") continue;
      for (const piece of piecesOf({ path, ...line })) this.#errors.add(piece);
    }
  }

  /** What it prints, until it has ended. */
  async *output(): AsyncGenerator<RunItem, void> {
    for (let next = this.#written!.next();;) {
      const errors = this.#errors.read();
      if (errors !== undefined) yield itemOf(errors);
      // One that has come is taken before more of the errors, so that neither keeps back the other.
      const chunk = await Promise.race([next, errors === undefined ? this.#errors.news() : undefined]);
      if (chunk === undefined) continue;
      if (chunk.done) break;
      for (let at = 0; at < chunk.value.length; at += ITEM_BYTES) {
        yield { stdout: chunk.value.subarray(at, at + ITEM_BYTES).toBase64() };
      }
      next = this.#written!.next();
    }
    // Its standard error may end later.
    await this.#child!.closed;
    for (let rest = this.#errors.read(); rest !== undefined; rest = this.#errors.read()) yield itemOf(rest);
  }

  /** Stops it if it runs, and has its supervisor forget it. */
  async end(): Promise<void> {
    const { system } = this.#parts;
    this.#unfollow?.();
    await this.#written?.return();
    await system.terminateChild(this.#path).catch(() => {}); // it is gone, or the whole tree is
    await system.deleteChild(this.#path).catch(() => {});
  }
}

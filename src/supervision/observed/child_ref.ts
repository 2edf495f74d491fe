/**
 * The address of a child that was added while the tree runs, with its output and its end.
 *
 * Used by `system.startChild`. The invariant: it watches its child from before its first incarnation starts, so no line
 * and no end is lost, however early they come.
 */

import { whenAborted } from "../../options/abort_signal.ts";
import { unexpected } from "../../options/call_options.ts";
import type { Address } from "../../actor/address.ts";
import { causeOf, deathOf, type Exit } from "../../actor/exit.ts";
import type { StartOutcome } from "../../actor/incarnation.ts";
import { ActorRef } from "../../actor/ref.ts";
import type { ActorSystem } from "../../actor/system.ts";
import type { SystemEvent } from "../../events.ts";
import type { ChildSpec } from "../child_spec.ts";
import type { Supervisor } from "../supervisor.ts";
import { KeptLines } from "./kept_lines.ts";

/** Lines of stderr in a {@linkcode ChildEnd}, at most. */
export const LAST_WORDS = 20;

/** How a child ended for good. */
export interface ChildEnd {
  /** How its last incarnation ended. */
  readonly reason: Exit["reason"];
  /** The exit code, where it ended by itself and that is known; 0 for an end that is no failure. */
  readonly code: number | undefined;
  /** The signal that ended its process, if one did. */
  readonly signal: string | undefined;
  /** The failure, if it was one. */
  readonly cause: Error | undefined;
  /** The last lines of its stderr, oldest first: at most 20. */
  readonly lastWords: readonly string[];
  /** Its last incarnation, counted from 1. */
  readonly generation: number;
}

/**
 * A child that `system.startChild` has added: its address, its output, and its end.
 *
 * @typeParam Message what it takes
 * @typeParam Value what it answers an `ask` with
 * @typeParam Published what its subscribers get
 */
export class ChildRef<Message, Value = void, Published = never> extends ActorRef<Message, Value, Published> {
  /**
   * Settles once it has ended and will not be started again by itself: as its restart type says, or because it was
   * terminated, or its tree has ended. Never rejects. One in quarantine has not ended.
   */
  readonly ended: Promise<ChildEnd>;
  readonly #output = { stdout: new KeptLines(), stderr: new KeptLines() };
  readonly #settle: (end: ChildEnd) => void;
  #started: StartOutcome = "ok";
  #exit: { readonly exit: Exit; readonly generation: number } | undefined;
  #isHeldBack = false;

  /** @ignore Of a child that has not been started. */
  constructor(address: Address) {
    super(address);
    const { promise, resolve } = Promise.withResolvers<ChildEnd>();
    this.ended = promise;
    this.#settle = resolve;
    address.onEvent = (event) => this.#see(event as SystemEvent);
    address.closeListeners.add(() => {
      // The cause of the close is reported in the same turn.
      queueMicrotask(() => !this.#isHeldBack && this.#end());
    });
    address.watchers.set(this, {
      onEnd: (generation, exit) => this.#exit = { generation, exit },
      onGone: () => this.#end(),
    });
  }

  /** How its first start came out: `ignore` where there was nothing to run. */
  get started(): StartOutcome {
    return this.#started;
  }

  /**
   * The lines of its output, from the first on: of its stderr, or of its stdout where it has no protocol. It ends
   * with the child. Some 4,000 lines, or 1 MiB, are kept for a reader that is behind; beyond that the oldest are
   * lost. Of lines that a `\r` replaces, as progress bars write them, there is one a second, and the last; for all
   * of those on stdout, use `subscribe`.
   */
  lines(stream: "stdout" | "stderr" = "stdout"): AsyncIterableIterator<string> {
    if (stream !== "stdout" && stream !== "stderr") {
      throw unexpected(`Cannot read the lines of '${this.path}'`, '"stdout" or "stderr"', stream);
    }
    return this.#output[stream].read();
  }

  /** @ignore */
  hasStarted(outcome: StartOutcome): this {
    this.#started = outcome;
    if (outcome === "ignore") this.#end();
    return this;
  }

  #see(event: SystemEvent): void {
    if (event.type === "output") this.#output[event.stream].push(event.line);
    else if (event.type === "quarantined") this.#isHeldBack = true;
    else if (event.type === "starting") this.#isHeldBack = false;
  }

  #end(): void {
    const { exit, generation } = this.#exit ?? { exit: { reason: "normal" } as const, generation: 0 };
    const { code, signal } = exit.reason === "shutdown" && exit.signal === undefined
      ? {} as { code?: number; signal?: string }
      : deathOf(exit);
    for (const lines of Object.values(this.#output)) lines.end();
    const { reason } = exit;
    const lastWords = this.#output.stderr.last(LAST_WORDS);
    this.#settle({ reason, code, signal, cause: causeOf(exit), lastWords, generation });
  }
}

/** Options of `system.startChild`. */
export interface StartChildOptions {
  /** Terminates the child when it aborts, be it while it starts or later. */
  readonly signal?: AbortSignal | undefined;
}

/** Has `supervisor` start a child, and gives its ref. @throws {StartError | SupervisionError} or the signal's reason */
export async function startedRef(
  supervisor: Supervisor,
  spec: ChildSpec,
  { system, signal }: StartChildOptions & { readonly system: ActorSystem },
): Promise<ChildRef<never, unknown, unknown>> {
  signal?.throwIfAborted();
  let ref: ChildRef<never, unknown, unknown> | undefined;
  let hasEnded = false;
  const terminate = async () => {
    if (hasEnded) return;
    await supervisor.terminateChild(spec.id).catch(() => {}); // it has ended meanwhile, or its supervisor has
  };
  const unlisten = whenAborted(signal, () => void terminate());
  try {
    const outcome = await supervisor.startChild(spec, (path) => ref = new ChildRef(system.address(path)));
    const started = ref!.hasStarted(outcome);
    void started.ended.then(() => {
      hasEnded = true;
      unlisten();
    });
    if (!signal?.aborted) return started;
    await terminate();
  } catch (thrown) {
    unlisten();
    if (!signal?.aborted) throw thrown;
  }
  throw signal.reason;
}

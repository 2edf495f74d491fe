/**
 * How the end of this process becomes the end of the trees that were launched in it: signals, uncaught errors, and
 * `unload`, by which a program ends that calls `Deno.exit`.
 *
 * Used by {@linkcode App}. The invariant: listeners are there exactly while there is a tree, or an end is under way; so
 * a program that has launched nothing ends as it would without Outrider. A signal is listened to for half a second longer.
 */

import { ActorError } from "../actor/actor_errors.ts";
import { causesOf } from "../actor/user_value.ts";
import { StartCancelledError } from "../supervision/supervision_errors.ts";
import { sleep, systemClock } from "../time/clock.ts";
import type { OnSignal } from "./options.ts";

/** Signals that stop a tree gracefully; a second one ends it by force. */
export const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/**
 * Milliseconds within which the same signal counts once: of one Ctrl-C under `deno task`, the terminal signals the
 * whole foreground group, and `deno task` passes it on up to 100 ms later; `timeout` signals its child and the group.
 */
export const SAME_SIGNAL_MS = 500;

/** After a second signal the process waits so many milliseconds, at most, for the killed children to be reaped. */
export const FORCED_WAIT_MS = 1_000;

/**
 * Milliseconds that what waits for the end of a tree has for its own end, once a signal has stopped that tree and
 * before the process exits.
 */
export const EXIT_GRACE_MS = 100;

const SIGNAL_NUMBERS: Partial<Record<Deno.Signal, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGTERM: 15,
  SIGBREAK: 21,
};

/** A tree, as the ends of its process see it. */
export interface Launched {
  readonly onSignal: OnSignal;
  /** Stops it, in order; `reason` is for its events. */
  stop(reason: string): void;
  /** Stops it, and ends it by force where it is to stop already. */
  interrupt(signal: Deno.Signal): void;
  /** Ends its processes within this turn. */
  killNow(): void;
  /** Settles when nothing of it is left. */
  readonly settled: Promise<unknown>;
}

type UncaughtEvent = ErrorEvent | PromiseRejectionEvent;

class ProcessEnds {
  readonly #trees = new Set<Launched>();
  /** The exit code that a signal has asked for. */
  #exitCode: number | undefined;
  /** Throws the error again that ends the process. */
  #rethrow: (() => void) | undefined;
  #isListening = false;
  readonly #onSignal = new Map(STOP_SIGNALS.map((name) => [name, () => this.#interrupt(name)]));
  #heard: readonly Deno.Signal[] = [];
  /** The last signal that counted, for {@linkcode SAME_SIGNAL_MS}. */
  #counted: { readonly name: Deno.Signal; readonly at: number } | undefined;

  add(tree: Launched): void {
    this.#trees.add(tree);
    this.#listen();
  }

  remove(tree: Launched): void {
    this.#trees.delete(tree);
    this.#listen();
  }

  /** Has exactly the listeners that are needed now. */
  #listen(): void {
    const isEnding = this.#exitCode !== undefined || this.#rethrow !== undefined;
    const isNeeded = this.#trees.size > 0 || isEnding;
    const trees = [...this.#trees];
    const isAny = isEnding || trees.some(({ onSignal }) => onSignal !== "ignore");
    // A tree may have ended before its signal comes again, which would then end the process by default.
    const signals = STOP_SIGNALS.filter((name) => isAny || this.#counted?.name === name);
    for (const [name, listener] of this.#onSignal) {
      if (signals.includes(name) === this.#heard.includes(name)) continue;
      if (signals.includes(name)) Deno.addSignalListener(name, listener);
      else Deno.removeSignalListener(name, listener);
    }
    this.#heard = signals;
    if (isNeeded === this.#isListening) return;
    this.#isListening = isNeeded;
    const change = isNeeded ? globalThis.addEventListener : globalThis.removeEventListener;
    change.call(globalThis, "error", this.#onUncaught as EventListener);
    change.call(globalThis, "unhandledrejection", this.#onUncaught as EventListener);
    change.call(globalThis, "unload", this.#onUnload);
  }

  // --- Signals ------------------------------------------------------------------

  #interrupt(name: Deno.Signal): void {
    if (this.#isRepeated(name)) return;
    const trees = [...this.#trees].filter(({ onSignal }) => onSignal !== "ignore");
    for (const tree of trees) tree.interrupt(name);
    const isEnding = this.#exitCode !== undefined || this.#rethrow !== undefined;
    if (isEnding) return void this.#exitSoon(name);
    if (!trees.some(({ onSignal }) => onSignal === "exit")) return;
    Deno.exitCode = this.#exitCode = signalExitCode(name);
    void this.#exitOnceStopped(trees);
  }

  /** Whether it counted already; if not, it does now. */
  #isRepeated(name: Deno.Signal): boolean {
    const at = systemClock.now();
    if (this.#counted?.name === name && at - this.#counted.at < SAME_SIGNAL_MS) return true;
    const counted = this.#counted = { name, at };
    const forget = () => {
      if (this.#counted !== counted) return;
      this.#counted = undefined;
      this.#listen();
    };
    Deno.unrefTimer(setTimeout(forget, SAME_SIGNAL_MS));
    return false;
  }

  async #exitOnceStopped(trees: readonly Launched[]): Promise<void> {
    await settled(trees);
    // Not waited for where nothing else is under way: the process ends by itself then, with that exit code.
    Deno.unrefTimer(setTimeout(() => Deno.exit(this.#exitCode), EXIT_GRACE_MS));
  }

  /** A second one: what was killed for it is waited for. */
  async #exitSoon(name: Deno.Signal): Promise<void> {
    await Promise.race([settled(this.#trees), sleep(systemClock, FORCED_WAIT_MS)]);
    Deno.exit(signalExitCode(name));
  }

  // --- Uncaught errors ----------------------------------------------------------

  readonly #onUncaught = (event: UncaughtEvent): void => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    // Listeners behind this one may have it go on, too: Deno asks only once all were called.
    let isHandled = false;
    Object.defineProperty(event, "preventDefault", { value: () => void (isHandled = true) });
    queueMicrotask(() => void (isHandled || this.#uncaught(event)));
  };

  #uncaught(event: UncaughtEvent): void {
    const thrown: unknown = "reason" in event ? event.reason : event.error;
    // The first one ends the process. What fails because a signal has stopped its tree adds nothing to that signal.
    if (this.#rethrow !== undefined || (this.#exitCode !== undefined && comesFromStop(thrown))) return;
    for (const tree of this.#trees) tree.stop("an uncaught error");
    // Out of a promise or not: Deno says so in its message.
    this.#rethrow = "reason" in event ? () => void Promise.reject(thrown) : () => reportError(thrown);
    void this.#rethrowOnceStopped();
  }

  async #rethrowOnceStopped(): Promise<void> {
    await settled(this.#trees);
    const rethrow = this.#rethrow!;
    this.#exitCode = this.#rethrow = undefined;
    this.#listen();
    rethrow();
  }

  // --- The end itself -----------------------------------------------------------

  readonly #onUnload = (): void => {
    for (const tree of this.#trees) tree.killNow();
  };
}

/** The trees of this process. */
export const processEnds: ProcessEnds = new ProcessEnds();

async function settled(trees: Iterable<Launched>): Promise<void> {
  await Promise.allSettled([...trees].map((tree) => tree.settled));
}

/** The exit code of a process that a signal has ended. */
export function signalExitCode(name: Deno.Signal): number {
  return 128 + (SIGNAL_NUMBERS[name] ?? 0);
}

function comesFromStop(thrown: unknown): boolean {
  return [...causesOf(thrown)].some((error) =>
    error instanceof StartCancelledError ||
    (error instanceof ActorError && (error.code === "actor_stopped" || error.code === "incarnation_ended"))
  );
}

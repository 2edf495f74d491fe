/**
 * A signal that a user's code listens to.
 *
 * Deno takes what a listener throws for an uncaught error, which ends the process. Here the code that aborts gets it, and
 * all other listeners are called.
 */

import { onRejection } from "../user_value.ts";

type Listener = EventListenerOrEventListenerObject | null;

/** Aborts a signal as an `AbortController` does, and hands errors of listeners to `onThrown`. */
export class GuardedAbort {
  readonly #controller = new AbortController();
  readonly #onThrown: (thrown: unknown) => void;
  #isGuarded = false;

  /** `onThrown` gets what a listener throws, of the signal or of one that follows it. */
  constructor(onThrown: (thrown: unknown) => void) {
    this.#onThrown = onThrown;
  }

  /** The signal to hand out. */
  get signal(): AbortSignal {
    const { signal } = this.#controller;
    if (!this.#isGuarded) {
      this.#isGuarded = true;
      guard(signal, this.#onThrown);
    }
    return signal;
  }

  /** Whether it was aborted. */
  get aborted(): boolean {
    return this.#controller.signal.aborted;
  }

  /**
   * Aborts. Listeners of a signal that follows this one (`AbortSignal.any`) are out of reach here: what they throw goes to
   * the global event `error` first, and a listener there that prevents the default keeps the process alive.
   */
  abort(reason: unknown): void {
    const caught = (event: ErrorEvent) => {
      event.preventDefault();
      this.#onThrown(event.error);
    };
    globalThis.addEventListener("error", caught);
    try {
      this.#controller.abort(reason);
    } finally {
      globalThis.removeEventListener("error", caught);
    }
  }
}

/**
 * Hands errors of listeners of `signal` to `onThrown`. The global event `error` is not enough: Deno reads the thrown value
 * before it dispatches the event, and a proxy throws once more then, which nothing stops.
 */
function guard(signal: AbortSignal, onThrown: (thrown: unknown) => void): void {
  // One for each listener: so a second one of the same is none, and it can be taken back.
  const guarded = new WeakMap<EventListenerOrEventListenerObject, EventListener>();
  const guardedOf = (listener: Listener): Listener => {
    if (listener === null || (typeof listener !== "function" && typeof listener !== "object")) {
      return listener;
    }
    const known = guarded.get(listener);
    if (known !== undefined) return known;
    const call = function (this: unknown, event: Event): void {
      try {
        const result: unknown = typeof listener === "function"
          ? listener.call(this as EventTarget, event)
          : listener.handleEvent(event);
        onRejection(result, onThrown);
      } catch (thrown) {
        onThrown(thrown);
      }
    };
    guarded.set(listener, call);
    guarded.set(call, call); // Deno takes it back by itself where the option `signal` says when
    return call;
  };
  const { addEventListener, removeEventListener } = signal;
  type Options = boolean | AddEventListenerOptions;
  const methods: Record<string, unknown> = {
    addEventListener: (type: string, listener: Listener, options?: Options) =>
      addEventListener.call(signal, type, guardedOf(listener)!, options),
    removeEventListener: (type: string, listener: Listener, options?: Options) =>
      removeEventListener.call(signal, type, guardedOf(listener)!, options),
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(signal, name, { value, configurable: true, writable: true });
  }
  let onabort: AbortSignal["onabort"] = null;
  Object.defineProperty(signal, "onabort", {
    configurable: true,
    get: () => onabort,
    set(handler: AbortSignal["onabort"]) {
      removeEventListener.call(signal, "abort", guardedOf(onabort as Listener)!);
      onabort = typeof handler === "function" ? handler : null;
      if (onabort !== null) addEventListener.call(signal, "abort", guardedOf(onabort as Listener)!);
    },
  });
}

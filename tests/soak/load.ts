/**
 * Messages to processes that are being harmed, and what becomes of each: an answer of its own, or an error that names
 * what happened.
 *
 * @module
 */
import type { AskOptions, System } from "@outrider/outrider";
import type { Conversation } from "./conversations.ts";
import { count, type Figures } from "./figures.ts";

/** Milliseconds within which an ask that sets no time of its own has to be settled by something else than its timeout. */
export const SETTLED_WITHIN_MS = 30_000;
/** Messages that may be open; beyond that none is sent. */
const MOST_OPEN = 5_000;

/** What a message may come to besides an answer, by the code of its error. */
const FATES = ["incarnation_ended", "ask_timeout", "aborted", "actor_stopped", "mailbox_full"];

/** What sending needs. */
export interface LoadOptions {
  readonly system: System;
  readonly figures: Figures;
  /** Told of what is not as it should be. */
  readonly onBroken: (what: string) => void;
}

/** The messages of a run. */
export class Load {
  readonly #options: LoadOptions;
  readonly #open = new Set<Promise<void>>();
  #numbers = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Sends one message, of a kind and a size that `random` chooses. */
  send(address: string, conversation: Conversation, random: () => number): void {
    if (this.#open.size >= MOST_OPEN) return;
    const n = ++this.#numbers;
    const size = random() < 0.03 ? 100_000 : Math.floor(random() * 400);
    const tells = conversation.tells && (!conversation.answers || random() < 0.1);
    const work = tells
      ? this.#tell(address, conversation.message(n, size))
      : this.#ask(address, conversation, { n, size, random });
    const open: Promise<void> = work.then(() => {
      this.#open.delete(open);
      this.#options.figures.open = this.#open.size;
    });
    this.#open.add(open);
  }

  /** Fulfilled when all that was sent has come to something. */
  async settled(): Promise<void> {
    await Promise.all(this.#open);
  }

  async #tell(address: string, message: unknown): Promise<void> {
    const { system, figures } = this.#options;
    try {
      await system.ref(address).tell(message);
      count(figures.tells, "taken");
    } catch (error) {
      count(figures.tells, this.#fate(error, `a tell to ${address}`));
    }
  }

  async #ask(
    address: string,
    { message, isAnswer }: Conversation,
    { n, size, random }: { n: number; size: number; random: () => number },
  ): Promise<void> {
    const { system, figures, onBroken } = this.#options;
    const options = optionsBy(random);
    const what = `ask ${n} of ${size} bytes to ${address}`;
    try {
      const reply = await system.ref(address).ask(message(n, size), options);
      if (isAnswer(reply, n)) count(figures.asks, "answered");
      else onBroken(`${what} has another's answer`);
    } catch (error) {
      const fate = this.#fate(error, what);
      if (fate === "ask_timeout" && options.timeout === SETTLED_WITHIN_MS) onBroken(`${what}: ${error}`);
      count(figures.asks, fate);
    }
  }

  #fate(error: unknown, what: string): string {
    // The reason of a signal is the caller's own.
    const code = error instanceof DOMException ? "aborted" : (error as { code?: string }).code;
    if (code === undefined || !FATES.includes(code)) this.#options.onBroken(`${what}: ${error}`);
    return code ?? "unknown";
  }
}

/** Most wait for long; some have little time, are given up, or are to be sent again when a process dies of them. */
function optionsBy(random: () => number): AskOptions {
  const kind = random();
  if (kind < 0.1) return { timeout: 5 + random() * 300 };
  if (kind < 0.15) {
    return { timeout: SETTLED_WITHIN_MS, signal: AbortSignal.timeout(Math.floor(random() * 50)) };
  }
  if (kind < 0.25) return { timeout: SETTLED_WITHIN_MS, onDeath: "replay", attempts: 3 };
  return { timeout: SETTLED_WITHIN_MS };
}

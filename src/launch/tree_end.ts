/**
 * Decides from the events of a tree what ends it without a request: the child that it runs for has ended, a program is
 * missing at the start, or nothing may be left that runs. Used by `app.ts`, which carries that out. Pure.
 */

import { deathOfError, type Exit } from "../actor/exit.ts";
import type { SystemEvent } from "../events.ts";
import { StartError } from "../supervision/supervision_errors.ts";

/** The types of events that {@linkcode TreeEnd.follow} goes by. */
export const END_EVENTS = [
  "start_failed",
  "degraded",
  "ready",
  "forgotten",
  "exited",
  "finished",
  "ignored",
] as const;

/** What an event comes to: the tree ends for `reason`, or it is to be looked whether anything of it still runs. */
export type EndStep = { readonly do: "end"; readonly reason: string } | { readonly do: "look" };

/** Which ends of children are that of their tree. */
export interface TreeEndRules {
  /** The paths of children beside it, which have no say in this. */
  readonly asides?: ReadonlySet<string> | undefined;
  /** The child whose end for good ends the tree. */
  readonly until?: string | undefined;
  /** Whether a program that is missing ends the tree while that starts. */
  readonly needsAll: boolean;
}

/** Follows the events of a tree, up to its end. */
export class TreeEnd {
  readonly #rules: TreeEndRules;
  #isFirstRound = true;
  #missing: StartError | undefined;
  #untilExit: Exit | undefined;
  /** Why a child could not be started, by path; of those that could not, last. */
  readonly #unstartable = new Map<string, Error>();

  constructor(rules: TreeEndRules) {
    this.#rules = rules;
  }

  /** The program that was missing at the start, where the tree needs all of them. */
  get missing(): StartError | undefined {
    return this.#missing;
  }

  /** Why a child could not be started that has not been since. */
  get unstartable(): Error | undefined {
    const [first] = this.#unstartable.values();
    return first;
  }

  /** How the child that the tree runs for has ended by itself, as far as it has. */
  get untilExit(): Exit | undefined {
    return this.#untilExit;
  }

  /** Takes the next event, one of {@linkcode END_EVENTS}; nothing for one that changes nothing. */
  follow(event: SystemEvent): EndStep | undefined {
    const { asides, until } = this.#rules;
    const { type, path } = event;
    if (asides?.has(path)) return undefined;
    if (type === "start_failed") return this.#onStartFailed(event);
    if (path === "/" && (type === "ready" || type === "degraded")) this.#isFirstRound = false;
    if (type === "ready" || type === "forgotten") this.#unstartable.delete(path);
    if (type === "exited" && path === until) this.#untilExit = event.exit;
    if (type === "finished" && path === until) return { do: "end", reason: `${until} has ended` };
    // A supervisor may get ready with nothing that runs.
    return type === "finished" || type === "ignored" || type === "ready" ? { do: "look" } : undefined;
  }

  #onStartFailed({ path, cause }: SystemEvent & { type: "start_failed" }): EndStep | undefined {
    this.#unstartable.set(path, cause);
    const isMissing = this.#rules.needsAll && this.#isFirstRound &&
      deathOfError(cause).kind === "unstartable";
    if (!isMissing) return undefined;
    this.#missing ??= new StartError(path, cause);
    return { do: "end", reason: "not all of it can be started here" };
  }
}

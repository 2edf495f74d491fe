/**
 * What happens before there is a tree that could tell it.
 */

import { jsonLine } from "../../log.ts";
import { TAKE_OVER_TERM_MS } from "../../containment/acquire_lock.ts";
import { STILL_STOPPING_MS } from "../../launch/app.ts";
import { signalExitCode, STOP_SIGNALS } from "../../launch/process_ends.ts";
import { formatDuration } from "../../text/words.ts";
import { printErrors } from "../verb.ts";

/** What happens before there is a tree, as a line of standard error; as data, a warning like those of a tree. */
export function aside(message: string, json: boolean): string[] {
  return [
    json
      ? jsonLine({ at: Date.now(), path: "/", generation: 0, type: "warning", message })
      : sentence(message),
  ];
}

/** The wait for another runtime to stop: a signal ends it, and says that nothing was started. */
export class TakeOverWait {
  readonly #json: boolean;
  #again: ReturnType<typeof setInterval> | undefined;
  readonly #listeners = new Map<Deno.Signal, () => void>();

  /** `json`: it is told as data. */
  constructor(json: boolean) {
    this.#json = json;
  }

  /** Begins. */
  on(pid: number): void {
    const say = (message: string) => void printErrors(...aside(message, this.#json));
    say(
      `waiting for process ${pid} to stop, for ${
        formatDuration(TAKE_OVER_TERM_MS)
      } at most, then it is ended by force`,
    );
    const begun = performance.now();
    this.#again = setInterval(
      () =>
        say(
          `still waiting for process ${pid} to stop, for ${formatDuration(performance.now() - begun)} so far`,
        ),
      STILL_STOPPING_MS,
    );
    for (const name of STOP_SIGNALS) {
      const end = async () => {
        const message =
          `${name}: nothing was started; process ${pid}, which was to be taken over, goes on stopping`;
        await printErrors(...aside(message, this.#json));
        Deno.exit(signalExitCode(name));
      };
      const listener = () => void end();
      this.#listeners.set(name, listener);
      Deno.addSignalListener(name, listener);
    }
  }

  /** Signals are others' again. */
  over(): void {
    clearInterval(this.#again);
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
    this.#listeners.clear();
  }
}

/** A clause as it stands on its own, without a full stop. */
export function sentence(clause: string): string {
  return clause[0]!.toUpperCase() + clause.slice(1);
}

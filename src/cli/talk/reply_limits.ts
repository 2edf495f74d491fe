/**
 * How long `ask` waits for a reply: for all of it, and for each frame of one that has many.
 */

import { AskTimeoutError } from "../../actor/actor_errors.ts";
import { DEFAULT_ASK_TIMEOUT_MS, DEFAULT_MAX_TOTAL_TIMEOUT_MS } from "../../actor/asks/options.ts";
import { parseTime } from "../verb.ts";

/** Limits in milliseconds; `Infinity` for none. */
export interface ReplyLimits {
  /** For the whole reply. */
  readonly timeout: number;
  /** For its first frame, and from each frame to the next. */
  readonly idle: number;
  /** For the whole reply, where progress starts `timeout` again. */
  readonly maxTotalTimeout: number;
  /** Whether none of them was given. */
  readonly isUsual: boolean;
}

/** The options, as they are written. */
interface WrittenLimits {
  readonly timeout?: string | undefined;
  readonly idle?: string | undefined;
  readonly "max-total-timeout"?: string | undefined;
}

/** The limits of `--timeout` and `--idle`; with neither, each frame has the usual time. @throws {UsageError} */
export function replyLimits(
  { timeout, idle, "max-total-timeout": max }: WrittenLimits,
): ReplyLimits {
  const usual = timeout === undefined ? DEFAULT_ASK_TIMEOUT_MS : Infinity;
  return {
    timeout: timeout === undefined ? Infinity : parseTime("--timeout", timeout),
    idle: idle === undefined ? usual : parseTime("--idle", idle),
    isUsual: timeout === undefined && idle === undefined && max === undefined,
    maxTotalTimeout: max === undefined ? DEFAULT_MAX_TOTAL_TIMEOUT_MS : parseTime("--max-total-timeout", max),
  };
}

/** The frames of a reply that was asked for at `since`, by `performance.now()`. @throws {AskTimeoutError} */
export async function* framesWithin(
  frames: AsyncIterable<unknown>,
  { path, since, limits: { timeout, idle } }: {
    readonly path: string;
    readonly since: number;
    readonly limits: Pick<ReplyLimits, "timeout" | "idle">;
  },
): AsyncGenerator<unknown> {
  const iterator = frames[Symbol.asyncIterator]();
  try {
    for (;;) {
      const left = since + timeout - performance.now();
      const late = Promise.withResolvers<never>();
      const ms = Math.max(0, Math.min(left, idle));
      const error = () =>
        left < idle
          ? new AskTimeoutError(path, timeout, { missing: "end of the reply" })
          : new AskTimeoutError(path, idle, { missing: "further frame" });
      const timer = ms === Infinity ? undefined : setTimeout(() => late.reject(error()), ms);
      try {
        const { value, done } = await Promise.race([iterator.next(), late.promise]);
        if (done) return;
        yield value;
      } finally {
        clearTimeout(timer);
      }
    }
  } finally {
    void iterator.return?.();
  }
}

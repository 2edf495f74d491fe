/**
 * Batches: many messages in one frame, and one frame for their answers.
 */

import type { JsonValue } from "../../process/codecs/json.ts";
import type { Reply } from "../../actor/asks/options.ts";
import { MAX_UNREAD_ANSWERS } from "../protocol.ts";
import type { Answerer } from "./handlers.ts";
import type { JsonRpcBatch } from "./types.ts";

/** The reply to a batch of ours: it is there when each of its calls has its own outcome. */
export class BatchReply {
  readonly #reply: Reply<unknown>;
  readonly #outcomes: JsonRpcBatch = [];
  #given = 0;
  #remaining: number;

  /** For `asked` calls, together answered to `reply`. */
  constructor(reply: Reply<unknown>, asked: number) {
    this.#reply = reply;
    this.#remaining = asked;
  }

  next(): Reply<unknown> {
    const at = this.#given++;
    const whole = this.#reply;
    return {
      get isOpen() {
        return whole.isOpen;
      },
      get reportProgress() {
        return whole.reportProgress;
      },
      resolve: (value) => this.#settle(at, { status: "fulfilled", value: value as JsonValue }),
      reject: (reason) => this.#settle(at, { status: "rejected", reason }),
    };
  }

  #settle(at: number, outcome: JsonRpcBatch[number]): void {
    this.#outcomes[at] = outcome;
    if (--this.#remaining === 0) this.#reply.resolve(this.#outcomes);
  }
}

/**
 * Collects the answers to `asked` requests of the sidecar, `undefined` for none; `done` gets all of them, unless
 * there are none. It gets them early where they are more than a sidecar may leave unread, which ends it.
 */
export function collectBatch(asked: number, done: (answers: JsonValue[]) => void): Answerer {
  const answers: JsonValue[] = [];
  let left = asked;
  let collected = 0;
  return (answer, bytes = 0) => {
    if (answer !== undefined) answers.push(answer);
    collected += bytes;
    left = collected > MAX_UNREAD_ANSWERS ? 0 : left - 1;
    if (left === 0 && answers.length > 0) done(answers);
  };
}

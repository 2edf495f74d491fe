/**
 * A sidecar that sends back what it is sent, and must live to the end of its test.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  type ActorRef,
  NO_BACKOFF,
  sidecar,
  type SidecarOptions,
  start,
  supervisor,
} from "@outrider/outrider";
import { EventLog } from "../support/probes.ts";

/** Throws. */
export function boom(): never {
  throw new Error("boom");
}

/** See {@linkcode echo}. */
export interface Echo extends AsyncDisposable {
  // deno-lint-ignore no-explicit-any -- anything is sent to it
  readonly ref: ActorRef<any, any, any>;
  /** The events of its tree. */
  readonly log: EventLog;
}

/** What is sent comes back. At its disposal it must not have ended by itself. */
export async function echo(options: Partial<SidecarOptions>): Promise<Echo> {
  const spec = sidecar("echo", { command: "cat", protocol: "ndjson", backoff: NO_BACKOFF, ...options });
  const system = await start(supervisor("root", [spec]));
  const log = new EventLog(system);
  return {
    ref: system.ref("echo"),
    log,
    async [Symbol.asyncDispose]() {
      await system.stop();
      assertEquals(await system.ended, { reason: "shutdown" });
      await log.ended;
      assertEquals(log.lines().filter((line) => line.endsWith("exited")), []);
    },
  };
}

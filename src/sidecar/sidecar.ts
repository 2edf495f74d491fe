/**
 * A program as an actor: the one place where actors and processes meet, written
 * against the public API alone.
 *
 * This module makes the spec of a sidecar; `sidecar_process.ts` runs it.
 */

import { actor, type ActorSpec } from "../supervision/child_spec.ts";
import { stopTimeOf, timeToForce } from "../options/presets.ts";
import { waitsToBeReady } from "../options/fields/sidecar.ts";
import { createSidecar } from "./implementation.ts";
import {
  type ConversationOptions,
  type ResolvedSidecarOptions,
  resolveSidecarOptions,
  type SidecarOptions,
} from "./options.ts";
import type { CodecName } from "../options/fields/protocol.ts";
import {
  type FrameOf,
  hasShutdownRequest,
  type PairingWay,
  type Protocol,
  type ProtocolTypes,
  type ReplyOf,
} from "./protocol.ts";
import type { FramePosition } from "./replies/reply_stream.ts";

/** A literal import: Deno needs no permission for it, and `deno compile` sees it. */
const loadProcess = () => (
  // @ts-types="./incarnation/sidecar_process.d.ts"
  import("./incarnation/sidecar_process.ts")
);

/** A sidecar as data: a program as a child of a supervisor. */
export type SidecarSpec<Message, Value = Message, Published = Value> = ActorSpec<Message, Value, Published>;

/**
 * A sidecar as a child of a supervisor.
 *
 * Its messages are strings (`lines`), JSON (`ndjson`) or bytes (`bytes`). `tell`
 * writes one; `ask` writes one and pairs the reply: by `id` for `ndjson`, in order for
 * `lines`. Output without a request goes to subscribers. The mailbox survives restarts. When the process dies, the asks
 * that it had not answered reject with an `IncarnationEndedError`, whose `cause` is a {@linkcode SidecarExitedError}.
 *
 * Its options, all of them in {@linkcode SidecarOptions}, come in four groups:
 *
 * - the program: `command`, `args`, `cwd`, `env`, `inheritEnv`, `launcher`, `sha256`, `uid`, `gid`, `stdin`, and its
 *   health: `ready`, `probes`, `limits`, `stop`, `strict`, `maxFrame`, `maxInFlight`;
 * - the conversation: `protocol`, `pairing`, `until`, `schemas`;
 * - supervision: `restart`, `rules`, `backoff`, `after`, `significant`, `startWithin`, as for any child;
 * - messages: `mailbox`, `onDeath`, `attempts`, as for any actor.
 *
 * @example
 * ```ts
 * import { launch, sidecar } from "@outrider/outrider";
 *
 * const echo = sidecar("echo", { command: "cat", protocol: "lines" });
 * await using app = await launch(echo);
 * console.log(await app.ref(echo).ask("hello")); // hello
 * ```
 */
export function sidecar<
  P extends CodecName | Protocol | undefined = undefined,
  Message = ProtocolTypes<P>[0],
  Value = ProtocolTypes<P>[1],
  Published = ProtocolTypes<P>[2],
  Way extends PairingWay | "id" | undefined = undefined,
  Place extends FramePosition = never,
  Frame extends FrameOf<P> = FrameOf<P>,
>(
  id: string,
  // Twice, so that the types are inferred from what is right where a required option is missing.
  options:
    & ConversationOptions<Message, Value, Published, P, Way, Place, Frame>
    & SidecarOptions<Message, Value, Published, P, Way, Place, Frame>,
): SidecarSpec<Message, ReplyOf<Value, P, Way, Place>, Published> {
  const { settings, awaited, child } = resolveSidecarOptions(id, options);
  const { protocol, ready, probes } = settings;
  const greets = protocol?.hasHandshake ?? false;
  const hasGoodbye = greets || hasShutdownRequest(protocol);
  const specWith = (settings: ResolvedSidecarOptions) =>
    actor<unknown, unknown, unknown>(id, () => createSidecar(settings, loadProcess), {
      ...child,
      // The stop sequence ends by itself; this is for a process that not even SIGKILL ends.
      shutdown: stopTimeOf(settings.stop, hasGoodbye),
    });
  const spec = specWith(settings);
  const job = awaited.command.stdin === settings.command.stdin ? spec : specWith(awaited);
  const waits = greets || waitsToBeReady(ready, probes);
  return {
    ...spec,
    takesStreams: protocol !== undefined,
    waitsToBeReady: waits,
    timeToForce: timeToForce(settings.stop, hasGoodbye),
    start: (context) => (context.isAwaited ? job : spec).start(context),
  } satisfies SidecarSpec<unknown, unknown, unknown> as SidecarSpec<unknown, never, never>;
}

/** The spec of the child of a session: a sidecar, each process of which is spoken with through the session. */

import { type ActorSpec, type Protocol, sidecar, type SidecarOptions } from "@outrider/outrider";
import { HANDSHAKE_MS } from "@outrider/outrider/protocol";
import { SessionCorrelation, type SessionCorrelationOptions } from "./correlation.ts";
import type { Session } from "./session.ts";
import type { JsonRpcMessage } from "./types.ts";

/** How the child is made. */
export interface SessionSpecOptions extends Pick<SessionCorrelationOptions, "framing"> {
  /** The name of the protocol, for errors. */
  readonly name: string;
  /** Changes the protocol, as a tap does. */
  readonly changed: ((usual: Protocol) => Protocol) | undefined;
  /** Those of the sidecar. */
  readonly options: Omit<SidecarOptions, "protocol">;
}

/** Returns the spec of the child of `session`; as long as nothing else is said, its start has the time of a handshake. */
export function sessionSpec(
  id: string,
  session: Session,
  { name, framing, changed, options }: SessionSpecOptions,
): ActorSpec<JsonRpcMessage, void, JsonRpcMessage> {
  const { startWithin = HANDSHAKE_MS, whenGivenUp } = options;
  const usual: Protocol = {
    name,
    codec: framing,
    pairing: (connection) => new SessionCorrelation(session, connection, { framing, whenGivenUp }),
    hasHandshake: true,
  };
  return sidecar(id, { ...options, startWithin, protocol: changed?.(usual) ?? usual }) as ActorSpec<
    JsonRpcMessage,
    void,
    JsonRpcMessage
  >;
}

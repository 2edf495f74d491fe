/**
 * Messages and replies on their way over a control socket: JSON, or bytes in base64.
 */

/** As it travels; `many`: the reply had frames, which came before. */
export interface Carried {
  readonly value?: unknown;
  readonly bytes?: string;
  readonly many?: boolean;
}

/** A message, or a reply, as JSON can have it. */
export function encodeCarried(message: unknown): Carried {
  return message instanceof Uint8Array ? { bytes: message.toBase64() } : { value: message };
}

/** What was encoded. */
export function decodeCarried({ value, bytes }: Carried): unknown {
  return bytes === undefined ? value : Uint8Array.fromBase64(bytes);
}

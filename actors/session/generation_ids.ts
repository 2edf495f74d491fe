/** The ids and tokens of servers as a client knows them: each is of one process, so that no other is told of it. */

import type { JsonRpcId } from "@outrider/outrider/protocol";

/** An id, or a token, of the server of that generation, as the client knows it. */
export function ofGeneration(generation: number, id: JsonRpcId): string {
  return `${generation}:${JSON.stringify(id)}`;
}

/** The other way round; `undefined`: it is not of that generation. */
export function inGeneration(generation: number, known: unknown): unknown {
  const prefix = `${generation}:`;
  if (typeof known !== "string" || !known.startsWith(prefix)) return undefined;
  try {
    return JSON.parse(known.slice(prefix.length));
  } catch {
    return undefined;
  }
}

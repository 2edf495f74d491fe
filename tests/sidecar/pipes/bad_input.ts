/**
 * Programs that answer requests and do one thing wrong, in three protocols.
 *
 * @module
 */
import { jsonrpc, type SidecarOptions } from "@outrider/outrider";
import { Probe, sh } from "../health/probe.ts";

/** How a protocol is spoken here. */
export interface Tongue {
  readonly name: "lines" | "ndjson" | "jsonrpc";
  readonly protocol: SidecarOptions["protocol"];
  /** A request that is known again by its answer. */
  readonly ask: (n: number) => unknown;
  /** The answer to {@linkcode Tongue.ask}, of the `id` that the runtime gave it. */
  readonly answer: (n: number, id: number) => unknown;
  /** Shell that sets `reply` to the answer to `$line`. */
  readonly reply: string;
}

/** The three protocols that are made of lines. */
export const TONGUES: readonly Tongue[] = [
  {
    name: "lines",
    protocol: "lines",
    ask: (n) => `n${n}`,
    answer: (n) => `n${n}`,
    reply: "reply=$line",
  },
  {
    name: "ndjson",
    protocol: "ndjson",
    ask: (n) => ({ n }),
    answer: (n, id) => ({ id, n }),
    reply: "reply=$line",
  },
  {
    name: "jsonrpc",
    protocol: jsonrpc(),
    ask: (n) => ({ method: `n${n}` }),
    answer: (n) => `n${n}`,
    reply: `reply="\${line%%,\\"method\\"*},\\"result\\":\\"\${line##*\\"method\\":\\"}"`,
  },
];

/** A program that, for each `line`, knows the right `reply`, and does as `misbehaviour` says. */
export function answering(
  tongue: Tongue,
  misbehaviour: string,
  options: Partial<SidecarOptions> = {},
): Promise<Probe> {
  return Probe.start({
    ...sh(`while read -r line; do ${tongue.reply}; ${misbehaviour}; done`),
    protocol: tongue.protocol,
    ...options,
  });
}

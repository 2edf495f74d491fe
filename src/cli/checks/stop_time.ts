/**
 * How long a stop may take, as `check` says it.
 */

import type { Entry, Manifest } from "../../manifest/fields/types.ts";
import { programOf } from "../../manifest/resolve/children.ts";
import { greets } from "../../options/fields/protocol.ts";
import { stopTimeOf } from "../../options/presets.ts";
import { longestStop, type Stopping } from "../../supervision/stop_time.ts";
import { formatDuration } from "../../text/words.ts";

/** Milliseconds that all stop sequences take in turn, as far as they do. */
function wholeStopOf({ children }: Manifest): number {
  return longestStop({ id: "", own: 0, children: children.map(stoppingOf), isUnordered: false });
}

/** Milliseconds after which a stop of it is over, whatever its children do. */
export function longestStopOf(manifest: Manifest): number {
  return Math.min(manifest.stopWithin ?? Infinity, wholeStopOf(manifest));
}

/** A sentence without a full stop. */
export function stopLine(manifest: Manifest): string {
  const { stopWithin } = manifest;
  const whole = wholeStopOf(manifest);
  if (stopWithin === undefined || stopWithin >= whole) return `a stop takes at most ${formatDuration(whole)}`;
  return `a stop takes at most ${formatDuration(stopWithin)}; without "stopWithin" it would be ` +
    `${formatDuration(whole)}, so each step of it is shortened in proportion`;
}

function stoppingOf(entry: Entry): Stopping {
  const { id, after } = entry;
  if ("children" in entry) {
    return { id, after, own: 0, children: entry.children.map(stoppingOf), isUnordered: false };
  }
  const { stop, protocol } = programOf(entry);
  return {
    id,
    after,
    own: stopTimeOf(stop, greets(protocol)),
    children: [],
    isUnordered: false,
  };
}

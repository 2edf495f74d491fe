/**
 * How long a stop may take, as `check` says it.
 */

import type { Entry, Manifest } from "../../manifest/fields/types.ts";
import { programOf } from "../../manifest/resolve/children.ts";
import { hasGoodbye } from "../../options/fields/protocol.ts";
import { stopTimeOf, timeToForce } from "../../options/presets.ts";
import { StopShares } from "../../supervision/stop_shares.ts";
import { longestStop, type Stopping } from "../../supervision/stop_time.ts";
import { formatDuration } from "../../text/words.ts";

/** Milliseconds that all stop sequences take in turn, as far as they do. */
function wholeStopOf(manifest: Manifest): number {
  return longestStop(stopsOfAll(manifest));
}

function stopsOfAll({ children }: Manifest): Stopping {
  return { id: "", own: 0, steps: 0, children: children.map(stoppingOf), isUnordered: false };
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
  const [shortest] = [...new StopShares(stopsOfAll(manifest), stopWithin).leastTimes()]
    .sort((one, other) => one.least / one.own - other.least / other.own);
  return `a stop takes at most ${formatDuration(stopWithin)}; without "stopWithin" it would be ` +
    formatDuration(whole) +
    (shortest === undefined ? "" : `; where each other takes all of its time, '${shortest.path}' has ` +
      `${formatDuration(shortest.least)} of its ${formatDuration(shortest.own)}`);
}

function stoppingOf(entry: Entry): Stopping {
  const { id, after } = entry;
  if ("children" in entry) {
    return { id, after, own: 0, steps: 0, children: entry.children.map(stoppingOf), isUnordered: false };
  }
  const { stop, protocol } = programOf(entry);
  const isTold = hasGoodbye(protocol);
  return {
    id,
    after,
    own: stopTimeOf(stop, isTold),
    steps: timeToForce(stop, isTold),
    children: [],
    isUnordered: false,
  };
}

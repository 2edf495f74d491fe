/**
 * The options of a filter, as data.
 */

import { DEFAULT_STOP } from "@outrider/outrider/process";
import { DEFAULT_MAX_FRAME } from "@outrider/outrider/protocol";
import {
  actorOptions,
  commandFields,
  duration,
  key,
  list,
  optionTypes,
  shape,
  type ShapeField,
  sidecarOptions,
  sizeField,
  whole,
  without,
} from "@outrider/outrider/options";

const filterStop = shape({
  drain: key(duration(0), "For jobs to end by themselves", { usual: DEFAULT_STOP.drain }),
  term: key(duration(0), "After SIGTERM", { usual: DEFAULT_STOP.term }),
});

/** Options of `filter`. */
export const filterOptions: ShapeField = shape({
  ...without(commandFields, "launcher", "pty", "sha256", "uid", "gid", "user", "group", "nice", "umask"),
  ...without(actorOptions.fields, "shutdown"),
  concurrency: key(whole(1, 65_536, { isOpen: true }), "Processes at a time; further jobs wait", {
    otherwise: "as many as the machine has processors",
  }),
  successExitStatus: key(list(whole(0, 255)), "Exit codes that are as good as 0", {
    usual: [],
    more: "Such as `[1]` for `grep`: it found nothing.",
  }),
  maxFrame: key(sizeField(), "Longest line, where lines are asked for", { usual: DEFAULT_MAX_FRAME }),
  stop: key(filterStop, "Time for jobs to end by themselves, and after SIGTERM", { usual: {} }),
  spawn: { ...sidecarOptions.fields.spawn!, says: "What starts a process; for tests without processes" },
}, {
  defaults: "actor",
  types: optionTypes(
    "FilterOptions",
    'A program whose processes do one job each. Times are milliseconds or `"10s"`, sizes bytes or `"10MB"`.',
  ),
});

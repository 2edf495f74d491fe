/**
 * `outrider explain FILE CHILD [CAUSE]`
 *
 * @module
 */

import { factories } from "@outrider/outrider/actors/factories";
import type { DeathCause, DeathKind } from "../../actor/exit.ts";
import { load } from "../../manifest/load.ts";
import { buildTree, pathsOf } from "../../manifest/resolve/child_specs.ts";
import { SIGNALS } from "../../options/fields/signals.ts";
import { explanationLines } from "../../report/explanation.ts";
import { explain as dryRun } from "../../supervision/explain/explain.ts";
import { nearestKey } from "../../text/words.ts";
import { EXIT, print, readArgs, unknownChild, UsageError, type Verb } from "../verb.ts";

/** How many deaths in a row can be asked for. */
export const MAX_TIMES = 10_000;

const WORDS: readonly DeathKind[] = [
  "completed",
  "exception",
  "not_ready",
  "unhealthy",
  "over_limit",
  "protocol",
  "unstartable",
];

/** Prints the steps that would follow the death of a child. */
export const explainVerb: Verb = {
  help: `Usage: outrider explain FILE CHILD [CAUSE] [--times N]

A dry run of a death: whether CHILD would be started again and which rule says
so, what would stop and start, in which order and after what delay, and how
many restarts are left; at the limit, who gives up or is held back, and what
the supervisor above does then. Starts nothing.

  CHILD      its path, such as workers/w1
  CAUSE      what it dies of: an exit code, 0 to 255 (default 1; for a
             supervisor completed, which is how one that gave up ends); a
             signal, such as SIGKILL; or
             ${WORDS.slice(0, 4).join(", ")},
             ${WORDS.slice(4).join(", ")}
  --times N  the N-th such death in a row, each as soon as it is ready again

It is decided by what is in FILE alone: all other children are thought to run,
nothing of the budget is used up before, and of a delay with jitter the middle
is counted.

Exit code: 0 done; 2 the manifest or the command line is wrong.`,

  async run(args) {
    const { values, positionals } = readArgs(args, { times: { type: "string", default: "1" } });
    const [file, path, cause, ...more] = positionals;
    if (file === undefined) throw new UsageError("Cannot go on: FILE is missing, the manifest to use");
    if (path === undefined) {
      throw new UsageError("Cannot go on: CHILD is missing, the path of the child that dies");
    }
    if (more.length > 0) {
      throw new UsageError(`Cannot use more than one CAUSE: ${[cause, ...more].join(", ")}`);
    }
    const times = timesOf(String(values.times));
    const { manifest } = await load(file);
    const tree = buildTree(manifest, factories);
    const paths = pathsOf(manifest);
    const isSidecar = !paths.some((other) => other.startsWith(`${path}/`));
    const death = deathOf(cause ?? (isSidecar ? "1" : "completed"));
    const explanation = dryRun(tree, path, { death, times });
    if (explanation === undefined) throw unknownChild(path, paths);
    if (!isSidecar && (death.kind === "exit_code" || death.kind === "signal")) {
      throw new UsageError(`Cannot have '${path}' die of ${cause}: it is a supervisor, not a process`);
    }
    print(...explanationLines(explanation, { name: manifest.name, path, death, times }));
    return EXIT.OK;
  },
};

function timesOf(text: string): number {
  const times = /^\d+$/.test(text) ? Number(text) : 0;
  if (times >= 1 && times <= MAX_TIMES) return times;
  throw new UsageError(
    `Cannot use --times ${text}: it takes a whole number, 1 to ${MAX_TIMES.toLocaleString("en")}`,
  );
}

function deathOf(cause: string): DeathCause {
  if (/^\d+$/.test(cause) && Number(cause) <= 255) {
    const code = Number(cause);
    return { kind: code === 0 ? "completed" : "exit_code", code };
  }
  const signal = SIGNALS.find((known) => known === cause);
  if (signal !== undefined) return { kind: "signal", signal };
  const kind = WORDS.find((known) => known === cause);
  if (kind !== undefined) return kind === "completed" ? { kind, code: 0 } : { kind };
  const near = nearestKey(cause, [...WORDS, ...SIGNALS]);
  throw new UsageError(
    `Cannot die of '${cause}': it takes an exit code of 0 to 255, a signal, or ${WORDS.join(", ")}${
      near === undefined ? "" : `; did you mean '${near}'?`
    }`,
  );
}

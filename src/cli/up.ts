/**
 * `outrider up FILE`
 *
 * @module
 */

import { kinds } from "@outrider/outrider/actors/kinds";
import { LOG_LEVELS } from "../log.ts";
import { pathsOf, plant } from "../manifest/plant.ts";
import { duration } from "../manifest/units.ts";
import { verdict } from "../report/cause.ts";
import { FORMATS, report } from "../report/report.ts";
import { run } from "../runtime.ts";
import type { Outcome } from "../runtime.ts";
import { complain, readFileAnd, UsageError } from "./command.ts";
import type { Verb } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import type { ExitCode } from "./exit_code.ts";
import { missingLines, prepare } from "./ready.ts";

/** Starts a tree and keeps it running. */
export const up: Verb = {
  summary: "start the sidecars of FILE, and keep them running",
  help: `Usage: outrider up FILE [OPTIONS]

Starts the sidecars of the manifest in order, restarts what fails, and tells
what happens on standard output. Ctrl-C, SIGTERM and SIGHUP stop everything in
reverse order; a second one ends everything at once.

  --for DURATION       stop by itself after that time, such as 10s or 5m
  --log-format FORMAT  text, a timeline (default); json, one event a line
  --log-level LEVEL    error, warn, info (default) or debug

Exit code: 0 stopped as asked, or every sidecar has ended for good; 1 it gave
up or could not start; 2 the manifest or the command line is wrong; 3 a
permission is missing; 130 ended by force by a second signal.`,

  async run(args) {
    const { file, values } = readFileAnd(args, {
      "for": { type: "string" },
      "log-format": { type: "string", default: "text" },
      "log-level": { type: "string", default: "info" },
    });
    const format = oneOf("--log-format", values["log-format"], FORMATS);
    const level = oneOf("--log-level", values["log-level"], LOG_LEVELS);
    const runFor = values.for === undefined ? undefined : time("--for", values.for);
    const { manifest, missing } = await prepare(file);
    if (missing.length > 0) {
      await complain(...missingLines(manifest.name, missing));
      return EXIT.PERMISSION;
    }
    const outcome = await run(plant(manifest, kinds), {
      runFor,
      report: (events) => report(events, { name: manifest.name, paths: pathsOf(manifest), format, level }),
    });
    return await codeOf(outcome, manifest.name);
  },
};

async function codeOf(outcome: Outcome, name: string): Promise<ExitCode> {
  switch (outcome.how) {
    case "stopped":
    case "finished":
      return EXIT.OK;
    case "start_failed":
    case "gave_up":
      await complain(verdict(outcome.cause, name));
      return EXIT.FAILED;
    case "forced":
      return EXIT.FORCED;
  }
}

function oneOf<Value extends string>(option: string, value: string, values: readonly Value[]): Value {
  const found = values.find((known) => known === value);
  if (found === undefined) {
    throw new UsageError(`Cannot use ${option} ${value}: it takes ${values.join(", ")}`);
  }
  return found;
}

function time(option: string, text: string): number {
  const { data } = duration(1).safeParse(text);
  if (data === undefined) {
    throw new UsageError(
      `Cannot use ${option} ${text}: it takes a time with a unit, such as 10s, up to 24 days`,
    );
  }
  return data;
}

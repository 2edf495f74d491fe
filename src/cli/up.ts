/**
 * `outrider up FILE`
 *
 * @module
 */

import { kinds } from "@outrider/outrider/actors/kinds";
import { ControlServer } from "../control/server.ts";
import { ControlSocket } from "../control/socket.ts";
import { LOG_LEVELS } from "../log.ts";
import { pathsOf, plant } from "../manifest/plant.ts";
import { FORMATS, report } from "../report/report.ts";
import { run } from "../runtime.ts";
import { complain, oneOf, readFileAnd, time } from "./command.ts";
import type { Verb } from "./command.ts";
import { codeAfter } from "./ending.ts";
import { EXIT } from "./exit_code.ts";
import { missingLines, prepare } from "./ready.ts";

/** Starts a tree and keeps it running. */
export const up: Verb = {
  summary: "start the sidecars of FILE, and keep them running",
  help: `Usage: outrider up FILE [OPTIONS]

Starts the sidecars of the manifest in order, restarts what fails, and tells
what happens on standard output. Ctrl-C, SIGTERM and SIGHUP stop everything in
reverse order; a second one ends everything at once.

  --control PATH       listen at a Unix socket there, which only this user may
                       connect to, for the verbs that take a SOCKET
  --for DURATION       stop by itself after that time, such as 10s or 5m
  --log-format FORMAT  text, a timeline (default); json, one event a line
  --log-level LEVEL    error, warn, info (default) or debug

Exit code: 0 stopped as asked, or every sidecar has ended for good; 1 it gave
up or could not start; 2 the manifest or the command line is wrong; 3 a
permission is missing; 130 ended by force by a second signal.`,

  async run(args) {
    const { file, values } = readFileAnd(args, {
      "control": { type: "string" },
      "for": { type: "string" },
      "log-format": { type: "string", default: "text" },
      "log-level": { type: "string", default: "info" },
    });
    const format = oneOf("--log-format", values["log-format"], FORMATS);
    const level = oneOf("--log-level", values["log-level"], LOG_LEVELS);
    const runFor = values.for === undefined ? undefined : time("--for", values.for);
    const { control } = values;
    const { manifest, missing } = await prepare(file, { control });
    if (missing.length > 0) {
      await complain(...missingLines(manifest.name, missing));
      return EXIT.PERMISSION;
    }
    const tree = plant(manifest, kinds);
    const socket = control === undefined ? undefined : await ControlSocket.bind(control);
    let server: ControlServer | undefined;
    try {
      const outcome = await run(tree, {
        runFor,
        report: (events) => report(events, { name: manifest.name, paths: pathsOf(manifest), format, level }),
        control: socket && ((tree) => server = new ControlServer(socket, tree)),
      });
      return await codeAfter(outcome, { name: manifest.name, stopped: EXIT.OK });
    } finally {
      await server?.close();
    }
  },
};

/**
 * The `--help` of an executable.
 */

import { basename } from "node:path";
import { type Compiled, isInCache } from "../compile/plan.ts";
import { VERB_HELP } from "../verb_help.ts";

/** The text of one of the verbs that talk to a run. */
export function helpOfVerb(verb: string, name: string): string {
  const text = VERB_HELP[verb]!.replace(" [TREE]", "")
    .replace(/^TREE is FILE,[^]*?\n\n/m, "")
    .replace(/^ {2}--own .*\n(?: {4,}.*\n)*/m, "")
    .replace(/\boutrider(?= [a-z])/g, name);
  return `${text}\n\nTREE is the one of this executable, and is left out.`;
}

/** The text, for an executable that is called `name`. */
export function helpOf(compiled: Compiled, name: string): string {
  const { manifest, control, state, unpack } = compiled;
  return `Usage: ${name} [OPTIONS]

Starts the sidecars of '${manifest.name}' in order, restarts what fails, and tells what
happens on standard output. Ctrl-C, SIGTERM, SIGHUP and SIGQUIT stop everything in
reverse order; a second one ends everything at once (the same one only after
half a second).

  --for DURATION       stop by itself after that time, such as 10s or 5m
  --keep-going         start also where a program is missing
  --wait-ready DURATION
                       stop again, with 1, unless all are ready by then
  --stop-within DURATION
                       time for stopping everything
  --exit-code-from CHILD
                       stop when CHILD has ended for good, with its exit code
  --ignore-hup         go on after SIGHUP
  --log-format FORMAT  text, a timeline (default); json, one event a line
  --log-level LEVEL    error, warn, info (default) or debug
  --time STYLE         clock, local time (default); elapsed, seconds from the
                       start
${
    state === undefined
      ? ""
      : `  --take-over          stop another run of it first, instead of refusing to start
`
  }
  ${name} check          find what is missing here, and start nothing
  ${name} permissions    print the permissions that it has, fixed when it was made
  ${name} errors [CODE]  list the codes of all errors, or explain one
${
    control === undefined ? "" : `
While it runs it listens at ${control} for

  ${name} ps                 show its children; status shows less
  ${name} logs [CHILD...]    print their last lines, and with -f what comes
  ${name} why CHILD          say how a child came to be as it is
  ${name} events             tell what happens from now on
  ${name} start CHILD...     start children that are stopped, or in quarantine
  ${name} stop CHILD...      stop children, until they are started
  ${name} restart CHILD...   stop children, and start them again
  ${name} scale POOL N       change the number of copies of a pool
  ${name} replace POOL       replace the copies of a pool, one by one
  ${name} signal CHILD SIG   send a signal to the process of a child
  ${name} ask CHILD MESSAGE  print the reply of a child; call METHOD in JSON-RPC
  ${name} pipe CHILD         pipe standard input through a child
  ${name} run CHILD          run a child once, as a job
  ${name} wait [CHILD]       wait until it, or all, is ready
  ${name} down               end it

'${name} VERB --help' has more of each.
`
  }${
    unpack === undefined ? "" : `
Its programs are unpacked to ${placeOf(unpack.folder)}
while it runs.
`
  }
Exit code: 0 stopped as asked, or every sidecar has ended for good; 1 it gave
up or could not start, or something is missing; 2 the command line is wrong; 3 a
permission is missing; 130 ended by force by a second signal.`;
}

function placeOf(folder: string): string {
  return isInCache(folder) ? `a folder ${basename(folder)} in the user's cache` : folder;
}

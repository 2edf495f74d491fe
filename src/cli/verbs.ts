/**
 * The verbs of the command line, each with one line for `--help`, in its order.
 *
 * A verb is loaded when it is run, and no other is. The imports are literal, so that Deno needs no permission for them
 * and `deno compile` and `deno publish` see them.
 */

import type { Verb } from "./verb.ts";

/** A verb that is not loaded yet. */
export interface VerbEntry {
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Loads it. */
  load(): Promise<Verb>;
}

/** All of them. */
export const VERBS: Readonly<Record<string, VerbEntry>> = {
  up: {
    summary: "start the sidecars of FILE, and keep them running",
    load: async () => (await import("./verbs/up.ts")).upVerb,
  },
  ask: {
    summary: "start a child of FILE, send it MESSAGE, print its reply",
    load: async () => (await import("./verbs/ask.ts")).askVerb,
  },
  call: {
    summary: "start a JSON-RPC child of FILE, call METHOD, print the result",
    load: async () => (await import("./verbs/call.ts")).callVerb,
  },
  pipe: {
    summary: "start a child of FILE, pipe standard input through it",
    load: async () => (await import("./verbs/pipe.ts")).pipeVerb,
  },
  run: {
    summary: "run a child of FILE once, as a job, and end with its exit code",
    load: async () => (await import("./verbs/run.ts")).runVerb,
  },
  mcp: {
    summary: "serve the MCP servers of FILE as one",
    load: async () => (await import("./verbs/mcp.ts")).mcpVerb,
  },
  check: {
    summary: "find every fault of FILE at once, and start nothing",
    load: async () => (await import("./verbs/check.ts")).checkVerb,
  },
  explain: {
    summary: "say what would happen if a child of FILE died, and start nothing",
    load: async () => (await import("./verbs/explain.ts")).explainVerb,
  },
  init: {
    summary: "write a first manifest that runs, to be changed into yours",
    load: async () => (await import("./verbs/init.ts")).init,
  },
  import: {
    summary: "print a manifest of the programs of another tool's FILE",
    load: async () => (await import("./verbs/import.ts")).importVerb,
  },
  permissions: {
    summary: "print the smallest deno run flags that FILE needs",
    load: async () => (await import("./verbs/permissions.ts")).permissionsVerb,
  },
  unit: {
    summary: "print a unit of systemd, or a job of launchd, that runs FILE",
    load: async () => (await import("./verbs/unit.ts")).unitVerb,
  },
  compile: {
    summary: "make one executable of FILE and Outrider, which needs no Deno",
    load: async () => (await import("./compile/compile.ts")).compileVerb,
  },
  schema: {
    summary: "print the JSON Schema of manifests, for editors",
    load: async () => (await import("./verbs/schema.ts")).schemaVerb,
  },
  errors: {
    summary: "list the codes of all errors, or explain one",
    load: async () => (await import("./verbs/errors.ts")).errorsVerb,
  },
  ps: {
    summary: "show a running tree: states, restarts, processor, memory",
    load: async () => (await import("./verbs/status.ts")).psVerb,
  },
  status: {
    summary: "show the states of the children of a running tree",
    load: async () => (await import("./verbs/status.ts")).statusVerb,
  },
  logs: {
    summary: "print the last lines of a running tree, and follow what comes",
    load: async () => (await import("./verbs/logs.ts")).logsVerb,
  },
  reopen: {
    summary: "open the log files of a running tree anew, for logrotate",
    load: async () => (await import("./verbs/reopen.ts")).reopenVerb,
  },
  why: {
    summary: "say how a child of a running tree came to be as it is",
    load: async () => (await import("./verbs/why.ts")).whyVerb,
  },
  events: {
    summary: "tell what happens in a running tree from now on",
    load: async () => (await import("./verbs/events.ts")).eventsVerb,
  },
  start: {
    summary: "start children of a running tree that are stopped",
    load: async () => (await import("./verbs/act.ts")).startVerb,
  },
  stop: {
    summary: "stop children of a running tree, until they are started",
    load: async () => (await import("./verbs/act.ts")).stopVerb,
  },
  restart: {
    summary: "stop children of a running tree, and start them again",
    load: async () => (await import("./verbs/act.ts")).restartVerb,
  },
  terminate: {
    summary: "the same as stop",
    load: async () => (await import("./verbs/act.ts")).stopVerb,
  },
  scale: {
    summary: "change the number of copies of a pool of a running tree",
    load: async () => (await import("./verbs/scale.ts")).scaleVerb,
  },
  replace: {
    summary: "replace the copies of a pool, one by one, and lose no request",
    load: async () => (await import("./verbs/scale.ts")).replaceVerb,
  },
  signal: {
    summary: "send a signal to the process of a child of a running tree",
    load: async () => (await import("./verbs/signal.ts")).signalVerb,
  },
  wait: {
    summary: "wait until a running tree, or a child, is ready or stopped",
    load: async () => (await import("./verbs/wait.ts")).waitVerb,
  },
  down: {
    summary: "end a running tree",
    load: async () => (await import("./verbs/down.ts")).downVerb,
  },
};

/** Verbs of pm2, docker compose, systemctl, process-compose and supervisorctl, and what does the same here. */
const FAMILIAR_VERBS: readonly (readonly [names: string, hint: string])[] = [
  ["serve launch", "'up FILE' starts a tree; 'start CHILD' starts a child of one that runs"],
  [
    "kill shutdown quit exit delete rm remove",
    "'down' ends a running tree, as Ctrl-C or SIGTERM do; 'stop CHILD' stops one child",
  ],
  ["ls list top show describe monit pid info", "'ps' shows the children of a running tree"],
  [
    "log tail attach",
    "'logs' prints the last lines of a running tree, and 'logs -f' those that come",
  ],
  ["reloadLogs rotate", "'reopen' has a running tree open its log files anew"],
  ["reload update reread", "'up FILE --take-over' stops a running tree, and starts FILE as it is now"],
  ["config validate test lint", "'check FILE' finds every fault of a manifest, and starts nothing"],
  ["exec send", "'ask FILE CHILD MESSAGE' starts a child of FILE and talks to it"],
];

/** What does here the same as the verb `name` of another tool; nothing for one that is not known. */
export function familiarVerbHint(name: string): string | undefined {
  return FAMILIAR_VERBS.find(([names]) => names.split(" ").includes(name))?.[1];
}

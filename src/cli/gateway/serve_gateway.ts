/**
 * Runs the tree of a manifest as the servers behind a gateway, until its client has gone or a signal comes.
 *
 * The invariant: standard output belongs to the client; all that is told about the tree goes to standard error.
 */

import deno from "../../../deno.json" with { type: "json" };
import { factories, optionsOf } from "@outrider/outrider/actors/factories";
import { type McpSession, mcpSession } from "@outrider/outrider/actors/mcp";
import { contain } from "../../containment/contain.ts";
import { MAX_UNREAD } from "../../gateway/client_output.ts";
import { Gateway } from "../../gateway/gateway.ts";
import { LISTS } from "../../gateway/lists/catalog.ts";
import type { GatewayOptions } from "../../gateway/gateway_options.ts";
import type { HangOptions } from "../../gateway/hang_probe.ts";
import type { PeerTransport } from "../../gateway/transport.ts";
import { LaunchedTree } from "../../launch/app.ts";
import { containedEvents, orphanEvents, orphanLines } from "../../launch/contained_events.ts";
import { jsonLine } from "../../log.ts";
import { LogPipeline } from "../../logs/pipeline.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { buildTree, type ChildFactories } from "../../manifest/resolve/child_specs.ts";
import { logsOf, pathsOf } from "../../manifest/resolve/children.ts";
import { argumentFor } from "../../manifest/tauri/import_command.ts";
import { LiveProcesses } from "../../process/live_processes.ts";
import { firstProcessWarnings } from "../../process/start/surroundings.ts";
import { openReport } from "../../report/report.ts";
import { childAt } from "../../supervision/status.ts";
import { emitAt } from "../../supervision/tree.ts";
import { codeAfter, outcomeOf } from "../failure.ts";
import { EXIT, type ExitCode, printErrors } from "../verb.ts";
import type { GatewayFront, GatewayRunOptions } from "./options.ts";
import { followPresence } from "./presence.ts";
import { isMcp, type McpChild, mcpChildren } from "./server_names.ts";

/** Processes that a list is asked of, one after the other, when each of them dies. */
const LIST_ATTEMPTS = 10;
const LIST_METHODS = Object.values(LISTS).map(({ method }) => method);

/** Milliseconds that what is under way may take when standard input has ended. */
const LAST_ANSWERS_MS = 5_000;
/** Milliseconds from one look at what is under way to the next. */
const LOOK_MS = 20;

/**
 * Serves the manifest to its end; its permissions are granted.
 *
 * @throws {UsageError} it has no MCP server, or their names can't stand side by side
 * @throws {ContainmentError} it can't be contained
 * @throws {LogFileError} a log can't be written
 */
export async function serveGateway(manifest: Manifest, options: GatewayRunOptions): Promise<ExitCode> {
  const { file, format, level, time, warnings = [], needsAll, stopWithin = manifest.stopWithin } = options;
  const servers = mcpChildren(manifest, { hasLocalTools: options.controlTools, named: options.named });
  const { tree, sessions } = plant(manifest, servers);
  const json = format === "json";
  // Each client may start a gateway of its own for the same file.
  const containment = await contain(file, { onHostDeath: manifest.onHostDeath, shared: true });
  const more = containedEvents(containment, [...warnings, ...firstProcessWarnings()]);
  // What only these tools tell is kept only for them.
  const lives = options.controlTools ? new (await import("../served/lives.ts")).Lives() : undefined;
  const logs = new LogPipeline({
    more: (event, isFirst) => {
      const events = more(event, isFirst);
      return lives?.noting(events) ?? events;
    },
  });
  await openFiles(logs, manifest).catch(async (thrown) => {
    await containment.close();
    throw thrown;
  });
  openReport(logs, { name: manifest.name, paths: pathsOf(manifest), format, level, time, to: "stderr" });
  const app = new LaunchedTree(tree, {
    stopDeadline: stopWithin,
    keepGoing: !needsAll,
    onSignal: "stop",
    containment,
    processes: new LiveProcesses(containment.registry),
    logs,
    onOrphans: (orphans) => printErrors(...json ? orphanEvents(orphans).map(jsonLine) : orphanLines(orphans)),
  });
  const over = new AbortController();
  const warn = (message: string) => emitAt(app, "/", { type: "warning", message });
  let refused: string | undefined;
  const paths = new Map(servers.map(({ path, name }) => [name, path]));
  let localTools: GatewayOptions["localTools"];
  if (lives !== undefined) {
    void lives.follow(app, over.signal).catch(() => {});
    const { controlTools } = await import("./control_tools.ts");
    localTools = controlTools({
      system: app,
      root: tree,
      logs,
      lives,
      paths,
      unshown: () => gateway.unshown(),
    });
  }
  const gateway: Gateway = new Gateway({
    ...options.gateway,
    name: manifest.name,
    version: deno.version,
    localTools,
    // A client that reads an answer of the largest size is one that reads.
    maxUnread: Math.max(MAX_UNREAD, ...servers.map(({ entry }) => 2 * entry.maxFrame)),
    warn,
    onRefused(message) {
      refused = message;
      void app.stopFor(message);
    },
    servers: servers.map(({ name, path }) => {
      const { hungAfter, ...limits } = options.limitsOf({ name, path });
      return {
        name,
        connect: () => sessions.get(path)!.transport(app.ref(path)) as PeerTransport,
        ...limits,
        hang: hungAfter === undefined
          ? undefined
          : hangOptions({ app, tree, name, path, after: hungAfter, warn }),
      };
    }),
  });
  void followPresence(app, {
    gateway,
    servers: new Map(servers.map(({ path, name }) => [path, name])),
    signal: over.signal,
  });
  void closeAtStop(app, gateway, over.signal);
  let front: GatewayFront | undefined;
  try {
    front = await options.open(gateway, { warn });
    void front.ended.then(async (why) => {
      await settled(gateway);
      // Clients close standard input, and send SIGTERM after that, some of them at once.
      await app.stopBeforeSignal(why);
    });
    const outcome = await outcomeOf(app);
    if (refused !== undefined) {
      await printErrors(refused);
      return EXIT.USAGE;
    }
    const check = `outrider check ${argumentFor(file)}`;
    return await codeAfter(outcome, { name: manifest.name, stopped: EXIT.OK, json, check });
  } finally {
    await app.stop();
    over.abort();
    await gateway.close("the gateway stops");
    await front?.close?.();
  }
}

/** The tree, in which each MCP server is a session, and the sessions by path. */
function plant(manifest: Manifest, servers: readonly McpChild[]): {
  readonly tree: ReturnType<typeof buildTree>;
  readonly sessions: ReadonlyMap<string, McpSession>;
} {
  const sessions = new Map<string, McpSession>();
  const made: ChildFactories = {
    ...factories,
    sidecar(entry) {
      const server = servers.find((server) => server.entry === entry);
      if (server === undefined || !isMcp(entry)) return factories.sidecar(entry);
      const { until: _, protocol: __, ...options } = optionsOf(entry);
      // A list that a death has cut is asked for again, where a call fails; a server without its lists would not be shown.
      const session = mcpSession(entry.id, {
        ...options,
        attempts: Math.max(options.attempts ?? 0, LIST_ATTEMPTS),
        idempotent: { methods: LIST_METHODS },
      });
      sessions.set(server.path, session);
      return session;
    },
  };
  return { tree: buildTree(manifest, made), sessions };
}

/** A server that hangs is restarted, by the rules of a restart by hand. */
function hangOptions(
  { app, tree, name, path, after, warn }: {
    readonly app: LaunchedTree;
    readonly tree: ReturnType<typeof buildTree>;
    readonly name: string;
    readonly path: string;
    readonly after: number;
    readonly warn: (message: string) => void;
  },
): HangOptions {
  return {
    after,
    generation() {
      const { state, generation } = childAt(app.status(), path) ?? {};
      return state === "running" ? generation : undefined;
    },
    async onHung() {
      warn(`The server '${name}' hangs: it has not answered a ping within ${after} ms; it is restarted`);
      const { CommandHandler } = await import("../../control/commands.ts");
      const commands = new CommandHandler({ system: app, root: tree, stop: () => {}, via: "mcp" });
      await commands.act("restart", path).catch((error) => warn(error.message));
    },
  };
}

async function openFiles(logs: LogPipeline, manifest: Manifest): Promise<void> {
  const files = logsOf(manifest);
  if (files.length === 0) return;
  const { openTreeLogs } = await import("../../launch/log_files.ts");
  const warn = (message: string) => printErrors(`Warning: ${message}`);
  await openTreeLogs(logs, files, { name: manifest.name, paths: pathsOf(manifest), warn });
}

/** What clients wait for is answered before the servers are stopped, which would be told as failures of theirs. */
async function closeAtStop(app: LaunchedTree, gateway: Gateway, signal: AbortSignal): Promise<void> {
  try {
    for await (const { path } of app.events({ types: ["stopping"], signal })) if (path === "/") break;
    await gateway.close("the gateway stops");
  } catch {
    // Aborted: it is over.
  }
}

/** Fulfilled when nothing is under way any more, or that takes too long. */
async function settled(gateway: Gateway): Promise<void> {
  for (let waited = 0; gateway.load > 0 && waited < LAST_ANSWERS_MS; waited += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

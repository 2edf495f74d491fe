/**
 * The tools of `--control-tools`: a model sees how the servers of its gateway are, and may restart one.
 */

import { LOCAL_NAME, type LocalTools } from "../../gateway/local_tools.ts";
import { SEPARATOR } from "../../gateway/lists/names.ts";
import type { MessageParams } from "../../gateway/messages.ts";
import { CommandHandler, Refusal } from "../../control/commands.ts";
import type { LogPipeline } from "../../logs/pipeline.ts";
import { clockTime } from "../../report/clock_time.ts";
import { statusTable } from "../../report/status_table.ts";
import type { ChildSpec } from "../../supervision/child_spec.ts";
import type { System } from "../../supervision/tree.ts";
import { asError } from "../../actor/exit.ts";
import { visibleLine } from "../../text/printable.ts";
import type { Lives } from "../served/lives.ts";
import { whyLines } from "../verbs/why.ts";

/** Lines of a log, if nothing is said, and at most. */
const [LINES, MAX_LINES] = [50, 1_000];

/** What they are about. */
export interface ToolsTree {
  readonly system: System;
  readonly root: ChildSpec;
  readonly logs: LogPipeline;
  readonly lives: Lives;
  /** The path of each server, by the name that the gateway shows. */
  readonly paths: ReadonlyMap<string, string>;
  /** Why each server is not shown that is not, by name. */
  readonly unshown: () => ReadonlyMap<string, string>;
}

const SERVER = { type: "string", description: "The server's name, or the path of a child in the tree" };

const READS = { readOnlyHint: true, openWorldHint: false };

const TOOLS = {
  ps: {
    title: "Show the servers",
    description:
      "Shows every server of this gateway, and what runs beside them: state, restarts, last failure.",
    inputSchema: { type: "object", properties: {} },
    annotations: READS,
  },
  logs: {
    title: "Show the log of a server",
    description: "Shows the last lines that a server has written to standard error.",
    inputSchema: {
      type: "object",
      properties: {
        server: SERVER,
        lines: { type: "integer", minimum: 1, maximum: MAX_LINES, description: `Default ${LINES}` },
      },
      required: ["server"],
    },
    annotations: READS,
  },
  why: {
    title: "Say how a server came to be as it is",
    description: "Tells of the last starts and ends of a server, why it ended, and what was decided then.",
    inputSchema: { type: "object", properties: { server: SERVER }, required: ["server"] },
    annotations: READS,
  },
  restart: {
    title: "Restart a server",
    description: "Stops a server and starts it again, also out of quarantine. What it had in memory is lost.",
    inputSchema: { type: "object", properties: { server: SERVER }, required: ["server"] },
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  },
} as const;

type ToolName = keyof typeof TOOLS;

const PREFIX = `${LOCAL_NAME}${SEPARATOR}`;

/** The tools for a tree. */
export function controlTools(tree: ToolsTree): LocalTools {
  const commands = new CommandHandler({ system: tree.system, root: tree.root, stop: () => {}, via: "mcp" });
  const toolOf = (shown: string) => shown.slice(PREFIX.length) as ToolName;
  const acts: Record<ToolName, (args: MessageParams) => string | Promise<string>> = {
    ps() {
      const missing = [...tree.unshown()].map(([name, why]) => `Not shown: ${name}: ${why}`);
      return [...statusTable(commands.status(), { color: false }), ...missing].join("\n");
    },
    logs: ({ server, lines }) => lastLines(tree.logs, pathOf(server), lines),
    why(args) {
      const path = pathOf(args.server);
      const report = { now: Date.now(), child: commands.child(path)!, lives: tree.lives.of(path) };
      const missing = [...tree.unshown()].filter(([name]) => tree.paths.get(name) === path)
        .map(([, why]) => `It is not shown: ${why}`);
      return [...whyLines(report, commands.status()), ...missing].join("\n");
    },
    async restart({ server }) {
      const path = pathOf(server);
      await commands.act("restart", path);
      return `'${path}' runs again: #${commands.child(path)?.generation}`;
    },
  };
  const pathOf = (server: unknown): string => {
    const path = tree.paths.get(String(server)) ?? String(server);
    if (commands.child(path) !== null) return path;
    throw new Refusal(
      "not_found",
      `Cannot find '${server}': the servers are ${[...tree.paths.keys()].join(", ")}`,
    );
  };
  return {
    items: Object.entries(TOOLS).map(([name, tool]) => ({ name: PREFIX + name, ...tool })),
    has: (shown) => shown.startsWith(PREFIX) && Object.hasOwn(TOOLS, toolOf(shown)),
    async call(shown, args) {
      try {
        return result(await acts[toolOf(shown)](args));
      } catch (error) {
        return { ...result(asError(error).message), isError: true };
      }
    },
  };
}

function result(text: string): MessageParams {
  return { content: [{ type: "text", text }] };
}

function lastLines(logs: LogPipeline, path: string, wanted: unknown): string {
  const count = Math.min(MAX_LINES, Math.max(1, Math.trunc(Number(wanted ?? LINES)) || LINES));
  const lines = logs.recent(path).flatMap((part) => part.lines())
    .slice(-count)
    .map(({ at, generation, line }) => visibleLine(`${clockTime(at)} #${generation} ${line}`));
  return lines.length === 0 ? `'${path}' has written no line yet` : lines.join("\n");
}

/** The decision table of `RESTARTS`, as Markdown: `deno run tests/supervision/verdict_table.ts` prints it. */
import type { DeathKind } from "../../src/actor/exit.ts";
import { RESTARTS, type RestartType } from "../../src/supervision/restart/restart_rules.ts";

/** In the order of their docs; the compiler says when one is missing. */
const MEANINGS: Readonly<Record<DeathKind, string>> = {
  completed: "it ended in order, exit code 0",
  exit_code: "another exit code",
  signal: "a signal",
  exception: "an actor's own code failed",
  killed: "an actor was ended by force",
  not_ready: "it was not ready in time",
  unhealthy: "its liveness probe failed",
  over_limit: "it used more than its limits allow",
  protocol: "a broken protocol, if it is strict",
  unstartable: "the program, its folder or a permission is missing",
};

/** One row for each cause of death, one column for each restart type, as `deno fmt` lays it out. */
export function verdictTable(): string {
  const types = Object.keys(RESTARTS) as RestartType[];
  const rows = (Object.keys(MEANINGS) as DeathKind[]).map((kind) => [
    `\`${kind}\``,
    MEANINGS[kind],
    ...types.map((type) => RESTARTS[type].includes(kind) ? "restart" : ""),
  ]);
  const table = [["cause", "what happened", ...types.map((type) => `\`${type}\``)], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const [head, ...body] = table;
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

if (import.meta.main) console.log(verdictTable());

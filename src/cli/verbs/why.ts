/**
 * `outrider why`
 */

import type { Life, TreeReport, WhyReport } from "../../control/protocol.ts";
import { clockTime, localDate } from "../../report/clock_time.ts";
import { stateText } from "../../report/status_table.ts";
import { pathNamed, splitPath } from "../../supervision/child_path.ts";
import { visibleJson } from "../../text/printable.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { formatDuration, printableLine } from "../../text/words.ts";
import { CHILD, EXIT, print, type Verb } from "../verb.ts";
import { againLine, readTreeArgs, withTree } from "../control/request.ts";
import { verbLine } from "../control/target.ts";

/** Says how a child came to be as it is. */
export const whyVerb: Verb = async (args) => {
  const { target, rest: [child = ""], timeout, values } = await readTreeArgs(args, {
    json: { type: "boolean" },
  }, { names: [CHILD] });
  const json = values.json === true;
  return await withTree({ target, acts: false, timeout, json }, async (client) => {
    const report = await client.request({ method: "why", child });
    const { waitsFor } = report.child;
    const tree = waitsFor && !json ? await client.request({ method: "status" }) : undefined;
    if (json) print(...visibleJson(JSON.stringify(report, null, 2)).split("\n"));
    else {
      for (const line of whyLines(report, tree)) console.log(line);
      const { state, generation } = report.child;
      if (state === "quarantined" || state === "stopped") {
        print(
          generation === 0
            ? `To start it: ${verbLine(target, "start")} ${shellQuote(child)}`
            : againLine(target, child),
        );
      }
    }
    return EXIT.OK;
  });
};

/** A child as it stands, what comes next, and its incarnations, the latest first; `tree` has those that it waits for. */
export function whyLines({ now, child, lives }: WhyReport, tree?: TreeReport): string[] {
  const since = child.since === undefined ? "" : ` for ${formatDuration(now - child.since)}`;
  const next = child.until === undefined
    ? ""
    : `; started again in ${formatDuration(Math.max(0, child.until - now))}`;
  const unready = child.ready === false ? ", not ready" : "";
  return [
    printableLine(`${child.path}: ${child.state}${unready}${since}${next}`),
    ...lives.flatMap((life) => lifeLines(life, now)),
    ...(child.waitsFor ?? []).flatMap((id) => waitedLines(child.path, id, tree)),
    ...lives.length > 0 ? [] : [
      `  it has not been started yet${
        child.startsByHand ? `: "start" is false, so only a request starts it` : ""
      }`,
    ],
  ];
}

/** A child that the one at `path` waits for, as that stands: a sibling by its id, another by its path. */
function waitedLines(path: string, name: string, tree: TreeReport | undefined): string[] {
  const named = pathNamed(splitPath(path).parent, name) ?? name;
  const other = tree?.children.find((child) => child.path === named || child.path === name);
  if (other === undefined) return [printableLine(`  for ${named}`)];
  return [printableLine(`  for ${other.path}: ${stateText(other, tree!.now)}`)];
}

function lifeLines(
  { generation, startedAt, readyAt, endedAt, pid, asked, end, decision }: Life,
  now: number,
): string[] {
  const process = pid === undefined ? "" : `, pid ${pid}`;
  const by = asked === undefined ? "" : `, by hand (${asked})`;
  const ready = readyAt === undefined ? "" : `, its start took ${formatDuration(readyAt - startedAt)}`;
  // Before there is a process, a start is an attempt.
  const began = pid === undefined && readyAt === undefined && endedAt !== undefined
    ? "was to start"
    : "started";
  const indent = "          ";
  return [
    `  #${generation}  ${clock(startedAt, now)}  ${began}${by}${process}${ready}`,
    ...endedAt === undefined ? [] : [
      `${indent}${clock(endedAt, now)}  ${end ?? "ended"}${
        readyAt === undefined ? "" : `, after ${formatDuration(endedAt - readyAt)}`
      }`,
    ],
    ...decision === undefined ? [] : [`${indent}          ${decision}`],
  ].map(printableLine);
}

/** The time on the clock here, with the date where that is another day's. */
function clock(at: number, now: number): string {
  const [time] = clockTime(at).split(".");
  return localDate(at) === localDate(now) ? time! : `${localDate(at)} ${time}`;
}

/**
 * `outrider why`
 */

import type { Life, WhyReport } from "../../control/protocol.ts";
import { clockTime, localDate } from "../../report/clock_time.ts";
import { visibleJson } from "../../text/printable.ts";
import { formatDuration, printableLine } from "../../text/words.ts";
import { CHILD, EXIT, print, type Verb } from "../verb.ts";
import { againLine, readTreeArgs, withTree } from "../request.ts";

/** Says how a child came to be as it is. */
export const whyVerb: Verb = async (args) => {
  const { target, rest: [child = ""], timeout, values } = await readTreeArgs(args, {
    json: { type: "boolean" },
  }, { names: [CHILD] });
  const json = values.json === true;
  return await withTree({ target, acts: false, json }, async (client) => {
    const report = await client.request({ method: "why", child }, timeout);
    if (json) print(...visibleJson(JSON.stringify(report, null, 2)).split("\n"));
    else {
      for (const line of whyLines(report)) console.log(line);
      const { state } = report.child;
      if (state === "quarantined" || state === "stopped") print(againLine(target, child));
    }
    return EXIT.OK;
  });
};

/** A child as it stands, what comes next, and its incarnations, the latest first. */
export function whyLines({ now, child, lives }: WhyReport): string[] {
  const since = child.since === undefined ? "" : ` for ${formatDuration(now - child.since)}`;
  const next = child.until === undefined
    ? ""
    : `; started again in ${formatDuration(Math.max(0, child.until - now))}`;
  const unready = child.ready === false ? ", not ready" : "";
  return [
    printableLine(`${child.path}: ${child.state}${unready}${since}${next}`),
    ...lives.flatMap((life) => lifeLines(life, now)),
    ...lives.length === 0 ? ["  it has not been started yet"] : [],
  ];
}

function lifeLines(
  { generation, startedAt, readyAt, endedAt, pid, asked, end, decision }: Life,
  now: number,
): string[] {
  const process = pid === undefined ? "" : `, pid ${pid}`;
  const by = asked === undefined ? "" : `, by hand (${asked})`;
  const ready = readyAt === undefined ? "" : `, ready after ${formatDuration(readyAt - startedAt)}`;
  const indent = "          ";
  return [
    `  #${generation}  ${clock(startedAt, now)}  started${by}${process}${ready}`,
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

/**
 * `outrider status` and `outrider ps`
 */

import type { ControlClient } from "../../control/client.ts";
import type { ChildReport, TreeReport, UsageReport } from "../../control/protocol.ts";
import { STOP_SIGNALS } from "../../launch/process_ends.ts";
import { cutTo, Screen, screenSize } from "../../report/output/screen.ts";
import { statusTable } from "../../report/status_table.ts";
import { notReadyText } from "../../service/well.ts";
import { visible, visibleJson } from "../../text/printable.ts";
import { sleep, systemClock } from "../../time/clock.ts";
import { EXIT, print, type Verb } from "../verb.ts";
import { againLine, readTreeArgs, withTree } from "../control/request.ts";
import type { TreeTarget } from "../control/target.ts";

/** Milliseconds from one look to the next, with `--watch`. */
const WATCH_MS = 2_000;

/** Whether only an operator starts it again. */
function isForHand({ state, lastExit }: ChildReport): boolean {
  return state === "quarantined" || (state === "stopped" && lastExit?.how === "start_failed");
}

/** Shows a running tree. */
export const statusVerb: Verb = async (args) => {
  const { target, timeout, values } = await readTreeArgs(args, { json: { type: "boolean" } }, { names: [] });
  const json = values.json === true;
  return await withTree({ target, acts: false, timeout, json }, async (client) => {
    show({ tree: await client.request({ method: "status" }), target }, { json });
    return EXIT.OK;
  });
};

/** Shows a running tree with what its processes use, once or again and again. */
export const psVerb: Verb = async (args) => {
  const { target, timeout, values } = await readTreeArgs(args, {
    json: { type: "boolean" },
    watch: { type: "boolean", short: "w" },
  }, { names: [] });
  const json = values.json === true;
  return await withTree(
    { target, acts: false, timeout, goesOn: values.watch === true, json },
    async (client) => {
      const look = async (): Promise<Seen> => {
        const [tree, usage] = await Promise.all([
          client.request({ method: "status" }),
          usageOf(client),
        ]);
        return { tree, usage, target };
      };
      if (!values.watch) show(await look(), { json });
      else if (!json && Deno.stdout.isTerminal()) await watch(look);
      else {
        for (;;) {
          show(await look(), { json, isLine: true });
          await sleep(systemClock, WATCH_MS);
        }
      }
      return EXIT.OK;
    },
  );
};

/** Shows it on the whole terminal until a signal, again at once when that gets another size. */
async function watch(look: () => Promise<Seen>): Promise<void> {
  let seen = await look();
  const over = new AbortController();
  const end = () => over.abort();
  using screen = new Screen();
  const draw = () => {
    const size = screenSize() ?? { columns: 80, rows: 24 };
    // The lines of the table are cut already, and have colours.
    const lines = linesOf(seen, size.columns).map((line) =>
      line.includes("\x1b") ? line : cutTo(size.columns, line)
    );
    screen.draw(lines, size);
  };
  for (const name of STOP_SIGNALS) Deno.addSignalListener(name, end);
  Deno.addSignalListener("SIGWINCH", draw);
  try {
    while (!over.signal.aborted) {
      draw();
      await sleep(systemClock, WATCH_MS, over.signal);
      if (!over.signal.aborted) seen = await look();
    }
  } finally {
    for (const name of STOP_SIGNALS) Deno.removeSignalListener(name, end);
    Deno.removeSignalListener("SIGWINCH", draw);
  }
}

/** What processes use; nothing of an older runtime. */
async function usageOf(client: ControlClient): Promise<UsageReport> {
  const { methods } = await client.request({ method: "hello" });
  return methods.includes("usage")
    ? await client.request({ method: "usage" })
    : { isKnown: false, children: [] };
}

/** A running tree, looked at once. */
interface Seen {
  readonly tree: TreeReport;
  /** Of `ps`. */
  readonly usage?: UsageReport;
  readonly target: TreeTarget;
}

function show(
  seen: Seen,
  { json, isLine = false }: {
    readonly json: boolean;
    /** Whether JSON is one line. */
    readonly isLine?: boolean;
  },
): void {
  if (!json) {
    const width = Deno.stdout.isTerminal() ? screenSize()?.columns : undefined;
    for (const line of linesOf(seen, width)) console.log(line);
    return;
  }
  const { tree, usage } = seen;
  const used = new Map(usage?.children.map((one) => [one.path, one]));
  const children = tree.children.map((child) => ({ ...child, ...used.get(child.path) }));
  const text = JSON.stringify(
    usage === undefined ? tree : { ...tree, children },
    null,
    isLine ? undefined : 2,
  );
  print(...visibleJson(text).split("\n"));
}

/** A table, and what to do by hand; cut to the width of a terminal, if there is one. */
function linesOf({ tree, usage, target }: Seen, width: number | undefined): string[] {
  const color = Deno.stdout.isTerminal() && !Deno.noColor;
  const reasons = tree.children.flatMap(({ path, notReady }) =>
    notReady === undefined ? [] : [`${path}: ${notReadyText(notReady, tree.now)}`]
  );
  const byHand = tree.phase === "stopping" ? [] : tree.children.filter(isForHand);
  const more = [reasons, byHand.map(({ path }) => againLine(target, path))];
  return [
    ...statusTable(tree, { color, width, usage: usage?.children }),
    ...more.flatMap((lines) => lines.length === 0 ? [] : ["", ...lines.map(visible)]),
  ];
}

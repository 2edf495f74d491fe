/**
 * `outrider status` and `outrider ps`
 */

import type { ControlClient } from "../../control/client.ts";
import type { ChildReport, TreeReport, UsageReport } from "../../control/protocol.ts";
import { statusTable } from "../../report/status_table.ts";
import { notReadyText } from "../../service/well.ts";
import { visible, visibleJson } from "../../text/printable.ts";
import { EXIT, print, type Verb } from "../verb.ts";
import { againLine, readTreeArgs, withTree } from "../request.ts";
import type { TreeTarget } from "../target.ts";

/** Milliseconds from one look to the next, with `--watch`. */
const WATCH_MS = 2_000;
/** Clears a terminal. */
const CLEAR = "\x1b[H\x1b[2J\x1b[3J";

/** Whether only an operator starts it again. */
function isForHand({ state, lastExit }: ChildReport): boolean {
  return state === "quarantined" || (state === "stopped" && lastExit?.how === "start_failed");
}

/** Shows a running tree. */
export const statusVerb: Verb = async (args) => {
  const { target, timeout, values } = await readTreeArgs(args, { json: { type: "boolean" } }, { names: [] });
  const json = values.json === true;
  return await withTree({ target, acts: false, json }, async (client) => {
    show(await client.request({ method: "status" }, timeout), { json, target });
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
  return await withTree({ target, acts: false, json }, async (client) => {
    for (;;) {
      const [tree, usage] = await Promise.all([
        client.request({ method: "status" }, timeout),
        usageOf(client, timeout),
      ]);
      if (values.watch && !json && Deno.stdout.isTerminal()) {
        Deno.stdout.writeSync(new TextEncoder().encode(CLEAR));
      }
      show(tree, { json, target, usage, isLine: values.watch === true });
      if (!values.watch) return EXIT.OK;
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    }
  });
};

/** What processes use; nothing of an older runtime. */
async function usageOf(client: ControlClient, timeout: number | undefined): Promise<UsageReport> {
  const { methods } = await client.request({ method: "hello" }, timeout);
  return methods.includes("usage")
    ? await client.request({ method: "usage" }, timeout)
    : { isKnown: false, children: [] };
}

function show(
  tree: TreeReport,
  { json, target, usage, isLine = false }: {
    readonly json: boolean;
    readonly target: TreeTarget;
    readonly usage?: UsageReport | undefined;
    /** Whether JSON is one line. */
    readonly isLine?: boolean;
  },
): void {
  if (json) {
    const used = new Map(usage?.children.map((one) => [one.path, one]));
    const children = tree.children.map((child) => ({ ...child, ...used.get(child.path) }));
    const text = JSON.stringify(
      usage === undefined ? tree : { ...tree, children },
      null,
      isLine ? undefined : 2,
    );
    return print(...visibleJson(text).split("\n"));
  }
  const isTerminal = Deno.stdout.isTerminal();
  // A terminal that does not know its width says 0.
  const width = isTerminal ? Deno.consoleSize().columns || undefined : undefined;
  const color = isTerminal && !Deno.noColor;
  for (const line of statusTable(tree, { color, width, usage: usage?.children })) console.log(line);
  const reasons = tree.children.flatMap(({ path, notReady }) =>
    notReady === undefined ? [] : [`${path}: ${notReadyText(notReady, tree.now)}`]
  );
  if (reasons.length > 0) print("", ...reasons.map(visible));
  const byHand = tree.phase === "stopping" ? [] : tree.children.filter(isForHand);
  if (byHand.length > 0) print("", ...byHand.map(({ path }) => againLine(target, path)));
}

/**
 * `outrider status SOCKET`
 */

import type { ChildReport } from "../../control/protocol.ts";
import { statusTable } from "../../report/status_table.ts";
import { visibleJson } from "../../text/printable.ts";
import { print, type Verb } from "../verb.ts";
import { againLine, readSocketArgs, request } from "../request.ts";

/** Whether only an operator starts it again. */
function isForHand({ state, lastExit }: ChildReport): boolean {
  return state === "quarantined" || (state === "stopped" && lastExit?.how === "start_failed");
}

/** Shows a running tree. */
export const statusVerb: Verb = (args) => {
  const { socket, timeout, values } = readSocketArgs(args, { json: { type: "boolean" } }, { child: false });
  return request(socket, { method: "status" }, {
    timeout,
    json: values.json === true,
    done: (tree) => {
      if (values.json === true) return print(...visibleJson(JSON.stringify(tree, null, 2)).split("\n"));
      const isTerminal = Deno.stdout.isTerminal();
      // A terminal that does not know its width says 0.
      const width = isTerminal ? Deno.consoleSize().columns || undefined : undefined;
      for (const line of statusTable(tree, { color: isTerminal && !Deno.noColor, width })) console.log(line);
      const byHand = tree.phase === "stopping" ? [] : tree.children.filter(isForHand);
      if (byHand.length > 0) print("", ...byHand.map(({ path }) => againLine(socket, path)));
    },
  });
};

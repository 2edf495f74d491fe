/**
 * `outrider status SOCKET`
 */

import { shellQuote } from "../../text/shell_quote.ts";
import { statusTable } from "../../report/status_table.ts";
import { visibleJson } from "../../text/printable.ts";
import { print, type Verb } from "../verb.ts";
import { readSocketArgs, request } from "../request.ts";

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
      const held = tree.children.filter(({ state }) => state === "quarantined");
      for (const { path } of held) {
        print("", `To start it again: outrider restart ${shellQuote(socket)} ${shellQuote(path)}`);
      }
    },
  });
};

/**
 * Whether a child that a sibling waits for ever completes. Like the other rules it reads the value as it is written.
 *
 * A supervisor looks at deaths only when its start is over. So the first end of the child lets the
 * sibling start, whatever comes then; if what comes then is a restart, the child was never done, and its restarts use
 * up the intensity. systemd refuses the same of a `oneshot` service.
 */

import type { DeathCause } from "../../actor/exit.ts";
import { type DependencyCondition, isElsewhere, isEnd } from "../../supervision/dependencies.ts";
import { decideRestart } from "../../supervision/restart/restart_rules.ts";
import { type Lists, named } from "./placed.ts";
import type { ManifestIssue } from "../issue.ts";
import { restartField, splitRestart } from "../../options/fields/restart.ts";
import { resolveField } from "../../options/check.ts";
import { quote } from "../../text/words.ts";

type Value = Readonly<Record<string, unknown>>;

const IN_ORDER: DeathCause = { kind: "completed", code: 0 };

/**
 * Each dependency in the last of `lists` that waits for the end of a child that is started again, or has no end of its own.
 */
export function neverCompleted(lists: Lists): ManifestIssue[] {
  const siblings = lists.at(-1) ?? [];
  const byId = new Map(siblings.map(({ child }) => [child.id, child]));
  return siblings.flatMap(({ child, at }) =>
    !Array.isArray(child.after) ? [] : child.after.flatMap((one: unknown, index): ManifestIssue[] => {
      if (typeof one !== "object" || one === null) return [];
      const { id, condition } = one as Value;
      if (!isEnd(condition as DependencyCondition)) return [];
      const awaited = typeof id === "string" && isElsewhere(id) ? named(id, lists)?.child : byId.get(id);
      if (awaited === undefined || awaited === child) return [];
      const why = endless(awaited);
      return why === undefined ? [] : [{
        path: [...at, "after", index, "condition"],
        message: `${quote(String(id))} never completes: ${why.message}`,
        hint: why.hint,
      }];
    })
  );
}

/** Explains why a child never completes, with the way out; nothing if it does. */
function endless(child: Value): { readonly message: string; readonly hint: string } | undefined {
  if (Array.isArray(child.children) && (child.autoShutdown ?? "never") === "never") {
    return {
      message: "a supervisor without an automatic shutdown ends only when it gives up",
      hint: `set its "autoShutdown" to "any_significant" or "all_significant"`,
    };
  }
  if (typeof child.sidecar === "object") {
    return { message: "a pool ends only when it gives up", hint: `wait until it is "ready"` };
  }
  // An invalid restart type is a fault of its own.
  const written = resolveField(restartField, child.restart ?? "permanent");
  if (written === undefined) return undefined;
  const judged = splitRestart(written as Parameters<typeof splitRestart>[0]);
  const { verdict, by } = decideRestart(judged, IN_ORDER, [{ at: 0, death: IN_ORDER }]);
  if (verdict !== "restart") return undefined;
  return by === "force"
    ? { message: "it is started again after exit code 0, as its restart says", hint: `take 0 out of "force"` }
    : {
      message: `it is ${judged.restart}, so it is started again after an end in order`,
      hint: `set its "restart" to "transient" or "temporary"`,
    };
}

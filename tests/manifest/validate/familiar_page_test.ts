/** The page for those who come from another process manager, and the hints of `check`, say the same of each field. */
import { assertEquals } from "@std/assert";
import { familiarKeyHint } from "../../../src/manifest/validate/familiar_keys.ts";
import { handlerFields, timingFields } from "../../../src/options/fields/probes.ts";
import {
  sidecarEntryField as sidecar,
  supervisorEntryField as supervisor,
} from "../../../src/manifest/fields/manifest.ts";
import { nearestKey } from "../../../src/text/words.ts";

const PAGE = Deno.readTextFileSync(
  new URL("../../../docs/coming-from-process-managers.md", import.meta.url),
);

/** Where a key may be written. */
const PLACES = [sidecar, supervisor].map(({ fields }) => Object.keys(fields)).concat([
  Object.keys({ ...handlerFields, ...timingFields }),
]);

/** A row of a table of fields: the names there, and what the page says of them. */
interface Row {
  readonly names: readonly string[];
  readonly here: string;
}

/** The rows whose first cell has names of keys alone. */
function rows(): Row[] {
  const tables = PAGE.split(/^\| in (?:a|`[a-z.-]+`) .*\n/m).slice(1).map((text) => text.split("\n\n")[0]!);
  return tables.flatMap((table) => table.split("\n").slice(1)).flatMap((line) => {
    const [, there, here] = /^\| (.*?) *\| (.*?) *\|$/.exec(line) ?? [];
    const names = [...(there ?? "").matchAll(/`([A-Za-z_]+)(?:=\S+)?`/g)].map(([, name]) => name!);
    return here === undefined || names.length === 0 ? [] : [{ names, here }];
  });
}

/** The words in what `marks` enclose: code of the page, quotes of a hint. */
function words(text: string, marks: RegExp): string[] {
  return [...text.matchAll(marks)].flatMap(([, code]) => code!.match(/[A-Za-z]+/g) ?? []);
}

/** What is not a key of a child: variables, values, and keys within others. */
const NO_KEYS = new Set(
  ["PORT", "PC_REPLICA_NUM", "services", "processes", "always", "false", "signal", "timeout_seconds"].concat(
    ["process_started", "process_healthy", "process_log_ready"],
    ["process_completed", "process_completed_successfully"],
  ),
);

/** What `check` says of a key wherever it may stand; for a key of ours, its name in quotes. */
function hintsFor(name: string): string[] {
  return PLACES.flatMap((valid) => {
    const hint = valid.includes(name) ? undefined : familiarKeyHint(name, undefined, valid);
    return hint ?? (nearestKey(name, valid) === undefined ? [] : `"${nearestKey(name, valid)}"`);
  });
}

for (const { names, here } of rows()) {
  for (const name of names.filter((name) => !NO_KEYS.has(name))) {
    Deno.test(`the hint for ${name} names what the page names: ${here}`, () => {
      const [hints, said] = [hintsFor(name), words(here, /`([^`]+)`/g)];
      const agrees = hints.some((hint) => {
        const named = words(hint, /"([^"]+)"/g);
        // What to write instead comes first; where there is nothing, the page has "none", and perhaps what does the same.
        if (!here.startsWith("none")) {
          return named.slice(0, hint.startsWith("write") ? 1 : undefined).some(isSaid);
        }
        return said.length === 0 ? !hint.startsWith("write") : named.some(isSaid) || quotedVerb(hint, here);
      });
      function isSaid(word: string): boolean {
        return said.includes(word);
      }
      assertEquals(agrees, true, `${name}: ${hints.join("; ")}`);
    });
  }
}

/** Whether both name a command of outrider, or neither does. */
function quotedVerb(hint: string, here: string): boolean {
  const verb = (text: string) => /outrider (\w+)/.exec(text)?.[1];
  return verb(hint) === verb(here);
}

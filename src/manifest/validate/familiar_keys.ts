/**
 * Hints for keys of a manifest that are unknown here but known from other tools: the key that means the same, with the
 * value as it is written here. What each key is stands in `familiar_table.ts`.
 */

import { ABSENT, ALSO, FAMILIAR_KEYS, type FamiliarKey } from "./familiar_table.ts";
import type { Home } from "./familiar_parts.ts";
import { seconds } from "./familiar_values.ts";
import { editDistance, foldKey, inlineJson, nearestKey } from "../../text/words.ts";

const BY_NAME = new Map(
  [...Object.keys(FAMILIAR_KEYS).map((name) => [name, name]), ...Object.entries(ALSO)].map((
    [name, same],
  ) => [foldKey(name!), FAMILIAR_KEYS[same!]!]),
);

const NAMES: Readonly<Record<Home, string>> = {
  here: "it",
  pool: "a pool",
  probe: "a probe",
  probes: `"probes"`,
  sidecar: "the sidecar",
  supervisor: "its supervisor",
};

/** Suggests a key of ours for a foreign key, where the keys in `valid` are allowed; nothing for an unknown key. */
export function familiarKeyHint(key: string, value: unknown, valid: readonly string[]): string | undefined {
  const absent = ABSENT.get(foldKey(key)) ?? ofEnvironment(key);
  const isChild = valid.includes("command") || valid.includes("children");
  if (absent !== undefined && isChild) return absent;
  const foreign = BY_NAME.get(foldKey(key)) ?? misspelt(key, valid);
  if (foreign === undefined) return undefined;
  const { ours, home, to, like, and, note = "" } = foreign;
  const isSidecar = valid.includes("command") && valid.includes("args");
  if (isSidecar && foreign === FAMILIAR_KEYS.size) {
    return 'only a pool has "size": write { "size": …, "sidecar": { "command": … } }';
  }
  if (isSidecar && foreign === FAMILIAR_KEYS.exec) {
    return `in a probe, write it like ${
      written(ours, like)
    }; a sidecar has "command", and its arguments in "args"`;
  }
  if (valid.includes("term") && /^timeout(seconds)?$/.test(foldKey(key))) {
    return phraseOf(["term"], seconds(value), "10s");
  }
  if (isSidecar && foreign === FAMILIAR_KEYS.timeout) {
    return 'write "startWithin" for its start, "stop": { "term": … } for its stop; a probe has a "timeout" of its own';
  }
  if (home === "here" && (!valid.includes(ours[0]) || ours[0] === "command" && !isSidecar)) return undefined;
  if (ours[1] !== undefined && valid.includes(ours[1]) && !valid.includes(ours[0])) {
    // Where the inner key stands, and is not what was misspelt.
    return nearestKey(key, valid) === undefined ? phraseOf([ours[1]], to(value), like) : undefined;
  }
  const where = (key: string, home: Home) => valid.includes(key) ? "" : ` in ${NAMES[home]}`;
  const others = (and?.(value) ?? []).flatMap((part) => {
    const text = written(part.ours, part.value);
    return text === undefined ? [] : [`${text}${where(part.ours[0], part.home)}`];
  });
  const first = to(value);
  // An example of what is not in the value at all would only mislead.
  if (first === undefined && others.length > 0) return `write ${others.join(", and ")}`;
  return [`${phraseOf(ours, first, like)}${where(ours[0], home)}${note}`, ...others].join(", and ");
}

function phraseOf(ours: FamiliarKey["ours"], value: unknown, like: unknown): string {
  const meant = written(ours, value);
  return meant === undefined ? `write it like ${written(ours, like)}` : `write ${meant}`;
}

/** pm2's `env_production` and others of its kind. */
function ofEnvironment(key: string): string | undefined {
  return /^env_\w+$/.test(key) && !BY_NAME.has(foldKey(key))
    ? 'an "envFile", or a manifest in TypeScript, has what differs between environments'
    : undefined;
}

/** The foreign key that `key` resembles, where it resembles none of ours. */
function misspelt(key: string, valid: readonly string[]): FamiliarKey | undefined {
  if (nearestKey(key, valid) !== undefined) return undefined;
  const near = nearestKey(foldKey(key), [...BY_NAME.keys()]);
  return near === undefined || editDistance(foldKey(key), near, 2) > 2 ? undefined : BY_NAME.get(near);
}

/** `"stop": { "term": "30s" }`; nothing for a value that is none, or that is too long to show. */
function written([key, inner]: FamiliarKey["ours"], value: unknown): string | undefined {
  const text = value === undefined ? undefined : inlineJson(inner === undefined ? value : { [inner]: value });
  return text === undefined ? undefined : `${JSON.stringify(key)}: ${text}`;
}

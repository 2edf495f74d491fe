/**
 * Says which defaults have changed since the manifest was written, where it does not set them itself: one of version 1 that
 * names no preset was written for those of before. Used by `check`. Pure.
 */

import { isObjectOrArray } from "../../manifest/issue.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { pathOf } from "../../supervision/child_path.ts";
import { PRESETS } from "../../options/presets.ts";

type Written = Readonly<Record<string, unknown>>;

/** A supervisor or a pool, as it is written. */
interface WrittenGroup {
  readonly path: string;
  readonly fields: Written;
  readonly isPool: boolean;
}

/** What was so before, and what is now; `of`: where it makes a difference. */
interface Change {
  readonly key?: string;
  readonly says: string;
  readonly of: (group: WrittenGroup) => boolean;
}

const { intensity: { restarts, within }, quarantine } = PRESETS.operator;
const { quarantine: { coolDown } } = PRESETS.operator.root.onLimit as { quarantine: { coolDown: string } };
const { quarantine: { coolDown: poolCoolDown } } = PRESETS.otp.pool.onLimit as {
  quarantine: { coolDown: string };
};
const GROWING = `for ${coolDown}, ${quarantine.factor} times as long each time, up to ${quarantine.max}`;

const CHANGES: readonly Change[] = [
  {
    key: "intensity.per",
    says: `${restarts} restarts within ${within} of all its children together → of each child by itself`,
    of: ({ fields }) => !isObjectOrArray(fields.intensity) || fields.intensity.per === undefined,
  },
  {
    key: "onLimit",
    says:
      `with more restarts it gives up, and ends → the child is held back ${GROWING}, and the others run on`,
    of: ({ fields, isPool }) => !isPool && fields.onLimit === undefined,
  },
  {
    key: "onLimit",
    says: `a copy that fails too often is held back for ${poolCoolDown} each time → ${GROWING}`,
    of: ({ fields, isPool }) => isPool && fields.onLimit === undefined,
  },
  {
    key: "onStartFailure",
    says:
      "a first start that fails stops all again → it is retried, what needs it waits, and the others run; " +
      "--wait-ready ends a run that is not ready in time",
    of: ({ fields, isPool }) => !isPool && fields.onStartFailure === undefined,
  },
  {
    says:
      "children stop one after the other, the last first → side by side, each when those that start after it " +
      "have ended",
    of: ({ fields }) => childrenOf(fields).some(hasAfter),
  },
  {
    says: "a restart of the group starts its children in order → each waits again for what its after names",
    of: ({ fields }) =>
      ["one_for_all", "rest_for_one"].includes(fields.strategy as string) &&
      childrenOf(fields).some(hasAfter),
  },
];

/** Lists the changes that concern a manifest, a line each with a head; nothing where it knows them. */
export function changedDefaultLines(
  { manifest, written }: { readonly manifest: Manifest; readonly written: unknown },
): string[] {
  if (manifest.version !== 1 || !isObjectOrArray(written) || written.defaults !== undefined) return [];
  const groups = groupsIn(written, "/");
  const lines = CHANGES.flatMap(({ key, says, of }) => {
    const concerned = groups.filter(of).map(({ path }) => path === "/" ? manifest.name : path);
    return concerned.length === 0
      ? []
      : [`  ${key === undefined ? "" : `${key}: `}${says} (${concerned.join(", ")})`];
  });
  return lines.length === 0 ? [] : [
    `defaults that it does not set have changed since version 1; with "version": 2 they are taken as known, with ` +
    `"defaults": "otp" those of before hold:`,
    ...lines,
  ];
}

/** All supervisors and pools, each before those below it. */
function groupsIn(fields: Written, path: string): WrittenGroup[] {
  const below = childrenOf(fields).flatMap((child) => {
    const own = pathOf(path, String(child.id));
    if (isObjectOrArray(child.sidecar)) return [{ path: own, fields: child, isPool: true }];
    return Array.isArray(child.children) ? groupsIn(child, own) : [];
  });
  return [{ path, fields, isPool: false }, ...below];
}

function childrenOf({ children }: Written): readonly Written[] {
  return Array.isArray(children) ? children.filter(isObjectOrArray) : [];
}

function hasAfter({ after }: Written): boolean {
  return after !== undefined;
}

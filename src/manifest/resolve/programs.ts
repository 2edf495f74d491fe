/**
 * Reads the programs that an invalid manifest names, so that one run finds every fault.
 */

import { resolve as absolute } from "node:path";
import { pathOf } from "../../supervision/child_path.ts";
import { HERE, isFor, overridden } from "./platform.ts";
import { absoluteProgram, isObjectOrArray } from "../issue.ts";

/** A program that a manifest names, as far as it could be read. */
export interface NamedProgram {
  /** The sidecar's path, or the pool's; a number, from 0, stands for an id that is missing. */
  readonly path: string;
  /** A bare name, or an absolute path. */
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  /** The variables that it sets, as far as they are text. */
  readonly env: Readonly<Record<string, string>>;
}

/** The programs in `value`, whatever else is wrong with it; `dir` is where relative paths start from. */
export function programsIn(value: unknown, dir: string, parent = "/"): readonly NamedProgram[] {
  if (!isObjectOrArray(value) || !Array.isArray(value.children)) return [];
  return value.children.flatMap((entry: unknown, index): readonly NamedProgram[] => {
    const child = here(entry);
    if (child === undefined) return [];
    const id = typeof child.id === "string" ? child.id : String(index);
    const path = pathOf(parent, id);
    const run = isObjectOrArray(child.sidecar) ? here(child.sidecar) : child;
    if (run === undefined) return [];
    const { command: written, cwd, env } = run;
    if (typeof written !== "string" || written === "") return programsIn(child, dir, path);
    const command = absoluteProgram(written, dir);
    return [{ path, command, cwd: absolute(dir, text(cwd) ?? "."), env: textsIn(env) }];
  });
}

/** A child as it is on this platform, as far as it can be parsed; nothing if it is for others. */
function here(child: unknown): Record<string, unknown> | undefined {
  if (!isObjectOrArray(child)) return undefined;
  const { platforms, on } = child;
  const names = Array.isArray(platforms) ? platforms.filter((name) => typeof name === "string") : undefined;
  if (!isFor(names, HERE)) return undefined;
  const known = Object.entries(isObjectOrArray(on) ? on : {}).filter(([, there]) => isObjectOrArray(there));
  return overridden({ ...child, env: textsIn(child.env), on: Object.fromEntries(known) }, HERE);
}

function textsIn(value: unknown): Record<string, string> {
  if (!isObjectOrArray(value) || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const known = text(item);
      return known === undefined ? [] : [[name, known]];
    }),
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

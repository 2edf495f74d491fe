/**
 * The environment that a tree, or a group of it, has for all below, written into each sidecar. Pure.
 *
 * What is nearer to a sidecar wins: its own `env`, its own `envFile`, then `env` and `envFile` of its group, of the group
 * around that, and of the tree.
 */

import type { Entry, Manifest } from "../fields/types.ts";
import type { EnvEntry, EnvFileEntry } from "../../options/types.ts";

interface Environment {
  readonly env?: Readonly<Record<string, EnvEntry>> | undefined;
  readonly envFile?: readonly EnvFileEntry[] | undefined;
}

/** Returns the manifest with the variables of its tree and its groups in its sidecars, and no longer in these. */
export function shareEnvironment({ env, envFile, children, templates, ...rest }: Manifest): Manifest {
  const outer = { env, envFile };
  return {
    ...rest,
    children: children.map((child) => shareWith(child, outer)),
    ...(templates && { templates: templates.map((template) => within(template, outer)) }),
  };
}

function shareWith(entry: Entry, outer: Environment): Entry {
  if ("children" in entry) {
    const { env, envFile, ...rest } = entry;
    const both = within({ env, envFile }, outer);
    return { ...rest, children: entry.children.map((child) => shareWith(child, both)) };
  }
  return "sidecar" in entry ? { ...entry, sidecar: within(entry.sidecar, outer) } : within(entry, outer);
}

/** Puts what is farther away beneath what is nearer: the files of the latter win over the variables of the former. */
function within<Inner extends Environment>(inner: Inner, { env = {}, envFile = [] }: Environment): Inner {
  const { env: own = {}, envFile: ownFiles = [] } = inner;
  const beaten = Object.keys(env).filter((name) => !Object.hasOwn(own, name));
  const files = ownFiles.map((file) =>
    beaten.length === 0 ? file : { ...file, over: [...file.over ?? [], ...beaten] }
  );
  // A farther file wins over what it won over before, unless a nearer one says the same.
  const farther = envFile.map(({ over = [], ...file }) => ({
    ...file,
    ...(over.length > 0 && { over: over.filter((name) => !Object.hasOwn(own, name)) }),
  }));
  return { ...inner, env: { ...env, ...own }, envFile: [...farther, ...files] };
}

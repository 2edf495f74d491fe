/**
 * The methods `scale` and `replace`, for pools.
 */

import { PoolError, replaceAll, scalePool } from "@outrider/outrider/actors/pool";
import { UnknownActorError } from "../../actor/actor_errors.ts";
import { Refusal, refusalOf } from "../../control/commands.ts";
import { CHILD_FIELD, type ControlMethods, countField } from "../../control/methods/method.ts";
import { emitAt, type System } from "../../supervision/tree.ts";

/** The methods of pools; both give the paths of copies, once all is done. */
export function poolMethods(system: System): ControlMethods {
  return {
    scale: {
      fields: { pool: CHILD_FIELD, size: countField(1) },
      perform: ({ pool, size }) =>
        onPool(system, pool as string, "scale", (ref) => scalePool(ref, size as number)),
    },
    replace: {
      fields: { pool: CHILD_FIELD },
      perform: ({ pool }) => onPool(system, pool as string, "replace", (ref) => replaceAll(ref)),
    },
  };
}

/** @throws {Refusal} there is no pool, or a copy did not get ready */
async function onPool(
  system: System,
  path: string,
  request: string,
  act: (ref: ReturnType<System["ref"]>) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    const ref = system.ref(path);
    emitAt(system, path, { type: "requested", request });
    return await act(ref);
  } catch (error) {
    if (error instanceof UnknownActorError) throw new Refusal("not_found", error.message, { child: path });
    if (error instanceof PoolError) throw new Refusal(error.code, error.message);
    throw refusalOf(error);
  }
}

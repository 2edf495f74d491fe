/**
 * The methods that every controlled tree has.
 */

import { type ControlAction, type HelloReport, PROTOCOL_VERSION, type WaitedState } from "../protocol.ts";
import { act } from "./act.ts";
import { CHILD_FIELD, CHILDREN_FIELD, type ControlMethods, oneOf, optional } from "./method.ts";
import { waitFor } from "./wait.ts";

/** The methods of a tree that has `more`, by name. */
export function methodsOf(more: ControlMethods = {}): ControlMethods {
  const methods: ControlMethods = {
    hello: {
      answer: (_, { tree }): HelloReport => ({
        protocol: PROTOCOL_VERSION,
        version: tree.version,
        pid: Deno.pid,
        name: tree.root.id,
        ...tree.file !== undefined && { file: tree.file },
        ...tree.log !== undefined && { log: tree.log },
        methods: Object.keys(methods),
      }),
    },
    status: { answer: (_, { commands }) => commands.status() },
    restart: {
      fields: { child: CHILD_FIELD },
      perform: ({ child }, { commands }) => commands.act("restart", child as string),
    },
    terminate: {
      fields: { child: CHILD_FIELD },
      perform: ({ child }, { commands }) => commands.act("stop", child as string),
    },
    stop: { perform: (_, { commands }) => commands.stop() },
    act: {
      fields: { action: oneOf("start", "stop", "restart"), children: CHILDREN_FIELD },
      stream: ({ action, children }, { commands }) =>
        act(commands, action as ControlAction, children as readonly string[]),
    },
    wait: {
      fields: { child: optional(CHILD_FIELD), for: oneOf("ready", "stopped") },
      stream: ({ child, for: state }, { tree, signal }) =>
        waitFor(tree.system, { child: child as string | undefined, state: state as WaitedState, signal }),
    },
    ...more,
  };
  return methods;
}

/**
 * Supervisors as children: of another supervisor, or as the root of a tree.
 */

import { checkedName, type ChildSpec, commonOf, type StartContext } from "./child_spec.ts";
import { SupervisionError } from "./supervision_errors.ts";
import { inDependencyOrder } from "./dependencies.ts";
import { mayBeSignificant, type SupervisorRules } from "./restart/strategy.ts";
import { Supervisor } from "./supervisor.ts";
import { checkOptions } from "../options/check.ts";
import {
  childList,
  dynamicSupervisorOptions,
  isChild,
  notAChild,
  supervisorOptions,
} from "../options/fields/children.ts";
import type {
  CheckedDynamicSupervisorOptions,
  CheckedSupervisorOptions,
  DynamicSupervisorOptions,
  SupervisorOptions,
} from "../options/types.ts";

export type { DynamicSupervisorOptions, SupervisorOptions } from "../options/types.ts";

/** A supervisor as a child. An actor of your own that calls `start` can ask it to start and stop children. */
export interface SupervisorSpec extends ChildSpec {
  /** Starts one incarnation. */
  start(context: StartContext): Supervisor;
}

/**
 * A supervisor with children of its own.
 *
 * @throws {SupervisionError} `duplicate_id`; `bad_combination` for a significant child that is permanent, or whose
 * supervisor never shuts down by itself; `unknown_dependency`, `dependency_cycle`
 */
export function supervisor(
  id: string,
  children: readonly ChildSpec[],
  options: SupervisorOptions = {},
): SupervisorSpec {
  const name = checkedName(id);
  const what = `Cannot make the supervisor '${name}'`;
  const { strategy, autoShutdown, onStartFailure, ...checked } = checkOptions<CheckedSupervisorOptions>(
    what,
    supervisorOptions,
    options,
  );
  // A copy that nobody else has: those that are checked are those that are started.
  const list =
    checkOptions<{ readonly children: readonly ChildSpec[] }>(what, childList, { children }).children;
  const seen = new Set<string>();
  for (const child of list) {
    if (seen.has(child.id)) {
      throw new SupervisionError(
        "duplicate_id",
        `Cannot supervise two children of the same id '${child.id}' in '${name}'`,
      );
    }
    seen.add(child.id);
    if (!mayBeSignificant(child, autoShutdown)) throw SupervisionError.badCombination(child.id);
  }
  const rules = { strategy, autoShutdown, onStartFailure, maxChildren: undefined };
  return specOf(name, inDependencyOrder(list), rules, checked);
}

/**
 * A supervisor that starts with no children: each is added while it runs, restarted alone, forgotten when it is not
 * restarted, and all are stopped at the same time. Erlang/OTP calls it `simple_one_for_one`, Elixir
 * `DynamicSupervisor`.
 *
 * A start beyond `maxChildren` is refused, or, with `overflow: "queue"`, waits until a child has ended.
 *
 * A child that is to run once takes `restart: "temporary"`. By default a child is `permanent`: it is started again also
 * when it succeeds, and more than 5 restarts within 3 minutes (`intensity`) end this supervisor and all its children.
 */
export function dynamicSupervisor(id: string, options: DynamicSupervisorOptions = {}): SupervisorSpec {
  const name = checkedName(id);
  const { maxChildren = Infinity, overflow, maxQueued, ...checked } = checkOptions<
    CheckedDynamicSupervisorOptions
  >(
    `Cannot make the dynamic supervisor '${name}'`,
    dynamicSupervisorOptions,
    options,
  );
  const rules = {
    strategy: "one_for_one",
    autoShutdown: "never",
    onStartFailure: "rollback",
    maxChildren,
    maxQueued: overflow === "queue" ? maxQueued : 0,
  } as const;
  return specOf(name, [], rules, checked);
}

/**
 * The root of a tree: a supervisor as it is; anything else, or several, below a supervisor of that name, which restarts
 * it. One that takes messages is below another, too: it has an address, which the root has not.
 */
export function rootOf(spec: ChildSpec | readonly ChildSpec[], name = "app"): ChildSpec {
  if (isList(spec)) return supervisor(name, spec);
  if (!isChild(spec)) throw notAChild("Cannot start a tree", spec);
  return spec.type === "supervisor" && spec.takesMessages !== true ? spec : supervisor(name, [spec]);
}

function isList(spec: ChildSpec | readonly ChildSpec[]): spec is readonly ChildSpec[] {
  return Array.isArray(spec);
}

function specOf(
  id: string,
  children: readonly ChildSpec[],
  rules: Omit<SupervisorRules, "intensity" | "onLimit">,
  { intensity, onLimit, ...options }: Omit<
    CheckedDynamicSupervisorOptions,
    "maxChildren" | "overflow" | "maxQueued"
  >,
): SupervisorSpec {
  const all: SupervisorRules = { ...rules, intensity, onLimit };
  return {
    id,
    type: "supervisor",
    ...commonOf(options),
    mailbox: {},
    children,
    supervises: all,
    start: (context) => new Supervisor(context, children, all),
  };
}

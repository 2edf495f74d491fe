/**
 * Supervisors as children: of another supervisor, or as the root of a tree.
 *
 * @module
 */

import { checkedId, type ChildOptions, type ChildSpec, commonOf, type StartContext } from "./child_spec.ts";
import { SupervisionError } from "./supervision_errors.ts";
import { inDependencyOrder } from "./dependencies.ts";
import { checkedIntensity, DEFAULT_INTENSITY, type Intensity } from "./restart_limits.ts";
import {
  type AutoShutdown,
  checkedLimit,
  mayBeSignificant,
  type OnLimit,
  type Strategy,
  type SupervisorRules,
} from "./strategy.ts";
import { Supervisor } from "./supervisor.ts";

/** What every supervisor can be told. */
export interface AnySupervisorOptions extends ChildOptions {
  /** Default: 5 restarts within 3 minutes. */
  readonly intensity?: Intensity;
  /** Whether it ends when significant children have ended by themselves. Default `never`. */
  readonly autoShutdown?: AutoShutdown;
  /** What happens at the limit of the intensity. Default `escalate`. */
  readonly onLimit?: OnLimit;
}

/** Options of {@linkcode supervisor}. */
export interface SupervisorOptions extends AnySupervisorOptions {
  /** Default `one_for_one`. */
  readonly strategy?: Strategy;
}

/** Options of {@linkcode dynamicSupervisor}. */
export interface DynamicSupervisorOptions extends Omit<AnySupervisorOptions, "autoShutdown"> {
  /** How many children it may have at a time. Default: no limit. */
  readonly maxChildren?: number;
}

/** A supervisor as a child. Who starts it himself, inside an actor of his own, can ask it to start and stop children. */
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
  return supervising(id, [...children], options);
}

/** `children` is a private copy: those that are checked are those that are started. */
function supervising(
  id: string,
  children: readonly ChildSpec[],
  options: SupervisorOptions,
): SupervisorSpec {
  const { strategy = "one_for_one", autoShutdown = "never" } = options;
  const seen = new Set<string>();
  for (const child of children) {
    if (seen.has(child.id)) {
      throw new SupervisionError(
        "duplicate_id",
        `Cannot supervise two children of the same id '${child.id}' in '${id}'`,
      );
    }
    seen.add(child.id);
    if (!mayBeSignificant(child, autoShutdown)) throw SupervisionError.badCombination(child.id);
  }
  return specOf(id, inDependencyOrder(children), { strategy, autoShutdown, maxChildren: undefined }, options);
}

/**
 * A supervisor that starts with no children: each is added while it runs, restarted alone, forgotten when it is not
 * restarted, and all are stopped at the same time. Erlang/OTP calls it `simple_one_for_one`, Elixir
 * `DynamicSupervisor`.
 */
export function dynamicSupervisor(id: string, options: DynamicSupervisorOptions = {}): SupervisorSpec {
  const maxChildren = options.maxChildren ?? Infinity;
  return specOf(id, [], { strategy: "one_for_one", autoShutdown: "never", maxChildren }, options);
}

function specOf(
  id: string,
  children: readonly ChildSpec[],
  rules: Omit<SupervisorRules, "intensity" | "onLimit">,
  options: AnySupervisorOptions,
): SupervisorSpec {
  const { intensity = DEFAULT_INTENSITY, onLimit = "escalate" } = options;
  const all: SupervisorRules = {
    ...rules,
    intensity: checkedIntensity(intensity),
    onLimit: checkedLimit(onLimit),
  };
  return {
    id: checkedId(id),
    type: "supervisor",
    ...commonOf(options),
    shutdown: options.shutdown ?? "infinity",
    mailbox: {},
    children,
    supervises: all,
    start: (context) => new Supervisor(context, children, all),
  };
}

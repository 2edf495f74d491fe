/**
 * For authors of actors that others use: errors as values, streams that their reader can leave, and the
 * types of a running actor.
 *
 * A program that only uses actors needs none of this.
 *
 * @example An actor that checks its options, and waits on the tree's clock
 * ```ts
 * import { actor, type ActorSpec, start, supervisor } from "@outrider/outrider";
 * import { sleep } from "@outrider/outrider/actor";
 * import { durationOption } from "@outrider/outrider/options";
 *
 * function delayed(id: string, options: { by: number | string }): ActorSpec<string, string, never> {
 *   const by = durationOption("by", options.by); // an OptionError for a time that is not one
 *   return actor(id, () => ({
 *     async receive(text: string, { clock, signal }) {
 *       await sleep(clock, by, signal);
 *       return text;
 *     },
 *   }));
 * }
 *
 * const echo = delayed("echo", { by: "5ms" });
 * await using system = await start(supervisor("root", [echo]));
 * console.log(await system.ref(echo).ask("hello")); // hello
 * ```
 *
 * @module
 */

export type { AnyRef } from "../actor/ref.ts";
export type { TakenMessage } from "../actor/behavior.ts";
export type { DetailedAskOptions, IdleOption } from "../actor/asks/options.ts";
export { DEFAULT_ATTEMPTS } from "../actor/mailbox/delivery.ts";
export { cancellable } from "../actor/events/cancellable.ts";
export type { ResolvedMailbox } from "../actor/mailbox/options.ts";
export type { SubscriptionBounds } from "../actor/events/subscription.ts";
export { asError, causeOf, ThrownValueError } from "../actor/exit.ts";
export type { DeathKind } from "../actor/exit.ts";
export type { ActorSystemOptions } from "../actor/system.ts";
export type { Degraded, Incarnation, StartOutcome } from "../actor/incarnation.ts";
export type {
  DeadLetterReason,
  EmittedEvent,
  EventBase,
  EventPayload,
  Frequency,
} from "../actor/events/event.ts";
export type { SystemEventPayload } from "../events.ts";
export type { UnaskedType } from "../supervision/observed/event_filter.ts";
export { innerMessage } from "../actor/user_value.ts";
export { fitsParts } from "../text/wildcards.ts";
export { sleep } from "../time/clock.ts";
export type { Clock, Timers } from "../time/clock.ts";
export { ActorError, MessageDroppedError, SubscriptionLaggedError } from "../actor/actor_errors.ts";
export type { ActorErrorCode, WhyStopped } from "../actor/actor_errors.ts";
export type { ChildOptions, StartContext, StartWithin } from "../supervision/child_spec.ts";
export type { BareChildStatus, ChildCount } from "../supervision/status.ts";
export type { Stopping } from "../supervision/stop_time.ts";
export type { Supervisor } from "../supervision/supervisor.ts";
export type { SupervisorRules } from "../supervision/restart/strategy.ts";
export type { DeathTally, DecidingRule, ExitStatusMatch } from "../supervision/restart/restart_rules.ts";
export type { DependencyCondition } from "../supervision/dependencies.ts";
export {
  DependencyFailedError,
  StartCancelledError,
  StartTimeoutError,
} from "../supervision/supervision_errors.ts";
export type { SupervisionErrorCode } from "../supervision/supervision_errors.ts";
export type { AppOptions } from "../launch/options.ts";
export type { LaunchReport } from "../report/options.ts";
export type { LogFileInput } from "../launch/option_types.ts";
export type { OnSignal } from "../launch/options.ts";

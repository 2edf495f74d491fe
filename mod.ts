/**
 * Outrider: an actor runtime for Deno that runs external programs as supervised actors.
 *
 * @example One program, supervised; on Ctrl-C, SIGTERM or an uncaught error it ends with us
 * ```ts
 * import { launch, sidecar } from "@outrider/outrider";
 *
 * const echo = sidecar("echo", { command: "cat", protocol: "lines" });
 * await using app = await launch(echo);
 * console.log(await app.ref(echo).ask("hello")); // hello, a string: inferred from "lines"
 * ```
 *
 * @example An actor of your own
 * ```ts
 * import { actor, start, supervisor } from "@outrider/outrider";
 *
 * const greeter = actor("greeter", () => ({ receive: (name: string) => `Hello ${name}` }));
 * await using system = await start(supervisor("root", [greeter]));
 * console.log(await system.ref(greeter).ask("world")); // Hello world
 * ```
 *
 * @module
 */

// Making a tree
export { actor } from "./src/supervision/child_spec.ts";
export { sidecar } from "./src/sidecar/sidecar.ts";
export { dynamicSupervisor, supervisor } from "./src/supervision/supervisor_spec.ts";
export { launch } from "./src/launch/launch.ts";
export { start } from "./src/supervision/start.ts";

// A running tree
export { System } from "./src/supervision/tree.ts";
export type { App, Outcome } from "./src/launch/options.ts";
export { ActorRef } from "./src/actor/ref.ts";
export type { ActorTransform } from "./src/actor/streams.ts";
export { ChildRef } from "./src/supervision/observed/child_ref.ts";
export type { ChildEnd, StartChildOptions } from "./src/supervision/observed/child_ref.ts";
export type { ChildStatus } from "./src/supervision/status.ts";
export type { ChildState } from "./src/supervision/child_state.ts";
export type { LaunchOptions } from "./src/launch/options.ts";
export type { StartOptions } from "./src/supervision/start.ts";

// Specs and their options
export type { ActorOptions, ActorSpec, ChildSpec } from "./src/supervision/child_spec.ts";
export type { SidecarSpec } from "./src/sidecar/sidecar.ts";
export type {
  DynamicSupervisorOptions,
  SupervisorOptions,
  SupervisorSpec,
} from "./src/supervision/supervisor_spec.ts";
export type { SidecarOptions } from "./src/sidecar/options.ts";

// Actors
export type { Behavior, Context, Terminated } from "./src/actor/behavior.ts";
export type { Reply } from "./src/actor/asks/options.ts";
export { IGNORE } from "./src/actor/behavior.ts";

// Messages
export type { Answer, AskOptions } from "./src/actor/asks/options.ts";
export type { DeliveryOptions, OnDeath } from "./src/actor/mailbox/delivery.ts";
export type { MailboxOptions, Overflow } from "./src/actor/mailbox/options.ts";
export { Subscription } from "./src/actor/events/subscription.ts";
export type { SubscribeOptions } from "./src/actor/events/subscription.ts";

// Supervision
export type { AutoShutdown, OnLimit, OnStartFailure, Strategy } from "./src/supervision/restart/strategy.ts";
export type { RestartRules, RestartType } from "./src/supervision/restart/restart_rules.ts";
export type { Backoff, Intensity } from "./src/supervision/restart/restart_limits.ts";
export { NO_BACKOFF } from "./src/supervision/restart/restart_limits.ts";
export type { Dependency } from "./src/supervision/dependencies.ts";
export type { Shutdown } from "./src/supervision/child_spec.ts";
export type { DeathCause, Exit } from "./src/actor/exit.ts";

// Sidecars
export type { Protocol } from "./src/sidecar/protocol.ts";
export type { Codec } from "./src/process/codecs/codec.ts";
export type { JsonValue } from "./src/process/codecs/json.ts";
export type { Ready } from "./src/sidecar/health/line_pattern.ts";
export type { Probe, Probes } from "./src/sidecar/health/probe_options.ts";
export type { Limits } from "./src/sidecar/health/limits.ts";
export type { StopPlan } from "./src/process/stop.ts";
export type { Until } from "./src/sidecar/replies/reply_stream.ts";
export type { Schema, Schemas } from "./src/sidecar/messages/message_schemas.ts";
export type { EnvValue } from "./src/process/secrets/secret.ts";
export { jsonrpc } from "./src/sidecar/json_rpc/json_rpc.ts";
export type { JsonRpcOptions } from "./src/sidecar/json_rpc/types.ts";
export { JsonRpcError } from "./src/sidecar/json_rpc/types.ts";

// Events
export type { SystemEvent } from "./src/events.ts";
export type { EventFilter } from "./src/supervision/observed/event_filter.ts";
export type { ActorEvent } from "./src/actor/events/event.ts";
export type { ProcessEvent } from "./src/process/events.ts";
export type { SupervisionEvent } from "./src/supervision/events.ts";
export type { ContainmentEvent } from "./src/containment/events.ts";

// Errors
export { OutriderError } from "./src/outrider_error.ts";
export {
  ActorStoppedError,
  AskTimeoutError,
  IncarnationEndedError,
  MailboxFullError,
  MessageRefusedError,
  OptionError,
  UnknownActorError,
} from "./src/actor/actor_errors.ts";
export {
  SidecarExitedError,
  SidecarNotReadyError,
  SidecarProtocolError,
} from "./src/sidecar/sidecar_errors.ts";
export { SidecarSchemaError } from "./src/sidecar/messages/message_errors.ts";
export { PermissionMissingError, ProgramNotFoundError } from "./src/process/process_errors.ts";
export { GaveUpError, StartError, SupervisionError } from "./src/supervision/supervision_errors.ts";

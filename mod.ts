/**
 * Outrider: an actor runtime for Deno that runs external programs as supervised
 * actors.
 *
 * @example A tree of one actor
 * ```ts
 * import { actor, start, supervisor } from "@outrider/outrider";
 *
 * const greeter = actor("greeter", () => ({ receive: (name: string) => `Hello ${name}` }));
 * await using system = await start(supervisor("root", [greeter]));
 * console.log(await system.ref("greeter").ask("world")); // Hello world
 * ```
 *
 * @module
 */

// Actors
export { ActorRef } from "./src/actor/ref.ts";
export type { AnyRef } from "./src/actor/ref.ts";
export type { Behavior, Context, Taken, Terminated } from "./src/actor/behavior.ts";
export { IGNORE } from "./src/actor/behavior.ts";
export { GuardedAbort } from "./src/actor/abort.ts";
export { DEFAULT_ASK_TIMEOUT_MS } from "./src/actor/ask.ts";
export type { Answer, AskOptions, DetailedAskOptions, Reply } from "./src/actor/ask.ts";
export { DEFAULT_ATTEMPTS } from "./src/actor/delivery.ts";
export type { DeliveryOptions, OnDeath } from "./src/actor/delivery.ts";
export { MAX_WAITING } from "./src/actor/mailbox.ts";
export { DEFAULT_CAPACITY } from "./src/actor/mailbox_options.ts";
export type { MailboxOptions, Overflow } from "./src/actor/mailbox_options.ts";
export { leavable } from "./src/actor/leavable.ts";
export { sizeOf } from "./src/actor/size.ts";
export {
  Subscription,
  SUBSCRIPTION_BYTES,
  SUBSCRIPTION_CAPACITY,
  SUBSCRIPTION_OVERSHOOT,
  SUBSCRIPTION_OVERSHOOT_BYTES,
} from "./src/actor/subscription.ts";
export type { SizedBatch, SubscribeOptions, SubscriptionBounds } from "./src/actor/subscription.ts";
export { asError, causeOf, DEATH_KINDS, deathOf, isClean, ThrownValueError } from "./src/actor/exit.ts";
export type { DeathCause, DeathKind, Exit } from "./src/actor/exit.ts";
export { KILL_FENCE_MS } from "./src/actor/incarnation.ts";
export type { ActorSystemOptions } from "./src/actor/system.ts";
export type { Incarnation, Started } from "./src/actor/incarnation.ts";
export { EVENT_BUFFER, EVENT_BYTES } from "./src/actor/event.ts";
export type {
  ActorEvent,
  DeadLetterReason,
  EmittedEvent,
  EventBase,
  EventPayload,
  Frequency,
} from "./src/actor/event.ts";
export type { SystemEvent, SystemEventPayload } from "./src/events.ts";
export type { ProcessEvent } from "./src/process/events.ts";
export type { SupervisionEvent } from "./src/supervision/events.ts";
export type { ContainmentEvent } from "./src/containment/events.ts";
export { checkedTime, checkTimes } from "./src/actor/checked_time.ts";
export { sleep, systemClock } from "./src/actor/clock.ts";
export type { Clock } from "./src/actor/clock.ts";
export {
  ActorError,
  ActorStoppedError,
  AskAbortedError,
  AskTimeoutError,
  IncarnationEndedError,
  MailboxFullError,
  MessageDroppedError,
  MessageRefusedError,
  OptionError,
  SubscriptionLaggedError,
  UnknownActorError,
} from "./src/actor/errors.ts";
export type { ActorErrorCode } from "./src/actor/errors.ts";

// Text
export { PATTERN_REACH, PatternError, searchFor } from "./src/text/pattern.ts";
export type { Search } from "./src/text/pattern.ts";

// Processes
export { alongside, DEFAULT_INHERIT_ENV, needsOf, spawn } from "./src/process/command.ts";
export type { Command } from "./src/process/command.ts";
export { SECRET_BYTES } from "./src/process/secret.ts";
export type { EnvValue } from "./src/process/secret.ts";
export { MASK, SHORTEST_MASKED } from "./src/process/mask.ts";
export type { Cut, Mask } from "./src/process/mask.ts";
export { withoutSecrets } from "./src/process/mask_values.ts";
export { CPU_GRAIN_MS, familiesOf, PS, readUsage } from "./src/process/usage.ts";
export type { ProcessUsage, ReadUsage } from "./src/process/usage.ts";
export { flagFor, missingPermissions } from "./src/process/permit.ts";
export type { Need as PermissionNeed } from "./src/process/permit.ts";
export { isHeld } from "./src/process/held.ts";
export { PIPE_DRAIN_MS } from "./src/process/child.ts";
export { ProcessGroup, reach } from "./src/process/group.ts";
export type { Reach, SignalWay } from "./src/process/group.ts";
export type { Keeper, Kept } from "./src/process/keeper.ts";
export { afterNews } from "./src/process/timers.ts";
export type { Timers } from "./src/process/timers.ts";
export type { Writable } from "./src/process/stdin.ts";
export type { PipeReaderOptions } from "./src/process/pipe_reader.ts";
export type { Take } from "./src/process/stdout.ts";
export type {
  Child,
  ChildOptions as SpawnOptions,
  ChildProcess,
  Closed,
  ExitStatus,
} from "./src/process/child.ts";
export { DEFAULT_STOP, GOODBYE_MS, stop } from "./src/process/stop.ts";
export type { StopOptions, StoppedBy, StopPlan, StopStep } from "./src/process/stop.ts";
export { codecs } from "./src/process/codecs.ts";
export type { CodecName } from "./src/process/codecs.ts";
export type { Codec } from "./src/process/codec.ts";
export {
  DEFAULT_MAX_FRAME,
  MAX_LENGTH,
  SAMPLE_CHARS,
  sampleOf,
  sampleOfBytes,
} from "./src/process/framing.ts";
export type { Decoder, FrameSink, Malformed, MalformedKind } from "./src/process/framing.ts";
export { Discarded } from "./src/process/discarded.ts";
export type { Amount } from "./src/process/discarded.ts";
export { MAX_JSON_DEPTH, MAX_JSON_WEIGHT } from "./src/process/json_shape.ts";
export type { JsonValue } from "./src/process/json.ts";
export {
  ExitUnknownError,
  IdentityError,
  PermissionMissingError,
  PipeClosedError,
  ProcessError,
  ProgramChangedError,
  ProgramNotExecutableError,
  ProgramNotFoundError,
  ProgramTooLargeError,
  ProgramUntrustedError,
  SecretFileError,
  SystemRefusedError,
  UnencodableMessageError,
  WorkingDirectoryError,
} from "./src/process/errors.ts";
export type { ProcessErrorCode } from "./src/process/errors.ts";

// Containment
export { contain } from "./src/containment/contain.ts";
export type { Containment, ContainOptions } from "./src/containment/contain.ts";
export { ContainmentError } from "./src/containment/errors.ts";
export type { ContainmentErrorCode } from "./src/containment/errors.ts";
export type { Guarantees, OnHostDeath } from "./src/containment/guarantees.ts";
export type { ProcessRecord } from "./src/containment/ledger.ts";
export type { Leftover, Swept } from "./src/containment/sweep.ts";

// Supervision
export { actor, CHILD_STATES, DEFAULT_SHUTDOWN_MS, DEFAULT_START_MS } from "./src/supervision/child_spec.ts";
export type {
  ActorOptions,
  ActorSpec,
  ChildOptions,
  ChildSpec,
  ChildState,
  Shutdown,
  StartContext,
  StartWithin,
} from "./src/supervision/child_spec.ts";
export { dynamicSupervisor, supervisor } from "./src/supervision/supervisor_spec.ts";
export type { ChildCount, ChildStatus } from "./src/supervision/status.ts";
export type {
  AnySupervisorOptions,
  DynamicSupervisorOptions,
  SupervisorOptions,
  SupervisorSpec,
} from "./src/supervision/supervisor_spec.ts";
export type { Supervisor } from "./src/supervision/supervisor.ts";
export type { AutoShutdown, OnLimit, Strategy, SupervisorRules } from "./src/supervision/strategy.ts";
export { RESTARTS } from "./src/supervision/restart_rules.ts";
export type {
  DeathTally,
  ExitStatusMatch,
  RestartRules,
  RestartType,
  RestartVerdict,
} from "./src/supervision/restart_rules.ts";
export type { Dependency, DependencyCondition } from "./src/supervision/dependencies.ts";
export { checkedLimit } from "./src/supervision/strategy.ts";
export { DEFAULT_BACKOFF, DEFAULT_INTENSITY, NO_BACKOFF } from "./src/supervision/restart_limits.ts";
export type { Backoff, Intensity } from "./src/supervision/restart_limits.ts";
export { replay } from "./src/supervision/replay.ts";
export { start, System } from "./src/supervision/tree.ts";
export {
  DependencyFailedError,
  GaveUpError,
  StartCancelledError,
  StartError,
  StartTimeoutError,
  SupervisionError,
} from "./src/supervision/errors.ts";
export type { SupervisionErrorCode } from "./src/supervision/errors.ts";

// Manifests
export { define } from "./src/manifest/entries.ts";
export type {
  Entry,
  EntryInput,
  Manifest,
  ManifestInput,
  OnHostDeathEntry,
  PermissionsEntry,
  SupervisorEntry,
  SupervisorInput,
  TemplateEntry,
  TemplateInput,
} from "./src/manifest/entries.ts";
export type {
  LimitsEntry,
  LimitsInput,
  MailboxEntry,
  MailboxInput,
  ReadyEntry,
  ReadyInput,
  SidecarEntry,
  SidecarInput,
  StopInput,
} from "./src/manifest/sidecar_entries.ts";
export type {
  CopyEntry,
  CopyInput,
  GrowInput,
  PoolEntry,
  PoolInput,
  RoutingEntry,
  RoutingInput,
} from "./src/manifest/pool_entries.ts";
export type {
  BackoffInput,
  DependencyInput,
  ExitStatusInput,
  IntensityInput,
  OnLimitInput,
  RestartRulesInput,
  RestartTypeInput,
  TallyInput,
} from "./src/manifest/supervision_entries.ts";
export type {
  LinePatternEntry,
  LinePatternInput,
  ProbeEntry,
  ProbeHandlerEntry,
  ProbeHandlerInput,
  ProbeInput,
  ProbesEntry,
  ProbesInput,
  ProbeTimingEntry,
  ProbeTimingInput,
} from "./src/manifest/probe_entries.ts";
export type {
  PairingInput,
  ProtocolEntry,
  ProtocolInput,
  ServerEntry,
  UntilEntry,
  UntilInput,
} from "./src/manifest/protocol_entries.ts";
export type { EnvEntry, EnvInput } from "./src/manifest/environment_entries.ts";
export type { DurationInput, SizeInput } from "./src/manifest/units.ts";
export { load, parse } from "./src/manifest/load.ts";
export type { Loaded, LoadOptions } from "./src/manifest/load.ts";
export type { LeftOut } from "./src/manifest/platform.ts";
export type { Overrides, OverridesInput, PlatformName } from "./src/manifest/platform_entries.ts";
export { argsFor, ArgumentError, MAX_ARGUMENT_LENGTH, MAX_ARGUMENTS } from "./src/manifest/arguments.ts";
export type { ArgumentErrorCode, TakesArguments } from "./src/manifest/arguments.ts";
export type {
  ArgumentRules,
  ArgumentRulesInput,
  ArgumentValidatorEntry,
  ArgumentValidatorInput,
} from "./src/manifest/argument_entries.ts";
export { templateOf, UnknownTemplateError } from "./src/manifest/templates.ts";
export { pathsOf, plant } from "./src/manifest/plant.ts";
export type { Kinds } from "./src/manifest/plant.ts";
export { ManifestError } from "./src/manifest/errors.ts";
export type { Fault, ManifestErrorCode } from "./src/manifest/errors.ts";
export type { NamedProgram } from "./src/manifest/salvage.ts";
export { flags, needs } from "./src/manifest/permissions.ts";
export type { Need, Platform } from "./src/manifest/permissions.ts";
export type { Purpose, Reason } from "./src/manifest/reasons.ts";
export { excessPermissions } from "./src/manifest/excess.ts";
export type { Holder, Permission, PermissionName } from "./src/manifest/excess.ts";

// Control of a running tree
export { control, DEFAULT_CONTROL_TIMEOUT_MS } from "./src/control/client.ts";
export type { ControlOptions, ControlResults } from "./src/control/client.ts";
export { ControlServer } from "./src/control/server.ts";
export type { ControlServerOptions } from "./src/control/server.ts";
export type { ControlledTree } from "./src/control/operator.ts";
export { ControlSocket, socketNeeds } from "./src/control/socket.ts";
export type { SocketNeed } from "./src/control/socket.ts";
export { ControlError } from "./src/control/errors.ts";
export type { ControlErrorCode } from "./src/control/errors.ts";
export type {
  ChildReport,
  ControlRefusal,
  ControlRequest,
  LastExit,
  TreeReport,
} from "./src/control/protocol.ts";

// A whole process
export { run, STOP_DEADLINE_MS, STOP_SIGNALS } from "./src/runtime.ts";
export type { Outcome, RunOptions } from "./src/runtime.ts";
export { jsonLine } from "./src/log.ts";
export { report } from "./src/report/report.ts";
export type { Format, ReportOptions } from "./src/report/report.ts";
export type { Level } from "./src/log.ts";

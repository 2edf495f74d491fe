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
export { OutriderError } from "./src/outrider_error.ts";
export { ActorRef } from "./src/actor/ref.ts";
export type { AnyRef } from "./src/actor/ref.ts";
export type { Behavior, Context, TakenMessage, Terminated } from "./src/actor/behavior.ts";
export { IGNORE } from "./src/actor/behavior.ts";
export { GuardedAbort } from "./src/actor/asks/abort.ts";
export { DEFAULT_ASK_TIMEOUT_MS } from "./src/actor/asks/ask.ts";
export type { Answer, AskOptions, DetailedAskOptions, Reply } from "./src/actor/asks/ask.ts";
export { DEFAULT_ATTEMPTS } from "./src/actor/mailbox/delivery.ts";
export type { DeliveryOptions, OnDeath } from "./src/actor/mailbox/delivery.ts";
export { MAX_WAITING } from "./src/actor/mailbox/mailbox.ts";
export { DEFAULT_CAPACITY } from "./src/actor/mailbox/options.ts";
export type { MailboxOptions, Overflow, ResolvedMailbox } from "./src/actor/mailbox/options.ts";
export { cancellable } from "./src/actor/events/cancellable.ts";
export { sizeOf } from "./src/actor/mailbox/options.ts";
export {
  Subscription,
  SUBSCRIPTION_BYTES,
  SUBSCRIPTION_CAPACITY,
  SUBSCRIPTION_OVERSHOOT,
  SUBSCRIPTION_OVERSHOOT_BYTES,
} from "./src/actor/events/subscription.ts";
export type { SizedBatch, SubscribeOptions, SubscriptionBounds } from "./src/actor/events/subscription.ts";
export { asError, causeOf, DEATH_KINDS, deathOf, isClean, ThrownValueError } from "./src/actor/exit.ts";
export type { DeathCause, DeathKind, Exit } from "./src/actor/exit.ts";
export { KILL_GRACE_MS } from "./src/actor/incarnation.ts";
export type { ActorSystemOptions } from "./src/actor/system.ts";
export type { Incarnation, StartOutcome } from "./src/actor/incarnation.ts";
export { EVENT_BUFFER, EVENT_BYTES } from "./src/actor/events/event.ts";
export type {
  ActorEvent,
  DeadLetterReason,
  EmittedEvent,
  EventBase,
  EventPayload,
  Frequency,
} from "./src/actor/events/event.ts";
export type { SystemEvent, SystemEventPayload } from "./src/events.ts";
export type { ProcessEvent } from "./src/process/events.ts";
export type { SupervisionEvent } from "./src/supervision/events.ts";
export type { ContainmentEvent } from "./src/containment/events.ts";
export { sleep, systemClock } from "./src/time/clock.ts";
export type { Clock, Timers } from "./src/time/clock.ts";
export {
  ActorError,
  ActorStoppedError,
  AskTimeoutError,
  IncarnationEndedError,
  MailboxFullError,
  MessageDroppedError,
  MessageRefusedError,
  OptionError,
  SubscriptionLaggedError,
  UnknownActorError,
} from "./src/actor/actor_errors.ts";
export type { ActorErrorCode } from "./src/actor/actor_errors.ts";

// Text
export { PATTERN_REACH, PatternError, searchFor } from "./src/text/pattern.ts";
export type { Search } from "./src/text/pattern.ts";

// Processes
export { DEFAULT_INHERIT_ENV, requiredForCommand, siblingCommand, spawn } from "./src/process/command.ts";
export type { Command } from "./src/process/command.ts";
export { SECRET_BYTES } from "./src/process/secrets/secret.ts";
export type { EnvValue } from "./src/process/secrets/secret.ts";
export { MIN_REDACTED_LENGTH, REDACTED } from "./src/process/secrets/mask.ts";
export type { Redactor, TextCut } from "./src/process/secrets/mask.ts";
export { redactValue } from "./src/process/secrets/mask_values.ts";
export { CPU_RESOLUTION_MS, processTrees, PS, readUsage } from "./src/process/ps.ts";
export type { ProcessUsage, ReadUsage } from "./src/process/ps.ts";
export { flagFor, missingPermissions } from "./src/permissions/permit.ts";
export type { RequiredPermission } from "./src/permissions/permit.ts";
export { isGranted } from "./src/permissions/permit.ts";
export { PIPE_DRAIN_MS } from "./src/process/child.ts";
export { ProcessGroup, signalScope } from "./src/process/group.ts";
export type { SignalScope, SignalWay } from "./src/process/group.ts";
export type { ProcessOwner, ProcessRegistry } from "./src/process/command.ts";
export { setPatientTimeout } from "./src/time/after_news.ts";
export type { WritableData } from "./src/process/pipes/stdin.ts";
export type { PipeReaderOptions } from "./src/process/pipes/pipe_reader.ts";
export type { ChunkHandler } from "./src/process/pipes/stdout.ts";
export type {
  ChildProcess,
  ClosedProcess,
  ExitStatus,
  SpawnedProcess,
  SpawnOptions,
} from "./src/process/child.ts";
export { DEFAULT_STOP, GOODBYE_MS, stop } from "./src/process/stop.ts";
export type { StopOptions, StoppedBy, StopPlan, StopStep } from "./src/process/stop.ts";
export { codecs } from "./src/process/codecs/codecs.ts";
export type { CodecName } from "./src/process/codecs/codecs.ts";
export type { Codec } from "./src/process/codecs/codec.ts";
export {
  DEFAULT_MAX_FRAME,
  MAX_LENGTH,
  SAMPLE_CHARS,
  sampleOf,
  sampleOfBytes,
} from "./src/process/framing/framing.ts";
export type { Decoder, FrameSink, Malformed, MalformedKind } from "./src/process/framing/framing.ts";
export { DropCounters } from "./src/process/framing/drop_counters.ts";
export type { DropCount } from "./src/process/framing/drop_counters.ts";
export { MAX_JSON_DEPTH, MAX_JSON_WEIGHT } from "./src/process/codecs/json_shape.ts";
export type { JsonValue } from "./src/process/codecs/json.ts";
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
} from "./src/process/process_errors.ts";
export type { ProcessErrorCode } from "./src/process/process_errors.ts";

// Containment
export { contain } from "./src/containment/contain.ts";
export type { Containment, ContainOptions } from "./src/containment/contain.ts";
export { ContainmentError } from "./src/containment/containment_errors.ts";
export type { ContainmentErrorCode } from "./src/containment/containment_errors.ts";
export type { Guarantees, OnHostDeath } from "./src/containment/guarantees.ts";
export type { ProcessRecord } from "./src/containment/ledger.ts";
export type { Orphan, ReapedOrphans } from "./src/containment/sweep.ts";

// Supervision
export { CHILD_STATES } from "./src/supervision/child_state.ts";
export type { ChildState } from "./src/supervision/child_state.ts";
export { actor, DEFAULT_SHUTDOWN_MS, DEFAULT_START_MS } from "./src/supervision/child_spec.ts";
export type {
  ActorOptions,
  ActorSpec,
  ChildOptions,
  ChildSpec,
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
export { define } from "./src/manifest/fields/manifest.ts";
export type {
  ArgumentRules,
  ArgumentRulesInput,
  ArgumentValidatorEntry,
  ArgumentValidatorInput,
  CopyEntry,
  CopyInput,
  Entry,
  EntryInput,
  Manifest,
  ManifestInput,
  OnHostDeathEntry,
  Overrides,
  OverridesInput,
  PermissionsEntry,
  PlatformName,
  PoolEntry,
  PoolInput,
  SidecarEntry,
  SidecarInput,
  SupervisorEntry,
  SupervisorInput,
  TemplateEntry,
  TemplateInput,
  TemplateOverrides,
  TemplateOverridesInput,
} from "./src/manifest/fields/types.ts";
export type {
  BackoffInput,
  DependencyInput,
  DependencyOptions,
  EnvEntry,
  EnvInput,
  ExitStatusInput,
  GrowEntry,
  GrowInput,
  IntensityInput,
  LimitsEntry,
  LimitsInput,
  LinePatternEntry,
  LinePatternInput,
  MailboxEntry,
  MailboxInput,
  OnLimitInput,
  PairingEntry,
  PairingInput,
  PresetName,
  ProbeEntry,
  ProbeHandlerEntry,
  ProbeHandlerInput,
  ProbeInput,
  ProbesEntry,
  ProbesInput,
  ProbeTimingEntry,
  ProbeTimingInput,
  ProtocolEntry,
  ProtocolInput,
  ReadyEntry,
  ReadyInput,
  RestartRulesInput,
  RestartTypeInput,
  RoutingEntry,
  RoutingInput,
  ServerEntry,
  ServerInput,
  ShutdownInput,
  StartWithinInput,
  StopInput,
  StopSteps,
  TallyInput,
  UntilEntry,
  UntilInput,
} from "./src/options/types.ts";
export type { DurationInput, SizeInput } from "./src/options/units.ts";
export { load } from "./src/manifest/load.ts";
export { parse } from "./src/manifest/parse.ts";
export type { Loaded, LoadOptions } from "./src/manifest/load.ts";
export type { IgnoredPart } from "./src/manifest/resolve/platform.ts";
export {
  argsFor,
  ArgumentError,
  MAX_ARGUMENT_LENGTH,
  MAX_ARGUMENTS,
} from "./src/manifest/templates/arguments.ts";
export type { ArgumentErrorCode, TakesArguments } from "./src/manifest/templates/arguments.ts";
export { templateOf, UnknownTemplateError } from "./src/manifest/templates/templates.ts";
export { buildTree } from "./src/manifest/resolve/child_specs.ts";
export type { ChildFactories } from "./src/manifest/resolve/child_specs.ts";
export { ManifestError } from "./src/manifest/manifest_errors.ts";
export type { Fault, ManifestErrorCode } from "./src/manifest/manifest_errors.ts";
export type { NamedProgram } from "./src/manifest/resolve/programs.ts";
export { permissionFlags, requiredPermissions } from "./src/manifest/grants/permissions.ts";
export type { ManifestPermission, PermissionHost } from "./src/manifest/grants/permissions.ts";
export type { PermissionPurpose, PermissionReason } from "./src/manifest/grants/reasons.ts";
export { excessPermissions } from "./src/manifest/grants/excess.ts";
export type { HeldPermission, PermissionHolder, PermissionName } from "./src/manifest/grants/excess.ts";

// Control of a running tree
export { control, DEFAULT_CONTROL_TIMEOUT_MS } from "./src/control/client.ts";
export type { ControlOptions, ControlResults } from "./src/control/client.ts";
export { ControlServer } from "./src/control/server.ts";
export type { ControlServerOptions } from "./src/control/server.ts";
export type { ControlledTree } from "./src/control/commands.ts";
export { ControlSocket, socketPermissions } from "./src/control/socket.ts";
export type { SocketPermission } from "./src/control/socket.ts";
export { ControlError } from "./src/control/control_errors.ts";
export type { ControlErrorCode } from "./src/control/control_errors.ts";
export type {
  ChildReport,
  ControlRefusal,
  ControlRequest,
  LastExit,
  TreeReport,
} from "./src/control/protocol.ts";

// A whole process
export { launch } from "./src/launch/launch.ts";
export type { LaunchOptions, LaunchReport } from "./src/launch/launch.ts";
export { STOP_DEADLINE_MS } from "./src/launch/app.ts";
export type { App, AppOptions, Outcome } from "./src/launch/app.ts";
export { EXIT_GRACE_MS, STOP_SIGNALS } from "./src/launch/process_ends.ts";
export type { OnSignal } from "./src/launch/process_ends.ts";
export { jsonLine } from "./src/log.ts";
export { report } from "./src/report/report.ts";
export type { ReportFormat, ReportOptions } from "./src/report/report.ts";
export type { LogLevel } from "./src/log.ts";
export { pathsOf } from "./src/manifest/resolve/child_specs.ts";

/**
 * Manifests: files that say what runs, read, checked and made into a tree, and the permissions that they need.
 *
 * @example A tree from a manifest
 * ```ts
 * import { start } from "@outrider/outrider";
 * import { factories } from "@outrider/outrider/actors/factories";
 * import { buildTree, parse } from "@outrider/outrider/manifest";
 *
 * const text = '{ "name": "app", "children": [{ "id": "echo", "command": "cat", "protocol": "lines" }] }';
 * const manifest = parse(text, { file: "app.json" });
 * await using system = await start(buildTree(manifest, factories));
 * console.log(await system.ref("echo").ask("hello")); // hello
 * ```
 *
 * @module
 */

export { define } from "../manifest/fields/manifest.ts";
export type * from "../manifest/fields/types.ts";
export type {
  BackoffInput,
  DependencyInput,
  DependencyOptions,
  EnvEntry,
  EnvFileEntry,
  EnvFileInput,
  EnvFileOptions,
  EnvFiles,
  EnvInput,
  ExitStatusInput,
  GrowEntry,
  GrowInput,
  IntensityInput,
  LimitsEntry,
  LimitsInput,
  LinePatternEntry,
  LinePatternInput,
  LogEntry,
  LogInput,
  MailboxEntry,
  MailboxInput,
  OnLimitInput,
  PairingEntry,
  PairingInput,
  PresetName,
  ProbeEntry,
  ProbeHandlerEntry,
  ProbeInput,
  ProbesEntry,
  ProbesInput,
  ProbeTimingEntry,
  ProtocolEntry,
  ProtocolInput,
  ReadyEntry,
  ReadyInput,
  RestartRulesInput,
  RestartTypeInput,
  RoutingEntry,
  RoutingInput,
  ServerEntry,
  StartWithinInput,
  StdinEntry,
  StopInput,
  StopSequence,
  TallyInput,
  UntilEntry,
  UntilInput,
} from "../options/types.ts";
export type { DurationInput, SizeInput } from "../options/units.ts";
export { load } from "../manifest/load.ts";
export { parse } from "../manifest/parse.ts";
export type { Loaded, LoadOptions } from "../manifest/load.ts";
export type { IgnoredPart } from "../manifest/resolve/platform.ts";
export { argsFor, ArgumentError } from "../manifest/templates/arguments.ts";
export type { ArgumentErrorCode, TakesArguments } from "../manifest/templates/arguments.ts";
export { templateOf, UnknownTemplateError } from "../manifest/templates/templates.ts";
export { buildTree } from "../manifest/resolve/child_specs.ts";
export { pathsOf } from "../manifest/resolve/children.ts";
export type { ChildFactories } from "../manifest/resolve/child_specs.ts";
export { ManifestError } from "../manifest/manifest_errors.ts";
export type { Fault, ManifestErrorCode } from "../manifest/manifest_errors.ts";
export type { NamedProgram } from "../manifest/resolve/programs.ts";
export { logsOf, type PlacedLog } from "../manifest/resolve/children.ts";
export { permissionFlags, requiredPermissions } from "../manifest/grants/permissions.ts";
export type { ManifestPermission, PermissionHost } from "../manifest/grants/permissions.ts";
export type { PermissionPurpose, PermissionReason } from "../manifest/grants/reasons.ts";
export { excessPermissions } from "../manifest/grants/excess.ts";
export type { HeldPermission, PermissionHolder, PermissionName } from "../manifest/grants/excess.ts";

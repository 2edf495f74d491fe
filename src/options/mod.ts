/**
 * Options as data, and their check: for actors of your own that take their options as the library's constructors do.
 *
 * @example Options with a duration, a word and a default
 * ```ts
 * import { actor, OptionError } from "@outrider/outrider";
 * import { checkOptions, duration, key, needed, shape, word } from "@outrider/outrider/options";
 *
 * const pollerOptions = shape({
 *   every: needed(duration(1), "From one look to the next"),
 *   mode: key(word(["quick", "thorough"]), "How it looks"),
 * });
 *
 * function poller(id: string, options: { every: number | string; mode?: "quick" | "thorough" }) {
 *   const { every } = checkOptions<{ every: number }>(`Cannot make the poller '${id}'`, pollerOptions, options);
 *   return actor(id, () => ({ receive: () => every }));
 * }
 *
 * poller("a", { every: "10s" });
 * try {
 *   poller("b", { every: "10 sec" });
 * } catch (error) {
 *   if (error instanceof OptionError) console.log(error.path); // every
 * }
 * ```
 *
 * @module
 */

export {
  any,
  code,
  duration,
  filled,
  flag,
  key,
  linePattern,
  list,
  needed,
  number,
  optionTypes,
  shape,
  sizeField,
  text,
  types,
  union,
  whole,
  without,
  word,
} from "./build.ts";
export { checkSignal, signalField } from "./abort_signal.ts";
export { checkOptions, defaultsOf, pickOptions } from "./check.ts";
export { actorOptions, aFunction, codeChildFields, codeMailbox } from "./fields/children.ts";
export { commandFields, serverOptions, sidecarOptions } from "./fields/code_sidecar.ts";
export { poolOptions } from "./fields/pool.ts";
export { serverFields } from "./fields/conversation.ts";
export { deliveryFields } from "./fields/messages.ts";
export { defaultMs } from "./presets.ts";
export type { Preset, PresetPart, PresetValue } from "./presets.ts";
export type {
  AnyField,
  CodeField,
  DictField,
  Field,
  FieldBase,
  FlagField,
  LazyField,
  ListField,
  LiteralField,
  NumberField,
  OutputKey,
  PatternField,
  Property,
  QuantityField,
  Refuse,
  ScalarField,
  ShapeField,
  TextField,
  TupleField,
  TypeNames,
  UnionField,
  WordField,
} from "./field.ts";
export type {
  Backoff,
  BackoffInput,
  CheckedMailboxOptions,
  Dependency,
  DependencyInput,
  EnvFileInput,
  EnvFiles,
  GoodbyeStep,
  GrowEntry,
  GrowInput,
  HelloStep,
  Intensity,
  IntensityInput,
  IntensityPer,
  MailboxEntry,
  MailboxInput,
  MailboxOptions,
  OnDeath,
  OnLimit,
  OnLimitInput,
  OnStartFailure,
  ProbeTimingInput,
  Quarantine,
  QuarantineInput,
  RestartRules,
  RestartRulesInput,
  RestartType,
  RestartTypeInput,
  Shutdown,
  ShutdownInput,
  StartWithin,
  StartWithinInput,
  WhenGivenUp,
  WhenGivenUpInput,
} from "./types.ts";
export { type DurationInput, durationOption, type SizeInput } from "./units.ts";

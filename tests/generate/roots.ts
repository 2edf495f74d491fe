/** What is generated of which fields. */
import {
  poolEntryField,
  root,
  sidecarEntryField,
  supervisorEntryField,
} from "../../src/manifest/fields/manifest.ts";
import { without } from "../../src/options/build.ts";
import { fieldTable, presetTable, type TableOf } from "./tables.ts";
import type { Field } from "../../src/options/field.ts";
import { copyCountFields, grow, poolOptions, routing, spreadFields } from "../../src/options/fields/pool.ts";
import {
  commandOptions,
  conversationOptions,
  sidecarOptions,
} from "../../src/options/fields/code_sidecar.ts";
import { appOptions, launchOptions } from "../../src/options/fields/running.ts";
import { filterOptions } from "../../actors/filter/options.ts";
import { tickerOptions } from "../../actors/ticker/options.ts";
import { commonScript } from "../../src/testing/script.ts";
import { presetName } from "../../src/options/defaults.ts";
import { handlerFields, probeHandler, probes, timing } from "../../src/options/fields/probes.ts";
import { env, envFile, envFileEntry, limitsField } from "../../src/options/fields/program.ts";
import { pairing, protocol, protocolObject, server } from "../../src/options/fields/protocol.ts";
import { until } from "../../src/options/fields/conversation.ts";
import {
  actorOptions,
  childOptions,
  dynamicSupervisorOptions,
  supervisorOptions,
} from "../../src/options/fields/children.ts";
import { deliveryOptions, mailboxField, onDeath } from "../../src/options/fields/messages.ts";
import { codeLogField, logField } from "../../src/options/fields/log.ts";
import { ready, readyWithin, stdinField, stopField } from "../../src/options/fields/sidecar.ts";
import { restartField, restartRules } from "../../src/options/fields/restart.ts";
import {
  after,
  autoShutdown,
  backoff,
  entryChildFields,
  intensity,
  onLimit,
  quarantine,
  shutdown,
  startWithin,
  strategy,
  supervisorFields,
} from "../../src/options/fields/supervision.ts";

/** The fields whose types stand in `src/options/types.ts`; those of a manifest alone stand beside its schema. */
export const OPTION_ROOTS: readonly Field[] = [
  ...[after, autoShutdown, backoff, intensity, onLimit, restartField, shutdown, startWithin, strategy],
  ...[
    env,
    envFile,
    limitsField,
    probes,
    probeHandler,
    timing,
    server,
    pairing,
    protocol,
    until,
    mailboxField,
    onDeath,
    ready,
    stdinField,
    stopField,
    grow,
    logField,
    routing,
    spreadFields.whenGivenUp!.field,
  ],
  presetName,
  ...[deliveryOptions, childOptions, actorOptions, supervisorOptions, dynamicSupervisorOptions],
];

/** The types of quantities. */
export const UNITS = ["DurationInput", "SizeInput"];

/** Types that stand beside what they are for: `from` says where the names in them come from. */
export const CODE_TYPES: readonly {
  readonly path: string;
  readonly what: string;
  readonly roots: readonly Field[];
  readonly from: (options: readonly string[]) => Readonly<Record<string, readonly string[]>>;
}[] = [
  {
    path: "src/sidecar/option_types.ts",
    what: "a sidecar's options",
    roots: [conversationOptions, sidecarOptions, commandOptions],
    from: (options) => ({
      "../process/child_process.ts": ["ChildProcess", "SpawnOptions"],
      "../process/command.ts": ["Command"],
      "../process/secrets/secret.ts": ["EnvValue"],
      "./health/line_pattern.ts": ["Ready", "ResolvedReady"],
      "./health/probe_options.ts": ["CheckedProbes", "Probes"],
      "./messages/message_schemas.ts": ["Schemas"],
      "./protocol.ts": ["PairingWay", "Protocol"],
      "./replies/reply_stream.ts": ["Until"],
      "../options/fields/protocol.ts": ["CodecName"],
      "../options/types.ts": options,
      "../options/units.ts": UNITS,
    }),
  },
  {
    path: "src/launch/option_types.ts",
    what: "the options of launch",
    roots: [appOptions, launchOptions, codeLogField],
    from: () => ({
      "../containment/events.ts": ["OnHostDeath"],
      "../events.ts": ["SystemEvent"],
      "../options/units.ts": UNITS,
      "../report/options.ts": ["LaunchReport"],
    }),
  },
  {
    path: "actors/filter/option_types.ts",
    what: "a filter's options",
    roots: [filterOptions],
    from: (options) => ({
      "@outrider/outrider": ["EnvValue"],
      "@outrider/outrider/options": [...options, ...UNITS],
      "@outrider/outrider/process": ["ChildProcess", "Command", "SpawnOptions"],
    }),
  },
  {
    path: "actors/ticker/option_types.ts",
    what: "a ticker's options",
    roots: [tickerOptions],
    from: (options) => ({ "./options.ts": ["Tick"], "@outrider/outrider/options": [...options, ...UNITS] }),
  },
  {
    path: "src/testing/script_types.ts",
    what: "the script of a fake process",
    roots: [commonScript],
    from: () => ({}),
  },
  {
    path: "actors/pool/option_types.ts",
    what: "a pool's options",
    roots: [poolOptions],
    from: (options) => ({
      "./routing.ts": ["Routing"],
      "@outrider/outrider/options": [...options, ...UNITS],
    }),
  },
];

const table = (of: TableOf) => () => fieldTable(of);

/** The tables, by the name that a page has for them. */
export const TABLES: Readonly<Record<string, () => string>> = {
  "root": table({ fields: without(root.fields, ...Object.keys(supervisorFields)), defaults: "root" }),
  "supervisor": table({
    fields: without(supervisorEntryField.fields, ...Object.keys(entryChildFields)),
    defaults: "supervisor",
  }),
  "child": table({
    fields: {
      id: sidecarEntryField.fields.id!,
      ...entryChildFields,
      startWithin: sidecarEntryField.fields.startWithin!,
    },
    defaults: "sidecar",
  }),
  "pool": table({
    fields: {
      ...copyCountFields,
      ...spreadFields,
      ...without(
        poolEntryField.fields,
        "id",
        ...Object.keys({ ...copyCountFields, ...spreadFields, ...entryChildFields }),
      ),
    },
    defaults: "pool",
  }),
  "sidecar": table({
    fields: without(sidecarEntryField.fields, "id", ...Object.keys(entryChildFields)),
    defaults: "sidecar",
  }),
  "protocol": table(protocolObject as TableOf),
  "restart": table(restartRules as TableOf),
  "backoff": table(backoff as TableOf),
  "quarantine": table(quarantine as TableOf),
  "mailbox": table(mailboxField as TableOf),
  "stop": table(stopField as TableOf),
  "grow": table(grow as TableOf),
  "log": table({ fields: logField.fields, defaults: "log" }),
  "ready": table({ fields: { within: readyWithin }, defaults: "ready" }),
  "envFile": table(envFileEntry as TableOf),
  "limits": table(limitsField as TableOf),
  "checks of a probe": table({ fields: handlerFields, defaults: "probe" }),
  "numbers of a probe": table(timing as TableOf),
  "presets": presetTable,
};

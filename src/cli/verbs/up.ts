/**
 * `outrider up FILE`
 */

import type { ManifestPermission } from "../../manifest/grants/permissions.ts";
import { resolve } from "../../permissions/path.ts";
import { inheritedWarnings } from "../../process/start/inherited.ts";
import { requirePermissions } from "../checks/permissions.ts";
import { requirePrograms } from "../checks/programs.ts";
import { ignoredBriefly, manifestWarnings, prepare } from "../checks/prepare.ts";
import type { ServiceWishes } from "../checks/service.ts";
import { requireStartable } from "../checks/startable.ts";
import { detach } from "../detach.ts";
import { TAKE_OVER, UP_OPTIONS, upOptions } from "../run/options.ts";
import { supervise } from "../run/supervise.ts";
import { takeTarget } from "../control/target.ts";
import { printErrorsEscaped, readFileArgs, UsageError, type Verb } from "../verb.ts";

/** Starts a tree and keeps it running. */
export const upVerb: Verb = async (args) => {
  const { file, values } = readFileArgs(args, {
    control: { type: "string" },
    "no-control": { type: "boolean" },
    detach: { type: "boolean", short: "d" },
    // What `-d` adds to the command line of the runtime that it starts, in which `-d` means nothing more.
    "in-background": { type: "boolean" },
    only: { type: "list" },
    ...SERVICE_OPTIONS,
    ...TAKE_OVER,
    ...UP_OPTIONS,
  });
  const { control } = values;
  if (control !== undefined && values["no-control"]) {
    throw new UsageError("Cannot use --control with --no-control: it listens, or it does not");
  }
  if (values.detach && !values["in-background"]) {
    if (values["no-control"]) {
      throw new UsageError("Cannot use --detach with --no-control: nothing but a signal could end it");
    }
    const { target } = await takeTarget([file]);
    return await detach(["up", "--in-background", ...args], {
      file: resolve(file),
      target: control === undefined ? target : { words: target.words, file: undefined, sockets: [control] },
      waitReady: upOptions(values).waitReady,
      takesOver: values["take-over"],
    });
  }
  const { service, own } = await serviceOf(values);
  const options = { ...upOptions(values), control, service };
  const { manifest, ignored, file: path, ...standing } = await prepare(file, {
    ...options,
    own,
    only: values.only,
  });
  if (ignored.length > 0) await printErrorsEscaped(...ignoredBriefly(ignored));
  requireStartable(manifest, path);
  requirePermissions(manifest, standing);
  if (!options.keepGoing) await requirePrograms(manifest);
  return await supervise(manifest, {
    ...options,
    // A strict manifest has no more than is said.
    isInBackground: values["in-background"],
    listensByItself: !values["no-control"] && manifest.permissions !== "strict",
    file: path,
    ignored,
    takeOver: values["take-over"],
    warnings: [...manifestWarnings(path), ...inheritedWarnings()],
  });
};

/** The options of a service of the machine. */
const SERVICE_OPTIONS = {
  "notify": { type: "boolean", default: false },
  "http": { type: "string" },
  "termination-log": { type: "string" },
} as const;

/** @throws {ServiceError} */
async function serviceOf(
  { notify, http, "termination-log": terminationLog }: {
    readonly notify: boolean;
    readonly http?: string;
    readonly "termination-log"?: string;
  },
): Promise<{ service?: ServiceWishes; own: readonly ManifestPermission[] }> {
  if (!notify && http === undefined && terminationLog === undefined) return { own: [] };
  const { notifyPlace } = await import("../../service/notify.ts");
  const { servicePermissions } = await import("../checks/service.ts");
  const service = { notify: notify ? notifyPlace() : undefined, http, terminationLog };
  return { service, own: servicePermissions(service) };
}

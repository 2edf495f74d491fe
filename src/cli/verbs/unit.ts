/**
 * `outrider unit FILE`
 */

import deno from "../../../deno.json" with { type: "json" };
import { permissionFlags } from "../../manifest/grants/permissions.ts";
import { dirname, resolve } from "../../permissions/path.ts";
import { EXIT, parseOneOf, readFileArgs, UsageError, type Verb } from "../verb.ts";
import { optionalPermissions } from "../checks/containment.ts";
import { prepare } from "../checks/prepare.ts";
import { servicePermissions } from "../checks/service.ts";
import { longestStopOf } from "../checks/stop_time.ts";
import { originOf } from "../compile/build.ts";
import { serviceEnvironment } from "../unit/environment.ts";
import { launchdJob } from "../unit/launchd.ts";
import { type ServicePlan, unfitFor } from "../unit/plan.ts";
import { notifySockets, systemdUnit } from "../unit/systemd.ts";

/** The output formats of {@linkcode unitVerb}. */
const FORMATS = ["systemd", "launchd"] as const;

/** Prints a unit for a service manager. */
export const unitVerb: Verb = async (args) => {
  const { file, values } = readFileArgs(args, {
    format: { type: "string", default: "systemd" },
    user: { type: "boolean", default: false },
    contain: { type: "boolean", default: false },
    http: { type: "string" },
    executable: { type: "string" },
  });
  const format = parseOneOf("--format", values.format, FORMATS);
  if (values.user && format !== "systemd") throw new UsageError(`Cannot use --user with --format ${format}`);
  const loaded = await prepare(file);
  const { manifest, all } = loaded;
  const isNotified = format === "systemd" && values.executable === undefined;
  const own = servicePermissions({
    notify: isNotified ? { ...notifySockets(manifest.name), watchdog: undefined } : undefined,
    http: values.http,
  });
  const permissions = [...all, ...(values.contain ? optionalPermissions(manifest, all) : []), ...own];
  const options = [
    ...(isNotified ? ["--notify"] : []),
    ...(values.http === undefined ? [] : ["--http", values.http]),
  ];
  const origin = originOf(deno.version);
  const run = ["run", "--quiet", "--no-prompt", ...(isNotified ? ["--unstable-net"] : [])];
  const usesDeno = values.executable === undefined;
  const main = origin.specifier("/").replace(/^(?!jsr:)/, "/");
  const command = usesDeno
    ? [
      Deno.execPath(),
      ...run,
      ...origin.flags,
      ...permissionFlags(permissions),
      main,
      "up",
      loaded.file,
      ...options,
    ]
    : [resolve(values.executable), ...options];
  const plan: ServicePlan = {
    name: manifest.name,
    description: manifest.description,
    command,
    cwd: dirname(loaded.file),
    environment: serviceEnvironment(permissions, { usesDeno }),
    fetch: usesDeno ? [Deno.execPath(), "cache", ...origin.flags, main] : undefined,
    notifies: isNotified,
    stopWithin: longestStopOf(manifest),
  };
  const unfit = unfitFor(format, plan);
  if (unfit !== undefined) throw new UsageError(`Cannot make a service of this for ${format}: ${unfit}`);
  console.log(
    (format === "systemd" ? systemdUnit(plan, { isUser: values.user }) : launchdJob(plan)).trimEnd(),
  );
  return EXIT.OK;
};

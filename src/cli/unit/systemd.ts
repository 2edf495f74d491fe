/**
 * A manifest as a unit of systemd. Pure.
 */

import { visible } from "../../text/printable.ts";
import { type ServicePlan, STOP_MARGIN_MS } from "./plan.ts";

/** Where systemd listens for `Type=notify`, and where our own socket is: `%t` is /run, or that of the user. */
export function notifySockets(name: string): { readonly to: string; readonly from: string } {
  return { to: "%t/systemd/notify", from: `%t/${folderOf(name)}/notify` };
}

/** Milliseconds without a sign of life from the event loop after which systemd ends the runtime. */
const WATCHDOG_MS = 60_000;

/** The lines of a service that tells how it is. */
function notifyLines(name: string): string {
  return `RuntimeDirectory=${folderOf(name)}
# READY=1 comes when each child is ready, or its first attempt has failed or taken 10 s.
TimeoutStartSec=infinity
# Twice in that time the event loop says that it lives.
WatchdogSec=${WATCHDOG_MS / 1_000}
`;
}

/** The lines of what it is started with. */
function environmentLines({ environment, fetch }: ServicePlan, isUser: boolean): string {
  const { user, values, wanted } = environment;
  return [
    "# As it was for the user who made this unit: a service is started with next to none of it.",
    ...isUser || user === undefined ? [] : [`User=${escaped(user)}`],
    ...Object.entries(values).filter(([name]) => name !== "DENO_DIR").map(variable),
    ...values.DENO_DIR === undefined || fetch === undefined ? [] : [
      `# With all modules in it, a start needs no network: ${escaped(fetch.map(word).join(" "))}`,
      variable(["DENO_DIR", values.DENO_DIR]),
    ],
    ...wanted.length === 0 ? [] : [
      `# The manifest reads these, too: set them in a drop-in, by Environment= or EnvironmentFile=.`,
      ...wanted.map((name) => `#Environment=${name}=`),
    ],
  ].map((line) => `${line}\n`).join("");
}

function variable([name, value]: readonly [string, string]): string {
  return `Environment=${quoted(`${name}=${value}`.replaceAll("%", "%%"))}`;
}

/** The text of a unit; `isUser`: for `systemctl --user`. */
export function systemdUnit(
  plan: ServicePlan,
  { isUser }: { readonly isUser: boolean },
): string {
  const {
    name,
    description = `${name}, a tree of sidecars under Outrider`,
    command,
    cwd,
    notifies,
    stopWithin,
  } = plan;
  const stop = Math.ceil((stopWithin + STOP_MARGIN_MS) / 1_000);
  return `[Unit]
Description=${escaped(visible(description.replaceAll("\n", " ").replace(/\\+$/, "")))}
${isUser ? "" : "Wants=network-online.target\nAfter=network-online.target\n"}
[Service]
${notifies ? "Type=notify\nNotifyAccess=main" : "Type=exec"}
ExecStart=${command.map(word).join(" \\\n  ")}
WorkingDirectory=${escaped(cwd)}
${environmentLines(plan, isUser)}${notifies ? notifyLines(name) : ""}# What 'outrider check' says, and ${
    STOP_MARGIN_MS / 1_000
  } s more.
TimeoutStopSec=${stop}
# Outrider stops its children itself; what is left after that time is killed.
KillMode=mixed
# It fails with 1. A manifest or a command line that is wrong (2) and a missing permission (3) stay wrong.
Restart=on-failure
RestartPreventExitStatus=2 3
RestartSec=1

[Install]
WantedBy=${isUser ? "default.target" : "multi-user.target"}
`;
}

function folderOf(name: string): string {
  return `outrider-${name}`;
}

/** One word of a command line; specifiers of our own (`%t`) stay. */
function word(text: string): string {
  return quoted(text.replaceAll(/%(?!t\/)/g, "%%").replaceAll("$", "$$$$"));
}

function quoted(text: string): string {
  return /^[\w@%+=:,./$-]+$/.test(text)
    ? text
    : `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

/** A value that is one line. */
function escaped(text: string): string {
  return text.replaceAll("%", "%%").replaceAll("\n", " ");
}

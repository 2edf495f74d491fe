/**
 * A manifest as a job of launchd. Pure.
 */

import { type ServicePlan, STOP_MARGIN_MS } from "./plan.ts";

/** The text of a property list. */
export function launchdJob({ name, command, cwd, environment, stopWithin }: ServicePlan): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>outrider.${name}</string>
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    <string>${escaped(word)}</string>`).join("\n")}
  </array>
  <key>WorkingDirectory</key>
  <string>${escaped(cwd)}</string>
  <!-- As it was for the user who made this job: launchd gives it next to none of it. -->
  <key>EnvironmentVariables</key>
  <dict>
${Object.entries(environment.values).map(([key, value]) => variable(key, escaped(value))).join("\n")}
${
    environment.wanted.map((key) => `    <!-- The manifest reads this, too: ${escaped(key)} -->\n`).join("")
  }  </dict>
  <key>RunAtLoad</key>
  <true/>
  <!-- It is started again when it failed. launchd can't tell exit code 1 from 2 and 3, which stay wrong. -->
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <!-- Seconds that a stop may take before SIGKILL: what 'outrider check' says, and ${
    STOP_MARGIN_MS / 1_000
  } more. -->
  <key>ExitTimeOut</key>
  <integer>${Math.ceil((stopWithin + STOP_MARGIN_MS) / 1_000)}</integer>
</dict>
</plist>
`;
}

function variable(key: string, value: string): string {
  return `    <key>${key}</key>\n    <string>${value}</string>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

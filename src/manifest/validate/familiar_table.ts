/**
 * Keys as Kubernetes, systemd, compose files, process-compose, pm2 and supervisord name them, and what each is here. The
 * page docs/coming-from-process-managers.md says the same for people; a test compares them.
 *
 * Seconds (for pm2 milliseconds) are bare numbers there, and durations with a unit here. A value that is not understood
 * is shown by an example instead.
 */

import {
  availability,
  count,
  decimal,
  dependencies,
  exec,
  files,
  healthcheck,
  healthTest,
  httpGet,
  isEnabled,
  memoryMax,
  milliseconds,
  oneWord,
  ownProbe,
  parentOnly,
  quota,
  replicas,
  restartPolicy,
  seconds,
  startLimit,
  statuses,
  stopSequence,
  tcpSocket,
  treekill,
  trueOrFalse,
  variables,
  wordList,
} from "./familiar_values.ts";
import {
  type Home,
  type Part,
  pause,
  restOfAvailability,
  restOfDeploy,
  startOfHealthcheck,
} from "./familiar_parts.ts";

/** What a key of another tool is here. */
export interface FamiliarKey {
  /** The key that means the same, and the one within it. */
  readonly ours: readonly [string, string?];
  readonly home: Home;
  /** Converts the value to its form here; `undefined` where that is not possible. */
  readonly to: (value: unknown) => unknown;
  /** The example for that case. */
  readonly like: unknown;
  /** What else its value says, for other keys of ours. */
  readonly and?: (value: unknown) => readonly Part[];
  /** What is different here. */
  readonly note?: string;
}

const pauseMs = (value: unknown): unknown => pause(milliseconds(value));
const watchdog = (value: unknown): unknown => {
  const period = seconds(value);
  return period === undefined ? undefined : { heartbeat: { stderr: "^alive" }, period, failureThreshold: 1 };
};
const nothing = () => undefined;
const RESTARTED = "; over it, the program is not slowed down but restarted";
const check = { http: { port: 8080, path: "/health" } };

/** The one table, by the foreign name. */
export const FAMILIAR_KEYS: Readonly<Record<string, FamiliarKey>> = {
  // Kubernetes
  initialDelaySeconds: { ours: ["initialDelay"], home: "probe", to: seconds, like: "5s" },
  periodSeconds: { ours: ["period"], home: "probe", to: seconds, like: "10s" },
  timeoutSeconds: { ours: ["timeout"], home: "probe", to: seconds, like: "1s" },
  terminationGracePeriodSeconds: { ours: ["stop", "term"], home: "sidecar", to: seconds, like: "30s" },
  httpGet: { ours: ["http"], home: "probe", to: httpGet, like: check.http },
  tcpSocket: { ours: ["tcp"], home: "probe", to: tcpSocket, like: { port: 5432 } },
  exec: { ours: ["command"], home: "probe", to: exec, like: ["pg_isready", "-q"] },
  grpc: {
    ours: ["command"],
    home: "probe",
    to: nothing,
    like: ["grpc_health_probe", "-addr=127.0.0.1:9000"],
  },
  startupProbe: { ours: ["startup"], home: "probes", to: ownProbe, like: check },
  livenessProbe: { ours: ["liveness"], home: "probes", to: ownProbe, like: check },
  readinessProbe: { ours: ["readiness"], home: "probes", to: ownProbe, like: check },
  replicas: { ours: ["size"], home: "pool", to: count, like: 3 },
  restartPolicy: { ours: ["restart"], home: "sidecar", to: restartPolicy, like: "on-failure" },
  runAsUser: { ours: ["uid"], home: "sidecar", to: count, like: 1000 },
  runAsGroup: { ours: ["gid"], home: "sidecar", to: count, like: 1000 },
  // systemd; its Restart= is near enough to be found as a misspelling, and its words are ours as well
  RestartSec: { ours: ["backoff"], home: "sidecar", to: pause, like: pause(1) },
  RestartPreventExitStatus: { ours: ["restart", "prevent"], home: "sidecar", to: statuses, like: [78] },
  RestartForceExitStatus: { ours: ["restart", "force"], home: "sidecar", to: statuses, like: [0] },
  StartLimitBurst: { ours: ["intensity", "restarts"], home: "supervisor", to: count, like: 5 },
  StartLimitIntervalSec: { ours: ["intensity", "within"], home: "supervisor", to: seconds, like: "10s" },
  TimeoutStartSec: { ours: ["startWithin"], home: "sidecar", to: startLimit, like: "90s" },
  TimeoutStopSec: { ours: ["stop", "term"], home: "sidecar", to: seconds, like: "90s" },
  KillSignal: { ours: ["stop", "signal"], home: "sidecar", to: oneWord, like: "SIGQUIT" },
  KillMode: { ours: ["stop", "scope"], home: "sidecar", to: nothing, like: "process" },
  ExecStop: { ours: ["stop", "command"], home: "sidecar", to: nothing, like: ["nginx", "-s", "quit"] },
  SuccessExitStatus: { ours: ["successExitStatus"], home: "sidecar", to: statuses, like: [143] },
  MemoryMax: { ours: ["limits", "memory"], home: "sidecar", to: memoryMax, like: "200MB" },
  CPUQuota: { ours: ["limits", "cpu"], home: "sidecar", to: quota, like: 1.5, note: RESTARTED },
  ExecStartPre: {
    ours: ["after"],
    home: "sidecar",
    to: nothing,
    like: [{ id: "prepare", condition: "completed_successfully" }],
  },
  Requires: { ours: ["after"], home: "sidecar", to: nothing, like: ["db"] },
  Wants: { ours: ["after"], home: "sidecar", to: nothing, like: [{ id: "db", condition: "started" }] },
  PartOf: { ours: ["after"], home: "sidecar", to: nothing, like: [{ id: "db", restart: true }] },
  RestartSteps: { ours: ["backoff", "factor"], home: "sidecar", to: nothing, like: 2 },
  RestartMaxDelaySec: { ours: ["backoff", "max"], home: "sidecar", to: seconds, like: "30s" },
  ExecStart: { ours: ["command"], home: "sidecar", to: oneWord, like: "/usr/bin/node" },
  Group: { ours: ["group"], home: "sidecar", to: oneWord, like: "www-data" },
  WatchdogSec: { ours: ["probes", "liveness"], home: "sidecar", to: watchdog, like: watchdog(30) },
  // Compose files and process-compose
  services: { ours: ["children"], home: "supervisor", to: nothing, like: [{ id: "web", command: "node" }] },
  environment: { ours: ["env"], home: "sidecar", to: variables, like: { PORT: "8080" } },
  workingDir: { ours: ["cwd"], home: "sidecar", to: oneWord, like: "/srv/app" },
  dependsOn: { ours: ["after"], home: "sidecar", to: dependencies, like: ["db"] },
  healthcheck: {
    ours: ["probes", "readiness"],
    home: "sidecar",
    to: healthcheck,
    like: check,
    and: startOfHealthcheck,
  },
  deploy: { ours: ["size"], home: "pool", to: replicas, like: 3, and: restOfDeploy },
  preStop: { ours: ["stop", "command"], home: "sidecar", to: nothing, like: ["./drain"] },
  stdinOpen: { ours: ["stdin"], home: "sidecar", to: nothing, like: "pipe" },
  logging: { ours: ["log"], home: "sidecar", to: nothing, like: { file: "web.log", max: "10MB", keep: 5 } },
  logLocation: { ours: ["log", "file"], home: "sidecar", to: oneWord, like: "web.log" },
  disabled: { ours: ["start"], home: "sidecar", to: isEnabled, like: false },
  stopGracePeriod: { ours: ["stop", "term"], home: "sidecar", to: seconds, like: "10s" },
  stopSignal: { ours: ["stop", "signal"], home: "sidecar", to: oneWord, like: "SIGQUIT" },
  memLimit: { ours: ["limits", "memory"], home: "sidecar", to: memoryMax, like: "200MB" },
  cpus: { ours: ["limits", "cpu"], home: "sidecar", to: decimal, like: 1.5, note: RESTARTED },
  scale: { ours: ["size"], home: "pool", to: count, like: 3 },
  availability: {
    ours: ["restart"],
    home: "sidecar",
    to: availability,
    like: "on-failure",
    and: restOfAvailability,
  },
  shutdown: { ours: ["stop"], home: "sidecar", to: stopSequence, like: { term: "10s" } },
  secrets: { ours: ["env"], home: "sidecar", to: nothing, like: { TOKEN: { file: "/run/secrets/token" } } },
  envFile: { ours: ["envFile"], home: "sidecar", to: files, like: ".env" },
  entrypoint: { ours: ["command"], home: "sidecar", to: oneWord, like: "/usr/bin/node" },
  tty: { ours: ["pty"], home: "sidecar", to: trueOrFalse, like: true },
  retries: { ours: ["failureThreshold"], home: "probe", to: count, like: 3 },
  interval: { ours: ["period"], home: "probe", to: seconds, like: "10s" },
  test: { ours: ["command"], home: "probe", to: healthTest, like: ["pg_isready", "-q"] },
  startPeriod: { ours: ["startWithin"], home: "sidecar", to: seconds, like: "2m" },
  backoffSeconds: { ours: ["backoff"], home: "sidecar", to: pause, like: pause(1) },
  exitOnEnd: { ours: ["significant"], home: "sidecar", to: trueOrFalse, like: true },
  parentOnly: { ours: ["stop", "scope"], home: "sidecar", to: parentOnly, like: "process" },
  launchTimeoutSeconds: { ours: ["startWithin"], home: "sidecar", to: seconds, like: "10s" },
  readyLogLine: { ours: ["ready", "stdout"], home: "sidecar", to: nothing, like: "^listening" },
  // pm2 and supervisord
  name: { ours: ["id"], home: "sidecar", to: oneWord, like: "web" },
  script: { ours: ["command"], home: "sidecar", to: nothing, like: "node" },
  instances: { ours: ["size"], home: "pool", to: count, like: 3 },
  autorestart: { ours: ["restart"], home: "sidecar", to: restartPolicy, like: "on-failure" },
  maxRestarts: { ours: ["intensity", "restarts"], home: "supervisor", to: count, like: 5 },
  restartDelay: { ours: ["backoff"], home: "sidecar", to: pauseMs, like: pause(1) },
  maxMemoryRestart: { ours: ["limits", "memory"], home: "sidecar", to: memoryMax, like: "200MB" },
  expBackoffRestartDelay: { ours: ["backoff", "initial"], home: "sidecar", to: milliseconds, like: "100ms" },
  minUptime: { ours: ["backoff", "resetAfter"], home: "sidecar", to: milliseconds, like: "10s" },
  interpreter: { ours: ["command"], home: "sidecar", to: oneWord, like: "node" },
  interpreterArgs: {
    ours: ["args"],
    home: "sidecar",
    to: wordList,
    like: ["--enable-source-maps", "api.js"],
  },
  incrementVar: { ours: ["env"], home: "sidecar", to: nothing, like: { PORT: { copy: 3000 } } },
  filterEnv: { ours: ["inheritEnv"], home: "sidecar", to: nothing, like: ["PATH", "LANG"] },
  treekill: { ours: ["stop", "scope"], home: "sidecar", to: treekill, like: "process" },
  autostart: { ours: ["start"], home: "sidecar", to: trueOrFalse, like: false },
  startsecs: { ours: ["ready", "stdout"], home: "sidecar", to: nothing, like: "^listening" },
  stopasgroup: { ours: ["stop", "scope"], home: "sidecar", to: nothing, like: "group" },
  killTimeout: { ours: ["stop", "term"], home: "sidecar", to: milliseconds, like: "10s" },
  listenTimeout: { ours: ["startWithin"], home: "sidecar", to: milliseconds, like: "10s" },
  logType: { ours: ["log"], home: "sidecar", to: nothing, like: { file: "web.log", format: "json" } },
  // Words that come to mind first
  cmd: { ours: ["command"], home: "here", to: oneWord, like: "/usr/bin/node" },
  arguments: { ours: ["args"], home: "here", to: wordList, like: ["--port", "8080"] },
  timeout: { ours: ["within"], home: "here", to: seconds, like: "10s" },
  size: { ours: ["capacity"], home: "here", to: count, like: 100 },
  waitReady: { ours: ["ready", "stdout"], home: "sidecar", to: nothing, like: "^listening" },
};

const NOTHING = "Outrider has nothing of the kind";
const NO_WATCH =
  "Outrider watches no files; let a watcher run 'outrider restart CHILD', or the program watch itself";
const NO_CONTAINER = "Outrider runs programs, not containers; leave it out";

/** Those without a counterpart, folded, with what to say; some look like a key of ours. */
export const ABSENT: ReadonlyMap<string, string> = new Map(
  ([
    [
      "extends envcmds attach poststart disablelogs force pmx automation trace appendenvtoname",
      NOTHING,
    ],
    ["sourcemapsupport postupdate vizion mergelogs combinelogs processname conflicts", NOTHING],
    [
      "image build containername ports expose volumes networks networkmode capadd capdrop privileged",
      NO_CONTAINER,
    ],
    [
      "links dns extrahosts hostname labels configs platform pullpolicy readonly securityopt",
      NO_CONTAINER,
    ],
    ["tmpfs devices init pid ipc", NO_CONTAINER],
    ["watch ignorewatch watchdelay watchoptions develop", NO_WATCH],
    ["cronrestart", "cron, or a timer, that runs 'outrider restart CHILD' does it"],
    ["schedule cron", "cron, or a timer, that runs 'outrider run CHILD' does it"],
    ["startinterval", "a start looks often until its probe succeeds; leave it out"],
    ["profiles", "'outrider up --only CHILD' starts a part of the tree; leave it out"],
    ["namespace", 'a group is a child with "children"; move the sidecar into one'],
    ["isforeground", 'there is no screen to start it from; "start" of false leaves it to a start by hand'],
    ["vars", "each value stands where it belongs; 'outrider import' of such a file fills them in"],
    ["shutdownwithmessage", '"stop" has "signal" and "command" to say how it ends'],
    [
      "ulimits limitnofile limitnproc limitcore protectsystem protecthome privatetmp nonewprivileges",
      'a "launcher", such as "prlimit" or "bwrap", does it',
    ],
    [
      "type",
      'oneshot is "restart": "on-failure"; notify is "ready", or a probe; all programs stay in the foreground',
    ],
    ["shell", 'there is no shell; write "command": "sh", "args": ["-c", "…"], or the program and its words'],
    ["logdateformat time timestampformat", "each line of the log has its time; leave it out"],
    ["priority before", 'children start in the order of their list, or as "after" says'],
    ["execmode", "copies of a pool share no port; leave it out"],
    ["pidfile", "'outrider ps --json' says the pids; leave it out"],
    ["redirectstderr", 'both go to "log"; leave it out'],
    ["execreload", "'outrider signal CHILD HUP' sends it; leave it out"],
    ["isdaemon", "run the program in the foreground, with its flag for that, and leave it out"],
  ] as const).flatMap(([keys, hint]) => keys.split(" ").map((key) => [key, hint] as const)),
);

/** Further names of the same. */
export const ALSO: Readonly<Record<string, string>> = {
  childs: "services",
  sidecars: "services",
  processes: "services",
  programs: "services",
  apps: "services",
  workingDirectory: "workingDir",
  directory: "workingDir",
  numprocs: "instances",
  startretries: "maxRestarts",
  stopwaitsecs: "stopGracePeriod",
  isTty: "tty",
  exitOnFailure: "exitOnEnd",
  environmentFile: "envFile",
  exitcodes: "SuccessExitStatus",
  LoadCredential: "secrets",
  readiness: "readinessProbe",
  liveness: "livenessProbe",
  startup: "startupProbe",
  stopExitCodes: "RestartPreventExitStatus",
  instanceVar: "incrementVar",
  execInterpreter: "interpreter",
  nodeArgs: "interpreterArgs",
  outFile: "logLocation",
  errorFile: "logLocation",
  logFile: "logLocation",
  stdoutLogfile: "logLocation",
  stderrLogfile: "logLocation",
  StandardOutput: "logLocation",
  StandardError: "logLocation",
  logConfiguration: "logging",
  stdoutLogfileMaxbytes: "logging",
  stdoutLogfileBackups: "logging",
  killasgroup: "stopasgroup",
  BindsTo: "Requires",
};

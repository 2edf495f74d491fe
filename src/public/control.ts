/**
 * Control of a running tree from another program, over a socket: `status`, `restart`, `terminate`, `stop` and more.
 *
 * `outrider up FILE` serves such a socket, and `outrider ps` and its like use it. This is for
 * programs that do the same.
 *
 * @module
 */

export { control } from "../control/client.ts";
export type { ControlOptions } from "../control/client.ts";
export type { ControlResults } from "../control/results.ts";
export type { CommandHandler, CommandTarget } from "../control/commands.ts";
export type {
  ControlledTree,
  ControlMethod,
  ControlMethods,
  MethodContext,
  MethodField,
  MethodRequest,
} from "../control/methods/method.ts";
export { ControlServer } from "../control/server.ts";
export type { ControlServerOptions } from "../control/server.ts";
export { ControlSocket, socketPermissions } from "../control/socket.ts";
export type { SocketPermission } from "../control/socket.ts";
export { ControlError } from "../control/control_errors.ts";
export type { ControlErrorCode } from "../control/control_errors.ts";
export type {
  ChildReport,
  ChildUsage,
  ControlAction,
  ControlRefusal,
  ControlRequest,
  HelloReport,
  Life,
  TreePhase,
  TreeReport,
  UsageReport,
  WhyReport,
} from "../control/protocol.ts";
export type { LastExit, NotReady } from "../supervision/status.ts";

/**
 * The permissions of what `up` does as a service of its machine.
 */

import { resolve } from "../../permissions/path.ts";
import { type ManifestPermission, ownPermission } from "../../manifest/grants/permissions.ts";
import { healthAddress } from "../../service/health.ts";
import { hostPort } from "../../text/words.ts";
import { NOTIFY_VARIABLES, type NotifyPlace } from "../../service/notify.ts";

/** What of it is wanted. */
export interface ServiceWishes {
  /** Where systemd is told; `undefined`: it is not. */
  readonly notify?: NotifyPlace | undefined;
  /** Where health is asked for, as it is written. */
  readonly http?: string | undefined;
  /** The file for the last failure. */
  readonly terminationLog?: string | undefined;
}

/** @throws {ServiceError} `http` is no address */
export function servicePermissions({ notify, http, terminationLog }: ServiceWishes): ManifestPermission[] {
  const sockets = notify === undefined ? [] : [notify.to, notify.from];
  return [
    ...(notify === undefined ? [] : NOTIFY_VARIABLES).map((value) =>
      ownPermission({ name: "env", value }, "notify")
    ),
    ...sockets.map((value) => ownPermission({ name: "read", value }, "notify")),
    ...sockets.map((value) => ownPermission({ name: "write", value }, "notify")),
    ...sockets.map((value) => ownPermission({ name: "net", value: `unix:${value}` }, "notify")),
    ...(http === undefined ? [] : [ownPermission({ name: "net", value: netAddress(http) }, "health")]),
    ...(terminationLog === undefined
      ? []
      : [ownPermission({ name: "write", value: resolve(terminationLog) }, "terminationLog")]),
  ];
}

/** @throws {ServiceError} `http` is no address */
function netAddress(http: string): string {
  const { hostname, port } = healthAddress(http);
  return hostPort(hostname, port);
}

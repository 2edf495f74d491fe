/**
 * `outrider mcp FILE`
 */

import { isModule } from "../../manifest/load.ts";
import { MCP_CLIENT_TEXT } from "../../manifest/mcp_clients/dialects.ts";
import { readText } from "../../manifest/read.ts";
import { resolve } from "../../permissions/path.ts";
import { inheritedWarnings } from "../../process/start/inherited.ts";
import type { LoadedClientFile } from "../checks/client_file.ts";
import { requirePermissions } from "../checks/permissions.ts";
import { ignoredBriefly, manifestWarnings, prepare } from "../checks/prepare.ts";
import { requirePrograms } from "../checks/programs.ts";
import { requireStartable } from "../checks/startable.ts";
import { GATEWAY_OPTIONS, gatewayRunOptions } from "../gateway/options.ts";
import { serveGateway } from "../gateway/serve_gateway.ts";
import { StdioFront } from "../gateway/stdio_front.ts";
import { printErrorsEscaped, readFileArgs, type Verb } from "../verb.ts";

/** Serves the MCP servers of a file as one. */
export const mcpVerb: Verb = async (args) => {
  const { file, values } = readFileArgs(args, GATEWAY_OPTIONS);
  const options = gatewayRunOptions(values);
  const http = values.http === undefined && values["token-file"] === undefined
    ? undefined
    : await import("../gateway/http_token.ts");
  const wishes = http?.httpWishes(values);
  const client = await clientFileOf(file, values);
  if (client !== undefined && client.notes.length > 0) await printErrorsEscaped("Noted:", ...client.notes);
  const { manifest, ignored, file: path, ...standing } = await prepare(file, {
    only: values.only,
    own: [...client?.own ?? [], ...wishes === undefined ? [] : http!.httpPermissions(wishes)],
    loaded: client?.loaded,
  });
  if (ignored.length > 0) await printErrorsEscaped(...ignoredBriefly(ignored));
  requireStartable(manifest, path);
  requirePermissions(manifest, standing);
  if (options.needsAll) await requirePrograms(manifest);
  return await serveGateway(manifest, {
    ...options,
    file: path,
    limitsOf: ({ name, path }) => {
      const { disabledTools, timeout } = client?.servers.get(path) ?? {};
      const limits = options.limitsOf(name);
      return { ...limits, timeout: limits.timeout ?? timeout, disabledTools };
    },
    warnings: [...manifestWarnings(path), ...inheritedWarnings()],
    async open(gateway) {
      if (wishes !== undefined) {
        const { token, isNew } = await http!.tokenFor(wishes);
        const { openHttp } = await import("../gateway/http_front.ts");
        const front = await openHttp(gateway, { address: wishes.address, token });
        await printErrorsEscaped(`Serving MCP at ${front.url}${isNew ? `, with the token ${token}` : ""}`);
        return front;
      }
      const front = new StdioFront();
      await gateway.connect(front);
      return front;
    },
  });
};

/** The configuration of an MCP client, if the file is one: what reads those is loaded for them alone. */
async function clientFileOf(
  file: string,
  values: { readonly input: readonly string[]; readonly "inputs-file"?: string | undefined },
): Promise<LoadedClientFile | undefined> {
  const hasInputs = values.input.length > 0 || values["inputs-file"] !== undefined;
  if (isModule(file) || !(hasInputs || MCP_CLIENT_TEXT.test(await readText(resolve(file))))) return undefined;
  const { loadClientFile } = await import("../checks/client_file.ts");
  const { readInputs } = await import("../inputs.ts");
  return await loadClientFile(file, await readInputs({ "inputs-file": undefined, ...values }));
}

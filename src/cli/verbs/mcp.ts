/**
 * `outrider mcp FILE`
 */

import { inheritedWarnings } from "../../process/start/inherited.ts";
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
  const { manifest, ignored, file: path, ...standing } = await prepare(file, { only: values.only });
  if (ignored.length > 0) await printErrorsEscaped(...ignoredBriefly(ignored));
  requireStartable(manifest, path);
  requirePermissions(manifest, standing);
  if (!options.keepGoing) await requirePrograms(manifest);
  return await serveGateway(manifest, {
    ...options,
    file: path,
    warnings: [...manifestWarnings(path), ...inheritedWarnings()],
    async open(gateway) {
      const front = new StdioFront();
      await gateway.connect(front);
      return front;
    },
  });
};

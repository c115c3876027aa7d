// Which program is the server: that of the settings, or the one in this extension.
const path = require("node:path");

/**
 * @param {string} extension the folder of the extension
 * @param {{path?: string, settings?: string}} configuration empty texts say nothing
 * @returns {{command: string, args: string[]}}
 */
function serverCommand(extension, configuration) {
  const name = process.platform === "win32" ? "transom.exe" : "transom";
  const args = configuration.settings ? ["lsp", "--settings", configuration.settings] : ["lsp"];
  return { command: configuration.path || path.join(extension, "server", name), args };
}

module.exports = { serverCommand };

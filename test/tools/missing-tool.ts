/** What is needed cannot be had here; the message says why. */
export class MissingTool extends Error {
  constructor(what: string, reason: string) {
    super(`${what} cannot be had here: ${reason}`);
    this.name = "MissingTool";
  }
}

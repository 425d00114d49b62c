/** The YAML tests of the server's own REST API, run against one server. */
import { join } from "node:path";
import type { FileResult } from "./run-file.ts";
import { runFolder } from "./run-folder.ts";
import { readApiSpecifications } from "./api-specification.ts";
import { changedSince } from "./specification-changes.ts";
import { fetchSpecification, testsVersion } from "./specification-archive.ts";
import { specificationCaller } from "./specification-call.ts";
import { supportedApis, wipeServer } from "./servers.ts";
import { elasticsearchVersion } from "../../elasticsearch/distribution.ts";

/** Runner features that the suite asks for and that are true of a node with the defaults. */
const features: ReadonlySet<string> = new Set(["default_shards", "no_xpack", "node_selector"]);

/** Folders of the tests and of the API specifications that they are run with. */
export interface Specifications {
  readonly written: string;
  readonly served: string;
}

/** Fetches what is not there yet. @throws {Error} when Maven is missing or cannot fetch it */
export async function fetchSpecifications(): Promise<Specifications> {
  return {
    written: await fetchSpecification(testsVersion),
    served: await fetchSpecification(elasticsearchVersion),
  };
}

/**
 * Runs the files of the server's own REST tests whose path holds a text.
 *
 * @param isMock leaves out what has changed since those tests were written, and what the mock does
 *   not claim to have
 */
export async function runSpecification(
  { written, served }: Specifications,
  url: string,
  only: string,
  isMock: boolean,
): Promise<FileResult[]> {
  const call = specificationCaller({
    url,
    written: await readApiSpecifications(join(written, "api")),
    served: await readApiSpecifications(join(served, "api")),
    ...(isMock ? { supported: supportedApis } : {}),
  });
  const options = {
    call,
    wipe: () => wipeServer(url),
    version: elasticsearchVersion,
    features,
    hasVerbosePatterns: true,
    // Against a real node every test runs, so that the list can be checked.
    ...(isMock ? { reasonToSkip: changedSince } : {}),
    // Mapping types are gone since version 8.
    ignoredPaths: /(?:^|\.)_type$/,
  };
  return runFolder(join(written, "test"), options, (path) => path.includes(only));
}

/**
 * Which Elasticsearch is spoken.
 *
 * `es9` is Elasticsearch 9. `seed` keeps the literals that the tests of an older mock demand:
 * `parse_exception` for a document that is not JSON, the names `mock-es-node` and `mock-cluster`,
 * version 8.0.0, and searches that always report a total of 100 and never return more than 10 hits.
 * Nothing new should rely on `seed`.
 */
export type ProfileName = "es9" | "seed";

/** What a profile answers about itself. */
export interface Profile {
  readonly name: ProfileName;
  readonly nodeName: string;
  readonly clusterName: string;
  /** Major version of the REST API: the larger of the two that media types may ask for. */
  readonly major: number;
  readonly version: string;
  /** Number of the index format, as settings of indices show it. */
  readonly indexVersion: string;
  /** The versions of the server that have this index format, as snapshots show it. */
  readonly indexVersionText: string;
  readonly luceneVersion: string;
  readonly minimumWire: string;
  readonly minimumIndex: string;
  readonly buildHash: string;
  readonly buildDate: string;
}

const profiles: Readonly<Record<ProfileName, Profile>> = {
  es9: {
    name: "es9",
    nodeName: "mock-es-node",
    clusterName: "mock-cluster",
    major: 9,
    version: "9.5.3",
    indexVersion: "9111000",
    indexVersionText: "9.5.2-9.5.3",
    luceneVersion: "10.5.1",
    minimumWire: "8.19.0",
    minimumIndex: "8.0.0",
    buildHash: "0000000000000000000000000000000000000000",
    buildDate: "2026-01-01T00:00:00.000000000Z",
  },
  seed: {
    name: "seed",
    nodeName: "mock-es-node",
    clusterName: "mock-cluster",
    major: 8,
    version: "8.0.0",
    indexVersion: "8000099",
    indexVersionText: "8.0.0",
    luceneVersion: "9.0.0",
    minimumWire: "7.17.0",
    minimumIndex: "7.0.0",
    buildHash: "0000000000000000000000000000000000000000",
    buildDate: "2022-02-03T16:47:57.507843096Z",
  },
};

/** The profile of a name. */
export function profileOf(name: ProfileName): Profile {
  return profiles[name];
}

/** True for a name that is a profile. */
export function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(profiles, name);
}

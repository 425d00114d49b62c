import assert from "node:assert/strict";
import { test } from "node:test";
import { startMockEs } from "../../mock-es/index.ts";
import { acceptedDifferences } from "./accepted-differences.ts";
import {
  corpus,
  olderCorpus,
  securedCorpus,
  superuser,
  superuserAuthorization,
} from "./corpus/all.ts";
import { differences } from "./corpus/compare.ts";
import type { CorpusGroup } from "./corpus/corpus.ts";
import { type Answer, replay } from "./corpus/replay.ts";
import { asNewer, readGoldens } from "./goldens.ts";

const secured = new Set(securedCorpus);
const older = new Set(olderCorpus);
const groups = [...corpus, ...securedCorpus, ...olderCorpus];

for (const group of groups) {
  test(`the mock answers "${group.name}" as a real Elasticsearch did`, async () => {
    const goldens = await readGoldens(group.name);
    assert.deepEqual(
      goldens.answers.map((answer) => answer.ask),
      group.steps.map((step) => step.ask),
      "the goldens are older than the corpus: run make record-goldens",
    );
    const answers = await askMock(group);
    const unexpected: string[] = [];
    const vanished: string[] = [];
    for (const [at, real] of goldens.answers.entries()) {
      const key = `${group.name} ${at + 1} ${real.ask}`;
      const found = describe(real, answers[at]);
      if (found.length > 0 && acceptedDifferences[key] === undefined)
        unexpected.push(`${key}\n${found.join("\n")}`);
      if (found.length === 0 && acceptedDifferences[key] !== undefined) vanished.push(key);
    }
    assert.ok(
      unexpected.length === 0,
      `${unexpected.length} answers differ:\n${unexpected.join("\n")}`,
    );
    assert.deepEqual(
      vanished,
      [],
      "these differences are gone: delete them from accepted-differences.ts",
    );
  });
}

test("every accepted difference names a request of the corpus and a reason", () => {
  const known = new Set(
    groups.flatMap((group) => group.steps.map((step, at) => `${group.name} ${at + 1} ${step.ask}`)),
  );
  for (const [key, reason] of Object.entries(acceptedDifferences)) {
    assert.ok(known.has(key), `not in the corpus: ${key}`);
    assert.ok(reason.length > 10, `no reason for: ${key}`);
  }
});

async function askMock(group: CorpusGroup): Promise<Answer[]> {
  const isSecured = secured.has(group);
  const mock = await startMockEs({
    port: 0,
    ...(isSecured ? { security: { elasticPassword: superuser.password } } : {}),
  });
  try {
    const answers = await replay(mock.url, group, isSecured ? superuserAuthorization : undefined);
    return older.has(group) ? answers.map(asNewer) : answers;
  } finally {
    await mock.close();
  }
}

function describe(real: Answer, mock: Answer | undefined): string[] {
  return differences(real, mock).map(({ path, real: expected, mock: actual }) => {
    return `    ${path}: real ${shorten(expected)}, mock ${shorten(actual)}`;
  });
}

function shorten(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { formatNote } from "../../src/tlog/note.ts";
import { parsePolicy } from "../../src/tlog/policy-file.ts";
import { isQuorum, verifyByPolicy } from "../../src/tlog/policy.ts";
import type { Policy } from "../../src/tlog/policy.ts";
import { formatCheckpoint } from "../../src/tlog/checkpoint.ts";
import type { SigningKey } from "../../src/tlog/signing-key.ts";
import { seededKey, seededMlDsaKey } from "./keys.ts";

const log = seededKey("example.com/log", 1);
const witnesses = [10, 11, 12, 13, 14, 15].map((seed) =>
  seededKey(`witness.example/${seed}`, seed, "ed25519-cosignature"),
);
const [x1, x2, x3, y1, y2, y3] = witnesses.map(({ verifier }) => verifier.toString());
const logLine = `log ${log.verifier.toString()}\n`;

/** The example of the specification. */
const twoGroups = `# two groups
${logLine}
witness X1 ${x1}
witness X2\t${x2} https://x2.example/
  witness X3 ${x3}
group X-witnesses 2 X1 X2 X3

witness Y1 ${y1}
witness Y2 ${y2}
witness Y3 ${y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

function policyOf(text: string): Policy {
  const result = parsePolicy(Buffer.from(text));
  assert.ok("policy" in result, JSON.stringify(result));
  return result.policy;
}

function problemsOf(text: string | Buffer): string[] {
  const result = parsePolicy(Buffer.from(text));
  assert.ok("problems" in result, "the policy was accepted");
  return result.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

function cosigned(signers: readonly SigningKey[], size = 3): Buffer {
  const text = formatCheckpoint({
    origin: "example.com/log",
    size,
    root: Buffer.alloc(32, 5),
    extensions: [],
  });
  return Buffer.from(
    formatNote({ text, signatures: signers.map((key) => key.sign(text, 1_700_000_000)) }),
  );
}

function pick(...places: readonly number[]): SigningKey[] {
  return places.flatMap((place) => witnesses[place] ?? []);
}

test("reads the example of the specification", () => {
  const policy = policyOf(twoGroups);
  assert.equal(policy.logs[0]?.key.name, "example.com/log");
  assert.deepEqual(
    policy.witnesses.map(({ name, url }) => [name, url]),
    [
      ["X1", undefined],
      ["X2", "https://x2.example/"],
      ["X3", undefined],
      ["Y1", undefined],
      ["Y2", undefined],
      ["Y3", undefined],
    ],
  );
});

test("a quorum is reached as the groups say", () => {
  const policy = policyOf(twoGroups);
  for (let bits = 0; bits < 64; bits += 1) {
    const cosigners = policy.witnesses.filter((_, place) => (bits >> place) % 2 === 1);
    const [x, y] = ["X", "Y"].map(
      (letter) => cosigners.filter(({ name }) => name.startsWith(letter)).length,
    );
    assert.equal(
      isQuorum(policy, new Set(cosigners)),
      (x ?? 0) >= 2 && (y ?? 0) >= 1,
      String(bits),
    );
  }
});

test("quorums of one witness and of none", () => {
  const one = policyOf(`${logLine}witness W ${x1}\nquorum W\n`);
  assert.ok(!isQuorum(one, new Set()));
  assert.ok(isQuorum(one, new Set(one.witnesses)));
  const none = policyOf("quorum none");
  assert.ok(isQuorum(none, new Set()));
  assert.deepEqual([none.logs, none.witnesses], [[], []]);
});

test("accepts a checkpoint that the log has signed and enough witnesses have cosigned", () => {
  const policy = policyOf(twoGroups);
  const trusted = verifyByPolicy(cosigned([log, ...pick(0, 2, 5)]), policy);
  assert.equal(trusted.checkpoint.size, 3);
  assert.deepEqual(
    trusted.cosignatures.map(({ witness, time }) => [witness.name, time]),
    [
      ["X1", 1_700_000_000],
      ["X3", 1_700_000_000],
      ["Y3", 1_700_000_000],
    ],
  );
});

test("refuses a checkpoint with too few cosignatures, or without the log's signature", () => {
  const policy = policyOf(twoGroups);
  assert.throws(() => verifyByPolicy(cosigned([log, ...pick(0, 1, 2)]), policy), {
    code: "quorum",
  });
  assert.throws(() => verifyByPolicy(cosigned([log, ...pick(0, 0, 0, 4)]), policy), {
    code: "quorum",
  });
  assert.throws(() => verifyByPolicy(cosigned(pick(0, 1, 5)), policy), { code: "signature" });
  const impostor = seededKey("example.com/log", 99);
  assert.throws(() => verifyByPolicy(cosigned([impostor, ...pick(0, 1, 5)]), policy), {
    code: "signature",
  });
});

test("refuses a cosignature of a known witness over something else", () => {
  const policy = policyOf(`${logLine}witness W ${x1}\nquorum none\n`);
  const text = formatCheckpoint({
    origin: "example.com/log",
    size: 3,
    root: Buffer.alloc(32, 5),
    extensions: [],
  });
  const [witness] = witnesses;
  assert.ok(witness !== undefined);
  const signatures = [log.sign(text, 0), witness.sign(text.replace("3", "4"), 7)];
  assert.throws(() => verifyByPolicy(Buffer.from(formatNote({ text, signatures })), policy), {
    code: "signature",
  });
});

test("a witness named like the log does not stand in for it", () => {
  const twin = seededKey("example.com/log", 50, "ed25519-cosignature");
  const policy = policyOf(`${logLine}witness W ${twin.verifier.toString()}\nquorum W\n`);
  assert.throws(() => verifyByPolicy(cosigned([twin]), policy), { code: "signature" });
  assert.equal(verifyByPolicy(cosigned([log, twin]), policy).cosignatures.length, 1);
});

test("logs and witnesses may use ML-DSA-44", () => {
  const mlDsaLog = seededMlDsaKey("example.com/log", 3);
  const mlDsaWitness = seededMlDsaKey("witness.example/pq", 4);
  const lines = `log ${mlDsaLog.verifier.toString()}\nwitness W ${mlDsaWitness.verifier.toString()}\nquorum W\n`;
  assert.equal(
    verifyByPolicy(cosigned([mlDsaLog, mlDsaWitness]), policyOf(lines)).cosignatures.length,
    1,
  );
});

test("names every problem with its line and column", () => {
  const plainKey = seededKey("witness.example/plain", 40).verifier.toString();
  const text = [
    "logs x",
    `log ${x1} u v`,
    "  log nonsense",
    `witness W ${plainKey}`,
    `witness A ${x1}`,
    `witness A ${x2}`,
    `witness B ${x1}`,
    `witness none ${x2}`,
    "group G 3 A W",
    "group H some A",
    "group I any A A",
    "group J any A",
    "group ä any x",
    "group",
    "quorum nobody",
    "quorum none",
  ].join("\n");
  assert.deepEqual(problemsOf(text), [
    "1:1: expected log, witness, group or quorum",
    `2:${`log ${x1} u `.length + 1}: expected: log VKEY [URL]`,
    "3:7: a vkey has the form NAME+KEYID+BASE64",
    "4:11: a witness needs a key for cosignatures (type 0x04 or 0x06)",
    "6:9: A is defined already",
    "7:11: this witness's key is listed twice",
    '8:9: "none" cannot be defined',
    "9:9: expected all, any or a number from 1 to 2",
    "10:9: expected all, any or a number from 1 to 1",
    "10:14: A is a member of a group already",
    "11:13: A is a member of a group already",
    "11:15: A is a member of a group already",
    "12:13: A is a member of a group already",
    "13:13: x is not defined on a line above",
    "14:6: expected: group NAME all|any|K MEMBER…",
    "15:8: nobody is not defined on a line above",
    "16:1: there is a quorum line already",
  ]);
});

test("a group refers to lines above only, so that no group contains itself", () => {
  assert.deepEqual(problemsOf(`group G any G\nquorum G\n`), [
    "1:13: G is not defined on a line above",
  ]);
  assert.deepEqual(problemsOf(`group G any W\nwitness W ${x1}\nquorum G\n`), [
    "1:13: W is not defined on a line above",
  ]);
});

test("the same key is one party, whatever it is called", () => {
  const alias = seededKey("witness.example/alias", 10, "ed25519-cosignature").verifier.toString();
  assert.deepEqual(problemsOf(`witness A ${x1}\nwitness B ${alias}\nquorum none\n`), [
    "2:11: this witness's key is listed twice",
  ]);
  assert.deepEqual(problemsOf(`${logLine}${logLine}quorum none\n`), [
    "2:5: this log's key is listed twice",
  ]);
});

test("a quorum line is required", () => {
  assert.deepEqual(problemsOf(logLine), [
    "2:1: a quorum line is missing: quorum NAME, or quorum none",
  ]);
});

test("names are bytes: a Kelvin sign is not a K", () => {
  const policy = policyOf(
    `witness K ${x1}\nwitness \u212a ${x2}\ngroup G all K \u212a\nquorum G\n`,
  );
  assert.deepEqual(
    policy.witnesses.map(({ name }) => name),
    ["K", "\u212a"],
  );
  assert.deepEqual(problemsOf(Buffer.from(`# \u00e4\r\nquorum none\n`)), [
    "1:4: control characters are not allowed",
  ]);
});

test("holds as many logs, witnesses and groups as the specification asks for", () => {
  const many = Array.from({ length: 32 }, (_, i) => i);
  const lines = [
    ...many.map((i) => `log ${seededKey(`example.com/${i}`, i + 1).verifier.toString()}`),
    ...many.map(
      (i) =>
        `witness W${i} ${seededKey(`w/${i}`, i + 1, "ed25519-cosignature").verifier.toString()}`,
    ),
    ...many.map((i) => `group G${i} all W${i}${i === 0 ? "" : ` G${i - 1}`}`),
    "quorum G31",
  ];
  const policy = policyOf(lines.join("\n"));
  assert.ok(isQuorum(policy, new Set(policy.witnesses)));
  assert.ok(!isQuorum(policy, new Set(policy.witnesses.slice(1))));
});

test("refuses a policy with more definitions than a person can judge", () => {
  const groups = Array.from(
    { length: 600 },
    (_, i) => `group G${i} any ${i === 0 ? "W" : `G${i - 1}`}`,
  );
  const [first] = problemsOf([`witness W ${x1}`, ...groups, "quorum G599"].join("\n"));
  assert.equal(first, "513:1: more than 512 definitions");
});

test("garbage gives a policy or problems with places", () => {
  const pieces = fc.constantFrom(
    "log ",
    "witness ",
    "group ",
    "quorum ",
    "none",
    "any ",
    "A ",
    "\n",
    `${x1} `,
    "1 ",
    "é",
    "\t",
    "#",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(pieces, { maxLength: 20 }).map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const result = parsePolicy(input);
      const lines = Buffer.from(input).toString("latin1").split("\n");
      for (const { line, column } of "problems" in result ? result.problems : []) {
        assert.ok(line >= 1 && line <= lines.length);
        assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1);
      }
    }),
    { numRuns: 1000 },
  );
});

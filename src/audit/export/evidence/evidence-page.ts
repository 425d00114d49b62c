/** The page of an evidence archive: what it shows, and how to check it with public tools. */
import type { VerifierKey } from "../../../tlog/verifier-key.ts";
import type { BodySide } from "../../read/recorded-body.ts";
import type { TrailEntry } from "../../read/trail-entry.ts";
import { checkPathFile } from "./check-path.ts";
import type { Page, PageBlock } from "./page-forms.ts";
import type { SignaturePieces } from "./signature-files.ts";

/** An exchange, a session or a single record. */
export interface EvidenceSubject {
  readonly id: string;
  readonly entry: TrailEntry;
  readonly records: readonly {
    readonly file: string;
    readonly proof: string;
    readonly log: string;
    readonly index: number;
    /** SHA-256 of the record in hexadecimal. */
    readonly entry: string;
    readonly isErased: boolean;
    readonly origin: string;
    readonly size: number;
    readonly signatures: readonly SignaturePieces[];
  }[];
  readonly bodies: readonly {
    readonly path: string;
    readonly side: BodySide;
    readonly sha256: string;
    readonly bytes: number;
  }[];
}

/** What the page tells. */
export interface EvidenceContent {
  readonly subjects: readonly EvidenceSubject[];
  readonly signatures: readonly SignaturePieces[];
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** The keys are those that the audit directory names itself. */
  readonly isSelfNamed: boolean;
}

const text = (value: string): PageBlock => ({ kind: "text", text: value });
const heading = (value: string): PageBlock => ({ kind: "heading", text: value });
const commands = (lines: readonly string[]): PageBlock => ({ kind: "commands", lines });
const list = (items: readonly string[]): PageBlock => ({ kind: "list", items });

export function evidencePage(content: EvidenceContent): Page {
  return {
    title: "Evidence from an audit trail of es-proxy",
    blocks: [
      ...introduction(content),
      ...recordBlocks(content),
      ...bodyBlocks(content),
      ...pathBlocks(content),
      ...signatureBlocks(content),
      ...keyBlocks(content),
      ...programBlocks(content),
    ],
  };
}

function introduction({ subjects }: EvidenceContent): PageBlock[] {
  return [
    text(
      "es-proxy stands in front of an Elasticsearch cluster and records every request and its " +
        "answer. This archive holds records of such a trail, and what shows that they have not " +
        "been changed since they were written. All of it can be checked on any computer without " +
        "a network, and without es-proxy.",
    ),
    list(subjects.map(subjectText)),
    text(
      "What it shows: these records were part of the log when its checkpoint was signed, and " +
        "are unchanged. What it does not show: that the proxy itself wrote the truth, and what " +
        "else is in the trail.",
    ),
  ];
}

function subjectText({ id, entry }: EvidenceSubject): string {
  const when = Number.isNaN(entry.startMs) ? "" : `${new Date(entry.startMs).toISOString()} `;
  const action = entry.text("event.action") ?? entry.kind;
  const who = entry.text("user.name");
  const what = entry.text("url.original") ?? "";
  const status = entry.text("http.response.status_code");
  return [
    `${when}${action}`,
    ...(who === undefined ? [] : [`by ${who}`]),
    what,
    ...(status === undefined ? [] : [`answered with ${status}`]),
    `(${id})`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function recordBlocks({ subjects }: EvidenceContent): PageBlock[] {
  const records = subjects.flatMap((subject) => subject.records);
  const whole = records.filter(({ isErased }) => !isErased);
  const erased = records.filter(({ isErased }) => isErased);
  const blocks = [
    heading("1. The records"),
    text(
      "Each record is one line of the trail, without its line feed. Its SHA-256 is the entry of " +
        "the log that stands for it:",
    ),
    commands(whole.map(({ file }) => `sha256sum ${file}`)),
    list(whole.map(({ entry, log, index }) => `${entry}: entry ${index} of ${log}`)),
  ];
  if (erased.length === 0) return blocks;
  return [
    ...blocks,
    text("Erased records have left nothing but their entry, which the line in their place holds:"),
    list(
      erased.map(({ file, entry, log, index }) => `${file}: ${entry}, entry ${index} of ${log}`),
    ),
  ];
}

function bodyBlocks({ subjects }: EvidenceContent): PageBlock[] {
  const bodies = subjects.flatMap((subject) => subject.bodies);
  if (bodies.length === 0) return [];
  return [
    heading("2. The bodies"),
    text(
      "Small bodies stand in the records. Of larger ones the record has the SHA-256 " +
        "(es_proxy.request_body.sha256, es_proxy.response_body.sha256), and the content is here:",
    ),
    commands(bodies.map(({ path }) => `sha256sum ${path}`)),
    list(bodies.map(({ path, sha256, bytes }) => `${path}: ${sha256}, ${bytes} bytes`)),
  ];
}

function pathBlocks({ subjects }: EvidenceContent): PageBlock[] {
  const records = subjects.flatMap((subject) => subject.records).filter((one) => !one.isErased);
  return [
    heading("3. From the records to a checkpoint"),
    text(
      "The entries of a log are the leaves of a Merkle tree (RFC 6962). A proof " +
        "(c2sp.org/tlog-proof) holds the hashes from an entry to the root of the tree, and the " +
        "checkpoint: origin, number of entries, root, and signatures. This program of twenty " +
        "lines computes the root; it needs Python 3 alone:",
    ),
    commands(records.map(({ file, proof }) => `python3 ${checkPathFile} ${file} ${proof}`)),
  ];
}

function signatureBlocks({ signatures }: EvidenceContent): PageBlock[] {
  return [
    heading("4. The signatures of the checkpoints"),
    text(
      "For each signature of a checkpoint: what was signed, the bare signature, and the public " +
        "key, as openssl takes them. A message begins with the checkpoint's own text, or with " +
        "the witness's time and then that text.",
    ),
    commands(
      signatures.map(
        ({ stem }) =>
          `openssl pkeyutl -verify -pubin -inkey ${stem}.pem -rawin ` +
          `-in ${stem}.message -sigfile ${stem}.signature`,
      ),
    ),
    list(signatures.map(({ key, time, stem }) => `${stem}: ${key.name}${timeText(time)}`)),
  ];
}

function timeText(time: number | undefined): string {
  if (time === undefined || time === 0) return "";
  return `, at ${new Date(time * 1000).toISOString()}: by then the records were there`;
}

function keyBlocks({ logs, witnesses, isSelfNamed }: EvidenceContent): PageBlock[] {
  const blocks = [
    heading("5. The keys"),
    text(
      "Everything rests on these keys. Compare them with what their owners have published, or " +
        "gave you before there was a dispute:",
    ),
    list([
      ...logs.map((key) => `log: ${key.toString()}`),
      ...witnesses.map((key) => `witness: ${key.toString()}`),
    ]),
  ];
  if (isSelfNamed)
    blocks.push(
      text(
        "They were read from the audit directory itself when this archive was made: nobody but " +
          "the owner of that directory vouches for them.",
      ),
    );
  if (witnesses.length === 0)
    blocks.push(
      text(
        "Nobody but the log itself has signed: whoever owns its key could have computed the log " +
          "anew with other records.",
      ),
    );
  return blocks;
}

function programBlocks({ subjects, logs }: EvidenceContent): PageBlock[] {
  const records = subjects.flatMap((subject) => subject.records).filter((one) => !one.isErased);
  const lines = records.map(({ file, proof, signatures }) => {
    const keys = signatures.map(({ key }) => {
      const option = logs.some((log) => log.toString() === key.toString()) ? "vkey" : "cosigner";
      return `-${option} "${key.toString()}"`;
    });
    return `go run . check ${keys.join(" ")} -proof ${proof} -record ${file}`;
  });
  return [
    heading("6. With programs of others"),
    text(
      "vkeys.txt and policy.txt are what programs for transparency logs take " +
        "(c2sp.org/signed-note, c2sp.org/tlog-policy). Go libraries that read these formats: " +
        "golang.org/x/mod/sumdb/note and sumdb/tlog, and github.com/transparency-dev/formats. " +
        "es-proxy's sources hold a program on the first two, in test/interop; it checks " +
        "signatures and path of a record at once:",
    ),
    commands(lines),
  ];
}

/** What PCI DSS v4.0.1, requirement 10.2.1, asks audit logs to capture, as filters. */
import { quoteValue } from "../../../kql/quote-value.ts";
import type { ReportQuestion } from "./report.ts";

/** What is particular about the installation. */
export interface PciScope {
  /** Index expressions that hold cardholder data; empty: all indices do. */
  readonly indices: readonly string[];
  /** Users with administrative access, beside everybody who makes administrative calls. */
  readonly admins: readonly string[];
}

/** Where shipped trails are: reading them is access to audit logs, too. */
const auditIndices = "*audit*";

/** The seven items, in their order. */
export function pciQuestions({ indices, admins }: PciScope): readonly ReportQuestion[] {
  const data = indices.length === 0 ? "" : ` and index: (${indices.join(" or ")})`;
  const byAdmins = admins.length === 0 ? "" : ` or user: (${admins.map(quoteValue).join(" or ")})`;
  return [
    {
      key: "10.2.1.1",
      title: "All individual user access to cardholder data",
      words:
        "Calls that read or write documents" +
        (indices.length === 0 ? " of any index." : ` of the indices ${indices.join(", ")}.`),
      filter: `es_proxy.class: (read or write)${data}`,
      groupBy: ["user", "action", "index"],
      notes:
        indices.length === 0
          ? ["--index names the indices with cardholder data; without it every index counts."]
          : ["An alias counts only where it is named: the proxy does not know what it stands for."],
    },
    {
      key: "10.2.1.2",
      title: "All actions taken by any individual with administrative access",
      words:
        "Calls that change indices, settings, templates, the cluster or its security" +
        (admins.length === 0 ? "." : `, and every call of ${admins.join(", ")}.`),
      filter: `es_proxy.class: (admin or security)${byAdmins}`,
      groupBy: ["user", "action"],
      notes:
        admins.length === 0
          ? ["--admin NAME adds everything that this user does, also reads."]
          : [],
    },
    {
      key: "10.2.1.3",
      title: "All access to audit logs",
      words:
        "Commands of es-proxy that showed content of this trail, exported or replayed it, and " +
        `calls through the proxy that name an index ${auditIndices}.`,
      filter:
        "event.action: (audit.show or audit.diff or audit.who or audit.query or audit.top or " +
        "audit.tail or audit.replay or audit.export or audit.evidence or audit.ship or " +
        "audit.index or audit.report or audit.explore) " +
        `or index: ${auditIndices}`,
      groupBy: ["user", "action"],
      notes: [
        "Who reads the files with other programs is recorded by the operating system (auditctl).",
      ],
    },
    {
      key: "10.2.1.4",
      title: "All invalid logical access attempts",
      words: "Calls that were answered with 401 (who are you?) or 403 (you may not).",
      filter: "status: (401 or 403)",
      groupBy: ["user", "source", "action"],
    },
    {
      key: "10.2.1.5",
      title: "All changes to identification and authentication credentials",
      words:
        "Calls that create, change, enable, disable or delete users, roles, API keys, tokens and " +
        "passwords.",
      filter:
        "es_proxy.class: security and event.type: (creation or change or deletion) " +
        "and not status: (401 or 403)",
      groupBy: ["user", "action"],
      notes: ["Credentials outside of Elasticsearch, such as those of LDAP, are not seen here."],
    },
    {
      key: "10.2.1.6",
      title: "Initialization of new audit logs, and starting, stopping or pausing of existing ones",
      words:
        "Starts and stops of the recording, changes of what is recorded, gaps, and everything " +
        "that was sealed, pruned, held or erased.",
      filter:
        "event.action: (audit.start or audit.stop or audit.reload or audit.policy_change or " +
        "audit.gap or audit.disk or audit.incident or audit.proof_stopped or " +
        "audit.proof_resumed or audit.key_made or audit.key_used or audit.seal or " +
        "audit.encrypt or audit.prune or audit.hold or audit.erase)",
      groupBy: ["action"],
      notes: ["Starts, stops and reloads are recorded with audit.proof."],
    },
    {
      key: "10.2.1.7",
      title: "All creation and deletion of system-level objects",
      words:
        "Calls that create or delete indices, data streams, templates, pipelines, policies and " +
        "repositories.",
      filter: "es_proxy.class: admin and event.type: (creation or deletion)",
      groupBy: ["user", "action", "index"],
    },
  ];
}

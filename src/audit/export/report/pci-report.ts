/** The report on PCI DSS, requirement 10.2.1. */
import { answerQuestions, type ReportPlace } from "./answer-questions.ts";
import { pciQuestions, type PciScope } from "./pci-questions.ts";
import type { Report } from "./report.ts";

/** @throws {CatalogError} when the directory holds no trail */
export async function pciReport(place: ReportPlace, scope: PciScope): Promise<Report> {
  const { sections, entries, coverage } = await answerQuestions(place, pciQuestions(scope));
  return {
    kind: "pci",
    title: "PCI DSS v4.0.1, requirement 10.2.1: what the audit logs captured",
    about: [
      "All access of clients to this Elasticsearch cluster that goes through es-proxy is " +
        "recorded before it is forwarded. This page shows, for each of the seven items of the " +
        "requirement, how many records there are and which ones, with the command that lists " +
        "all of them.",
      "Each row has what requirement 10.2.2 asks for: user, type of event, date and time (UTC), " +
        "success or failure, origin, and the data or component that was affected. The whole " +
        "record of a row is shown by: es-proxy audit show ID",
    ],
    facts: [
      ["Records looked at", String(entries)],
      ["On record", coverage],
    ],
    sections,
    limits: [
      "Clients that reach the cluster without the proxy are not in its records: see coverage " +
        "(audit.coverage), and close the cluster's own port to them.",
      "Users are those whom the credentials name. Whether a credential was valid is told by the " +
        "answer: 401 is item 10.2.1.4.",
      "An item with no records says that nothing of the kind went through the proxy in this " +
        "time, or that it is not recorded (audit.level, audit.proof): the configuration tells.",
    ],
  };
}

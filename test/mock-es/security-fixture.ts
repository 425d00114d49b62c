/** A mock with security, and those who ask it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { errorOf, type Received, send, type Sent, startFor } from "./running-mock.ts";

export const elasticPassword = "changeme";

export function basic(user: string, password = `${user}-password`): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

export const elastic = basic("elastic", elasticPassword);

export type Ask = (
  method: string,
  target: string,
  body?: unknown,
  more?: Sent["headers"],
) => Promise<Received>;

/** Sends requests with credentials. */
export function asking(mock: MockEs, credentials: Record<string, string>): Ask {
  return async (method, target, body, more = {}) =>
    await send(mock, method, target, {
      headers: { ...credentials, ...more },
      ...(body === undefined ? {} : { body }),
    });
}

export async function secured(
  t: TestContext,
  more: { readonly documents?: boolean } = {},
): Promise<{ readonly mock: MockEs; readonly admin: Ask }> {
  const mock = await startFor(t, { security: { elasticPassword, ...more } });
  return { mock, admin: asking(mock, elastic) };
}

/** Makes a role and a user of the same name who has it. */
export async function newUser(mock: MockEs, name: string, role: object): Promise<Ask> {
  const admin = asking(mock, elastic);
  const made = await admin("PUT", `/_security/role/${name}`, role);
  assert.deepEqual(made.json, { role: { created: true } }, made.text);
  const user = { password: `${name}-password`, roles: [name] };
  assert.deepEqual((await admin("PUT", `/_security/user/${name}`, user)).json, { created: true });
  return asking(mock, basic(name));
}

export function reasonOf(received: Received): unknown {
  return errorOf(received).reason;
}

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { RouterModule } from "../../src/tcp/router-module.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { runCommand } from "./tcp-command.ts";
import { Client, startRouter } from "./tcp-fixture.ts";

async function fileWith(t: TestContext, text: string, name = "router.ts"): Promise<string> {
  const folder = await makeTempDir();
  t.after(() => folder.remove());
  await writeFile(folder.file(name), text);
  return folder.file(name);
}

test("loads TypeScript and JavaScript from any folder, with the matchers of es-proxy", async (t) => {
  for (const name of ["router.ts", "router.js", "router.mjs"]) {
    const type = name.endsWith("ts") ? ": Buffer" : "";
    const file = await fileWith(
      t,
      `import { sshBanner } from "es-proxy";
       export default (data${type}) => (sshBanner(data) === null ? { close: "no" } : { noop: true });`,
      name,
    );
    const router = await RouterModule.load(file);
    const told = await startRouter(t, () => ({ close: true }), { router });
    const client = await Client.connect(t, told);
    client.send("GET");
    assert.equal(await client.untilEnd(), "no", name);
  }
});

test("gives connections from now on the reloaded router, and keeps the old one when the new one is broken", async (t) => {
  const errors: string[] = [];
  const quiet = (): void => {};
  const log = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (_fields: unknown, message: string) => errors.push(message),
  };
  const file = await fileWith(t, `export default () => ({ close: "one" });`);
  const router = await RouterModule.load(file, log);
  const told = await startRouter(t, () => ({ close: true }), { router });
  const answer = async (): Promise<string> => {
    const client = await Client.connect(t, told);
    client.send("x");
    return client.untilEnd();
  };
  const early = await Client.connect(t, told);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await answer(), "one");
  await writeFile(file, `export default () => ({ close: "two" });`);
  assert.equal(await router.reload(), true);
  assert.equal(await answer(), "two");
  await writeFile(file, "\n\nexport default () => { return { close: ; };\n");
  assert.equal(await router.reload(), false);
  assert.equal(await answer(), "two");
  assert.match(errors[0] ?? "", /old one stays: .*router\.ts:3/);
  early.send("x");
  assert.equal(await early.untilEnd(), "one", "a connection keeps the router that it began with");
});

for (const [what, text, name, pattern] of [
  [
    "a JavaScript syntax error",
    "\n\nexport default () => { return x y; };",
    "router.mjs",
    /router\.mjs:3: Unexpected identifier/,
  ],
  [
    "a throw while it loads",
    '\n\nthrow new Error("no lookup table");',
    "router.ts",
    /router\.ts:3:\d+: no lookup table/,
  ],
  [
    "an import that is missing",
    'import "./gone.ts";\nexport default () => 1;',
    "router.ts",
    /router\.ts: .*gone/,
  ],
  [
    "no default export",
    "export const route = () => ({ noop: true });",
    "router.ts",
    /default export must be the route function, not undefined/,
  ],
  [
    "a default export that is no function",
    "export default { noop: true };",
    "router.ts",
    /not an object/,
  ],
  [
    "a callback that is no function",
    "export default () => 1; export const onInactivity = 5;",
    "router.ts",
    /onInactivity must be a function, not a number/,
  ],
  [
    "an allow-list that is no list",
    "export default () => 1; export const allow = '10.0.0.0/8';",
    "router.ts",
    /allow: not an array/,
  ],
  [
    "an allow-list with a wrong range",
    "export default () => 1; export const allow = [{ cidr: '10/8' }];",
    "router.ts",
    /allow: not an address range: "10\/8"/,
  ],
  [
    "an allow-list with wrong ports",
    "export default () => 1; export const allow = [{ cidr: '::1', ports: ['9-1'] }];",
    "router.ts",
    /allow: not ports: "9-1"/,
  ],
] as const)
  test(`refuses a router file with ${what}, and says where`, async (t) => {
    const file = await fileWith(t, text, name);
    await assert.rejects(RouterModule.load(file), (error: Error & { code?: string }) => {
      assert.equal(error.code, "ESP_ERR_CONFIG");
      assert.match(error.message, pattern);
      return true;
    });
  });

// The program loads router files without a loader; this process may run under one that accepts
// more.
for (const [what, text, pattern] of [
  [
    "a TypeScript syntax error",
    "\nexport default (d: Buffer) => { const x: = 1; };",
    /router\.ts:2: ./,
  ],
  [
    "syntax that cannot be erased",
    "\nenum A { b }\nexport default () => A.b;",
    /router\.ts:2: .*enum/,
  ],
] as const)
  test(`refuses a router file with ${what}, and says where`, async (t) => {
    const { code, stderr } = await runCommand(t, ["-c", await fileWith(t, text), "-p", "0"]);
    assert.equal(code, 78);
    assert.match(stderr, pattern);
  });

test("refuses a file that is not there", async () => {
  await assert.rejects(
    RouterModule.load("/nowhere/router.ts"),
    /\/nowhere\/router\.ts: there is no such router file/,
  );
});

test("logs file, line and column of what a router throws, also from a promise", async (t) => {
  const file = await fileWith(
    t,
    `export default (data: Buffer) => {
       if (data[0] === 0x61) throw new Error("now");
       return (async () => {
         await null;
         throw new Error("later");
       })();
     };`,
  );
  const router = await RouterModule.load(file);
  const told = await startRouter(t, () => ({ close: true }), { router });
  for (const text of ["a", "b"]) {
    const client = await Client.connect(t, told);
    client.send(text);
    await client.untilEnd();
  }
  assert.deepEqual(
    told.errors.map(({ fields }) => String(fields["at"]).replace(/:\d+$/, "")),
    [`${file}:2`, `${file}:5`],
  );
});

test("holds a router to the allow-list of its own file, an empty one included", async (t) => {
  const { port } = (await startRouter(t, () => ({ close: "other" }))).listener.address;
  for (const [allow, expected] of [
    [`[{ cidr: "127.0.0.0/8", ports: [${port}] }]`, "other"],
    [`[{ cidr: "127.0.0.0/8", ports: ["1-${port - 1}"] }]`, ""],
    [`[{ cidr: "10.0.0.0/8" }]`, ""],
    ["[]", ""],
  ] as const) {
    const file = await fileWith(
      t,
      `export const allow = ${allow}; export default () => ({ remote: "127.0.0.1:${port}" });`,
    );
    const told = await startRouter(t, () => ({ close: true }), {
      router: await RouterModule.load(file),
    });
    const client = await Client.connect(t, told);
    client.send("x");
    assert.equal(await client.untilEnd(), expected, allow);
  }
});

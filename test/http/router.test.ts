import assert from "node:assert/strict";
import { test } from "node:test";
import { pathReadings } from "../../src/http/path-readings.ts";
import { Router, type RoutedRequest, type RouteMatch } from "../../src/http/router.ts";

interface NamedRoute extends RouteMatch {
  readonly name: string;
}

function route(name: string, path: string, match: Partial<RouteMatch> = {}): NamedRoute {
  const segments = path.split("/").filter((segment) => segment !== "");
  return { name, segments, hosts: [], methods: [], headers: [], ...match };
}

/** Names of all routes that the readings of a path choose: one route named after all of them. */
function together(routes: readonly NamedRoute[]): NamedRoute | undefined {
  const [first] = routes;
  return first && { ...first, name: routes.map(({ name }) => name).join("+") };
}

function routerOf(routes: readonly NamedRoute[]): Router<NamedRoute> {
  return new Router(routes, together);
}

function nameOf(router: Router<NamedRoute>, asked: RoutedRequest): string {
  const found = router.match(asked);
  return typeof found === "string" ? found : found.name;
}

function request(
  target: string,
  parts: { method?: string; host?: string; fields?: Record<string, readonly string[]> } = {},
): RoutedRequest {
  return {
    method: parts.method ?? "GET",
    target,
    host: parts.host,
    fieldValues: (name) => parts.fields?.[name] ?? [],
  };
}

const guarded = routerOf([
  route("rest", "/"),
  route("secret", "/secret"),
  route("deep", "/secret/deep"),
]);

/** Spellings of a path, and the route that takes each. */
const spellings: readonly (readonly [target: string, name: string])[] = [
  ["/secret", "secret"],
  ["/secret/", "secret"],
  ["/secret?x=1", "secret"],
  ["/secret/?x=/deep", "secret"],
  ["/secret/x", "secret"],
  ["/secret/deep", "deep"],
  ["/secret/deep/", "deep"],
  ["/secret/deep/er?q", "deep"],
  ["/secretary", "rest"],
  ["/secret-x", "rest"],
  ["/secret.json", "rest"],
  ["/secret,other", "rest"],
  ["/secret*", "rest"],
  ["/", "rest"],
  ["/?/secret", "rest"],
  ["*", "rest"],
  // Escapes of ordinary characters are another spelling of the same path.
  ["/%73ecret", "secret"],
  ["/s%65cret", "secret"],
  ["/%73%65%63%72%65%74", "secret"],
  ["/secre%74/x", "secret"],
  ["/secret/%64eep", "deep"],
  // So are empty and dot segments.
  ["//secret", "secret"],
  ["///secret", "secret"],
  ["/./secret", "secret"],
  ["/././secret", "secret"],
  ["/.//./secret", "secret"],
  ["/secret//deep", "deep"],
  ["/secret/./deep", "deep"],
  ["/x/../secret", "secret"],
  ["/x/y/../../secret", "secret"],
  ["/../secret", "secret"],
  ["/../../secret", "secret"],
  ["/secret/..", "rest"],
  ["/secret/../", "rest"],
  ["/secret/../x", "rest"],
  ["/secret/x/../deep", "deep"],
  ["/secret/deep/..", "secret"],
  ["/secret/...", "secret"],
  ["/.../secret", "rest"],
  // Escaped dots and slashes are read as some servers read them.
  ["/%2e/secret", "secret"],
  ["/%2E%2e/secret", "secret"],
  ["/x/%2e%2e/secret", "secret"],
  ["/x/.%2e/secret", "secret"],
  ["/x/%2e./secret", "secret"],
  ["/x%2f..%2fsecret", "secret"],
  ["/x%2F..%2Fsecret/", "secret"],
  ["/%2fsecret", "secret"],
  ["/%2f%2fsecret", "secret"],
  ["/secret%2fdeep", "deep"],
  ["/secret%2Fdeep%2F", "deep"],
  ["/x/..%2fsecret", "secret"],
  ["/x/..%2f..%2fsecret", "secret"],
  // Backslashes, too.
  ["/secret\\deep", "deep"],
  ["/x\\..\\secret", "secret"],
  ["/x/..%5csecret", "secret"],
  ["/%5csecret", "secret"],
  ["/%5C%5Csecret", "secret"],
  ["/x%5c%2e%2e%5csecret", "secret"],
  ["\\secret", "secret"],
  // Parameters of a segment are not part of its name.
  ["/secret;jsessionid=1", "secret"],
  ["/secret;a=b/deep;c", "deep"],
  ["/;x/secret", "secret"],
  ["/x/..;/secret", "secret"],
  ["/x/..;a=b/secret", "secret"],
  ["/x/%2e%2e%3b/secret", "secret"],
  ["/secret%3bx", "secret"],
  // A byte that is no UTF-8 does not hide its neighbours.
  ["/x%ff/../secret", "secret"],
  ["/%ff%2f..%2fsecret", "secret"],
  ["/x%2f%80%2f..%2f..%2fsecret", "secret"],
  // What is decoded once stays as it is to Elasticsearch; others decode more often.
  ["/%2573ecret", "rest"],
  ["/%2573ecret", "secret"],
  ["/x/%252e%252e/secret", "rest"],
  ["/x/%252e%252e/secret", "secret"],
  ["/x/%25252E%25252e/secret", "secret"],
  ["/x%252f..%252fsecret", "rest"],
  ["/x%252f..%252fsecret", "secret"],
  ["/secret%252fdeep", "rest"],
  ["/secret%252fdeep", "deep"],
  ["/secret%25252fdeep", "deep"],
  // Overlong sequences are no characters (RFC 3629 §3); broken escapes are none.
  ["/%c0%afsecret", "rest"],
  ["/x/%c0%ae%c0%ae/secret", "rest"],
  ["/%e0%80%afsecret", "rest"],
  ["/%u0073ecret", "rest"],
  ["/%7", "rest"],
  ["/%", "rest"],
  ["/secret%", "rest"],
  ["/secret%zz", "rest"],
  // Case, NUL, blanks and plus signs count.
  ["/SECRET", "rest"],
  ["/Secret", "rest"],
  ["/%53ecret", "rest"],
  ["/secret%00", "rest"],
  ["/secret%20", "rest"],
  ["/secret+", "rest"],
  ["/secret%3f", "rest"],
  ["/secret%23", "rest"],
];

test("a route is chosen by every spelling that some server reads as its path", () => {
  assert.ok(spellings.length >= 60);
  for (const [target, name] of spellings)
    assert.ok(nameOf(guarded, request(target)).split("+").includes(name), target);
});

test("a path that is read in one way chooses one route", () => {
  for (const [target, name] of spellings)
    if (!/[%;\\]|\/\.|\/\//.test(target))
      assert.equal(nameOf(guarded, request(target)), name, target);
});

test("Elasticsearch's own reading comes first: split at slashes, then each segment decoded", () => {
  for (const [target, names] of [
    ["/x/_doc/..%2F..%2F..%2Fsecret", "rest+secret"],
    ["/secret;,x/_search", "rest+secret"],
    ["/x,..%2f..%2fsecret/_search", "rest+secret"],
    ["/secret/_doc/a%2Fb", "secret"],
    ["/secret/x/..%2fdeep", "secret+deep"],
    ["http://proxy:9200/secret/_search", "secret"],
    ["HTTP://proxy/x/%2e%2e/secret", "rest+secret"],
    ["http://proxy/secret/deep?q=1", "deep"],
    ["http://proxy", "rest"],
  ] as const)
    assert.equal(nameOf(guarded, request(target)), names, target);
});

test("a path that costs too much to read in every way may be any path", () => {
  const target = `/x${"/%2e%2e;%5c".repeat(500)}`;
  assert.equal(pathReadings(target), undefined);
  assert.deepEqual(nameOf(guarded, request(target)).split("+").sort(), ["deep", "rest", "secret"]);
});

test("a reading that no route takes makes a path ambiguous", () => {
  const router = routerOf([route("logs", "/logs")]);
  assert.equal(nameOf(router, request("/logs/x")), "logs");
  assert.equal(nameOf(router, request("/logs/../x")), "ambiguous");
  assert.equal(nameOf(router, request("/x/..%2flogs")), "ambiguous");
  assert.equal(nameOf(router, request("/%2flogs")), "ambiguous");
  assert.equal(nameOf(router, request("/x%20y")), "none");
});

test("plain paths are matched like all others", () => {
  // The fast way and the thorough way of matching must agree wherever both apply.
  for (const target of [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/ab",
    "/a/b/c?d",
    "/a?b",
    "/secret",
    "/secretx",
    "/secret/deep",
    "/secret/deeper",
  ]) {
    const [segments = []] = pathReadings(target) ?? [];
    const expected = ["deep", "secret", "rest"].find((name) => {
      const prefix = name === "rest" ? [] : name === "deep" ? ["secret", "deep"] : ["secret"];
      return prefix.every((segment, i) => segments[i] === segment);
    });
    assert.equal(nameOf(guarded, request(target)), expected, target);
  }
});

test("date math and other encoded index names pass", () => {
  const router = routerOf([route("logs", "/logs"), route("rest", "/")]);
  for (const target of [
    "/%3Clogs-%7Bnow%2Fd%7D%3E/_search",
    "/%3Clogs-%7Bnow%2Fd%7D%3E%2Cother/_count",
    "/a%2Cb/_search",
    "/ü/_doc/1",
  ])
    assert.equal(nameOf(router, request(target)), "rest", target);
  assert.equal(nameOf(router, request("/logs/_doc/a%2Fb")), "logs");
});

test("the longest path wins, then the order of the configuration", () => {
  const router = routerOf([
    route("first", "/a"),
    route("second", "/a"),
    route("long", "/a/b/c"),
    route("middle", "/a/b"),
    route("writes", "/a/b", { methods: ["POST"] }),
  ]);
  assert.equal(nameOf(router, request("/a")), "first");
  assert.equal(nameOf(router, request("/a/b/c/d")), "long");
  assert.equal(nameOf(router, request("/a/b", { method: "POST" })), "middle");
  assert.equal(router.match(request("/b")), "none");
});

test("a route whose conditions do not hold leaves the request to a shorter path", () => {
  const router = routerOf([
    route("search", "/_search", { methods: ["GET", "POST"] }),
    route("tenant", "/", { hosts: ["*.example.com"] }),
    route("own", "/", { hosts: ["es.internal", "[::1]"] }),
    route("canary", "/", { headers: [{ name: "x-canary", present: true, value: "1" }] }),
    route("traced", "/", { headers: [{ name: "traceparent", present: true, value: undefined }] }),
    route("anonymous", "/", {
      headers: [{ name: "authorization", present: false, value: undefined }],
    }),
  ]);
  const auth = { authorization: ["Basic x"] };
  const rows: [RoutedRequest, string][] = [
    [request("/_search"), "search"],
    [request("/_search", { method: "PUT", fields: auth }), "none"],
    [request("/_search", { method: "post", fields: auth }), "none"],
    [request("/", { host: "a.example.com", fields: auth }), "tenant"],
    [request("/", { host: "A.B.Example.COM:9200", fields: auth }), "tenant"],
    [request("/", { host: "a.example.com.", fields: auth }), "tenant"],
    [request("/", { host: "example.com", fields: auth }), "none"],
    [request("/", { host: ".example.com", fields: auth }), "none"],
    [request("/", { host: "badexample.com", fields: auth }), "none"],
    [request("/", { host: "a.example.com.evil", fields: auth }), "none"],
    [request("/", { host: "es.internal:9200", fields: auth }), "own"],
    [request("/", { host: "[::1]:9200", fields: auth }), "own"],
    [request("/", { host: undefined as never, fields: auth }), "none"],
    [request("/", { fields: { ...auth, "x-canary": ["0", "1"] } }), "canary"],
    [request("/", { fields: { ...auth, "x-canary": ["10"] } }), "none"],
    [request("/", { fields: { ...auth, "x-canary": ["0, 1"] } }), "none"],
    [request("/", { fields: { ...auth, traceparent: [""] } }), "traced"],
    [request("/"), "anonymous"],
  ];
  for (const [index, [one, name]] of rows.entries())
    assert.equal(nameOf(router, one), name, `row ${index + 1}`);
});

test("a single route without conditions takes everything", () => {
  const router = routerOf([route("all", "/")]);
  for (const target of ["/", "*", "/../..", "", "?x"])
    assert.equal(nameOf(router, request(target)), "all");
  assert.equal(nameOf(routerOf([route("one", "/x")]), request("/y")), "none");
});

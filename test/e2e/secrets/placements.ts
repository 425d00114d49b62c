import { Buffer } from "node:buffer";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

/** What the origin answers. */
export interface Answer {
  readonly status?: number;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly fields?: readonly string[];
  /** `echo`: the whole request, as text; `echo-json`: as JSON. */
  readonly body: Buffer | string;
}

/** A secret in one place of an exchange. */
export interface Placement {
  readonly name: string;
  /** Everything that the client sends. */
  readonly request: Buffer;
  readonly answer: Answer;
  /** The client leaves when so many bytes are left to be sent. */
  readonly cutBytes?: number;
  /** Stands in the record and shows that the exchange is there. */
  readonly mark: string;
}

type Make = (canary: string) => Omit<RequestParts, "name">;

interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  readonly host?: string;
  readonly fields?: readonly string[];
  readonly body?: Buffer | string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly isChunked?: boolean;
  readonly cutBytes?: number;
  readonly answer?: Answer;
}

const fine: Answer = { body: '{"acknowledged":true}' };

export const codings = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
} as const;

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function field(text: (canary: string) => string): Make {
  return (canary) => ({ fields: [text(canary)] });
}

function target(text: (canary: string) => string): Make {
  return (canary) => ({ target: text(canary) });
}

function settings(body: (canary: string) => unknown): Make {
  return (canary) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: JSON.stringify(body(canary)),
  });
}

function call(method: string, path: string, body: (canary: string) => unknown): Make {
  return (canary) => ({ method, target: path, body: JSON.stringify(body(canary)) });
}

function answered(method: string, path: string, body: (canary: string) => unknown): Make {
  return (canary) => ({
    method,
    target: path,
    answer: { body: JSON.stringify(body(canary)) },
  });
}

function page(answer: (canary: string) => Answer, path = "/idx/_search"): Make {
  return (canary) => ({ target: path, answer: answer(canary) });
}

const filler = Array.from({ length: 3000 }, (_, at) => ({
  id: at,
  name: `n${(at * 7919) % 10_007}`,
}));

const heads: Readonly<Record<string, Make>> = {
  "Basic password": field((c) => `Authorization: Basic ${base64(`elastic:a:${c}`)}`),
  "Basic without a colon": field((c) => `Authorization: Basic ${base64(c)}`),
  "Basic in no base64": field((c) => `Authorization: Basic elastic:${c}`),
  "ApiKey secret": field((c) => `Authorization: ApiKey ${base64(`id:${c}`)}`),
  "ApiKey without a colon": field((c) => `authorization: apikey ${base64(c)}`),
  "ApiKey in no base64": field((c) => `Authorization: ApiKey id:${c}`),
  "opaque Bearer token": field((c) => `AUTHORIZATION: Bearer ${c}`),
  "JWT signature": field(
    (c) =>
      `Authorization: bearer ${base64("{}")}.${base64('{"sub":"a"}').replaceAll("=", "")}.${c}`,
  ),
  "Digest response": field((c) => `Authorization: Digest username="u", response="${c}"`),
  "Negotiate token": field((c) => `Authorization: Negotiate ${c}`),
  "SigV4 signature": field(
    (c) => `Authorization: AWS4-HMAC-SHA256 Credential=AKID/x/es/aws4_request, Signature=${c}`,
  ),
  "unknown scheme": field((c) => `Authorization: Magic ${c}`),
  "bare credential": field((c) => `Authorization: ${c}`),
  "credential in place of a scheme": field((c) => `Authorization: ${c} word`),
  "credential behind a tab": field((c) => `Authorization: Basic\t${c}`),
  "Proxy-Authorization": field((c) => `Proxy-Authorization: Basic ${base64(`u:${c}`)}`),
  "secondary authorization": field((c) => `es-secondary-authorization: ApiKey ${base64(`i:${c}`)}`),
  "client authentication": field((c) => `ES-Client-Authentication: SharedSecret ${c}`),
  Cookie: field((c) => `Cookie: sid=${c}; x=1`),
  "X-Api-Key": field((c) => `X-Api-Key: ${c}`),
  "X-Amz-Security-Token": field((c) => `X-Amz-Security-Token: ${c}`),
  "X-Auth-Token": field((c) => `x-auth-token: ${c}`),
  "URL in User-Agent": field((c) => `User-Agent: crawler (http://u:${c}@host/)`),
  "pair in X-Opaque-Id": field((c) => `X-Opaque-Id: job;token=${c}`),
  "pair in X-Request-Id": field((c) => `X-Request-Id: password=${c}`),
  "pair in Forwarded": field((c) => `Forwarded: for=1.2.3.4;secret=${c}`),
  "URL in X-Forwarded-For": field((c) => `X-Forwarded-For: http://u:${c}@h`),
  "pair in Accept": field((c) => `Accept: application/json; access_token=${c}`),
  "URL in X-Elastic-Product-Origin": field((c) => `X-Elastic-Product-Origin: http://u:${c}@h`),
  "API key in the query": target((c) => `/_search?api_key=${c}`),
  "token in the query": target((c) => `/_search?x=1&token=${c}&y=2`),
  "kebab case in the query": target((c) => `/_search?Access-Token=${c}`),
  "encoded name in the query": target((c) => `/_search?pass%77ord=${c}`),
  "signature in the query": target((c) => `/_search?sig=${c}`),
  "parameter behind a semicolon": target((c) => `/_search?x=1;password=${c};y=1`),
  "parameter in a matrix": target((c) => `/idx;token=${c}/_search`),
  "URL in a parameter": target((c) => `/_search?from=http%3A%2F%2Fu%3A${c}%40h%2F`),
  "query in a parameter": target((c) => `/_search?url=/x?api_key=${c}`),
  "body in the parameter source": target(
    (c) => `/_cluster/settings?source=${encodeURIComponent(`{"password":"${c}"}`)}`,
  ),
  "YAML in the parameter source": target(
    (c) => `/_cluster/settings?source=${encodeURIComponent(`password: ${c}\n`)}`,
  ),
  "an encoded equals sign in the query": target((c) => `/_search?token%3D${c}`),
  "a pair that is encoded twice": target((c) => `/_search?x=token%253D${c}`),
  "an encoded query in a path": target((c) => `/_search%3Ftoken%3D${c}`),
  "userinfo in Forwarded": field((c) => `Forwarded: for=1.2.3.4;host="u:${c}@h"`),
  "an encoded pair in User-Agent": field((c) => `User-Agent: x pass%77ord%3D${c}`),
  "userinfo in a path": target((c) => `/http://u:${c}@h/x`),
  "encoded userinfo in a path": target((c) => `/x/http%3A%2F%2Fu%3A${c}%40h/y`),
};

const malformed: Readonly<Record<string, Make>> = {
  "userinfo in absolute-form": target((c) => `http://elastic:${c}@es:9200/_search`),
  "userinfo with a slash": target((c) => `http://elastic:a/${c}@es:9200/_search`),
  "userinfo with a question mark": target((c) => `http://elastic:a?${c}@es/_search`),
  "userinfo without a name": target((c) => `http://${c}@es:9200/_search`),
  "userinfo with one slash": target((c) => `http:/u:${c}@es/_search`),
  "userinfo in a network path": target((c) => `//u:${c}@es/_search`),
  "userinfo in Host": (c) => ({ host: `elastic:${c}@es:9200` }),
  "a query in Host": (c) => ({ host: `h?token=${c}` }),
  "encoded userinfo in Host": (c) => ({ host: `u%3A${c}%40h` }),
  "CONNECT with userinfo": (c) => ({ method: "CONNECT", target: `u:${c}@es:443` }),
  "secret in a fragment": target((c) => `/_search#token=${c}`),
  "secret and a wrong version": (c) => ({ target: `/_search?token=${c}`, version: "HTTP/9.9" }),
  "secret and TRACE": (c) => ({ method: "TRACE", target: `/_search?password=${c}` }),
  "secret and a bad field": (c) => ({
    target: `/_search?password=${c}`,
    fields: [`Authorization: Bearer ${c}`, "bad field: x"],
  }),
  "a field without a colon": (c) => ({ fields: [`Authorization Basic ${c}`] }),
  "secret and two lengths": (c) => ({
    target: `/_search?api_key=${c}`,
    fields: ["Content-Length: 1", "Content-Length: 2", `Cookie: sid=${c}`],
  }),
  "secret in a head that is too large": (c) => ({
    target: `/_search?api_key=${c}`,
    fields: [`Cookie: sid=${c}${"x".repeat(40_000)}`],
  }),
  "secret in a target that is too long": (c) => ({
    target: `/_search?token=${c}&x=${"y".repeat(40_000)}`,
  }),
};

const requests: Readonly<Record<string, Make>> = {
  "user's password": call("PUT", "/_security/user/bob", (c) => ({ password: c })),
  "password hash": call("PUT", "/_security/user/bob", (c) => ({ password_hash: c })),
  "changed password": call("POST", "/_security/user/bob/_password", (c) => ({ password: c })),
  "granted API key": call("POST", "/_security/api_key/grant", (c) => ({
    grant_type: "password",
    username: "u",
    password: c,
    api_key: { name: "k" },
  })),
  "token by password": call("POST", "/_security/oauth2/token", (c) => ({ password: c })),
  "kerberos ticket": call("POST", "/_security/oauth2/token", (c) => ({ kerberos_ticket: c })),
  "refresh token": call("POST", "/_security/oauth2/token", (c) => ({ refresh_token: c })),
  "invalidated token": call("DELETE", "/_security/oauth2/token", (c) => ({ token: c })),
  "SAML content": call("POST", "/_security/saml/authenticate", (c) => ({ content: c })),
  "SAML query string": call("POST", "/_security/saml/invalidate", (c) => ({ query_string: c })),
  "OIDC redirect": call("POST", "/_security/oidc/authenticate", (c) => ({
    redirect_uri: `https://kb/?code=${c}`,
  })),
  "OIDC nonce": call("POST", "/_security/oidc/authenticate", (c) => ({ nonce: c, state: c })),
  "unknown security API": call("POST", "/_security/plugin/x", (c) => ({ whatever: c })),
  "security API of OpenSearch": call("PUT", "/_plugins/_security/api/internalusers/x", (c) => ({
    hash: c,
  })),
  "secure settings": call("POST", "/_nodes/reload_secure_settings", (c) => ({
    secure_settings_password: c,
  })),
  "Fleet secret": call("POST", "/_fleet/secret", (c) => ({ value: c })),
  "connector secret": call("POST", "/_connector/_secret", (c) => ({ value: c })),
  "remote reindex password": call("POST", "/_reindex", (c) => ({
    source: { remote: { host: "http://h", username: "u", password: c }, index: "a" },
  })),
  "remote reindex headers": call("POST", "/_reindex", (c) => ({
    source: { remote: { host: "http://h", headers: { "X-Own": c } }, index: "a" },
  })),
  "remote reindex host": call("POST", "/_reindex", (c) => ({
    source: { remote: { host: `https://u:${c}@h:9200` }, index: "a" },
  })),
  "watch authentication": call("PUT", "/_watcher/watch/w", (c) => ({
    input: { http: { request: { auth: { basic: { username: "u", password: c } } } } },
  })),
  "watch headers": call("PUT", "/_watcher/watch/w", (c) => ({
    actions: { a: { webhook: { headers: { Any: c } } } },
  })),
  "watch URL": call("POST", "/_watcher/watch/_execute", (c) => ({
    watch: { input: { http: { request: { url: `https://h/x?api_key=${c}` } } } },
  })),
  "inference API key": call("PUT", "/_inference/completion/openai", (c) => ({
    service_settings: { api_key: c },
  })),
  "inference of a cloud": call("PUT", "/_inference/completion/g", (c) => ({
    service_settings: { service_account_json: JSON.stringify({ private_key: c }) },
  })),
  "snapshot repository": call("PUT", "/_snapshot/backup", (c) => ({
    type: "s3",
    settings: { access_key: c, secret_key: c },
  })),
  "snapshot repository's SAS token": call("PUT", "/_snapshot/backup", (c) => ({
    type: "azure",
    settings: { sas_token: c, account_key: c },
  })),
  "snapshot repository's URL": call("PUT", "/_snapshot/backup", (c) => ({
    type: "url",
    settings: { url: `http://u:${c}@h/repo` },
  })),
  "pipeline's set processor": call("PUT", "/_ingest/pipeline/p", (c) => ({
    processors: [{ set: { field: "api_key", value: c } }],
  })),
  "pipeline's set processor, value first": call("PUT", "/_ingest/pipeline/p", (c) => ({
    processors: [{ set: { value: [c], field: "ctx.password" } }],
  })),
  "simulated pipeline": call("POST", "/_ingest/pipeline/_simulate", (c) => ({
    pipeline: { processors: [{ script: { params: { token: c } } }] },
    docs: [],
  })),
  "Logstash pipeline": call("PUT", "/_logstash/pipeline/p", (c) => ({
    pipeline: `output { elasticsearch { password => "${c}" } }`,
  })),
  "connector configuration": call("PUT", "/_connector/c/_configuration", (c) => ({
    configuration: { any: { label: "Any", value: c, sensitive: true } },
    values: { any: c },
  })),
  "data source": call("PUT", "/_query/data_source/d", (c) => ({ settings: { any: c } })),
  license: call("PUT", "/_license", (c) => ({ licenses: [{ uid: "u", signature: c }] })),
  "array of secrets": settings((c) => ({ persistent: { "a.passwords.token": [c, [c]] } })),
  "object of secrets": settings((c) => ({ persistent: { credentials: { any: { x: c } } } })),
  bearer_token: settings((c) => ({ bearer_token: c, pass: c, passphrase: c, pwd: c })),
  "camel case": settings((c) => ({ bearerToken: c, accountKey: c, sasToken: c, dbPass: c })),
  "kebab case": settings((c) => ({ "api-key": c, "x-api-key": c, "keystore-password": c })),
  "cookie and authorization": settings((c) => ({ cookie: c, authorization: c, Authorization: c })),
  "a number": settings((c) => ({ note: "n", pin: { pwd: c } })),
  "JSON within a string": settings((c) => ({ body: JSON.stringify({ password: c }) })),
  "JSON within JSON within a string": settings((c) => ({
    body: JSON.stringify({ inner: JSON.stringify({ token: c }) }),
  })),
  "connection string": settings((c) => ({ dsn: `jdbc:pg://h/db?user=u&password=${c}` })),
  "escaped name": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: `{"pass\\u0077ord":"${c}","\\u0061pi_key" : "${c}"}`,
  }),
  comment: (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: `{/* "password": "${c}" */"a":1}// token=${c}`,
  }),
  NDJSON: (c) => ({
    method: "POST",
    target: "/_plugin/x",
    contentType: "application/x-ndjson",
    body: `{"a":1}\n{"password":"${c}"}\n`,
  }),
  YAML: (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentType: "application/yaml",
    body: `persistent:\n  password: "${c}"\n  token:\n    - ${c}\n  secret: |\n    ${c}\n`,
  }),
  "a form": (c) => ({
    method: "POST",
    target: "/_plugin/login",
    contentType: "application/x-www-form-urlencoded",
    body: `user=u&password=${c};api%5Fkey=${c}`,
  }),
  "JSON that curl calls a form": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentType: "application/x-www-form-urlencoded",
    body: `{"persistent":{"password":"${c}"}}`,
  }),
  "a coding that is not named": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentType: "text/plain",
    body: brotliCompressSync(JSON.stringify({ list: filler, password: c })),
  }),
  XML: (c) => ({
    method: "POST",
    target: "/_plugin/x",
    contentType: "application/xml",
    body: `<login><user>u</user>\n<password>\n${c}\n</password></login>`,
  }),
  "parameters of an inference service": call("PUT", "/_inference/completion/own", (c) => ({
    service_settings: { query_parameters: [["api_key", c]], headers: { any: c } },
  })),
  "a mapping's own data": call("PUT", "/idx/_mapping", (c) => ({ _meta: { password: c } })),
  "an encoded pair in a string": call("PUT", "/_watcher/watch/w", (c) => ({
    body: `grant%5Ftype=x%26client%5Fsecret%3D${c}`,
  })),
  "an escape in JSON within JSON": call("PUT", "/_watcher/watch/w", (c) => ({
    body: `{"pass\\u0077ord":"${c}"}`,
  })),
  "plain text": (c) => ({
    method: "POST",
    target: "/_plugin/x",
    contentType: "text/plain",
    body: `Authorization: Basic ${c}\r\npassword=${c}\r\nsee http://u:${c}@h/`,
  }),
  CBOR: (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentType: "application/cbor",
    body: Buffer.concat([Buffer.from("a168", "hex"), Buffer.from(`password${c}`)]),
  }),
  "a multipart form": (c) => ({
    method: "POST",
    target: "/_plugin/x",
    contentType: "multipart/form-data; boundary=x",
    body: `--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${c}\r\n--x--`,
  }),
  "UTF-16": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: Buffer.from(`{"password":"${c}"}`, "utf16le"),
  }),
  "broken JSON": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: `{"a":1 "password":"${c}"}`,
  }),
  "a chunked body": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: JSON.stringify({ list: filler, password: c }),
    isChunked: true,
  }),
  "a large body": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: JSON.stringify({ list: filler, token: { x: c }, more: filler, url: `http://u:${c}@h` }),
  }),
  "an upload that is cut": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: JSON.stringify({ list: filler, password: `${c}${"x".repeat(100)}` }),
    cutBytes: 60,
  }),
  "a secret without an end": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: JSON.stringify({ password: { a: c, list: filler } }),
    cutBytes: 5000,
  }),
  "a private key": settings((c) => ({
    note: `-----BEGIN PRIVATE KEY-----\n${c}\n-----END PRIVATE KEY-----`,
  })),
  "names and values in a list": settings((c) => ({ list: [{ key: "password", value: c }] })),
  "an escape of YAML's own": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentType: "application/yaml",
    body: `a: 1\n"pass\\x77ord": ${c}\n`,
  }),
  "CBOR that is called YAML": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentType: "application/yaml",
    body: Buffer.concat([Buffer.from("a168", "hex"), Buffer.from(`password${c}`)]),
  }),
  "a bulk to .security": (c) => ({
    method: "POST",
    target: "/_bulk",
    contentType: "application/x-ndjson",
    body: `{"index":{"_index":".security-7"}}\n${JSON.stringify({ password: c })}\n`,
  }),
  "a document of .security": call("PUT", "/.security-7/_doc/user-u", (c) => ({ password: c })),
};

const answers: Readonly<Record<string, Make>> = {
  ".security without its name": (c) => ({
    method: "POST",
    target: "/_mget?filter_path=docs._source",
    body: '{"docs":[{"_index":".security","_id":"user-u"}]}',
    answer: { body: JSON.stringify({ docs: [{ _source: { password: c } }] }) },
  }),
  "rows of .security": (c) => ({
    method: "POST",
    target: "/_query",
    body: '{"query":"FROM .security* | KEEP password"}',
    answer: { body: JSON.stringify({ columns: [{ name: "password" }], values: [[c]] }) },
  }),
  "created API key": answered("POST", "/_security/api_key", (c) => ({
    id: "k7",
    api_key: c,
    encoded: base64(`k7:${c}`),
  })),
  "cross-cluster API key": answered("POST", "/_security/cross_cluster/api_key", (c) => ({
    encoded: base64(`k7:${c}`),
  })),
  "access token": answered("POST", "/_security/oauth2/token", (c) => ({
    access_token: c,
    refresh_token: c,
    kerberos_authentication_response_token: c,
  })),
  "service token": answered(
    "POST",
    "/_security/service/elastic/fleet-server/credential/token/t",
    (c) => ({ token: { name: "t", value: c } }),
  ),
  "enrolled Kibana": answered("GET", "/_security/enroll/kibana", (c) => ({
    token: { name: "t", value: c },
  })),
  "enrolled node": answered("GET", "/_security/enroll/node", (c) => ({
    http_ca_key: c,
    transport_key: c,
  })),
  "SAML redirect": answered("POST", "/_security/saml/prepare", (c) => ({
    redirect: `https://${c}`,
  })),
  "OIDC state": answered("POST", "/_security/oidc/prepare", (c) => ({ state: c, nonce: c })),
  "Fleet secret": answered("GET", "/_fleet/secret/s", (c) => ({ id: "s", value: c })),
  "cluster settings": answered("GET", "/_cluster/settings", (c) => ({
    persistent: { xpack: { notification: { secure_password: c } } },
  })),
  "nodes' settings": answered("GET", "/_nodes", (c) => ({
    nodes: { a: { settings: { "http.proxy.password": c } } },
  })),
  "cluster state": answered("GET", "/_cluster/state", (c) => ({
    metadata: {
      ingest: { pipeline: [{ config: { processors: [{ set: { value: c, field: "pwd" } }] } }] },
    },
  })),
  pipeline: answered("GET", "/_ingest/pipeline/p", (c) => ({
    p: { processors: [{ set: { field: "auth_token", value: c } }] },
  })),
  repository: answered("GET", "/_snapshot", (c) => ({ b: { settings: { client_secret: c } } })),
  watch: answered("GET", "/_watcher/watch/w", (c) => ({
    watch: { input: { http: { request: { headers: { any: c }, url: `http://u:${c}@h` } } } },
  })),
  "watches by a query": answered("POST", "/_watcher/_query/watches", (c) => ({
    watches: [{ watch: { actions: { a: { webhook: { auth: { basic: { password: c } } } } } } }],
  })),
  connector: answered("GET", "/_connector/c", (c) => ({
    id: "c",
    configuration: { any: { value: c, default_value: c, sensitive: true } },
  })),
  connectors: answered("GET", "/_connector", (c) => ({
    results: [{ configuration: { any: { value: c } } }],
  })),
  task: answered("GET", "/_tasks/n:1", (c) => ({
    task: { description: `reindex from [host=h password=${c}][a] to [b]` },
  })),
  tasks: answered("GET", "/_tasks?detailed", (c) => ({
    nodes: { n: { tasks: { "n:1": { description: `http://u:${c}@h/` } } } },
  })),
  "inference service": answered("GET", "/_inference/x", (c) => ({
    endpoints: [{ service_settings: { api_key: c } }],
  })),
  "documents of .security": answered("GET", "/.security-7/_search", (c) => ({
    hits: { hits: [{ _source: { username: "u", password: c, api_key_hash: c } }] },
  })),
  "documents of hidden indices": answered("GET", "/*/_search?expand_wildcards=all", (c) => ({
    hits: { hits: [{ _index: ".security-7", _source: { password: c } }] },
  })),
  "ES|QL about users": (c) => ({
    method: "POST",
    target: "/_query",
    body: JSON.stringify({ query: "FROM .security-7 | KEEP password" }),
    answer: { body: JSON.stringify({ columns: [{ name: "password" }], values: [[c]] }) },
  }),
  "coded documents of .security": (c) => ({
    method: "POST",
    target: "/idx/_msearch",
    body: '{"index":".security-7"}\n{}\n',
    answer: {
      contentEncoding: "gzip",
      body: gzipSync(JSON.stringify({ hits: [{ _source: { password: c } }] })),
    },
  }),
  "enrolment keys of Fleet": answered("GET", "/.fleet-enrollment-api-keys/_search", (c) => ({
    hits: { hits: [{ _source: { api_key: c } }] },
  })),
  "attributes of nodes": answered("GET", "/_cat/nodeattrs?format=json", (c) => [
    { node: "n", attr: "password", value: c },
  ]),
  "a table of fields": page((c) => ({
    status: 500,
    contentType: "text/html",
    body: `<table><tr><td>X-Api-Key</td><td>${c}</td></tr>\n<tr><th>Cookie</th>\n<td>s=${c}</td></tr></table>`,
  })),
  "tuples of fields": page((c) => ({
    status: 500,
    contentType: "text/plain",
    body: `headers=[('X-Api-Key', '${c}'), ('A', 'b')]`,
  })),
  "unknown API": answered("GET", "/_plugin/x", (c) => ({ secret: { any: c } })),
  "Elasticsearch's error": page((c) => ({
    status: 401,
    body: JSON.stringify({
      error: { reason: `unable to authenticate user [u] for REST request [/x?api_key=${c}&y=1]` },
    }),
  })),
  "an error with a URL": page((c) => ({
    status: 503,
    body: JSON.stringify({ error: `no route to http://u:${c}@h:9200` }),
  })),
  "Set-Cookie": page((c) => ({ fields: [`Set-Cookie: sid=${c}`], body: "{}" })),
  "a type with a secret": page((c) => ({ contentType: `text/plain; token=${c}`, body: "x" })),
  "a large answer": answered("GET", "/_cluster/settings", (c) => ({
    list: filler,
    password: c,
    more: filler,
  })),
};

function echoes(): Record<string, Make> {
  const made: Record<string, Make> = {};
  for (const body of ["echo", "echo-json"] as const) {
    for (const status of [400, 502]) {
      const answer: Answer = {
        status,
        body,
        contentType: body === "echo" ? "text/html" : "application/json",
      };
      made[`${body} of a head in a page ${status}`] = (c) => ({
        target: `/idx/_search?api_key=${c}`,
        fields: [
          `Authorization: Basic ${base64(`elastic:${c}`)}`,
          `Cookie: sid=${c}`,
          `X-Api-Key: ${c}`,
        ],
        answer,
      });
      made[`${body} of a body in a page ${status}`] = (c) => ({
        method: "PUT",
        target: "/_security/user/bob",
        body: JSON.stringify({ password: c, roles: [] }),
        answer,
      });
    }
  }
  return made;
}

function coded(): Record<string, Make> {
  const made: Record<string, Make> = {};
  for (const [contentEncoding, encode] of Object.entries(codings)) {
    const small = (c: string): string => JSON.stringify({ persistent: { password: c } });
    const large = (c: string): string => JSON.stringify({ list: filler, password: c });
    const request = (body: Buffer, cutBytes?: number): Omit<RequestParts, "name"> => ({
      method: "PUT",
      target: "/_cluster/settings",
      contentEncoding,
      body,
      ...(cutBytes === undefined ? {} : { cutBytes }),
    });
    made[`${contentEncoding} request`] = (c) => request(encode(Buffer.from(small(c))));
    made[`${contentEncoding} request of 60 KB`] = (c) => request(encode(Buffer.from(large(c))));
    made[`${contentEncoding} request that is cut`] = (c) =>
      request(encode(Buffer.from(`${small(c)}\n${JSON.stringify(filler)}`)), 40);
    made[`${contentEncoding} request with something behind it`] = (c) =>
      request(Buffer.concat([encode(Buffer.from('{"a":1}')), Buffer.from(`password=${c}`)]));
    made[`${contentEncoding} answer`] = (c) => ({
      target: "/_cluster/settings",
      answer: { contentEncoding, body: encode(Buffer.from(small(c))) },
    });
    made[`${contentEncoding} answer of 60 KB`] = (c) => ({
      target: "/_cluster/settings",
      answer: { contentEncoding, body: encode(Buffer.from(large(c))) },
    });
    made[`${contentEncoding} error page`] = (c) => ({
      target: "/idx/_search",
      answer: {
        status: 502,
        contentType: "text/html",
        contentEncoding,
        body: encode(Buffer.from(`<pre>GET /x?token=${c}\nAuthorization: Basic ${c}</pre>`)),
      },
    });
    made[`${contentEncoding} that is none`] = (c) =>
      request(Buffer.from(`{"password":"${c}"} without any coding`));
  }
  made["a coding that nobody knows"] = (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentEncoding: "rot13",
    body: `{"password":"${c}"}`,
  });
  made["two members of gzip"] = (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentEncoding: "gzip",
    body: Buffer.concat([gzipSync('{"a":1}\n'), gzipSync(`{"password":"${c}"}`)]),
  });
  return made;
}

/** All placements; each has a canary of its own that begins with `C4n4ry`. */
export function placements(): Placement[] {
  const groups = { heads, malformed, requests, answers, echoes: echoes(), coded: coded() };
  const makes = Object.entries(groups).flatMap(([group, list]) =>
    Object.entries(list).map(([name, make]) => ({ name: `${group}: ${name}`, make })),
  );
  return makes.map(({ name, make }, at) => {
    const canary = `C4n4ry${String(at).padStart(3, "0")}S3cr3t`;
    return placement(name, make(canary), `mark-${at}-`);
  });
}

function placement(name: string, parts: Omit<RequestParts, "name">, mark: string): Placement {
  const { method = "GET", target = "/idx/_search", version = "HTTP/1.1", host = "es" } = parts;
  const body = typeof parts.body === "string" ? Buffer.from(parts.body) : parts.body;
  const lines = [`${method} ${target} ${version}`, `Host: ${host}`, `X-Mark: ${mark}`];
  // The first field of a name counts.
  const isMarked = parts.fields?.some((line) => /^user-agent/i.test(line)) !== true;
  if (isMarked) lines.push(`User-Agent: ${mark}`);
  lines.push(...(parts.fields ?? []));
  if (body !== undefined) {
    lines.push(`Content-Type: ${parts.contentType ?? "application/json"}`);
    if (parts.contentEncoding !== undefined)
      lines.push(`Content-Encoding: ${parts.contentEncoding}`);
    lines.push(
      parts.isChunked === true ? "Transfer-Encoding: chunked" : `Content-Length: ${body.length}`,
    );
  }
  lines.push("Connection: close");
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  const content =
    body !== undefined && parts.isChunked === true ? chunked(body) : (body ?? Buffer.alloc(0));
  return {
    name,
    request: Buffer.concat([head, content]),
    answer: parts.answer ?? fine,
    mark,
    ...(parts.cutBytes === undefined ? {} : { cutBytes: parts.cutBytes }),
  };
}

function chunked(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += 999) {
    const piece = body.subarray(at, at + 999);
    chunks.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}

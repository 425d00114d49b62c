/** Secrets in answers, in what an origin repeats, and in coded bodies. */
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import {
  answered,
  base64,
  codings,
  filler,
  page,
  type Answer,
  type Make,
  type RequestParts,
} from "./placement.ts";

export const answers: Readonly<Record<string, Make>> = {
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
  "rows of a wildcard": (c) => ({
    method: "POST",
    target: "/_query",
    body: '{"query":"FROM .sec* | KEEP password"}',
    answer: { body: JSON.stringify({ columns: [{ name: "password" }], values: [[c]] }) },
  }),
  "documents of a wildcard without its name": (c) => ({
    method: "POST",
    target: "/_msearch?filter_path=responses.hits.hits._source",
    body: '{"index":["a",".s*"]}\n{}\n',
    answer: { body: JSON.stringify({ responses: [{ _source: { password: c } }] }) },
  }),
  "documents by the parameter source": (c) => ({
    method: "GET",
    target: "/_msearch?source=%7B%22index%22:%22.sec*%22%7D%0A%7B%7D%0A&filter_path=responses",
    answer: { body: JSON.stringify({ responses: [{ _source: { password: c } }] }) },
  }),
  "a page of a scroll without names": (c) => ({
    method: "POST",
    target: "/_search/scroll?filter_path=**._source",
    body: '{"scroll_id":"unknown"}',
    answer: { body: JSON.stringify({ hits: { hits: [{ _source: { password: c } }] } }) },
  }),
  "rows of a cursor": (c) => ({
    method: "POST",
    target: "/_sql",
    body: '{"cursor":"unknown"}',
    answer: { body: JSON.stringify({ rows: [[c]] }) },
  }),
  "an asynchronous answer": answered("GET", "/_async_search/unknown", (c) => ({
    response: { aggregations: { a: { buckets: [{ key: c }] } } },
  })),
  "an error that quotes a password": (c) => ({
    method: "PUT",
    target: "/_security/user/bob",
    body: `{"password":${c}}`,
    answer: {
      status: 400,
      body: JSON.stringify({ error: { reason: `Unrecognized token '${c}': was expecting` } }),
    },
  }),
  "an error that repeats a password": (c) => ({
    method: "PUT",
    target: "/_security/user/bob",
    body: JSON.stringify({ password: c }),
    answer: { status: 400, body: JSON.stringify({ error: { reason: `${c} is too short` } }) },
  }),
  "a warning and a redirect": page((c) => ({
    fields: [
      `Warning: 299 Elasticsearch "password=${c}"`,
      `Location: /x?token=${c}`,
      `WWW-Authenticate: Negotiate ${c}`,
    ],
    body: "{}",
  })),
  "trailers of an answer": page((c) => ({ trailers: { "Set-Cookie": `sid=${c}` }, body: "{}" })),
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

export function echoes(): Record<string, Make> {
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

export function coded(): Record<string, Make> {
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
  const others: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    ...codings,
    rot13: (bytes) => bytes,
  };
  for (const [contentEncoding, encode] of Object.entries(others))
    made[`a bulk to .security in ${contentEncoding}`] = (c) => ({
      method: "POST",
      target: "/_bulk",
      contentEncoding,
      body: encode(Buffer.from(`{"index":{"_index":".security-7"}}\n{"password":"${c}"}\n`)),
    });
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

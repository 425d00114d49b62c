/** Secrets in bodies of requests. */
import { Buffer } from "node:buffer";
import { brotliCompressSync } from "node:zlib";
import { call, filler, settings, type Make } from "./placement.ts";

export const requests: Readonly<Record<string, Make>> = {
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
  "a bulk to .security in UTF-16": (c) => ({
    method: "POST",
    target: "/_bulk",
    body: Buffer.from(`{"index":{"_index":".security-7"}}\n{"password":"${c}"}\n`, "utf16le"),
  }),
  "a bulk to .security by date math": (c) => ({
    method: "POST",
    target: "/logs/_bulk",
    body: `{"index":{"_index":"<.secur{now/d{'ity-7'}}>"}}\n{"password":"${c}"}\n`,
  }),
  "a bulk to Fleet's agents": (c) => ({
    method: "POST",
    target: "/_bulk",
    body: `{"update":{"_index":".fleet-agents-7"}}\n{"doc":{"default_api_key":"${c}"}}\n`,
  }),
  "a document of .security by date math": (c) => ({
    method: "PUT",
    target: "/%3C%7Bnow%2Fd%7B'.security-7'%7D%7D%3E/_doc/a",
    body: JSON.stringify({ password: c }),
  }),
  "an alias of YAML": (c) => ({
    method: "PUT",
    target: "/_cluster/settings",
    contentType: "application/yaml",
    body: `a: [&x password]\nb: {*x : ${c}}\n`,
  }),
  "path of a webhook": call("PUT", "/_watcher/watch/w", (c) => ({
    actions: { a: { webhook: { host: "hooks.slack.com", path: `/services/T0/B0/${c}` } } },
  })),
  "identity of a cloud": call("PUT", "/_inference/completion/a", (c) => ({
    service_settings: { entra_id: c, license_key: c },
  })),
  "a document of .security": call("PUT", "/.security-7/_doc/user-u", (c) => ({ password: c })),
};

/** Secrets in heads of requests, also of malformed ones. */
import { base64, field, target, type Make } from "./placement.ts";

export const heads: Readonly<Record<string, Make>> = {
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
  "claims of a JWT": field((c) => {
    const claims = { sub: `http://u:${c}@h`, iss: `https://i?token=${c}` };
    return `Authorization: Bearer ${base64("{}")}.${base64(JSON.stringify(claims))}.x`.replaceAll(
      "=",
      "",
    );
  }),
  "a pair in a user's name": field((c) => `Authorization: Basic ${base64(`token=${c}:x`)}`),
  "a pair in a run-as name": field((c) => `es-security-runas-user: password=${c}`),
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

export const malformed: Readonly<Record<string, Make>> = {
  "userinfo in absolute-form": target((c) => `http://elastic:${c}@es:9200/_search`),
  "userinfo with a slash": target((c) => `http://elastic:a/${c}@es:9200/_search`),
  "userinfo with a question mark": target((c) => `http://elastic:a?${c}@es/_search`),
  "userinfo without a name": target((c) => `http://${c}@es:9200/_search`),
  "userinfo with one slash": target((c) => `http:/u:${c}@es/_search`),
  "userinfo in a network path": target((c) => `//u:${c}@es/_search`),
  "userinfo with a blank": target((c) => `http://u:${c} word@es/_search`),
  "encoded userinfo with a blank": target((c) => `/x/http%3A%2F%2Fu%3A${c} word%40es/_search`),
  "bytes outside ASCII": target((c) => `/\u00e4/_search?token=${c}`),
  "bytes outside ASCII in userinfo": target((c) => `http://u:${c}\u00e4@es/_search`),
  "a control byte in the query": target((c) => `/_search?x=\u0001&password=${c}`),
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

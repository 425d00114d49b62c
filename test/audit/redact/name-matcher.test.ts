import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";

import { builtInNames } from "../../../src/audit/redact/body-rules.ts";
import { isSecretName } from "../../../src/audit/redact/name-bits.ts";
import { NameMatcher } from "../../../src/audit/redact/name-matcher.ts";

function isSecret(name: string): boolean {
  const bytes = Buffer.from(name);
  return (builtInNames.match(bytes, 0, bytes.length) & isSecretName) !== 0;
}

const secret = `password passwd pwd pass passphrase passcode secret token bearer_token bearerToken
  api_key apiKey api-key API_KEY x-api-key X-Api-Key account_key accountKey sas_token sasToken
  keystore_password keystorePassword secure_settings_password cookie set-cookie Cookie authorization
  Authorization proxy-authorization es-secondary-authorization client_secret clientSecret
  access_token refreshToken id_token secret_key secretAccessKey aws_secret_access_key private_key
  credentials kerberos_ticket password_hash db_pass dbPass db-pwd jwt
  xpack.notification.email.account.work.smtp.secure_password cloud.azure.account_key
  password2 token_1 passwords[] user[password] __password`;

const plain = `username user name id realm bypass compass tokens tokenizer api_key_id apiKeyId
  key_id has_password_policy password_policy keyword monkey author authors index field value
  invalidated_tokens api_keys passenger secretary tokenized_text credential_id _id`;

test("names of secrets are known in snake, camel and kebab case", () => {
  const names = secret.split(/\s+/).filter((name) => name !== "" && name !== "passwords[]");
  assert.deepEqual(
    names.filter((name) => !isSecret(name)),
    [],
  );
});

/** Settings that Elasticsearch keeps in its keystore, which people send to `_cluster/settings`. */
const keystore = `xpack.notification.slack.account.a.secure_url
  xpack.notification.pagerduty.account.a.secure_service_api_key
  xpack.notification.jira.account.a.secure_url xpack.notification.jira.account.a.secure_password
  xpack.security.authc.realms.ldap.l.secure_bind_password xpack.watcher.encryption_key
  xpack.security.authc.realms.oidc.o.rp.client_secret bootstrap.password
  xpack.security.authc.realms.jwt.j.hmac_jwkset xpack.security.authc.realms.jwt.j.hmac_key
  xpack.security.authc.realms.jwt.j.client_authentication.shared_secret
  xpack.http.ssl.secure_key_passphrase xpack.http.ssl.keystore.secure_key_password
  s3.client.default.access_key s3.client.default.secret_key s3.client.default.session_token
  azure.client.default.sas_token`;

test("names of settings of the keystore are those of secrets", () => {
  assert.deepEqual(
    keystore.split(/\s+/).filter((name) => !isSecret(name)),
    [],
  );
});

test("names that only look like it are not", () => {
  assert.deepEqual(plain.split(/\s+/).filter(isSecret), []);
});

test("an ending, a last word and a whole name are told apart", () => {
  const matcher = new NameMatcher([
    { name: "ab", match: "ending", bits: 1 },
    { name: "cd", match: "word", bits: 2 },
    { name: "ef", match: "whole", bits: 4 },
    { name: "xab", match: "whole", bits: 8 },
  ]);
  const bits = (name: string): number => {
    const bytes = Buffer.from(`zz${name}zz`);
    return matcher.match(bytes, 2, bytes.length - 2);
  };
  assert.deepEqual(
    ["ab", "zab", "x_ab", "xab", "cd", "xcd", "x_cd", "xCd", "ef", "_ef", "x.ef", "x_ef", ""].map(
      bits,
    ),
    [1, 1, 9, 9, 2, 0, 2, 2, 4, 4, 4, 0, 0],
  );
});

/**
 * Names whose values are secrets, wherever a name and a value stand beside each other: members of
 * JSON and YAML, parameters, header fields, and pairs in plain text.
 *
 * Names are compared in lower case and without `_`, `-` and blanks, so that `api_key`, `apiKey`,
 * `api-key` and `Api Key` are one name. What stands before the last dot, and digits at the end, do
 * not count: `xpack.notification.password2` is `password`.
 */

/** Secret as the end of any name: `ldapbindpassword`, `secure_settings_password`. */
export const secretEndings = `
  password passwd passphrase passcode passwort passwordhash hashedpassword
  passwords passphrases passwordvalue passwordconfirm passwordconfirmation passwordold
  kennwort motdepasse contrasena wachtwoord pwd pswd
  bindpw rootpw keypass storepass userpass adminpass dbpass smtppass mailpass ldappass proxypass
  secret secrets secretparameters secrethash secretvalue secretstring secretdata
  token tokenhash tokenvalue idtokenhint
  apikey apikeyhash accesskey secretkey privatekey accountkey signingkey encryptionkey masterkey
  sharedkey servicekey storagekey authkey sessionkey hmackey passkey privkey
  sshkey sslkey tlskey licensekey privatekeypem privatekeydata privatekeybase jwkset
  credential credentials creds credentialsjson clientauthentication authorization cookie cookies
  authorizationheader authorizationcode authcode entraid webhookurl secureurl
  kerberosticket keytab connectionstring serviceaccountjson sharedaccesssignature
  clientassertion samlresponse samlassertion codeverifier
`;

/** Secret as the last word of a name only: `db_pass` and `dbPass`, not `bypass`. */
export const secretWords = `pass pw jwt otp sas bearer`;

/**
 * Endings of names whose strings are secrets, in arrays too; numbers (`max_tokens`) and what stands
 * in their objects (`{"auth":{"basic":{"username":"…"}}}`) are judged for themselves.
 */
export const secretTextEndings = `tokens basicauth httpauth`;

/** The same for whole names: `invalidated_api_keys` holds ids. */
export const secretTextNames = `auth apikeys accesskeys secretkeys privatekeys assertion`;

/** Secret as the whole name of a parameter of a query string or a form; too common elsewhere. */
export const secretParameters = `
  key sig signature xamzsignature xgoogsignature awsaccesskeyid auth ticket samlrequest relaystate
  assertion sid session sessionid jsessionid phpsessid hash
`;

/**
 * Header fields that hold nothing but credentials, often with blanks, commas and quotes in them: in
 * plain text their value goes on to the end of the line.
 */
export const credentialFields = `
  authorization proxyauthorization essecondaryauthorization esclientauthentication
  cookie setcookie
`;

/** Names of members whose value names what stands in `value` beside it. */
export const namingMembers = `
  field name key id targetfield header parameter setting property attr attribute variable
`;

/** Names of the members that hold such a value. */
export const valueMembers = `value values val defaultvalue`;

/** Splits one of the lists above. */
export function listed(names: string): string[] {
  return names.split(/\s+/).filter((name) => name !== "");
}

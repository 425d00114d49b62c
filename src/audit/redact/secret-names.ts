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
  password passwords passwd passphrase passcode passwort passwordhash hashedpassword
  secret secrets secretparameters secrethash
  token tokenhash idtokenhint
  apikey apikeyhash accesskey secretkey privatekey accountkey signingkey encryptionkey masterkey
  sharedkey servicekey storagekey authkey sessionkey
  credential credentials clientauthentication authorization cookie
  kerberosticket keytab connectionstring serviceaccountjson sharedaccesssignature
  clientassertion samlresponse samlassertion
`;

/** Secret as the last word of a name only: `db_pass` and `dbPass`, not `bypass`. */
export const secretWords = `pass pwd pw jwt otp sas bearer`;

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

/** Names of members whose value names something, whose own value stands in `value` beside it. */
export const namingMembers = `field name key targetfield header parameter setting property`;

/** Splits one of the lists above. */
export function listed(names: string): string[] {
  return names.split(/\s+/).filter((name) => name !== "");
}

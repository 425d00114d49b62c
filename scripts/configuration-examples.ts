/**
 * A useful example for each section of `docs/configuration.md`, by the path of the section. Each is
 * a whole file that `es-proxy validate` accepts but for the files it names; the test loads it.
 */

/** What every example needs beside what it shows. */
const listener = `listeners:
  - {name: es, bind: "0.0.0.0:9200", routes: [{path: /, pool: es}]}
`;
const pool = `pools:
  es: {endpoints: ["http://es1.internal:9200"]}
`;

export const configurationExamples: Readonly<Record<string, string>> = {
  "": `# Everything else has defaults.
${listener}${pool}audit: {directory: /var/log/es-proxy}
`,
  "listeners[] (protocol: http)": `listeners:
  - name: es
    protocol: http
    bind: 0.0.0.0:9200
    trusted_proxies: [10.0.0.0/8]          # a load balancer whose X-Forwarded-For is believed
    timeouts: {header: 10s, body_idle: 15s}
    routes:
      - {path: /, pool: es}
      - {path: /_cat, pool: es, audit: {level: metadata}}
      - {path: /patients, pool: es, audit: {on_failure: reject}}
${pool}`,
  "listeners[] (protocol: tcp)": `listeners:
  - name: git
    protocol: tcp
    bind: 0.0.0.0:9418
    router: ./git-router.ts                # your function sees the first bytes and decides
    preread: {bytes: 16KiB, timeout: 5s}
    allow: ["10.0.0.0/8:9418"]
pools:
  git: {endpoints: ["git1.internal:9418"]}
`,
  pools: `${listener}pools:
  es:
    endpoints:
      - http://es1.internal:9200
      - {url: "http://es2.internal:9200", weight: 2}
    balance: least_requests
    timeouts: {connect: 3s, response: 90s, response_long: 0}
    health: {path: /_cluster/health, interval: 10s}
    outlier: {failures: 5, eject_for: 30s}
    retry: {attempts: 2, budget_percent: 20}
`,
  audit: `${listener}${pool}audit:
  directory: /var/log/es-proxy
  format: ecs
  durability: written                      # the record is on disk before the request goes on
  on_failure: reject                       # no record, no request
  body: {inline: 16KiB}
  rotate: {size: 256MiB}
`,
  "audit.redact": `${listener}${pool}audit:
  directory: /var/log/es-proxy
  redact:
    - {names: [ssn, iban], indices: ["patients-*"]}
`,
  "audit.proof": `${listener}${pool}audit:
  directory: /var/log/es-proxy
  proof:
    origin: es-proxy.example.com/prod      # yours, and never used for another log
    key_file: /etc/es-proxy/proof.key
    checkpoint_every: 10s
`,
  "audit.coverage": `${listener}${pool}audit:
  directory: /var/log/es-proxy
  coverage:
    every: 60s
    authorization_file: /etc/es-proxy/coverage.key     # "ApiKey …", privilege: monitor
    exempt: [10.0.0.12]                                # the other proxy, which records, too
`,
  "audit.archive": `${listener}${pool}audit:
  directory: /var/log/es-proxy
  archive:
    compress: true
    recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]
`,
  "audit.retain": `${listener}${pool}audit:
  directory: /var/log/es-proxy
  rotate: {size: 256MiB, every: 1d}
  retain: {for: 90d, size: 500GiB}
`,
  "audit.disk": `${listener}${pool}audit:
  directory: /var/log/es-proxy
  disk: {warn_percent: 20, metadata_percent: 10, reserve: 64MiB}
`,
  "audit.watch": `${listener}${pool}audit:
  directory: /var/log/es-proxy
  watch:
    - {indices: "patients-*", fields: [name, ssn, "diagnosis.*"]}
`,
  "audit.ship": `${listener}${pool}audit:
  directory: /var/log/es-proxy
  facts: true
  ship:
    - {elasticsearch: "https://audit.internal:9200", api_key_file: ship.key}
`,
  admin: `${listener}${pool}admin: {bind: "127.0.0.1:9180", token_file: admin.token}
`,
  explorer: `${listener}${pool}audit: {directory: /var/log/es-proxy}
explorer: {bind: "127.0.0.1:9181"}         # http://127.0.0.1:9181/ on this machine
`,
};

// The 40 checks of seed/auditgen in DuckDB: one typed parse of the log into a
// temporary table, then one SELECT for the 34 filters and one for each check
// with a memory. Prints the answers as JSON, in the shape of answers.go.
//
//   node checks.mjs LOG PEOPLE.csv [THREADS]
import { DuckDBInstance } from '@duckdb/node-api'

const [log, people, threads = '2'] = process.argv.slice(2)
const text = (s) => `'${s.replaceAll("'", "''")}'`

// Only what some check reads is named: DuckDB skips the rest of each line.
const columns = {
  auditID: 'VARCHAR',
  requestURI: 'VARCHAR',
  verb: 'VARCHAR',
  user: 'STRUCT(username VARCHAR, groups VARCHAR[])',
  impersonatedUser: 'STRUCT(username VARCHAR)',
  sourceIPs: 'VARCHAR[]',
  userAgent: 'VARCHAR',
  objectRef: 'STRUCT(resource VARCHAR, namespace VARCHAR, name VARCHAR, subresource VARCHAR)',
  responseStatus: 'STRUCT(code INTEGER)',
  requestObject: `STRUCT(
    kind VARCHAR,
    metadata STRUCT(annotations STRUCT("change.corp/ticket" VARCHAR)),
    spec STRUCT(
      containers STRUCT(image VARCHAR, securityContext STRUCT(privileged BOOLEAN))[],
      volumes STRUCT(hostPath STRUCT(path VARCHAR))[]),
    rules STRUCT(verbs VARCHAR[])[],
    subjects STRUCT(name VARCHAR)[])`,
  responseObject: 'STRUCT(spec JSON)',
  requestReceivedTimestamp: 'VARCHAR',
  annotations: 'STRUCT("authorization.k8s.io/decision" VARCHAR)',
}

// What the bodies say is drawn while parsing, where a check wants it, so that
// the table stays narrow. No clause is judged for events it does not concern.
const parse = `
CREATE TEMP TABLE e AS
SELECT auditID AS id, requestURI AS uri, verb, "user".username AS usr, impersonatedUser.username AS imp, sourceIPs[1] AS ip,
  userAgent AS agent, objectRef.resource AS res, objectRef.subresource AS sub, objectRef.namespace AS ns, objectRef.name AS name,
  responseStatus.code AS code, requestReceivedTimestamp AS received,
  list_contains("user".groups, 'system:masters') AS masters,
  list_contains("user".groups, 'corp:admins') AS admins,
  annotations."authorization.k8s.io/decision" = 'forbid' AS forbidden,
  CASE WHEN objectRef.resource = 'pods' AND verb = 'create' THEN list_bool_or(list_transform(requestObject.spec.containers, lambda c: c.securityContext.privileged)) END AS privileged,
  CASE WHEN objectRef.resource = 'pods' AND verb = 'create' THEN list_bool_or(list_transform(requestObject.spec.volumes, lambda v: v.hostPath.path IS NOT NULL)) END AS hostpath,
  CASE WHEN objectRef.resource = 'pods' AND verb = 'create' THEN list_bool_or(list_transform(requestObject.spec.containers, lambda c: NOT starts_with(c.image, 'registry.corp.example/'))) END AS foreign_image,
  CASE WHEN objectRef.resource IN ('roles', 'clusterroles') THEN list_bool_or(list_transform(requestObject.rules, lambda r: list_contains(r.verbs, '*'))) END AS wildcard,
  CASE WHEN objectRef.resource = 'rolebindings' THEN list_bool_or(list_transform(requestObject.subjects, lambda s: s.name IN ('system:authenticated', 'system:unauthenticated'))) END AS everybody,
  CASE WHEN objectRef.resource = 'deployments' THEN requestObject.kind IS NOT NULL AND requestObject.metadata.annotations."change.corp/ticket" IS NULL END AS no_ticket,
  CASE WHEN objectRef.resource IN ('networkpolicies', 'globalnetworkpolicies') THEN responseObject.spec::VARCHAR END AS spec
FROM read_ndjson(${text(log)}, columns = {${Object.entries(columns).map(([k, v]) => `${text(k)}: ${text(v)}`).join(', ')}})`

const human = `usr IS NOT NULL AND NOT starts_with(usr, 'system:')`
const writes = `verb IN ('create', 'update', 'patch', 'delete', 'deletecollection')`

const filters = {
  F01: `verb IN ('create', 'get') AND res = 'pods' AND sub = 'exec' AND ${human}`,
  F02: `verb IN ('get', 'list', 'watch') AND res = 'secrets' AND ${human} AND code < 300`,
  F03: `verb IN ('create', 'update', 'patch') AND res = 'clusterrolebindings' AND code < 300`,
  F04: `usr = 'system:anonymous' AND code < 300 AND NOT (starts_with(uri, '/livez') OR starts_with(uri, '/readyz') OR starts_with(uri, '/healthz') OR starts_with(uri, '/version'))`,
  F05: `masters`,
  F06: `verb = 'delete' AND res = 'namespaces' AND code < 300`,
  F07: `imp IS NOT NULL`,
  F08: `verb = 'create' AND res = 'pods' AND sub IS NULL AND privileged`,
  F09: `code = 403 AND ${human} AND forbidden`,
  F10: `verb IN ('delete', 'deletecollection') AND res IN ('events', 'validatingwebhookconfigurations', 'mutatingwebhookconfigurations') AND ${human}`,
  F11: `verb = 'create' AND res = 'pods' AND hostpath`,
  F12: `verb = 'create' AND res = 'pods' AND foreign_image`,
  F13: `res = 'pods' AND sub = 'portforward' AND ${human}`,
  F14: `verb = 'create' AND res = 'serviceaccounts' AND sub = 'token' AND ${human}`,
  F15: `res = 'certificatesigningrequests' AND sub = 'approval'`,
  F16: `verb = 'deletecollection' AND res = 'pods' AND ${human}`,
  F17: `contains(agent, 'curl/') OR contains(agent, 'python-requests')`,
  F18: `ip IS NOT NULL AND NOT (starts_with(ip, '10.') OR starts_with(ip, '192.168.') OR starts_with(ip, '172.16.')) AND code < 400`,
  F19: `usr = 'system:anonymous' AND code = 403`,
  F20: `${writes} AND res = 'configmaps' AND ns = 'kube-system' AND ${human}`,
  F21: `verb IN ('create', 'update') AND res IN ('roles', 'clusterroles') AND wildcard`,
  F22: `verb IN ('create', 'update') AND res = 'rolebindings' AND everybody`,
  F23: `res = 'nodes' AND sub = 'proxy'`,
  F24: `res = 'pods' AND sub = 'ephemeralcontainers'`,
  F25: `verb = 'delete' AND res = 'customresourcedefinitions'`,
  F26: `verb = 'delete' AND res = 'persistentvolumes' AND ${human}`,
  F27: `verb IN ('update', 'patch', 'delete') AND res IN ('resourcequotas', 'limitranges')`,
  F28: `ends_with(usr, '-breakglass')`,
  F29: `usr IN ('admin', 'root', 'test', 'shared')`,
  F30: `${writes} AND admins AND (substr(received, 12, 2)::INTEGER < 6 OR substr(received, 12, 2)::INTEGER >= 22)`,
  F31: `${writes} AND code >= 500`,
  F32: `code = 401`,
  F33: `res = 'pods' AND sub = 'attach' AND ${human}`,
  F34: `verb IN ('create', 'update') AND res = 'deployments' AND ${human} AND no_ticket`,
}

const memory = {
  S01: `SELECT coalesce(usr, '') AS k, count(*)::DOUBLE AS n FROM e GROUP BY ALL`,
  S02: `SELECT usr AS k, count(DISTINCT ip)::DOUBLE AS n FROM e WHERE usr IS NOT NULL GROUP BY ALL HAVING count(DISTINCT ip) > 3`,
  S03: `SELECT DISTINCT ip AS k FROM (
    SELECT ip FROM e WHERE code IN (401, 403) GROUP BY ip, time_bucket(INTERVAL 5 MINUTE, received::TIMESTAMP) HAVING count(*) >= 20) ORDER BY k`,
  S04: `SELECT usr AS k, count(DISTINCT ns)::DOUBLE AS n FROM e
    WHERE res = 'secrets' AND code < 300 AND verb IN ('get', 'list', 'watch') AND usr IS NOT NULL GROUP BY ALL HAVING count(DISTINCT ns) > 10`,
  S05: `SELECT email AS k FROM read_csv(${text(people)}, all_varchar = true) ANTI JOIN e ON email = usr ORDER BY k`,
  S06: `WITH w AS (
      SELECT id, received, usr, verb, coalesce(ns, '') || '/' || name AS policy, CASE WHEN verb = 'delete' THEN '' ELSE left(sha256(spec), 16) END AS after
      FROM e WHERE res IN ('networkpolicies', 'globalnetworkpolicies') AND code < 300 AND verb IN ('create', 'update', 'patch', 'delete') AND NOT contains(uri, 'dryRun=')
    ), c AS (SELECT *, lag(after) OVER (PARTITION BY policy ORDER BY received) AS before FROM w)
    SELECT id AS "auditID", usr AS "user", verb, policy, coalesce(before, '') AS before, after, before IS NOT NULL OR verb = 'create' AS known
    FROM c WHERE verb = 'delete' OR before IS NULL OR before <> after ORDER BY received`,
}

const db = await (await DuckDBInstance.create(':memory:', { threads })).connect()
const rows = async (sql) => (await db.runAndReadAll(sql)).getRowObjects()

await db.run('SET preserve_insertion_order = false') // nothing below asks for the order of lines
await db.run(parse)
const counts = Object.entries(filters).map(([id, where]) => `count(*) FILTER (WHERE ${where})::DOUBLE AS ${id}`)
const answers = { filters: (await rows(`SELECT ${counts.join(', ')} FROM e`))[0] }
for (const [id, sql] of Object.entries(memory)) {
  const found = await rows(sql)
  if (id === 'S06') answers[id] = found
  else if (found.length && !('n' in found[0])) answers[id] = found.map((r) => r.k)
  else answers[id] = id === 'S03' || id === 'S05' ? [] : Object.fromEntries(found.map((r) => [r.k, r.n]))
}
console.log(JSON.stringify(answers))

import { administrationRoutes } from "./api/administration.ts";
import { healthReportRoutes } from "./api/health-report.ts";
import { allocationRoutes } from "./api/allocation.ts";
import { resizeRoutes } from "./api/resize.ts";
import { rolloverRoutes } from "./api/rollover.ts";
import { shardDetailRoutes } from "./api/shard-details.ts";
import { taskRoutes } from "./api/tasks.ts";
import { simulateRoutes } from "./api/templates/simulate.ts";
import { termVectorRoutes } from "./api/term-vectors.ts";
import { catActivityRoutes } from "./cat/cat-activity.ts";
import { aliasRoutes } from "./api/aliases.ts";
import { analyzeRoutes } from "./api/analyze.ts";
import { asyncSearchRoutes } from "./api/async-search.ts";
import { bulkRoutes } from "./api/bulk.ts";
import { byQueryRoutes } from "./api/by-query.ts";
import { clusterAdminRoutes } from "./api/cluster-admin.ts";
import { clusterInfoRoutes } from "./api/cluster-info.ts";
import { clusterStatsRoutes } from "./api/cluster-stats.ts";
import { clusterSettingsRoutes } from "./api/cluster-settings.ts";
import { clusterHealthRoutes } from "./api/cluster-health.ts";
import { clusterStateRoutes } from "./api/cluster-state.ts";
import { enrichRoutes } from "./api/enrich.ts";
import { documentRoutes } from "./api/documents.ts";
import { eqlRoutes } from "./api/eql-routes.ts";
import { esqlAsyncRoutes } from "./api/esql-async.ts";
import { esqlRoutes } from "./api/esql.ts";
import { fieldCapsRoutes } from "./api/field-caps.ts";
import { indexActionRoutes } from "./api/index-actions.ts";
import { indexBlockRoutes } from "./api/index-block.ts";
import { indexSettingsRoutes } from "./api/index-settings.ts";
import { indexStatsRoutes } from "./api/index-stats.ts";
import { dataLifecycleRoutes } from "./api/data-lifecycles.ts";
import { dataStreamChangeRoutes } from "./api/data-stream-changes.ts";
import { dataStreamRoutes } from "./api/data-streams.ts";
import { componentTemplateRoutes } from "./api/templates/component-templates.ts";
import { indexTemplateRoutes } from "./api/templates/index-templates.ts";
import { legacyTemplateRoutes } from "./api/templates/legacy-templates.ts";
import { indexRoutes } from "./api/indices.ts";
import { infoRoutes } from "./api/info.ts";
import { ingestRoutes } from "./api/ingest.ts";
import { lifecycleOperationRoutes } from "./api/lifecycle-operations.ts";
import { simulateIngestRoutes } from "./api/simulate-ingest.ts";
import { snapshotLifecycleRoutes } from "./api/snapshot-lifecycle.ts";
import { snapshotRetentionRoutes } from "./api/snapshot-retention.ts";
import { lifecyclePolicyRoutes } from "./api/lifecycle-policies.ts";
import { mappingRoutes } from "./api/mappings.ts";
import { multiGetRoutes } from "./api/multi-get.ts";
import { multiSearchRoutes } from "./api/multi-search.ts";
import { nodesInfoRoutes } from "./api/nodes-info.ts";
import { nodesStatsRoutes } from "./api/nodes-stats.ts";
import { pointInTimeRoutes } from "./api/point-in-time.ts";
import { queryRuleRoutes } from "./api/query-rules.ts";
import { queryToolRoutes } from "./api/query-tools.ts";
import { rankEvalRoutes } from "./api/rank-eval.ts";
import { reindexRoutes } from "./api/reindex.ts";
import { resolveRoutes } from "./api/resolve-index.ts";
import { apiKeyRoutes } from "./api/security/api-keys.ts";
import { applicationPrivilegeRoutes } from "./api/security/application-privileges.ts";
import { callerRoutes } from "./api/security/authenticate.ts";
import { securityQueryRoutes } from "./api/security/queries.ts";
import { roleMappingRoutes } from "./api/security/role-mappings.ts";
import { roleRoutes } from "./api/security/roles.ts";
import { tokenRoutes } from "./api/security/tokens.ts";
import { userRoutes } from "./api/security/users.ts";
import { scriptRoutes } from "./api/scripts.ts";
import { scrollRoutes } from "./api/scroll.ts";
import { repositoryRoutes } from "./api/repositories.ts";
import { snapshotAnswerRoutes } from "./api/snapshot-answers.ts";
import { snapshotRestoreRoutes } from "./api/snapshot-restore.ts";
import { snapshotRoutes } from "./api/snapshots.ts";
import { searchTemplateRoutes } from "./api/search-templates.ts";
import { searchRoutes } from "./api/search.ts";
import { sqlAsyncRoutes } from "./api/sql-async.ts";
import { sqlCursorRoutes } from "./api/sql-cursors.ts";
import { sqlRoutes } from "./api/sql.ts";
import { synonymRoutes } from "./api/synonyms.ts";
import { termsEnumRoutes } from "./api/terms-enum.ts";
import { updateRoutes } from "./api/update.ts";
import { catClusterRoutes } from "./cat/cat-cluster.ts";
import { catSnapshotRoutes } from "./cat/cat-snapshots.ts";
import { catNodeRoutes } from "./cat/cat-nodes.ts";
import { catIndexRoutes } from "./cat/cat-indices.ts";
import type { Route } from "./rest/route.ts";

/** Every route of the mock. */
export const routeTable: readonly Route[] = [
  ...infoRoutes,
  ...documentRoutes,
  ...updateRoutes,
  ...bulkRoutes,
  ...multiGetRoutes,
  ...byQueryRoutes,
  ...reindexRoutes,
  ...scriptRoutes,
  ...ingestRoutes,
  ...simulateIngestRoutes,
  ...enrichRoutes,
  ...synonymRoutes,
  ...queryRuleRoutes,
  ...callerRoutes,
  ...userRoutes,
  ...roleRoutes,
  ...roleMappingRoutes,
  ...apiKeyRoutes,
  ...tokenRoutes,
  ...applicationPrivilegeRoutes,
  ...securityQueryRoutes,
  ...asyncSearchRoutes,
  ...eqlRoutes,
  ...esqlRoutes,
  ...esqlAsyncRoutes,
  ...sqlRoutes,
  ...sqlAsyncRoutes,
  ...sqlCursorRoutes,
  ...lifecyclePolicyRoutes,
  ...lifecycleOperationRoutes,
  ...snapshotLifecycleRoutes,
  ...snapshotRetentionRoutes,
  ...searchRoutes,
  ...multiSearchRoutes,
  ...searchTemplateRoutes,
  ...rankEvalRoutes,
  ...repositoryRoutes,
  ...snapshotRoutes,
  ...snapshotAnswerRoutes,
  ...snapshotRestoreRoutes,
  ...scrollRoutes,
  ...pointInTimeRoutes,
  ...queryToolRoutes,
  ...fieldCapsRoutes,
  ...termsEnumRoutes,
  ...analyzeRoutes,
  ...indexRoutes,
  ...mappingRoutes,
  ...indexSettingsRoutes,
  ...indexStatsRoutes,
  ...indexActionRoutes,
  ...indexBlockRoutes,
  ...aliasRoutes,
  ...indexTemplateRoutes,
  ...componentTemplateRoutes,
  ...dataStreamRoutes,
  ...dataStreamChangeRoutes,
  ...dataLifecycleRoutes,
  ...legacyTemplateRoutes,
  ...resolveRoutes,
  ...clusterHealthRoutes,
  ...clusterStateRoutes,
  ...clusterAdminRoutes,
  ...clusterStatsRoutes,
  ...clusterInfoRoutes,
  ...administrationRoutes,
  ...healthReportRoutes,
  ...clusterSettingsRoutes,
  ...allocationRoutes,
  ...resizeRoutes,
  ...rolloverRoutes,
  ...shardDetailRoutes,
  ...taskRoutes,
  ...simulateRoutes,
  ...termVectorRoutes,
  ...nodesInfoRoutes,
  ...nodesStatsRoutes,
  ...catIndexRoutes,
  ...catClusterRoutes,
  ...catNodeRoutes,
  ...catActivityRoutes,
  ...catSnapshotRoutes,
];

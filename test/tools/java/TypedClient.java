import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._helpers.bulk.BulkIngester;
import co.elastic.clients.elasticsearch._types.ElasticsearchException;
import co.elastic.clients.elasticsearch._types.Refresh;
import co.elastic.clients.elasticsearch._types.Result;
import co.elastic.clients.elasticsearch._types.SortOrder;
import co.elastic.clients.elasticsearch._types.aggregations.CalendarInterval;
import co.elastic.clients.elasticsearch._types.aggregations.CompositeAggregationSource;
import co.elastic.clients.elasticsearch._types.query_dsl.Query;
import co.elastic.clients.elasticsearch.core.SearchResponse;
import co.elastic.clients.elasticsearch.core.search.HighlightField;
import co.elastic.clients.util.NamedValue;
import java.util.List;
import java.util.Map;

/** Typed calls of the official Java client. Prints {@code fine} at the end. Argument: the URL. */
public final class TypedClient {
  private TypedClient() {}

  public static void main(String[] args) throws Exception {
    try (ElasticsearchClient client = ElasticsearchClient.of(builder -> builder.host(args[0]))) {
      indices(client);
      documents(client);
      bulk(client);
      searches(client);
      cursors(client);
      cluster(client);
    }
    System.out.println("fine");
    System.exit(0);
  }

  private static void indices(ElasticsearchClient client) throws Exception {
    expect(client.info().version().number().startsWith("9."), "version");
    expect(client.ping().value(), "ping");
    var made =
        client
            .indices()
            .create(
                index ->
                    index
                        .index("books")
                        .settings(s -> s.numberOfShards("2").numberOfReplicas("0"))
                        .mappings(
                            m ->
                                m.properties("title", p -> p.text(t -> t))
                                    .properties("genre", p -> p.keyword(k -> k.ignoreAbove(64)))
                                    .properties("pages", p -> p.integer(i -> i))
                                    .properties("when", p -> p.date(d -> d.format("yyyy-MM-dd")))
                                    .properties("v", p -> p.denseVector(d -> d.dims(2)))));
    expect(made.acknowledged() && made.shardsAcknowledged(), "create");
    expect(client.indices().exists(e -> e.index("books")).value(), "exists");
    expect(client.indices().exists(e -> e.index("none")).value() == false, "does not exist");
    var mapping = client.indices().getMapping(g -> g.index("books")).get("books").mappings();
    expect(mapping.properties().get("genre").keyword().ignoreAbove() == 64, "mapping");
    expect(mapping.properties().get("v").isDenseVector(), "vector");
    var settings = client.indices().getSettings(g -> g.index("books")).get("books").settings();
    expect(settings.index().numberOfShards().equals("2"), "settings");
    client.indices().updateAliases(u -> u.actions(a -> a.add(d -> d.index("books").alias("b"))));
    expect(client.indices().getAlias(g -> g.name("b")).get("books").aliases().size() == 1, "alias");
    client.indices().putIndexTemplate(t -> t.name("t").indexPatterns("logs-*").priority(7L));
    var templates = client.indices().getIndexTemplate(t -> t.name("t")).indexTemplates();
    expect(templates.get(0).indexTemplate().priority() == 7, "template");
  }

  private static void documents(ElasticsearchClient client) throws Exception {
    var first =
        client.index(i -> i.index("books").id("1").document(book("Snow Crash", "novel", 470)));
    expect(first.result() == Result.Created && first.version() == 1, "index");
    var got = client.get(g -> g.index("books").id("1"), Map.class);
    expect(got.found() && got.source().get("pages").equals(470), "get");
    expect(client.get(g -> g.index("books").id("none"), Map.class).found() == false, "get nothing");
    var updated =
        client.update(u -> u.index("books").id("1").doc(Map.of("pages", 471)), Map.class);
    expect(updated.result() == Result.Updated && updated.version() == 2, "update");
    var many = client.mget(m -> m.index("books").ids("1", "none"), Map.class);
    expect(many.docs().get(0).result().found(), "mget");
    try {
      client.create(c -> c.index("books").id("1").document(Map.of()));
      throw new IllegalStateException("a conflict was expected");
    } catch (ElasticsearchException error) {
      expect(error.status() == 409, "status of a conflict");
      expect(error.error().type().equals("version_conflict_engine_exception"), "conflict");
    }
    client.index(i -> i.index("books").id("gone").document(Map.of()));
    expect(client.delete(d -> d.index("books").id("gone")).result() == Result.Deleted, "delete");
    expect(client.exists(e -> e.index("books").id("1")).value(), "exists");
  }

  private static void bulk(ElasticsearchClient client) throws Exception {
    try (BulkIngester<Void> ingester =
        BulkIngester.of(b -> b.client(client).maxOperations(100).maxConcurrentRequests(2))) {
      for (int i = 0; i < 950; i++) {
        String id = "b" + i;
        Map<String, Object> source = book("title " + i, "genre" + i % 5, i);
        ingester.add(op -> op.index(x -> x.index("books").id(id).document(source)));
      }
    }
    client.indices().refresh(r -> r.index("books"));
    expect(client.count(c -> c.index("books")).count() == 951, "count");
    var some =
        client.bulk(
            b ->
                b.index("books")
                    .refresh(Refresh.True)
                    .operations(op -> op.delete(d -> d.id("b949")))
                    .operations(op -> op.delete(d -> d.id("absent")))
                    .operations(op -> op.create(c -> c.id("1").document(Map.of()))));
    expect(some.errors() && some.items().get(2).status() == 409, "bulk");
    expect(some.items().get(2).error().reason().contains("version conflict"), "reason");
  }

  private static void searches(ElasticsearchClient client) throws Exception {
    SearchResponse<Map> found =
        client.search(
            s ->
                s.index("books")
                    .query(q -> q.bool(b -> b.filter(f -> f.range(r -> r.number(n -> n.field("pages").lt(100.0))))))
                    .sort(o -> o.field(f -> f.field("pages").order(SortOrder.Desc)))
                    .size(3)
                    .highlight(h -> h.fields(NamedValue.of("title", HighlightField.of(f -> f))))
                    .aggregations("genres", a -> a.terms(t -> t.field("genre")).aggregations("p", x -> x.avg(v -> v.field("pages"))))
                    .aggregations("stats", a -> a.extendedStats(t -> t.field("pages")))
                    .aggregations("percent", a -> a.percentiles(t -> t.field("pages")))
                    .aggregations("months", a -> a.dateHistogram(t -> t.field("when").calendarInterval(CalendarInterval.Month)))
                    .aggregations("ranges", a -> a.range(t -> t.field("pages").ranges(r -> r.to(50.0))))
                    .aggregations("filters", a -> a.filters(t -> t.filters(b -> b.keyed(Map.of("a", Query.of(q -> q.matchAll(m -> m)))))))
                    .aggregations("card", a -> a.cardinality(t -> t.field("genre")))
                    .aggregations("top", a -> a.topHits(t -> t.size(1)))
                    .aggregations("comp", a -> a.composite(t -> t.sources(NamedValue.of("g", CompositeAggregationSource.of(x -> x.terms(y -> y.field("genre"))))))),
            Map.class);
    expect(found.hits().total().value() == 100, "total");
    expect(found.hits().hits().get(0).source().get("pages").equals(99), "first hit");
    expect(found.aggregations().get("genres").sterms().buckets().array().size() == 5, "terms");
    var bucket = found.aggregations().get("genres").sterms().buckets().array().get(0);
    expect(bucket.docCount() == 20 && bucket.aggregations().get("p").avg().value() > 0, "average");
    expect(found.aggregations().get("stats").extendedStats().count() == 100, "stats");
    expect(found.aggregations().get("percent").tdigestPercentiles().values().isKeyed(), "percentiles");
    expect(found.aggregations().get("months").dateHistogram().buckets().array().size() == 1, "histogram");
    expect(found.aggregations().get("ranges").range().buckets().array().get(0).docCount() == 50, "range");
    expect(found.aggregations().get("filters").filters().buckets().keyed().get("a").docCount() == 100, "filters");
    expect(found.aggregations().get("card").cardinality().value() == 5, "cardinality");
    expect(found.aggregations().get("top").topHits().hits().hits().size() == 1, "top hits");
    expect(found.aggregations().get("comp").composite().buckets().array().size() == 5, "composite");
    var near =
        client.search(
            s -> s.index("books").knn(k -> k.field("v").queryVector(List.of(1f, 0f)).k(2).numCandidates(10)),
            Map.class);
    expect(near.hits().hits().size() == 2, "knn");
    var both =
        client.msearch(
            m ->
                m.searches(s -> s.header(h -> h.index("books")).body(b -> b.size(0)))
                    .searches(s -> s.header(h -> h.index("none")).body(b -> b)),
            Map.class);
    expect(both.responses().get(0).isResult() && both.responses().get(1).isFailure(), "msearch");
    var caps = client.fieldCaps(f -> f.index("books").fields("*"));
    expect(caps.fields().get("genre").get("keyword").aggregatable(), "field capabilities");
    var words = client.indices().analyze(a -> a.analyzer("standard").text("Two words"));
    expect(words.tokens().size() == 2, "analyze");
    expect(client.indices().validateQuery(v -> v.index("books").query(q -> q.matchAll(m -> m))).valid(), "validate");
    expect(client.explain(e -> e.index("books").id("1").query(q -> q.matchAll(m -> m)), Map.class).matched(), "explain");
  }

  private static void cursors(ElasticsearchClient client) throws Exception {
    int seen = 0;
    var page = client.search(s -> s.index("books").size(400).scroll(t -> t.time("1m")), Map.class);
    String scroll = page.scrollId();
    int size = page.hits().hits().size();
    while (size > 0) {
      seen += size;
      String id = scroll;
      var next = client.scroll(s -> s.scrollId(id).scroll(t -> t.time("1m")), Map.class);
      scroll = next.scrollId();
      size = next.hits().hits().size();
    }
    String last = scroll;
    expect(seen == 950, "scroll");
    expect(client.clearScroll(c -> c.scrollId(last)).succeeded(), "clear scroll");
    var point = client.openPointInTime(o -> o.index("books").keepAlive(t -> t.time("1m")));
    var first =
        client.search(
            s -> s.pit(p -> p.id(point.id())).size(10).sort(o -> o.field(f -> f.field("pages"))),
            Map.class);
    var after = first.hits().hits().get(9).sort();
    var second =
        client.search(
            s ->
                s.pit(p -> p.id(point.id()))
                    .size(10)
                    .sort(o -> o.field(f -> f.field("pages")))
                    .searchAfter(after),
            Map.class);
    expect(second.hits().hits().get(0).source().get("pages").equals(10), "search after");
    expect(client.closePointInTime(c -> c.id(point.id())).succeeded(), "close");
  }

  private static void cluster(ElasticsearchClient client) throws Exception {
    expect(client.cluster().health().numberOfNodes() == 1, "health");
    expect(client.cluster().stats().indices().docs().count() > 0, "cluster stats");
    client.cluster().getSettings(s -> s.includeDefaults(true));
    client.cluster().pendingTasks();
    var nodes = client.nodes().stats().nodes();
    expect(nodes.values().iterator().next().jvm().mem().heapUsedInBytes() > 0, "nodes stats");
    expect(client.nodes().info().nodes().size() == 1, "nodes info");
    expect(client.indices().stats(s -> s.index("books")).indices().get("books").primaries().docs().count() == 950, "stats");
    client.indices().segments(s -> s.index("books"));
    client.indices().recovery(s -> s.index("books"));
    client.indices().forcemerge(f -> f.index("books"));
    client.indices().flush(f -> f.index("books"));
    expect(client.cat().indices().indices().stream().anyMatch(i -> "books".equals(i.index())), "cat indices");
    expect(client.cat().health().healthRecords().size() == 1, "cat health");
    expect(client.cat().shards().shards().size() >= 2, "cat shards");
    expect(client.cat().nodes().nodes().size() == 1, "cat nodes");
    expect(client.cat().aliases().aliases().size() == 1, "cat aliases");
    expect(client.cat().count().countRecords().get(0).count() != null, "cat count");
    client.tasks().list();
    client.ingest().putPipeline(p -> p.id("p").processors(x -> x.set(s -> s.field("a").value(co.elastic.clients.json.JsonData.of(1)))));
    expect(client.ingest().getPipeline(p -> p.id("p")).get("p").processors().size() == 1, "pipeline");
    expect(client.indices().delete(d -> d.index("books")).acknowledged(), "delete");
  }

  private static Map<String, Object> book(String title, String genre, int pages) {
    return Map.of(
        "title", title, "genre", genre, "pages", pages, "when", "2020-01-05", "v", List.of(1.0, 0.5));
  }

  private static void expect(boolean holds, String what) {
    if (holds == false) throw new IllegalStateException("not as expected: " + what);
  }
}

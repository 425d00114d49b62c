"""The official Python client and its helpers against a node: python client.py URL."""

import sys

from elasticsearch import Elasticsearch, NotFoundError, helpers

es = Elasticsearch(sys.argv[1])
assert es.info()["version"]["number"].startswith("9")
assert es.ping()

es.indices.create(
    index="books",
    mappings={
        "properties": {
            "title": {"type": "text"},
            "year": {"type": "integer"},
            "tags": {"type": "keyword"},
            "v": {"type": "dense_vector", "dims": 2},
        }
    },
)
actions = [
    {"_index": "books", "_id": n, "title": f"book number {n}", "year": 1900 + n % 100,
     "tags": ["even" if n % 2 == 0 else "odd"], "v": [1, n]}
    for n in range(1, 1001)
]
assert helpers.bulk(es, actions, chunk_size=100, refresh=True) == (1000, [])
assert es.count(index="books")["count"] == 1000

found = list(helpers.scan(es, index="books", query={"query": {"term": {"tags": "odd"}}}, size=70))
assert len(found) == 500

answer = es.search(
    index="books",
    query={"match": {"title": "number"}},
    aggs={"years": {"histogram": {"field": "year", "interval": 10}},
          "p": {"percentiles": {"field": "year"}}},
    highlight={"fields": {"title": {}}},
    sort=[{"year": "desc"}, {"_doc": "asc"}],
    size=3,
)
assert answer["hits"]["hits"][0]["highlight"]["title"][0].startswith("book <em>number</em>")
assert len(answer["aggregations"]["years"]["buckets"]) == 10

near = es.search(index="books", knn={"field": "v", "query_vector": [1, 500], "k": 3})
assert len(near["hits"]["hits"]) == 3

es.update(index="books", id="1", script={"source": "ctx._source.year += params.n", "params": {"n": 5}})
assert es.get(index="books", id="1")["_source"]["year"] == 1906

for ok, item in helpers.streaming_bulk(
    es, [{"_op_type": "delete", "_index": "books", "_id": n} for n in range(1, 11)]
):
    assert ok, item
es.indices.refresh(index="books")
helpers.reindex(es, "books", "copy", query={"query": {"range": {"year": {"gte": 1990}}}})
es.indices.refresh(index="copy")
assert es.count(index="copy")["count"] == 100
assert es.reindex(source={"index": "books"}, dest={"index": "all"}, refresh=True)["created"] == 990
changed = es.update_by_query(
    index="all", query={"term": {"tags": "odd"}}, script={"source": "ctx._source.tags.add('x')"},
    refresh=True,
)
assert changed["updated"] == 495, changed
assert es.delete_by_query(index="all", query={"term": {"tags": "x"}})["deleted"] == 495

pit = es.open_point_in_time(index="books", keep_alive="1m")["id"]
page = es.search(pit={"id": pit}, size=50, sort=[{"year": "asc"}])
assert len(page["hits"]["hits"]) == 50
es.close_point_in_time(id=pit)

try:
    es.get(index="books", id="nothing")
    raise AssertionError("a missing document was found")
except NotFoundError:
    pass
print("fine")
